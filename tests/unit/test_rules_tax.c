/* Income tax by tables of values: the official examples and what was computed by hand from the texts
 * (numbers T.. are those of the test vectors), then refusals, then laws on seeded months. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "income_tax.h"
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

/* ---- wages ---- */

static void withheld_by_month(void **state)
{
	static const struct {
		const char *id;
		enum basic_mode mode;
		int first, n, repeat; /* repeat: the same month to December */
		int64_t income[12], contributions, special, tax[12];
	} ROWS[] = {
		{"T01", BASIC_EMPLOYED_MONTHS, 1, 12, 1, {Y(10000)}, Y(1500), Y(1000), {7500, 7500, 7500, 7500, 7500, 7500, 7500, 7500, 7500, 7500, 7500, 7500}},
		{"T02", BASIC_EMPLOYED_MONTHS, 1, 12, 1, {Y(30000)}, Y(4500), Y(2000),
		 {Y(555), Y(625), Y(1850), Y(1850), Y(1850), Y(1850), Y(1850), Y(2250), Y(3700), Y(3700), Y(3700), Y(3700)}},
		{"T03", BASIC_FIRST_JOB, 7, 2, 1, {Y(30000)}, 0, 0, {0, Y(600)}},
		{"T03b", BASIC_EMPLOYED_MONTHS, 7, 2, 1, {Y(30000)}, 0, 0, {Y(750), Y(1730)}},
		{"T04", BASIC_ANNUAL_60000, 1, 12, 1, {Y(8000)}, Y(2000), 0, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Y(180), Y(180)}},
		{"T04 by months", BASIC_EMPLOYED_MONTHS, 1, 12, 1, {Y(8000)}, Y(2000), 0, {3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000}},
		{"T05", BASIC_EMPLOYED_MONTHS, 1, 4, 0, {Y(10000), Y(4000), Y(4000), Y(4000)}, 0, 0, {Y(150), 0, 0, 0}},
		{"T05 whole year", BASIC_ANNUAL_60000, 1, 4, 0, {Y(10000), Y(4000), Y(4000), Y(4000)}, 0, 0, {0, 0, 0, 0}},
		{"T06", BASIC_EMPLOYED_MONTHS, 1, 3, 0, {Y(20000), Y(3000), Y(20000)}, Y(3500), 0, {Y(345), 0, Y(180)}},
		{"T15", BASIC_EMPLOYED_MONTHS, 1, 3, 0, {Y(22000), Y(22000), Y(24400)}, Y(3850), 0, {39450, 39450, Y(876)}},
		{"joins in December", BASIC_EMPLOYED_MONTHS, 12, 1, 0, {Y(5000)}, 0, 0, {0}},
		{"one fen taxable is no tax", BASIC_EMPLOYED_MONTHS, 1, 1, 0, {500001}, 0, 0, {0}},
		{"17 fen taxable is a fen", BASIC_EMPLOYED_MONTHS, 1, 1, 0, {500017}, 0, 0, {1}}, /* 0.51 */
	};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct tax_year y = {.mode = ROWS[i].mode, .first_month = ROWS[i].first};
		for (int m = 0; m < ROWS[i].n; m++) {
			struct tax_month in = {.income_fen = ROWS[i].income[ROWS[i].repeat ? 0 : m],
					       .contributions_fen = ROWS[i].contributions, .special_fen = ROWS[i].special};
			struct tax_withheld out;
			assert_true(tax_withhold(&r, &y, ROWS[i].first + m, &in, &out));
			if (out.tax_fen != ROWS[i].tax[m])
				fail_msg("%s month %d: %lld", ROWS[i].id, m + 1, (long long)out.tax_fen);
		}
	}
}

static void what_it_was_made_of(void **state)
{
	static const int64_t TAXABLE[] = {Y(11500), Y(6000), Y(17500)};
	static const int64_t INCOME[] = {Y(20000), Y(3000), Y(20000)};
	struct tax_year y = {.first_month = 1}, first_job = {.mode = BASIC_FIRST_JOB, .first_month = 7};
	struct tax_withheld out;

	(void)state;
	for (int m = 0; m < 3; m++) {
		struct tax_month in = {.income_fen = INCOME[m], .contributions_fen = Y(3500)};
		assert_true(tax_withhold(&r, &y, m + 1, &in, &out));
		assert_int_equal(out.taxable_cum_fen, TAXABLE[m]);
		assert_int_equal(out.basic_cum_fen, Y(5000) * (m + 1));
		assert_int_equal(out.cumulative.rate_e5, 3000);
	}
	assert_int_equal(out.withheld_before_fen, Y(345));
	assert_int_equal(y.withheld_fen, Y(525));
	for (int m = 7; m <= 8; m++) {
		assert_true(tax_withhold(&r, &first_job, m, &(struct tax_month){.income_fen = Y(30000)}, &out));
		assert_int_equal(out.basic_cum_fen, Y(5000) * m);
		assert_int_equal(out.basic_months, m);
	}
}

