/* The queue, and blocking workers (this file and task_outside.c own pthread for them). */
#include "task_internal.h"
#include <stdlib.h>

static bool take_now(struct task_pool *p, struct task *t)
{
	if (!p->count)
		return false;
	*t = p->ring[p->head];
	p->head = (p->head + 1) % p->limit;
	p->count--;
	return true;
}

bool task_take(struct task_pool *p, struct task *t)
{
	bool got;

	pthread_mutex_lock(&p->lock);
	got = take_now(p, t);
	pthread_mutex_unlock(&p->lock);
	return got;
}

static bool take_waiting(struct task_pool *p, struct task *t)
{
	bool got;

	pthread_mutex_lock(&p->lock);
	while (!p->count && !p->stopping)
		pthread_cond_wait(&p->more, &p->lock);
	got = take_now(p, t);
	pthread_mutex_unlock(&p->lock);
	return got;
}

static void *worker(void *arg)
{
	struct task_pool *p = arg;
	struct db *db = db_new(&p->settings);
	struct task t;

	while (take_waiting(p, &t))
		t.fn(db, t.arg);
	db_close(db);
	return NULL;
}

static void workers_start(struct task_pool *p)
{
	p->threads = calloc(p->workers, sizeof(*p->threads));
	if (!p->threads)
		abort();
	for (unsigned i = 0; i < p->workers; i++)
		if (pthread_create(&p->threads[i], NULL, worker, p) != 0)
			abort();
}

struct task_pool *task_pool_start(const struct db_settings *db, unsigned workers,
				  unsigned queue_limit, struct event_base *loop)
{
	struct task_pool *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->settings = *db;
	p->limit = queue_limit;
	p->workers = workers;
	p->loop = loop;
	p->ring = calloc(queue_limit, sizeof(*p->ring));
	if (!p->ring)
		abort();
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	if (loop)
		lanes_start(p);
	else
		workers_start(p);
	return p;
}

bool task_start(struct task_pool *p, task_fn *fn, void *arg)
{
	bool room;

	pthread_mutex_lock(&p->lock);
	room = p->count < p->limit && !p->stopping;
	if (room)
		p->ring[(p->head + p->count++) % p->limit] = (struct task){fn, arg};
	pthread_mutex_unlock(&p->lock);
	if (room && p->loop)
		lanes_wake(p);
	else if (room)
		pthread_cond_signal(&p->more);
	return room;
}

unsigned task_waiting(struct task_pool *p)
{
	unsigned n;

	pthread_mutex_lock(&p->lock);
	n = p->count;
	pthread_mutex_unlock(&p->lock);
	return n;
}

static void workers_stop(struct task_pool *p)
{
	pthread_cond_broadcast(&p->more);
	for (unsigned i = 0; i < p->workers; i++)
		pthread_join(p->threads[i], NULL);
	free(p->threads);
}

void task_pool_stop(struct task_pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_mutex_unlock(&p->lock);
	if (p->loop)
		lanes_stop(p);
	else
		workers_stop(p);
	free(p->ring);
	free(p);
}
