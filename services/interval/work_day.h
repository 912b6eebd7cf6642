/* Which day a stretch of work belongs to, what its breaks take off, and of what type its hours are
 * (rules.md 4.4, 5: the day of a shift is by policy; statutory holidays are by the calendar hour).
 * Pure. */
#ifndef RENHE_WORK_DAY_H
#define RENHE_WORK_DAY_H
#include "calendar.h"
#include "span.h"

enum work_day_policy {
	WORK_DAY_START, /* the day of its first second: the default */
	WORK_DAY_END,	/* the day of its last second: work until midnight belongs to the day that
			   ends */
	WORK_DAY_MAJORITY, /* the day with most of its seconds; the earliest among equals */
	WORK_DAY_SPLIT,	   /* cut at each midnight of the site */
};
struct work_part {
	civil_day day;
	struct span span;
};
/* Parts in order, none empty, together the stretch; one part but under SPLIT. False: more than
 * `most`. */
bool work_day_parts(const struct zone *z, enum work_day_policy p, struct span s,
		    struct work_part *out, size_t most, size_t *n);

/* ---- breaks ---- */
/* By the clock of the site, on each day that a shift touches. It begins when the clock first shows
 * its time (where that time is skipped, when the clock is put forward) and lasts as long as it says
 * whatever the clock does. */
struct clock_break {
	int from_s, until_s; /* seconds of the day; until <= from: ends on the next day */
	bool paid;	     /* rest that counts as work */
};
/* What is to be paid of a stretch: without its unpaid breaks. Normal. False: no room. */
bool work_without_breaks(const struct zone *z, struct span s, const struct clock_break *breaks,
			 size_t n_breaks, struct spans *out);
/* What of a stretch lies between two times of the clock: {22:00, 06:00} is the night. Normal.
 * False: no room. */
bool work_within_clock(const struct zone *z, struct span s, int from_s, int until_s,
		       struct spans *out);

/* ---- day types ---- */
enum day_pattern {
	PATTERN_OFFICE,		/* by the calendar, with make-up workdays */
	PATTERN_ROSTER_PLANNED, /* the roster plans a shift on the work day */
	PATTERN_ROSTER_FREE,	/* it doesn't */
};
struct typed_part {
	civil_day work_day;
	struct span span;
	enum day_type type;
	bool known; /* false: the year's notice is not there yet; good for a draft, not for closing
		     */
};
/* REST and WORK are those of the work day, for all of its part; STATUTORY is by the calendar day of
 * each hour. Hours beside a work day that is itself statutory take the type of their own day.
 * Neighbours of one type are joined. False: more than `most`. */
bool work_day_types(const struct rules *r, const struct zone *z, enum day_pattern pattern,
		    struct work_part work, struct typed_part *out, size_t most, size_t *n);
#endif