/* A month without pay counts; one behind the leaving doesn't; a second payment of a month adds none. */
static void months_of_the_basic_deduction(void **state)
{
	static const struct {
		enum basic_mode mode;
		int first, last, month, months;
	} ROWS[] = {
		{BASIC_EMPLOYED_MONTHS, 3, 0, 3, 1}, {BASIC_EMPLOYED_MONTHS, 3, 0, 6, 4}, {BASIC_EMPLOYED_MONTHS, 3, 5, 6, 3},
		{BASIC_EMPLOYED_MONTHS, 3, 3, 12, 1}, {BASIC_FIRST_JOB, 7, 0, 9, 9}, {BASIC_FIRST_JOB, 7, 8, 12, 8},
		{BASIC_ANNUAL_60000, 1, 0, 1, 12}, {BASIC_ANNUAL_60000, 1, 2, 3, 12},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct tax_year y = {.mode = ROWS[i].mode, .first_month = ROWS[i].first, .last_month = ROWS[i].last};
		struct tax_withheld out;
		assert_true(tax_withhold(&r, &y, ROWS[i].month, &(struct tax_month){.income_fen = Y(9000)}, &out));
		assert_int_equal(out.basic_months, ROWS[i].months);
		assert_true(tax_withhold(&r, &y, ROWS[i].month, &(struct tax_month){.income_fen = Y(100)}, &out));
		assert_int_equal(out.basic_months, ROWS[i].months);
	}
}

/* ---- tables ---- */

static bool of_year(int64_t v, struct tax *t)
{
	return tax_of_year(&r, v, t);
}
static bool bonus(int64_t v, struct tax *t)
{
	return tax_bonus(&r, v, t);
}
static bool labour(int64_t v, struct tax *t)
{
	return tax_fee(&r, FEE_LABOUR, v, t);
}
static bool author(int64_t v, struct tax *t)
{
	return tax_fee(&r, FEE_AUTHOR, v, t);
}
static bool royalty(int64_t v, struct tax *t)
{
	return tax_fee(&r, FEE_ROYALTY, v, t);
}
static bool foreign_wage(int64_t v, struct tax *t)
{
	return tax_non_resident_wage(&r, v, t);
}
static bool foreign_labour(int64_t v, struct tax *t)
{
	return tax_non_resident_fee(&r, FEE_LABOUR, v, t);
}
static bool foreign_author(int64_t v, struct tax *t)
{
	return tax_non_resident_fee(&r, FEE_AUTHOR, v, t);
}
static bool foreign_bonus(int64_t v, struct tax *t)
{
	return tax_non_resident_bonus(&r, v, t);
}

