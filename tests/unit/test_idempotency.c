/* Idempotency keys: replay, reuse, races, scope. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdatomic.h>
#include <cmocka.h>
#include "pg.h"
#include "fault.h"
#include "idempotency.h"
#include "renhe.gen.h"

static struct ctx cx;
static bool replay;
static struct stored_answer got;
static const struct stored_answer ANSWER = {201, {"{\"id\":\"1\"} and more", 10}, "/api/v1/x/1", "\"7\""};

static int setup(void **state)
{
	(void)state;
	pg_script("t", "super", "truncate idempotency");
	pg_ctx(&cx, "t_app", PG_TENANT_A);
	cx.idempotency_key = "key-1";
	return 0;
}
static int teardown(void **state)
{
	(void)state;
	pg_ctx_free(&cx);
	return 0;
}

static void store(struct ctx *c, const char *hash)
{
	assert_true(db_begin(c) && idempotency_begin(c, hash, &replay, &got));
	assert_false(replay);
	assert_true(idempotency_end(c, hash, &ANSWER) && db_commit(c));
}

static void the_stored_answer_comes_back(void **state)
{
	(void)state;
	store(&cx, "hash-1");
	assert_true(db_begin(&cx) && idempotency_begin(&cx, "hash-1", &replay, &got));
	assert_true(replay);
	assert_int_equal(got.status, 201);
	assert_true(str_eq(got.body, "{\"id\":\"1\"}"));
	assert_string_equal(got.location, "/api/v1/x/1");
	assert_string_equal(got.etag, "\"7\"");
	assert_true(db_commit(&cx));
}

static void an_answer_without_body(void **state)
{
	const struct stored_answer empty = {204, {NULL, 0}, NULL, NULL};

	(void)state;
	assert_true(db_begin(&cx) && idempotency_begin(&cx, "h", &replay, &got));
	assert_true(idempotency_end(&cx, "h", &empty) && db_commit(&cx));
	assert_true(db_begin(&cx) && idempotency_begin(&cx, "h", &replay, &got) && db_commit(&cx));
	assert_true(replay && got.status == 204 && got.body.n == 0 && !got.location && !got.etag);
}

static void another_request_under_the_key_is_refused(void **state)
{
	(void)state;
	store(&cx, "hash-1");
	assert_true(db_begin(&cx));
	assert_false(idempotency_begin(&cx, "hash-2", &replay, &got));
	assert_string_equal(cx.fault.def->code, FAULT_IDEMPOTENCY_KEY_REUSED.code);
	assert_false(replay);
}

static void what_was_rolled_back_is_not_kept(void **state)
{
	(void)state;
	assert_true(db_begin(&cx) && idempotency_begin(&cx, "hash-1", &replay, &got));
	assert_true(idempotency_end(&cx, "hash-1", &ANSWER));
	db_rollback(&cx);
	store(&cx, "hash-2"); /* a new request may take the key */
}

/* Same key, other owner: nothing is shared. */
static void keys_belong_to_tenant_and_account(void **state)
{
	static const struct {
		const char *tenant, *account;
	} OWNERS[] = {{PG_TENANT_B, PG_ACCOUNT}, {PG_TENANT_A, PG_TENANT_B}, {PG_TENANT_A, ""}};
	struct ctx other;

	(void)state;
	store(&cx, "hash-1");
	for (size_t i = 0; i < 3; i++) {
		pg_ctx(&other, "t_app", OWNERS[i].tenant);
		other.who.account_id = OWNERS[i].account;
		other.idempotency_key = "key-1";
		store(&other, "hash-2");
		pg_ctx_free(&other);
	}
}

static void an_open_one_is_in_progress_at_once(void **state)
{
	struct ctx other;
	int64_t from = clock_monotonic_ms();

	(void)state;
	pg_ctx(&other, "t_app", PG_TENANT_A);
	other.idempotency_key = "key-1";
	assert_true(db_begin(&cx) && idempotency_begin(&cx, "hash-1", &replay, &got));
	assert_true(db_begin(&other));
	assert_false(idempotency_begin(&other, "hash-1", &replay, &got));
	assert_string_equal(other.fault.def->code, FAULT_IDEMPOTENCY_IN_PROGRESS.code);
	assert_true(clock_monotonic_ms() - from < 1000);
	db_rollback(&other);
	fault_clear(&other);
	other.who.tenant_id = PG_TENANT_B; /* another owner doesn't wait */
	assert_true(db_begin(&other) && idempotency_begin(&other, "hash-1", &replay, &got));
	pg_ctx_free(&other);
}

static void without_tenant_or_key_nothing_is_kept(void **state)
{
	(void)state;
	cx.idempotency_key = NULL;
	store(&cx, "h");
	cx.idempotency_key = "key-1";
	cx.who.tenant_id = "";
	store(&cx, "h");
	assert_string_equal(pg_see("select count(*) from idempotency"), "0");
}

/* ---- races ---- */

static atomic_int done, replayed, refused, broken;

static void *racer(void *arg)
{
	struct ctx c;
	bool again;
	struct stored_answer a;

	(void)arg;
	pg_ctx(&c, "t_app", PG_TENANT_A);
	for (int i = 0; i < 50; i++) {
		c.idempotency_key = arena_printf(c.arena, "race-%d", i);
		if (!db_begin(&c) || !idempotency_begin(&c, "h", &again, &a)) {
			atomic_fetch_add(c.fault.def->status == 409 ? &refused : &broken, 1);
		} else if (again) {
			atomic_fetch_add(&replayed, 1);
		} else {
			clock_sleep_ms(i % 3);
			atomic_fetch_add(idempotency_end(&c, "h", &ANSWER) && db_commit(&c) ? &done : &broken, 1);
		}
		db_rollback(&c);
		fault_clear(&c);
	}
	pg_ctx_free(&c);
	return NULL;
}

static void of_many_at_once_one_does_it(void **state)
{
	pthread_t t[6];

	(void)state;
	for (int i = 0; i < 6; i++)
		pthread_create(&t[i], NULL, racer, NULL);
	for (int i = 0; i < 6; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(atomic_load(&broken), 0);
	assert_int_equal(atomic_load(&done), 50);
	assert_int_equal(atomic_load(&done) + atomic_load(&replayed) + atomic_load(&refused), 300);
	assert_string_equal(pg_see("select count(*) from idempotency"), "50");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(the_stored_answer_comes_back),
		T(an_answer_without_body),
		T(another_request_under_the_key_is_refused),
		T(what_was_rolled_back_is_not_kept),
		T(keys_belong_to_tenant_and_account),
		T(an_open_one_is_in_progress_at_once),
		T(without_tenant_or_key_nothing_is_kept),
		T(of_many_at_once_one_does_it),
	};
	signal(SIGPIPE, SIG_IGN);
	pg_start(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
