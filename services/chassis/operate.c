#include "operate.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "arena.h"
#include "audit_verify.h"
#include "backlog.h"
#include "db.h"
#include "event.h"
#include "fault.h"
#include "installation.h"
#include "kafka.h"
#include "key_rotation.h"
#include "log.h"
#include "rebuild.h"

/* ---- lists ---- */

/* What a record brought along may hold anything: nothing of it may move the terminal's cursor. */
static void put_value(const char *value, char end)
{
	for (; value && *value; value++)
		putchar((unsigned char)*value < ' ' || *value == 127 ? '?' : *value);
	putchar(end);
}

static void put_row(char *const *cells, int n)
{
	for (int i = 0; i < n; i++)
		put_value(cells[i], i + 1 < n ? '\t' : '\n');
}

static int put_list(const struct service_def *def, const struct backlog_list *list, const char *id)
{
	struct installation in = installation_open(def, "operate");
	struct db_result r = {0};
	bool good = in.good && db_sql(&in.cx, list->sql, &id, list->n_params, &r);

	if (good)
		puts(list->columns);
	for (int i = 0; good && i < r.n_rows; i++)
		put_row(r.rows[i], r.n_cols);
	installation_close(&in);
	return !good ? EX_UNAVAILABLE : list->n_params && !r.n_rows ? EX_NOINPUT : 0;
}

/* ---- partitions ---- */

static bool is_partition(char *const *row, const struct kafka_place *p, const char *number)
{
	return strcmp(row[0], p->topic) == 0 && strcmp(row[1], number) == 0;
}

static void put_place(struct arena *a, const char *group, const struct kafka_place *p,
		      const struct db_result *waiting)
{
	char *number = arena_printf(a, "%d", p->partition);
	const char *parked = "0", *dead = "0";

	for (int i = 0; i < waiting->n_rows; i++)
		if (is_partition(waiting->rows[i], p, number)) {
			parked = waiting->rows[i][2];
			dead = waiting->rows[i][3];
		}
	printf("%s\t%s\t%s\t%lld\t%lld\t%lld\t%s\t%s\t", group, p->topic, number,
	       (long long)p->committed, (long long)p->end, (long long)p->waiting, parked, dead);
	put_value(p->last_time, '\n');
}

static size_t topics_of(const struct service_def *def, enum event_lane lane, const char **topics)
{
	size_t n = 0;

	for (unsigned i = 0; i < def->n_consumers; i++) {
		const struct topic_def *t = def->consumers[i].event->topic;
		bool known = t->lane != lane;
		for (size_t j = 0; j < n; j++)
			known |= strcmp(topics[j], t->name) == 0;
		if (!known)
			topics[n++] = t->name;
	}
	return n;
}

