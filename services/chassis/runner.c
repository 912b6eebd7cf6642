/* Three threads, for timers, for jobs and for the sealing of the audit.
 *
 * A claim is an advisory lock, of a timer in the transaction that does the work, of a job in its
 * session, so that it ends with the process that holds it, at once. It isn't a lock on the row,
 * because requests lock the aggregate first and its timer after, and a runner that held the row
 * would meet them crosswise; and because a job's row must stay writable for its progress. */
#include "job_internal.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "clock.h"
#include "db_internal.h"
#include "fault.h"
#include "log.h"
#include "value.h"

#define POLL_MS 200
#define STOP_PATIENCE_MS 5000
#define MOST_TRIES 3
#define SCOPE_TENANT 8

bool runner_stopping(const struct lane *lane)
{
	return atomic_load(&lane->runner->stopping);
}

/* ---- contexts and transactions ---- */

void runner_context(struct lane *lane, struct ctx *cx, struct arena *a, struct db *db,
		    const char *tenant_id)
{
	char id[UUID_LEN + 1];

	arena_reset(a);
	uuid7(id);
	*cx = (struct ctx){
		.svc = lane->runner->svc,
		.arena = a,
		.db = db,
		.as_system = true,
		.scopes = SCOPE_TENANT,
		.lang = "zh-CN",
		.peer = "",
		.device_id = "",
		.trace_id = "",
		.request_id = arena_strdup(a, id),
		.now_us = clock_business_us(),
	};
	cx->who = (struct principal){.tenant_id = arena_strdup(a, tenant_id),
				     .account_id = "",
				     .person_id = "",
				     .session_id = ""};
	context_today(cx);
}

bool runner_aside(struct lane *lane, const char *tenant_id, const char *sql,
		  const char *const *params, int n)
{
	struct ctx cx;
	struct db_result none;

	runner_context(lane, &cx, lane->side_arena, lane->side, tenant_id);
	if (db_ready(&cx) && db_begin(&cx) && db_sql(&cx, sql, params, n, &none) && db_commit(&cx))
		return true;
	db_rollback(&cx);
	return false;
}

bool runner_find(struct lane *lane, const char *sql, const char *const *params, int n,
		 struct db_result *out)
{
	struct ctx cx;

	runner_context(lane, &cx, lane->relay_arena, lane->relay, "");
	return db_ready(&cx) && db_sql(&cx, sql, params, n, out);
}

/* The look after the lock, each with a snapshot of its own: what the holder before us committed is
 * seen. */
bool runner_claim(struct ctx *cx, const char *sql, const char *const *params, int n, char ***row)
{
	static const char LOCK_SQL[] =
		"select pg_try_advisory_xact_lock(hashtextextended(concat_ws('/', 'work', "
		"$1::text, $2::text, $3::text), 0))";
	const struct db_stmt stmts[] = {{LOCK_SQL, params, 3}, {sql, params, n}};
	struct db_result r[2];

	if (!db_sql_batch(cx, stmts, 2, r))
		return false;
	*row = r[0].rows[0][0][0] == 't' && r[1].n_rows == 1 ? r[1].rows[0] : NULL;
	return true;
}

bool runner_try(struct ctx *cx, bool (*work)(struct ctx *cx, void *arg), void *arg)
{
	for (int tries = 1;; tries++) {
		if (!db_savepoint(cx))
			return false;
		if (work(cx, arg))
			return true;
		bool again = db_retryable(cx) && tries < MOST_TRIES;
		db_rollback_savepoint(cx);
		cx->events_out = 0;
		cx->wake_runner = false;
		/* Work that rolled the whole transaction back has no savepoint to come back to. */
		if (!again || !db_open_still(cx->db))
			return false;
		fault_clear(cx);
		clock_sleep_ms(2 + (int)(clock_monotonic_us() % 15));
	}
}

