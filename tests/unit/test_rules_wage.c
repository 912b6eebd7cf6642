/* Calendar, wages and severance by tables of values (numbers are those of the test vectors). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "rules_law.h"
#include "severance.h"
#include "wage.h"

static struct law law;
static struct rules r;

static int setup(void **state)
{
	(void)state;
	r = (struct rules){.law = &law, .place = "310000", .day = civil_of(2026, 1, 31)};
	return 0;
}

#define Y(yuan) ((int64_t)((yuan) * 100LL))
#define H(hours) ((int64_t)((hours) * 3600LL))

static civil_day day(const char *s)
{
	civil_day d;

	assert_true(civil_read(s, &d));
	return d;
}

static void expect(bool refused, enum rule_fault_kind kind, const char *item)
{
	assert_false(refused);
	assert_int_equal(r.fault.kind, kind);
	assert_string_equal(r.fault.item, item);
	r.fault = (struct rule_fault){0};
}

/* ---- calendar ---- */

static void day_types(void **state)
{
	static const struct {
		const char *day;
		enum day_type type;
		bool known;
	} ROWS[] = {
		/* C01 */
		{"2024-02-09", DAY_WORK, true}, {"2024-02-10", DAY_STATUTORY, true}, {"2024-02-13", DAY_REST, true},
		{"2024-02-18", DAY_WORK, true}, {"2024-04-05", DAY_REST, true}, {"2025-01-26", DAY_WORK, true},
		{"2025-01-28", DAY_STATUTORY, true}, {"2025-02-03", DAY_REST, true}, {"2025-05-31", DAY_STATUTORY, true},
		{"2025-06-02", DAY_REST, true}, {"2026-02-14", DAY_WORK, true}, {"2026-02-15", DAY_REST, true},
		{"2026-02-16", DAY_STATUTORY, true}, {"2026-02-20", DAY_REST, true}, {"2026-04-05", DAY_STATUTORY, true},
		{"2026-04-06", DAY_REST, true},
		/* a year that nobody has given notice of */
		{"2027-01-01", DAY_STATUTORY, false}, {"2027-10-03", DAY_STATUTORY, false}, {"2027-10-04", DAY_WORK, false},
		{"2027-02-06", DAY_REST, false}, {"2023-05-02", DAY_WORK, false}, {"2023-05-01", DAY_STATUTORY, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		bool known;
		if (calendar_day(&r, day(ROWS[i].day), &known) != ROWS[i].type || known != ROWS[i].known)
			fail_msg("%s", ROWS[i].day);
	}
	/* C03: a Saturday in no break */
	assert_int_equal(calendar_roster_day(&r, day("2026-01-10"), true), DAY_WORK);
	assert_int_equal(calendar_roster_day(&r, day("2026-01-10"), false), DAY_REST);
	assert_int_equal(calendar_roster_day(&r, day("2026-01-01"), false), DAY_STATUTORY);
	/* W15 */
	assert_int_equal(calendar_payday(&r, day("2025-10-05")), day("2025-09-30"));
	assert_int_equal(calendar_payday(&r, day("2026-02-20")), day("2026-02-14"));
	assert_int_equal(calendar_payday(&r, day("2026-10-10")), day("2026-10-10"));
}

static void days_of_months(void **state)
{
	static const struct {
		int year, work[12], paid[12], work_all, statutory;
	} ROWS[] = {
		{2024, {22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22}, {23, 19, 21, 23, 22, 20, 23, 22, 22, 22, 21, 22}, 251, 11},
		{2025, {19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23}, {24, 19, 21, 23, 21, 20, 23, 21, 23, 22, 20, 23}, 248, 13},
		{2026, {21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23}, {22, 20, 22, 21, 20, 22, 23, 21, 23, 20, 21, 23}, 248, 13},
	};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct day_counts all = calendar_count(&r, civil_of(ROWS[i].year, 1, 1), civil_of(ROWS[i].year + 1, 1, 1));
		assert_int_equal(all.work, ROWS[i].work_all); /* C02 */
		assert_int_equal(all.statutory, ROWS[i].statutory);
		assert_true(all.known);
		assert_int_equal(all.work + all.statutory + all.rest, ROWS[i].year == 2024 ? 366 : 365);
		for (int m = 1; m <= 12; m++) {
			civil_day first = civil_of(ROWS[i].year, m, 1);
			struct day_counts n = calendar_count(&r, first, first + civil_month_days(ROWS[i].year, m));
			if (n.work != ROWS[i].work[m - 1] || n.paid != ROWS[i].paid[m - 1])
				fail_msg("%d-%02d: %d %d", ROWS[i].year, m, n.work, n.paid);
		}
	}
	assert_false(calendar_count(&r, civil_of(2026, 12, 31), civil_of(2027, 1, 2)).known);
}

