/* Jobs. The claim is a lock of the session in which the job's transactions run, so that a job may
 * commit in the middle and go on: what ends the session undoes what is open and gives up the claim
 * at one stroke, and no two processes ever work on one job. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "job_internal.h"
#include "clock.h"
#include "db_internal.h"
#include "fault.h"
#include "killpoint.h"
#include "log.h"
#include "seal.h"
#include "renhe.gen.h"

#define PROGRESS_EVERY_MS 250
#define MOST_ATTEMPTS 5 /* starts without a checkpoint: it kills its process or never finds its database */
#define MOST_TRIES 3    /* of one start, after deadlocks */

/* RUNNING ones too: whoever ran them may be dead, which the claim tells. */
#define OPEN "state in ('PENDING', 'RUNNING') and next_try_time <= clock_timestamp()"

static const char LOCK_SQL[] =
	"select pg_try_advisory_lock(hashtextextended(concat_ws('/', 'work', $1::text, $2::text, $3::text), 0))";
static const char UNLOCK_SQL[] =
	"select pg_advisory_unlock(hashtextextended(concat_ws('/', 'work', $1::text, $2::text, $3::text), 0))";
/* A job may compute for longer than the server lets a transaction idle. */
static const char IDLE_SQL[] = "select set_config('idle_in_transaction_session_timeout', '0', true)";
static const char FIND_SQL[] = "select tenant_id, kind, id from job where " OPEN " and kind = any($1::text[]) "
			       "order by next_try_time, create_time limit 64";
static const char READ_SQL[] = "select account_id, person_id, session_id, roles, lang, traceparent, input, attempts "
			       "from job where tenant_id = $1 and kind = $2 and id = $3 and " OPEN;
static const char START_SQL[] = "update job set state = 'RUNNING', attempts = attempts + 1, done = 0, total = 0, "
				"update_time = clock_timestamp() where tenant_id = $1 and id = $2";
static const char PROGRESS_SQL[] = "update job set done = $3, total = $4, update_time = clock_timestamp() "
				   "where tenant_id = $1 and id = $2 and state = 'RUNNING'";
/* What it has done stands: a start from here is a first one. */
static const char CHECKPOINT_SQL[] = "update job set done = $3, total = $4, attempts = 0, update_time = clock_timestamp() "
				     "where tenant_id = $1 and id = $2";
static const char END_SQL[] = "update job set state = $3, result = $4, error = $5, update_time = clock_timestamp() "
			      "where tenant_id = $1 and id = $2 and state in ('PENDING', 'RUNNING')";
/* What may pass is tried again after 1, 2, 4 .. s. */
static const char AGAIN_SQL[] = "update job set state = 'PENDING', update_time = clock_timestamp(), "
				"next_try_time = clock_timestamp() + power(2, least(attempts, 9)) * interval '0.5 second' "
				"where tenant_id = $1 and id = $2 and state in ('PENDING', 'RUNNING')";

/* What this thread runs now; for job_progress and job_end. */
struct running {
	struct lane *lane;
	const struct job_def *def;
	struct job job;
	bool ended;
	long attempts; /* before this one */
	int64_t said_ms;
};
static _Thread_local struct running *current;

static struct running *running(void)
{
	if (!current)
		abort(); /* outside of a job */
	return current;
}

/* ---- for handlers ---- */

void job_progress(struct ctx *cx, int64_t done, int64_t total)
{
	struct running *r = running();
	char d[24], t[24];
	const char *params[] = {r->job.tenant_id, r->job.id, d, t};
	int64_t now = clock_monotonic_ms();

	(void)cx;
	/* After job_end the row is locked by the job's own transaction: we would wait for ourselves. */
	if (r->ended || (done < total && now - r->said_ms < PROGRESS_EVERY_MS))
		return;
	r->said_ms = now;
	snprintf(d, sizeof(d), "%lld", (long long)done);
	snprintf(t, sizeof(t), "%lld", (long long)total);
	runner_aside(r->lane, r->job.tenant_id, PROGRESS_SQL, params, 4);
}

/* The key of the input goes with the job, however it ends. */
static bool end_row(struct ctx *cx, const struct job *job, bool succeeded, const char *result, const char *error)
{
	const char *params[] = {job->tenant_id, job->id, succeeded ? "SUCCEEDED" : "FAILED", result, error};
	struct db_result none;

	return db_sql(cx, END_SQL, params, 5, &none) && (!job->input.n || seal_destroy(cx, job->id));
}

