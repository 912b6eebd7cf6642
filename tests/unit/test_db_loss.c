/* What comes between: other transactions, and the loss of connections, against a real PostgreSQL. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <cmocka.h>
#include "db_frame.h"

/* ---- concurrency ---- */

struct racer {
	pthread_t thread;
	const char *first, *second;
	pthread_barrier_t *both_hold;
	int pause_ms;
	unsigned tries;
	bool good;
};

/* Locks two rows in opposite orders and starts over where it may. */
static void *race(void *arg)
{
	struct racer *me = arg;
	struct ctx c;
	struct db_result out;

	pg_ctx(&c, "t_app", PG_TENANT_A);
	for (me->tries = 1; me->tries <= 3 && !me->good; me->tries++) {
		bool one_done = db_begin(&c) && db_sql(&c, "update timer set attempts = attempts + 1 where kind = $1", &me->first, 1, &out);
		if (me->tries == 1)
			pthread_barrier_wait(me->both_hold);
		me->good = one_done && db_sql(&c, "update timer set attempts = attempts + 1 where kind = $1", &me->second, 1, &out) &&
			   db_commit(&c);
		if (!me->good && !db_retryable(&c))
			break;
		db_rollback(&c);
		fault_clear(&c);
		clock_sleep_ms(me->pause_ms); /* both may be the victim, and would meet again */
	}
	pg_ctx_free(&c);
	return NULL;
}

static void a_deadlock_is_tried_again(void **state)
{
	pthread_barrier_t barrier;
	struct racer a = {.first = "a", .second = "b", .both_hold = &barrier};
	struct racer b = {.first = "b", .second = "a", .both_hold = &barrier, .pause_ms = 100};

	(void)state;
	assert_true(db_begin(&cx) && sql(&cx, TIMER("a")) && sql(&cx, TIMER("b")) && db_commit(&cx));
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&a.thread, NULL, race, &a);
	pthread_create(&b.thread, NULL, race, &b);
	pthread_join(a.thread, NULL);
	pthread_join(b.thread, NULL);
	pthread_barrier_destroy(&barrier);
	assert_true(a.good && b.good);
	assert_true(a.tries + b.tries >= 5); /* each counted once more at the end of its loop */
	assert_string_equal(pg_see("select string_agg(attempts::text, ' ') from timer"), "2 2");
}

static void a_serialization_failure_is_retryable(void **state)
{
	struct ctx b;

	(void)state;
	pg_ctx(&b, "t_app", PG_TENANT_A);
	assert_true(db_begin(&cx) && sql(&cx, TIMER("a")) && db_commit(&cx));
	assert_true(db_begin(&cx) && sql(&cx, "select 1"));
	assert_false(sql(&cx, "set transaction isolation level serializable")); /* too late: a defect, not to be retried */
	assert_false(db_retryable(&cx));
	db_rollback(&cx);
	fault_clear(&cx);
	assert_true(sql(&cx, "set default_transaction_isolation = 'repeatable read'"));
	assert_true(db_begin(&cx) && sql(&cx, "select * from timer"));
	assert_true(db_begin(&b) && sql(&b, "update timer set attempts = 1") && db_commit(&b));
	assert_false(sql(&cx, "update timer set attempts = 2"));
	expect_fault(&cx, &FAULT_CONFLICT_RETRY);
	assert_true(db_retryable(&cx));
	db_rollback(&cx);
	fault_clear(&cx);
	assert_true(db_begin(&cx));
	assert_false(db_retryable(&cx));
	assert_true(sql(&cx, "update timer set attempts = 2") && db_commit(&cx));
	pg_ctx_free(&b);
}

/* ---- lost connections ---- */

static void kill_backends(void)
{
	pg_see("select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 't_app'");
	for (int i = 0; i < 500 && strcmp(pg_see("select count(*) from pg_stat_activity where usename = 't_app'"), "0") != 0; i++)
		clock_sleep_ms(10);
}

static void lost_in_a_transaction_then_back(void **state)
{
	(void)state;
	assert_true(db_begin(&cx) && sql(&cx, TIMER("a")));
	kill_backends();
	assert_false(sql(&cx, "select 1"));
	expect_fault(&cx, &FAULT_DATABASE_UNAVAILABLE);
	assert_false(db_retryable(&cx));
	fault_clear(&cx);
	assert_false(sql(&cx, "select 1")); /* no statement of this transaction runs elsewhere */
	fault_clear(&cx);
	assert_false(db_commit(&cx));
	db_rollback(&cx);
	fault_clear(&cx);
	assert_true(db_ready(&cx) && db_begin(&cx));
	assert_string_equal(one("select count(*) from timer"), "0");
	assert_true(db_commit(&cx));
}

