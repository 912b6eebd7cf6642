/* Due timers, each in a transaction of its own. */
#include <string.h>
#include "job_internal.h"
#include "clock.h"
#include "db_internal.h"
#include "fault.h"
#include "killpoint.h"
#include "log.h"
#include "value.h"

#define DUE "due_time <= $4 and next_try_time <= clock_timestamp()"

static const char FIND_SQL[] = "select tenant_id, kind, aggregate_id from timer "
			       "where due_time <= $1 and next_try_time <= clock_timestamp() and kind = any($2::text[]) "
			       "order by due_time limit 64";
/* xmin tells whether the timer was set anew meanwhile, by its own handler or by a request. */
static const char READ_SQL[] = "select xmin::text from timer where tenant_id = $1 and kind = $2 and aggregate_id = $3 "
			       "and " DUE;
static const char DONE_SQL[] = "delete from timer where tenant_id = $1 and kind = $2 and aggregate_id = $3 "
			       "and xmin::text = $4";
/* 1, 2, 4 .. 256 s, then every 5 minutes, for ever: due work is never dropped. */
static const char FAILED_SQL[] =
	"update timer set attempts = attempts + 1, last_error = $4, "
	"next_try_time = clock_timestamp() + least(300, power(2, least(attempts, 9))) * interval '1 second' "
	"where tenant_id = $1 and kind = $2 and aggregate_id = $3";

struct due {
	const struct timer_def *def;
	const char *tenant_id, *kind, *aggregate_id, *xmin;
};

static const struct timer_def *timer_of(const struct service_def *s, const char *kind)
{
	for (unsigned i = 0; i < s->n_timers; i++)
		if (strcmp(s->timers[i].kind, kind) == 0)
			return &s->timers[i];
	return NULL;
}

static bool work(struct ctx *cx, void *arg)
{
	const struct due *d = arg;
	const char *params[] = {d->tenant_id, d->kind, d->aggregate_id, d->xmin};
	struct db_result none;

	return d->def->run(cx, d->aggregate_id) && db_sql(cx, DONE_SQL, params, 4, &none);
}

static void log_failed(const struct ctx *cx, const struct due *d)
{
	log_line(LOG_ERROR, "timer failed", "kind", d->kind, "aggregate_id", d->aggregate_id, "code",
		 cx->fault.def->code, "request_id", cx->request_id, NULL);
}

/* In the transaction that still holds the claim where it lives, else in one of its own. */
static void note_failure(struct lane *lane, struct ctx *cx, const struct due *d)
{
	const char *params[] = {d->tenant_id, d->kind, d->aggregate_id, cx->fault.def->code};
	struct db_result none;

	log_failed(cx, d);
	fault_clear(cx);
	if (db_open_still(cx->db) && db_sql(cx, FAILED_SQL, params, 4, &none) && db_commit(cx))
		return;
	db_rollback(cx);
	runner_aside(lane, d->tenant_id, FAILED_SQL, params, 4);
}

static bool claim(struct ctx *cx, struct due *d)
{
	char now[28];
	const char *params[] = {d->tenant_id, d->kind, d->aggregate_id, now};
	char **row = NULL;

	time_format(cx->now_us, now);
	if (!runner_claim(cx, READ_SQL, params, 4, &row) || !row)
		return false;
	d->xmin = row[0];
	return true;
}

/* True where the work is done. */
static bool run_timer(struct lane *lane, struct due *d)
{
	struct ctx cx;

	runner_context(lane, &cx, lane->arena, lane->app, d->tenant_id);
	if (!db_ready(&cx) || !db_begin(&cx) || !claim(&cx, d)) {
		db_rollback(&cx);
		return false;
	}
	bool done = runner_try(&cx, work, d);
	killpoint("timer.before_commit"); /* K10, erasures, days that begin */
	if (!done || !db_commit(&cx)) {
		note_failure(lane, &cx, d);
		return false;
	}
	runner_committed(lane, &cx);
	return true;
}

/* Kinds are names from our own tables: nothing to quote. */
static const char *kinds(struct arena *a, const struct service_def *s)
{
	struct buf b;

	buf_init(&b, a);
	buf_puts(&b, "{");
	for (unsigned i = 0; i < s->n_timers; i++)
		buf_printf(&b, "%s\"%s\"", i ? "," : "", s->timers[i].kind);
	buf_puts(&b, "}");
	return b.p;
}

bool runner_timers(struct lane *lane)
{
	const struct service_def *s = lane->runner->svc->def;
	char now[28];
	const char *params[] = {now, kinds(lane->arena, s)};
	struct db_result r;
	bool done = false;

	time_format(clock_business_us(), now);
	if (!s->n_timers || !runner_find(lane, FIND_SQL, params, 2, &r))
		return false;
	for (int i = 0; i < r.n_rows && !runner_stopping(lane); i++) {
		struct due d = {timer_of(s, r.rows[i][1]), r.rows[i][0], r.rows[i][1], r.rows[i][2], NULL};
		done = run_timer(lane, &d) || done;
	}
	return done;
}
