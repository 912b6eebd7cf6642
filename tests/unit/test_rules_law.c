/* Law packs: what is read, what is refused and where, and that no row stands in for another day's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "rules_law.h"

#define GOOD "tax.special\tCN\tRENT\t2019-01-01\t2023-01-01\t1500\tS\tx\n"

static void faults_name_their_line(void **state)
{
	static const struct {
		const char *text, *what;
		int line;
	} ROWS[] = {
		{"# a comment\n\ntax.special\tCN\tRENT\n", "FIELDS", 3},
		{GOOD "tax.special\tCN\tRENT\t2019-01-01\t-\t1500\tS\tx\ty\n", "FIELDS", 2},
		{"tax.special\t\tRENT\t2019-01-01\t-\t1500\tS\tx\n", "FIELDS", 1},
		{"tax.annual\tCN\t1\t2019-01-01\t-\t1500\t3\tS\tx\n", "FIELDS", 1},
		{"tax.specia\tCN\tRENT\t2019-01-01\t-\t1500\tS\tx\n", "SCHEME", 1},
		{"tax.special\tCN\tRENT\t2019-02-29\t-\t1500\tS\tx\n", "DATE", 1},
		{"tax.special\tCN\tRENT\t2019-1-1\t-\t1500\tS\tx\n", "DATE", 1},
		{"tax.special\tCN\tRENT\t-\t-\t1500\tS\tx\n", "DATE", 1},
		{"tax.special\tCN\tRENT\t2019-01-01\t2019-01-01\t1500\tS\tx\n", "DATE", 1},
		{"tax.special\tCN\tRENT\t2019-01-01\t-\t1500.005\tS\tx\n", "VALUE", 1},
		{"tax.special\tCN\tRENT\t2019-01-01\t-\t-1500\tS\tx\n", "VALUE", 1},
		{"tax.special\tCN\tRENT\t2019-01-01\t-\t\tS\tx\n", "VALUE", 1},
		{"tax.special\tCN\tRENT\t2019-01-01\t-\t1.5e3\tS\tx\n", "VALUE", 1},
		{"tax.special\tCN\tRENT\t2019-01-01\t-\t15.\tS\tx\n", "VALUE", 1},
		{"tax.special\tCN\tRENT\t2019-01-01\t-\t.5\tS\tx\n", "VALUE", 1},
		{"tax.special\tCN\tRENT\t2019-01-01\t-\t99999999999999999999\tS\tx\n", "VALUE", 1},
		{"tax.special\tCN\tRENT\t2019-01-01\t-\t10000000000.01\tS\tx\n", "VALUE", 1},
		{"tax.special\tCN\tRENT\t2019-01-01\t-\t-\tS\tx\n", "VALUE", 1}, /* only an edge may be open */
		{"tax.flat\tCN\tAUTHOR\t2019-01-01\t-\t1000.001\tS\tx\n", "VALUE", 1},
		{"tax.severance\tCN\tCOMPENSATION\t2019-01-01\t-\t1000001\tS\tx\n", "VALUE", 1},
		{"tax.special\tCN\tRENT\t2019-01-01\t-\t1500\ts\tx\n", "MARK", 1},
		{"tax.special\tCN\tRENT\t2019-01-01\t-\t1500\tS\t\n", "SOURCE", 1},
		{GOOD "tax.special\tCN\tRENT\t2022-12-31\t-\t1800\tS\tx\n", "OVERLAP", 2},
		{GOOD GOOD, "OVERLAP", 2},
	};
	struct law_row rows[4];

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		char text[400];
		struct law law = {rows, 0, {0}};
		struct law_error error = {0};
		snprintf(text, sizeof(text), "%s", ROWS[i].text);
		if (law_read(text, 4, &law, &error) || strcmp(error.what, ROWS[i].what) != 0 || error.line != ROWS[i].line)
			fail_msg("%s: %d %s", ROWS[i].text, error.line, error.what ? error.what : "read");
	}
}

