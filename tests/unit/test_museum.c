/* The bug museum: what users of other systems were paid or planned wrongly, one case for each complaint in their
 * public trackers, with what is right here. Numbers U8..U21 are those of the requirements. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>
#include "interval_text.h"
#include "leave.h"
#include "rules_law.h"
#include "wage.h"

#define COUNT(list) (sizeof(list) / sizeof(list[0]))
#define HM(h, m) ((h) * 3600 + (m) * 60)
#define SH "Asia/Shanghai"
#define HOUR 3600

static struct law law;
static struct rules r;
static const struct zone *sh;

static int setup(void **state)
{
	(void)state;
	law = shipped_law();
	sh = zone_named(SH);
	r = (struct rules){.law = &law, .place = "310000", .day = civil_of(2026, 1, 31)};
	return 0;
}

static const struct punch_policy POLICY = {.before_s = 4 * HOUR, .after_s = 6 * HOUR, .same_s = 60, .drift_s = 120};

static struct punch_window window_of(const struct zone *z, const char *from, const char *until)
{
	return (struct punch_window){.span = {time_at(z, from), time_at(z, until)}};
}

static struct punch punch_at(instant_s at, enum punch_kind kind, int64_t sequence)
{
	return (struct punch){.device = 1, .sequence = sequence, .at_s = at, .sent_s = at, .received_s = at, .kind = kind};
}

static struct punch punch_of(const struct zone *z, const char *at, enum punch_kind kind, int64_t sequence)
{
	return punch_at(time_at(z, at), kind, sequence);
}

static const struct spans NO_OVERTIME = {NULL, 0, 0};

/* Seconds paid of a matched window. */
static int64_t paid(const struct zone *z, const struct punch_window *w, const struct spans *overtime,
		    const struct clock_break *breaks, size_t n)
{
	struct span room[16];
	struct spans out = {room, 0, COUNT(room)};

	assert_true(punch_paid(z, w, overtime, breaks, n, &out));
	return spans_total(&out);
}

/* U8: odoo/odoo#26256, #49902, #22900: pay depends on the zone of whoever presses the button. */
static void u8_zone_of_the_server(void **state)
{
	static const char *const SERVERS[] = {"UTC", "Asia/Bangkok", "America/Los_Angeles"};
	struct day_counts first = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(SERVERS); i++) {
		setenv("TZ", SERVERS[i], 1);
		tzset();
		struct day_counts n = calendar_count(&r, civil_of(2026, 7, 1), civil_of(2026, 8, 1));
		struct work_part part;
		struct typed_part types[4];
		size_t k;

		assert_int_equal(n.work, 23); /* not 22 */
		if (i)
			assert_memory_equal(&n, &first, sizeof(n));
		first = n;
		/* A holiday is a whole one, not half a day. */
		struct span s = {time_at(sh, "2026-10-01 00:00"), time_at(sh, "2026-10-02 00:00")};
		assert_true(work_day_parts(sh, WORK_DAY_START, s, &part, 1, &k));
		assert_true(work_day_types(&r, sh, PATTERN_OFFICE, part, types, COUNT(types), &k));
		assert_int_equal(k, 1);
		assert_int_equal(types[0].type, DAY_STATUTORY);
		assert_int_equal(span_length(types[0].span), 24 * HOUR);
	}
	unsetenv("TZ");
}

/* U9: odoo/odoo#21167: a worker of 22:00-06:00 gets 18 worked days in place of 22. */
static void u9_days_of_night_work(void **state)
{
	static const enum work_day_policy POLICIES[] = {WORK_DAY_START, WORK_DAY_END, WORK_DAY_MAJORITY};

	(void)state;
	for (size_t p = 0; p < COUNT(POLICIES); p++) {
		bool days[60] = {false};
		int worked = 0;

		for (civil_day d = civil_of(2026, 6, 1); d < civil_of(2026, 7, 1); d++) {
			struct span s = {zone_instant(sh, d, HM(22, 0)), zone_instant(sh, d + 1, HM(6, 0))};
			struct work_part part;
			size_t n;

			if (civil_weekday(d) >= 5)
				continue;
			assert_true(work_day_parts(sh, POLICIES[p], s, &part, 1, &n));
			assert_false(days[part.day - civil_of(2026, 6, 1)]);
			days[part.day - civil_of(2026, 6, 1)] = true;
			worked++;
		}
		assert_int_equal(worked, 22);
	}
}

