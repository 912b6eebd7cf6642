/* Row security and the rights of the roles, against a real PostgreSQL. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "db_frame.h"

static void foreign_rows_are_unseen_and_unwritable(void **state)
{
	struct ctx b;

	(void)state;
	pg_ctx(&b, "t_app", PG_TENANT_B);
	assert_true(db_begin(&b) && sql(&b, TIMER("k")) && db_commit(&b));
	assert_true(db_begin(&cx));
	assert_string_equal(one("select count(*) from timer"), "0");
	assert_true(sql(&cx, "update timer set attempts = 9"));
	assert_int_equal(r.affected, 0);
	assert_true(sql(&cx, "delete from timer"));
	assert_int_equal(r.affected, 0);
	assert_true(db_commit(&cx));
	refused(&cx, "insert into timer (tenant_id, kind, aggregate_id, due_time) values ('" PG_TENANT_B "', 'x', '1', now())",
		&FAULT_INTERNAL);
	assert_string_equal(pg_see("select kind || attempts from timer"), "k0");
	pg_ctx_free(&b);
}

static void a_row_cannot_be_moved_to_another_tenant(void **state)
{
	(void)state;
	assert_true(db_begin(&cx) && sql(&cx, TIMER("k")) && db_commit(&cx));
	refused(&cx, "update timer set tenant_id = '" PG_TENANT_B "'", &FAULT_INTERNAL);
}

static void without_settings_there_are_no_rows(void **state)
{
	(void)state;
	assert_true(db_begin(&cx) && sql(&cx, TIMER("k")) && db_commit(&cx));
	assert_string_equal(one("select count(*) from timer"), "0");
	assert_false(sql(&cx, TIMER("y"))); /* tenant null */
	expect_fault(&cx, &FAULT_INTERNAL);
	fault_clear(&cx);
	cx.who.tenant_id = "";
	assert_true(db_begin(&cx));
	assert_string_equal(one("select count(*) from timer"), "0");
	assert_true(db_commit(&cx));
}

static void every_table_with_a_tenant_is_secured(void **state)
{
	(void)state;
	assert_string_equal(pg_see("select coalesce(string_agg(c.relname, ' '), 'none') from pg_class c join pg_attribute a on "
				   "a.attrelid = c.oid and a.attname = 'tenant_id' where c.relkind = 'r' and not "
				   "(c.relrowsecurity and c.relforcerowsecurity)"),
			    "none");
	assert_string_equal(pg_see("select coalesce(string_agg(relname, ' '), 'none') from pg_class where relkind = 'r' and "
				   "relnamespace = 'public'::regnamespace and pg_get_userbyid(relowner) <> 't_owner'"),
			    "none");
	assert_string_equal(pg_see("select coalesce(string_agg(table_name || grantee, ' '), 'none') from "
				   "information_schema.table_privileges where privilege_type in ('TRUNCATE', 'TRIGGER', "
				   "'REFERENCES') and grantee in ('t_app', 't_relay', 'PUBLIC') and table_schema = 'public'"),
			    "none");
	assert_string_equal(pg_see("select string_agg(tablename, ' ' order by tablename) from pg_policies where "
				   "'t_relay' = any(roles)"),
			    "audit_log audit_unsealed dead_letter idempotency inbox inbox_sequence job outbox parked_event sealed_fill "
			    "tenant_key timer");
}

