/* The time algebra by tables of values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "interval_text.h"
#include "rules_law.h"

#define COUNT(list) (sizeof(list) / sizeof(list[0]))
#define SH "Asia/Shanghai"
#define NY "America/New_York"

static int check(const char *what, const char *got, const char *expected)
{
	if (strcmp(got, expected) == 0)
		return 0;
	print_error("%s: %s, not %s\n", what, got, expected);
	return 1;
}

/* ---- zones ---- */

static void clocks(void **state)
{
	static const char *const KINDS[] = {[CLOCK_ONCE] = "once", [CLOCK_TWICE] = "twice", [CLOCK_NEVER] = "never"};
	static const struct {
		const char *zone, *wall, *kind, *first, *second;
	} ROWS[] = {
		{SH, "2026-01-05 08:00", "once", "2026-01-05 00:00", "2026-01-05 00:00"},
		{SH, "1986-05-04 01:59", "once", "1986-05-03 17:59", "1986-05-03 17:59"},
		{SH, "1986-05-04 02:30", "never", "1986-05-03 18:00", "1986-05-03 18:00"},
		{SH, "1986-05-04 03:00", "once", "1986-05-03 18:00", "1986-05-03 18:00"},
		{SH, "1986-09-14 01:30", "twice", "1986-09-13 16:30", "1986-09-13 17:30"},
		{SH, "1986-09-14 02:00", "once", "1986-09-13 18:00", "1986-09-13 18:00"},
		{SH, "1991-07-01 12:00", "once", "1991-07-01 03:00", "1991-07-01 03:00"},
		{SH, "1991-09-15 01:00", "twice", "1991-09-14 16:00", "1991-09-14 17:00"},
		{SH, "1992-07-01 12:00", "once", "1992-07-01 04:00", "1992-07-01 04:00"},
		{SH, "1940-06-01 00:00", "never", "1940-05-31 16:00", "1940-05-31 16:00"},
		{NY, "2026-03-08 02:15", "never", "2026-03-08 07:00", "2026-03-08 07:00"},
		{NY, "2026-11-01 01:15", "twice", "2026-11-01 05:15", "2026-11-01 06:15"},
		/* Behind the last change of the file, by its rule. */
		{NY, "2099-03-08 02:15", "never", "2099-03-08 07:00", "2099-03-08 07:00"},
		{NY, "2099-07-01 12:00", "once", "2099-07-01 16:00", "2099-07-01 16:00"},
		{"Australia/Lord_Howe", "2099-04-05 01:45", "twice", "2099-04-04 14:45", "2099-04-04 15:15"},
		{"Australia/Lord_Howe", "2099-01-01 12:00", "once", "2099-01-01 01:00", "2099-01-01 01:00"},
		{"Europe/Dublin", "2099-07-01 12:00", "once", "2099-07-01 11:00", "2099-07-01 11:00"},
		{"Pacific/Apia", "2011-12-30 12:00", "never", "2011-12-30 10:00", "2011-12-30 10:00"},
		{"Asia/Kathmandu", "1985-12-31 12:00", "once", "1985-12-31 06:30", "1985-12-31 06:30"},
		{"Asia/Kathmandu", "2026-01-01 05:45", "once", "2026-01-01 00:00", "2026-01-01 00:00"},
	};
	char first[TEXT_MOST], second[TEXT_MOST];
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(ROWS); i++) {
		civil_day d;
		instant_s at[2];
		char day[11];

		snprintf(day, sizeof(day), "%s", ROWS[i].wall);
		assert_true(civil_read(day, &d));
		enum zone_clock kind = zone_instants(zone_named(ROWS[i].zone), d, seconds_of(ROWS[i].wall + 11), at);
		put_utc(first, at[0]);
		put_utc(second, at[1]);
		wrong += check(ROWS[i].wall, KINDS[kind], ROWS[i].kind);
		wrong += check(ROWS[i].wall, first, ROWS[i].first) + check(ROWS[i].wall, second, ROWS[i].second);
	}
	assert_int_equal(wrong, 0);
}