bool job_end(struct ctx *cx, bool succeeded, const char *result_json)
{
	struct running *r = running();

	r->ended = true;
	return end_row(cx, &r->job, succeeded, result_json, NULL);
}

/* ---- transactions of a job ---- */

static bool begin(struct ctx *cx)
{
	struct db_result none;

	cx->now_us = clock_business_us();
	context_today(cx);
	return db_begin(cx) && db_sql(cx, IDLE_SQL, NULL, 0, &none);
}

static bool commit(struct running *r, struct ctx *cx)
{
	if (!db_commit(cx))
		return false;
	runner_committed(r->lane, cx);
	cx->events_out = 0;
	cx->wake_runner = false;
	return true;
}

bool job_checkpoint(struct ctx *cx, int64_t done, int64_t total)
{
	struct running *r = running();
	char d[24], t[24];
	const char *params[] = {r->job.tenant_id, r->job.id, d, t};
	struct db_result none;

	snprintf(d, sizeof(d), "%lld", (long long)done);
	snprintf(t, sizeof(t), "%lld", (long long)total);
	killpoint("job.before_checkpoint"); /* K4 */
	if (!db_sql(cx, CHECKPOINT_SQL, params, 4, &none) || !commit(r, cx))
		return false;
	killpoint("job.after_checkpoint");
	r->attempts = -1;
	arena_reset(cx->arena);
	if (runner_stopping(r->lane))
		return fail(cx, &FAULT_DRAINING, NULL);
	return begin(cx);
}

bool job_outside(struct ctx *cx, bool (*fn)(struct ctx *cx, void *arg), void *arg)
{
	return commit(running(), cx) && fn(cx, arg) && begin(cx);
}

bool job_redo(struct ctx *cx)
{
	db_rollback(cx);
	fault_clear(cx);
	cx->events_out = 0;
	cx->wake_runner = false;
	return begin(cx);
}

void job_gather(struct ctx *cx)
{
	db_gather(cx->db, true);
}

/* ---- one job ---- */

static bool work(struct ctx *cx, struct running *r)
{
	r->ended = false;
	return begin(cx) && r->def->run(cx, &r->job) && (r->ended || job_end(cx, true, NULL)) && commit(r, cx);
}

/* In an arena that a checkpoint empties; the job's own lasts. */
static bool run_tries(struct ctx *cx, struct running *r)
{
	cx->arena = r->lane->work_arena;
	for (int tries = 1;; tries++) {
		arena_reset(cx->arena);
		if (work(cx, r))
			return true;
		bool again = db_retryable(cx) && tries < MOST_TRIES;
		db_rollback(cx);
		cx->events_out = 0;
		cx->wake_runner = false;
		if (!again)
			return false;
		fault_clear(cx);
		clock_sleep_ms(2 + (int)(clock_monotonic_us() % 15));
	}
}

static bool take_row(struct ctx *cx, struct running *r, char **row)
{
	cx->who.account_id = r->job.account_id = row[0];
	cx->who.person_id = row[1];
	cx->who.session_id = row[2];
	cx->who.roles = (uint32_t)strtoul(row[3], NULL, 10);
	cx->lang = row[4];
	cx->traceparent = row[5];
	r->attempts = strtol(row[7], NULL, 10);
	r->job.input = (struct str){NULL, 0};
	return !strcmp(row[6], "\\x") || seal_open_bytes(cx, JOB_INPUT, r->job.id, row[6], &r->job.input);
}

/* *open: it is there to be run. The look comes after the lock: what the holder before us committed
 * is seen. */
static bool read_row(struct ctx *cx, struct running *r, bool *open)
{
	const char *params[] = {r->job.tenant_id, r->job.kind, r->job.id};
	struct db_result found;

	*open = false;
	if (!db_begin(cx) || !db_sql(cx, READ_SQL, params, 3, &found))
		return false;
	*open = found.n_rows == 1;
	return !*open || take_row(cx, r, found.rows[0]);
}

static const char *problem(struct ctx *cx)
{
	struct str s = fault_render(cx);

	return arena_strndup(cx->arena, s.p, s.n);
}

static bool may_pass(const struct fault_def *f)
{
	return f->status == 503 || f->status == 504;
}

