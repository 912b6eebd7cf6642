/* The one way out of the outbox (decision 30). A thread with one connection: it holds the locks of
 * its shards, reads each lane in the order of ids, produces, and deletes what was acknowledged.
 * There is no cursor: what is not deleted is read again, so rows that commit late are not missed. A
 * row may therefore be sent twice, never out of order within its key. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backlog.h"
#include "clock.h"
#include "event.h"
#include "fault.h"
#include "kafka.h"
#include "killpoint.h"
#include "log.h"
#include "metrics.h"
#include "relay_row.h"
#include "service.h"

#define LANES 2
#define CHUNK "500"
#define AHEAD_FROM 250 /* rows in flight from which on it pays to read the next ones meanwhile */
#define AHEAD_FRESH_MS                                                                             \
	20	     /* what was read earlier is read again: another may hold the locks since */
#define POLL_MS 20   /* rows of other processes; our own wake us */
#define RETRY_MS 200 /* after the database refused or another holds the locks */
#define ALIVE_MS 500 /* below idle_session_timeout, which would take the locks */
#define HOLD_MS 2000 /* a topic that refused a record */
#define GAUGES_MS 5000
#define TRIM_MS 600000
#define MAX_HELD 16

struct chunk {
	struct arena *arena;
	struct relay_row *rows;
	size_t n;
};
/* One chunk is in flight until each record's fate is known. Behind many rows the next chunk is read
 * meanwhile and goes out as soon as all of the first are acknowledged, while their rows are
 * deleted: broker and database work at the same time, and no record overtakes one that was refused.
 */
struct lane {
	const char *number;
	struct chunk flight, ahead;
	bool looked; /* ahead was read for this flight */
	int64_t next_ms;
};
struct held_topic {
	const char *name;
	int64_t until_ms;
};
struct relay {
	struct service *svc;
	struct kafka_settings kafka;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool woken, stopping;
	int64_t stop_ms;

	struct arena *scratch;
	struct ctx cx;
	struct kafka_producer *producer;
	struct lane lanes[LANES]; /* urgent first */
	struct held_topic held[MAX_HELD];
	bool locked;
	int64_t alive_ms, gauges_ms, trim_ms;
	struct metric *sent, *failed, *leader;
};

/* ---- waking and waiting ---- */

void relay_wake(struct relay *r)
{
	pthread_mutex_lock(&r->mutex);
	r->woken = true;
	pthread_mutex_unlock(&r->mutex);
	pthread_cond_signal(&r->cond);
}

static void wait_for_work(struct relay *r, int ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += (long)ms * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	pthread_mutex_lock(&r->mutex);
	while (!r->woken && !r->stopping && pthread_cond_timedwait(&r->cond, &r->mutex, &t) == 0)
		;
	pthread_mutex_unlock(&r->mutex);
}

static bool take_wake(struct relay *r)
{
	bool woken;

	pthread_mutex_lock(&r->mutex);
	woken = r->woken;
	r->woken = false;
	pthread_mutex_unlock(&r->mutex);
	return woken;
}

static bool is_stopping(struct relay *r)
{
	bool stopping;

	pthread_mutex_lock(&r->mutex);
	stopping = r->stopping;
	pthread_mutex_unlock(&r->mutex);
	return stopping;
}

/* ---- the producer ---- */

static size_t own_topics(struct relay *r, const char **names)
{
	const struct schema *s = r->svc->schema;
	size_t n = 0;

	for (unsigned i = 0; i < s->n_topics; i++)
		if (strcmp(s->topics[i].writer, r->svc->def->name) == 0)
			names[n++] = s->topics[i].name;
	return n;
}

/* Aborts where the settings are such that no producer can be made: nothing would heal that. */
static void new_producer(struct relay *r)
{
	char err[KAFKA_ERROR_MAX] = "";
	const char **names;
	size_t n;

	arena_reset(r->scratch);
	names = arena_alloc(r->scratch, (r->svc->schema->n_topics + 1) * sizeof(*names));
	n = own_topics(r, names);
	kafka_producer_free(r->producer);
	r->producer = kafka_producer_new(&r->kafka, names, n, err);
	if (!r->producer) {
		log_line(LOG_ERROR, "kafka_settings", "text", err, NULL);
		abort();
	}
	kafka_producer_warm(r->producer, 1000);
}

static void drop_lanes(struct relay *r)
{
	for (int i = 0; i < LANES; i++) {
		r->lanes[i].flight.n = r->lanes[i].ahead.n = 0;
		r->lanes[i].next_ms = 0;
	}
}

