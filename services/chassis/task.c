#include "task.h"
#include <pthread.h>
#include <stdlib.h>

struct task {
	task_fn *fn;
	void *arg;
};
struct task_pool {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct task *ring;
	unsigned limit, head, count, workers;
	bool stopping;
	struct db_settings settings;
	pthread_t *threads;
};

static bool take(struct task_pool *p, struct task *t)
{
	bool got = false;

	pthread_mutex_lock(&p->lock);
	while (!p->count && !p->stopping)
		pthread_cond_wait(&p->more, &p->lock);
	if (p->count) {
		*t = p->ring[p->head];
		p->head = (p->head + 1) % p->limit;
		p->count--;
		got = true;
	}
	pthread_mutex_unlock(&p->lock);
	return got;
}

static void *worker(void *arg)
{
	struct task_pool *p = arg;
	struct db *db = db_new(&p->settings);
	struct task t;

	while (take(p, &t))
		t.fn(db, t.arg);
	db_close(db);
	return NULL;
}

struct task_pool *task_pool_start(const struct db_settings *db, unsigned workers,
				  unsigned queue_limit)
{
	struct task_pool *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->settings = *db;
	p->limit = queue_limit;
	p->ring = calloc(queue_limit, sizeof(*p->ring));
	p->threads = calloc(workers, sizeof(*p->threads));
	if (!p->ring || !p->threads)
		abort();
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	for (; p->workers < workers; p->workers++)
		if (pthread_create(&p->threads[p->workers], NULL, worker, p) != 0)
			abort();
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
	if (room)
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

void task_pool_stop(struct task_pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_mutex_unlock(&p->lock);
	pthread_cond_broadcast(&p->more);
	for (unsigned i = 0; i < p->workers; i++)
		pthread_join(p->threads[i], NULL);
	free(p->threads);
	free(p->ring);
	free(p);
}
