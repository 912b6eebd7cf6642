/* Attendance on random days against an oracle that knows no stretches: it asks of each minute by itself what it
 * is. RENHE_CASES cases, drawn by RENHE_SEED. The punches come a second time in another order, twice, and under
 * another zone of the server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include "attendance.h"
#include "interval_text.h"
#include "rules_law.h"

#define WINDOWS 3
#define PUNCHES 8
#define LINES 200
#define HOURS 24
#define MINUTES (5 * HOURS * 60)
#define DAYS 8

static uint64_t seed, drawn;
static int cases = 10000;
static struct law law;
static struct rules r;
static const struct zone *sh;
static instant_s begin_s;
static civil_day begin_day;

/* splitmix64 */
static int64_t draw(int64_t below)
{
	uint64_t x = drawn += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return (int64_t)((x ^ x >> 31) % (uint64_t)below);
}

static int setup(void **state)
{
	const char *given = getenv("RENHE_SEED"), *many = getenv("RENHE_CASES");

	(void)state;
	drawn = seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	cases = many ? (int)strtol(many, NULL, 10) : cases;
	print_message("seed %llu, %d cases\n", (unsigned long long)seed, cases);
	law = shipped_law();
	sh = zone_named("Asia/Shanghai");
	r = (struct rules){.law = &law, .place = "310000", .day = civil_of(2026, 1, 31)};
	return 0;
}

/* ---- what is drawn ---- */

static const struct punch_policy REACH = {.before_s = 14400, .after_s = 14400, .same_s = 60, .drift_s = 120};

struct drawing {
	struct punch_window windows[WINDOWS];
	enum day_pattern patterns[WINDOWS];
	struct punch punches[2 * PUNCHES];
	size_t n;
	struct clock_break lunch;
	struct span leave_room[2], overtime_room[3];
	struct spans leave, overtime;
	struct attendance_policy policy;
};

static instant_s minute(int64_t m)
{
	return begin_s + m * 60;
}

static void draw_spans(struct spans *s, struct span *room, size_t most)
{
	*s = (struct spans){room, 0, most};
	while (s->n < most) {
		int64_t from = draw(MINUTES);
		room[s->n++] = (struct span){minute(from), minute(from + draw(300))};
	}
	spans_normalise(s);
}

static void draw_punch(struct drawing *d, int64_t at)
{
	instant_s t = minute(at);

	d->punches[d->n] = (struct punch){.device = 1, .sequence = (int64_t)d->n, .at_s = t, .sent_s = t, .received_s = t};
	d->punches[d->n++].kind = (enum punch_kind)draw(3);
}

static void draw_windows(struct drawing *d)
{
	int64_t at = 120 + draw(600);

	for (int i = 0; i < WINDOWS; i++) {
		int64_t until = at + 60 + draw(840);
		d->windows[i] = (struct punch_window){.span = {minute(at), minute(until)}};
		d->patterns[i] = (enum day_pattern)draw(3);
		if (draw(5))
			draw_punch(d, at - 60 + draw(120));
		if (draw(5))
			draw_punch(d, until - 60 + draw(180));
		at = until + 1 + draw(900);
	}
}

/* Around a holiday, a make-up day or none, and the end of what the calendar knows. */
static void draw_case(struct drawing *d)
{
	static const int DATES[][3] = {{2026, 9, 29}, {2026, 2, 13}, {2026, 6, 10}, {2025, 12, 30}, {2026, 12, 30}};
	const int *date = DATES[draw(5)];
	int from = (int)draw(1440) * 60;

	memset(d, 0, sizeof(*d));
	begin_day = civil_of(date[0], date[1], date[2]);
	begin_s = (instant_s)begin_day * 86400 - 8 * 3600;
	draw_windows(d);
	draw_punch(d, draw(MINUTES - 1000));
	d->lunch = (struct clock_break){from, (from + 1800 + (int)draw(60) * 60) % 86400, draw(4) == 0};
	draw_spans(&d->leave, d->leave_room, 2);
	draw_spans(&d->overtime, d->overtime_room, 3);
	d->policy = (struct attendance_policy){(enum work_day_policy)draw(4), draw(2) * 900, draw(2) * 600, &d->lunch, 1};
}