/* After a fatal error the records in flight are unknown; their rows are still there. */
static void renew_producer(struct relay *r)
{
	log_line(LOG_WARN, "relay_producer_renewed", "reason", kafka_producer_fatal(r->producer),
		 NULL);
	kafka_producer_purge(r->producer);
	drop_lanes(r);
	new_producer(r);
}

/* ---- the database ---- */

/* Another relay may hold the locks from now on: nothing of ours may follow it. */
static bool lose(struct relay *r)
{
	fault_clear(&r->cx);
	if (r->locked)
		log_line(LOG_WARN, "relay_lost_database", NULL);
	r->locked = false;
	metric_set(r->leader, 0);
	kafka_producer_purge(r->producer);
	drop_lanes(r);
	return false;
}

static bool sql(struct relay *r, struct arena *a, const struct db_stmt *stmts, size_t n,
		struct db_result *out)
{
	r->cx.arena = a;
	r->alive_ms = clock_monotonic_ms();
	return db_sql_batch(&r->cx, stmts, n, out) || lose(r);
}

/* What is lost with an asynchronous commit is the deletion of rows that were sent: they are sent
 * again. */
static bool take_locks(struct relay *r)
{
	static const struct db_stmt TAKE[] = {
		{"select set_config('idle_session_timeout', '2s', false), "
		 "set_config('synchronous_commit', 'off', false)",
		 NULL, 0},
		{"select pg_try_advisory_lock(" LOCK_SPACE ", 0)", NULL, 0},
	};
	struct db_result out[2];

	arena_reset(r->scratch);
	r->cx.arena = r->scratch;
	if (!db_ready(&r->cx))
		return lose(r);
	if (!sql(r, r->scratch, TAKE, 2, out))
		return false;
	r->locked = out[1].n_rows == 1 && strcmp(out[1].rows[0][0], "t") == 0;
	if (r->locked)
		log_line(LOG_INFO, "relay_holds_locks", NULL);
	metric_set(r->leader, r->locked);
	return r->locked;
}

static void stay_alive(struct relay *r)
{
	static const struct db_stmt PING = {"select 1", NULL, 0};
	struct db_result out;

	if (clock_monotonic_ms() < r->alive_ms + ALIVE_MS)
		return;
	arena_reset(r->scratch);
	sql(r, r->scratch, &PING, 1, &out);
}

/* ---- topics that refused a record: the others go on ---- */

static void hold(struct relay *r, const struct relay_row *row)
{
	struct held_topic *slot = &r->held[0];

	log_line(LOG_ERROR, "relay_topic_held", "topic", row->record.topic, "code",
		 row->record.error, NULL);
	for (int i = 0; i < MAX_HELD; i++) {
		if (r->held[i].name && strcmp(r->held[i].name, row->record.topic) == 0) {
			slot = &r->held[i];
			break;
		}
		if (r->held[i].until_ms < slot->until_ms)
			slot = &r->held[i];
	}
	free((void *)(uintptr_t)slot->name);
	slot->name = strdup(row->record.topic);
	slot->until_ms = clock_monotonic_ms() + HOLD_MS;
}

static const char *held_array(struct relay *r, struct arena *a)
{
	struct buf b;
	int64_t now = clock_monotonic_ms();

	buf_init(&b, a);
	buf_puts(&b, "{");
	for (int i = 0; i < MAX_HELD; i++)
		if (r->held[i].name && r->held[i].until_ms > now)
			buf_printf(&b, "%s\"%s\"", b.n > 1 ? "," : "", r->held[i].name);
	buf_puts(&b, "}");
	return b.p;
}

/* ---- a turn of a lane ---- */

static bool all_final(const struct chunk *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].record.state == KAFKA_IN_FLIGHT)
			return false;
	return true;
}

/* Ids of what the broker has; holds topics that refused. *n: how many. */
static const char *acknowledged(struct relay *r, const struct chunk *c, size_t *n)
{
	struct buf b;
	const struct relay_row *bad = NULL;

	buf_init(&b, r->scratch);
	buf_puts(&b, "{");
	*n = 0;
	for (size_t i = 0; i < c->n; i++) {
		const struct relay_row *row = &c->rows[i];
		if (row->record.state == KAFKA_ACKED)
			buf_printf(&b, "%s%s", (*n)++ ? "," : "", row->id);
		else if (!bad || strcmp(bad->record.topic, row->record.topic) != 0)
			hold(r, bad = row);
	}
	buf_puts(&b, "}");
	metric_add(r->sent, (int64_t)*n);
	metric_add(r->failed, (int64_t)(c->n - *n));
	return b.p;
}