static void no_zones(void **state)
{
	static const char *const NAMES[] = {"", "Asia/Nowhere", "../zoneinfo/UTC", "/usr/share/zoneinfo/UTC", "Asia",
					    "zone.tab", "tzdata.zi", "Asia/Shang hai", "right/UTC?"};
	unsigned char bytes[4096];
	struct zone z = {.n = 77};
	FILE *f = fopen(ZONES_FOLDER "/" NY, "re");
	size_t n, refused = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(NAMES); i++)
		assert_false(zone_load(ZONES_FOLDER, NAMES[i], &z));
	assert_int_equal(z.n, 77); /* untouched */
	assert_non_null(f);
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	assert_true(zone_read(bytes, n, &z));
	for (size_t cut = 0; cut < n; cut++) {
		unsigned char *exact = malloc(cut ? cut : 1);

		memcpy(exact, bytes, cut);
		refused += !zone_read(exact, cut, &z);
		free(exact);
	}
	assert_int_equal(refused, n); /* no part of a file is one */
	for (size_t i = 0; i < 20; i++) {
		bytes[i] ^= 0x40;
		refused += !zone_read(bytes, n, &z);
		bytes[i] ^= 0x40;
	}
	assert_true(refused > n + 3);
}

/* ---- the day of work ---- */

static void work_days(void **state)
{
	static const struct {
		const char *zone, *from, *until;
		enum work_day_policy policy;
		const char *expected;
	} ROWS[] = {
		{SH, "2026-01-05 22:00", "2026-01-06 06:00", WORK_DAY_START, "2026-01-05 480"},
		{SH, "2026-01-05 22:00", "2026-01-06 06:00", WORK_DAY_END, "2026-01-06 480"},
		{SH, "2026-01-05 22:00", "2026-01-06 06:00", WORK_DAY_MAJORITY, "2026-01-06 480"},
		{SH, "2026-01-05 22:00", "2026-01-06 06:00", WORK_DAY_SPLIT, "2026-01-05 120; 2026-01-06 360"},
		{SH, "2026-01-05 20:00", "2026-01-06 04:00", WORK_DAY_MAJORITY, "2026-01-05 480"}, /* a tie */
		{SH, "2026-01-05 16:00", "2026-01-06 00:00", WORK_DAY_END, "2026-01-05 480"},
		{SH, "2026-01-05 16:00", "2026-01-06 00:00", WORK_DAY_SPLIT, "2026-01-05 480"},
		{SH, "2026-01-05 16:00", "2026-01-06 00:01", WORK_DAY_END, "2026-01-06 481"},
		{SH, "2026-01-06 00:00", "2026-01-06 08:00", WORK_DAY_START, "2026-01-06 480"},
		{SH, "2026-01-05 23:00", "2026-01-07 01:00", WORK_DAY_SPLIT, "2026-01-05 60; 2026-01-06 1440; 2026-01-07 60"},
		{SH, "2026-01-05 23:00", "2026-01-07 01:00", WORK_DAY_MAJORITY, "2026-01-06 1560"},
		{SH, "2026-01-05 23:00", "2026-01-05 23:00", WORK_DAY_START, ""},
		/* A night of seven hours, and one of nine. */
		{NY, "2026-03-07 22:00", "2026-03-08 06:00", WORK_DAY_START, "2026-03-07 420"},
		{NY, "2026-03-07 22:00", "2026-03-08 06:00", WORK_DAY_SPLIT, "2026-03-07 120; 2026-03-08 300"},
		{NY, "2026-10-31 22:00", "2026-11-01 06:00", WORK_DAY_SPLIT, "2026-10-31 120; 2026-11-01 420"},
		{NY, "2026-03-08 00:00", "2026-03-09 00:00", WORK_DAY_SPLIT, "2026-03-08 1380"},
		{NY, "2026-11-01 00:00", "2026-11-02 00:00", WORK_DAY_SPLIT, "2026-11-01 1500"},
		{SH, "1986-05-03 22:00", "1986-05-04 06:00", WORK_DAY_SPLIT, "1986-05-03 120; 1986-05-04 300"},
		{SH, "1986-09-13 22:00", "1986-09-14 06:00", WORK_DAY_SPLIT, "1986-09-13 120; 1986-09-14 420"},
		/* The clock went from 24:00 to 01:00: the day begins there. */
		{SH, "1940-05-31 20:00", "1940-06-01 04:00", WORK_DAY_SPLIT, "1940-05-31 240; 1940-06-01 180"},
		{SH, "1940-05-31 20:00", "1940-06-01 05:00", WORK_DAY_MAJORITY, "1940-05-31 480"},
		/* From 24:00 back to 23:00: the day has that hour twice. */
		{SH, "1949-05-27 22:00", "1949-05-28 02:00", WORK_DAY_SPLIT, "1949-05-27 180; 1949-05-28 120"},
		/* From 00:01 back to 23:01: what comes again stays in the new day. */
		{"America/St_Johns", "2006-10-28 22:00", "2006-10-29 04:00", WORK_DAY_SPLIT, "2006-10-28 120; 2006-10-29 300"},
		/* A day that never was. */
		{"Pacific/Apia", "2011-12-29 20:00", "2011-12-31 04:00", WORK_DAY_SPLIT, "2011-12-29 240; 2011-12-31 240"},
	};
	struct work_part parts[8];
	char text[TEXT_MOST];
	int wrong = 0;
	size_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(ROWS); i++) {
		const struct zone *z = zone_named(ROWS[i].zone);
		struct span s = {time_at(z, ROWS[i].from), time_at(z, ROWS[i].until)};

		assert_true(work_day_parts(z, ROWS[i].policy, s, parts, COUNT(parts), &n));
		put_parts(text, parts, n);
		wrong += check(ROWS[i].from, text, ROWS[i].expected);
		assert_true(n == 0 || !work_day_parts(z, ROWS[i].policy, s, parts, n - 1, &n));
	}
	assert_int_equal(wrong, 0);
}

