/* Day types: a statutory holiday is one for everybody; else office patterns follow the notices of the State
 * Council, and rosters their own plan (rules.md 4.4). Source: 全国年节及纪念日放假办法 (2024) and the yearly notices. */
#ifndef RENHE_CALENDAR_H
#define RENHE_CALENDAR_H
#include "rules.h"

enum day_type { DAY_WORK, DAY_REST, DAY_STATUTORY };
/* Of office patterns. *known false: the notice of that year is not there yet; weekends are then rest and
 * only the fixed holidays statutory: good for a draft, not for closing. known may be NULL. */
enum day_type calendar_day(const struct rules *r, civil_day d, bool *known);
/* Of a roster that plans a shift on the day, or doesn't. */
enum day_type calendar_roster_day(const struct rules *r, civil_day d, bool planned);

struct day_counts {
	int work, statutory, rest;
	int paid;   /* work and statutory days on weekdays: what a month's wage is paid for */
	bool known; /* of all days */
};
/* Of [from, until). */
struct day_counts calendar_count(const struct rules *r, civil_day from, civil_day until);
/* The day itself where it is worked, else the nearest before (劳部发〔1994〕489号 art. 7). */
civil_day calendar_payday(const struct rules *r, civil_day due);
#endif
