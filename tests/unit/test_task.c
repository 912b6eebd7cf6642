/* Both engines behind the seam: the same tasks, waits and ends. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "clock.h"
#include "fiber.h"
#include "http.h"
#include "task.h"
#include <cmocka.h> /* after ours: it has a macro fail */

#define LANES 8

static const struct db_settings NOWHERE = {.host = "/nowhere", .port = "1", .database = "d", .user = "u"};

struct field {
	struct event_base *loop; /* NULL: threads */
	struct task_pool *pool;
	atomic_int done, left;
};

static int set_up(void **state, bool coroutines)
{
	static struct field f;

	f = (struct field){.loop = coroutines ? loop_new() : NULL};
	f.pool = task_pool_start(&NOWHERE, LANES, 32, f.loop);
	*state = &f;
	return 0;
}

static int coroutines(void **state)
{
	return set_up(state, true);
}

static int threads(void **state)
{
	return set_up(state, false);
}

static int tear_down(void **state)
{
	struct field *f = *state;

	task_pool_stop(f->pool);
	if (f->loop)
		loop_free(f->loop);
	return 0;
}

/* As the service does: the loop runs until everything is done. */
static void run_all(struct field *f)
{
	int64_t until = clock_monotonic_ms() + 10000;

	while (f->left && clock_monotonic_ms() < until)
		if (f->loop)
			loop_turn(f->loop);
		else
			clock_sleep_ms(1);
	assert_int_equal(f->left, 0);
}

static void end_one(struct field *f)
{
	f->done++;
	f->left--;
}

static void start_all(struct field *f, task_fn *fn, int n)
{
	f->left += n;
	for (int i = 0; i < n; i++)
		assert_true(task_start(f->pool, fn, f));
}

/* ---- waits ---- */

static void sleeps(struct db *db, void *arg)
{
	assert_non_null(db);
	task_sleep_ms(60);
	end_one(arg);
}

static void tasks_wait_side_by_side(void **state)
{
	struct field *f = *state;
	int64_t began = clock_monotonic_ms(), took;

	start_all(f, sleeps, 2 * LANES);
	run_all(f);
	took = clock_monotonic_ms() - began;
	assert_int_equal(f->done, 2 * LANES);
	assert_in_range(took, 120, 600); /* two rounds; one after the other it were 960 */
}

struct talk {
	struct field *f;
	int in, out;
	int64_t waited_ms;
};

static void hears(struct db *db, void *arg)
{
	struct talk *t = arg;
	int64_t began = clock_monotonic_ms();
	char c = 0;

	(void)db;
	while (read(t->in, &c, 1) != 1)
		task_wait(t->in, false, 250);
	assert_int_equal(c, 'x');
	t->waited_ms = clock_monotonic_ms() - began;
	task_forget();
	end_one(t->f);
}

static void says(struct db *db, void *arg)
{
	struct talk *t = arg;

	(void)db;
	task_sleep_ms(30);
	assert_int_equal(write(t->out, "x", 1), 1);
	end_one(t->f);
}

static struct talk pipe_of(struct field *f)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	return (struct talk){.f = f, .in = ends[0], .out = ends[1]};
}

static void hang_up(const struct talk *t)
{
	close(t->in);
	close(t->out);
}

static void what_comes_ends_a_wait(void **state)
{
	struct field *f = *state;
	struct talk t = pipe_of(f);

	f->left = 2;
	assert_true(task_start(f->pool, hears, &t));
	assert_true(task_start(f->pool, says, &t));
	run_all(f);
	assert_in_range(t.waited_ms, 20, 200); /* by what came, not by the clock of the wait */
	hang_up(&t);
}

/* Its edge has passed by then. */
static void what_came_before_is_seen(void **state)
{
	struct field *f = *state;
	struct talk t = pipe_of(f);

	assert_int_equal(write(t.out, "x", 1), 1);
	f->left = 1;
	assert_true(task_start(f->pool, hears, &t));
	run_all(f);
	assert_in_range(t.waited_ms, 0, 100);
	hang_up(&t);
}

