#include "http_internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* What loop_every and loop_on_signal made; ends with the loop. */
struct owned {
	struct event *ev;
	void (*tick)(void *arg);
	void (*signal)(int signo, void *arg);
	void *arg;
	struct owned *next;
};

struct loop {
	struct event_base *base;
	struct event *wake;
	int fd;
	pthread_mutex_t lock;
	struct loop_task *first, **last;
	struct owned *owned;
	struct loop *next;
};

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct loop *registry;
static _Thread_local struct loop *running;

struct loop *loop_of(struct event_base *b)
{
	pthread_mutex_lock(&registry_lock);
	struct loop *l = registry;
	while (l && l->base != b)
		l = l->next;
	pthread_mutex_unlock(&registry_lock);
	if (!l)
		abort();
	return l;
}

bool loop_here(const struct loop *l)
{
	return running == l;
}

/* Takes the whole list at once: what a task posts runs in the next turn, after I/O. */
static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) < 0)
		count = 0;
	pthread_mutex_lock(&l->lock);
	struct loop_task *t = l->first;
	l->first = NULL;
	l->last = &l->first;
	pthread_mutex_unlock(&l->lock);
	while (t) {
		struct loop_task *next = t->next;
		t->fn(t->arg);
		t = next;
	}
}

void loop_post_task(struct loop *l, struct loop_task *t)
{
	uint64_t one = 1;

	t->next = NULL;
	pthread_mutex_lock(&l->lock);
	bool first = l->first == NULL;
	*l->last = t;
	l->last = &t->next;
	/* One write per burst, and under the lock, so that loop_free can't come between. */
	if (first && write(l->fd, &one, sizeof(one)) != sizeof(one))
		abort();
	pthread_mutex_unlock(&l->lock);
}

struct event_base *loop_new(void)
{
	struct loop *l = calloc(1, sizeof(*l));
	struct event_config *cfg = event_config_new();
	if (!l || !cfg)
		abort();
	/* Other threads reach it only through the eventfd, so libevent needs no locks. */
	event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK);
	l->base = event_base_new_with_config(cfg);
	event_config_free(cfg);
	l->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	l->last = &l->first;
	if (!l->base || l->fd < 0 || pthread_mutex_init(&l->lock, NULL) != 0)
		abort();
	l->wake = event_new(l->base, l->fd, EV_READ | EV_PERSIST, on_wake, l);
	if (!l->wake || event_add(l->wake, NULL) != 0)
		abort();
	pthread_mutex_lock(&registry_lock);
	l->next = registry;
	registry = l;
	pthread_mutex_unlock(&registry_lock);
	return l->base;
}

static void unregister(struct loop *l)
{
	pthread_mutex_lock(&registry_lock);
	struct loop **at = &registry;
	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	pthread_mutex_unlock(&registry_lock);
}

void loop_free(struct event_base *b)
{
	struct loop *l = loop_of(b);

	unregister(l);
	while (l->owned) {
		struct owned *o = l->owned;
		l->owned = o->next;
		event_free(o->ev);
		free(o);
	}
	event_free(l->wake);
	event_base_free(l->base);
	close(l->fd);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

void loop_run(struct event_base *b)
{
	struct loop *before = running;

	running = loop_of(b);
	event_base_dispatch(b);
	running = before;
}

struct posted {
	struct loop_task task;
	void (*fn)(void *arg);
	void *arg;
};

static void run_posted(void *arg)
{
	struct posted *p = arg;
	void (*fn)(void *) = p->fn;
	void *its = p->arg;

	free(p);
	fn(its);
}

void loop_post(struct event_base *b, void (*fn)(void *), void *arg)
{
	struct posted *p = malloc(sizeof(*p));
	if (!p)
		abort();
	*p = (struct posted){.task = {.fn = run_posted, .arg = p}, .fn = fn, .arg = arg};
	loop_post_task(loop_of(b), &p->task);
}

static void break_loop(void *arg)
{
	event_base_loopbreak(arg);
}

void loop_stop(struct event_base *b)
{
	loop_post(b, break_loop, b);
}

static void on_owned(evutil_socket_t fd, short what, void *arg)
{
	struct owned *o = arg;

	(void)what;
	if (o->signal)
		o->signal((int)fd, o->arg);
	else
		o->tick(o->arg);
}

static void own(struct event_base *b, int fd, short what, const struct timeval *every,
		struct owned o)
{
	struct loop *l = loop_of(b);
	struct owned *kept = malloc(sizeof(*kept));
	if (!kept)
		abort();
	*kept = o;
	kept->ev = event_new(b, fd, what, on_owned, kept);
	if (!kept->ev || event_add(kept->ev, every) != 0)
		abort();
	kept->next = l->owned;
	l->owned = kept;
}

void loop_every(struct event_base *b, int ms, void (*fn)(void *), void *arg)
{
	struct timeval every = {ms / 1000, ms % 1000 * 1000};

	own(b, -1, EV_PERSIST, &every, (struct owned){.tick = fn, .arg = arg});
}

void loop_on_signal(struct event_base *b, int signo, void (*fn)(int signo, void *), void *arg)
{
	own(b, signo, EV_SIGNAL | EV_PERSIST, NULL, (struct owned){.signal = fn, .arg = arg});
}

bool loop_inside(struct event_base *b)
{
	return running && running->base == b;
}

void loop_turn(struct event_base *b)
{
	struct loop *before = running;

	running = loop_of(b);
	event_base_loop(b, EVLOOP_ONCE);
	running = before;
}

static void on_after(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	run_posted(arg);
}

void loop_after(struct event_base *b, int ms, void (*fn)(void *), void *arg)
{
	struct timeval in = {ms / 1000, ms % 1000 * 1000};
	struct posted *p = malloc(sizeof(*p));

	if (!p)
		abort();
	*p = (struct posted){.fn = fn, .arg = arg};
	if (event_base_once(b, -1, EV_TIMEOUT, on_after, p, &in) != 0)
		abort();
}

struct loop_watch {
	struct event read, write;
	void (*fn)(void *arg);
	void *arg;
};

static void on_watch(evutil_socket_t fd, short what, void *arg)
{
	struct loop_watch *w = arg;

	(void)fd, (void)what;
	w->fn(w->arg);
}

struct loop_watch *loop_watch_new(struct event_base *b, int fd, void (*fn)(void *), void *arg)
{
	struct loop_watch *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	w->fn = fn;
	w->arg = arg;
	event_assign(&w->read, b, fd, EV_READ | EV_PERSIST | EV_ET, on_watch, w);
	event_assign(&w->write, b, fd, EV_WRITE | EV_ET, on_watch, w);
	if (event_add(&w->read, NULL) != 0)
		abort();
	return w;
}

void loop_watch_write(struct loop_watch *w)
{
	event_add(&w->write, NULL);
}

void loop_watch_free(struct loop_watch *w)
{
	if (!w)
		return;
	event_del(&w->read);
	event_del(&w->write);
	free(w);
}