/* ---- overtime ---- */

static void overtime_by_kind(void **state)
{
	static const struct {
		int64_t monthly;
		enum overtime kind;
		int64_t seconds, pay;
	} ROWS[] = {
		{Y(8700), OVERTIME_WEEKDAY, H(10), Y(750)}, {Y(8700), OVERTIME_REST, H(8), Y(800)}, {Y(8700), OVERTIME_HOLIDAY, H(8), Y(1200)},
		{Y(10000), OVERTIME_WEEKDAY, H(10), 86207}, /* W03, W20: not 862.05, not 862.10 */
		{Y(21750), OVERTIME_HOLIDAY, H(3), Y(1125)}, {Y(21750), OVERTIME_WEEKDAY, H(2), Y(375)}, {Y(21750), OVERTIME_REST, H(3), Y(750)},
		{Y(8700), OVERTIME_WEEKDAY, 0, 0}, {Y(8700), OVERTIME_WEEKDAY, 1800, 3750}, {0, OVERTIME_REST, H(8), 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		int64_t got;
		assert_true(wage_overtime(&r, ROWS[i].monthly, ROWS[i].kind, ROWS[i].seconds, &got));
		if (got != ROWS[i].pay)
			fail_msg("row %zu: %lld", i, (long long)got);
	}
}

static void bounds_of_overtime(void **state)
{
	static const struct {
		int64_t day, month;
		bool lawful;
	} ROWS[] = {{H(3), H(36), true}, {H(3) + 1800, H(20), false}, {H(2), H(36) + 1800, false}, {H(3) + 1, 0, false}, {0, 0, true}};
	bool lawful, may;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_true(wage_overtime_lawful(&r, ROWS[i].day, ROWS[i].month, &lawful)); /* W09 */
		assert_int_equal(lawful, ROWS[i].lawful);
	}
	for (enum overtime k = OVERTIME_WEEKDAY; k <= OVERTIME_HOLIDAY; k++) {
		assert_true(wage_overtime_as_rest(&r, k, &may)); /* W05 */
		assert_int_equal(may, k == OVERTIME_REST);
	}
}

static void cycles(void **state)
{
	struct cycle_pay c;

	(void)state;
	assert_true(wage_cycle(&r, Y(8700), H(540), H(8), H(496), &c)); /* W14 */
	assert_int_equal(c.overtime_seconds, H(36));
	assert_int_equal(c.overtime_fen, Y(2700));
	assert_int_equal(c.holiday_fen, Y(1200));
	assert_true(wage_cycle(&r, Y(8700), H(496), 0, H(496), &c));
	assert_int_equal(c.overtime_fen, 0);
	expect(wage_cycle(&r, Y(8700), H(7), H(8), H(496), &c), RULE_INPUT, "hours");
}

/* ---- part of a month ---- */

