/* Social insurance and housing fund by tables of values (numbers are those of the test vectors). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "insurance.h"
#include "rules_law.h"

static struct law law;
static struct rules r;

static int setup(void **state)
{
	(void)state;
	r = (struct rules){.law = &law, .place = "310000", .day = civil_of(2025, 12, 1)};
	return 0;
}

#define Y(yuan) ((int64_t)((yuan) * 100LL))

static void at(const char *place, int year, int month)
{
	r.place = place;
	r.day = civil_of(year, month, 1);
}

static void expect(bool refused, enum rule_fault_kind kind, const char *item)
{
	assert_false(refused);
	assert_int_equal(r.fault.kind, kind);
	assert_string_equal(r.fault.item, item);
	r.fault = (struct rule_fault){0};
}

static void shares(void **state)
{
	static const struct {
		const char *id, *place;
		int year, month;
		enum insurance scheme;
		int64_t declared, base, worker, employer;
	} ROWS[] = {
		{"S01", "310000", 2025, 12, INSURANCE_PENSION, Y(50000), Y(37302), 298416, 596832},
		{"S01", "310000", 2025, 12, INSURANCE_MEDICAL, Y(50000), Y(37302), 74604, 335718},
		{"S01", "310000", 2025, 12, INSURANCE_UNEMPLOYMENT, Y(50000), Y(37302), 18651, 18651},
		{"S02", "310000", 2025, 12, INSURANCE_PENSION, Y(6000), Y(7460), 59680, 119360},
		{"S02", "310000", 2025, 12, INSURANCE_MEDICAL, Y(6000), Y(7460), 14920, 67140},
		{"S02", "310000", 2025, 12, INSURANCE_UNEMPLOYMENT, Y(6000), Y(7460), 3730, 3730},
		{"S03", "310000", 2025, 6, INSURANCE_PENSION, Y(40000), Y(36921), 295368, 590736},
		{"S03", "310000", 2025, 7, INSURANCE_PENSION, Y(40000), Y(37302), 298416, 596832},
		{"S03", "310000", 2026, 6, INSURANCE_PENSION, Y(40000), Y(37302), 298416, 596832},
		{"S03", "310000", 2026, 7, INSURANCE_PENSION, Y(40000), Y(37731), 301848, 603696},
		{"S07", "110000", 2025, 8, INSURANCE_PENSION, Y(20000), Y(20000), Y(1600), Y(3200)},
		{"S07", "110000", 2025, 8, INSURANCE_MEDICAL, Y(20000), Y(20000), Y(403), Y(1960)},
		{"S07", "110000", 2025, 8, INSURANCE_UNEMPLOYMENT, Y(20000), Y(20000), Y(100), Y(100)},
		{"S08", "110000", 2025, 8, INSURANCE_PENSION, Y(6000), Y(7162), 57296, 114592},
		{"S08", "110000", 2025, 8, INSURANCE_MEDICAL, Y(6000), Y(7162), 14324 + 300, 70188},
		{"S08", "110000", 2025, 8, INSURANCE_UNEMPLOYMENT, Y(6000), Y(7162), 3581, 3581},
		{"S09", "440100", 2025, 7, INSURANCE_PENSION, Y(4000), Y(5510), 44080, 88160},
		{"S09", "440000", 2025, 7, INSURANCE_PENSION, Y(4000), Y(4775), 38200, 76400},
		{"P01", "310000", 2025, 12, INSURANCE_MEDICAL, Y(20000), Y(20000), Y(400), Y(1800)},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct contribution c;
		at(ROWS[i].place, ROWS[i].year, ROWS[i].month);
		if (!insurance_contribution(&r, ROWS[i].scheme, ROWS[i].declared, &c) || c.base_fen != ROWS[i].base ||
		    c.worker_fen != ROWS[i].worker || c.employer_fen != ROWS[i].employer)
			fail_msg("%s row %zu: %lld %lld %lld", ROWS[i].id, i, (long long)c.base_fen, (long long)c.worker_fen,
				 (long long)c.employer_fen);
	}
}

static void half_a_fen_goes_up(void **state)
{
	int64_t v;

	(void)state;
	assert_true(insurance_share(&r, Y(37731), 500, &v)); /* S05 */
	assert_int_equal(v, 18866);
	assert_true(insurance_share(&r, Y(37729), 500, &v)); /* S10: half-even would give 188.64 */
	assert_int_equal(v, 18865);
}