static void send_flight(struct relay *r, struct lane *l)
{
	l->looked = false;
	if (l->flight.n)
		killpoint("relay.before_produce"); /* K5 */
	l->next_ms = l->flight.n ? 0 : clock_monotonic_ms() + POLL_MS;
	for (size_t i = 0; i < l->flight.n; i++)
		kafka_produce(r->producer, &l->flight.rows[i].record);
}

/* Deletes `gone`, unless NULL, and reads what is not in `sent`, unless NULL, in one round trip.
 * Those of a late commit may lie before it; never of a key that stands in it, whose rows are
 * committed in the order of their ids. */
static bool read_chunk(struct relay *r, const struct lane *l, const char *gone,
		       const struct chunk *sent, struct chunk *out)
{
	const char *del[] = {l->number, gone}, *first = sent ? sent->rows[0].id : NULL,
		   *last = sent ? sent->rows[sent->n - 1].id : NULL;
	const char *read[] = {l->number, held_array(r, r->scratch), CHUNK, first, last};
	struct db_stmt stmts[2];
	struct db_result rows[2];
	size_t n = 0;

	if (gone)
		stmts[n++] = (struct db_stmt){RELAY_DELETE_SQL, del, 2};
	stmts[n++] = (struct db_stmt){RELAY_READ_SQL, read, 5};
	arena_reset(out->arena);
	out->n = 0;
	if (!sql(r, out->arena, stmts, n, rows))
		return false;
	if (gone)
		killpoint("relay.after_delete");
	out->n = (size_t)rows[n - 1].n_rows;
	out->rows = relay_rows(r->svc->schema, out->arena, &rows[n - 1]);
	return true;
}

static void swap(struct chunk *a, struct chunk *b)
{
	struct chunk c = *a;

	*a = *b;
	*b = c;
}

/* The chunk that was read meanwhile goes out; the one before it is deleted behind its back. */
static void go_on(struct relay *r, struct lane *l, const char *gone)
{
	swap(&l->flight, &l->ahead);
	send_flight(r, l);
	l->looked = true;
	read_chunk(r, l, gone, &l->flight, &l->ahead);
}

static void begin_anew(struct relay *r, struct lane *l, const char *gone)
{
	l->ahead.n = 0;
	if (read_chunk(r, l, gone, NULL, &l->flight))
		send_flight(r, l);
}

static void next_chunk(struct relay *r, struct lane *l)
{
	const char *gone;
	size_t n;

	arena_reset(r->scratch);
	gone = acknowledged(r, &l->flight, &n);
	if (n)
		killpoint("relay.after_acknowledgement"); /* K6 */
	if (n && n == l->flight.n && l->ahead.n &&
	    clock_monotonic_ms() - r->alive_ms <= AHEAD_FRESH_MS)
		go_on(r, l, gone);
	else
		begin_anew(r, l, n ? gone : NULL);
}

static void look_ahead(struct relay *r, struct lane *l)
{
	arena_reset(r->scratch);
	l->looked = true;
	read_chunk(r, l, NULL, &l->flight, &l->ahead);
}

/* True where the lane has something in flight afterwards. */
static bool lane_turn(struct relay *r, struct lane *l, bool woken)
{
	if (l->flight.n ? all_final(&l->flight) : woken || clock_monotonic_ms() >= l->next_ms)
		next_chunk(r, l);
	else if (l->flight.n >= AHEAD_FROM && !l->looked)
		look_ahead(r, l);
	return l->flight.n > 0;
}

/* ---- housekeeping ---- */

static void gauges(struct relay *r)
{
	if (clock_monotonic_ms() < r->gauges_ms)
		return;
	r->gauges_ms = clock_monotonic_ms() + GAUGES_MS;
	arena_reset(r->scratch);
	r->cx.arena = r->scratch;
	r->alive_ms = clock_monotonic_ms();
	if (!backlog_measure(&r->cx)) { /* a connection that is gone is noticed by the next lane */
		log_line(LOG_WARN, "backlog_not_measured", NULL);
		fault_clear(&r->cx);
	}
}

/* Fact topics keep seven days: an event can't come again after that. Nor does a client try again
 * after two. A piece at a time. */
