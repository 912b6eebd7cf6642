/* Payslips: those of the vectors, what holds nobody back and what does, sums for random facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "payslip.h"
#include "rules_law.h"

#define SHANGHAI "310000"

static struct law law;
static struct slip slip;

static civil_day day(const char *s)
{
	civil_day d;

	assert_true(civil_read(s, &d));
	return d;
}

/* Someone in Shanghai with everything insured at the wage, 7 % fund, 0.2 % injury. */
static struct slip_wage WAGE[3];
static struct slip_facts someone(const char *month, int64_t wage)
{
	struct slip_facts f = {.law = &law, .place = SHANGHAI, .insurance_place = SHANGHAI, .first_of_month = day(month),
			       .hire = day("2020-01-01"), .until = DAY_NEVER, .wage = WAGE, .n_wages = 1};

	WAGE[0] = (struct slip_wage){f.first_of_month, wage};
	f.pay_day = civil_add_months(f.first_of_month, 1) - 1;
	for (int i = 0; i < INSURANCES; i++) {
		f.insurance.due[i] = true;
		f.insurance.declared_fen[i] = wage;
	}
	f.insurance.injury_rate_e5 = 200;
	f.insurance.fund = (struct fund_terms){.declared_fen = wage, .rate_e5 = 7000};
	f.tax.residence = SLIP_RESIDENT;
	f.tax.year.first_month = 1;
	return f;
}

static int64_t sum_of(enum slip_group g, const char *code)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < slip.n; i++)
		if (slip.line[i].group == g && (!code || strcmp(slip.line[i].code, code) == 0))
			sum += slip.line[i].fen;
	return sum;
}

static void made(const struct slip_facts *f)
{
	if (!payslip(f, &slip))
		fail_msg("%u problems, the first %d %s %u %s", slip.n_problems, slip.problem[0].kind, slip.problem[0].item,
			 slip.problem[0].index, slip.problem[0].place);
}

/* ---- vectors O-P01 to O-P03 ---- */

static void a_whole_slip(void **state)
{
	struct slip_facts f = someone("2025-12-01", 2000000);

	(void)state;
	f.hire = day("2025-12-01");
	f.tax.year.first_month = 12;
	made(&f);
	assert_int_equal(slip.gross_fen, 2000000);
	assert_int_equal(sum_of(SLIP_OWN, "PENSION"), 160000);
	assert_int_equal(sum_of(SLIP_EMPLOYER, "PENSION"), 320000);
	assert_int_equal(sum_of(SLIP_OWN, "MEDICAL"), 40000);
	assert_int_equal(sum_of(SLIP_EMPLOYER, "MEDICAL"), 180000);
	assert_int_equal(sum_of(SLIP_OWN, "UNEMPLOYMENT"), 10000);
	assert_int_equal(sum_of(SLIP_EMPLOYER, "UNEMPLOYMENT"), 10000);
	assert_int_equal(sum_of(SLIP_EMPLOYER, "INJURY"), 4000);
	assert_int_equal(sum_of(SLIP_OWN, "FUND"), 140000);
	assert_int_equal(sum_of(SLIP_EMPLOYER, "FUND"), 140000);
	assert_int_equal(slip.tax_fen, 34500);
	assert_int_equal(slip.net_fen, 1615500);
	assert_int_equal(slip.employer_fen, 654000);
}

static void on_the_edge_of_a_band(void **state)
{
	struct slip_facts f = someone("2025-12-01", 4752771);

	(void)state;
	f.hire = day("2025-12-01");
	f.tax.year.first_month = 12;
	made(&f);
	assert_int_equal(slip.own_fen, 652771);
	assert_int_equal(slip.withheld.taxable_cum_fen, 3600000);
	assert_int_equal(slip.tax_fen, 108000);
	assert_int_equal(slip.net_fen, 3992000);
}

static void a_leaver_after_three_months(void **state)
{
	static const struct slip_amount LEAVE = {"LEAVE_PAY", 400000, .taxable = true, .source = "leave/1"};
	static const char *const MONTHS[] = {"2026-01-01", "2026-02-01", "2026-03-01"};
	static const int64_t TAX[] = {95917, 291529, 124723};
	struct tax_year year = {.first_month = 1, .last_month = 3};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct slip_facts f = someone(MONTHS[i], 4350000);

		f.hire = day("2025-12-01");
		f.until = day("2026-03-14"); /* the exit day is employed */
		f.tax.year = year;
		if (i == 2) {
			f.amount = &LEAVE;
			f.n_amounts = 1;
			f.tax.severance_fen = 1886550;
			f.tax.monthly_average_fen = 1257700;
		}
		made(&f);
		assert_int_equal(sum_of(SLIP_TAX, "INCOME_TAX"), TAX[i]);
		assert_int_equal(slip.own_fen, 652771);
		year = slip.year;
	}
	assert_int_equal(sum_of(SLIP_EARNED, "WAGE"), 2000000);
	assert_int_equal(sum_of(SLIP_TAX, "SEVERANCE_TAX"), 0);
	assert_int_equal(slip.net_fen, 3509056);
}

