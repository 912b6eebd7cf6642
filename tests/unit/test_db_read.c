/* What only reads: each run an implicit transaction of the server's, settings and end in one packet. Against a real
 * PostgreSQL, beside the same in an explicit one. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "pg.h"
#include "fault.h"
#include "renhe.gen.h"

#define TIMER "insert into timer (kind, aggregate_id, due_time) values ('k', '1', now())"

static struct ctx cx;
static struct db_result r;

static int setup(void **state)
{
	(void)state;
	pg_script("t", "super", "truncate timer");
	pg_ctx(&cx, "t_app", PG_TENANT_A);
	return 0;
}
static int teardown(void **state)
{
	(void)state;
	pg_ctx_free(&cx);
	return 0;
}

static bool sql(const char *text)
{
	return db_sql(&cx, text, NULL, 0, &r);
}

static const char *one(const char *text)
{
	assert_true(sql(text));
	assert_int_equal(r.n_rows, 1);
	return r.rows[0][0] ? r.rows[0][0] : "null";
}

static void every_run_has_its_settings(void **state)
{
	(void)state;
	cx.scopes = 1 | 4;
	assert_true(db_begin_read(&cx));
	assert_string_equal(one("select renhe_tenant()"), PG_TENANT_A);
	assert_true(db_tenant(&cx, PG_TENANT_B));
	assert_string_equal(one("select renhe_tenant()"), PG_TENANT_B);
	assert_string_equal(one("select current_setting('renhe.scopes')"), "self,store");
	assert_string_equal(one("show transaction_read_only"), "on");
	assert_true(db_commit(&cx));
	assert_true(db_begin(&cx));
	assert_string_equal(one("show transaction_read_only"), "off");
	assert_true(db_commit(&cx));
	assert_string_equal(one("select renhe_tenant()"), "null");
}

/* Neither a lock nor a snapshot stays behind while the reader works on. */
static void nothing_is_held_between_runs(void **state)
{

	(void)state;
	assert_true(db_begin_read(&cx));
	assert_string_equal(one("select count(*) from timer"), "0");
	assert_string_equal(pg_see("select count(*) from pg_locks where relation = 'timer'::regclass"), "0");
	assert_true(db_commit(&cx));
}

static void what_writes_is_refused_and_run_again(void **state)
{
	static const char *const SQL[] = {TIMER, "update timer set attempts = 1", "delete from timer",
					  "with w as (" TIMER " returning 1) select * from w", "select * from timer for update"};
	(void)state;
	for (size_t i = 0; i < sizeof(SQL) / sizeof(SQL[0]); i++) {
		assert_true(db_begin_read(&cx));
		if (sql(SQL[i]) || !db_retryable(&cx))
			fail_msg("not refused: %s", SQL[i]);
		db_rollback(&cx);
		fault_clear(&cx);
		assert_true(cx.db->conn != NULL); /* the same connection goes on */
		assert_true(db_begin(&cx) && sql(SQL[i]) && db_commit(&cx));
		assert_string_equal(pg_see("select count(*) >= 0 from timer"), "t");
	}
	assert_string_equal(pg_see("select count(*) from timer"), "1");
}

static void who_says_so_writes_at_once(void **state)
{
	(void)state;
	assert_true(db_begin_read(&cx));
	db_writes(&cx);
	assert_true(sql(TIMER) && db_commit(&cx));
	assert_string_equal(pg_see("select count(*) from timer"), "1");
}

static void a_failure_ends_it_and_the_next_is_clean(void **state)
{
	const struct db_stmt both[] = {{"select 1 / 0", NULL, 0}, {"select 2", NULL, 0}};

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(db_begin_read(&cx));
		assert_string_equal(one("select 1"), "1");
		assert_false(db_sql_batch(&cx, both, 2, NULL));
		assert_false(db_retryable(&cx));
		fault_clear(&cx);
		assert_false(sql("select 3")); /* nothing runs after a failure */
		fault_clear(&cx);
		db_rollback(&cx);
		assert_true(db_ready(&cx) && db_begin_read(&cx));
		assert_string_equal(one("select renhe_tenant()"), PG_TENANT_A);
		assert_true(db_commit(&cx));
	}
}

static void a_savepoint_is_a_defect(void **state)
{
	(void)state;
	assert_true(db_begin_read(&cx));
	assert_false(db_savepoint(&cx));
	assert_string_equal(cx.fault.def->code, "INTERNAL");
	fault_clear(&cx);
	db_rollback(&cx);
}

static void the_deadline_bounds_a_statement(void **state)
{
	int64_t from = clock_monotonic_ms();

	(void)state;
	cx.deadline_ms = from + 150;
	assert_true(db_begin_read(&cx));
	assert_false(sql("select pg_sleep(4)"));
	assert_string_equal(cx.fault.def->code, "STATEMENT_TIMEOUT");
	assert_true(clock_monotonic_ms() - from < 2000);
	db_rollback(&cx);
}

/* The server ends the connection between one use and the next. */
static void lost_behind_the_end_is_seen_before_the_next(void **state)
{
	char kill_sql[100];

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_true(db_ready(&cx) && db_begin_read(&cx));
		snprintf(kill_sql, sizeof(kill_sql), "select pg_terminate_backend(%s)", one("select pg_backend_pid()"));
		assert_true(db_commit(&cx));
		pg_see(kill_sql);
		clock_sleep_ms(30);
		assert_true(db_ready(&cx) && db_begin_read(&cx));
		assert_string_equal(one("select 1"), "1");
		assert_true(db_commit(&cx));
	}
}

static void lost_inside_is_a_fault_then_back(void **state)
{
	char kill_sql[100];

	(void)state;
	assert_true(db_begin_read(&cx));
	snprintf(kill_sql, sizeof(kill_sql), "select pg_terminate_backend(%s)", one("select pg_backend_pid()"));
	pg_see(kill_sql);
	assert_false(sql("select 1") && sql("select 1"));
	assert_string_equal(cx.fault.def->code, "DATABASE_UNAVAILABLE");
	db_rollback(&cx);
	fault_clear(&cx);
	assert_true(db_ready(&cx) && db_begin_read(&cx) && sql("select 1") && db_commit(&cx));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(every_run_has_its_settings),
		T(nothing_is_held_between_runs),
		T(what_writes_is_refused_and_run_again),
		T(who_says_so_writes_at_once),
		T(a_failure_ends_it_and_the_next_is_clean),
		T(a_savepoint_is_a_defect),
		T(the_deadline_bounds_a_statement),
		T(lost_behind_the_end_is_seen_before_the_next),
		T(lost_inside_is_a_fault_then_back),
	};
	signal(SIGPIPE, SIG_IGN);
	pg_start(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