static void trim(struct relay *r)
{
	static const struct db_stmt TRIM[] = {
		{"delete from inbox where ctid = any(array(select ctid from inbox "
		 "where seen_time < clock_timestamp() - interval '8 days' limit 5000))",
		 NULL, 0},
		{"delete from idempotency where ctid = any(array(select ctid from idempotency "
		 "where create_time < clock_timestamp() - interval '2 days' limit 5000))",
		 NULL, 0},
	};
	struct db_result out[2];

	if (clock_monotonic_ms() < r->trim_ms)
		return;
	arena_reset(r->scratch);
	if (sql(r, r->scratch, TRIM, 2, out))
		r->trim_ms = clock_monotonic_ms() +
			     (out[0].affected == 5000 || out[1].affected == 5000 ? 1000 : TRIM_MS);
}

/* ---- the thread ---- */

/* One round: the urgent lane looks first, and neither waits for what the other has in flight. */
static bool turn(struct relay *r)
{
	bool woken = take_wake(r), busy = false;

	if (!r->locked && !take_locks(r)) {
		wait_for_work(r, RETRY_MS);
		return true;
	}
	for (int i = 0; i < LANES && r->locked; i++)
		busy |= lane_turn(r, &r->lanes[i], woken);
	if (r->locked)
		gauges(r); /* busy or not: a backlog is when they matter */
	if (r->locked && !busy)
		trim(r);
	if (kafka_producer_fatal(r->producer))
		renew_producer(r);
	return busy;
}

/* Acknowledgements come within a millisecond or two, or else not soon. */
static void rest(struct relay *r, bool busy, int64_t busy_since)
{
	if (!r->locked)
		return;
	if (!busy)
		wait_for_work(r, POLL_MS);
	else
		kafka_producer_poll(r->producer, clock_monotonic_ms() - busy_since < 100 ? 1 : 10);
	kafka_producer_poll(r->producer, 0);
	stay_alive(r);
}

static void *relay_run(void *arg)
{
	struct relay *r = arg;
	int64_t busy_since = 0;

	new_producer(r);
	for (;;) {
		bool busy = turn(r);
		busy_since = !busy ? 0 : busy_since ? busy_since : clock_monotonic_ms();
		if (is_stopping(r) && (!busy || !r->locked || clock_monotonic_ms() >= r->stop_ms))
			break;
		rest(r, busy, busy_since);
	}
	kafka_producer_free(r->producer);
	return NULL;
}

static void register_metrics(struct relay *r)
{
	r->sent = metric_get("renhe_outbox_sent_total", "", "Events that the broker acknowledged.");
	r->failed = metric_get("renhe_outbox_failed_total", "", "Events that are sent again.");
	r->leader = metric_get("renhe_relay_leader", "",
			       "1 where this process holds the relay's locks.");
}

struct relay *relay_start(struct service *svc, const struct kafka_settings *k,
			  const struct db_settings *db)
{
	struct relay *r = calloc(1, sizeof(*r));
	pthread_condattr_t attr;

	if (!r)
		abort();
	r->svc = svc;
	r->kafka = *k;
	r->scratch = arena_new();
	r->cx = (struct ctx){.svc = svc,
			     .arena = r->scratch,
			     .db = db_new(db),
			     .as_system = true,
			     .request_id = "relay",
			     .lang = "en",
			     .peer = "",
			     .device_id = ""};
	r->lanes[0] = (struct lane){
		.number = "1", .flight.arena = arena_new(), .ahead.arena = arena_new()};
	r->lanes[1] = (struct lane){
		.number = "0", .flight.arena = arena_new(), .ahead.arena = arena_new()};
	register_metrics(r);
	pthread_mutex_init(&r->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->cond, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&r->thread, NULL, relay_run, r) != 0)
		abort();
	return r;
}

void relay_stop(struct relay *r, int ms)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->mutex);
	r->stopping = r->woken = true;
	r->stop_ms = clock_monotonic_ms() + ms;
	pthread_mutex_unlock(&r->mutex);
	pthread_cond_signal(&r->cond);
	pthread_join(r->thread, NULL);
	db_close(r->cx.db);
	for (int i = 0; i < LANES; i++) {
		arena_free(r->lanes[i].flight.arena);
		arena_free(r->lanes[i].ahead.arena);
	}
	for (int i = 0; i < MAX_HELD; i++)
		free((void *)(uintptr_t)r->held[i].name);
	arena_free(r->scratch);
	pthread_cond_destroy(&r->cond);
	pthread_mutex_destroy(&r->mutex);
	free(r);
}
