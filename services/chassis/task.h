/* The seam of concurrency: where a task waits for its turn and for a connection. Blocking workers
 * for now, one connection each (decision 37); a coroutine engine may replace this file and db.c's
 * waiting without a change above. This file owns pthread for workers. */
#ifndef RENHE_TASK_H
#define RENHE_TASK_H
#include <stdbool.h>
#include "db.h"

struct task_pool;
typedef void task_fn(struct db *db, void *arg);

/* Opens one connection per worker; false (NULL) only where threads can't be made. Connections that
 * fail are opened again by db_ready of the first task. */
struct task_pool *task_pool_start(const struct db_settings *db, unsigned workers,
				  unsigned queue_limit);
/* false: the wait queue is full. From any thread. */
bool task_start(struct task_pool *p, task_fn *fn, void *arg);
unsigned task_waiting(struct task_pool *p);
/* Waits for the queue to empty, ends the workers, closes the connections. */
void task_pool_stop(struct task_pool *p);
#endif
