/* Attendance (考勤): what planned windows, the punches taken for them (punch.h), approved leave and
 * approved overtime come to. The result is lines; every figure is a sum over lines, so that each
 * second of a figure leads to its window. Nothing is stored: a correction is one more fact, and the
 * same facts give the same lines. Seconds, half-open UTC. rules.md 3.2, 3.3, 5. Pure. */
#ifndef RENHE_ATTENDANCE_H
#define RENHE_ATTENDANCE_H
#include "punch.h"

enum attendance_kind {
	ATTENDANCE_WORKED,   /* planned, and there */
	ATTENDANCE_OVERTIME, /* there, outside of every window, and approved */
	ATTENDANCE_LEAVE,    /* planned, and on leave */
	ATTENDANCE_LATE,
	ATTENDANCE_EARLY,
	ATTENDANCE_ABSENT,  /* planned, and no punch at all */
	ATTENDANCE_MISSING, /* planned, with one punch of two: open until it is corrected */
};
#define ATTENDANCE_KINDS 7
struct attendance_line {
	enum attendance_kind kind;
	civil_day work_day;
	enum day_type type;
	bool known;    /* false: the calendar of the year is not there yet */
	size_t window; /* that it comes of */
	struct span span;
};
struct attendance_lines {
	struct attendance_line *list;
	size_t n, most;
};
struct attendance_policy {
	enum work_day_policy work_day;
	int64_t late_s, early_s; /* up to that it counts as being there; above, all of it is late */
	const struct clock_break *breaks;
	size_t n_breaks;
};
struct attendance_given {
	const struct rules *rules;
	const struct zone *zone; /* of the site */
	struct attendance_policy policy;
	/* As punch_match leaves them. Work that no roster planned (a Sunday) is a window of its
	 * own, with its pattern. What is quarantined gives no line. */
	const struct punch_window *windows;
	const enum day_pattern *patterns; /* one for each window, in their order after the match */
	size_t n_windows;
	const struct spans *leave, *overtime; /* approved; normal */
};
/* Lines by window. Of a window that is not quarantined all seconds but unpaid breaks are in exactly
 * one line that is no overtime. False: no room, in `out` or for more than 64 stretches. */
bool attendance_lines(const struct attendance_given *g, struct attendance_lines *out);

/* ---- figures ---- */
struct attendance_sum {
	int64_t kind_s[ATTENDANCE_KINDS];
	int64_t there_s[3];  /* worked and overtime, by day type */
	int64_t beyond_s[3]; /* of that, what is overtime under the standard system */
	int64_t night_s;     /* worked or overtime between the two times */
	bool known;	     /* of all lines */
};
struct clock_night {
	int from_s, until_s; /* 22:00 and 06:00 by the explanation of 1989 */
};
/* Of one work day. standard_s: what a working day has (8 h); planned work above it is overtime, as
 * is all that lies on rest days and holidays. False: no room for the night of a line. */
bool attendance_of_day(const struct attendance_lines *lines, civil_day work_day,
		       const struct zone *z, struct clock_night night, int64_t standard_s,
		       struct attendance_sum *out);
void attendance_add(struct attendance_sum *to, const struct attendance_sum *one);
#endif