static void one_amount_one_tax(void **state)
{
	static const struct {
		bool (*rule)(int64_t, struct tax *);
		int64_t in, tax;
	} ROWS[] = {
		/* T07 and what lies at its edges */
		{of_year, -1, 0}, {of_year, 0, 0}, {of_year, Y(36000), Y(1080)}, {of_year, 3600001, Y(1080)}, {of_year, Y(144000), Y(11880)},
		{of_year, 14400001, Y(11880)}, {of_year, Y(300000), Y(43080)}, {of_year, Y(412345), 7116625}, {of_year, Y(420000), Y(73080)},
		{of_year, Y(660000), Y(145080)}, {of_year, Y(960000), Y(250080)}, {of_year, Y(2000000), Y(718080)},
		/* T08 */
		{bonus, Y(36000), Y(1080)}, {bonus, Y(36001), 339010}, {bonus, Y(50000), Y(4790)}, {bonus, Y(120000), Y(11790)},
		{bonus, Y(144000), Y(14190)}, {bonus, Y(144001), 2739020}, {bonus, 3600001, 339000}, {bonus, 0, 0},
		/* T09 */
		{labour, Y(800), 0}, {labour, Y(2000), Y(240)}, {labour, Y(3000), Y(440)}, {labour, Y(4000), Y(640)}, {labour, Y(20000), Y(3200)},
		{labour, Y(25000), Y(4000)}, {labour, Y(30000), Y(5200)}, {labour, Y(70000), Y(15400)}, {labour, 0, 0}, {labour, 79999, 0},
		{labour, 400001, 64000}, /* a fifth off instead of 800: 3200.008 at 20 % */
		/* T10, royalties */
		{author, Y(40000), Y(4480)}, {author, Y(800), 0}, {royalty, Y(4000), Y(640)}, {royalty, Y(40000), Y(6400)},
		/* T11, T12 */
		{foreign_wage, Y(9000), Y(190)}, {foreign_wage, Y(30000), Y(3590)}, {foreign_wage, Y(5000), 0}, {foreign_wage, 500001, 0},
		{foreign_labour, Y(20000), Y(1790)}, {foreign_author, Y(10000), Y(350)}, {foreign_bonus, Y(60000), Y(4740)},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct tax t;
		if (!ROWS[i].rule(ROWS[i].in, &t) || t.tax_fen != ROWS[i].tax)
			fail_msg("row %zu, %lld fen: %lld", i, (long long)ROWS[i].in, (long long)t.tax_fen);
	}
}

static void interns_and_severance(void **state)
{
	struct tax_withheld w;
	struct tax_severance s;

	(void)state;
	assert_true(tax_intern(&r, Y(3000), 1, 0, &w)); /* T10 */
	assert_int_equal(w.tax_fen, 0);
	assert_true(tax_intern(&r, Y(20000), 2, 0, &w)); /* 16000 - 10000 at 3 % */
	assert_int_equal(w.tax_fen, Y(180));
	assert_true(tax_intern(&r, Y(20000), 2, Y(200), &w));
	assert_int_equal(w.tax_fen, 0);
	assert_true(tax_severance(&r, Y(600000), Y(12434), &s)); /* T13 */
	assert_int_equal(s.exempt_fen, Y(447624));
	assert_int_equal(s.tax.taxable_fen, Y(152376));
	assert_int_equal(s.tax.tax_fen, 1355520);
	assert_true(tax_severance(&r, Y(447624), Y(12434), &s));
	assert_int_equal(s.tax.tax_fen, 0);
}

static void special_by_date(void **state)
{
	static const struct {
		struct special_item item;
		int64_t in_2022, in_2023;
	} ROWS[] = {
		{{"CHILD_EDUCATION", 1, 100000, false, 0}, Y(1000), Y(2000)},
		{{"CHILD_EDUCATION", 2, 50000, false, 0}, Y(1000), Y(2000)},
		{{"ELDERLY_SUPPORT", 1, 0, true, 0}, Y(2000), Y(3000)},
		{{"ELDERLY_SUPPORT", 1, 0, false, Y(1000)}, Y(1000), Y(1000)},
		{{"INFANT_CARE", 1, 50000, false, 0}, Y(500), Y(1000)},
		{{"HOUSING_RENT_1", 1, 100000, false, 0}, Y(1500), Y(1500)},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		int64_t got;
		r.day = civil_of(2022, 12, 1);
		assert_true(tax_special(&r, &ROWS[i].item, &got));
		assert_int_equal(got, ROWS[i].in_2022);
		r.day = civil_of(2023, 1, 1);
		assert_true(tax_special(&r, &ROWS[i].item, &got));
		assert_int_equal(got, ROWS[i].in_2023);
	}
}

/* ---- refusals: the fault says which, and nothing is changed ---- */

static void expect(bool refused, enum rule_fault_kind kind, const char *item)
{
	assert_false(refused);
	assert_int_equal(r.fault.kind, kind);
	assert_string_equal(r.fault.item, item);
	r.fault = (struct rule_fault){0};
}

