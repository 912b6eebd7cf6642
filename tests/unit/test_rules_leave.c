/* Leave by tables of values (numbers are those of the test vectors). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "leave.h"
#include "rules_law.h"

static struct law law;
static struct rules r;

static int setup(void **state)
{
	(void)state;
	r = (struct rules){.law = &law, .place = "310000", .day = civil_of(2026, 1, 31)};
	return 0;
}

#define Y(yuan) ((int64_t)((yuan) * 100LL))

static void expect(bool refused, enum rule_fault_kind kind, const char *item)
{
	assert_false(refused);
	assert_int_equal(r.fault.kind, kind);
	assert_string_equal(r.fault.item, item);
	r.fault = (struct rule_fault){0};
}

static void tiers(void **state)
{
	static const int ROWS[][2] = {{0, 0}, {11, 0}, {12, 5}, {119, 5}, {120, 10}, {239, 10}, {240, 15}, {600, 15}}; /* L01 */
	int days;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_true(annual_tier(&r, ROWS[i][0], &days));
		assert_int_equal(days, ROWS[i][1]);
	}
	expect(annual_tier(&r, -1, &days), RULE_INPUT, "months");
	r.day = civil_of(2007, 12, 31);
	expect(annual_tier(&r, 12, &days), RULE_NO_LAW, "");
}

static void parts_of_years(void **state)
{
	static const struct {
		const char *id;
		bool leaves;
		int y, m, d, tier, taken_e2, days;
	} ROWS[] = {
		{"L02", false, 2025, 7, 1, 5, 0, 2}, {"L03", true, 2026, 3, 13, 10, 0, 1}, {"L04 72", true, 2026, 3, 13, 5, 0, 0},
		{"L04 73", true, 2026, 3, 14, 5, 0, 1}, {"L04 74", true, 2026, 3, 15, 5, 0, 1}, {"L04 leap", true, 2024, 3, 13, 5, 0, 1},
		{"L06", true, 2025, 3, 14, 5, 300, 0}, {"L11", true, 2025, 3, 14, 5, 0, 1}, {"L11", true, 2025, 5, 24, 5, 50, 1},
		{"L11 flooring first would owe none", true, 2025, 5, 24, 5, 97, 1}, {"a hundredth more", true, 2025, 5, 24, 5, 98, 0},
		{"a whole year", true, 2025, 12, 31, 15, 0, 15}, {"of 366 days", true, 2024, 12, 31, 15, 0, 15},
		{"from January", false, 2025, 1, 1, 10, 0, 10}, {"on the last day", false, 2025, 12, 31, 15, 0, 0},
	};
	int days;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		civil_day d = civil_of(ROWS[i].y, ROWS[i].m, ROWS[i].d);
		assert_true(ROWS[i].leaves ? annual_leaving(&r, d, ROWS[i].tier, ROWS[i].taken_e2, &days)
					   : annual_joining(&r, d, ROWS[i].tier, &days));
		if (days != ROWS[i].days)
			fail_msg("%s: %d", ROWS[i].id, days);
	}
	expect(annual_leaving(&r, 1, 5, -1, &days), RULE_INPUT, "taken");
	expect(annual_joining(&r, 1, -1, &days), RULE_INPUT, "tier");
}

static void days_not_given(void **state)
{
	int64_t v;

	(void)state;
	assert_true(annual_unused(&r, Y(43500), 1, &v)); /* L03 */
	assert_int_equal(v, Y(4000));
	assert_true(annual_unused(&r, Y(8700), 3, &v)); /* L05: on top of 100 % */
	assert_int_equal(v, Y(2400));
	assert_true(annual_unused(&r, Y(8700), 0, &v));
	assert_int_equal(v, 0);
	expect(annual_unused(&r, -1, 1, &v), RULE_INPUT, "monthly");
	expect(annual_unused(&r, 1, -1, &v), RULE_INPUT, "days");
}

static void lost_by_absence(void **state)
{
	static const struct {
		int years, sick, unpaid;
		bool entitled;
	} ROWS[] = { /* L07 */
		{5, 2, 0, false}, {5, 1, 0, true}, {12, 2, 0, true}, {12, 3, 0, false}, {21, 3, 0, true}, {21, 4, 0, false},
		{5, 0, 19, true}, {5, 0, 20, false}, {0, 0, 0, false},
	};
	bool entitled;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_true(annual_entitled(&r, ROWS[i].years, ROWS[i].sick, ROWS[i].unpaid, &entitled));
		if (entitled != ROWS[i].entitled)
			fail_msg("row %zu", i);
	}
	expect(annual_entitled(&r, 1, -1, 0, &entitled), RULE_INPUT, "absence");
}

static void medical_periods(void **state)
{
	static const int ROWS[][4] = { /* L08 and edges */
		{8, 3, 3, 6}, {8, 6, 6, 12}, {12, 3, 6, 12}, {12, 6, 9, 15}, {18, 12, 12, 18}, {25, 22, 24, 30}, {9, 9, 6, 12},
		{10, 4, 6, 12}, {10, 5, 9, 15}, {10, 10, 12, 18}, {19, 15, 18, 24}, {20, 20, 24, 30}, {0, 0, 3, 6}};
	int months, within;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_true(medical_period(&r, ROWS[i][0], ROWS[i][1], &months, &within));
		if (months != ROWS[i][2] || within != ROWS[i][3])
			fail_msg("%d/%d: %d in %d", ROWS[i][0], ROWS[i][1], months, within);
	}
	expect(medical_period(&r, 1, 2, &months, &within), RULE_INPUT, "years");
}

static void maternity(void **state)
{
	static const struct {
		const char *place;
		struct birth b;
		int days;
	} ROWS[] = { /* L09 */
		{"310000", {1, false, 1}, 158}, {"110000", {1, false, 1}, 158}, {"440000", {1, false, 1}, 178}, {"440000", {1, true, 2}, 223},
		{"330000", {1, false, 1}, 158}, {"330000", {2, false, 1}, 188}, {"330000", {3, false, 1}, 188}, {"310000", {1, true, 1}, 173},
		{"310000", {1, false, 3}, 188},
	};
	static const int MISCARRIAGES[][2] = {{0, 15}, {3, 15}, {4, 42}, {5, 42}};
	int days;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		r.place = ROWS[i].place;
		assert_true(maternity_days(&r, &ROWS[i].b, &days));
		if (days != ROWS[i].days)
			fail_msg("row %zu: %d", i, days);
	}
	for (size_t i = 0; i < 4; i++) {
		assert_true(miscarriage_days(&r, MISCARRIAGES[i][0], &days));
		assert_int_equal(days, MISCARRIAGES[i][1]);
	}
	assert_int_equal(civil_of(2025, 5, 10) + 158 - 1, civil_of(2025, 10, 14)); /* L10 */
	expect(maternity_days(&r, &(struct birth){0, false, 1}, &days), RULE_INPUT, "child");
	expect(maternity_days(&r, &(struct birth){1, false, 0}, &days), RULE_INPUT, "infants");
	expect(miscarriage_days(&r, -1, &days), RULE_INPUT, "months");
	r.place = "530100"; /* nobody has given the place's */
	expect(maternity_days(&r, &(struct birth){1, false, 1}, &days), RULE_NO_LAW, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
		T(tiers), T(parts_of_years), T(days_not_given), T(lost_by_absence), T(medical_periods), T(maternity),
	};
	law = shipped_law();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