/* ---- each kind of line ---- */

static void lines_of_pay(void **state)
{
	static const struct slip_amount AMOUNTS[] = {
		{"MEALS", 30000, .taxable = true, .source = "a/1"},
		{"LATE", 5000, .cut = true, .taxable = true, .normal = true, .source = "a/2"},
		{"GIFT", 700, .source = "a/3"},
	};
	struct slip_facts f = someone("2026-03-01", 2175000);

	(void)state;
	f.overtime_seconds[OVERTIME_REST] = 8 * 3600;
	f.absent_days_e2 = 200;
	f.amount = AMOUNTS;
	f.n_amounts = 3;
	made(&f);
	assert_int_equal(sum_of(SLIP_EARNED, "WAGE"), 2175000);
	assert_int_equal(sum_of(SLIP_EARNED, "OVERTIME_REST"), 200000);
	assert_int_equal(sum_of(SLIP_CUT, "ABSENCE"), 200000);
	assert_int_equal(slip.gross_fen, 2175000 + 200000 - 200000 + 30000 - 5000 + 700);
	assert_int_equal(slip.year.income_fen, slip.gross_fen - 700);
	assert_string_equal(slip.line[slip.n - 1].group == SLIP_TAX ? "tax" : "other", "tax");
	for (unsigned i = 0; i < slip.n; i++)
		if (strcmp(slip.line[i].code, "MEALS") == 0)
			assert_string_equal(slip.line[i].source, "a/1");
}

static void each_line_names_its_law(void **state)
{
	struct slip_facts f = someone("2026-03-01", 2175000);

	(void)state;
	made(&f);
	for (unsigned i = 0; i < slip.n; i++) {
		const struct slip_line *l = &slip.line[i];

		assert_true(l->law_from + l->law_n <= slip.trace.n);
		if (l->group == SLIP_OWN || l->group == SLIP_EMPLOYER)
			assert_true(l->law_n > 0 || strcmp(l->code, "INJURY") == 0 || l->law_from > 0);
	}
}

static void two_wages_in_a_month(void **state)
{
	struct slip_facts f = someone("2026-03-01", 2000000);
	int64_t before = 0;

	(void)state;
	made(&f);
	before = sum_of(SLIP_EARNED, "WAGE");
	WAGE[1] = (struct slip_wage){day("2026-03-16"), 2200000};
	f.n_wages = 2;
	made(&f);
	assert_true(sum_of(SLIP_EARNED, "WAGE") > before && sum_of(SLIP_EARNED, "WAGE") < 2200000);
}

static void the_minimum_is_proposed(void **state)
{
	struct slip_facts f = someone("2026-03-01", 274000);

	(void)state;
	for (int i = 0; i < INSURANCES; i++)
		f.insurance.due[i] = false;
	made(&f);
	assert_int_equal(slip.top_up_fen, 0);
	WAGE[0].fen = 273999;
	made(&f);
	assert_int_equal(slip.top_up_fen, 1);
	assert_int_equal(slip.net_fen, 273999);
}

static void less_than_nothing_is_a_receivable(void **state)
{
	struct slip_facts f = someone("2026-03-01", 1000000);

	(void)state;
	f.absent_days_e2 = 2200; /* all paid days of the month */
	made(&f);
	assert_int_equal(slip.gross_fen, 0);
	assert_int_equal(slip.tax_fen, 0);
	assert_int_equal(slip.net_fen, 0);
	assert_int_equal(slip.receivable_fen, slip.own_fen);
	assert_true(slip.receivable_fen > 0);
}

static void a_bonus_is_taxed_apart(void **state)
{
	struct slip_facts f = someone("2026-03-01", 1000000);
	int64_t before;

	(void)state;
	made(&f);
	before = sum_of(SLIP_TAX, "INCOME_TAX");
	f.tax.bonus_fen = 3600000;
	made(&f);
	assert_int_equal(sum_of(SLIP_TAX, "INCOME_TAX"), before);
	assert_int_equal(sum_of(SLIP_TAX, "BONUS_TAX"), 108000); /* 36,000 at 3 % */
}