static void lost_while_idle_is_seen_before_the_next(void **state)
{
	(void)state;
	assert_true(db_begin(&cx) && sql(&cx, TIMER("a")) && db_commit(&cx));
	kill_backends();
	assert_true(db_ready(&cx) && db_begin(&cx));
	assert_string_equal(one("select count(*) from timer"), "1");
	assert_true(db_commit(&cx));
}

static void lost_at_the_commit_is_unknown(void **state)
{
	(void)state;
	assert_true(db_begin(&cx) && sql(&cx, TIMER("a")));
	kill_backends();
	assert_false(db_commit(&cx));
	expect_fault(&cx, &FAULT_COMMIT_UNKNOWN);
	fault_clear(&cx);
	assert_true(db_ready(&cx) && db_begin(&cx));
	assert_string_equal(one("select count(*) from timer"), "0");
	assert_true(db_commit(&cx));
}

/* The commit is inside the server when its process is ended. */
static void *end_soon(void *arg)
{
	(void)arg;
	clock_sleep_ms(300);
	kill_backends();
	return NULL;
}

static void ended_while_committing_is_unknown(void **state)
{
	pthread_t killer;

	(void)state;
	pg_script("t", "super",
		  "create or replace function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(3); return new; end $$;"
		  "create constraint trigger slow after insert on timer deferrable initially deferred for each row execute function slow();");
	assert_true(db_begin(&cx) && sql(&cx, TIMER("a")));
	pthread_create(&killer, NULL, end_soon, NULL);
	assert_false(db_commit(&cx));
	expect_fault(&cx, &FAULT_COMMIT_UNKNOWN);
	pthread_join(killer, NULL);
	pg_script("t", "super", "drop function slow cascade");
}

static void a_commit_that_the_server_refuses_is_known(void **state)
{
	(void)state;
	pg_script("t", "super",
		  "create or replace function refuse() returns trigger language plpgsql as "
		  "$$ begin raise exception 'no' using errcode = '40001'; end $$;"
		  "create constraint trigger refuse after insert on timer deferrable initially deferred for each row execute function refuse();");
	assert_true(db_begin(&cx) && sql(&cx, TIMER("a")));
	assert_false(db_commit(&cx));
	expect_fault(&cx, &FAULT_CONFLICT_RETRY);
	assert_true(db_retryable(&cx));
	pg_script("t", "super", "drop function refuse cascade");
	fault_clear(&cx);
	db_rollback(&cx);
	assert_true(db_begin(&cx) && sql(&cx, TIMER("a")) && db_commit(&cx));
}

static void a_changed_table_heals_by_a_new_connection(void **state)
{
	(void)state;
	pg_script("t", "super", "create table shape (a int); grant select on shape to t_app; insert into shape values (1)");
	assert_true(db_begin(&cx) && sql(&cx, "select * from shape") && db_commit(&cx));
	pg_script("t", "super", "alter table shape add b int");
	assert_true(db_begin(&cx));
	assert_false(sql(&cx, "select * from shape")); /* cached plan must not change result type */
	assert_true(db_retryable(&cx));
	db_rollback(&cx);
	fault_clear(&cx);
	assert_true(db_ready(&cx) && db_begin(&cx) && sql(&cx, "select * from shape") && db_commit(&cx));
	assert_int_equal(r.n_cols, 2);
	pg_script("t", "super", "drop table shape");
}

static void no_server_is_a_fault_and_not_a_wait(void **state)
{
	struct db_settings s = pg_settings("t", "t_app");
	char err[300] = "";
	int64_t from = clock_monotonic_ms();

	(void)state;
	s.host = "/tmp/no-such-folder-of-renhe";
	assert_null(db_open(&s, err, sizeof(err)));
	assert_true(err[0] != '\0' && !strchr(err, '\n'));
	struct ctx c = {.arena = arena_new(), .db = db_new(&s), .lang = "en"};
	for (int i = 0; i < 20; i++) {
		assert_false(db_ready(&c));
		expect_fault(&c, &FAULT_DATABASE_UNAVAILABLE);
		fault_clear(&c);
		assert_false(db_begin(&c));
		fault_clear(&c);
		assert_false(sql(&c, "select 1"));
		fault_clear(&c);
		db_rollback(&c);
	}
	assert_true(clock_monotonic_ms() - from < 2000);
	db_close(c.db);
	arena_free(c.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_deadlock_is_tried_again),
		T(a_serialization_failure_is_retryable),
		T(lost_in_a_transaction_then_back),
		T(lost_while_idle_is_seen_before_the_next),
		T(lost_at_the_commit_is_unknown),
		T(ended_while_committing_is_unknown),
		T(a_commit_that_the_server_refuses_is_known),
		T(a_changed_table_heals_by_a_new_connection),
		T(no_server_is_a_fault_and_not_a_wait),
	};
	signal(SIGPIPE, SIG_IGN);
	pg_start(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
