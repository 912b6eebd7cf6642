/* Events that wait, and events that failed for good: whole records, as they came. */
#include <stdlib.h>
#include <string.h>

#include "inbox.h"
#include "log.h"
#include "relay_row.h"
#include "value.h"

/* ---- a record as parameters, and back ---- */

#define COLUMNS                                                                                    \
	"topic, partition, record_offset, key, aggregate_type, ce_id, ce_type, ce_source, "        \
	"ce_subject, ce_time, ce_sequence, ce_actor, ce_cause, ce_traceparent, payload"
#define VALUES                                                                                     \
	"$2, $3::int, $4::bigint, $5, $6, $7::uuid, $8, $9, $10, $11::timestamptz, $12::bigint, "   \
	"$13, $14, $15, $16::bytea"
#define READ                                                                                       \
	"topic, partition, record_offset, key, aggregate_type, ce_id, ce_type, ce_source, "        \
	"ce_subject, to_char(ce_time at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), "    \
	"ce_sequence, ce_actor, ce_cause, ce_traceparent, payload"
enum { N_COLUMNS = 15, N_PARAMS = N_COLUMNS + 3 };

static const char *or_null(const char *s)
{
	return *s ? s : NULL;
}

static const char *whole(struct arena *a, int64_t v)
{
	return arena_printf(a, "%lld", (long long)v);
}

static const char *bytea(struct arena *a, struct str v)
{
	struct buf b;

	if (!v.n)
		return NULL;
	buf_init(&b, a);
	buf_puts(&b, "\\x");
	for (size_t i = 0; i < v.n; i++) {
		static const char HEX[] = "0123456789abcdef";
		unsigned char c = (unsigned char)v.p[i];
		buf_add(&b, (char[]){HEX[c >> 4], HEX[c & 15]}, 2);
	}
	return b.p;
}

