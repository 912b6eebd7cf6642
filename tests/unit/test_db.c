/* Transactions: their settings, faults, and statements that nobody waits for, against a real PostgreSQL. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "db_frame.h"
#include "audit.h"

/* ---- settings ---- */

static void settings_of_the_transaction(void **state)
{
	static const struct {
		const char *sql, *value;
	} ROWS[] = {
		{"select renhe_tenant()", PG_TENANT_A},
		{"select renhe_account()", PG_ACCOUNT},
		{"select renhe_person()", "null"},
		{"select current_setting('renhe.scopes')", "self,store"},
		{"select renhe_has_scope('store')", "t"},
		{"select renhe_has_scope('team')", "f"},
		{"select renhe_has_scope('')", "f"},
		{"select renhe_today()", "2026-11-22"},
		{"select current_setting('renhe.clock_shift')", "0"},
		{"select abs(extract(epoch from renhe_now() - clock_timestamp()))::int", "0"},
		{"select abs(extract(epoch from current_setting('renhe.now')::timestamptz - clock_timestamp()))::int < 60", "t"},
		{"show timezone", "UTC"},
		{"show datestyle", "ISO, YMD"},
		{"show client_encoding", "UTF8"},
		{"show statement_timeout", "5s"},
		{"select timestamptz '2026-11-22 08:00+08'", "2026-11-22 00:00:00+00"},
	};
	(void)state;
	cx.scopes = 1 | 4;
	assert_true(db_begin(&cx));
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		assert_string_equal(one(ROWS[i].sql), ROWS[i].value);
	assert_true(db_commit(&cx));
	/* and nothing of them is left for who comes next on this connection */
	assert_string_equal(one("select renhe_tenant()"), "null");
	assert_string_equal(one("select renhe_has_scope('self')"), "f");
}

static void system_tasks_see_the_tenant(void **state)
{
	(void)state;
	cx.scopes = 0;
	cx.as_system = true;
	assert_true(db_begin(&cx));
	assert_string_equal(one("select current_setting('renhe.scopes')"), "tenant");
	assert_true(db_commit(&cx));
}

static void the_deadline_bounds_a_statement(void **state)
{
	(void)state;
	cx.deadline_ms = clock_monotonic_ms() + 150;
	int64_t from = clock_monotonic_ms();
	refused(&cx, "select pg_sleep(4)", &FAULT_STATEMENT_TIMEOUT);
	assert_true(clock_monotonic_ms() - from < 2000);
	cx.deadline_ms = 0;
	assert_true(db_begin(&cx)); /* the connection is good */
	assert_string_equal(one("select 1"), "1");
	assert_true(db_commit(&cx));
}

static void a_transaction_without_statement_costs_nothing(void **state)
{
	(void)state;
	assert_true(db_begin(&cx));
	assert_true(db_commit(&cx));
	assert_int_equal(cx.sql_count, 0);
	assert_string_equal(pg_see("select count(*) from pg_stat_activity where state = 'idle in transaction'"), "0");
}

/* ---- faults ---- */

static void states_become_faults(void **state)
{
	static const struct {
		const char *state;
		const struct fault_def *fault;
		bool retryable, lost;
	} ROWS[] = {
		{"40001", &FAULT_CONFLICT_RETRY, true, false},
		{"40P01", &FAULT_CONFLICT_RETRY, true, false},
		{"55P03", &FAULT_CONFLICT_RETRY, true, false},
		{"23505", &FAULT_INTERNAL, false, false},
		{"23503", &FAULT_INTERNAL, false, false},
		{"23514", &FAULT_INTERNAL, false, false},
		{"23P01", &FAULT_INTERNAL, false, false},
		{"22P02", &FAULT_INTERNAL, false, false},
		{"42501", &FAULT_INTERNAL, false, false},
		{"42P01", &FAULT_INTERNAL, false, false},
		{"57014", &FAULT_STATEMENT_TIMEOUT, false, false},
		{"53100", &FAULT_STORAGE_UNAVAILABLE, false, false},
		{"58030", &FAULT_STORAGE_UNAVAILABLE, false, false},
		{"53200", &FAULT_DATABASE_UNAVAILABLE, false, false},
		{"08006", &FAULT_DATABASE_UNAVAILABLE, false, true},
		{"57P01", &FAULT_DATABASE_UNAVAILABLE, false, true},
		{"57P03", &FAULT_DATABASE_UNAVAILABLE, false, true},
		{"25006", &FAULT_DATABASE_UNAVAILABLE, false, true},
	};
	char text[120];

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		fault_clear(&cx);
		assert_true(db_ready(&cx) && db_begin(&cx));
		snprintf(text, sizeof(text), "do $$ begin raise exception 'secret value' using errcode = '%s'; end $$", ROWS[i].state);
		if (sql(&cx, text) || strcmp(cx.fault.def->code, ROWS[i].fault->code) != 0 ||
		    db_retryable(&cx) != ROWS[i].retryable || (cx.db->conn == NULL) != ROWS[i].lost)
			fail_msg("%s: %s", ROWS[i].state, cx.fault.def ? cx.fault.def->code : "no fault");
		db_rollback(&cx);
	}
}