/* U10: horilla/horilla-hr#443, #786, #785: pay by half months is wrong in months of 31 days. */
static void u10_half_months(void **state)
{
	(void)state;
	for (int m = 1; m <= 12; m++) {
		civil_day from = civil_of(2026, m, 1), until = civil_add_months(from, 1);

		for (civil_day cut = from; cut <= until; cut++) {
			struct day_counts a = calendar_count(&r, from, cut), b = calendar_count(&r, cut, until);
			struct day_counts whole = calendar_count(&r, from, until);

			assert_int_equal(a.paid + b.paid, whole.paid);
			assert_int_equal(whole.work + whole.rest + whole.statutory, civil_month_days(2026, m));
		}
	}
}

/* U11: horilla/horilla-hr#226: a rule that an administrator types is executed as a program. */
static void u11_rules_are_data(void **state)
{
	static const struct {
		const char *row;
		bool fine;
	} ROWS[] = {
		{"wage.month\tCN\tPAID\t2026-01-01\t-\t21.75\t174\tS\tnotice\n", true},
		{"wage.month\tCN\tPAID\t2026-01-01\t-\t__import__('os')\t174\tS\tnotice\n", false},
		{"wage.month\tCN\tPAID\t2026-01-01\t-\t21.75*2\t174\tS\tnotice\n", false},
		{"exec\tCN\t-\t2026-01-01\t-\t21.75\t174\tS\tnotice\n", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ROWS); i++) {
		struct law_row rows[4];
		struct law_error error = {0};
		struct law out = {rows, 0, {0}};
		char text[200];

		snprintf(text, sizeof(text), "%s", ROWS[i].row);
		assert_int_equal(law_read(text, COUNT(rows), &out, &error), ROWS[i].fine);
		assert_int_equal(error.line, !ROWS[i].fine);
	}
}

/* U12: orangehrm/orangehrm#1655; gamonoid/icehrm#107: pay or leave is not in the open build. This program is of
 * the one build, and counts pay, leave and time. */
static void u12_all_in_one_build(void **state)
{
	int days = 0;

	(void)state;
	assert_true(annual_tier(&r, 120, &days));
	assert_int_equal(days, 10);
	assert_int_equal(calendar_count(&r, civil_of(2026, 1, 1), civil_of(2027, 1, 1)).work, 248);
	assert_int_equal(zone_day(sh, 0), 0);
}

/* U13: frappe/hrms#3298, #3839, #713, #714: a check-out after midnight goes to the next day's shift, and the person is
 * absent; horilla/horilla-hr#358. */
static void u13_out_after_midnight(void **state)
{
	struct punch_window w[] = {window_of(sh, "2026-01-05 16:00", "2026-01-06 00:00"),
				   window_of(sh, "2026-01-06 08:00", "2026-01-06 16:00")};
	struct punch p[] = {punch_of(sh, "2026-01-05 15:58", PUNCH_UNSAID, 1), punch_of(sh, "2026-01-06 00:12", PUNCH_UNSAID, 2),
			    punch_of(sh, "2026-01-06 07:55", PUNCH_UNSAID, 3), punch_of(sh, "2026-01-06 16:01", PUNCH_UNSAID, 4)};

	(void)state;
	punch_match(&POLICY, w, COUNT(w), p, COUNT(p));
	for (size_t i = 0; i < COUNT(w); i++) {
		assert_true(w[i].has_in && w[i].has_out);
		assert_int_equal(paid(sh, &w[i], &NO_OVERTIME, NULL, 0), 8 * HOUR);
	}
	assert_int_equal(w[0].out_s, time_at(sh, "2026-01-06 00:12"));
	assert_int_equal(w[1].in_s, time_at(sh, "2026-01-06 07:55"));
}

