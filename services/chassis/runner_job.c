/* Jobs, each in one transaction; how far it is and what became of it is written aside. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "job_internal.h"
#include "clock.h"
#include "db_internal.h"
#include "fault.h"
#include "log.h"
#include "seal.h"
#include "renhe.gen.h"

#define PROGRESS_EVERY_MS 250
#define MOST_ATTEMPTS 5 /* starts: of one that kills its process or never finds its database */

/* RUNNING ones too: whoever ran them may be dead, which the claim tells. */
#define OPEN "state in ('PENDING', 'RUNNING') and next_try_time <= clock_timestamp()"

static const char FIND_SQL[] = "select tenant_id, kind, id from job where " OPEN " and kind = any($1::text[]) "
			       "order by next_try_time, create_time limit 64";
static const char READ_SQL[] = "select account_id, person_id, session_id, roles, lang, traceparent, input, attempts "
			       "from job where tenant_id = $1 and kind = $2 and id = $3 and " OPEN;
static const char START_SQL[] = "update job set state = 'RUNNING', attempts = attempts + 1, done = 0, total = 0, "
				"update_time = clock_timestamp() where tenant_id = $1 and id = $2";
static const char PROGRESS_SQL[] = "update job set done = $3, total = $4, update_time = clock_timestamp() "
				   "where tenant_id = $1 and id = $2 and state = 'RUNNING'";
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

/* ---- one job ---- */

static bool work(struct ctx *cx, void *arg)
{
	struct running *r = arg;

	r->ended = false;
	return r->def->run(cx, &r->job) && (r->ended || job_end(cx, true, NULL));
}

static bool start(struct running *r)
{
	const char *params[] = {r->job.tenant_id, r->job.id};

	return runner_aside(r->lane, r->job.tenant_id, START_SQL, params, 2);
}

static bool claim(struct ctx *cx, struct running *r)
{
	const char *params[] = {r->job.tenant_id, r->job.kind, r->job.id};
	char **row = NULL;

	if (!runner_claim(cx, READ_SQL, params, 3, &row) || !row)
		return false;
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

/* Settings of the transaction were those of the service; now the adder's account is known. A job may
 * compute for longer than the server lets a transaction idle. */
static bool become_adder(struct ctx *cx)
{
	const char *params[] = {cx->who.account_id, cx->who.person_id};
	struct db_result none;

	return db_sql(cx,
		      "select set_config('renhe.account_id', $1, true), set_config('renhe.person_id', $2, true), "
		      "set_config('idle_in_transaction_session_timeout', '0', true)",
		      params, 2, &none);
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

	return (again ? db_sql(cx, AGAIN_SQL, params, 2, &none) : end_row(cx, &r->job, false, NULL, error)) &&
	       db_commit(cx);
}

/* In the job's transaction, of which the savepoint left only the claim, or aside without it. */
static void note_failure(struct ctx *cx, struct running *r)
{
	const char *error = problem(cx);
	bool again = may_pass(cx->fault.def) && r->attempts + 1 < MOST_ATTEMPTS;
	struct ctx aside;

	log_line(LOG_ERROR, "job failed", "kind", r->job.kind, "id", r->job.id, "code", cx->fault.def->code, "request_id",
		 cx->request_id, NULL);
	fault_clear(cx);
	if (db_open_still(cx->db) && write_failure(cx, r, again, error))
		return;
	db_rollback(cx);
	runner_context(r->lane, &aside, r->lane->side_arena, r->lane->side, r->job.tenant_id);
	if (!db_ready(&aside) || !db_begin(&aside) || !write_failure(&aside, r, again, error))
		db_rollback(&aside);
}

static bool run_claimed(struct ctx *cx, struct running *r)
{
	if (r->attempts >= MOST_ATTEMPTS) {
		fail(cx, &FAULT_INTERNAL, NULL);
		note_failure(cx, r);
		return true;
	}
	if (!start(r)) {
		db_rollback(cx);
		return false;
	}
	if (!become_adder(cx) || !runner_try(cx, work, r) || !db_commit(cx)) {
		note_failure(cx, r);
		return false;
	}
	runner_committed(r->lane, cx);
	return true;
}

/* A job whose input doesn't open will not do so later either. */
static bool run_unclaimed(struct ctx *cx, struct running *r)
{
	if (cx->fault.def && db_open_still(cx->db))
		note_failure(cx, r);
	db_rollback(cx);
	return false;
}

static bool run_job(struct running *r)
{
	struct ctx cx;
	bool done;

	runner_context(r->lane, &cx, r->lane->arena, r->lane->app, r->job.tenant_id);
	if (!db_ready(&cx) || !db_begin(&cx) || !claim(&cx, r))
		return run_unclaimed(&cx, r);
	current = r;
	done = run_claimed(&cx, r);
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
