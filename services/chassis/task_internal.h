/* Of task*.c. */
#ifndef RENHE_TASK_INTERNAL_H
#define RENHE_TASK_INTERNAL_H
#include <pthread.h>
#include <stdatomic.h>
#include "task.h"

struct task {
	task_fn *fn;
	void *arg;
};
struct lane;
struct task_pool {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct task *ring;
	unsigned limit, head, count, workers;
	bool stopping;
	struct db_settings settings;
	pthread_t *threads;      /* of blocking workers */
	struct event_base *loop; /* of coroutines, else NULL */
	struct lane *lanes, *idle;
	bool ticks;		 /* a look at the clock is under way */
	atomic_bool posted;	 /* so is a look at the queue */
};
/* The next task of the queue; false: none is there. */
bool task_take(struct task_pool *p, struct task *t);

/* ---- task_lane.c ---- */
void lanes_start(struct task_pool *p);
/* Something stands in the queue. From any thread. */
void lanes_wake(struct task_pool *p);
void lanes_stop(struct task_pool *p);
#endif
