/* The seam of concurrency: where a task waits for its turn, for a connection and for answers. Two engines stand
 * behind it: blocking workers, a thread and a connection each, and coroutines of one event loop, each with a stack
 * and a connection (task_lane.c). What a handler does is the same straight line in both.
 *
 * On a coroutine nothing may wait but by task_wait, task_sleep_ms and task_outside: what blocks the thread holds up
 * all others. No lock and no state of the thread is held across them. */
#ifndef RENHE_TASK_H
#define RENHE_TASK_H
#include <stdbool.h>
#include "db.h"

struct event_base;
struct task_pool;
typedef void task_fn(struct db *db, void *arg);

/* Opens one connection per worker; false (NULL) only where threads can't be made. Connections that
 * fail are opened again by db_ready of the first task. `loop`: coroutines on this loop; NULL: threads. */
struct task_pool *task_pool_start(const struct db_settings *db, unsigned workers,
				  unsigned queue_limit, struct event_base *loop);
/* false: the wait queue is full. From any thread. */
bool task_start(struct task_pool *p, task_fn *fn, void *arg);
unsigned task_waiting(struct task_pool *p);
/* Waits for the queue to empty, ends the workers, closes the connections. On the loop's thread, after loop_run. */
void task_pool_stop(struct task_pool *p);

/* ---- inside a task; elsewhere they just block ---- */

/* Until the descriptor has something to read (or, `writes`, takes more), for at most so long; may return earlier for
 * no reason. The same descriptor each time, until task_forget. */
void task_wait(int fd, bool writes, int most_ms);
/* Before the descriptor is closed. */
void task_forget(void);
void task_sleep_ms(int ms);
/* Runs what blocks or takes long (files, names, argon2) on a thread of its own. fn sees the caller's memory. */
void task_outside(void (*fn)(void *arg), void *arg);
/* Whether waiting here must not block the thread. */
bool task_on_loop(void);
#endif
