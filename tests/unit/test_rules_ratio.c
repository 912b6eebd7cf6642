/* Exact fractions: roundings by table, laws of arithmetic on seeded numbers, overflow as an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "ratio.h"

static void halves_round_away_from_zero(void **state)
{
	static const struct {
		int64_t num, den, unit, expected;
	} ROWS[] = {
		{1, 2, 1, 1}, {-1, 2, 1, -1}, {3, 2, 1, 2}, {5, 2, 1, 3}, {-5, 2, 1, -3}, {49, 100, 1, 0}, {-49, 100, 1, 0},
		{0, 7, 1, 0}, {18865500, 1000, 1, 18866}, {18864500, 1000, 1, 18865}, /* half-even would give 18864 */
		{152250, 1, 100, 152300}, {70070, 1, 100, 70100}, {18830, 1, 100, 18800}, {-150, 1, 100, -200}, {149, 1, 100, 100},
		{10000 * 100 * 10 * 3, 174 * 2, 1, 86207},
		{INT64_MAX, 1, 1, INT64_MAX}, {INT64_MIN, 1, 1, INT64_MIN},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		int64_t got = 77;
		if (!ratio_round(ratio_of(ROWS[i].num, ROWS[i].den), ROWS[i].unit, &got) || got != ROWS[i].expected)
			fail_msg("%lld/%lld to %lld: %lld", (long long)ROWS[i].num, (long long)ROWS[i].den,
				 (long long)ROWS[i].unit, (long long)got);
	}
}

static void floors_go_down(void **state)
{
	static const struct {
		int64_t num, den, expected;
	} ROWS[] = {{7, 2, 3}, {-7, 2, -4}, {6, 2, 3}, {-6, 2, -3}, {0, 5, 0}, {365, 365, 1}, {364, 365, 0}, {-1, 365, -1}};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		int64_t got = 77;
		assert_true(ratio_floor(ratio_of(ROWS[i].num, ROWS[i].den), &got));
		assert_int_equal(got, ROWS[i].expected);
	}
}

static void what_cannot_be_said_is_handed_on(void **state)
{
	struct ratio big = ratio_of(INT64_MAX, 1), bad[8];
	int64_t out = 77;

	(void)state;
	bad[0] = ratio_of(1, 0);
	bad[1] = ratio_div(ratio_int(1), ratio_int(0));
	bad[2] = ratio_mul(ratio_mul(big, big), big);
	bad[3] = ratio_add(ratio_of(1, 0), ratio_int(1));
	bad[4] = ratio_sub(ratio_int(1), RATIO_BAD);
	bad[5] = ratio_min(RATIO_BAD, ratio_int(1));
	bad[6] = ratio_max(ratio_int(1), RATIO_BAD);
	bad[7] = ratio_mul(RATIO_BAD, ratio_int(0));
	for (size_t i = 0; i < 8; i++) {
		assert_false(ratio_good(bad[i]));
		assert_false(ratio_round(bad[i], 1, &out));
		assert_false(ratio_floor(bad[i], &out));
	}
	assert_false(ratio_round(ratio_mul(big, ratio_int(2)), 1, &out)); /* good, but beyond 64 bits */
	assert_false(ratio_round(ratio_int(INT64_MAX), 1000, &out));     /* rounds up to beyond */
	assert_false(ratio_round(ratio_int(1), 0, &out));
	assert_int_equal(out, 77);
}

static uint64_t seed;

static int64_t draw(int64_t most)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int64_t)(seed % (uint64_t)(2 * most + 1)) - most;
}

static bool same(struct ratio a, struct ratio b)
{
	return a.num == b.num && a.den == b.den;
}

static struct ratio drawn(void)
{
	int64_t den = draw(100000);

	return ratio_of(draw(1000000000000), den ? den : 1);
}

static void arithmetic_holds(void **state)
{
	const char *given = getenv("RENHE_SEED");

	(void)state;
	seed = given ? strtoull(given, NULL, 10) : 20261122;
	printf("seed %llu\n", (unsigned long long)seed);
	for (int i = 0; i < 200000; i++) {
		struct ratio a = drawn(), b = drawn(), c = ratio_int(draw(1000));
		int cross = a.num * b.den < b.num * a.den ? -1 : a.num * b.den > b.num * a.den;

		assert_true(a.den > 0);
		assert_true(same(ratio_add(a, b), ratio_add(b, a)));
		assert_true(same(ratio_sub(ratio_add(a, b), b), a));
		assert_true(same(ratio_mul(ratio_add(a, b), c), ratio_add(ratio_mul(a, c), ratio_mul(b, c))));
		if (b.num)
			assert_true(same(ratio_mul(ratio_div(a, b), b), a));
		assert_int_equal(ratio_compare(a, b), cross);
		assert_int_equal(ratio_compare(a, a), 0);
		assert_true(same(ratio_min(a, b), cross <= 0 ? a : b) && same(ratio_max(a, b), cross >= 0 ? a : b));
	}
}

/* Where crosswise products would overflow. */
static void great_ones_compare(void **state)
{
	int128 top = ((int128)1 << 126);
	struct ratio a = {top, top - 1}, b = {top - 1, top - 2};

	(void)state;
	assert_int_equal(ratio_compare(a, b), -1);
	assert_int_equal(ratio_compare(b, a), 1);
	assert_int_equal(ratio_compare((struct ratio){-top, top - 1}, (struct ratio){-(top - 1), top - 2}), 1);
}

/* ratio_round against the nearest by search. */
static void rounding_is_nearest(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++) {
		int64_t num = draw(100000), den = 1 + (draw(500) + 500), unit = 1 + (draw(50) + 50), got;
		int64_t below, above;
		assert_true(ratio_round(ratio_of(num, den), unit, &got));
		assert_int_equal(got % unit, 0);
		below = llabs(num - got * den);
		above = llabs(num - (got + (num >= got * den ? unit : -unit)) * den);
		assert_true(below <= above);
		if (below == above) /* a tie: the one farther from zero */
			assert_true(llabs(got) >= llabs(num / den));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(halves_round_away_from_zero), cmocka_unit_test(floors_go_down),
		cmocka_unit_test(what_cannot_be_said_is_handed_on), cmocka_unit_test(arithmetic_holds),
		cmocka_unit_test(great_ones_compare), cmocka_unit_test(rounding_is_nearest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