static bool write_failure(struct ctx *cx, const struct running *r, bool again, const char *error)
{
	const char *params[] = {r->job.tenant_id, r->job.id};
	struct db_result none;

	return db_begin(cx) &&
	       (again ? db_sql(cx, AGAIN_SQL, params, 2, &none) : end_row(cx, &r->job, false, NULL, error)) &&
	       db_commit(cx);
}

/* Under the claim, or aside where its connection has gone. */
static void note_failure(struct ctx *cx, struct running *r)
{
	const char *error = problem(cx);
	bool again = may_pass(cx->fault.def) && r->attempts + 1 < MOST_ATTEMPTS;
	struct ctx aside;

	log_line(LOG_ERROR, "job failed", "kind", r->job.kind, "id", r->job.id, "code", cx->fault.def->code, "request_id",
		 cx->request_id, NULL);
	fault_clear(cx);
	db_rollback(cx);
	if (write_failure(cx, r, again, error))
		return;
	db_rollback(cx);
	runner_context(r->lane, &aside, r->lane->side_arena, r->lane->side, r->job.tenant_id);
	if (!db_ready(&aside) || !write_failure(&aside, r, again, error))
		db_rollback(&aside);
}

static bool start(struct ctx *cx, const struct running *r)
{
	const char *params[] = {r->job.tenant_id, r->job.id};
	struct db_result none;

	return db_sql(cx, START_SQL, params, 2, &none) && db_commit(cx);
}

/* A job whose input doesn't open will not do so later either. */
static bool run_claimed(struct ctx *cx, struct running *r)
{
	bool open, good = read_row(cx, r, &open);

	if (good && !open) {
		db_rollback(cx);
		return false;
	}
	if (good && r->attempts >= MOST_ATTEMPTS)
		good = fail(cx, &FAULT_INTERNAL, NULL);
	if (good && start(cx, r) && run_tries(cx, r))
		return true;
	note_failure(cx, r);
	return !good && open;
}

static bool locks(struct ctx *cx, const struct running *r, const char *sql, bool *got)
{
	const char *params[] = {r->job.tenant_id, r->job.kind, r->job.id};
	struct db_result found;

	if (!db_sql(cx, sql, params, 3, &found))
		return false;
	*got = found.rows[0][0][0] == 't';
	return true;
}

/* Whatever the job left on its connection goes: the next one has it. */
static void let_go(struct ctx *cx, const struct running *r)
{
	bool was;

	db_rollback(cx);
	db_gather(cx->db, false);
	fault_clear(cx);
	if (!locks(cx, r, UNLOCK_SQL, &was))
		db_rollback(cx); /* the connection has gone, and the lock with it */
}

static bool run_job(struct running *r)
{
	struct lane *lane = r->lane;
	struct ctx cx;
	bool done, got;

	runner_context(lane, &cx, lane->arena, lane->app, r->job.tenant_id);
	if (!db_ready(&cx) || !locks(&cx, r, LOCK_SQL, &got) || !got)
		return false;
	current = r;
	r->job.arena = lane->arena;
	done = run_claimed(&cx, r);
	let_go(&cx, r);
	current = NULL;
	return done;
}

/* ---- all that are open ---- */

static const char *kinds(struct arena *a, const struct service_def *s)
{
	struct buf b;

	buf_init(&b, a);
	buf_puts(&b, "{");
	for (unsigned i = 0; i < s->n_jobs; i++)
		buf_printf(&b, "%s\"%s\"", i ? "," : "", s->jobs[i].kind);
	buf_puts(&b, "}");
	return b.p;
}

static const struct job_def *job_of(const struct service_def *s, const char *kind)
{
	for (unsigned i = 0; i < s->n_jobs; i++)
		if (strcmp(s->jobs[i].kind, kind) == 0)
			return &s->jobs[i];
	return NULL;
}

bool runner_jobs(struct lane *lane)
{
	const struct service_def *s = lane->runner->svc->def;
	const char *params[] = {kinds(lane->arena, s)};
	struct db_result r;
	bool done = false;

	if (!s->n_jobs || !runner_find(lane, FIND_SQL, params, 1, &r))
		return false;
	for (int i = 0; i < r.n_rows && !runner_stopping(lane); i++) {
		struct running w = {.lane = lane, .def = job_of(s, r.rows[i][1])};
		w.job = (struct job){.tenant_id = r.rows[i][0], .kind = r.rows[i][1], .id = r.rows[i][2], .state = "RUNNING"};
		done = run_job(&w) || done;
	}
	return done;
}
