/* Values of sealed topics: keys from the setting, envelopes that one consumer opens, what all others
 * are told; and the records for quiet partitions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive.gen.h" /* before cmocka.h, which makes a macro of fail */
#include "contract.gen.h"
#include "daily_record.h"
#include "event.h"
#include "seal_box.h"

#include <cmocka.h>

static const char *const TO_PAYROLL[] = {"payroll", NULL};
static const char *const TO_BOTH[] = {"payroll", "workflow", NULL};
static const struct topic_def PAYROLL = {.name = "t_private.v1", .writer = "archive", .sealed_to = TO_PAYROLL};
static const struct topic_def BOTH = {.name = "u_private.v1", .writer = "archive", .sealed_to = TO_BOTH};
#define CLEAR STR("11010519491231002X")

static struct arena *a;
static char err[200];

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	return seal_box_keys("", err, sizeof(err)) && seal_box_secret("", "", err, sizeof(err)) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

struct pair {
	char public[64], secret[64];
};

static struct pair pair(void)
{
	struct pair p;

	seal_box_pair(p.public, p.secret);
	return p;
}

static void keys(const char *text)
{
	if (!seal_box_keys(text, err, sizeof(err)))
		fail_msg("%s", err);
}

static void opens(const char *consumer, const struct pair *p, struct str value)
{
	struct str clear = {0};

	assert_true(seal_box_secret(consumer, p->secret, err, sizeof(err)));
	assert_null(seal_box_open(a, value, &clear));
	assert_int_equal(clear.n, CLEAR.n);
	assert_memory_equal(clear.p, CLEAR.p, clear.n);
}

static void refuses(const char *consumer, const struct pair *p, struct str value, const char *code)
{
	struct str clear = {0};

	assert_true(seal_box_secret(consumer, p ? p->secret : "", err, sizeof(err)));
	assert_string_equal(seal_box_open(a, value, &clear), code);
	assert_null(clear.p);
}

/* ---- the setting ---- */

static void good_keys_are_taken(void **state)
{
	struct pair p = pair(), q = pair();

	(void)state;
	keys("");
	assert_false(seal_box_known("payroll"));
	keys(arena_printf(a, "# of the pay house\n\npayroll %s\r\nworkflow\t %s \n", p.public, q.public));
	assert_true(seal_box_known("payroll") && seal_box_known("workflow"));
	assert_false(seal_box_known("pay"));
	keys(arena_printf(a, "payroll %s", p.public)); /* forgets the others */
	assert_false(seal_box_known("workflow"));
}