/* What a pack says is what is shown of it. */
static void values_are_shown_as_written(void **state)
{
	static const char *const ROWS[][2] = {
		{"tax.annual\tCN\t1\t2019-01-01\t-\t%s\t3\t0\tS\tx\n", "36000"}, {"tax.annual\tCN\t1\t2019-01-01\t-\t%s\t3\t0\tS\tx\n", "-"},
		{"tax.annual\tCN\t1\t2019-01-01\t-\t%s\t3\t0\tS\tx\n", "0.05"}, {"tax.annual\tCN\t1\t2019-01-01\t-\t%s\t3\t0\tS\tx\n", "0"},
		{"tax.annual\tCN\t1\t2019-01-01\t-\t%s\t3\t0\tS\tx\n", "10000000000"}, {"tax.flat\tCN\tA\t2019-01-01\t-\t%s\tS\tx\n", "0.005"},
		{"tax.flat\tCN\tA\t2019-01-01\t-\t%s\tS\tx\n", "9.8"}, {"wage.month\tCN\tA\t2019-01-01\t-\t%s\t174\tS\tx\n", "21.75"},
		{"tax.severance\tCN\tA\t2019-01-01\t-\t%s\tS\tx\n", "36"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		char text[200], shown[LAW_VALUE_TEXT];
		const char *at = strstr(ROWS[i][0], "%s");
		struct law_row row;
		struct law law = {&row, 0, {0}};
		struct law_error error = {0};
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - ROWS[i][0]), ROWS[i][0], ROWS[i][1], at + 2);
		assert_true(law_read(text, 1, &law, &error));
		law_value_text(&row, 0, shown);
		assert_string_equal(shown, ROWS[i][1]);
	}
}

/* A row that is given stands in for the pack's one on every day, for nothing else, and says so. */
static void given_rows_take_the_place(void **state)
{
	char pack[] = GOOD "tax.special\tCN\tRENT\t2023-01-01\t-\t1600\tS\tx\n" "tax.special\tCN\tLOAN\t2019-01-01\t-\t1000\tS\tx\n";
	char mine[] = "tax.special\tCN\tRENT\t1900-01-01\t-\t1\tK\t-\n" "tax.special\tCN\tZOO\t1900-01-01\t-\t2\tK\t-\n";
	struct law_row a[4], b[4], c[8];
	struct law base = {a, 0, {0}}, given = {b, 0, {0}}, both = {c, 0, {0}};
	struct law_error error = {0};

	(void)state;
	assert_true(law_read(pack, 4, &base, &error) && law_read(mine, 4, &given, &error));
	law_override(&base, &given, &both);
	assert_int_equal(both.n, 3);
	for (int year = 2018; year < 2026; year++) {
		const struct law_row *rent = law_find(&both, LAW_TAX_SPECIAL, "CN", "RENT", civil_of(year, 6, 1));

		assert_int_equal(rent->values[0], 100);
		assert_true(rent->overridden);
	}
	assert_false(law_find(&both, LAW_TAX_SPECIAL, "CN", "LOAN", civil_of(2020, 1, 1))->overridden);
	assert_null(law_find(&both, LAW_TAX_SPECIAL, "CN", "LOAN", civil_of(2018, 1, 1)));
	assert_int_equal(law_find(&both, LAW_TAX_SPECIAL, "CN", "ZOO", civil_of(2020, 1, 1))->values[0], 200);
	assert_int_equal(law_find(&base, LAW_TAX_SPECIAL, "CN", "RENT", civil_of(2020, 1, 1))->values[0], 150000);
}

/* Every row that a rule looked at is noted, once, in the order of first use. */
static void rows_are_traced(void **state)
{
	char pack[] = "tax.basic\tCN\tWAGE\t2019-01-01\t-\t5000\t60000\tS\tx\n" "insurance.base\t310000\tPENSION\t2019-01-01\t-\t1\t2\tS\tx\n";
	struct law_row few[4];
	struct law law = {few, 0, {0}};
	struct law_error error = {0};
	struct rule_trace trace = {0};
	struct rules r = {.law = &law, .place = "310000", .day = civil_of(2026, 1, 1), .trace = &trace};

	(void)state;
	assert_true(law_read(pack, 4, &law, &error));
	rule_row(&r, LAW_TAX_BASIC, "WAGE");
	rule_row(&r, LAW_BASE, "PENSION");
	rule_row(&r, LAW_TAX_BASIC, "WAGE");
	rule_row(&r, LAW_TAX_BASIC, "NONE");
	assert_int_equal(trace.n, 2);
	assert_int_equal(trace.rows[0]->scheme, LAW_TAX_BASIC);
	assert_string_equal(trace.rows[1]->place, "310000");
	r.trace = NULL;
	assert_non_null(rule_row(&r, LAW_TAX_BASIC, "WAGE"));
	for (int s = 0; s < LAW_SCHEMES; s++)
		assert_int_equal(law_scheme_of(law_scheme_name((enum law_scheme)s)), s);
	assert_int_equal(law_scheme_of("tax.Annual"), LAW_SCHEMES);
}

static void too_many_rows_are_refused(void **state)
{
	char text[] = GOOD "tax.special\tCN\tLOAN\t2019-01-01\t-\t1000\tS\tx\n";
	struct law_row rows[1];
	struct law law = {rows, 0, {0}};
	struct law_error error;

	(void)state;
	assert_false(law_read(text, 1, &law, &error));
	assert_string_equal(error.what, "ROOM");
}