/* U14: odoo/odoo#286150 and seven repairs before it; OCA/hr-attendance#237: 13 night hours on a shift of 8. */
static void u14_overtime_around_midnight(void **state)
{
	struct span room[8];
	struct spans night = {room, 0, COUNT(room)};
	struct span s = {time_at(sh, "2026-01-05 22:00"), time_at(sh, "2026-01-06 06:00")};

	(void)state;
	assert_true(work_within_clock(sh, s, HM(22, 0), HM(6, 0), &night));
	assert_int_equal(spans_total(&night), 8 * HOUR); /* not 13 */
	/* Around midnight of UTC, which is 08:00 here, nothing happens. */
	for (int shift = -6; shift <= 6; shift++) {
		struct span moved = {time_at(sh, "2026-01-06 04:00") + shift * HOUR, time_at(sh, "2026-01-06 12:00") + shift * HOUR};
		struct work_part parts[4];
		int64_t sum = 0;
		size_t n;

		assert_true(work_day_parts(sh, WORK_DAY_SPLIT, moved, parts, COUNT(parts), &n));
		for (size_t i = 0; i < n; i++)
			sum += span_length(parts[i].span);
		assert_int_equal(sum, 8 * HOUR);
		assert_int_equal(n, shift < -4 ? 2 : 1);
	}
}

/* U15: OCA/shift-planning#49: a night shift's duration turns negative, and one bad shift blocks the employee. */
static void u15_one_bad_shift(void **state)
{
	struct punch_window w[] = {window_of(sh, "2026-01-05 22:00", "2026-01-05 06:00"), /* typed without the day */
				   window_of(sh, "2026-01-06 22:00", "2026-01-07 06:00")};
	struct punch p[] = {punch_of(sh, "2026-01-06 21:59", PUNCH_IN, 1), punch_of(sh, "2026-01-07 06:02", PUNCH_OUT, 2)};

	(void)state;
	assert_int_equal(span_length(w[0].span), 0); /* never negative */
	punch_match(&POLICY, w, COUNT(w), p, COUNT(p));
	assert_int_equal(w[0].fault, WINDOW_EMPTY);
	assert_int_equal(paid(sh, &w[0], &NO_OVERTIME, NULL, 0), 0);
	assert_int_equal(w[1].fault, WINDOW_FINE);
	assert_int_equal(paid(sh, &w[1], &NO_OVERTIME, NULL, 0), 8 * HOUR);
}

/* U16: frappe/hrms#299, #1397, #4198; odoo/odoo#37104: several time zones in one company. */
static void u16_zones_of_sites(void **state)
{
	static const char *const SITES[] = {SH, "Asia/Urumqi", "Asia/Kathmandu", "America/New_York"};
	instant_s starts[COUNT(SITES)];

	(void)state;
	for (size_t i = 0; i < COUNT(SITES); i++) {
		const struct zone *z = zone_named(SITES[i]);
		struct punch_window w = window_of(z, "2026-01-05 09:00", "2026-01-05 17:00");
		struct punch p[] = {punch_of(z, "2026-01-05 09:00", PUNCH_IN, 1), punch_of(z, "2026-01-05 17:00", PUNCH_OUT, 2)};

		punch_match(&POLICY, &w, 1, p, COUNT(p));
		assert_int_equal(paid(z, &w, &NO_OVERTIME, NULL, 0), 8 * HOUR);
		assert_int_equal(zone_day(z, w.in_s), civil_of(2026, 1, 5)); /* the site's day, in every site */
		starts[i] = w.in_s;
		for (size_t j = 0; j < i; j++)
			assert_true(starts[j] != starts[i]); /* but not one instant */
	}
}

/* U17: horilla/horilla-hr#1227, #1115, #820, #825, #994; frappe/hrms#5273, #3685: duplicates from a scheduler, device in
 * and manual out lost, 156 hours in one day, uploads in bulk after an outage. */
