/* Sealing against a real PostgreSQL with the tables of the chassis: creation of keys, races,
 * rollbacks, erasure, tenants, another root key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pthread.h>

#include "db.h" /* before cmocka.h, which makes a macro of fail */
#include "migrate.h"
#include "pg_private.h"
#include "renhe.gen.h"
#include "seal.h"
#include "seal_key.h"
#include "value.h"

#include <cmocka.h>

#define ROOT "8c1f4b7a905e2d3366aa17c4e0b95d82f7431e6dcb08a9524f7be6103d9c58a1"
#define ROOT2 "8c1f4b7a905e2d3366aa17c4e0b95d82f7431e6dcb08a9524f7be6103d9c58a2"
#define COLUMN "person.id_number"
#define SECRET "11010519491231002X"

static struct pg_private pg;

/* One task: a connection, an arena, a context. */
struct task {
	struct ctx cx;
	struct arena *arena;
};
static struct task one, two;
static char tenant[37], other_tenant[37], subject[37];

static struct db_settings as(const char *user)
{
	return (struct db_settings){
		.host = pg.folder,
		.port = "5432",
		.database = "postgres",
		.user = user,
		.application_name = "test_seal_keys",
		.statement_timeout_ms = 10000,
	};
}

static void task_open(struct task *t)
{
	struct db_settings s = as("app");
	char err[256];

	memset(t, 0, sizeof(*t));
	t->arena = arena_new();
	t->cx.arena = t->arena;
	t->cx.db = db_open(&s, err, sizeof(err));
	assert_non_null(t->cx.db);
	t->cx.who.tenant_id = tenant;
	t->cx.who.account_id = t->cx.who.person_id = "";
	t->cx.as_system = true;
	memcpy(t->cx.today, "2026-11-22", 11);
}

static void task_close(struct task *t)
{
	db_close(t->cx.db);
	arena_free(t->arena);
}

static void begin(struct task *t)
{
	memset(&t->cx.fault, 0, sizeof(t->cx.fault));
	assert_true(db_begin(&t->cx));
}

static void commit(struct task *t)
{
	assert_true(db_commit(&t->cx));
}

static const char *seal(struct task *t, const char *id)
{
	const char *sealed = NULL;

	assert_true(seal_value(&t->cx, COLUMN, id, SECRET, &sealed));
	assert_memory_equal(sealed, "\\x0101", 6);
	return sealed;
}

/* In a transaction of its own. */
static const char *seal_now(struct task *t, const char *id)
{
	begin(t);
	const char *sealed = seal(t, id);
	commit(t);
	return sealed;
}

static bool opens(struct task *t, const char *id, const char *sealed)
{
	const char *clear = "";

	begin(t);
	bool good = seal_open(&t->cx, COLUMN, id, sealed, &clear);
	if (good)
		assert_true(clear && strcmp(clear, SECRET) == 0);
	else
		assert_ptr_equal(t->cx.fault.def, &FAULT_INTERNAL);
	if (good)
		commit(t);
	else
		db_rollback(&t->cx);
	return good;
}

static long count(struct task *t, const char *sql)
{
	struct db_result r;

	begin(t);
	assert_true(db_sql(&t->cx, sql, NULL, 0, &r));
	long n = strtol(r.rows[0][0], NULL, 10);
	commit(t);
	return n;
}

/* The chassis tables, as a service gets them. */
static bool migrate(void)
{
	static char sql[1 << 17];
	struct migration m = {
		.room = "chassis", .number = 1, .name = "chassis", .sql = sql, .sha256 = "test"};
	struct service_def def = {.name = "test", .migrations = &m, .n_migrations = 1};
	struct db_settings owner = as("owner");
	FILE *f = fopen("services/chassis/migrations/0001_chassis.sql", "re");
	size_t n = f ? fread(sql, 1, sizeof(sql) - 1, f) : 0;

	if (f)
		fclose(f);
	return n > 0 && migrate_run(&owner, &def, "app", "relay");
}

static int group_setup(void **state)
{
	(void)state;
	return pg_start(&pg, "renhe-seal") &&
			       pg_sql(&pg, "postgres",
				      "create role owner login; create role app login; create role "
				      "relay login;"
				      "grant all on schema public to owner;") &&
			       migrate()
		       ? 0
		       : -1;
}

static int group_teardown(void **state)
{
	(void)state;
	pg_stop(&pg);
	return 0;
}

static int setup(void **state)
{
	char err[128];

	(void)state;
	uuid7(tenant);
	uuid7(other_tenant);
	uuid7(subject);
	task_open(&one);
	task_open(&two);
	return seal_init(ROOT, err, sizeof(err)) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	task_close(&one);
	task_close(&two);
	return 0;
}