static bool put_lane(struct arena *a, const struct service_def *def, enum event_lane lane,
		     const struct db_result *waiting)
{
	struct kafka_settings k = service_kafka(def, lane);
	const char **topics = arena_alloc(a, (def->n_consumers + 1) * sizeof(*topics));
	size_t n_topics = topics_of(def, lane, topics), n = 0;
	struct kafka_place *places = NULL;
	char err[KAFKA_ERROR_MAX] = "";

	if (n_topics && !kafka_group_places(&k, topics, n_topics, a, &places, &n, err)) {
		fprintf(stderr, "%s: broker: %s\n", def->name, err);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		put_place(a, k.group, &places[i], waiting);
	return true;
}

static int put_partitions(const struct service_def *def)
{
	struct installation in = installation_open(def, "operate");
	struct db_result waiting = {0};
	bool good = in.good && db_sql(&in.cx, BACKLOG_PARTITIONS.sql, NULL, 0, &waiting);

	if (good)
		puts("group\ttopic\t#partition\t#committed\t#end\t#lag\t#parked\t#dead_"
		     "letters\tlast_event_time");
	for (int lane = LANE_NORMAL; good && lane <= LANE_URGENT; lane++)
		good = put_lane(in.cx.arena, def, (enum event_lane)lane, &waiting);
	installation_close(&in);
	return good ? 0 : EX_UNAVAILABLE;
}

/* ---- dead letters ---- */

struct settling {
	const char *id;
	bool drop;
	const char *code; /* of the fault; NULL: settled */
	bool transient;	  /* nothing is known about the event */
};

static bool settle(struct ctx *cx, void *arg)
{
	struct settling *s = arg;

	if (dead_letter_retry(cx, s->id, s->drop))
		return true;
	s->code = cx->fault.def ? cx->fault.def->code : "INTERNAL";
	s->transient = cx->fault.def && cx->fault.def->status >= 503;
	return false;
}

/* The attempt itself was undone with all that it did. */
static bool note_attempt(struct ctx *cx, void *arg)
{
	const struct settling *s = arg;
	const char *params[] = {s->id, s->code};

	return db_sql(cx,
		      "update dead_letter set attempts = attempts + 1, reason = $2,"
		      " last_try_time = clock_timestamp()"
		      " where tenant_id = renhe_tenant() and id = $1::bigint",
		      params, 2, NULL);
}

static int settle_letter(const struct service_def *def, const char *id, bool drop)
{
	const struct db_stmt whose = {"select tenant_id from dead_letter where id = $1::bigint",
				      &id, 1};
	struct settling s = {.id = id, .drop = drop};
	int seen = 0;
	bool good = key_each_tenant(def, &whose, settle, &s, &seen);

	if (good)
		return seen ? 0 : EX_NOINPUT;
	if (!s.code || s.transient)
		return EX_UNAVAILABLE;
	fprintf(stderr, "%s: %s\n", def->name, s.code);
	key_each_tenant(def, &whose, note_attempt, &s, &seen);
	return EX_DATAERR;
}

/* ---- verbs ---- */

static int retry(const struct service_def *def, const char *id)
{
	return settle_letter(def, id, false);
}

static int drop(const struct service_def *def, const char *id)
{
	return settle_letter(def, id, true);
}

static int partitions(const struct service_def *def, const char *id)
{
	(void)id;
	return put_partitions(def);
}

static const struct operation {
	const char *name;
	bool takes_id;
	const struct backlog_list *list; /* or */
	int (*run)(const struct service_def *def, const char *id);
	bool takes_text; /* in place of the number, and judges it */
} OPERATIONS[] = {
	{.name = "outbox", .list = &BACKLOG_OUTBOX},
	{.name = "dead-letters", .list = &BACKLOG_DEAD_LETTERS},
	{.name = "dead-letter", .takes_id = true, .list = &BACKLOG_DEAD_LETTER},
	{.name = "parked", .list = &BACKLOG_PARKED},
	{.name = "aggregates", .list = &BACKLOG_AGGREGATES},
	{.name = "partitions", .run = partitions},
	{.name = "retry", .takes_id = true, .run = retry},
	{.name = "drop", .takes_id = true, .run = drop},
	{.name = "projection-rebuild", .takes_id = true, .run = projection_rebuild, .takes_text = true},
	{.name = "projection-compare", .takes_id = true, .run = projection_compare, .takes_text = true},
	{.name = "projection-hash", .takes_id = true, .run = projection_hash, .takes_text = true},
	{.name = "audit-heads", .run = audit_heads},
	{.name = "audit-verify", .run = audit_verify, .takes_text = true},
	{.name = "audit-prove", .takes_id = true, .run = audit_prove, .takes_text = true},
	{.name = "audit-extends", .takes_id = true, .run = audit_extends, .takes_text = true},
	{.name = NULL},
};

/* A number that the database can take. */
static bool is_id(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n > 0 && n <= 18 && text[n] == '\0';
}

/* A text may be left out where none must be given. */
static bool fits(const struct operation *op, const char *id)
{
	if (!id)
		return !op->takes_id;
	return op->takes_text || (op->takes_id && is_id(id));
}

int operate(const struct service_def *def, const char *verb, const char *id)
{
	const struct operation *op = OPERATIONS;

	while (op->name && strcmp(op->name, verb) != 0)
		op++;
	if (!op->name || !fits(op, id)) {
		fprintf(stderr, "%s: --operate=%s is not understood\n", def->name, verb);
		return EX_USAGE;
	}
	log_init(def->name, LOG_ERROR);
	return op->list ? put_list(def, op->list, id) : op->run(def, id);
}
