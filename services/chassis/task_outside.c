#include "task_outside.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

/* More than argon2 lets through at once (password.c), so that connecting never waits behind sign-ins. */
#define THREADS 4

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct outside_work *first, **last = &first;

static struct outside_work *take(void)
{
	struct outside_work *w;

	pthread_mutex_lock(&lock);
	while (!first)
		pthread_cond_wait(&more, &lock);
	w = first;
	first = w->next;
	if (!first)
		last = &first;
	pthread_mutex_unlock(&lock);
	return w;
}

/* They live as long as the process: what they run belongs to tasks, which are waited for. */
static void *serve(void *arg)
{
	(void)arg;
	while (true) {
		struct outside_work *w = take();

		w->fn(w->arg);
		w->done(w);
	}
	return NULL;
}

static void start(void)
{
	pthread_attr_t detached;
	pthread_t t;

	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&t, &detached, serve, NULL) != 0)
			abort();
	pthread_attr_destroy(&detached);
}

void outside_start(struct outside_work *w)
{
	if (pthread_once(&once, start) != 0)
		abort();
	pthread_mutex_lock(&lock);
	w->next = NULL;
	*last = w;
	last = &w->next;
	pthread_mutex_unlock(&lock);
	pthread_cond_signal(&more);
}