static void bad_keys_are_refused(void **state)
{
	struct pair p = pair();
	char zeros[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"; /* of low order: nothing can be closed for it */
	const char *bad[] = {
		"payroll", "payroll ", p.public, arena_printf(a, "payroll %s=", p.public),
		arena_printf(a, "payroll %.42s", p.public), arena_printf(a, "payroll %sA", p.public),
		arena_printf(a, "payroll %s workflow", p.public), arena_printf(a, "payroll %s", zeros),
		arena_printf(a, " payroll %s", p.public),
		arena_printf(a, "a-name-that-is-much-longer-than-any-service-has %s", p.public),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *text = arena_printf(a, "workflow %s\n%s\n", p.public, bad[i]);

		if (seal_box_keys(text, err, sizeof(err)))
			fail_msg("taken: %s", bad[i]);
		assert_non_null(strstr(err, "line 2"));
		assert_null(strstr(err, p.public));
	}
	assert_false(seal_box_secret("payroll", "short", err, sizeof(err)));
	assert_false(seal_box_secret("payroll", arena_printf(a, "%sA", p.secret), err, sizeof(err)));
}

static void keys_are_told_apart(void **state)
{
	static const struct topic_def topics[] = {
		{.name = "t_private.v1", .writer = "archive", .sealed_to = TO_PAYROLL},
		{.name = "c.v1", .writer = "archive"},
		{.name = "o_private.v1", .writer = "other", .sealed_to = TO_BOTH},
	};
	struct schema s = {.service = "archive", .topics = topics, .n_topics = 3};
	struct pair p = pair(), q = pair(), r = pair();
	const char *first, *both;

	(void)state;
	assert_string_equal(seal_box_keys_of(a, &s), "");
	keys(arena_printf(a, "payroll %s\nworkflow %s", p.public, q.public));
	first = seal_box_keys_of(a, &s);
	assert_memory_equal(first, "payroll:", 8);
	assert_null(strstr(first, "workflow")); /* of another writer's topic */
	assert_null(strstr(first, p.public));
	keys(arena_printf(a, "payroll %s\npayroll %s", r.public, p.public));
	both = seal_box_keys_of(a, &s);
	assert_non_null(strstr(both, first));
	assert_int_equal(strlen(both), 2 * strlen(first) + 1);
	keys(arena_printf(a, "payroll %s\npayroll %s", p.public, r.public));
	assert_string_equal(seal_box_keys_of(a, &s), both); /* whatever the order of lines */
}

/* ---- values ---- */

static void the_named_consumer_opens(void **state)
{
	struct pair p = pair(), q = pair(), stranger = pair();
	struct str value;

	(void)state;
	keys(arena_printf(a, "payroll %s\nworkflow %s", p.public, q.public));
	value = seal_box_close(a, &PAYROLL, CLEAR);
	assert_non_null(value.p);
	assert_null(memmem(value.p, value.n, CLEAR.p, CLEAR.n));
	opens("payroll", &p, value);
	refuses("workflow", &q, value, "NOT_SEALED_TO_US");
	refuses("payroll", &stranger, value, "NOT_SEALED_TO_US");
	refuses("workflow", &p, value, "NOT_SEALED_TO_US");
	refuses("payroll", NULL, value, "NOT_SEALED_TO_US");
}

static void each_consumer_has_its_own(void **state)
{
	struct pair p = pair(), q = pair();
	struct str value;

	(void)state;
	keys(arena_printf(a, "payroll %s\nworkflow %s", p.public, q.public));
	value = seal_box_close(a, &BOTH, CLEAR);
	opens("payroll", &p, value);
	opens("workflow", &q, value);
}

static void while_a_key_changes_both_open(void **state)
{
	struct pair old = pair(), new = pair();
	struct str value;

	(void)state;
	keys(arena_printf(a, "payroll %s\npayroll %s", old.public, new.public));
	value = seal_box_close(a, &PAYROLL, CLEAR);
	opens("payroll", &old, value);
	opens("payroll", &new, value);
	keys(arena_printf(a, "payroll %s", new.public));
	value = seal_box_close(a, &PAYROLL, CLEAR);
	opens("payroll", &new, value);
	refuses("payroll", &old, value, "NOT_SEALED_TO_US");
}

static void without_a_key_nothing_is_written(void **state)
{
	struct pair p = pair();

	(void)state;
	assert_null(seal_box_close(a, &PAYROLL, CLEAR).p);
	keys(arena_printf(a, "workflow %s", p.public));
	assert_null(seal_box_close(a, &PAYROLL, CLEAR).p);
	assert_non_null(seal_box_close(a, &BOTH, CLEAR).p);
}

/* One byte of the envelope is another: nothing is opened, whichever it is. */
static void what_was_touched_does_not_open(void **state)
{
	struct pair p = pair();
	struct str value, clear;
	unsigned opened = 0;

	(void)state;
	keys(arena_printf(a, "payroll %s", p.public));
	value = seal_box_close(a, &PAYROLL, CLEAR);
	assert_true(seal_box_secret("payroll", p.secret, err, sizeof(err)));
	for (size_t i = 0; i < value.n; i++) {
		char *touched = arena_alloc(a, value.n);

		memcpy(touched, value.p, value.n);
		touched[i] = (char)(touched[i] ^ 0x10);
		clear = (struct str){0};
		opened += !seal_box_open(a, (struct str){touched, value.n}, &clear) && clear.p;
	}
	assert_int_equal(opened, 0);
	for (size_t n = 0; n < value.n; n++)
		assert_non_null(seal_box_open(a, (struct str){value.p, n}, &clear));
}

/* ---- quiet partitions ---- */

static void hashes_are_kafkas(void **state)
{
	(void)state;
	/* Vectors of Apache Kafka's UtilsTest. */
	assert_int_equal((int32_t)daily_record_hash("21", 2), -973932308);
	assert_int_equal((int32_t)daily_record_hash("foobar", 6), -790332482);
	assert_int_equal((int32_t)daily_record_hash("a-little-bit-long-string", 24), -985981536);
	assert_int_equal((int32_t)daily_record_hash("a-little-bit-longer-string", 26), -1486304829);
	assert_int_equal((int32_t)daily_record_hash("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", 48), -58897971);
	assert_int_equal((int32_t)daily_record_hash("abc", 3), 479470107);
}

static uint64_t reached(char ids[][UUID_LEN + 1], unsigned n, uint32_t partitions)
{
	uint64_t seen = 0;

	for (unsigned i = 0; i < n; i++) {
		const char *key = arena_printf(a, "%s/%s", PLATFORM_TENANT, ids[i]);

		seen |= UINT64_C(1) << (daily_record_hash(key, strlen(key)) & 0x7fffffff) % partitions;
	}
	return seen;
}

static void every_partition_is_reached(void **state)
{
	char ids[64][UUID_LEN + 1];
	unsigned topics = 0;

	(void)state;
	for (unsigned i = 0; i < TOPICS_COUNT; i++) {
		const struct topic_def *t = &TOPICS[i];
		unsigned n = t->daily_record ? daily_record_ids(t, ids, 64) : 0;

		topics += t->daily_record;
		if (!t->daily_record)
			continue;
		assert_in_range(n, t->partitions, t->partitions + t->small_partitions);
		assert_true(reached(ids, n, t->partitions) == (UINT64_C(1) << t->partitions) - 1);
		assert_true(reached(ids, n, t->small_partitions) == (UINT64_C(1) << t->small_partitions) - 1);
	}
	assert_in_range(topics, 3, TOPICS_COUNT);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(good_keys_are_taken),	     T(bad_keys_are_refused),
		T(keys_are_told_apart),	     T(the_named_consumer_opens),
		T(each_consumer_has_its_own), T(while_a_key_changes_both_open),
		T(without_a_key_nothing_is_written), T(what_was_touched_does_not_open),
		T(hashes_are_kafkas),	     T(every_partition_is_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