static void sealed_by_one_task_opens_in_another(void **state)
{
	const char *first = seal_now(&one, subject), *second = seal_now(&two, subject);

	(void)state;
	assert_string_not_equal(first, second);
	assert_true(opens(&two, subject, first) && opens(&one, subject, second));
	assert_int_equal(count(&one, "select count(*) from tenant_key"), 1);
	assert_int_equal(count(&one, "select count(*) from subject_key"), 1);
}

/* C03 */
static void sealed_value_is_bound_to_its_place(void **state)
{
	const char *sealed = seal_now(&one, subject), *clear = "";
	char neighbour[37];

	(void)state;
	uuid7(neighbour);
	assert_false(opens(&one, neighbour, sealed)); /* has no key */
	seal_now(&one, neighbour);
	assert_false(opens(&one, neighbour, sealed)); /* has another one */
	begin(&one);
	assert_false(seal_open(&one.cx, "person.mobile", subject, sealed, &clear));
	db_rollback(&one.cx);
	one.cx.who.tenant_id = other_tenant;
	seal_now(&one, subject);
	assert_false(opens(&one, subject, sealed));
	one.cx.who.tenant_id = tenant;
	assert_true(opens(&one, subject, sealed));
}

static void damaged_values_raise_a_fault(void **state)
{
	static const char *const BAD[] = {"",	   "\\x",	"x", "\\x0101", "\\x01010000000",
					  "\\xzz", "0101000000"};
	char *sealed = arena_strdup(one.arena, seal_now(&one, subject));

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_false(opens(&one, subject, BAD[i]));
	for (size_t at = 2; at < strlen(sealed); at += 7) {
		char was = sealed[at];
		sealed[at] = was == '0' ? '1' : '0';
		assert_false(opens(&one, subject, sealed));
		sealed[at] = was;
	}
	assert_true(opens(&one, subject, sealed));
}

/* A key that is rolled back is used by nobody afterwards: neither by this task nor by the process.
 */
static void rolled_back_keys_are_forgotten(void **state)
{
	(void)state;
	begin(&one);
	seal(&one, subject);
	db_rollback(&one.cx);
	assert_int_equal(count(&one, "select count(*) from tenant_key"), 0);
	const char *sealed = seal_now(&one, subject);
	assert_int_equal(count(&one, "select count(*) from tenant_key"), 1);
	assert_true(opens(&two, subject, sealed));
}

static void keys_rolled_back_to_a_savepoint_are_forgotten(void **state)
{
	char late[37];

	(void)state;
	uuid7(late);
	begin(&one);
	const char *early = seal(&one, subject);
	assert_true(db_savepoint(&one.cx));
	seal(&one, late);
	db_rollback_savepoint(&one.cx);
	const char *again = seal(&one, late), *still = seal(&one, subject);
	commit(&one);
	assert_true(opens(&two, late, again) && opens(&two, subject, early) &&
		    opens(&two, subject, still));
}

/* The tenant's key made before a savepoint and read again after it is our own open one: it must not
 * reach the cache of the process, for the whole may still be rolled back. */
static void an_open_tenant_key_stays_out_of_the_cache(void **state)
{
	struct tenant_keys t;

	(void)state;
	begin(&one);
	assert_true(db_savepoint(&one.cx));
	assert_true(db_savepoint(&one.cx));
	seal(&one, subject);
	assert_true(db_savepoint(&one.cx));
	db_rollback_savepoint(&one.cx);
	seal(&one, subject);
	db_rollback(&one.cx);
	begin(&two);
	assert_true(tenant_keys_load(&two.cx, false, &t));
	assert_int_equal(t.n, 0);
	commit(&two);
	const char *sealed = seal_now(&two, subject);
	assert_true(opens(&one, subject, sealed));
}

static void settled_tenant_key_comes_from_the_cache(void **state)
{
	struct tenant_keys t;

	(void)state;
	seal_now(&one, subject);
	assert_true(opens(&one, subject, seal_now(&one, subject)));
	one.cx.sql_count = 0;
	begin(&one);
	assert_true(tenant_keys_load(&one.cx, false, &t));
	assert_int_equal(t.n, 1);
	commit(&one);
	assert_int_equal(one.cx.sql_count, 0);
}

/* Many tasks make the keys of the same tenant and persons at once. */
#define RACERS 8
#define PERSONS 20
static char persons[PERSONS][37];
static char *raced[RACERS][PERSONS];