static void each_role_may_do_its_own(void **state)
{
	static const struct {
		const char *role, *sql;
		bool may;
	} ROWS[] = {
		{"t_app", "truncate timer", false},
		{"t_app", "drop table timer", false},
		{"t_app", "alter table timer disable row level security", false},
		{"t_app", "create table mine (a int)", false},
		{"t_app", "update audit set act = 'x'", false},
		{"t_app", "delete from audit", false},
		{"t_app", "delete from idempotency", false},
		{"t_app", "update idempotency set status = 500", false},
		{"t_app", "delete from outbox", false},
		{"t_app", "update outbox set key = 'x'", false},
		{"t_app", "delete from subject_key", false},
		{"t_app", "insert into schema_migration values ('x', 1, 'x', 'x')", false},
		{"t_app", "set role t_owner", false},
		{"t_app", "select 1 from outbox, aggregate_sequence, inbox, inbox_sequence, dead_letter, parked_event", true},
		{"t_app", "select 1 from idempotency, job, timer, audit, tenant_key, subject_key, pending_request", true},
		{"t_app", "select 1 from schema_migration", true},
		{"t_relay", "delete from outbox", true},
		{"t_relay", "delete from inbox", true},
		{"t_app", "update idempotency set body = body", true}, /* sealed under a new key */
		{"t_relay", "delete from idempotency", true}, /* old answers end */
		{"t_relay", "update tenant_key set tenant_id = tenant_id", true}, /* wrapped anew under a new root key */
		{"t_relay", "update timer set attempts = 0", true},
		{"t_relay", "update job set attempts = 0", true},
		{"t_relay", "insert into outbox (topic) values ('x')", false},
		{"t_relay", "delete from job", false},
		{"t_relay", "select 1 from audit", false},
		{"t_relay", "insert into tenant_key (key_id) values (9)", false},
		{"t_relay", "delete from tenant_key", false},
		{"t_relay", "update idempotency set status = 500", false},
		/* where what failed came from and why, never what it says */
		{"t_relay", "select reason, topic, ce_id from dead_letter", true},
		{"t_relay", "select reason, topic, ce_id from parked_event", true},
		{"t_relay", "select payload from dead_letter", false},
		{"t_relay", "select payload from parked_event", false},
		{"t_relay", "select key from dead_letter", false},
		{"t_relay", "select key from parked_event", false},
		{"t_relay", "delete from dead_letter", false},
		{"t_relay", "update parked_event set attempts = 0", false},
		{"t_relay", "select 1 from inbox_sequence", true},
		{"t_relay", "update inbox_sequence set last = 0", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct ctx c;
		pg_ctx(&c, ROWS[i].role, PG_TENANT_A);
		assert_true(db_begin(&c));
		if (sql(&c, ROWS[i].sql) != ROWS[i].may)
			fail_msg("%s: %s", ROWS[i].role, ROWS[i].sql);
		pg_ctx_free(&c);
	}
}

static void the_relay_sees_all_tenants(void **state)
{
	struct ctx relay, b;

	(void)state;
	pg_ctx(&relay, "t_relay", "");
	pg_ctx(&b, "t_app", PG_TENANT_B);
	assert_true(db_begin(&b) && sql(&b, TIMER("b")) && db_commit(&b));
	assert_true(db_begin(&cx) && sql(&cx, TIMER("a")) && db_commit(&cx));
	assert_true(sql(&relay, "select count(*) from timer"));
	assert_string_equal(r.rows[0][0], "2");
	pg_ctx_free(&b);
	pg_ctx_free(&relay);
}

static void a_batch_changes_its_tenant(void **state)
{
	(void)state;
	assert_true(db_begin(&cx) && sql(&cx, TIMER("a")));
	assert_true(db_tenant(&cx, PG_TENANT_B));
	assert_string_equal(cx.who.tenant_id, PG_TENANT_B);
	assert_string_equal(one("select count(*) from timer"), "0");
	assert_true(sql(&cx, TIMER("b")));
	assert_true(db_commit(&cx));
	assert_string_equal(pg_see("select string_agg(kind || right(tenant_id::text, 1), ' ' order by kind) from timer"),
			    "aa bb");
}

static void a_savepoint_undoes_the_tenant_too(void **state)
{
	(void)state;
	assert_true(db_begin(&cx) && sql(&cx, TIMER("a")));
	assert_true(db_savepoint(&cx));
	assert_true(db_tenant(&cx, PG_TENANT_B) && sql(&cx, TIMER("b")));
	assert_false(sql(&cx, "select 1 / 0"));
	fault_clear(&cx);
	db_rollback_savepoint(&cx);
	assert_string_equal(cx.who.tenant_id, PG_TENANT_A);
	assert_string_equal(one("select renhe_tenant()"), PG_TENANT_A);
	assert_true(db_savepoint(&cx) && sql(&cx, TIMER("c")));
	assert_true(db_savepoint(&cx) && sql(&cx, TIMER("d"))); /* lets the one before stand */
	db_rollback_savepoint(&cx);
	assert_true(db_commit(&cx));
	assert_string_equal(pg_see("select string_agg(kind, ' ' order by kind) from timer"), "a c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(foreign_rows_are_unseen_and_unwritable),
		T(a_row_cannot_be_moved_to_another_tenant),
		T(without_settings_there_are_no_rows),
		T(every_table_with_a_tenant_is_secured),
		T(each_role_may_do_its_own),
		T(the_relay_sees_all_tenants),
		T(a_batch_changes_its_tenant),
		T(a_savepoint_undoes_the_tenant_too),
	};
	signal(SIGPIPE, SIG_IGN);
	pg_start(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
