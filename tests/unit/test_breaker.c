/* The breaker by a table of what happens when, and the budget of second tries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "breaker.h"
#include <cmocka.h>

#define COOL 1000

static struct breaker b;

static bool ask(int64_t now, unsigned *epoch)
{
	return breaker_ask(&b, now, epoch);
}

static void end(unsigned epoch, enum breaker_end how, int64_t now)
{
	breaker_end(&b, epoch, how, now, COOL, 0);
}

static bool once(enum breaker_end how, int64_t now)
{
	unsigned epoch;

	if (!ask(now, &epoch))
		return false;
	end(epoch, how, now);
	return true;
}

static void many(const char *ends, int64_t now)
{
	for (; *ends; ends++)
		assert_true(once(*ends == 'x' ? BREAKER_BAD : *ends == '-' ? BREAKER_NEITHER : BREAKER_GOOD, now));
}

static int fresh(void **state)
{
	(void)state;
	memset(&b, 0, sizeof(b));
	return 0;
}

static void opens_by_share(void **state)
{
	static const struct {
		const char *ends;
		enum breaker_state after;
	} ROWS[] = {
		{"xxxx", BREAKER_CLOSED}, /* too few to judge */
		{"xxxxx", BREAKER_OPEN},
		{".x.x.", BREAKER_CLOSED},
		{".x.x.x", BREAKER_OPEN}, /* half of them */
		{"..........", BREAKER_CLOSED},
		{".......xxx", BREAKER_CLOSED},
		{"-----------------", BREAKER_CLOSED},
		{"xxxx----", BREAKER_CLOSED},
	};

	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		fresh(state);
		many(ROWS[i].ends, 100);
		assert_int_equal(b.state, ROWS[i].after);
	}
}

static void failures_of_long_ago_are_forgotten(void **state)
{
	(void)state;
	many("xxxx", 0);
	many("x", BREAKER_WINDOW_MS);
	assert_int_equal(b.state, BREAKER_CLOSED);
	many("xxxx", BREAKER_WINDOW_MS + 1);
	assert_int_equal(b.state, BREAKER_OPEN);
}

static void one_probe_decides(void **state)
{
	unsigned probe, other;

	(void)state;
	many("xxxxx", 0);
	assert_false(ask(COOL - 1, &other));
	assert_true(ask(COOL, &probe));
	assert_int_equal(b.state, BREAKER_HALF_OPEN);
	assert_false(ask(COOL, &other)); /* one at a time */
	assert_false(ask(COOL * 100, &other));
	end(probe, BREAKER_GOOD, COOL + 5);
	assert_int_equal(b.state, BREAKER_CLOSED);
	many("....", COOL + 6);
}

static void a_failed_probe_waits_longer(void **state)
{
	static const int64_t COOLS[] = {1, 2, 4, 8, 16, 16, 16};
	int64_t now = 0;

	(void)state;
	many("xxxxx", now);
	for (size_t i = 0; i < sizeof(COOLS) / sizeof(COOLS[0]); i++) {
		unsigned none;

		assert_false(ask(now + COOLS[i] * COOL - 1, &none));
		now += COOLS[i] * COOL;
		assert_true(once(BREAKER_BAD, now));
		assert_int_equal(b.state, BREAKER_OPEN);
	}
	now += 16 * COOL;
	assert_true(once(BREAKER_GOOD, now));
	many("xxxxx", now); /* a good probe forgets: the next wait is the first again */
	assert_true(once(BREAKER_GOOD, now + COOL));
}

static void a_probe_that_says_nothing_makes_room_for_the_next(void **state)
{
	(void)state;
	many("xxxxx", 0);
	assert_true(once(BREAKER_NEITHER, COOL));
	assert_int_equal(b.state, BREAKER_OPEN);
	assert_true(once(BREAKER_GOOD, COOL));
	assert_int_equal(b.state, BREAKER_CLOSED);
}

/* An answer to what was sent before it opened is no answer of the probe. */
static void what_began_before_does_not_count_after(void **state)
{
	unsigned old, probe, none;

	(void)state;
	assert_true(ask(0, &old));
	many("xxxxx", 0);
	end(old, BREAKER_GOOD, 10);
	assert_int_equal(b.state, BREAKER_OPEN);
	assert_true(ask(COOL, &probe));
	end(old, BREAKER_GOOD, COOL);
	assert_int_equal(b.state, BREAKER_HALF_OPEN);
	assert_false(ask(COOL, &none));
	end(probe, BREAKER_BAD, COOL);
	assert_int_equal(b.state, BREAKER_OPEN);
}

static void dice_spread_the_end(void **state)
{
	static const uint32_t DICE[] = {0, 1, 249, 250, 1000000007, UINT32_MAX};

	for (size_t i = 0; i < sizeof(DICE) / sizeof(DICE[0]); i++) {
		fresh(state);
		for (int k = 0; k < 5; k++) {
			unsigned epoch;

			assert_true(ask(0, &epoch));
			breaker_end(&b, epoch, BREAKER_BAD, 0, COOL, DICE[i]);
		}
		assert_int_equal(b.until_ms, COOL + DICE[i] % (COOL / 4));
	}
}

static void second_tries_have_a_budget(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(breaker_afford(&b));
	assert_false(breaker_afford(&b));
	many("....", 0);
	assert_false(breaker_afford(&b));
	many(".", 0);
	assert_true(breaker_afford(&b));
	assert_false(breaker_afford(&b));
	many("x", 0);
	assert_false(breaker_afford(&b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(opens_by_share, fresh),
		cmocka_unit_test_setup(failures_of_long_ago_are_forgotten, fresh),
		cmocka_unit_test_setup(one_probe_decides, fresh),
		cmocka_unit_test_setup(a_failed_probe_waits_longer, fresh),
		cmocka_unit_test_setup(a_probe_that_says_nothing_makes_room_for_the_next, fresh),
		cmocka_unit_test_setup(what_began_before_does_not_count_after, fresh),
		cmocka_unit_test_setup(dice_spread_the_end, fresh),
		cmocka_unit_test_setup(second_tries_have_a_budget, fresh),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