static void parts_of_months(void **state)
{
	static const struct {
		const char *id;
		enum proration p;
		int64_t monthly;
		const char *month, *hire, *until;
		int paid;
		int64_t pay;
	} ROWS[] = {
		{"W07", PRORATION_A, Y(21750), "2025-12-01", "2025-12-15", NULL, 13, Y(13000)},
		{"W08", PRORATION_A, Y(22000), "2026-01-01", "2020-01-01", "2026-01-16", 11, 1112644},
		{"W17a", PRORATION_A, Y(22000), "2025-12-01", "2025-12-02", NULL, 22, Y(22000)},
		{"W17b", PRORATION_A, Y(22000), "2025-02-01", "2025-02-05", NULL, 19, Y(22000)},
		{"W17c", PRORATION_A, Y(22000), "2026-05-01", "2026-05-01", "2026-05-10", 5, 505747},
		{"W18a", PRORATION_A, Y(22000), "2025-12-01", "2025-12-15", NULL, 13, 1314943},
		{"W18b", PRORATION_B, Y(22000), "2025-12-01", "2025-12-15", NULL, 13, 1243478},
		{"W18c", PRORATION_C, Y(22000), "2025-12-01", "2025-12-15", NULL, 13, 1188506},
		{"whole", PRORATION_C, Y(22000), "2025-12-01", "2020-01-01", NULL, 23, Y(22000)},
		{"not yet", PRORATION_A, Y(22000), "2025-12-01", "2026-01-05", NULL, 0, 0},
		{"no more", PRORATION_B, Y(22000), "2025-12-01", "2020-01-01", "2025-12-01", 0, 0},
		{"C goes not below 0", PRORATION_C, Y(22000), "2025-01-01", "2025-01-31", NULL, 1, 0}, /* 23 of 24 days absent */
	};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct part_month m;
		assert_true(wage_part_month(&r, ROWS[i].p, ROWS[i].monthly, day(ROWS[i].month), day(ROWS[i].hire),
					    ROWS[i].until ? day(ROWS[i].until) : DAY_NEVER, &m));
		if (m.paid_days != ROWS[i].paid || m.pay_fen != ROWS[i].pay)
			fail_msg("%s: %d days, %lld", ROWS[i].id, m.paid_days, (long long)m.pay_fen);
	}
}

/* Every day of joining or leaving of three years: never negative, never above the wage, a later joiner or an
 * earlier leaver never gets more, and by method B joining and leaving sum to the month. */
static void every_day_of_joining_and_leaving(void **state)
{
	int64_t monthly = 1234567;

	(void)state;
	for (int y = 2024; y <= 2026; y++)
		for (int mo = 1; mo <= 12; mo++) {
			civil_day first = civil_of(y, mo, 1), end = first + civil_month_days(y, mo);
			for (enum proration p = PRORATION_A; p <= PRORATION_C; p++) {
				int64_t last = monthly;
				for (civil_day d = first; d < end; d++) {
					struct part_month in, out;
					assert_true(wage_part_month(&r, p, monthly, first, d, DAY_NEVER, &in));
					assert_true(in.pay_fen >= 0 && in.pay_fen <= last);
					last = in.pay_fen;
					assert_true(d == first || wage_part_month(&r, p, monthly, first, first, d, &out));
					if (d == first)
						continue;
					assert_int_equal(in.paid_days + out.paid_days, in.month_days);
					if (p == PRORATION_B)
						assert_in_range(in.pay_fen + out.pay_fen, monthly - 1, monthly + 1);
				}
			}
		}
}

static void absences_and_changes(void **state)
{
	static const struct {
		int64_t monthly, days_e2;
		int month_days;
		int64_t off;
	} ROWS[] = {{Y(21750), 200, 22, Y(2000)}, {Y(21750), 50, 22, Y(500)}, {Y(21750), 2200, 22, Y(21750)},
		    {Y(21750), 1900, 19, Y(21750)}, {Y(21750), 2250, 23, Y(21750)}, {Y(21750), 0, 22, 0}};
	int64_t got;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_true(wage_absence(&r, ROWS[i].monthly, ROWS[i].days_e2, ROWS[i].month_days, &got)); /* W06 */
		assert_int_equal(got, ROWS[i].off);
	}
	assert_true(wage_changed(&r, Y(20000), Y(22000), day("2026-01-12"), &got)); /* W19 */
	assert_int_equal(got, 2136364);
	assert_true(wage_changed(&r, Y(20000), Y(22000), day("2026-01-01"), &got));
	assert_int_equal(got, Y(22000));
}

static void sick_days(void **state)
{
	static const struct {
		int years;
		bool beyond;
		int64_t off;
	} ROWS[] = {
		{3, false, 68966}, /* W13 */
		{0, false, 91954}, {1, false, 91954}, {2, false, 68966}, {4, false, 45977}, {6, false, 22989}, {8, false, 0}, {30, false, 0},
		{0, true, 137931}, {1, true, 114943}, {2, true, 114943}, {3, true, 91954},
	};
	int64_t got;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_true(wage_sick(&r, Y(10000), ROWS[i].years, ROWS[i].beyond, 500, &got));
		if (got != ROWS[i].off)
			fail_msg("%d years: %lld", ROWS[i].years, (long long)got);
	}
	r.place = "110000"; /* a place whose table nobody has given */
	expect(wage_sick(&r, Y(10000), 3, false, 500, &got), RULE_NO_LAW, "WITHIN_");
}