static void a_non_resident(void **state)
{
	struct slip_facts f = someone("2026-03-01", 1300000);

	(void)state;
	f.tax.residence = SLIP_NON_RESIDENT;
	made(&f);
	assert_int_equal(slip.tax_fen, 59000); /* (13,000 - 5,000) x 10 % - 210: no relief for insurance */
	assert_int_equal(slip.year.month, 0);
}

static void claims_by_their_ranks(void **state)
{
	static const struct slip_claim CLAIMS[] = {
		{"LOAN", SLIP_AGREED, 10000000, 0, "c/4"},
		{"DAMAGE", SLIP_LOSS, 500000, 0, "c/3"},
		{"ORDER", SLIP_COURT, 100000, -1, "c/2"},
		{"CHILD", SLIP_SUPPORT, 150000, 0, "c/1"},
	};
	struct slip_facts f = someone("2026-03-01", 800000);

	(void)state;
	for (int i = 0; i < INSURANCES; i++)
		f.insurance.due[i] = false;
	f.tax.year.first_month = 1;
	f.claim = CLAIMS;
	f.n_claims = 4;
	made(&f);
	/* Two months' basic deduction more than earned: no tax. 8000 - 1500 - 1000 - min(5000, 1600, 8000 - 2740) - all the rest. */
	assert_int_equal(slip.tax_fen, 0);
	assert_string_equal(slip.line[1].code, "INCOME_TAX");
	assert_string_equal(slip.line[2].code, "CHILD");
	assert_string_equal(slip.line[3].code, "ORDER");
	assert_string_equal(slip.line[4].code, "DAMAGE");
	assert_int_equal(slip.line[4].fen, 160000);
	assert_int_equal(slip.line[4].left_fen, 340000);
	assert_string_equal(slip.line[5].code, "LOAN");
	assert_int_equal(slip.line[5].fen, 800000 - 150000 - 100000 - 160000);
	assert_int_equal(slip.net_fen, 0);
	assert_int_equal(slip.receivable_fen, 0);
}

/* Nothing is left for the second one: it is told, with what is open of it. */
static void a_claim_of_which_nothing_is_taken_is_told(void **state)
{
	static const struct slip_claim CLAIMS[] = {{"LOAN", SLIP_AGREED, 900000, 0, "c/1"}, {"LOAN", SLIP_AGREED, 100, 0, "c/2"}};
	struct slip_facts f = someone("2026-03-01", 800000);

	(void)state;
	for (int i = 0; i < INSURANCES; i++)
		f.insurance.due[i] = false;
	f.claim = CLAIMS;
	f.n_claims = 2;
	made(&f);
	assert_int_equal(slip.line[slip.n - 1].fen, 0);
	assert_int_equal(slip.line[slip.n - 1].left_fen, 100);
	assert_int_equal(slip.line[slip.n - 1].of, 1);
	assert_string_equal(slip.line[slip.n - 1].source, "c/2");
}

static void a_court_leaves_what_it_says(void **state)
{
	static const struct slip_claim ORDER = {"ORDER", SLIP_COURT, 10000000, 500000, "c/1"};
	struct slip_facts f = someone("2026-03-01", 800000);

	(void)state;
	for (int i = 0; i < INSURANCES; i++)
		f.insurance.due[i] = false;
	f.claim = &ORDER;
	f.n_claims = 1;
	made(&f);
	assert_int_equal(slip.net_fen, 500000);
	assert_int_equal(slip.line[slip.n - 1].left_fen, 10000000 - 300000);
}

/* ---- who is held out ---- */

enum { NOBODY = 1, NO_RESIDENCE, NO_WAGE, THREE_WAGES, LEFT_BEFORE, NO_BASE, NO_FUND, NO_CITY, NO_YEAR, NO_AVERAGE, MINUS_BONUS, AMOUNT_0,
       CLAIM_0, HUGE, PART_AND_CHANGE, TAX_TWICE };
