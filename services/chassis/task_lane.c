/* Coroutines: a lane is a fiber with a connection, which takes one task after the other. All lanes of a pool stand on
 * one loop and its thread; while a lane waits, the loop goes on with requests and other lanes. */
#include <poll.h>
#include <stdlib.h>
#include "clock.h"
#include "fiber.h"
#include "http.h"
#include "task_internal.h"
#include "task_outside.h"

#define TICK_MS 50 /* how late a wait may end that nothing ended earlier */

struct lane {
	struct task_pool *pool;
	struct fiber *fiber;
	struct loop_watch *watch;
	int fd;		  /* watched */
	bool ready;	  /* something happened since it began to wait */
	bool waits;
	int64_t until_ms; /* of a wait; 0: none */
	struct lane *next_idle;
};
static _Thread_local struct lane *here;

static bool lane_resume(struct lane *l)
{
	struct lane *before = here;
	bool lives;

	here = l;
	lives = fiber_resume(l->fiber);
	here = before;
	return lives;
}

/* ---- waiting ---- */

static void tick_on(struct task_pool *p);

/* From the loop. What comes while a lane works is seen by its next wait. */
static void lane_ready(void *arg)
{
	struct lane *l = arg;

	l->ready = true;
	if (l->waits)
		lane_resume(l);
}

static void lane_wait(struct lane *l)
{
	l->waits = true;
	while (!l->ready)
		fiber_pause();
	l->waits = l->ready = false;
	l->until_ms = 0;
}

/* Runs while somebody waits. */
static void on_tick(void *arg)
{
	struct task_pool *p = arg;
	int64_t now = clock_monotonic_ms();

	p->ticks = false;
	for (unsigned i = 0; i < p->workers; i++)
		if (p->lanes[i].until_ms && now >= p->lanes[i].until_ms)
			lane_ready(&p->lanes[i]);
	for (unsigned i = 0; i < p->workers; i++)
		if (p->lanes[i].until_ms)
			tick_on(p);
}

static void tick_on(struct task_pool *p)
{
	if (!p->ticks)
		loop_after(p->loop, TICK_MS, on_tick, p);
	p->ticks = true;
}

static void watch(struct lane *l, int fd)
{
	if (l->watch && l->fd == fd)
		return;
	loop_watch_free(l->watch);
	l->watch = loop_watch_new(l->pool->loop, fd, lane_ready, l);
	l->fd = fd;
}

/* An edge may have passed before anybody waited for it, so the state itself is looked at first. */
static bool ready_now(int fd, bool writes, int most_ms)
{
	struct pollfd p = {.fd = fd, .events = (short)(POLLIN | (writes ? POLLOUT : 0))};

	return poll(&p, 1, most_ms) != 0;
}

void task_wait(int fd, bool writes, int most_ms)
{
	struct lane *l = here;

	if (!l) {
		ready_now(fd, writes, most_ms);
		return;
	}
	watch(l, fd);
	l->ready = false;
	if (ready_now(fd, writes, 0))
		return;
	if (writes)
		loop_watch_write(l->watch);
	l->until_ms = clock_monotonic_ms() + most_ms;
	tick_on(l->pool);
	lane_wait(l);
}

void task_forget(void)
{
	struct lane *l = here;

	if (!l)
		return;
	loop_watch_free(l->watch);
	l->watch = NULL;
}

/* A lane that waits for one thing, whatever else happens. */
struct away {
	struct outside_work work;
	struct lane *lane;
	bool back;
};

static void come_back(void *arg)
{
	struct away *a = arg;

	a->back = true;
	lane_ready(a->lane);
}

static void be_away(struct away *a)
{
	while (!a->back) {
		a->lane->ready = false;
		lane_wait(a->lane);
	}
}

void task_sleep_ms(int ms)
{
	struct away a = {.lane = here};

	if (!here) {
		clock_sleep_ms(ms);
		return;
	}
	loop_after(here->pool->loop, ms, come_back, &a);
	be_away(&a);
}

static void on_done(struct outside_work *w)
{
	struct away *a = (struct away *)w;

	loop_post(a->lane->pool->loop, come_back, a);
}

void task_outside(void (*fn)(void *arg), void *arg)
{
	struct away a = {.work = {.fn = fn, .arg = arg, .done = on_done}, .lane = here};

	if (!here) {
		fn(arg);
		return;
	}
	outside_start(&a.work);
	be_away(&a);
}

bool task_on_loop(void)
{
	return here != NULL;
}

/* ---- lanes ---- */

static void lane_live(void *arg)
{
	struct lane *l = arg;
	struct task_pool *p = l->pool;
	struct db *db = db_new(&p->settings);
	struct task t;

	do {
		while (task_take(p, &t))
			t.fn(db, t.arg);
		l->next_idle = p->idle;
		p->idle = l;
		fiber_pause();
	} while (!p->stopping || task_waiting(p));
	db_close(db);
}

/* On the loop, not on a lane's stack. */
static void hand_out(struct task_pool *p)
{
	unsigned n = task_waiting(p);

	while (p->idle && n--) {
		struct lane *l = p->idle;

		p->idle = l->next_idle;
		lane_resume(l);
	}
}

static void on_posted(void *arg)
{
	struct task_pool *p = arg;

	atomic_store(&p->posted, false);
	hand_out(p);
}

void lanes_wake(struct task_pool *p)
{
	if (!here && loop_inside(p->loop))
		hand_out(p);
	else if (!atomic_exchange(&p->posted, true))
		loop_post(p->loop, on_posted, p);
}

void lanes_start(struct task_pool *p)
{
	p->lanes = calloc(p->workers, sizeof(*p->lanes));
	if (!p->lanes)
		abort();
	for (unsigned i = p->workers; i-- > 0;) {
		p->lanes[i] = (struct lane){.pool = p, .fd = -1, .next_idle = p->idle};
		p->lanes[i].fiber = fiber_new(lane_live, &p->lanes[i]);
		p->idle = &p->lanes[i];
	}
}

static unsigned still_at_work(const struct task_pool *p)
{
	unsigned n = p->workers;

	for (const struct lane *l = p->idle; l; l = l->next_idle)
		n--;
	return n;
}

void lanes_stop(struct task_pool *p)
{
	hand_out(p);
	while (still_at_work(p) || p->ticks || atomic_load(&p->posted))
		loop_turn(p->loop);
	for (unsigned i = 0; i < p->workers; i++) {
		while (lane_resume(&p->lanes[i]))
			; /* closes its connection, and ends; one that never worked begins first */
		fiber_free(p->lanes[i].fiber);
	}
	free(p->lanes);
}