/* ---- breaks and nights ---- */

#define HM(h, m) ((h) * 3600 + (m) * 60)
#define BREAK(h, m, to_h, to_m) {HM(h, m), HM(to_h, to_m), false}

static void breaks(void **state)
{
	static const struct {
		const char *zone, *from, *until;
		struct clock_break breaks[2];
		size_t n;
		int minutes;
	} ROWS[] = {
		{SH, "2026-01-05 09:00", "2026-01-05 18:00", {BREAK(12, 0, 13, 0)}, 1, 480},
		{SH, "2026-01-05 09:00", "2026-01-05 18:00", {{HM(12, 0), HM(13, 0), true}}, 1, 540},
		{SH, "2026-01-05 09:00", "2026-01-05 18:00", {BREAK(12, 0, 13, 0), {HM(15, 0), HM(15, 15), true}}, 2, 480},
		{SH, "2026-01-05 09:00", "2026-01-05 18:00", {BREAK(12, 0, 13, 0), BREAK(12, 30, 13, 30)}, 2, 450},
		{SH, "2026-01-05 10:00", "2026-01-05 22:00", {BREAK(12, 0, 13, 0), BREAK(17, 0, 18, 0)}, 2, 600},
		{SH, "2026-01-05 09:00", "2026-01-05 18:00", {BREAK(6, 0, 7, 0)}, 1, 540},
		{SH, "2026-01-05 12:30", "2026-01-05 20:30", {BREAK(12, 0, 13, 0)}, 1, 450},
		{SH, "2026-01-05 22:00", "2026-01-06 06:00", {BREAK(2, 0, 2, 30)}, 1, 450},
		{SH, "2026-01-05 22:00", "2026-01-06 06:00", {BREAK(23, 45, 0, 15)}, 1, 450},
		{SH, "2026-01-05 00:00", "2026-01-07 00:00", {BREAK(12, 0, 13, 0)}, 1, 2760},
		{SH, "2026-01-05 09:00", "2026-01-05 09:00", {BREAK(9, 0, 10, 0)}, 1, 0},
		{NY, "2026-03-07 22:00", "2026-03-08 06:00", {BREAK(2, 15, 2, 45)}, 1, 390},
		{NY, "2026-10-31 22:00", "2026-11-01 06:00", {BREAK(1, 15, 1, 45)}, 1, 510},
		{NY, "2026-10-31 22:00", "2026-11-01 06:00", {BREAK(1, 30, 2, 30)}, 1, 480},
	};
	struct span room[8];

	(void)state;
	for (size_t i = 0; i < COUNT(ROWS); i++) {
		const struct zone *z = zone_named(ROWS[i].zone);
		struct span s = {time_at(z, ROWS[i].from), time_at(z, ROWS[i].until)};
		struct spans out = {room, 0, COUNT(room)};

		assert_true(work_without_breaks(z, s, ROWS[i].breaks, ROWS[i].n, &out));
		assert_true(spans_are_normal(&out));
		assert_int_equal(spans_total(&out), ROWS[i].minutes * 60);
	}
}

