/* Attendance and settlement by tables: what a window with its punches comes to, and overtime of a period. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "interval_text.h"
#include "rules_law.h"
#include "settlement.h"

#define COUNT(list) (sizeof(list) / sizeof(list[0]))
#define HOUR 3600

static struct law law;
static struct rules r;

static int setup(void **state)
{
	(void)state;
	law = shipped_law();
	r = (struct rules){.law = &law, .place = "310000", .day = civil_of(2026, 1, 31)};
	return 0;
}

/* ---- one window ---- */

static const struct clock_break LUNCH = {12 * HOUR, 13 * HOUR, false};

static const struct window_case {
	const char *name, *zone, *from, *until, *in, *out; /* NULL: no punch */
	const char *leave[2], *overtime[2];
	enum day_pattern pattern;
	enum work_day_policy policy;
	const char *want; /* kind of WOLleam-, type of wrs, minutes */
} WINDOWS[] = {
	{"a day", "Asia/Shanghai", "2026-03-02 09:00", "2026-03-02 18:00", "2026-03-02 08:50", "2026-03-02 18:30", {0}, {0},
	 PATTERN_OFFICE, WORK_DAY_START, "Ww180 Ww300"},
	{"late within 10 minutes", "Asia/Shanghai", "2026-03-02 09:00", "2026-03-02 18:00", "2026-03-02 09:10",
	 "2026-03-02 18:00", {0}, {0}, PATTERN_OFFICE, WORK_DAY_START, "Ww180 Ww300"},
	{"late above: all of it", "Asia/Shanghai", "2026-03-02 09:00", "2026-03-02 18:00", "2026-03-02 09:11",
	 "2026-03-02 18:00", {0}, {0}, PATTERN_OFFICE, WORK_DAY_START, "lw11 Ww169 Ww300"},
	{"early above", "Asia/Shanghai", "2026-03-02 09:00", "2026-03-02 18:00", "2026-03-02 09:00", "2026-03-02 17:00", {0},
	 {0}, PATTERN_OFFICE, WORK_DAY_START, "Ww180 Ww240 ew60"},
	{"absent", "Asia/Shanghai", "2026-03-02 09:00", "2026-03-02 18:00", NULL, NULL, {0}, {0}, PATTERN_OFFICE,
	 WORK_DAY_START, "aw180 aw300"},
	{"no out", "Asia/Shanghai", "2026-03-02 09:00", "2026-03-02 18:00", "2026-03-02 09:00", NULL, {0}, {0},
	 PATTERN_OFFICE, WORK_DAY_START, "mw180 mw300"},
	{"a morning on leave is not late", "Asia/Shanghai", "2026-03-02 09:00", "2026-03-02 18:00", "2026-03-02 13:00",
	 "2026-03-02 18:00", {"2026-03-02 09:00", "2026-03-02 12:00"}, {0}, PATTERN_OFFICE, WORK_DAY_START, "Lw180 Ww300"},
	{"approved overtime alone", "Asia/Shanghai", "2026-03-02 09:00", "2026-03-02 18:00", "2026-03-02 07:00",
	 "2026-03-02 21:00", {0}, {"2026-03-02 19:00", "2026-03-02 20:00"}, PATTERN_OFFICE, WORK_DAY_START,
	 "Ww180 Ww300 Ow60"},
	{"a night into a holiday", "Asia/Shanghai", "2026-09-30 22:00", "2026-10-01 06:00", "2026-09-30 22:00",
	 "2026-10-01 06:00", {0}, {0}, PATTERN_ROSTER_PLANNED, WORK_DAY_START, "Ww120 Ws360"},
	{"a Sunday", "Asia/Shanghai", "2026-03-08 09:00", "2026-03-08 12:00", "2026-03-08 09:00", "2026-03-08 12:00", {0},
	 {0}, PATTERN_OFFICE, WORK_DAY_START, "Wr180"},
	{"clock put forward: 7 hours", "America/New_York", "2026-03-07 22:00", "2026-03-08 06:00", "2026-03-07 22:00",
	 "2026-03-08 06:00", {0}, {0}, PATTERN_ROSTER_PLANNED, WORK_DAY_START, "Ww420"},
	{"clock put back: 9 hours, cut at midnight", "America/New_York", "2026-10-31 22:00", "2026-11-01 06:00",
	 "2026-10-31 22:00", "2026-11-01 06:00", {0}, {0}, PATTERN_ROSTER_PLANNED, WORK_DAY_SPLIT, "Ww120 Ww420"},
	{"a year without calendar", "Asia/Shanghai", "2031-03-03 09:00", "2031-03-03 12:00", "2031-03-03 09:00",
	 "2031-03-03 12:00", {0}, {0}, PATTERN_OFFICE, WORK_DAY_START, "Ww180?"},
	{"ends before it begins", "Asia/Shanghai", "2026-03-02 18:00", "2026-03-02 09:00", "2026-03-02 09:00",
	 "2026-03-02 18:00", {0}, {0}, PATTERN_OFFICE, WORK_DAY_START, ""},
};