/* ---- bounds ---- */

static void minimum_wages(void **state)
{
	static const struct {
		const char *place, *day;
		int64_t contract, own;
		int worked, due;
		int64_t tested, shortfall;
	} ROWS[] = {
		{"310000", "2026-01-31", 379833, 105833, 22, 22, Y(2740), 0}, /* W11 */
		{"310000", "2026-01-31", Y(2740), 97530, 22, 22, 176470, 97530},
		{"310000", "2026-01-31", Y(3700), 105133, 22, 22, 264867, 9133}, /* W12 */
		{"310000", "2025-06-30", Y(3700), 105133, 22, 22, 264867, 4133}, /* 2,690 then */
		{"530100", "2026-03-31", 126897, 50000, 12, 22, 126897, 0},     /* W21: before contributions, scaled */
		{"530100", "2026-03-31", 116897, 50000, 12, 22, 116897, 1467},
	};
	struct minimum_test t;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		r.place = ROWS[i].place;
		r.day = day(ROWS[i].day);
		assert_true(wage_minimum(&r, ROWS[i].contract, ROWS[i].own, ROWS[i].worked, ROWS[i].due, &t));
		if (t.tested_fen != ROWS[i].tested || t.shortfall_fen != ROWS[i].shortfall)
			fail_msg("row %zu: %lld, %lld short", i, (long long)t.tested_fen, (long long)t.shortfall_fen);
	}
	r.place = "440300";
	expect(wage_minimum(&r, 1, 0, 1, 1, &t), RULE_NO_LAW, "WAGE");
	r.place = "310000";
	expect(wage_minimum(&r, 1, 0, 2, 1, &t), RULE_INPUT, "days");
}

static void losses(void **state)
{
	static const struct {
		int64_t gross, claim, minimum, allowed;
	} ROWS[] = {{Y(3000), Y(1000), Y(2540), Y(460)}, {Y(8000), Y(5000), Y(2740), Y(1600)}, {Y(8000), Y(100), Y(2740), Y(100)},
		    {Y(2540), Y(100), Y(2540), 0}, {Y(2000), Y(100), Y(2540), 0}, {800004, Y(5000), Y(2740), 160000}};
	int64_t got;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_true(wage_loss(&r, ROWS[i].gross, ROWS[i].claim, ROWS[i].minimum, &got)); /* W10 */
		assert_int_equal(got, ROWS[i].allowed);
	}
}

static void facts_out_of_range(void **state)
{
	int64_t v;
	bool b;
	struct part_month m;

	(void)state;
	expect(wage_overtime(&r, -1, OVERTIME_REST, 1, &v), RULE_INPUT, "monthly");
	expect(wage_overtime(&r, 1, OVERTIME_REST, -1, &v), RULE_INPUT, "hours");
	expect(wage_overtime(&r, INT64_MAX, OVERTIME_HOLIDAY, INT64_MAX, &v), RULE_OVERFLOW, "overtime");
	expect(wage_overtime_lawful(&r, -1, 0, &b), RULE_INPUT, "hours");
	expect(wage_part_month(&r, PRORATION_A, -1, 0, 0, 1, &m), RULE_INPUT, "monthly");
	expect(wage_part_month(&r, PRORATION_A, 1, 0, 5, 5, &m), RULE_INPUT, "exit");
	expect(wage_changed(&r, -1, 0, 0, &v), RULE_INPUT, "monthly");
	expect(wage_absence(&r, 1, -1, 22, &v), RULE_INPUT, "days");
	expect(wage_sick(&r, 1, -1, false, 1, &v), RULE_INPUT, "service_years");
	expect(wage_loss(&r, -1, 1, 1, &v), RULE_INPUT, "loss");
	r.day = civil_of(1990, 1, 1);
	expect(wage_overtime(&r, 1, OVERTIME_REST, 1, &v), RULE_NO_LAW, "REST");
}

/* ---- severance ---- */