static void nights(void **state)
{
	static const struct {
		const char *zone, *from, *until;
		int minutes;
	} ROWS[] = {
		{SH, "2026-01-05 22:00", "2026-01-06 06:00", 480}, {SH, "2026-01-05 20:00", "2026-01-06 04:00", 360},
		{SH, "2026-01-05 05:00", "2026-01-05 23:00", 120}, {SH, "2026-01-05 06:00", "2026-01-05 22:00", 0},
		{SH, "2026-01-05 05:59", "2026-01-05 22:01", 2},   {NY, "2026-03-07 22:00", "2026-03-08 06:00", 420},
		{NY, "2026-10-31 22:00", "2026-11-01 06:00", 540}, {SH, "2026-01-05 00:00", "2026-01-08 00:00", 1440},
	};
	struct span room[8];

	(void)state;
	for (size_t i = 0; i < COUNT(ROWS); i++) {
		const struct zone *z = zone_named(ROWS[i].zone);
		struct span s = {time_at(z, ROWS[i].from), time_at(z, ROWS[i].until)};
		struct spans out = {room, 0, COUNT(room)};

		assert_true(work_within_clock(z, s, HM(22, 0), HM(6, 0), &out));
		assert_int_equal(spans_total(&out), ROWS[i].minutes * 60);
	}
}

/* ---- day types ---- */

static void day_types(void **state)
{
	static const char *const TYPES[] = {"WORK", "REST", "STATUTORY"};
	static const struct {
		const char *from, *until;
		enum day_pattern pattern;
		const char *expected; /* ?: of a year without its notice */
	} ROWS[] = {
		{"2026-09-29 09:00", "2026-09-29 17:00", PATTERN_OFFICE, "WORK 480"},
		{"2026-09-30 22:00", "2026-10-01 06:00", PATTERN_OFFICE, "WORK 120; STATUTORY 360"},
		{"2026-10-03 22:00", "2026-10-04 06:00", PATTERN_OFFICE, "STATUTORY 120; REST 360"},
		{"2026-10-03 22:00", "2026-10-04 06:00", PATTERN_ROSTER_PLANNED, "STATUTORY 120; WORK 360"},
		{"2026-10-02 22:00", "2026-10-03 06:00", PATTERN_ROSTER_PLANNED, "STATUTORY 480"},
		{"2026-10-10 09:00", "2026-10-10 17:00", PATTERN_OFFICE, "WORK 480"}, /* a make-up Saturday */
		{"2026-10-10 22:00", "2026-10-11 06:00", PATTERN_OFFICE, "WORK 480"}, /* the work day's, all night */
		{"2026-10-11 22:00", "2026-10-12 06:00", PATTERN_OFFICE, "REST 480"},
		{"2026-10-11 09:00", "2026-10-11 17:00", PATTERN_ROSTER_PLANNED, "WORK 480"},
		{"2026-10-12 09:00", "2026-10-12 17:00", PATTERN_ROSTER_FREE, "REST 480"},
		{"2027-02-08 09:00", "2027-02-08 17:00", PATTERN_OFFICE, "WORK? 480"},
		{"2027-10-01 09:00", "2027-10-01 17:00", PATTERN_ROSTER_PLANNED, "STATUTORY? 480"},
		{"2026-12-31 22:00", "2027-01-01 06:00", PATTERN_OFFICE, "WORK 120; STATUTORY? 360"},
	};
	struct law law = shipped_law();
	struct rules r = {.law = &law, .place = "310000"};
	const struct zone *z = zone_named(SH);
	struct work_part part;
	struct typed_part types[8];
	int wrong = 0;
	size_t n, k;

	(void)state;
	for (size_t i = 0; i < COUNT(ROWS); i++) {
		struct span s = {time_at(z, ROWS[i].from), time_at(z, ROWS[i].until)};
		char text[TEXT_MOST] = "";

		assert_true(work_day_parts(z, WORK_DAY_START, s, &part, 1, &n));
		assert_true(work_day_types(&r, z, ROWS[i].pattern, part, types, COUNT(types), &n));
		for (size_t j = 0; j < n; j++) {
			k = strlen(text);
			snprintf(text + k, TEXT_MOST - k, "%s%s%s %d", k ? "; " : "", TYPES[types[j].type],
				 types[j].known ? "" : "?", (int)(span_length(types[j].span) / 60));
		}
		wrong += check(ROWS[i].from, text, ROWS[i].expected);
	}
	assert_int_equal(wrong, 0);
}

