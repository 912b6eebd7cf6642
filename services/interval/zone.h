/* Time zones of sites: what a wall clock shows at an instant, and the instants at which it shows a
 * time. A zone is a value read from the tz database (RFC 9636), so that no process-wide TZ is asked
 * or changed and a thread may hold several. libc knows one zone at a time; ICU counts time in
 * floating point and carries a database of its own that ages apart from the system's. Pure but for
 * zone_load. */
#ifndef RENHE_ZONE_H
#define RENHE_ZONE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "civil.h"

/* Seconds since 1970-01-01T00:00:00Z, without leap seconds. */
typedef int64_t instant_s;

#define ZONE_CHANGES_MOST 1000
#define ZONE_BYTES_MOST 65536

/* Behind the last change: a yearly rule (the POSIX TZ text of the file). */
struct zone_turn {
	enum { TURN_MONTH, TURN_JULIAN, TURN_DAY } form;
	int month, week, weekday; /* 5: the last; 0 is Sunday */
	int day;		  /* of the year: 1..365 without 29 February, or 0..365 with it */
	int32_t second; /* of the day by the clock before; may be negative or beyond 24 h */
};
struct zone_tail {
	bool there, summer;
	int32_t offset_s, summer_offset_s;
	struct zone_turn begin, end; /* of summer time */
};
struct zone {
	int32_t first_offset_s; /* before the first change; offsets are east of UTC */
	size_t n;
	struct zone_change {
		instant_s at_s;
		int32_t offset_s;
	} changes[ZONE_CHANGES_MOST];
	struct zone_tail tail;
};

/* Of a TZif file's bytes, version 2 or later; false where they are none, or count leap seconds. */
bool zone_read(const void *bytes, size_t n, struct zone *out);
/* Of the tz database under `folder` ("/usr/share/zoneinfo"): "Asia/Shanghai". False: no such zone.
 */
bool zone_load(const char *folder, const char *name, struct zone *out);

int32_t zone_offset(const struct zone *z, instant_s t);

/* When a wall clock shows a time of a day. */
enum zone_clock {
	CLOCK_ONCE,
	CLOCK_TWICE, /* it was put back over this time: both instants */
	CLOCK_NEVER, /* it was put forward over it: both are the instant at which it was */
};
enum zone_clock zone_instants(const struct zone *z, civil_day d, int second, instant_s out[2]);
/* The first of them. */
instant_s zone_instant(const struct zone *z, civil_day d, int second);

/* Days part time without gap: one begins at the first instant whose wall date is that day or later,
 * so after a skipped midnight with the first time there is, and a clock put back over midnight
 * stays in the new day. */
instant_s zone_day_start(const struct zone *z, civil_day d);
civil_day zone_day(const struct zone *z, instant_s t);
#endif