static civil_day day(const char *s)
{
	civil_day d;

	assert_true(civil_read(s, &d));
	return d;
}

static void a_row_holds_from_its_day_to_the_day_before_its_end(void **state)
{
	static const struct {
		const char *day;
		int64_t fen; /* 0: none covers */
	} ROWS[] = {{"2018-12-31", 0}, {"2019-01-01", 150000}, {"2022-12-31", 150000}, {"2023-01-01", 0}, {"2023-06-30", 0},
		    {"2023-07-01", 180050}, {"2099-01-01", 180050}};
	char text[] = "tax.special\tCN\tRENT\t2023-07-01\t-\t1800.5\tK\ty\n" GOOD;
	struct law_row rows[4];
	struct law law = {rows, 0, {0}};
	struct law_error error;

	(void)state;
	assert_true(law_read(text, 4, &law, &error));
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		const struct law_row *r = law_find(&law, LAW_TAX_SPECIAL, "CN", "RENT", day(ROWS[i].day));
		if ((r ? r->values[0] : 0) != ROWS[i].fen)
			fail_msg("%s", ROWS[i].day);
	}
	assert_null(law_find(&law, LAW_TAX_SPECIAL, "CN-31", "RENT", day("2020-01-01")));
	assert_true(law.rows[0].verified && !law.rows[1].verified);
}

static void what_ships_is_whole(void **state)
{
	struct law law = shipped_law();
	const struct law_row *bands[16];

	(void)state;
	for (enum law_scheme s = LAW_TAX_ANNUAL; s <= LAW_TAX_LABOUR; s++) {
		size_t n = law_table(&law, s, "CN", day("2026-01-01"), bands, 16);
		assert_true(n >= 3);
		assert_int_equal(bands[n - 1]->values[0], LAW_OPEN);
		for (size_t i = 1; i < n; i++) { /* continuous at the edges but for the quick deduction's rounding: none */
			int64_t edge = bands[i - 1]->values[0];
			assert_true(edge < bands[i]->values[0]);
			assert_int_equal(edge * bands[i - 1]->values[1] - bands[i - 1]->values[2] * 100000,
					 edge * bands[i]->values[1] - bands[i]->values[2] * 100000);
		}
	}
}

/* A second pack joins the first, and may not say otherwise about a day that it covers. */
static void packs_join(void **state)
{
	char first[] = GOOD, second[] = "tax.special\tCN\tLOAN\t2019-01-01\t-\t1000\tS\tx\n";
	char third[] = "tax.special\tCN\tRENT\t2022-01-01\t-\t1\tS\tx\n";
	struct law_row rows[4];
	struct law law = {rows, 0, {0}};
	struct law_error error;

	(void)state;
	assert_true(law_read(first, 4, &law, &error) && law_read(second, 4, &law, &error));
	assert_int_equal(law.n, 2);
	assert_non_null(law_find(&law, LAW_TAX_SPECIAL, "CN", "LOAN", day("2020-01-01")));
	assert_non_null(law_find(&law, LAW_TAX_SPECIAL, "CN", "RENT", day("2020-01-01")));
	assert_false(law_read(third, 4, &law, &error));
	assert_string_equal(error.what, "OVERLAP");
}

/* Every day of 1900..2200 there and back, weekdays in turn. */
static void days_are_a_calendar(void **state)
{
	civil_day first = civil_of(1900, 1, 1), last = civil_of(2200, 12, 31);
	struct civil before = civil_split(first - 1);

	(void)state;
	assert_int_equal(civil_of(1970, 1, 1), 0);
	assert_int_equal(civil_weekday(civil_of(2026, 11, 22)), 6);
	for (civil_day d = first; d <= last; d++) {
		struct civil c = civil_split(d);
		bool next_day = c.day == before.day + 1 && c.month == before.month && c.year == before.year;
		bool next_month = c.day == 1 && before.day == civil_month_days(before.year, before.month);
		assert_int_equal(civil_of(c.year, c.month, c.day), d);
		assert_true(next_day != next_month);
		assert_int_equal(civil_weekday(d), (civil_weekday(d - 1) + 1) % 7);
		before = c;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_name_their_line), cmocka_unit_test(values_are_shown_as_written),
		cmocka_unit_test(given_rows_take_the_place), cmocka_unit_test(rows_are_traced),
		cmocka_unit_test(too_many_rows_are_refused),
		cmocka_unit_test(a_row_holds_from_its_day_to_the_day_before_its_end),
		cmocka_unit_test(packs_join), cmocka_unit_test(what_ships_is_whole), cmocka_unit_test(days_are_a_calendar),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