static struct attendance_given given_of(const struct drawing *d)
{
	return (struct attendance_given){&r, sh, d->policy, d->windows, d->patterns, WINDOWS, &d->leave, &d->overtime};
}

/* ---- the oracle ---- */

struct oracle {
	int64_t kind[DAYS][ATTENDANCE_KINDS], there[DAYS][3];
};

static civil_day day_at(instant_s t)
{
	return (civil_day)((t + 8 * 3600) / 86400);
}

static bool holds(const struct span *list, size_t n, instant_s t)
{
	for (size_t i = 0; i < n; i++)
		if (t >= list[i].from_s && t < list[i].until_s)
			return true;
	return false;
}

static bool at_lunch(const struct clock_break *b, instant_s t)
{
	int s = (int)((t + 8 * 3600) % 86400);

	if (b->paid)
		return false;
	return b->from_s < b->until_s ? s >= b->from_s && s < b->until_s : s >= b->from_s || s < b->until_s;
}

static bool lacking(const struct drawing *d, instant_s t)
{
	return !at_lunch(&d->lunch, t) && !holds(d->leave.list, d->leave.n, t);
}

static civil_day oracle_day(const struct drawing *d, const struct punch_window *w, instant_s t)
{
	int count[DAYS] = {0}, best = 0;

	if (d->policy.work_day == WORK_DAY_SPLIT)
		return day_at(t);
	if (d->policy.work_day != WORK_DAY_MAJORITY)
		return day_at(d->policy.work_day == WORK_DAY_START ? w->span.from_s : w->span.until_s - 60);
	for (instant_s s = w->span.from_s; s < w->span.until_s; s += 60)
		count[day_at(s) - begin_day]++;
	for (int i = 1; i < DAYS; i++)
		best = count[i] > count[best] ? i : best;
	return begin_day + best;
}

static enum day_type oracle_type(enum day_pattern p, civil_day work_day, civil_day own)
{
	enum day_type mine = calendar_day(&r, own, NULL), of_work = calendar_day(&r, work_day, NULL);

	if (mine == DAY_STATUTORY)
		return DAY_STATUTORY;
	if (p != PATTERN_OFFICE)
		return p == PATTERN_ROSTER_PLANNED ? DAY_WORK : DAY_REST;
	return of_work == DAY_STATUTORY ? mine : of_work;
}

static int64_t lacked(const struct drawing *d, instant_s from, instant_s until)
{
	int64_t n = 0;

	for (instant_s t = from; t < until; t += 60)
		n += lacking(d, t) ? 60 : 0;
	return n;
}

static bool both(const struct punch_window *w)
{
	return w->has_in && w->has_out && w->in_s < w->out_s;
}

/* Minutes of the window that is planned. */
static enum attendance_kind planned_kind(const struct drawing *d, const struct punch_window *w, instant_s t)
{
	instant_s end = w->span.until_s, from = w->span.from_s;
	bool meets = both(w) && w->in_s < end && w->out_s > from;

	if (holds(d->leave.list, d->leave.n, t))
		return ATTENDANCE_LEAVE;
	if (!both(w))
		return w->has_in || w->has_out ? ATTENDANCE_MISSING : ATTENDANCE_ABSENT;
	if (t < w->in_s && !(meets && lacked(d, from, w->in_s) <= d->policy.late_s))
		return ATTENDANCE_LATE;
	if (t >= w->out_s && !(meets && lacked(d, w->out_s, end) <= d->policy.early_s))
		return ATTENDANCE_EARLY;
	return ATTENDANCE_WORKED;
}

static void note(struct oracle *o, const struct drawing *d, size_t i, instant_s t, enum attendance_kind kind)
{
	civil_day day = oracle_day(d, &d->windows[i], t);

	o->kind[day - begin_day][kind] += 60;
	if (kind == ATTENDANCE_WORKED || kind == ATTENDANCE_OVERTIME)
		o->there[day - begin_day][oracle_type(d->patterns[i], day, day_at(t))] += 60;
}

static bool in_window(const struct drawing *d, instant_s t, size_t *which)
{
	for (*which = 0; *which < WINDOWS; ++*which)
		if (t >= d->windows[*which].span.from_s && t < d->windows[*which].span.until_s)
			return true;
	return false;
}

