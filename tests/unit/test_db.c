/* Transactions, row security, faults and the loss of connections, against a real PostgreSQL. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <cmocka.h>
#include "pg.h"
#include "audit.h"
#include "fault.h"
#include "renhe.gen.h"

static struct ctx cx;
static struct db_result r;

static int setup(void **state)
{
	(void)state;
	pg_script("t", "super", "truncate audit, timer, outbox, tenant_key");
	pg_ctx(&cx, "t_app", PG_TENANT_A);
	return 0;
}
static int teardown(void **state)
{
	(void)state;
	pg_ctx_free(&cx);
	return 0;
}

static bool sql(struct ctx *c, const char *text)
{
	return db_sql(c, text, NULL, 0, &r);
}

static const char *one(const char *text)
{
	assert_true(sql(&cx, text));
	assert_int_equal(r.n_rows, 1);
	return r.rows[0][0] ? r.rows[0][0] : "null";
}

static void expect_fault(struct ctx *c, const struct fault_def *f)
{
	assert_non_null(c->fault.def);
	assert_string_equal(c->fault.def->code, f->code);
}

/* The statement must fail with the fault, after which the transaction is over. */
static void refused(struct ctx *c, const char *text, const struct fault_def *f)
{
	assert_true(db_begin(c));
	assert_false(sql(c, text));
	expect_fault(c, f);
	db_rollback(c);
	fault_clear(c);
}

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

/* ---- row security ---- */

#define TIMER(kind) "insert into timer (kind, aggregate_id, due_time) values ('" kind "', '1', now())"

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
			    "idempotency inbox job outbox tenant_key timer");
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
		{"t_relay", "select 1 from parked_event", false},
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

/* ---- concurrency ---- */

struct racer {
	pthread_t thread;
	const char *first, *second;
	pthread_barrier_t *both_hold;
	int pause_ms;
	unsigned tries;
	bool good;
};

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
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(settings_of_the_transaction),
		T(system_tasks_see_the_tenant),
		T(the_deadline_bounds_a_statement),
		T(a_transaction_without_statement_costs_nothing),
		T(foreign_rows_are_unseen_and_unwritable),
		T(a_row_cannot_be_moved_to_another_tenant),
		T(without_settings_there_are_no_rows),
		T(every_table_with_a_tenant_is_secured),
		T(each_role_may_do_its_own),
		T(the_relay_sees_all_tenants),
		T(a_batch_changes_its_tenant),
		T(a_savepoint_undoes_the_tenant_too),
		T(states_become_faults),
		T(nothing_runs_or_commits_after_a_failure),
		T(the_log_holds_no_values),
		T(batches_come_back_in_order), T(kept_statements_go_first), T(a_kept_fault_shows_later),
		T(a_rollback_drops_what_is_kept),
		T(a_deadlock_is_tried_again),
		T(a_serialization_failure_is_retryable),
		T(lost_in_a_transaction_then_back),
		T(lost_while_idle_is_seen_before_the_next),
		T(lost_at_the_commit_is_unknown),
		T(ended_while_committing_is_unknown),
		T(a_commit_that_the_server_refuses_is_known),
		T(a_changed_table_heals_by_a_new_connection),
		T(no_server_is_a_fault_and_not_a_wait),
		T(audit_rows_stand_with_the_act),
	};
	signal(SIGPIPE, SIG_IGN);
	pg_start(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