static void waits_in_vain(struct db *db, void *arg)
{
	struct talk *t = arg;
	int64_t began = clock_monotonic_ms();

	(void)db;
	while (clock_monotonic_ms() - began < 40)
		task_wait(t->in, false, 40);
	t->waited_ms = clock_monotonic_ms() - began;
	task_forget();
	end_one(t->f);
}

static void a_wait_ends_by_the_clock(void **state)
{
	struct field *f = *state;
	struct talk t = pipe_of(f);

	f->left = 1;
	assert_true(task_start(f->pool, waits_in_vain, &t));
	run_all(f);
	assert_in_range(t.waited_ms, 40, 400);
	hang_up(&t);
}

#define MUCH ((size_t)1 << 20)

static void writes_much(struct db *db, void *arg)
{
	static const char piece[4096];
	struct talk *t = arg;

	(void)db;
	for (size_t n = 0; n < MUCH;) {
		ssize_t did = write(t->out, piece, sizeof(piece));

		if (did > 0)
			n += (size_t)did;
		else
			task_wait(t->out, true, 1000);
	}
	task_forget();
	end_one(t->f);
}

static void reads_much(struct db *db, void *arg)
{
	char piece[4096];
	struct talk *t = arg;

	(void)db;
	for (size_t n = 0; n < MUCH;) {
		ssize_t did = read(t->in, piece, sizeof(piece));

		if (did > 0)
			n += (size_t)did;
		else
			task_wait(t->in, false, 1000);
	}
	task_forget();
	end_one(t->f);
}

static void a_full_pipe_is_waited_for(void **state)
{
	struct field *f = *state;
	struct talk t = pipe_of(f);
	int64_t began = clock_monotonic_ms();

	f->left = 2;
	assert_true(task_start(f->pool, writes_much, &t));
	assert_true(task_start(f->pool, reads_much, &t));
	run_all(f);
	assert_in_range(clock_monotonic_ms() - began, 0, 900); /* none of the waits ended by its clock */
	hang_up(&t);
}

/* ---- outside ---- */

struct errand {
	struct field *f;
	pthread_t asked_by, run_by;
};

static void slow(void *arg)
{
	struct errand *e = arg;

	e->run_by = pthread_self();
	clock_sleep_ms(60);
}

static void sends_out(struct db *db, void *arg)
{
	struct errand *e = arg;

	(void)db;
	e->asked_by = pthread_self();
	task_outside(slow, e);
	end_one(e->f);
}

static void what_blocks_runs_outside(void **state)
{
	struct field *f = *state;
	struct errand e[3] = {{.f = f}, {.f = f}, {.f = f}};
	int64_t began = clock_monotonic_ms();

	f->left = 3;
	for (int i = 0; i < 3; i++)
		assert_true(task_start(f->pool, sends_out, &e[i]));
	run_all(f);
	assert_in_range(clock_monotonic_ms() - began, 60, 150);
	for (int i = 0; i < 3; i++)
		assert_int_equal(!pthread_equal(e[i].asked_by, e[i].run_by), f->loop != NULL);
}

static void asks_where(struct db *db, void *arg)
{
	struct field *f = arg;

	(void)db;
	assert_int_equal(task_on_loop(), f->loop != NULL);
	end_one(f);
}

static void a_task_knows_where_it_is(void **state)
{
	assert_false(task_on_loop());
	start_all(*state, asks_where, 1);
	run_all(*state);
}

/* ---- the queue ---- */

static void a_full_queue_refuses(void **state)
{
	struct field *f = *state;
	int taken = 0;

	while (taken < 100 && task_start(f->pool, sleeps, f)) {
		f->left++;
		taken++;
		if (!f->loop)
			clock_sleep_ms(1); /* so that the workers have theirs */
	}
	assert_in_range(taken, 32, 32 + LANES);
	run_all(f);
	assert_int_equal(f->done, taken);
	assert_int_equal(task_waiting(f->pool), 0);
}

