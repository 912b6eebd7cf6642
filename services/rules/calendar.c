#include "calendar.h"

static bool is(const struct rules *r, const char *item, civil_day d)
{
	return law_find(r->law, LAW_CALENDAR_DAY, LAW_NATIONAL, item, d) != NULL;
}

static bool fixed_holiday(const struct rules *r, civil_day d)
{
	struct civil c = civil_split(d);
	const char item[] = {(char)('0' + c.month / 10), (char)('0' + c.month % 10), '-',
			     (char)('0' + c.day / 10), (char)('0' + c.day % 10), '\0'};

	return law_find(r->law, LAW_CALENDAR_FIXED, LAW_NATIONAL, item, d) != NULL;
}

enum day_type calendar_day(const struct rules *r, civil_day d, bool *known)
{
	bool weekend = civil_weekday(d) >= 5;
	const struct law_row *notice = law_find(r->law, LAW_CALENDAR_YEAR, LAW_NATIONAL, "NOTICE", d);
	bool noticed = notice != NULL;

	rule_used(r, notice);
	if (known)
		*known = noticed;
	if (noticed ? is(r, "STATUTORY", d) : fixed_holiday(r, d))
		return DAY_STATUTORY;
	if (is(r, "WORK", d))
		return DAY_WORK;
	return weekend || is(r, "BREAK", d) ? DAY_REST : DAY_WORK;
}

enum day_type calendar_roster_day(const struct rules *r, civil_day d, bool planned)
{
	if (calendar_day(r, d, NULL) == DAY_STATUTORY)
		return DAY_STATUTORY;
	return planned ? DAY_WORK : DAY_REST;
}

struct day_counts calendar_count(const struct rules *r, civil_day from, civil_day until)
{
	struct day_counts n = {.known = true};

	for (civil_day d = from; d < until; d++) {
		bool known;
		enum day_type t = calendar_day(r, d, &known);

		n.known = n.known && known;
		n.work += t == DAY_WORK;
		n.statutory += t == DAY_STATUTORY;
		n.rest += t == DAY_REST;
		n.paid += t == DAY_WORK || (t == DAY_STATUTORY && civil_weekday(d) < 5);
	}
	return n;
}

#define LONGEST_BREAK 31

civil_day calendar_payday(const struct rules *r, civil_day due)
{
	for (civil_day d = due; d > due - LONGEST_BREAK; d--)
		if (calendar_day(r, d, NULL) == DAY_WORK)
			return d;
	return due;
}