static void spoil(struct slip_facts *f, int how)
{
	static struct slip_amount amount = {"X", 0, .source = "x"};
	static struct slip_claim claim = {"X", SLIP_AGREED, 0, 0, "x"};

	switch (how) {
	case NO_RESIDENCE: f->tax.residence = SLIP_NOT_RECORDED; break;
	case NO_WAGE: f->n_wages = 0; break;
	case THREE_WAGES: f->n_wages = 3; break;
	case LEFT_BEFORE: f->until = f->first_of_month; break;
	case NO_BASE: f->insurance.declared_fen[INSURANCE_PENSION] = 0; break;
	case NO_FUND: f->insurance.fund.declared_fen = 0; break;
	case NO_CITY: f->insurance_place = "990000"; break;
	case NO_YEAR: f->first_of_month = day("2019-03-01"); f->pay_day = day("2019-03-31"); f->hire = day("2019-01-01"); break;
	case NO_AVERAGE: f->tax.severance_fen = 1; break;
	case MINUS_BONUS: f->tax.bonus_fen = -1; break;
	case AMOUNT_0: f->amount = &amount; f->n_amounts = 1; break;
	case CLAIM_0: f->claim = &claim; f->n_claims = 1; break;
	case HUGE: f->tax.bonus_fen = SLIP_FEN_MOST + 1; break;
	case PART_AND_CHANGE: f->hire = f->first_of_month + 5; f->n_wages = 2; WAGE[1] = (struct slip_wage){f->first_of_month + 10, 1}; break;
	case TAX_TWICE: f->tax.year.month = 4; break;
	default: break;
	}
}

static void held_out(void **state)
{
	static const struct {
		int how;
		enum slip_problem_kind kind;
		const char *item;
	} ROWS[] = {
		{NO_RESIDENCE, SLIP_MISSING, "residence"}, {NO_WAGE, SLIP_MISSING, "wage"}, {THREE_WAGES, SLIP_RANGE, "wage"},
		{LEFT_BEFORE, SLIP_RANGE, "employment"},   {NO_BASE, SLIP_MISSING, "PENSION"}, {NO_FUND, SLIP_MISSING, "FUND"},
		{NO_CITY, SLIP_NO_LAW, "PENSION"},	   {NO_YEAR, SLIP_NO_LAW, NULL},       {NO_AVERAGE, SLIP_MISSING, "monthly-average"},
		{MINUS_BONUS, SLIP_RANGE, "bonus"},	   {AMOUNT_0, SLIP_RANGE, "amount"},   {CLAIM_0, SLIP_RANGE, "claim"},
		{HUGE, SLIP_RANGE, "bonus"},		   {PART_AND_CHANGE, SLIP_RANGE, "wage"}, {TAX_TWICE, SLIP_RANGE, "income-tax"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct slip_facts f = someone("2026-03-01", 1000000);

		spoil(&f, ROWS[i].how);
		if (payslip(&f, &slip) || slip.problem[0].kind != ROWS[i].kind ||
		    (ROWS[i].item && strcmp(slip.problem[0].item, ROWS[i].item) != 0))
			fail_msg("row %zu: %u problems, the first %d %s", i, slip.n_problems, slip.problem[0].kind,
				 slip.n_problems ? slip.problem[0].item : "");
	}
}

static void all_that_is_missing_at_once(void **state)
{
	struct slip_facts f = someone("2026-03-01", 1000000);

	(void)state;
	spoil(&f, NO_RESIDENCE);
	spoil(&f, NO_WAGE);
	spoil(&f, NO_BASE);
	spoil(&f, NO_FUND);
	spoil(&f, AMOUNT_0);
	spoil(&f, CLAIM_0);
	assert_false(payslip(&f, &slip));
	assert_int_equal(slip.n_problems, 6);
}

/* ---- whatever the facts are ---- */

static uint64_t seed;

static int64_t pick(int64_t from, int64_t to)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return from + (int64_t)(seed % (uint64_t)(to - from + 1));
}

static struct slip_amount amounts[6];
static struct slip_claim claims[4];
static struct slip_facts drawn(void)
{
	static const char *const MONTHS[] = {"2026-01-01", "2026-02-01", "2026-03-01", "2026-06-01", "2026-09-01"};
	struct slip_facts f = someone(MONTHS[pick(0, 4)], pick(200000, 9000000));

	if (pick(0, 3) == 0)
		f.hire = f.first_of_month + (civil_day)pick(0, 27);
	if (pick(0, 5) == 0)
		f.until = f.first_of_month + (civil_day)pick(28, 40);
	f.proration = (enum proration)pick(0, 2);
	for (int k = 0; k < 3; k++)
		f.overtime_seconds[k] = pick(0, 2) ? 0 : pick(1, 100000);
	f.absent_days_e2 = pick(0, 3) ? 0 : pick(1, 500);
	f.sick.days_e2 = pick(0, 3) ? 0 : pick(1, 500);
	f.sick.years = (int)pick(0, 12);
	f.n_amounts = (unsigned)pick(0, 6);
	for (unsigned i = 0; i < f.n_amounts; i++)
		amounts[i] = (struct slip_amount){"A", pick(1, 500000), pick(0, 1), pick(0, 1), pick(0, 1), "a"};
	f.n_claims = (unsigned)pick(0, 4);
	for (unsigned i = 0; i < f.n_claims; i++)
		claims[i] = (struct slip_claim){"C", (enum slip_claim_kind)pick(0, 3), pick(1, 900000), pick(-1, 0) ? -1 : pick(0, 500000), "c"};
	f.amount = amounts;
	f.claim = claims;
	f.tax.bonus_fen = pick(0, 4) ? 0 : pick(1, 9000000);
	for (int i = 0; i < INSURANCES; i++)
		f.insurance.due[i] = pick(0, 9);
	if (pick(0, 9) == 0)
		f.tax.residence = SLIP_NON_RESIDENT;
	return f;
}