static bool in_presence(const struct drawing *d, instant_s t, size_t *which)
{
	for (*which = 0; *which < WINDOWS; ++*which) {
		const struct punch_window *w = &d->windows[*which];
		if (both(w) && t >= w->in_s && t < w->out_s)
			return true;
	}
	return false;
}

static void oracle_minutes(const struct drawing *d, struct oracle *o)
{
	size_t i;

	memset(o, 0, sizeof(*o));
	for (int m = 0; m < MINUTES; m++) {
		instant_s t = minute(m);

		if (at_lunch(&d->lunch, t))
			continue;
		if (in_window(d, t, &i))
			note(o, d, i, t, planned_kind(d, &d->windows[i], t));
		else if (in_presence(d, t, &i) && holds(d->overtime.list, d->overtime.n, t))
			note(o, d, i, t, ATTENDANCE_OVERTIME);
	}
}

/* ---- the property ---- */

static void compare_day(const struct attendance_lines *lines, const struct oracle *o, int day, int at)
{
	struct attendance_sum s;

	assert_true(attendance_of_day(lines, begin_day + day, sh, (struct clock_night){22 * 3600, 6 * 3600}, 28800, &s));
	for (int k = 0; k < ATTENDANCE_KINDS; k++)
		if (s.kind_s[k] != o->kind[day][k])
			fail_msg("case %d day %d kind %d: %d and not %d s", at, day, k, (int)s.kind_s[k], (int)o->kind[day][k]);
	for (int t = 0; t < 3; t++)
		if (s.there_s[t] != o->there[day][t])
			fail_msg("case %d day %d type %d: %d and not %d s", at, day, t, (int)s.there_s[t], (int)o->there[day][t]);
}

/* The same punches, in another order, each twice. */
static void disorder(const struct drawing *d, struct drawing *other)
{
	static const char *const ZONES[] = {"UTC", "America/New_York", "Asia/Shanghai"};

	*other = *d;
	other->leave.list = other->leave_room;
	other->overtime.list = other->overtime_room;
	other->policy.breaks = &other->lunch;
	for (size_t i = 0; i < d->n; i++)
		other->punches[other->n++] = d->punches[i];
	for (size_t i = other->n; i > 1; i--) {
		size_t j = (size_t)draw((int64_t)i);
		struct punch kept = other->punches[j];
		other->punches[j] = other->punches[i - 1];
		other->punches[i - 1] = kept;
	}
	setenv("TZ", ZONES[draw(3)], 1);
	tzset();
}

static bool same_line(const struct attendance_line *a, const struct attendance_line *b)
{
	return a->kind == b->kind && a->work_day == b->work_day && a->type == b->type && a->known == b->known &&
	       a->window == b->window && a->span.from_s == b->span.from_s && a->span.until_s == b->span.until_s;
}

static void lines_of(struct drawing *d, struct attendance_lines *out)
{
	struct attendance_given g;

	punch_match(&REACH, d->windows, WINDOWS, d->punches, d->n);
	g = given_of(d);
	assert_true(attendance_lines(&g, out));
}

static void minute_by_minute(void **state)
{
	static struct attendance_line room[2][LINES];
	struct attendance_lines lines = {room[0], 0, LINES}, again = {room[1], 0, LINES};
	int64_t seen[ATTENDANCE_KINDS] = {0};

	(void)state;
	for (int i = 0; i < cases; i++) {
		struct drawing d, other;
		struct oracle o;

		draw_case(&d);
		disorder(&d, &other);
		lines_of(&d, &lines);
		lines_of(&other, &again);
		oracle_minutes(&d, &o);
		for (int day = 0; day < DAYS; day++)
			compare_day(&lines, &o, day, i);
		assert_int_equal(lines.n, again.n);
		for (size_t k = 0; k < lines.n; k++) {
			if (!same_line(&lines.list[k], &again.list[k]))
				fail_msg("case %d: line %d by another order", i, (int)k);
			seen[lines.list[k].kind]++;
		}
	}
	for (int k = 0; k < ATTENDANCE_KINDS; k++)
		assert_true(seen[k] > cases / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(minute_by_minute)};

	return cmocka_run_group_tests_name("properties of attendance", tests, setup, NULL);
}