/* ---- sets ---- */

static void sets(void **state)
{
	struct span a_list[] = {{50, 60}, {10, 20}, {20, 30}, {40, 40}, {12, 15}}, b_list[] = {{25, 55}}, room[8];
	struct spans a = {a_list, 5, 5}, b = {b_list, 1, 1}, out = {room, 0, 8}, small = {room, 0, 1};

	(void)state;
	assert_false(spans_are_normal(&a));
	spans_normalise(&a);
	assert_true(spans_are_normal(&a));
	assert_int_equal(a.n, 2); /* 10-30, 50-60 */
	assert_int_equal(spans_total(&a), 30);
	assert_true(spans_union(&a, &b, &out));
	assert_int_equal(out.n, 1);
	assert_int_equal(spans_total(&out), 50);
	assert_true(spans_intersect(&a, &b, &out));
	assert_int_equal(spans_total(&out), 10);
	assert_true(spans_subtract(&a, &b, &out));
	assert_int_equal(out.n, 2); /* 10-25, 55-60 */
	assert_int_equal(spans_total(&out), 20);
	assert_false(spans_subtract(&a, &b, &small));
	assert_true(spans_subtract(&b, &a, &out));
	assert_int_equal(out.list[0].from_s, 30);
	assert_int_equal(spans_total(&out), 20);
}

/* ---- punches ---- */

static const struct punch_policy POLICY = {.before_s = 4 * 3600, .after_s = 6 * 3600, .same_s = 60, .drift_s = 120};

static struct punch punch_of(const struct zone *z, const char *text, int64_t sequence)
{
	instant_s at = time_at(z, text + 2);
	enum punch_kind kind = text[0] == 'I' ? PUNCH_IN : text[0] == 'O' ? PUNCH_OUT : PUNCH_UNSAID;

	return (struct punch){.device = 1, .sequence = sequence, .at_s = at, .sent_s = at, .received_s = at, .kind = kind};
}

static void put_clock(char *out, const struct zone *z, bool there, instant_s t)
{
	size_t n = strlen(out);
	int s = (int)((t + zone_offset(z, t)) % 86400);

	if (there)
		snprintf(out + n, TEXT_MOST - n, "%02d:%02d", s / 3600, s % 3600 / 60);
	else
		snprintf(out + n, TEXT_MOST - n, "none");
}

static void put_windows(char *out, const struct zone *z, const struct punch_window *w, size_t n)
{
	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		strncat(out, i ? "; " : "", TEXT_MOST - strlen(out) - 1);
		if (w[i].fault != WINDOW_FINE) {
			strncat(out, w[i].fault == WINDOW_EMPTY ? "empty" : "overlaps", TEXT_MOST - strlen(out) - 1);
			continue;
		}
		put_clock(out, z, w[i].has_in, w[i].in_s);
		strncat(out, "-", TEXT_MOST - strlen(out) - 1);
		put_clock(out, z, w[i].has_out, w[i].out_s);
	}
}

