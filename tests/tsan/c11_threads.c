/* ThreadSanitizer of gcc 12 follows the calls of pthread alone: a thread that librdkafka starts by C11's threads.h has no
 * state and ends the process, and what its locks order looks like a race. So these lead to pthread, of which glibc's types
 * are; linked into the programs of the preset tsan only. Its read-write locks are pthread's already, and come this way so that
 * the suppressions at the end don't hide their order. */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

#define MUTEX(m) ((pthread_mutex_t *)(m))
#define COND(c) ((pthread_cond_t *)(c))

_Static_assert(sizeof(mtx_t) >= sizeof(pthread_mutex_t) && sizeof(cnd_t) >= sizeof(pthread_cond_t), "glibc's own types");

struct begun {
	thrd_start_t fn;
	void *arg;
};

static int said(int error)
{
	switch (error) {
	case 0:
		return thrd_success;
	case EBUSY:
		return thrd_busy;
	case ETIMEDOUT:
		return thrd_timedout;
	case ENOMEM:
		return thrd_nomem;
	default:
		return thrd_error;
	}
}

static void *begin(void *arg)
{
	struct begun b = *(struct begun *)arg;

	free(arg);
	return (void *)(intptr_t)b.fn(b.arg);
}

int thrd_create(thrd_t *t, thrd_start_t fn, void *arg)
{
	struct begun *b = malloc(sizeof(*b));

	if (!b)
		return thrd_nomem;
	*b = (struct begun){fn, arg};
	return said(pthread_create(t, NULL, begin, b));
}

int thrd_join(thrd_t t, int *result)
{
	void *out;
	int error = pthread_join(t, &out);

	if (error == 0 && result)
		*result = (int)(intptr_t)out;
	return said(error);
}

int thrd_detach(thrd_t t)
{
	return said(pthread_detach(t));
}

int mtx_init(mtx_t *m, int type)
{
	pthread_mutexattr_t kind;

	pthread_mutexattr_init(&kind);
	pthread_mutexattr_settype(&kind, type & mtx_recursive ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
	return said(pthread_mutex_init(MUTEX(m), &kind));
}

int mtx_lock(mtx_t *m)
{
	return said(pthread_mutex_lock(MUTEX(m)));
}

int mtx_trylock(mtx_t *m)
{
	return said(pthread_mutex_trylock(MUTEX(m)));
}

int mtx_unlock(mtx_t *m)
{
	return said(pthread_mutex_unlock(MUTEX(m)));
}

/* Whoever held the last reference destroys, and atomic counters that nobody sees say who that is; glibc's have nothing to free. */
void mtx_destroy(mtx_t *m)
{
	(void)m;
}

int cnd_init(cnd_t *c)
{
	return said(pthread_cond_init(COND(c), NULL));
}

int cnd_signal(cnd_t *c)
{
	return said(pthread_cond_signal(COND(c)));
}

int cnd_broadcast(cnd_t *c)
{
	return said(pthread_cond_broadcast(COND(c)));
}

int cnd_wait(cnd_t *c, mtx_t *m)
{
	return said(pthread_cond_wait(COND(c), MUTEX(m)));
}

int cnd_timedwait(cnd_t *restrict c, mtx_t *restrict m, const struct timespec *restrict end)
{
	return said(pthread_cond_timedwait(COND(c), MUTEX(m), end));
}

void cnd_destroy(cnd_t *c)
{
	(void)c;
}

/* ---- read-write locks ---- */

#define LED(verb)                                                                                  \
	int __interceptor_pthread_rwlock_##verb(pthread_rwlock_t *l);                              \
	int pthread_rwlock_##verb(pthread_rwlock_t *l)                                             \
	{                                                                                          \
		return __interceptor_pthread_rwlock_##verb(l);                                     \
	}

LED(rdlock)
LED(wrlock)
LED(unlock)

/* ---- what is not told ---- */

/* What librdkafka frees and copies itself is ordered by its atomic counters, which the sanitizer doesn't see in code that was
 * not built with it; its locks and threads are seen, and all that our own callbacks do. Nor is the atomic pointer seen by which
 * a new lock of it becomes known: nothing else uses C11's locks, and no code of ours runs inside them. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "called_from_lib:librdkafka.so.1\n"
	       "race:^mtx_\n"
	       "race:^cnd_\n";
}