static void injuries(void **state)
{
	static const int64_t ROWS[][4] = { /* declared, rate, base, employer */
		{Y(50000), 200, Y(37302), 7460}, {Y(6000), 200, Y(7460), 1492}, {Y(20000), 1900, Y(20000), Y(380)}, {Y(20000), 0, Y(20000), 0}};
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct contribution c;
		assert_true(insurance_injury(&r, ROWS[i][0], ROWS[i][1], &c));
		assert_int_equal(c.base_fen, ROWS[i][2]);
		assert_int_equal(c.employer_fen, ROWS[i][3]);
		assert_int_equal(c.worker_fen, 0);
	}
}

static void housing_fund(void **state)
{
	static const struct {
		const char *id;
		int year, month;
		struct fund_terms t;
		int64_t base, each;
	} ROWS[] = {
		{"S01", 2025, 12, {Y(50000), 7000, 0, false, false}, Y(37302), Y(2611)},
		{"S02", 2025, 12, {Y(2600), 7000, 0, false, false}, Y(2690), Y(188)},
		{"S04", 2026, 7, {Y(21750), 7000, 0, false, false}, Y(21750), Y(1523)},
		{"S04", 2026, 7, {Y(10010), 7000, 5000, false, false}, Y(10010), Y(1202)},
		{"S04", 2026, 7, {Y(37731), 7000, 5000, false, false}, Y(37731), Y(4528)},
		{"S06 first", 2025, 12, {Y(21750), 7000, 0, true, true}, Y(21750), 0},
		{"S06 second", 2026, 1, {Y(21750), 7000, 0, true, false}, Y(21750), Y(1523)},
		{"S06 transferred", 2025, 12, {Y(21750), 7000, 0, false, true}, Y(21750), Y(1523)},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct contribution c;
		at("310000", ROWS[i].year, ROWS[i].month);
		if (!insurance_fund(&r, &ROWS[i].t, &c) || c.base_fen != ROWS[i].base || c.worker_fen != ROWS[i].each ||
		    c.employer_fen != ROWS[i].each)
			fail_msg("%s: %lld of %lld", ROWS[i].id, (long long)c.worker_fen, (long long)c.base_fen);
	}
	at("110000", 2025, 8);
	struct contribution c;
	assert_true(insurance_fund(&r, &(struct fund_terms){Y(20000), 12000, 0, false, false}, &c)); /* S07 */
	assert_int_equal(c.worker_fen, Y(2400));
}

static void what_is_refused(void **state)
{
	struct contribution c = {1, 2, 3};
	int64_t v;

	(void)state;
	expect(insurance_contribution(&r, INSURANCE_PENSION, -1, &c), RULE_INPUT, "declared_base");
	expect(insurance_injury(&r, 1, -1, &c), RULE_INPUT, "rate");
	expect(insurance_injury(&r, 1, 100001, &c), RULE_INPUT, "rate");
	expect(insurance_fund(&r, &(struct fund_terms){1, 4999, 0, false, false}, &c), RULE_INPUT, "fund_rate");
	expect(insurance_fund(&r, &(struct fund_terms){1, 7001, 0, false, false}, &c), RULE_INPUT, "fund_rate");
	expect(insurance_fund(&r, &(struct fund_terms){1, 7000, 5001, false, false}, &c), RULE_INPUT, "fund_supplement");
	at("440100", 2025, 7); /* medical rates there nobody has given */
	expect(insurance_contribution(&r, INSURANCE_MEDICAL, 1, &c), RULE_NO_LAW, "MEDICAL");
	at("310000", 2027, 7); /* the year's notice isn't there: never the row of the year before */
	expect(insurance_contribution(&r, INSURANCE_PENSION, 1, &c), RULE_NO_LAW, "PENSION");
	expect(insurance_base(&r, INSURANCE_FUND, 1, &v), RULE_NO_LAW, "FUND");
	at("110000", 2026, 7);
	expect(insurance_base(&r, INSURANCE_PENSION, 1, &v), RULE_NO_LAW, "PENSION");
	assert_true(c.base_fen == 1 && c.worker_fen == 2 && c.employer_fen == 3); /* untouched */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
		T(shares), T(half_a_fen_goes_up), T(injuries), T(housing_fund), T(what_is_refused),
	};
	law = shipped_law();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
