/* Passwords: argon2id at the agreed cost, whole passwords, the cost of an unknown user. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pthread.h>

#include "seal.h" /* before cmocka.h, which makes a macro of fail */

#include <cmocka.h>

#define COST "$argon2id$v=19$m=19456,t=2,p=1$"

/* A06: blanks, Chinese, emoji, 128 characters; a prefix of 72 bytes is another password. */
static void a_password_is_taken_whole(void **state)
{
	static const char *const GOOD[] = {
		"correct horse battery staple",
		" 前后有空格 ",
		"人和🔑密码",
		"",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	};
	char hash[128], again[128], prefix[73];

	(void)state;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++) {
		assert_true(password_hash(GOOD[i], hash));
		assert_memory_equal(hash, COST, strlen(COST));
		assert_true(password_verify(hash, GOOD[i]));
		assert_false(password_verify(hash, "other"));
	}
	strncpy(prefix, GOOD[4], 72);
	prefix[72] = '\0';
	assert_false(password_verify(hash, prefix));
	assert_true(password_hash(GOOD[4], again));
	assert_string_not_equal(hash, again); /* salted */
}

static void other_hashes_are_refused(void **state)
{
	char hash[128];

	(void)state;
	assert_true(password_hash("x", hash));
	assert_true(password_verify(hash, "x"));
	assert_false(password_verify("", "x"));
	assert_false(password_verify("x", "x"));
	assert_false(
		password_verify("$argon2i$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA", "x"));
	assert_false(password_verify("$argon2id$v=19$m=19456,t=2,p=1$", "x"));
	hash[strlen(hash) - 2] ^= 1;
	assert_false(password_verify(hash, "x"));
}

static double ms_of(bool (*fn)(const char *), const char *password)
{
	struct timespec t0, t1;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t0);
	assert_false(fn(password));
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t1);
	return (double)(t1.tv_sec - t0.tv_sec) * 1e3 + (double)(t1.tv_nsec - t0.tv_nsec) / 1e6;
}

static char real_hash[128];

static bool verify_wrong(const char *password)
{
	return password_verify(real_hash, password);
}

static int by_size(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return (a > b) - (a < b);
}

/* A01: medians of processor time within a fifth here; the 5 % over the wire is an end-to-end test
 * of 500 tries. A missing check would be a thousand times cheaper. */
static void an_unknown_user_costs_the_same(void **state)
{
	double real[9], dummy[9];

	(void)state;
	assert_true(password_hash("right", real_hash));
	for (int i = 0; i < 9; i++) {
		real[i] = ms_of(verify_wrong, "wrong");
		dummy[i] = ms_of(password_verify_dummy, "wrong");
	}
	qsort(real, 9, sizeof(double), by_size);
	qsort(dummy, 9, sizeof(double), by_size);
	print_message("median ms: real %.1f, dummy %.1f\n", real[4], dummy[4]);
	assert_true(dummy[4] > real[4] * 0.8 && dummy[4] < real[4] * 1.25);
}

static void *verify_some(void *arg)
{
	for (int i = 0; i < 3; i++)
		*(int *)arg +=
			password_verify(real_hash, "right") && !password_verify(real_hash, "wrong");
	return NULL;
}

static void many_threads_wait_their_turn(void **state)
{
	pthread_t threads[12];
	int good[12] = {0};

	(void)state;
	assert_true(password_hash("right", real_hash));
	for (int i = 0; i < 12; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, verify_some, &good[i]), 0);
	for (int i = 0; i < 12; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(good[i], 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_is_taken_whole),
		cmocka_unit_test(other_hashes_are_refused),
		cmocka_unit_test(an_unknown_user_costs_the_same),
		cmocka_unit_test(many_threads_wait_their_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