/* A record with a defect may hold anything: what a column can't take is left out. */
static void params_of(struct arena *a, const struct inbox *in, const struct event *ev, const char *type,
		      const char *reason, int attempts, const char *p[N_PARAMS])
{
	int64_t us;
	const char *const values[N_PARAMS] = {
		in->consumer, ev->topic, whole(a, ev->partition), whole(a, ev->offset), or_null(ev->key),
		type, uuid_valid(ev->id) ? ev->id : NULL, or_null(ev->type), or_null(ev->source), or_null(ev->subject),
		time_parse(ev->time, &us) ? ev->time : NULL, ev->sequence > 0 ? whole(a, ev->sequence) : NULL,
		or_null(ev->actor), or_null(ev->cause), or_null(ev->traceparent), bytea(a, ev->value),
		reason, whole(a, attempts),
	};

	memcpy(p, values, sizeof(values));
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

static void event_of(struct ctx *cx, char *const *c, struct event *ev)
{
	*ev = (struct event){
		.topic = c[0], .partition = (int)strtol(c[1], NULL, 10), .offset = strtoll(c[2], NULL, 10),
		.key = or_empty(c[3]), .aggregate = or_empty(c[4]), .id = or_empty(c[5]), .type = or_empty(c[6]),
		.source = or_empty(c[7]), .subject = or_empty(c[8]), .time = or_empty(c[9]),
		.sequence = c[10] ? strtoll(c[10], NULL, 10) : 0, .actor = or_empty(c[11]),
		.cause = or_empty(c[12]), .traceparent = or_empty(c[13]), .tenant_id = cx->who.tenant_id,
		.value = relay_bytes(cx->arena, c[14]),
	};
}

/* ---- waiting ---- */

bool inbox_park(struct ctx *cx, const struct inbox *in, const struct inbox_item *it, const char *reason)
{
	static const char SQL[] = "insert into parked_event (tenant_id, consumer, " COLUMNS ", reason, attempts) "
				  "values (renhe_tenant(), $1, " VALUES ", $17, $18::int) on conflict do nothing";
	const char *p[N_PARAMS];
	struct db_result none;

	params_of(cx->arena, in, it->ev, it->aggregate_type, reason, 0, p);
	return db_sql(cx, SQL, p, N_PARAMS, &none);
}

#define OF_AGGREGATE                                                                               \
	" where tenant_id = renhe_tenant() and consumer = $1 and ce_source = $2 "                  \
	"and aggregate_type = $3 and ce_subject = $4"

bool inbox_take_parked(struct ctx *cx, const struct inbox *in, struct aggregate *g, struct event *out, bool *found)
{
	static const char TAKE[] = "delete from parked_event" OF_AGGREGATE
				   " and ce_sequence = $5::bigint returning " READ;
	static const char LEFT[] = "select 1 from parked_event" OF_AGGREGATE " limit 1";
	const char *p[] = {in->consumer, g->source, g->type, g->id, whole(cx->arena, g->last + 1)};
	const struct db_stmt stmts[] = {{TAKE, p, 5}, {LEFT, p, 4}};
	struct db_result r[2];

	if (!db_sql_batch(cx, stmts, 2, r))
		return false;
	*found = r[0].n_rows > 0;
	if (*found)
		event_of(cx, r[0].rows[0], out);
	else if (r[1].n_rows == 0)
		g->parked = false;
	return true;
}

bool inbox_forget(struct ctx *cx, const struct inbox *in, struct aggregate *g)
{
	static const char PARKED[] = "delete from parked_event" OF_AGGREGATE " and ce_sequence <= $5::bigint";
	static const char DEAD[] = "delete from dead_letter" OF_AGGREGATE " and ce_sequence <= $5::bigint";
	const char *p[] = {in->consumer, g->source, g->type, g->id, whole(cx->arena, g->last)};
	const struct db_stmt stmts[] = {{PARKED, p, 5}, {DEAD, p, 5}};
	struct db_result none[2];

	return db_sql_batch(cx, stmts, 2, none);
}

/* ---- dead ---- */

bool inbox_bury(struct ctx *cx, const struct inbox *in, const struct event *ev, const char *aggregate_type,
		const char *reason, int attempts)
{
	static const char SQL[] = "insert into dead_letter as d (tenant_id, consumer, " COLUMNS ", reason, attempts) "
				  "values (renhe_tenant(), $1, " VALUES ", $17, $18::int) "
				  "on conflict on constraint dead_letter_record do update set reason = excluded.reason, "
				  "attempts = d.attempts + excluded.attempts, last_try_time = clock_timestamp()";
	const char *p[N_PARAMS];
	struct db_result none;

	log_line(LOG_ERROR, "dead_letter", "reason", reason, "type", ev->type, "id", ev->id, "topic", ev->topic,
		 "#partition", whole(cx->arena, ev->partition), "#offset", whole(cx->arena, ev->offset), NULL);
	params_of(cx->arena, in, ev, aggregate_type, reason, attempts, p);
	return db_sql(cx, SQL, p, N_PARAMS, &none);
}

bool inbox_dead(struct ctx *cx, const struct inbox *in, const char *id, struct event *out,
		const char **aggregate_type, bool *found)
{
	static const char SQL[] = "select " READ " from dead_letter where tenant_id = renhe_tenant() "
				  "and consumer = $1 and id = $2::bigint for update";
	const char *p[] = {in->consumer, id};
	struct db_result r;

	if (!db_sql(cx, SQL, p, 2, &r))
		return false;
	*found = r.n_rows == 1;
	if (*found) {
		event_of(cx, r.rows[0], out);
		*aggregate_type = r.rows[0][4];
	}
	return true;
}

bool inbox_dead_remove(struct ctx *cx, const char *id)
{
	static const char SQL[] = "delete from dead_letter where tenant_id = renhe_tenant() and id = $1::bigint";
	struct db_result none;

	return db_sql(cx, SQL, &id, 1, &none);
}