static void u17_feeds_of_devices(void **state)
{
	struct punch_window w = window_of(sh, "2026-01-05 09:00", "2026-01-05 17:00"), first = {0};
	struct punch p[] = {
		punch_of(sh, "2026-01-05 17:03", PUNCH_OUT, 9), /* all late, in no order, and one of them twice */
		punch_of(sh, "2026-01-05 08:57", PUNCH_IN, 7),
		punch_of(sh, "2026-01-05 08:57", PUNCH_IN, 7),
		punch_of(sh, "2026-01-11 20:57", PUNCH_OUT, 8), /* 156 hours after */
	};

	(void)state;
	w.by_hand = p[0].by_hand = true;
	for (size_t i = 0; i < COUNT(p); i++)
		p[i].sent_s = p[i].received_s = time_at(sh, "2026-01-12 09:00");
	for (int turn = 0; turn < 4; turn++) {
		struct punch moved = p[0];
		int twice = 0, nowhere = 0;

		memmove(p, p + 1, 3 * sizeof(*p));
		p[3] = moved;
		punch_match(&POLICY, &w, 1, p, COUNT(p));
		for (size_t i = 0; i < COUNT(p); i++) {
			twice += p[i].fate == PUNCH_TWICE;
			nowhere += p[i].fate == PUNCH_NO_WINDOW;
		}
		assert_int_equal(twice, 1);
		assert_int_equal(nowhere, 1);
		assert_int_equal(w.out_s - w.in_s, 8 * HOUR + 6 * 60);
		if (turn)
			assert_true(w.in_s == first.in_s && w.out_s == first.out_s);
		first = w;
	}
}

/* U18: frappe/hrms#4251, #1329; gamonoid/icehrm#259, #260: the device's clock is trusted, punches are edited. */
static void u18_clocks_that_lie(void **state)
{
	struct punch_window w = window_of(sh, "2026-01-05 09:00", "2026-01-05 17:00");
	struct punch p[] = {punch_of(sh, "2026-01-05 08:59", PUNCH_IN, 1), punch_of(sh, "2026-01-05 17:01", PUNCH_OUT, 2),
			    punch_of(sh, "2026-01-05 08:30", PUNCH_IN, 1)};

	(void)state;
	p[0].received_s += 10 * 60; /* the device is ten minutes slow: taken, and told */
	p[1].received_s = p[1].sent_s = time_at(sh, "2026-01-05 16:00"); /* a time that is yet to come */
	p[2].received_s = p[0].received_s + HOUR; /* the same punch again, with a better time */
	punch_match(&POLICY, &w, 1, p, COUNT(p));
	assert_int_equal(w.in_s, time_at(sh, "2026-01-05 08:59")); /* what was received first stays */
	assert_false(w.has_out);
	for (size_t i = 0; i < COUNT(p); i++) {
		if (p[i].at_s == time_at(sh, "2026-01-05 08:59"))
			assert_true(p[i].fate == PUNCH_TAKEN && p[i].drifted);
		else
			assert_int_equal(p[i].fate, p[i].sequence == 1 ? PUNCH_TWICE : PUNCH_FUTURE);
	}
}

/* U19: frappe/hrms#4088, #4194, #1960: early arrival counts as paid or overtime; lunch is not deducted. */
static void u19_early_and_lunch(void **state)
{
	static const struct clock_break LUNCH = {HM(12, 0), HM(13, 0), false};
	struct punch_window w = window_of(sh, "2026-01-05 09:00", "2026-01-05 18:00");
	struct punch p[] = {punch_of(sh, "2026-01-05 07:30", PUNCH_IN, 1), punch_of(sh, "2026-01-05 20:30", PUNCH_OUT, 2)};
	struct span evening = {time_at(sh, "2026-01-05 18:00"), time_at(sh, "2026-01-05 20:00")};
	struct spans approved = {&evening, 1, 1};

	(void)state;
	punch_match(&POLICY, &w, 1, p, COUNT(p));
	assert_int_equal(paid(sh, &w, &NO_OVERTIME, &LUNCH, 1), 8 * HOUR);
	assert_int_equal(paid(sh, &w, &approved, &LUNCH, 1), 10 * HOUR); /* what was approved, not half an hour more */
	assert_int_equal(punch_late(&w) + punch_early(&w), 0);
}