static struct spans spans_of(const struct zone *z, const char *const text[2], struct span *room)
{
	if (text[0])
		*room = (struct span){time_at(z, text[0]), time_at(z, text[1])};
	return (struct spans){room, text[0] ? 1 : 0, 1};
}

static size_t punches_of(const struct zone *z, const struct window_case *c, struct punch *p)
{
	const char *const at[] = {c->in, c->out};
	size_t n = 0;

	for (size_t i = 0; i < 2; i++) {
		instant_s t = at[i] ? time_at(z, at[i]) : 0;
		if (at[i])
			p[n++] = (struct punch){.device = 1, .sequence = (int64_t)i, .at_s = t, .sent_s = t, .received_s = t,
						.kind = i ? PUNCH_OUT : PUNCH_IN};
	}
	return n;
}

static void put_lines(const struct attendance_lines *lines, char *out)
{
	size_t k = 0;

	out[0] = '\0';
	for (size_t i = 0; i < lines->n; i++) {
		const struct attendance_line *l = &lines->list[i];
		k += (size_t)snprintf(out + k, TEXT_MOST - k, "%s%c%c%d%s", i ? " " : "", "WOLleam"[l->kind], "wrs"[l->type],
				      (int)(span_length(l->span) / 60), l->known ? "" : "?");
	}
}

static void run_window(const struct window_case *c)
{
	const struct zone *z = zone_named(c->zone);
	struct punch_window w = {.span = {time_at(z, c->from), time_at(z, c->until)}};
	struct punch punches[2];
	struct attendance_line room[16];
	struct attendance_lines lines = {room, 0, COUNT(room)};
	struct span leave_room, overtime_room;
	struct spans leave = spans_of(z, c->leave, &leave_room), overtime = spans_of(z, c->overtime, &overtime_room);
	struct attendance_given g = {&r, z, {c->policy, 600, 600, &LUNCH, 1}, &w, &c->pattern, 1, &leave, &overtime};
	const struct punch_policy reach = {4 * HOUR, 4 * HOUR, 60, 120};
	char got[TEXT_MOST];

	punch_match(&reach, &w, 1, punches, punches_of(z, c, punches));
	assert_true(attendance_lines(&g, &lines));
	put_lines(&lines, got);
	if (strcmp(got, c->want) != 0)
		fail_msg("%s: %s and not %s", c->name, got, c->want);
	lines.most = lines.n ? lines.n - 1 : 0;
	if (lines.n)
		assert_false(attendance_lines(&g, &lines));
}

static void windows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(WINDOWS); i++)
		run_window(&WINDOWS[i]);
}

/* Two windows whose outs both lie behind the second: what is beside them counts once. */
static void beside_two_windows(void **state)
{
	const struct zone *z = zone_named("Asia/Shanghai");
	instant_s at = time_at(z, "2026-03-02 08:00");
	struct punch_window w[] = {
		{.span = {at, at + 2 * HOUR}, .has_in = true, .has_out = true, .in_s = at, .out_s = at + 6 * HOUR},
		{.span = {at + 3 * HOUR, at + 4 * HOUR}, .has_in = true, .has_out = true, .in_s = at + 3 * HOUR,
		 .out_s = at + 7 * HOUR},
	};
	const enum day_pattern patterns[] = {PATTERN_OFFICE, PATTERN_OFFICE};
	struct span all = {at, at + 12 * HOUR};
	struct spans leave = {NULL, 0, 0}, overtime = {&all, 1, 1};
	struct attendance_given g = {&r, z, {WORK_DAY_START, 0, 0, NULL, 0}, w, patterns, 2, &leave, &overtime};
	struct attendance_line room[16];
	struct attendance_lines lines = {room, 0, COUNT(room)};
	char got[TEXT_MOST];

	(void)state;
	assert_true(attendance_lines(&g, &lines));
	put_lines(&lines, got);
	assert_string_equal(got, "Ww120 Ow60 Ow120 Ww60 Ow60");
}

/* ---- a day, a period ---- */