static void check_sums(void)
{
	assert_int_equal(slip.gross_fen, sum_of(SLIP_EARNED, NULL) - sum_of(SLIP_CUT, NULL));
	assert_int_equal(slip.own_fen, sum_of(SLIP_OWN, NULL));
	assert_int_equal(slip.tax_fen, sum_of(SLIP_TAX, NULL));
	assert_int_equal(slip.deducted_fen, sum_of(SLIP_DEDUCTED, NULL));
	assert_int_equal(slip.employer_fen, sum_of(SLIP_EMPLOYER, NULL));
	assert_int_equal(slip.gross_fen - slip.own_fen - slip.tax_fen - slip.deducted_fen, slip.net_fen - slip.receivable_fen);
	assert_true(slip.net_fen == 0 || slip.receivable_fen == 0);
	for (unsigned i = 0; i < slip.n; i++)
		assert_true(slip.line[i].left_fen >= 0 &&
			    (slip.line[i].fen > 0 || slip.line[i].group == SLIP_TAX ||
			     (slip.line[i].group == SLIP_DEDUCTED && slip.line[i].left_fen > 0)));
}

static void check_same(const struct slip *other)
{
	assert_int_equal(other->n, slip.n);
	for (unsigned i = 0; i < slip.n; i++) {
		const struct slip_line *a = &slip.line[i], *b = &other->line[i];

		assert_true(a->group == b->group && a->code == b->code && a->fen == b->fen && a->left_fen == b->left_fen &&
			    a->of == b->of && a->source == b->source && a->law_from == b->law_from && a->law_n == b->law_n);
	}
	assert_int_equal(other->net_fen, slip.net_fen);
	assert_int_equal(other->top_up_fen, slip.top_up_fen);
	assert_int_equal(other->year.withheld_fen, slip.year.withheld_fen);
}

static void sums_hold(void **state)
{
	static struct slip again;
	const char *given = getenv("RENHE_SEED"), *n = getenv("RENHE_CASES");
	unsigned cases = n ? (unsigned)strtoul(n, NULL, 10) : 20000, good = 0;

	(void)state;
	seed = given ? strtoull(given, NULL, 10) : 20261123;
	print_message("seed %llu, %u cases\n", (unsigned long long)seed, cases);
	for (unsigned c = 0; c < cases; c++) {
		struct slip_facts f = drawn();
		struct slip_amount first = amounts[0];
		int64_t net;

		if (!payslip(&f, &slip))
			continue;
		good++;
		check_sums();
		net = slip.net_fen - slip.receivable_fen;
		assert_true(payslip(&f, &again));
		check_same(&again);
		if (f.n_amounts > 1) { /* whatever the order of what was given */
			memmove(amounts, amounts + 1, (f.n_amounts - 1) * sizeof(*amounts));
			amounts[f.n_amounts - 1] = first;
			made(&f);
			assert_int_equal(slip.net_fen - slip.receivable_fen, net);
		}
	}
	assert_true(good > cases * 9 / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_slip),
		cmocka_unit_test(on_the_edge_of_a_band),
		cmocka_unit_test(a_leaver_after_three_months),
		cmocka_unit_test(lines_of_pay),
		cmocka_unit_test(each_line_names_its_law),
		cmocka_unit_test(two_wages_in_a_month),
		cmocka_unit_test(the_minimum_is_proposed),
		cmocka_unit_test(less_than_nothing_is_a_receivable),
		cmocka_unit_test(a_bonus_is_taxed_apart),
		cmocka_unit_test(a_non_resident),
		cmocka_unit_test(claims_by_their_ranks),
		cmocka_unit_test(a_claim_of_which_nothing_is_taken_is_told),
		cmocka_unit_test(a_court_leaves_what_it_says),
		cmocka_unit_test(held_out),
		cmocka_unit_test(all_that_is_missing_at_once),
		cmocka_unit_test(sums_hold),
	};

	law = shipped_law();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