static void matching(void **state)
{
	static const struct {
		const char *windows[3][2], *punches[6], *expected;
	} ROWS[] = {
		{{{"2026-01-05 22:00", "2026-01-06 06:00"}}, {"I 2026-01-05 21:55", "O 2026-01-06 06:10"}, "21:55-06:10"},
		{{{"2026-01-05 22:00", "2026-01-06 06:00"}}, {"  2026-01-06 06:10", "  2026-01-05 21:55"}, "21:55-06:10"},
		{{{"2026-01-05 22:00", "2026-01-06 06:00"}, {"2026-01-06 22:00", "2026-01-07 06:00"}},
		 {"  2026-01-05 22:00", "  2026-01-06 21:58", "  2026-01-07 06:03"}, "22:00-none; 21:58-06:03"},
		{{{"2026-01-05 06:00", "2026-01-05 14:00"}, {"2026-01-05 14:00", "2026-01-05 22:00"}},
		 {"I 2026-01-05 05:58", "I 2026-01-05 13:55", "O 2026-01-05 14:05", "O 2026-01-05 22:01"}, "05:58-14:05; 13:55-22:01"},
		{{{"2026-01-05 10:00", "2026-01-05 14:00"}, {"2026-01-05 17:00", "2026-01-05 21:00"}},
		 {"  2026-01-05 10:00", "  2026-01-05 14:02", "  2026-01-05 16:58", "  2026-01-05 21:05"}, "10:00-14:02; 16:58-21:05"},
		{{{"2026-01-05 09:00", "2026-01-05 18:00"}}, {"O 2026-01-05 18:00"}, "none-18:00"},
		{{{"2026-01-05 09:00", "2026-01-05 18:00"}}, {"  2026-01-05 17:50"}, "none-17:50"},
		{{{"2026-01-05 09:00", "2026-01-05 18:00"}}, {NULL}, "none-none"},
		{{{"2026-01-05 09:00", "2026-01-05 18:00"}}, {"I 2026-01-05 04:59", "O 2026-01-06 00:00"}, "none-none"},
		{{{"2026-01-05 09:00", "2026-01-05 18:00"}}, {"I 2026-01-05 05:00", "O 2026-01-05 23:59"}, "05:00-23:59"},
		{{{"2026-01-05 09:00", "2026-01-05 18:00"}}, {"I 2026-01-05 09:00", "I 2026-01-05 09:01", "O 2026-01-05 18:00"}, "09:00-18:00"},
		{{{"2026-01-05 09:00", "2026-01-05 18:00"}},
		 {"  2026-01-05 08:58", "  2026-01-05 12:01", "  2026-01-05 12:58", "  2026-01-05 18:02"}, "08:58-18:02"},
		{{{"2026-01-05 09:00", "2026-01-05 18:00"}, {"2026-01-05 17:00", "2026-01-05 20:00"}},
		 {"I 2026-01-05 09:00", "O 2026-01-05 20:00"}, "09:00-20:00; overlaps"},
		{{{"2026-01-05 09:00", "2026-01-05 09:00"}, {"2026-01-05 22:00", "2026-01-06 06:00"}},
		 {"I 2026-01-05 22:00", "O 2026-01-06 06:00"}, "empty; 22:00-06:00"},
	};
	const struct zone *z = zone_named(SH);
	char text[TEXT_MOST];
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(ROWS); i++) {
		struct punch_window windows[3] = {0};
		struct punch punches[6];
		size_t n = 0, m = 0;

		for (; n < 3 && ROWS[i].windows[n][0]; n++)
			windows[n].span = (struct span){time_at(z, ROWS[i].windows[n][0]), time_at(z, ROWS[i].windows[n][1])};
		for (; m < 6 && ROWS[i].punches[m]; m++)
			punches[m] = punch_of(z, ROWS[i].punches[m], (int64_t)m);
		punch_match(&POLICY, windows, n, punches, m);
		put_windows(text, z, windows, n);
		wrong += check(ROWS[i].windows[0][0], text, ROWS[i].expected);
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks),   cmocka_unit_test(no_zones),	 cmocka_unit_test(work_days),
		cmocka_unit_test(breaks),   cmocka_unit_test(nights),	 cmocka_unit_test(day_types),
		cmocka_unit_test(sets),	    cmocka_unit_test(matching),
	};

	return cmocka_run_group_tests_name("time algebra", tests, NULL, NULL);
}