static void figures_of_a_day(void **state)
{
	const struct zone *z = zone_named("Asia/Shanghai");
	instant_s at = time_at(z, "2026-03-02 14:00");
	civil_day day = civil_of(2026, 3, 2);
	struct attendance_line list[] = {
		{ATTENDANCE_WORKED, day, DAY_WORK, true, 0, {at, at + 10 * HOUR}},
		{ATTENDANCE_OVERTIME, day, DAY_WORK, true, 0, {at + 10 * HOUR, at + 11 * HOUR}},
		{ATTENDANCE_WORKED, day, DAY_REST, true, 1, {at - 5 * HOUR, at - 3 * HOUR}},
		{ATTENDANCE_WORKED, day + 1, DAY_WORK, false, 2, {at + 24 * HOUR, at + 25 * HOUR}},
	};
	struct attendance_lines lines = {list, COUNT(list), COUNT(list)};
	struct attendance_sum s, next;

	(void)state;
	assert_true(attendance_of_day(&lines, day, z, (struct clock_night){22 * HOUR, 6 * HOUR}, 8 * HOUR, &s));
	assert_int_equal(s.beyond_s[DAY_WORK], 3 * HOUR);
	assert_int_equal(s.beyond_s[DAY_REST], 2 * HOUR);
	assert_int_equal(s.night_s, 3 * HOUR);
	assert_true(s.known);
	assert_true(attendance_of_day(&lines, day + 1, z, (struct clock_night){22 * HOUR, 6 * HOUR}, 8 * HOUR, &next));
	attendance_add(&s, &next);
	assert_int_equal(s.there_s[DAY_WORK], 12 * HOUR);
	assert_int_equal(s.beyond_s[DAY_WORK], 3 * HOUR);
	assert_false(s.known);
}

/* Hours. */
static const struct settlement_case {
	const char *name;
	enum working_time system;
	bool statutory_is_paid;
	int cycle, there[3], beyond[3], paid_leave, unpaid_leave;
	int overtime[3], lacking;
} SETTLEMENTS[] = {
	{"standard", WORKING_TIME_STANDARD, false, 0, {170, 8, 8}, {10, 8, 8}, 0, 0, {10, 8, 8}, 0},
	{"at the cycle", WORKING_TIME_COMPREHENSIVE, false, 496, {480, 16, 0}, {90, 16, 0}, 0, 0, {0, 0, 0}, 0},
	{"above: rest days at 150 %", WORKING_TIME_COMPREHENSIVE, false, 496, {480, 20, 0}, {0, 20, 0}, 0, 0, {4, 0, 0}, 0},
	{"a holiday stands outside", WORKING_TIME_COMPREHENSIVE, false, 496, {490, 0, 8}, {0, 0, 8}, 0, 0, {0, 0, 8}, 6},
	{"paid leave is worked", WORKING_TIME_COMPREHENSIVE, false, 496, {490, 0, 0}, {0}, 8, 0, {2, 0, 0}, 0},
	{"unpaid leave lowers", WORKING_TIME_COMPREHENSIVE, false, 496, {490, 0, 0}, {0}, 0, 8, {2, 0, 0}, 0},
	{"leave beyond the cycle", WORKING_TIME_COMPREHENSIVE, false, 40, {1, 0, 0}, {0}, 0, 48, {1, 0, 0}, 0},
	{"irregular", WORKING_TIME_IRREGULAR, false, 0, {300, 20, 8}, {99, 20, 8}, 0, 0, {0, 0, 0}, 0},
	{"irregular in Shanghai", WORKING_TIME_IRREGULAR, true, 0, {300, 20, 8}, {99, 20, 8}, 0, 0, {0, 0, 8}, 0},
};

static void run_settlement(const struct settlement_case *c)
{
	struct settlement_rule rule = {c->system, c->cycle * HOUR, c->statutory_is_paid};
	struct attendance_sum sum = {.known = true};
	struct settlement s;

	for (int i = 0; i < 3; i++) {
		sum.there_s[i] = c->there[i] * HOUR;
		sum.beyond_s[i] = c->beyond[i] * HOUR;
	}
	s = settlement_of(&rule, &sum, c->paid_leave * HOUR, c->unpaid_leave * HOUR);
	for (int i = 0; i < 3; i++)
		if (s.overtime_s[i] != c->overtime[i] * HOUR)
			fail_msg("%s: type %d: %d s", c->name, i, (int)s.overtime_s[i]);
	if (s.short_s != c->lacking * HOUR || !s.known)
		fail_msg("%s: lacks %d s", c->name, (int)s.short_s);
}

static void settlements(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(SETTLEMENTS); i++)
		run_settlement(&SETTLEMENTS[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows),
		cmocka_unit_test(beside_two_windows),
		cmocka_unit_test(figures_of_a_day),
		cmocka_unit_test(settlements),
	};

	return cmocka_run_group_tests_name("attendance", tests, setup, NULL);
}
