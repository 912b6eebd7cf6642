/* Migrations: order, checksums, roles, one transaction each, and two that start at once. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <cmocka.h>
#include "pg.h"

static struct db_settings owner;

static int setup(void **state)
{
	(void)state;
	pg_script("postgres", "super", "drop database if exists m with (force)");
	pg_script("postgres", "super", "create database m owner t_owner");
	owner = pg_settings("m", "t_owner");
	owner.statement_timeout_ms = 0;
	return 0;
}

static bool run(const struct migration *m, unsigned n)
{
	struct service_def def = {.name = "m", .migrations = m, .n_migrations = n};

	return migrate_run(&owner, &def, "t_app", "t_relay");
}

static bool current(const struct migration *m, unsigned n)
{
	struct service_def def = {.name = "m", .migrations = m, .n_migrations = n};
	struct db *db = pg_connect("m", "t_app");
	bool good = migrate_current(db, &def);

	db_close(db);
	return good;
}

static bool exists(const char *table)
{
	struct ctx cx = {.svc = &pg_service, .arena = arena_new(), .db = pg_connect("m", "super")};
	struct db_result r;

	pg_must(db_sql(&cx, "select to_regclass($1) is not null", &table, 1, &r), "look");
	bool there = r.rows[0][0][0] == 't';
	db_close(cx.db);
	arena_free(cx.arena);
	return there;
}

#define GRANT "; grant select on schema_migration to ${app}, ${relay}"
static const struct migration ONE = {"chassis", 1, "one", "create table one (a int)" GRANT, "s1"};
static const struct migration TWO = {"chassis", 2, "two", "create table two (a int); insert into one values (1)", "s2"};
static const struct migration OTHER = {"people", 1, "other", "create table other (a int)", "s3"};

static void what_is_missing_is_applied_once(void **state)
{
	const struct migration first[] = {ONE, OTHER}, all[] = {ONE, TWO, OTHER};

	(void)state;
	assert_true(run(first, 2));
	assert_true(exists("one") && exists("other") && !exists("two"));
	assert_true(current(first, 2));
	assert_false(current(all, 3));
	assert_true(run(all, 3));
	assert_true(run(all, 3));
	assert_true(exists("two"));
	assert_true(current(all, 3));
	assert_true(current(first, 2)); /* an older program beside a newer one */
}

static void an_empty_database_is_not_current(void **state)
{
	(void)state;
	assert_false(current(&ONE, 1));
}

static void names_of_roles_are_filled_in_and_quoted(void **state)
{
	const struct migration m[] = {
		{"chassis", 1, "one", "create table one (a text default '$1 ${other} $$'); grant select on one to ${app}, ${relay}" GRANT, "s"}};
	struct service_def def = {.name = "m", .migrations = m, .n_migrations = 1};

	(void)state;
	pg_script("postgres", "super", "do $$ begin create role \"odd; drop\"; exception when duplicate_object then end $$");
	assert_true(migrate_run(&owner, &def, "odd; drop", "t_relay"));
	assert_true(exists("one"));
}

static void a_changed_file_stops(void **state)
{
	const struct migration was[] = {ONE}, is[] = {{"chassis", 1, "one", "create table one (b int)", "s9"}, TWO};

	(void)state;
	assert_true(run(was, 1));
	assert_false(run(is, 2));
	assert_false(exists("two"));
	assert_false(current(is, 1));
}

static void a_newer_database_stops(void **state)
{
	const struct migration newer[] = {ONE, TWO}, older[] = {ONE, OTHER};

	(void)state;
	assert_true(run(newer, 2));
	assert_false(run(older, 2));
	assert_false(exists("other"));
}

static void what_was_slipped_in_before_stops(void **state)
{
	const struct migration was[] = {{"chassis", 2, "one", "create table one (a int)", "s1"}};
	const struct migration is[] = {{"chassis", 1, "early", "create table early (a int)", "s0"}, was[0]};

	(void)state;
	assert_true(run(was, 1));
	assert_false(run(is, 2));
	assert_false(exists("early"));
}

static void a_file_that_fails_leaves_nothing(void **state)
{
	const struct migration m[] = {ONE, {"chassis", 2, "bad", "create table two (a int); create table one (a int)", "s2"}};
	const struct migration fixed[] = {ONE, TWO};

	(void)state;
	assert_false(run(m, 2));
	assert_true(exists("one") && !exists("two"));
	assert_true(run(fixed, 2)); /* it was never applied, so its checksum may change */
	assert_true(exists("two"));
}

static void a_file_may_not_end_the_transaction(void **state)
{
	const struct migration m[] = {{"chassis", 1, "bad", "create table two (a int); commit", "s2"}};

	(void)state;
	assert_false(run(m, 1));
	assert_false(current(m, 1));
}

static void *run_thread(void *arg)
{
	const struct migration slow[] = {{"chassis", 1, "one", "create table one (a int); select pg_sleep(0.3)" GRANT, "s1"}, TWO};

	*(bool *)arg = run(slow, 2);
	return NULL;
}

static void two_at_once_apply_it_once(void **state)
{
	pthread_t t[3];
	bool good[3] = {false, false, false};

	(void)state;
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, run_thread, &good[i]);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	assert_true(good[0] && good[1] && good[2]);
}

static void without_a_server_it_is_false(void **state)
{
	(void)state;
	owner.host = "/tmp/no-such-folder-of-renhe";
	assert_false(run(&ONE, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
		T(what_is_missing_is_applied_once),
		T(an_empty_database_is_not_current),
		T(names_of_roles_are_filled_in_and_quoted),
		T(a_changed_file_stops),
		T(a_newer_database_stops),
		T(what_was_slipped_in_before_stops),
		T(a_file_that_fails_leaves_nothing),
		T(a_file_may_not_end_the_transaction),
		T(two_at_once_apply_it_once),
		T(without_a_server_it_is_false),
	};
	signal(SIGPIPE, SIG_IGN);
	pg_start(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
