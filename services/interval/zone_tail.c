#include "zone_tail.h"

#define DAY_S 86400
#define HOUR_S 3600

struct text {
	const char *p, *end;
};

static bool next_is(const struct text *t, char c)
{
	return t->p < t->end && *t->p == c;
}

static bool skip(struct text *t, char c)
{
	if (!next_is(t, c))
		return false;
	t->p++;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool take_number(struct text *t, int least, int most, int *out)
{
	int v = 0;
	const char *from = t->p;

	while (t->p < t->end && is_digit(*t->p) && t->p - from < 4)
		v = v * 10 + (*t->p++ - '0');
	*out = v;
	return t->p > from && v >= least && v <= most;
}

/* EST, <-03> */
static bool take_name(struct text *t)
{
	const char *from = t->p;

	if (skip(t, '<')) {
		while (t->p < t->end && *t->p != '>')
			t->p++;
		return skip(t, '>');
	}
	while (t->p < t->end && ((*t->p >= 'A' && *t->p <= 'Z') || (*t->p >= 'a' && *t->p <= 'z')))
		t->p++;
	return t->p - from >= 3;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct text *t, int hours_most, int32_t *out)
{
	bool minus = skip(t, '-');
	int h, m = 0, s = 0;

	if (!minus)
		skip(t, '+');
	if (!take_number(t, 0, hours_most, &h) || (skip(t, ':') && !take_number(t, 0, 59, &m)) ||
	    (skip(t, ':') && !take_number(t, 0, 59, &s)))
		return false;
	*out = (h * HOUR_S + m * 60 + s) * (minus ? -1 : 1);
	return true;
}

static bool take_turn_day(struct text *t, struct zone_turn *out)
{
	if (skip(t, 'M')) {
		out->form = TURN_MONTH;
		return take_number(t, 1, 12, &out->month) && skip(t, '.') &&
		       take_number(t, 1, 5, &out->week) && skip(t, '.') &&
		       take_number(t, 0, 6, &out->weekday);
	}
	out->form = skip(t, 'J') ? TURN_JULIAN : TURN_DAY;
	return take_number(t, out->form == TURN_JULIAN ? 1 : 0, 365, &out->day);
}

/* ,M3.2.0/2 */
static bool take_turn(struct text *t, struct zone_turn *out)
{
	out->second = 2 * HOUR_S;
	return skip(t, ',') && take_turn_day(t, out) &&
	       (!skip(t, '/') || take_time(t, 167, &out->second));
}

bool zone_tail_read(const char *text, size_t n, struct zone_tail *out)
{
	struct text t = {text, text + n};
	struct zone_tail tail = {.there = n > 0};
	int32_t west;

	if (n) {
		if (!take_name(&t) || !take_time(&t, 24, &west))
			return false;
		tail.offset_s = -west;
	}
	if (t.p < t.end) {
		tail.summer = true;
		tail.summer_offset_s = tail.offset_s + HOUR_S;
		if (!take_name(&t))
			return false;
		if (!next_is(&t, ',')) {
			if (!take_time(&t, 24, &west))
				return false;
			tail.summer_offset_s = -west;
		}
		if (!take_turn(&t, &tail.begin) || !take_turn(&t, &tail.end) || t.p != t.end)
			return false;
	}
	*out = tail;
	return true;
}

/* ---- the rule in a year ---- */

/* The nth weekday of a month, or its last. */
static civil_day nth_weekday(int year, const struct zone_turn *w)
{
	civil_day first = civil_of(year, w->month, 1);
	int sunday_first = (civil_weekday(first) + 1) % 7;
	int day = (w->weekday - sunday_first + 7) % 7 + 7 * (w->week - 1);

	while (day >= civil_month_days(year, w->month))
		day -= 7;
	return first + day;
}

static civil_day turn_day(int year, const struct zone_turn *w)
{
	bool leap = civil_month_days(year, 2) == 29;

	if (w->form == TURN_MONTH)
		return nth_weekday(year, w);
	if (w->form == TURN_DAY)
		return civil_of(year, 1, 1) + w->day;
	return civil_of(year, 1, 1) + w->day - 1 + (leap && w->day >= 60);
}

static instant_s turn_of(int year, const struct zone_turn *w, int32_t clock_before)
{
	return (instant_s)turn_day(year, w) * DAY_S + w->second - clock_before;
}

int32_t zone_tail_offset(const struct zone_tail *t, instant_s at)
{
	if (!t->summer)
		return t->offset_s;
	instant_s wall = at + t->offset_s;
	int year = civil_split((civil_day)((wall - ((wall % DAY_S + DAY_S) % DAY_S)) / DAY_S)).year;
	instant_s begin = turn_of(year, &t->begin, t->offset_s),
		  end = turn_of(year, &t->end, t->summer_offset_s);
	bool summer = begin < end ? at >= begin && at < end : at >= begin || at < end;

	return summer ? t->summer_offset_s : t->offset_s;
}