static void nothing_runs_or_commits_after_a_failure(void **state)
{
	(void)state;
	assert_true(db_begin(&cx) && sql(&cx, TIMER("a")));
	assert_false(sql(&cx, "select 1 / 0"));
	fault_clear(&cx); /* a handler that swallows the fault must not get through */
	assert_false(sql(&cx, "select 1"));
	expect_fault(&cx, &FAULT_INTERNAL);
	fault_clear(&cx);
	assert_false(db_commit(&cx));
	expect_fault(&cx, &FAULT_INTERNAL);
	assert_string_equal(pg_see("select count(*) from timer"), "0");
	fault_clear(&cx);
	assert_true(db_begin(&cx) && sql(&cx, TIMER("b")) && db_commit(&cx));
	assert_false(db_commit(&cx)); /* nothing is open */
}

static void the_log_holds_no_values(void **state)
{
	char text[4096] = "";
	int pipe_of[2], kept = dup(2);

	(void)state;
	assert_int_equal(pipe(pipe_of), 0);
	dup2(pipe_of[1], 2);
	assert_true(db_begin(&cx));
	assert_false(sql(&cx, "select '张三的身份证'::text::uuid"));
	dup2(kept, 2);
	close(pipe_of[1]);
	assert_true(read(pipe_of[0], text, sizeof(text) - 1) > 0);
	close(pipe_of[0]);
	close(kept);
	assert_non_null(strstr(text, "22P02"));
	assert_null(strstr(text, "张三"));
	struct str body = fault_render(&cx);
	assert_null(strstr(body.p, "invalid input"));
	assert_null(strstr(body.p, "22P02"));
}

static void batches_come_back_in_order(void **state)
{
	enum { N = 450 };
	static struct db_stmt s[N];
	static struct db_result out[N];
	static char numbers[N][16];
	static const char *params[N];

	(void)state;
	for (int i = 0; i < N; i++) {
		snprintf(numbers[i], sizeof(numbers[i]), "%d", i);
		params[i] = numbers[i];
		s[i] = (struct db_stmt){i % 2 ? "select $1::int" : "select $1::int + 1000", &params[i], 1};
	}
	assert_true(db_begin(&cx) && db_sql_batch(&cx, s, N, out));
	for (int i = 0; i < N; i++)
		assert_int_equal(strtol(out[i].rows[0][0], NULL, 10), i % 2 ? i : i + 1000);
	s[300].sql = "select 1 / ($1::int - 300)";
	assert_false(db_sql_batch(&cx, s, N, out));
	expect_fault(&cx, &FAULT_INTERNAL);
}

/* ---- statements that nobody waits for ---- */

static bool put(const char *kind)
{
	const char *params[] = {kind};

	return db_sql(&cx, "insert into timer (kind, aggregate_id, due_time) values ($1, 'a', now())", params, 1, NULL);
}

static void kept_statements_go_first(void **state)
{
	char kind[24];

	(void)state;
	db_gather(cx.db, true);
	assert_true(db_begin(&cx));
	for (int i = 0; i < 150; i++) { /* more than are kept at most; each text is gone at once */
		snprintf(kind, sizeof(kind), "k%03d", i);
		assert_true(put(kind));
	}
	assert_string_equal(one("select count(*) from timer"), "150");
	assert_true(put("last"));
	assert_true(db_commit(&cx));
	assert_string_equal(pg_see("select count(*) || ' ' || max(kind) from timer"), "151 last");
}

static void a_kept_fault_shows_later(void **state)
{
	(void)state;
	db_gather(cx.db, true);
	assert_true(db_begin(&cx));
	assert_true(put("a") && put("a"));
	assert_false(db_commit(&cx));
	expect_fault(&cx, &FAULT_INTERNAL);
	fault_clear(&cx);
	assert_true(db_begin(&cx)); /* the commit has rolled back */
	assert_true(put("b") && put("b"));
	assert_false(db_flush(&cx));
	fault_clear(&cx);
	db_rollback(&cx);
	assert_string_equal(pg_see("select count(*) from timer"), "0");
}

static void a_rollback_drops_what_is_kept(void **state)
{
	(void)state;
	db_gather(cx.db, true);
	assert_true(db_begin(&cx) && put("a"));
	db_rollback(&cx);
	assert_true(db_begin(&cx) && put("b") && db_savepoint(&cx) && put("c"));
	db_rollback_savepoint(&cx);
	assert_true(put("d") && db_commit(&cx));
	assert_string_equal(pg_see("select string_agg(kind, ' ' order by kind) from timer"), "b d");
}


static void audit_rows_stand_with_the_act(void **state)
{
	(void)state;
	cx.peer = "10.0.0.1";
	assert_true(db_begin(&cx) && audit_put(&cx, "employee.reveal", "employee", "e1", "payroll", "OK"));
	db_rollback(&cx);
	assert_string_equal(pg_see("select count(*) from audit"), "0");
	assert_true(db_begin(&cx) && audit_put(&cx, "employee.reveal", "employee", "e1", NULL, "OK") && db_commit(&cx));
	assert_string_equal(pg_see("select concat_ws(' ', tenant_id, account_id, act, resource_id, coalesce(reason, '-'), result, peer) "
				   "from audit where act_time > now() - interval '1 minute'"),
			    PG_TENANT_A " " PG_ACCOUNT " employee.reveal e1 - OK 10.0.0.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(settings_of_the_transaction),
		T(system_tasks_see_the_tenant),
		T(the_deadline_bounds_a_statement),
		T(a_transaction_without_statement_costs_nothing),
		T(states_become_faults),
		T(nothing_runs_or_commits_after_a_failure),
		T(the_log_holds_no_values),
		T(batches_come_back_in_order),
		T(kept_statements_go_first),
		T(a_kept_fault_shows_later),
		T(a_rollback_drops_what_is_kept),
		T(audit_rows_stand_with_the_act),
	};
	signal(SIGPIPE, SIG_IGN);
	pg_start(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