static void years_of_compensation(void **state)
{
	static const struct {
		struct service_time s;
		int halves;
	} ROWS[] = {{{5, 0}, 1}, {{5, 29}, 1}, {{6, 0}, 2}, {{12, 0}, 2}, {{12, 1}, 3}, {{17, 0}, 3}, {{18, 0}, 4}, {{41, 0}, 7}, {{43, 0}, 8},
		    {{0, 1}, 1}, {{0, 0}, 0}, {{11, 30}, 2}};
	static const struct {
		const char *hire, *until;
		int months, days;
	} SPANS[] = {{"2025-12-01", "2026-03-14", 3, 13}, {"2025-01-31", "2025-02-28", 0, 28}, {"2025-01-31", "2025-03-01", 1, 1},
		     {"2020-02-29", "2021-02-28", 11, 30}, {"2020-05-15", "2026-05-15", 72, 0}, {"2025-12-31", "2026-01-01", 0, 1}};
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		assert_int_equal(severance_halves(ROWS[i].s), ROWS[i].halves); /* K02 */
	for (size_t i = 0; i < sizeof(SPANS) / sizeof(SPANS[0]); i++) {
		struct service_time s = service_between(day(SPANS[i].hire), day(SPANS[i].until));
		if (s.months != SPANS[i].months || s.days != SPANS[i].days)
			fail_msg("%s to %s: %d months, %d days", SPANS[i].hire, SPANS[i].until, s.months, s.days);
	}
}

static void compensation(void **state)
{
	static const struct {
		const char *id;
		enum severance_ground ground;
		int64_t average, city, last;
		struct service_time s;
		int halves;
		int64_t wage, pay;
	} ROWS[] = {
		{"K03", SEVERANCE_N, Y(40000), Y(12434), 0, {180, 0}, 24, Y(37302), Y(447624)},
		{"K04", SEVERANCE_2N, Y(10000), Y(12434), 0, {78, 0}, 14, Y(10000), Y(140000)},
		{"K05", SEVERANCE_N_PLUS_1, Y(10000), Y(12434), Y(9000), {27, 0}, 5, Y(10000), Y(34000)},
		{"K06", SEVERANCE_N, Y(43500), Y(12577), 0, {3, 13}, 1, Y(37731), 1886550},
		{"at the cap exactly", SEVERANCE_N, Y(37302), Y(12434), 0, {180, 0}, 30, Y(37302), Y(559530)},
		{"a fen above it", SEVERANCE_N, 3730201, Y(12434), 0, {180, 0}, 24, Y(37302), Y(447624)},
	};
	struct severance v;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_true(severance_pay(&r, ROWS[i].ground, ROWS[i].average, ROWS[i].city, ROWS[i].last, ROWS[i].s, &v));
		if (v.halves != ROWS[i].halves || v.wage_fen != ROWS[i].wage || v.pay_fen != ROWS[i].pay)
			fail_msg("%s: %d halves of %lld: %lld", ROWS[i].id, v.halves, (long long)v.wage_fen, (long long)v.pay_fen);
	}
	expect(severance_pay(&r, SEVERANCE_N, -1, 1, 0, (struct service_time){1, 0}, &v), RULE_INPUT, "average");
	expect(severance_pay(&r, SEVERANCE_N, 1, 0, 0, (struct service_time){1, 0}, &v), RULE_INPUT, "city_average");
	expect(severance_pay(&r, SEVERANCE_N, 1, 1, 0, (struct service_time){-1, 0}, &v), RULE_INPUT, "service");
	expect(severance_pay(&r, SEVERANCE_N, 1, INT64_MAX, 0, (struct service_time){1, 0}, &v), RULE_OVERFLOW, "city_average");
	r.day = civil_of(2007, 12, 31);
	expect(severance_pay(&r, SEVERANCE_N, 1, 1, 0, (struct service_time){1, 0}, &v), RULE_NO_LAW, "CAP");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
		T(day_types), T(days_of_months), T(overtime_by_kind), T(bounds_of_overtime), T(cycles), T(parts_of_months),
		T(every_day_of_joining_and_leaving), T(absences_and_changes), T(sick_days), T(minimum_wages), T(losses),
		T(facts_out_of_range), T(years_of_compensation), T(compensation),
	};
	law = shipped_law();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