void runner_committed(struct lane *lane, const struct ctx *cx)
{
	struct service *svc = lane->runner->svc;

	if (cx->events_out && svc->relay)
		outbox_wake(svc);
	if (cx->wake_runner)
		runner_wake(lane->runner);
}

/* ---- threads ---- */

static void wait_for_work(struct runner *r, unsigned seen)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += POLL_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&r->lock);
	while (r->woken == seen && !atomic_load(&r->stopping))
		if (pthread_cond_timedwait(&r->wake, &r->lock, &until) == ETIMEDOUT)
			break;
	pthread_mutex_unlock(&r->lock);
}

static unsigned woken(struct runner *r)
{
	unsigned n;

	pthread_mutex_lock(&r->lock);
	n = r->woken;
	pthread_mutex_unlock(&r->lock);
	return n;
}

static void *lane_run(void *arg)
{
	struct lane *lane = arg;

	while (!runner_stopping(lane)) {
		unsigned seen = woken(lane->runner);
		if (!lane->turn(lane))
			wait_for_work(lane->runner, seen);
	}
	atomic_store(&lane->ended, true);
	return NULL;
}

static void lane_start(struct runner *r, struct lane *lane, const struct db_settings *app,
		       const struct db_settings *relay, bool (*turn)(struct lane *))
{
	lane->runner = r;
	lane->turn = turn;
	lane->relay = db_new(relay);
	lane->app = db_new(app);
	lane->side = db_new(app);
	lane->arena = arena_new();
	lane->side_arena = arena_new();
	lane->relay_arena = arena_new();
	lane->work_arena = arena_new();
	if (pthread_create(&lane->thread, NULL, lane_run, lane) != 0)
		abort();
}

struct runner *runner_start(struct service *svc, const struct db_settings *app,
			    const struct db_settings *relay)
{
	struct runner *r = calloc(1, sizeof(*r));
	pthread_condattr_t monotonic;

	if (!r)
		abort();
	r->svc = svc;
	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&r->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	lane_start(r, &r->lanes[0], app, relay, runner_timers);
	lane_start(r, &r->lanes[1], app, relay, runner_jobs);
	lane_start(r, &r->lanes[2], app, relay, runner_audit);
	return r;
}

void runner_wake(struct runner *r)
{
	pthread_mutex_lock(&r->lock);
	r->woken++;
	pthread_mutex_unlock(&r->lock);
	pthread_cond_broadcast(&r->wake);
}

static void lane_stop(struct lane *lane)
{
	struct db *const dbs[] = {lane->relay, lane->app, lane->side};
	struct arena *const arenas[] = {lane->arena, lane->side_arena, lane->relay_arena,
					lane->work_arena};

	pthread_join(lane->thread, NULL);
	for (size_t i = 0; i < sizeof(dbs) / sizeof(dbs[0]); i++)
		db_close(dbs[i]);
	for (size_t i = 0; i < sizeof(arenas) / sizeof(arenas[0]); i++)
		arena_free(arenas[i]);
}

static bool all_ended(struct runner *r)
{
	for (size_t i = 0; i < RUNNER_LANES; i++)
		if (!atomic_load(&r->lanes[i].ended))
			return false;
	return true;
}

/* A job that takes longer than we may wait is cut off; its transaction is undone and the next
 * process runs it from the start. */
void runner_stop(struct runner *r)
{
	int64_t until = clock_monotonic_ms() + STOP_PATIENCE_MS;

	atomic_store(&r->stopping, true);
	runner_wake(r);
	while (!all_ended(r) && clock_monotonic_ms() < until)
		clock_sleep_ms(5);
	for (size_t i = 0; i < RUNNER_LANES; i++)
		atomic_store(&r->lanes[i].app->interrupted, true);
	for (size_t i = 0; i < RUNNER_LANES; i++)
		lane_stop(&r->lanes[i]);
	pthread_cond_destroy(&r->wake);
	pthread_mutex_destroy(&r->lock);
	free(r);
}