/* U20: frappe/hrms#3716, #3442; horilla/horilla-hr#821: one person at several sites; punching by hand is one switch
 * for all. */
static void u20_several_sites(void **state)
{
	static const int64_t MORNING[] = {11, 12}, EVENING[] = {20};
	struct punch_window w[] = {window_of(sh, "2026-01-05 08:00", "2026-01-05 12:00"),
				   window_of(sh, "2026-01-05 14:00", "2026-01-05 18:00")};
	struct punch p[] = {punch_of(sh, "2026-01-05 08:00", PUNCH_IN, 1), punch_of(sh, "2026-01-05 12:00", PUNCH_OUT, 2),
			    punch_of(sh, "2026-01-05 14:00", PUNCH_IN, 3), punch_of(sh, "2026-01-05 18:00", PUNCH_OUT, 4),
			    punch_of(sh, "2026-01-05 18:30", PUNCH_OUT, 5)};

	(void)state;
	w[0].sites = MORNING;
	w[0].n_sites = 2;
	w[1].sites = EVENING;
	w[1].n_sites = 1;
	w[1].by_hand = true;
	p[0].site = 11;
	p[1].site = 12;
	p[1].by_hand = true; /* the morning's assignment takes devices only */
	p[2].site = p[3].site = 20;
	p[3].by_hand = true;
	p[4].site = 11;
	punch_match(&POLICY, w, COUNT(w), p, COUNT(p));
	assert_true(w[0].has_in && !w[0].has_out);
	assert_int_equal(p[1].fate, PUNCH_NOT_BY_HAND);
	assert_true(w[1].has_in && w[1].has_out);
	assert_int_equal(w[1].out_s, p[3].at_s);
	assert_int_equal(p[4].fate, PUNCH_OTHER_SITE);
}

/* U21: odoo/odoo#25849: a kiosk writes identical in and out twice. */
static void u21_twice_at_the_kiosk(void **state)
{
	struct punch_window w = window_of(sh, "2026-01-05 09:00", "2026-01-05 17:00");
	instant_s in = time_at(sh, "2026-01-05 08:58"), out = time_at(sh, "2026-01-05 17:02");
	struct punch p[] = {punch_at(in, PUNCH_IN, 1), punch_at(in, PUNCH_IN, 2), punch_at(out, PUNCH_OUT, 3),
			    punch_at(out, PUNCH_OUT, 4)};
	int taken = 0;

	(void)state;
	punch_match(&POLICY, &w, 1, p, COUNT(p));
	for (size_t i = 0; i < COUNT(p); i++)
		taken += p[i].fate == PUNCH_TAKEN;
	assert_int_equal(taken, 2);
	assert_int_equal(paid(sh, &w, &NO_OVERTIME, NULL, 0), 8 * HOUR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(u8_zone_of_the_server),
		cmocka_unit_test(u9_days_of_night_work),
		cmocka_unit_test(u10_half_months),
		cmocka_unit_test(u11_rules_are_data),
		cmocka_unit_test(u12_all_in_one_build),
		cmocka_unit_test(u13_out_after_midnight),
		cmocka_unit_test(u14_overtime_around_midnight),
		cmocka_unit_test(u15_one_bad_shift),
		cmocka_unit_test(u16_zones_of_sites),
		cmocka_unit_test(u17_feeds_of_devices),
		cmocka_unit_test(u18_clocks_that_lie),
		cmocka_unit_test(u19_early_and_lunch),
		cmocka_unit_test(u20_several_sites),
		cmocka_unit_test(u21_twice_at_the_kiosk),
	};

	return cmocka_run_group_tests_name("bug museum", tests, setup, NULL);
}