static void facts_out_of_range(void **state)
{
	struct tax t;
	struct tax_withheld w;
	struct tax_severance s;
	struct tax_year y;
	int64_t v;
	const struct tax_month none = {0}, great = {.income_fen = INT64_MAX};

	(void)state;
	expect(tax_bonus(&r, -1, &t), RULE_INPUT, "bonus");
	expect(tax_fee(&r, FEE_AUTHOR, -1, &t), RULE_INPUT, "pay");
	expect(tax_non_resident_wage(&r, -1, &t), RULE_INPUT, "wage");
	expect(tax_non_resident_fee(&r, FEE_LABOUR, -1, &t), RULE_INPUT, "pay");
	expect(tax_severance(&r, -1, 1, &s), RULE_INPUT, "compensation");
	expect(tax_severance(&r, 1, 0, &s), RULE_INPUT, "monthly_average");
	expect(tax_severance(&r, 1, INT64_MAX / 2, &s), RULE_OVERFLOW, "exempt");
	expect(tax_intern(&r, -1, 1, 0, &w), RULE_INPUT, "pay");
	expect(tax_intern(&r, 1, 13, 0, &w), RULE_INPUT, "months");
	expect(tax_special(&r, &(struct special_item){"CHILD_EDUCATION", 0, 100000, false, 0}, &v), RULE_INPUT, "count");
	expect(tax_special(&r, &(struct special_item){"CHILD_EDUCATION", 1, 70000, false, 0}, &v), RULE_INPUT, "share");
	expect(tax_special(&r, &(struct special_item){"ELDERLY_SUPPORT", 1, 0, false, Y(1501)}, &v), RULE_INPUT, "share_fen");
	expect(tax_special(&r, &(struct special_item){"SERIOUS_ILLNESS", 1, 100000, false, 0}, &v), RULE_NO_LAW, "SERIOUS_ILLNESS");
	y = (struct tax_year){.first_month = 0};
	expect(tax_withhold(&r, &y, 1, &none, &w), RULE_INPUT, "first_month");
	y = (struct tax_year){.first_month = 3};
	expect(tax_withhold(&r, &y, 2, &none, &w), RULE_INPUT, "month");
	y = (struct tax_year){.first_month = 1, .month = 6};
	expect(tax_withhold(&r, &y, 5, &none, &w), RULE_INPUT, "month");
	y = (struct tax_year){.first_month = 3, .last_month = 2};
	expect(tax_withhold(&r, &y, 3, &none, &w), RULE_INPUT, "last_month");
	y = (struct tax_year){.first_month = 1, .income_fen = 1};
	expect(tax_withhold(&r, &y, 1, &great, &w), RULE_OVERFLOW, "sums");
	assert_int_equal(y.income_fen, 1); /* untouched */
	assert_int_equal(y.month, 0);
}

static void a_day_without_law_is_no_answer(void **state)
{
	struct tax t;
	struct tax_year y = {.first_month = 12};
	struct tax_withheld w;

	(void)state;
	r.day = civil_of(2018, 12, 31);
	expect(tax_of_year(&r, 1, &t), RULE_NO_LAW, "band");
	expect(tax_withhold(&r, &y, 12, &(struct tax_month){0}, &w), RULE_NO_LAW, "WAGE");
	r.day = civil_of(2027, 12, 31);
	assert_true(tax_bonus(&r, Y(36000), &t));
	r.day = civil_of(2028, 1, 1); /* enacted to the end of 2027 */
	expect(tax_bonus(&r, Y(36000), &t), RULE_NO_LAW, "ANNUAL");
}

/* ---- laws ---- */

static uint64_t seed = 20261122;

static int64_t draw(int64_t most)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int64_t)(seed % (uint64_t)(most + 1));
}

/* Of any year: what was withheld is the greatest of the cumulative taxes so far, whatever the order of
 * payments, and a year at once bears no more than one by months. */
static void withheld_is_the_peak(void **state)
{
	(void)state;
	for (int n = 0; n < 20000; n++) {
		struct tax_year y = {.mode = (enum basic_mode)draw(2), .first_month = 1 + (int)draw(11)};
		int64_t peak = 0;
		for (int m = y.first_month; m <= 12; m++) {
			struct tax_month in = {draw(Y(60000)), draw(Y(500)), draw(Y(9000)), draw(Y(6000)), draw(Y(300)), 0};
			struct tax_withheld out;
			assert_true(tax_withhold(&r, &y, m, &in, &out));
			assert_true(out.tax_fen >= 0);
			if (out.cumulative.tax_fen > peak)
				peak = out.cumulative.tax_fen;
			assert_int_equal(y.withheld_fen, peak);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
		T(withheld_by_month), T(what_it_was_made_of), T(months_of_the_basic_deduction), T(one_amount_one_tax),
		T(interns_and_severance), T(special_by_date), T(facts_out_of_range), T(a_day_without_law_is_no_answer),
		T(withheld_is_the_peak),
	};
	law = shipped_law();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
