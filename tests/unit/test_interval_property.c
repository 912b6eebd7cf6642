/* Properties of the time algebra on random cases: RENHE_CASES of each, a million by default, drawn by RENHE_SEED.
 * libc's own idea of the zones, minute by minute, is what days are counted by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>
#include "interval_text.h"

#define COUNT(list) (sizeof(list) / sizeof(list[0]))

static uint64_t seed, drawn;
static int cases = 1000000;

/* splitmix64 */
static uint64_t draw(void)
{
	uint64_t x = drawn += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static int64_t draw_below(int64_t n)
{
	return (int64_t)(draw() % (uint64_t)n);
}

static int setup(void **state)
{
	const char *given = getenv("RENHE_SEED"), *many = getenv("RENHE_CASES");

	(void)state;
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	cases = many ? (int)strtol(many, NULL, 10) : cases;
	print_message("seed %llu, %d cases of each\n", (unsigned long long)seed, cases);
	return 0;
}

/* ---- days, against libc minute by minute ---- */

#define MINUTES (40 * 1440)

/* Forty days around changes of a clock: the wall's date at each minute, from libc. */
static struct era {
	const char *zone, *from;
	instant_s begins_s;
	int32_t day[MINUTES];
} eras[] = {
	{.zone = "Asia/Shanghai", .from = "2026-01-01 00:00"},	  {.zone = "Asia/Shanghai", .from = "1986-04-20 00:00"},
	{.zone = "Asia/Shanghai", .from = "1986-09-01 00:00"},	  {.zone = "Asia/Shanghai", .from = "1991-08-30 00:00"},
	{.zone = "Asia/Shanghai", .from = "1940-05-15 00:00"},	  {.zone = "America/New_York", .from = "2026-02-20 00:00"},
	{.zone = "America/New_York", .from = "2099-10-10 00:00"}, {.zone = "Australia/Lord_Howe", .from = "2026-03-20 00:00"},
	{.zone = "Pacific/Apia", .from = "2011-12-10 00:00"},	  {.zone = "America/Sao_Paulo", .from = "2018-10-20 00:00"},
};

static int32_t libc_day(instant_s t)
{
	time_t at = (time_t)t;
	struct tm tm;

	assert_non_null(localtime_r(&at, &tm));
	return civil_of(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

static void read_eras(void)
{
	for (size_t i = 0; i < COUNT(eras); i++) {
		setenv("TZ", eras[i].zone, 1);
		tzset();
		eras[i].begins_s = time_at(zone_named(eras[i].zone), eras[i].from);
		for (int m = 0; m < MINUTES; m++)
			eras[i].day[m] = libc_day(eras[i].begins_s + m * 60);
	}
	unsetenv("TZ");
	tzset();
}

static bool counted_so(const struct era *era, int64_t from, int64_t until, const struct work_part *parts, size_t n)
{
	size_t part = 0;
	int64_t counted = 0;

	for (int64_t m = from; m < until; m++) {
		if (m > from && era->day[m] != era->day[m - 1]) {
			if (part >= n || counted * 60 != span_length(parts[part].span))
				return false;
			part++;
			counted = 0;
		}
		if (part >= n || parts[part].day != era->day[m])
			return false;
		counted++;
	}
	return part + 1 == n && counted * 60 == span_length(parts[part].span);
}

/* A stretch of up to 34 hours of whole minutes. */
static void days_as_libc_counts(void **state)
{
	struct work_part parts[8];
	int cut = 0;

	(void)state;
	drawn = seed;
	read_eras();
	for (int i = 0; i < cases; i++) {
		const struct era *era = &eras[draw_below(COUNT(eras))];
		int64_t from = draw_below(MINUTES - 2100), length = 1 + draw_below(i % 8 ? 540 : 2040);
		struct span s = {era->begins_s + from * 60, era->begins_s + (from + length) * 60};
		size_t n;

		assert_true(work_day_parts(zone_named(era->zone), WORK_DAY_SPLIT, s, parts, COUNT(parts), &n));
		if (!counted_so(era, from, from + length, parts, n))
			fail_msg("case %d: %s, %lld minutes from minute %lld", i, era->zone, (long long)length, (long long)from);
		cut += n > 1;
	}
	assert_true(cut > cases / 20);
}

/* ---- splitting never changes a total ---- */

static bool joined(const struct work_part *parts, size_t n, struct span s)
{
	instant_s at = s.from_s;

	for (size_t i = 0; i < n; i++) {
		if (parts[i].span.from_s != at || span_length(parts[i].span) <= 0)
			return false;
		at = parts[i].span.until_s;
	}
	return at == s.until_s;
}

static void totals_stay(void **state)
{
	static const struct clock_break BREAKS[] = {{43200, 46800, false}, {82800, 1800, false}, {7200, 9000, true}};
	struct work_part parts[8];
	struct span rooms[3][32];

	(void)state;
	drawn = seed + 1;
	for (int i = 0; i < cases; i++) {
		const struct zone *z = zone_named(eras[draw_below(COUNT(eras))].zone);
		instant_s from = draw_below(4000000000) - 1000000000, cut;
		struct span s = {from, from + 1 + draw_below(200000)};
		struct spans whole = {rooms[0], 0, 32}, first = {rooms[1], 0, 32}, second = {rooms[2], 0, 32};
		size_t n;

		for (enum work_day_policy p = WORK_DAY_START; p <= WORK_DAY_SPLIT; p++) {
			assert_true(work_day_parts(z, p, s, parts, COUNT(parts), &n));
			assert_true(joined(parts, n, s));
		}
		/* Cut anywhere, the night and what breaks leave are the sum of both sides. */
		cut = s.from_s + draw_below(span_length(s));
		assert_true(work_within_clock(z, s, 79200, 21600, &whole) &&
			    work_within_clock(z, (struct span){s.from_s, cut}, 79200, 21600, &first) &&
			    work_within_clock(z, (struct span){cut, s.until_s}, 79200, 21600, &second));
		assert_int_equal(spans_total(&whole), spans_total(&first) + spans_total(&second));
		assert_true(work_without_breaks(z, s, BREAKS, 3, &whole) &&
			    work_without_breaks(z, (struct span){s.from_s, cut}, BREAKS, 3, &first) &&
			    work_without_breaks(z, (struct span){cut, s.until_s}, BREAKS, 3, &second));
		assert_int_equal(spans_total(&whole), spans_total(&first) + spans_total(&second));
	}
}

/* ---- sets, against 64 minutes one by one ---- */

static uint64_t minutes_of(const struct spans *s)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < s->n; i++)
		for (instant_s m = s->list[i].from_s; m < s->list[i].until_s; m++)
			bits |= (uint64_t)1 << m;
	return bits;
}

static uint64_t draw_set(struct spans *s)
{
	s->n = (size_t)draw_below(6);
	for (size_t i = 0; i < s->n; i++) {
		s->list[i].from_s = draw_below(64);
		s->list[i].until_s = s->list[i].from_s + draw_below(64 - s->list[i].from_s);
	}
	return minutes_of(s);
}

static void sets_minute_by_minute(void **state)
{
	struct span rooms[3][12];

	(void)state;
	drawn = seed + 2;
	for (int i = 0; i < cases; i++) {
		struct spans a = {rooms[0], 0, 12}, b = {rooms[1], 0, 12}, out = {rooms[2], 0, 12};
		uint64_t x = draw_set(&a), y = draw_set(&b);

		spans_normalise(&a);
		spans_normalise(&b);
		assert_true(spans_are_normal(&a) && minutes_of(&a) == x && minutes_of(&b) == y);
		assert_int_equal(spans_total(&a), __builtin_popcountll(x));
		assert_true(spans_union(&a, &b, &out) && spans_are_normal(&out) && minutes_of(&out) == (x | y));
		assert_true(spans_intersect(&a, &b, &out) && spans_are_normal(&out) && minutes_of(&out) == (x & y));
		assert_true(spans_subtract(&a, &b, &out) && spans_are_normal(&out) && minutes_of(&out) == (x & ~y));
	}
}

/* ---- punches: order, repetition and the zone of the process change nothing ---- */

#define WINDOWS 4
#define PUNCHES 8

struct day {
	struct punch_window windows[WINDOWS];
	struct punch punches[2 * PUNCHES];
	size_t n;
};

/* What is written is zero first, for days are compared as bytes. */
static void draw_day(struct day *day)
{
	static const int64_t SITES[] = {1, 2};

	memset(day, 0, sizeof(*day));
	for (int i = 0; i < WINDOWS; i++) {
		struct punch_window *w = &day->windows[i];
		w->span.from_s = draw_below(300) * 600;
		w->span.until_s = w->span.from_s + (draw_below(60) - 2) * 600;
		w->sites = SITES;
		w->n_sites = (size_t)draw_below(3);
		w->by_hand = draw_below(2);
	}
	for (day->n = 0; day->n < PUNCHES; day->n++) {
		struct punch *p = &day->punches[day->n];
		p->device = draw_below(2);
		p->sequence = draw_below(6);
		p->at_s = draw_below(1900) * 100;
		p->sent_s = p->at_s + draw_below(4) * 100 - 100;
		p->received_s = p->sent_s + draw_below(4) * 100;
		p->site = 1 + draw_below(2);
		p->kind = (enum punch_kind)draw_below(3);
		p->by_hand = draw_below(2);
	}
}

/* Shuffled, and some of it sent again. */
static void disorder(const struct day *from, struct day *to)
{
	*to = *from;
	for (size_t again = (size_t)draw_below(PUNCHES); again > 0; again--)
		to->punches[to->n++] = from->punches[draw_below(PUNCHES)];
	for (size_t i = to->n - 1; i > 0; i--) {
		size_t j = (size_t)draw_below((int64_t)i + 1);
		struct punch p = to->punches[i];

		to->punches[i] = to->punches[j];
		to->punches[j] = p;
	}
	for (size_t i = WINDOWS - 1; i > 0; i--) {
		size_t j = (size_t)draw_below((int64_t)i + 1);
		struct punch_window w = to->windows[i];

		to->windows[i] = to->windows[j];
		to->windows[j] = w;
	}
}

static bool same_window(const struct punch_window *a, const struct punch_window *b)
{
	return a->span.from_s == b->span.from_s && a->span.until_s == b->span.until_s && a->fault == b->fault &&
	       a->has_in == b->has_in && a->has_out == b->has_out && (!a->has_in || a->in_s == b->in_s) &&
	       (!a->has_out || a->out_s == b->out_s);
}

static void order_changes_nothing(void **state)
{
	static const struct punch_policy POLICY = {.before_s = 7200, .after_s = 10800, .same_s = 120, .drift_s = 150};
	static const char *const SERVERS[] = {"UTC", "Asia/Shanghai", "America/Los_Angeles"};
	struct day day, other;
	int ins = 0;

	(void)state;
	drawn = seed + 3;
	for (int i = 0; i < cases; i++) {
		if (i % (1 + cases / 60) == 0) {
			setenv("TZ", SERVERS[i / (1 + cases / 60) % 3], 1);
			tzset();
		}
		draw_day(&day);
		disorder(&day, &other);
		punch_match(&POLICY, day.windows, WINDOWS, day.punches, day.n);
		punch_match(&POLICY, other.windows, WINDOWS, other.punches, other.n);
		for (int w = 0; w < WINDOWS; w++) {
			if (!same_window(&day.windows[w], &other.windows[w]))
				fail_msg("case %d: window %d", i, w);
			ins += day.windows[w].has_in;
		}
	}
	unsetenv("TZ");
	assert_true(ins > cases / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_as_libc_counts),
		cmocka_unit_test(totals_stay),
		cmocka_unit_test(sets_minute_by_minute),
		cmocka_unit_test(order_changes_nothing),
	};

	return cmocka_run_group_tests_name("properties of time", tests, setup, NULL);
}