static void starts_another(struct db *db, void *arg)
{
	struct field *f = arg;

	(void)db;
	assert_true(task_start(f->pool, asks_where, f));
	end_one(f);
}

static void a_task_starts_tasks(void **state)
{
	struct field *f = *state;

	f->left = 4; /* two more come of two */
	for (int i = 0; i < 2; i++)
		assert_true(task_start(f->pool, starts_another, f));
	run_all(f);
	assert_int_equal(f->done, 4);
}

static void *starts_from_elsewhere(void *arg)
{
	struct field *f = arg;

	for (int i = 0; i < 20; i++)
		if (!task_start(f->pool, asks_where, f))
			abort();
	return NULL;
}

static void other_threads_start_tasks(void **state)
{
	struct field *f = *state;
	pthread_t t;

	f->left = 20;
	assert_int_equal(pthread_create(&t, NULL, starts_from_elsewhere, f), 0);
	run_all(f);
	pthread_join(t, NULL);
	assert_int_equal(f->done, 20);
}

/* What was taken is done, also where nobody runs the loop any more. */
static void stopping_ends_what_was_taken(void **state)
{
	struct field *f = *state;

	start_all(f, sleeps, LANES + 3);
	task_pool_stop(f->pool);
	assert_int_equal(f->done, LANES + 3);
	f->pool = task_pool_start(&NOWHERE, 1, 1, f->loop); /* for tear_down */
}

/* ---- fibers ---- */

static void grows(char *above, int depth)
{
	volatile char here[1024];

	memset((char *)here, depth, sizeof(here));
	if (depth < 1000)
		grows((char *)here, depth + 1);
	above[0] = here[1];
}

static void grows_beyond(void *arg)
{
	char top[8];

	(void)arg;
	grows(top, 0);
}

/* In a child, without a core file, and without the sanitizers' own word on it. */
static void an_overflow_ends_the_process(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		signal(SIGSEGV, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		close(STDERR_FILENO);
		fiber_resume(fiber_new(grows_beyond, NULL));
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
}

struct counter {
	struct fiber *inner;
	int n;
};

static void counts(void *arg)
{
	struct counter *c = arg;

	for (int i = 0; i < 3; i++) {
		c->n++;
		if (c->inner)
			fiber_resume(c->inner);
		fiber_pause();
	}
}

static void fibers_go_on_where_they_paused(void **state)
{
	struct counter inner = {0}, outer = {0};

	(void)state;
	inner.inner = NULL;
	outer.inner = fiber_new(counts, &inner);
	struct fiber *f = fiber_new(counts, &outer);
	assert_false(fiber_inside());
	for (int i = 1; i <= 3; i++) {
		assert_true(fiber_resume(f));
		assert_int_equal(outer.n, i);
		assert_int_equal(inner.n, i);
	}
	assert_false(fiber_resume(f));
	assert_false(fiber_resume(f)); /* one that ended does nothing */
	assert_false(fiber_resume(outer.inner));
	assert_int_equal(inner.n, 3);
	assert_in_range(fiber_stack_used(f), 1, FIBER_STACK_BYTES / 4);
	fiber_free(outer.inner);
	fiber_free(f);
}

#define BOTH(test)                                                                                 \
	{#test " (coroutines)", test, coroutines, tear_down, NULL},                                \
	{                                                                                          \
		#test " (threads)", test, threads, tear_down, NULL                                 \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(tasks_wait_side_by_side),
		BOTH(what_comes_ends_a_wait),
		BOTH(what_came_before_is_seen),
		BOTH(a_wait_ends_by_the_clock),
		BOTH(a_full_pipe_is_waited_for),
		BOTH(what_blocks_runs_outside),
		BOTH(a_task_knows_where_it_is),
		BOTH(a_full_queue_refuses),
		BOTH(a_task_starts_tasks),
		BOTH(other_threads_start_tasks),
		BOTH(stopping_ends_what_was_taken),
		cmocka_unit_test(an_overflow_ends_the_process),
		cmocka_unit_test(fibers_go_on_where_they_paused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
