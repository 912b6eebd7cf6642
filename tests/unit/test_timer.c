/* Timers: fired once, tried again, never crossed with the request that sets them. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "runner_frame.h"

static atomic_int refusals;

/* ---- what runs ---- */

static bool plain_timer(struct ctx *c, const char *aggregate_id)
{
	atomic_fetch_add(&runs, 1);
	return note(c, aggregate_id);
}

static bool failing_timer(struct ctx *c, const char *aggregate_id)
{
	if (atomic_fetch_add(&refusals, 1) == 0)
		return note(c, "undone") && fail(c, &NOT_TODAY, NULL);
	return note(c, aggregate_id);
}

static bool again_timer(struct ctx *c, const char *aggregate_id)
{
	atomic_fetch_add(&runs, 1);
	return timer_set(c, "again", aggregate_id, "2099-01-01T00:00:00Z") && note(c, aggregate_id);
}

/* Takes the aggregate's lock, as every handler of its timer does. */
static bool locking_timer(struct ctx *c, const char *aggregate_id)
{
	struct db_result r;

	atomic_fetch_add(&runs, 1);
	return db_sql(c, "select last from aggregate_sequence where aggregate_id = $1 for update", &aggregate_id, 1, &r);
}

static const struct timer_def TIMERS[] = {{"plain", plain_timer}, {"failing", failing_timer}, {"again", again_timer},
					  {"locking", locking_timer}};

static void set(const char *kind, const char *id, const char *due)
{
	assert_true(db_begin(&cx) && timer_set(&cx, kind, id, due) && db_commit(&cx));
}

/* ---- timers ---- */

static void due_timers_fire_once_under_two_runners(void **state)
{
	struct runner *a, *b;

	(void)state;
	assert_true(db_begin(&cx));
	for (int i = 0; i < 100; i++)
		assert_true(timer_set(&cx, "plain", arena_printf(cx.arena, "%d", i), PAST));
	assert_true(timer_set(&cx, "plain", "later", "2099-01-01T00:00:00Z"));
	assert_true(db_tenant(&cx, PG_TENANT_B) && timer_set(&cx, "plain", "b", PAST) && db_commit(&cx));
	a = start();
	b = start();
	until("select count(*) from timer", "1");
	runner_stop(a);
	runner_stop(b);
	assert_int_equal(atomic_load(&runs), 101);
	assert_string_equal(pg_see("select count(distinct text) || ' ' || count(*) from note"), "101 101");
	assert_string_equal(pg_see("select aggregate_id from timer"), "later");
	assert_string_equal(pg_see("select tenant_id from note where text = 'b'"), PG_TENANT_B);
}

static void set_again_replaces_and_null_removes(void **state)
{
	(void)state;
	set("plain", "1", PAST);
	set("plain", "1", "2099-01-01T00:00:00Z");
	set("plain", "2", PAST);
	set("plain", "2", NULL);
	set("plain", "3", NULL);
	assert_string_equal(pg_see("select string_agg(aggregate_id || extract(year from due_time), ' ') from timer"), "12099");
}

static void a_failed_timer_is_tried_again_later(void **state)
{
	struct runner *r = start();
	int64_t from = clock_monotonic_ms();

	(void)state;
	set("failing", "1", PAST);
	until("select attempts || ' ' || last_error || ' ' || (next_try_time > clock_timestamp()) from timer", "1 NOT_TODAY true");
	until("select count(*) from timer", "0");
	runner_stop(r);
	assert_true(clock_monotonic_ms() - from >= 900);
	assert_int_equal(atomic_load(&refusals), 2);
	assert_string_equal(pg_see("select string_agg(text, ' ') from note"), "1");
}

static void a_timer_that_sets_itself_stays(void **state)
{
	struct runner *r = start();

	(void)state;
	set("again", "1", PAST);
	until("select extract(year from due_time) from timer", "2099");
	clock_sleep_ms(500);
	runner_stop(r);
	assert_int_equal(atomic_load(&runs), 1);
}

/* The request holds the aggregate and sets its timer while the timer's handler waits for the
 * aggregate: no deadlock, and what the request set is not lost. */
static void a_request_and_its_timer_do_not_cross(void **state)
{
	struct runner *r;
	struct db_result none;

	(void)state;
	set("locking", "p", PAST);
	assert_true(db_begin(&cx) && db_sql(&cx, "insert into aggregate_sequence (aggregate_type, aggregate_id, last) values ('p', 'p', 1)",
					    NULL, 0, &none) && db_commit(&cx));
	assert_true(db_begin(&cx) && db_sql(&cx, "select last from aggregate_sequence for update", NULL, 0, &none));
	r = start();
	until("select count(*) from pg_stat_activity where wait_event_type = 'Lock'", "1");
	assert_true(timer_set(&cx, "locking", "p", "2099-01-01T00:00:00Z"));
	assert_true(db_commit(&cx));
	until("select count(*) from pg_stat_activity where wait_event_type = 'Lock'", "0");
	clock_sleep_ms(300);
	runner_stop(r);
	assert_int_equal(atomic_load(&runs), 1);
	assert_string_equal(pg_see("select extract(year from due_time) || ' ' || coalesce(last_error, '-') from timer"), "2099 -");
}

static void unknown_kinds_are_left_alone(void **state)
{
	struct runner *r = start();

	(void)state;
	set("of_a_newer_program", "1", PAST);
	add("of_a_newer_program", "x");
	clock_sleep_ms(600);
	runner_stop(r);
	assert_string_equal(pg_see("select attempts from timer"), "0");
	assert_string_equal(pg_see("select state || attempts from job"), "PENDING0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(due_timers_fire_once_under_two_runners),
		T(set_again_replaces_and_null_removes),
		T(a_failed_timer_is_tried_again_later),
		T(a_timer_that_sets_itself_stays),
		T(a_request_and_its_timer_do_not_cross),
		T(unknown_kinds_are_left_alone),
	};
	signal(SIGPIPE, SIG_IGN);
	pg_service_def.timers = TIMERS;
	pg_service_def.n_timers = sizeof(TIMERS) / sizeof(TIMERS[0]);
	pg_start(NOTES);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
