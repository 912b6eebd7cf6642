/* Long work and due work: rows claimed by lock, done in tasks of their own.
 * Chassis tables job and timer; see migrations of the chassis. */
#ifndef RENHE_JOB_H
#define RENHE_JOB_H
#include "ctx.h"
#include "db.h"

struct job {
	const char *id, *kind, *tenant_id, *account_id;
	const char *state;          /* PENDING, RUNNING, SUCCEEDED, FAILED, CANCELLED */
	int64_t done, total;
	struct str input;           /* what job_add was given; only inside the job */
	const char *result, *error; /* JSON texts or NULL */
	struct arena *arena;        /* only inside the job: lasts as long as it, over checkpoints */
};
/* In the open transaction; the job starts after its commit. id: a UUID, the caller's choice. */
bool job_add(struct ctx *cx, const char *kind, const char *id, struct str input);
bool job_get(struct ctx *cx, const char *kind, const char *id, struct job *out, bool *found);
/* From inside a job: written at once on a connection of its own, at most some times a second. */
void job_progress(struct ctx *cx, int64_t done, int64_t total);
/* From inside a job: commits what it has written so far, with its progress, and goes on in a new
 * transaction; the job stays claimed. Memory of cx->arena is emptied: what must last belongs into
 * job->arena. A process that is killed later runs the job again, which must find for itself what is
 * done; its attempts count from here. false: as any fault. */
bool job_checkpoint(struct ctx *cx, int64_t done, int64_t total);
/* Undoes what was written since the last checkpoint and takes the fault out of the context: for a
 * job that tries once more. Memory stays. */
bool job_redo(struct ctx *cx);
/* From inside a job: commits what it has written, calls fn with no transaction open — the place for
 * calls outside (outbound.h) — and goes on in a new one. Memory stays. A run that ends before the next
 * checkpoint is one more attempt, and begins again from the last. */
bool job_outside(struct ctx *cx, bool (*fn)(struct ctx *cx, void *arg), void *arg);
/* From now to its end, statements of the job are gathered (db_gather). */
void job_gather(struct ctx *cx);
/* Ends the job with the transaction: state SUCCEEDED or FAILED, result as JSON text either way: what
 * failed by its own judgement has a report, not an error. */
bool job_end(struct ctx *cx, bool succeeded, const char *result_json);
/* Runs as the tenant and account that added it, in one transaction or, by job_checkpoint, in several.
 * false: fault; the open transaction is rolled back and the job FAILED with the problem as its error;
 * what may pass (503, 504) is tried again up to five times. The whole tenant is seen. A job whose
 * process was killed is run again; one whose process stops ends at its next checkpoint, or is cut off
 * after 5 s at its next statement. */
typedef bool job_fn(struct ctx *cx, const struct job *job);
/* From inside a job: goes on with the rights that its adder had under the route ("archive.ListEmployees"),
 * by the roles of then: scopes of row security, cx->scopes, policy_view. No further than `within` reaches,
 * the permission by which the job was asked for. */
bool job_as_caller(struct ctx *cx, const char *route, const struct permission *within);
/* A part of a job with memory of its own, which goes when it is done: one page of a large table. What
 * fn leaves to later parts lives in memory of `cx`. Its fault becomes that of cx, without details. */
bool job_part(struct ctx *cx, bool (*fn)(struct ctx *part, void *arg), void *arg);
/* Where the input is sealed; its key is destroyed when the job ends by job_end(). */
#define JOB_INPUT "job.input"
struct job_def {
	const char *kind;
	job_fn *run;
};

/* One timer per (kind, aggregate): the next due instant on the business clock. Setting again
 * replaces; due_time NULL removes. */
bool timer_set(struct ctx *cx, const char *kind, const char *aggregate_id, const char *due_time);
/* Runs in a transaction of its own with the tenant set; the timer row is gone when it commits, unless
 * it was set anew meanwhile. A failure is tried again after 1, 2, 4 .. 300 s, for ever. */
typedef bool timer_fn(struct ctx *cx, const char *aggregate_id);
struct timer_def {
	const char *kind;
	timer_fn *run;
};
struct runner; /* the thread that claims timers and jobs */
struct runner *runner_start(struct service *svc, const struct db_settings *app, const struct db_settings *relay);
void runner_wake(struct runner *r);
void runner_stop(struct runner *r);
#endif
