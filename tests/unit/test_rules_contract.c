/* Terms of contracts and retirement by tables of values (numbers are those of the test vectors). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "contract.h"
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

static void probation(void **state)
{
	static const struct {
		enum term kind;
		int term, months;
	} ROWS[] = { /* K01 */
		{TERM_FIXED, 1, 0}, {TERM_FIXED, 2, 0}, {TERM_FIXED, 3, 1}, {TERM_FIXED, 11, 1}, {TERM_FIXED, 12, 2}, {TERM_FIXED, 35, 2},
		{TERM_FIXED, 36, 6}, {TERM_FIXED, 120, 6}, {TERM_OPEN_ENDED, 0, 6}, {TERM_PART_TIME, 0, 0}, {TERM_TASK, 0, 0},
	};
	int64_t least;
	int months;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_true(contract_probation(&r, ROWS[i].kind, ROWS[i].term, &months));
		if (months != ROWS[i].months)
			fail_msg("row %zu: %d", i, months);
	}
	expect(contract_probation(&r, TERM_FIXED, 0, &months), RULE_INPUT, "term_months");
	assert_true(contract_probation_wage(&r, Y(10000), Y(2740), &least));
	assert_int_equal(least, Y(8000));
	assert_true(contract_probation_wage(&r, Y(3000), Y(2740), &least));
	assert_int_equal(least, Y(2740));
	r.day = civil_of(2007, 12, 31);
	expect(contract_probation(&r, TERM_FIXED, 12, &months), RULE_NO_LAW, "");
	expect(contract_probation(&r, TERM_TASK, 0, &months), RULE_NO_LAW, "TASK");
}

static void without_a_written_contract(void **state)
{
	static const struct {
		const char *id;
		int hire[3], signed_on[3];
		int months, from[3], until[3];
		int64_t extra;
		bool open_ended;
	} ROWS[] = {
		{"K07", {2026, 1, 1}, {2027, 1, 1}, 11, {2026, 2, 1}, {2027, 1, 1}, Y(99000), true},
		{"years later", {2026, 1, 1}, {2029, 1, 1}, 11, {2026, 2, 1}, {2027, 1, 1}, Y(99000), true},
		{"a day before the year", {2026, 1, 1}, {2026, 12, 31}, 10, {2026, 2, 1}, {2026, 12, 31}, Y(90000) + 900000, false},
		{"within the month", {2026, 1, 1}, {2026, 1, 31}, 0, {2026, 2, 1}, {2026, 2, 1}, 0, false},
		{"on the day", {2026, 1, 1}, {2026, 2, 1}, 0, {2026, 2, 1}, {2026, 2, 1}, 0, false},
		{"from the last of a month", {2026, 1, 31}, {2026, 4, 1}, 1, {2026, 2, 28}, {2026, 4, 1}, Y(9000) + 41379, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		const int *h = ROWS[i].hire, *s = ROWS[i].signed_on, *f = ROWS[i].from, *t = ROWS[i].until;
		struct unwritten u;
		assert_true(contract_unwritten(&r, civil_of(h[0], h[1], h[2]), civil_of(s[0], s[1], s[2]), Y(9000), &u));
		if (u.from != civil_of(f[0], f[1], f[2]) || u.until != civil_of(t[0], t[1], t[2]) || u.months != ROWS[i].months ||
		    u.extra_fen != ROWS[i].extra || u.open_ended != ROWS[i].open_ended)
			fail_msg("%s: %d months, %lld", ROWS[i].id, u.months, (long long)u.extra_fen);
	}
	struct unwritten u;
	expect(contract_unwritten(&r, 10, 9, 1, &u), RULE_INPUT, "signed");
	expect(contract_unwritten(&r, 10, 10, -1, &u), RULE_INPUT, "monthly");
}

static void open_ended_and_non_compete(void **state)
{
	static const struct {
		int terms, years;
		bool asks, must;
	} ROWS[] = {{1, 0, false, false}, {2, 0, false, true}, {2, 0, true, false}, {0, 9, false, false}, {0, 10, false, true}};
	bool must;
	int64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_true(contract_open_ended(&r, ROWS[i].terms, ROWS[i].years, ROWS[i].asks, &must)); /* K08 */
		assert_int_equal(must, ROWS[i].must);
	}
	assert_true(contract_non_compete(&r, Y(20000), Y(2540), &v)); /* K09 */
	assert_int_equal(v, Y(6000));
	assert_true(contract_non_compete(&r, Y(5000), Y(2540), &v));
	assert_int_equal(v, Y(2540));
	expect(contract_open_ended(&r, -1, 0, false, &must), RULE_INPUT, "fixed_terms");
	expect(contract_non_compete(&r, -1, 0, &v), RULE_INPUT, "wage");
}

static void retirement(void **state)
{
	static const struct {
		enum retirement_group g;
		int y, m, delay, when_y, when_m;
	} ROWS[] = { /* K10 */
		{RETIRE_MALE, 1964, 12, 0, 2024, 12}, {RETIRE_MALE, 1965, 1, 1, 2025, 2}, {RETIRE_MALE, 1976, 9, 36, 2039, 9},
		{RETIRE_FEMALE_55, 1970, 5, 2, 2025, 7}, {RETIRE_FEMALE_55, 1981, 9, 36, 2039, 9},
		{RETIRE_FEMALE_50, 1975, 1, 1, 2025, 2}, {RETIRE_FEMALE_50, 1984, 11, 60, 2039, 11},
		/* steps */
		{RETIRE_MALE, 1965, 4, 1, 2025, 5}, {RETIRE_MALE, 1965, 5, 2, 2025, 7}, {RETIRE_FEMALE_50, 1975, 2, 1, 2025, 3},
		{RETIRE_FEMALE_50, 1975, 3, 2, 2025, 5}, {RETIRE_MALE, 2000, 1, 36, 2063, 1},
	};
	struct retirement out;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_true(contract_retirement(&r, ROWS[i].g, ROWS[i].y, ROWS[i].m, &out));
		if (out.delay_months != ROWS[i].delay || out.year != ROWS[i].when_y || out.month != ROWS[i].when_m)
			fail_msg("%d-%02d: %d months, %d-%02d", ROWS[i].y, ROWS[i].m, out.delay_months, out.year, out.month);
	}
	expect(contract_retirement(&r, RETIRE_MALE, 1965, 13, &out), RULE_INPUT, "birth_month");
	r.day = civil_of(2024, 12, 31);
	expect(contract_retirement(&r, RETIRE_MALE, 1965, 1, &out), RULE_NO_LAW, "MALE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
		T(probation), T(without_a_written_contract), T(open_ended_and_non_compete), T(retirement),
	};
	law = shipped_law();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