static void *race(void *arg)
{
	size_t number = *(size_t *)arg;
	struct task t;
	const char *sealed;

	task_open(&t);
	bool good = db_begin(&t.cx);
	for (size_t i = 0; good && i < PERSONS; i++) {
		good = seal_value(&t.cx, COLUMN, persons[i], SECRET, &sealed);
		raced[number][i] = good ? strdup(sealed) : NULL;
	}
	good = good && db_commit(&t.cx);
	task_close(&t);
	return good ? arg : NULL;
}

static void racing_tasks_agree_on_the_keys(void **state)
{
	pthread_t threads[RACERS];
	size_t numbers[RACERS];
	void *good;

	(void)state;
	for (int i = 0; i < PERSONS; i++)
		uuid7(persons[i]);
	for (size_t i = 0; i < RACERS; i++) {
		numbers[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, race, &numbers[i]), 0);
	}
	for (size_t i = 0; i < RACERS; i++) {
		pthread_join(threads[i], &good);
		assert_non_null(good);
	}
	assert_int_equal(count(&one, "select count(*) from tenant_key"), 1);
	assert_int_equal(count(&one, "select count(*) from subject_key"), PERSONS);
	for (size_t i = 0; i < RACERS; i++)
		for (size_t j = 0; j < PERSONS; j++) {
			assert_true(opens(&one, persons[j], raced[i][j]));
			free(raced[i][j]);
		}
}

/* ---- prefetch ---- */
#define MANY 500

static void prefetch_makes_and_reads_in_few_statements(void **state)
{
	const char *ids[MANY + 2], *sealed[MANY], *clear;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		char id[37];
		uuid7(id);
		ids[i] = arena_strdup(one.arena, id);
	}
	ids[MANY] = ids[0]; /* twice in one list */
	ids[MANY + 1] = ids[7];
	begin(&one);
	assert_true(seal_prefetch(&one.cx, ids, MANY + 2, true));
	unsigned before = one.cx.sql_count;
	assert_true(before <= 6); /* tenant key: read, insert, read; subjects: read, insert, read */
	for (int i = 0; i < MANY; i++)
		sealed[i] = seal(&one, ids[i]);
	assert_int_equal(one.cx.sql_count, before);
	commit(&one);
	assert_int_equal(count(&one, "select count(*) from subject_key"), MANY);
	begin(&two);
	assert_true(seal_prefetch(&two.cx, ids, MANY, false));
	before = two.cx.sql_count;
	for (int i = 0; i < MANY; i++) {
		assert_true(seal_open(&two.cx, COLUMN, ids[i], sealed[i], &clear));
		assert_string_equal(clear, SECRET);
	}
	assert_int_equal(two.cx.sql_count, before);
	commit(&two);
	begin(&two);
	assert_true(seal_prefetch(&two.cx, NULL, 0, true));
	commit(&two);
}

static void prefetch_without_create_makes_nothing(void **state)
{
	const char *ids[] = {subject};

	(void)state;
	begin(&one);
	assert_true(seal_prefetch(&one.cx, ids, 1, false));
	commit(&one);
	assert_int_equal(count(&one, "select count(*) from tenant_key") +
				 count(&one, "select count(*) from subject_key"),
			 0);
	seal_now(&one, subject);
	assert_int_equal(count(&one, "select count(*) from subject_key"), 1);
}

static void no_subject_and_no_tenant_is_a_fault(void **state)
{
	static const char *const BAD[] = {"", "x", "01935b6e-0000-7000-8000-00000000000",
					  "01935b6e-0000-7000-8000-00000000000g",
					  "01935B6E-0000-7000-8000-000000000001"};
	const char *out;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		begin(&one);
		assert_false(seal_value(&one.cx, COLUMN, BAD[i], SECRET, &out));
		assert_ptr_equal(one.cx.fault.def, &FAULT_INTERNAL);
		db_rollback(&one.cx);
	}
	one.cx.who.tenant_id = "";
	begin(&one);
	assert_false(seal_value(&one.cx, COLUMN, subject, SECRET, &out));
	db_rollback(&one.cx);
}

/* ---- erasure ---- */
static void destroyed_subject_is_unreadable_and_stays_so(void **state)
{
	const char *sealed = seal_now(&one, subject), *clear = "x", *out;
	char other[37];

	(void)state;
	uuid7(other);
	const char *kept = seal_now(&one, other);
	begin(&one);
	assert_true(seal_destroy(&one.cx, subject));
	db_rollback(&one.cx);
	assert_true(opens(&one, subject, sealed)); /* until the commit */
	begin(&one);
	assert_true(seal_open(&one.cx, COLUMN, subject, sealed, &clear));
	assert_true(seal_destroy(&one.cx, subject));
	assert_true(seal_open(&one.cx, COLUMN, subject, sealed, &clear));
	assert_null(clear);
	commit(&one);
	begin(&two);
	clear = "x";
	assert_true(seal_open(&two.cx, COLUMN, subject, sealed, &clear));
	assert_null(clear);
	assert_false(seal_value(&two.cx, COLUMN, subject, SECRET, &out));
	assert_ptr_equal(two.cx.fault.def, &FAULT_CONFLICT);
	db_rollback(&two.cx);
	assert_true(opens(&two, other, kept));
	assert_int_equal(count(&one, "select count(*) from subject_key where wrapped is null"), 1);
}

