/* Of job.c and runner*.c. */
#ifndef RENHE_JOB_INTERNAL_H
#define RENHE_JOB_INTERNAL_H
#include <pthread.h>
#include <stdatomic.h>
#include "job.h"
#include "service.h"

/* One thread with its connections; work that waits in one lane doesn't hold up the other. */
struct lane {
	struct runner *runner;
	struct db *relay;   /* finds work of all tenants */
	struct db *app;     /* does it */
	struct db *side;    /* says how far it is, and what became of it */
	struct arena *arena, *side_arena, *relay_arena;
	struct arena *work_arena;   /* of a job, emptied at its checkpoints */
	bool (*turn)(struct lane *lane); /* true: something was done, look again at once */
	int64_t next_ms; /* of the audit's: when to look again */
	pthread_t thread;
	atomic_bool ended;
};
#define RUNNER_LANES 3
struct runner {
	struct service *svc;
	struct lane lanes[RUNNER_LANES];
	pthread_mutex_t lock;
	pthread_cond_t wake;
	unsigned woken;
	atomic_bool stopping;
};


/* ---- runner.c ---- */
bool runner_stopping(const struct lane *lane);
/* Context of a task as the tenant, which sees all of it; request id in the arena. The arena is
 * emptied first. */
void runner_context(struct lane *lane, struct ctx *cx, struct arena *a, struct db *db, const char *tenant_id);
/* One statement in a transaction of its own on the side connection. */
bool runner_aside(struct lane *lane, const char *tenant_id, const char *sql, const char *const *params, int n);
/* Rows that the relay role finds, into the relay's arena. */
bool runner_find(struct lane *lane, const char *sql, const char *const *params, int n, struct db_result *out);
/* Takes the work's lock in the open transaction and reads its row; *row NULL: somebody else has it,
 * or it is done. */
bool runner_claim(struct ctx *cx, const char *sql, const char *const *params, int n, char ***row);
/* Runs work after a savepoint, again on a deadlock; false: fault, everything since then undone. */
bool runner_try(struct ctx *cx, bool (*work)(struct ctx *cx, void *arg), void *arg);
/* After a commit. */
void runner_committed(struct lane *lane, const struct ctx *cx);

/* ---- runner_timer.c, runner_job.c, runner_audit.c ---- */
bool runner_timers(struct lane *lane);
bool runner_jobs(struct lane *lane);
bool runner_audit(struct lane *lane);
#endif
