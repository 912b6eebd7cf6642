/* Least valid generations: the maximum is kept, whatever the order; and who may pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../../gateway/revocation.c"

#include <cmocka.h>

static void id_of(unsigned n, char out[37])
{
	snprintf(out, 37, "%08x-0000-7000-8000-%012x", n, n);
}

static void unknown_subjects_are_free(void **state)
{
	struct revocations *t = *state;
	char id[37];

	id_of(1, id);
	assert_int_equal(revocations_least(t, REVOCATION_ACCOUNT, id), 0);
	assert_int_equal(revocations_least(t, REVOCATION_ACCOUNT, ""), 0);
	assert_int_equal(revocations_least(t, REVOCATION_ACCOUNT, NULL), 0);
	assert_int_equal(revocations_count(t), 0);
}

static void the_maximum_stands(void **state)
{
	static const int64_t SAID[] = {3, 7, 7, 2, 0, -1, 6};
	struct revocations *t = *state;
	char id[37];

	id_of(2, id);
	for (size_t i = 0; i < sizeof(SAID) / sizeof(SAID[0]); i++)
		assert_true(revocations_put(t, REVOCATION_SESSION, id, SAID[i], 10));
	assert_int_equal(revocations_least(t, REVOCATION_SESSION, id), 7);
	assert_int_equal(revocations_count(t), 1);
}

static void accounts_and_sessions_are_apart(void **state)
{
	struct revocations *t = *state;
	char id[37];

	id_of(3, id);
	revocations_put(t, REVOCATION_ACCOUNT, id, 5, 10);
	assert_int_equal(revocations_least(t, REVOCATION_SESSION, id), 0);
	revocations_put(t, REVOCATION_SESSION, id, 9, 10);
	assert_int_equal(revocations_least(t, REVOCATION_ACCOUNT, id), 5);
}

static void what_is_no_id_is_refused(void **state)
{
	static const char *const BAD[] = {NULL, "", "1", "0000-",
					  "00000001-0000-7000-8000-0000000000012",
					  "00000001-0000-7000-8000-00000000000"};
	struct revocations *t = *state;

	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_false(revocations_put(t, REVOCATION_ACCOUNT, BAD[i], 5, 10));
	assert_int_equal(revocations_count(t), 0);
}

/* 20,000 leavers in a day, and the growth that goes with it. */
static void many_are_kept(void **state)
{
	struct revocations *t = *state;
	char id[37];

	for (unsigned i = 0; i < 20000; i++) {
		id_of(i, id);
		assert_true(revocations_put(t, i % 2, id, i + 1, i));
	}
	assert_int_equal(revocations_count(t), 20000);
	for (unsigned i = 0; i < 20000; i++) {
		id_of(i, id);
		assert_int_equal(revocations_least(t, i % 2, id), i + 1);
		assert_int_equal(revocations_least(t, !(i % 2), id), 0);
	}
}

static void old_ones_are_forgotten(void **state)
{
	struct revocations *t = *state;
	char old[37], kept[37], renewed[37];

	id_of(1, old);
	id_of(2, kept);
	id_of(3, renewed);
	revocations_put(t, REVOCATION_ACCOUNT, old, 5, 99);
	revocations_put(t, REVOCATION_ACCOUNT, kept, 5, 100);
	revocations_put(t, REVOCATION_ACCOUNT, renewed, 5, 1);
	revocations_put(t, REVOCATION_ACCOUNT, renewed, 4, 200);
	revocations_expire(t, 100);
	assert_int_equal(revocations_least(t, REVOCATION_ACCOUNT, old), 0);
	assert_int_equal(revocations_least(t, REVOCATION_ACCOUNT, kept), 5);
	assert_int_equal(revocations_least(t, REVOCATION_ACCOUNT, renewed), 5);
	assert_int_equal(revocations_count(t), 2);
}

static int setup(void **state)
{
	*state = revocations_new();
	return 0;
}

static int teardown(void **state)
{
	revocations_free(*state);
	return 0;
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(unknown_subjects_are_free), T(the_maximum_stands),
		T(accounts_and_sessions_are_apart), T(what_is_no_id_is_refused),
		T(many_are_kept), T(old_ones_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