static void destroyed_before_it_had_a_key(void **state)
{
	const char *out;

	(void)state;
	begin(&one);
	assert_true(seal_destroy(&one.cx, subject));
	assert_true(seal_destroy(&one.cx, subject));
	commit(&one);
	begin(&two);
	assert_false(seal_value(&two.cx, COLUMN, subject, SECRET, &out));
	db_rollback(&two.cx);
}

/* ---- blind index ---- */
static const char *index_of(struct task *t, const char *column, const char *normal)
{
	const char *out = NULL;

	begin(t);
	assert_true(seal_index(&t->cx, column, normal, &out));
	commit(t);
	assert_int_equal(strlen(out), 2 + 32);
	return out;
}

static void blind_index_is_equal_inside_a_tenant_only(void **state)
{
	(void)state;
	assert_string_equal(index_of(&one, COLUMN, SECRET), index_of(&two, COLUMN, SECRET));
	assert_string_not_equal(index_of(&one, COLUMN, SECRET),
				index_of(&one, COLUMN, "110105194912310021"));
	assert_string_not_equal(index_of(&one, COLUMN, SECRET),
				index_of(&one, "person.mobile", SECRET));
	const char *here = index_of(&one, COLUMN, SECRET);
	one.cx.who.tenant_id = other_tenant;
	assert_string_not_equal(here, index_of(&one, COLUMN, SECRET));
}

/* ---- the root key ---- */
static void another_root_key_opens_nothing(void **state)
{
	const char *sealed = seal_now(&one, subject), *out; /* made here, so not in the cache yet */
	char err[128];

	(void)state;
	assert_true(seal_init(ROOT2, err, sizeof(err)));
	begin(&two);
	assert_false(seal_value(&two.cx, COLUMN, subject, SECRET, &out));
	assert_ptr_equal(two.cx.fault.def, &FAULT_INTERNAL);
	db_rollback(&two.cx);
	assert_false(opens(&two, subject, sealed));
	assert_true(seal_init(ROOT, err, sizeof(err)));
	assert_true(opens(&one, subject, sealed));
}

/* Either way round: the key to come is known to all before anyone wraps with it. */
static void the_second_root_key_is_read_too(void **state)
{
	const char *sealed = seal_now(&one, subject);
	char *token = token_seal(one.arena, "page", str_of("payload"));
	struct str payload;
	char err[128];

	(void)state;
	assert_true(seal_init(ROOT2, err, sizeof(err)));
	assert_false(token_open(one.arena, "page", token, &payload));
	assert_true(seal_init_second(ROOT, err, sizeof(err)));
	assert_true(opens(&two, subject, sealed));
	assert_true(token_open(one.arena, "page", token, &payload));
	assert_string_equal(payload.p, "payload");
	token = token_seal(one.arena, "page", str_of("payload"));
	assert_false(seal_init_second("0123", err, sizeof(err)));
	assert_true(seal_init(ROOT, err, sizeof(err)));
	assert_false(token_open(one.arena, "page", token, &payload));
	assert_true(seal_init_second("", err, sizeof(err)));
	assert_false(token_open(one.arena, "page", token, &payload));
	assert_true(seal_init_second(ROOT2, err, sizeof(err)));
	assert_true(token_open(one.arena, "page", token, &payload));
	assert_true(seal_init(ROOT, err, sizeof(err)));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(sealed_by_one_task_opens_in_another),
		T(sealed_value_is_bound_to_its_place),
		T(damaged_values_raise_a_fault),
		T(rolled_back_keys_are_forgotten),
		T(keys_rolled_back_to_a_savepoint_are_forgotten),
		T(an_open_tenant_key_stays_out_of_the_cache),
		T(settled_tenant_key_comes_from_the_cache),
		T(racing_tasks_agree_on_the_keys),
		T(prefetch_makes_and_reads_in_few_statements),
		T(prefetch_without_create_makes_nothing),
		T(no_subject_and_no_tenant_is_a_fault),
		T(destroyed_subject_is_unreadable_and_stays_so),
		T(destroyed_before_it_had_a_key),
		T(blind_index_is_equal_inside_a_tenant_only),
		T(another_root_key_opens_nothing),
		T(the_second_root_key_is_read_too),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
