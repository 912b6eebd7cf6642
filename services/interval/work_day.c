#include "work_day.h"

#define DAY_S 86400

/* ---- days ---- */

static bool split(const struct zone *z, struct span s, struct work_part *out, size_t most,
		  size_t *n)
{
	size_t k = 0;

	for (instant_s at = s.from_s; at < s.until_s; k++) {
		civil_day day = zone_day(z, at);
		instant_s next = zone_day_start(z, day + 1);

		if (k == most)
			return false;
		out[k] = (struct work_part){day, {at, next < s.until_s ? next : s.until_s}};
		at = out[k].span.until_s;
	}
	*n = k;
	return true;
}

static civil_day day_of_most(const struct zone *z, struct span s)
{
	civil_day best = zone_day(z, s.from_s), last = zone_day(z, s.until_s - 1);
	int64_t most = 0;

	for (civil_day d = best; d <= last; d++) {
		int64_t length = span_length(span_meet(
			s, (struct span){zone_day_start(z, d), zone_day_start(z, d + 1)}));

		if (length > most) {
			most = length;
			best = d;
		}
	}
	return best;
}

static civil_day day_of(const struct zone *z, enum work_day_policy p, struct span s)
{
	if (p == WORK_DAY_END)
		return zone_day(z, s.until_s - 1);
	return p == WORK_DAY_MAJORITY ? day_of_most(z, s) : zone_day(z, s.from_s);
}

bool work_day_parts(const struct zone *z, enum work_day_policy p, struct span s,
		    struct work_part *out, size_t most, size_t *n)
{
	if (p == WORK_DAY_SPLIT || s.from_s >= s.until_s)
		return split(z, s, out, most, n);
	if (most == 0)
		return false;
	out[0] = (struct work_part){day_of(z, p, s), s};
	*n = 1;
	return true;
}

/* ---- the clock ---- */

/* Adds what of `s` lies in [from, until) of the clock, on every day that can reach it. `by_clock`:
 * until is when the clock shows it, else as long after from as the difference says. */
static bool add_daily(const struct zone *z, struct span s, int from_s, int until_s, bool by_clock,
		      struct spans *out)
{
	int length = until_s > from_s ? until_s - from_s : until_s - from_s + DAY_S;

	if (s.from_s >= s.until_s)
		return true;
	for (civil_day d = zone_day(z, s.from_s) - 2, last = zone_day(z, s.until_s - 1); d <= last;
	     d++) {
		instant_s from = zone_instant(z, d, from_s);
		instant_s until = by_clock ? zone_instant(z, d + (until_s <= from_s), until_s)
					   : from + length;
		struct span part = span_meet(s, (struct span){from, until});

		if (span_length(part) && !spans_add(out, part))
			return false;
	}
	return true;
}

bool work_within_clock(const struct zone *z, struct span s, int from_s, int until_s,
		       struct spans *out)
{
	out->n = 0;
	if (!add_daily(z, s, from_s, until_s, true, out))
		return false;
	spans_normalise(out);
	return true;
}

#define BREAKS_MOST 64

bool work_without_breaks(const struct zone *z, struct span s, const struct clock_break *breaks,
			 size_t n_breaks, struct spans *out)
{
	struct span room[BREAKS_MOST];
	struct spans off = {room, 0, BREAKS_MOST}, whole = {&s, span_length(s) > 0, 1};

	for (size_t i = 0; i < n_breaks; i++)
		if (!breaks[i].paid &&
		    !add_daily(z, s, breaks[i].from_s, breaks[i].until_s, false, &off))
			return false;
	spans_normalise(&off);
	return spans_subtract(&whole, &off, out);
}

/* ---- types ---- */

static enum day_type base_type(const struct rules *r, enum day_pattern pattern, civil_day work_day,
			       civil_day date)
{
	enum day_type own = calendar_day(r, work_day, NULL);

	if (pattern != PATTERN_OFFICE)
		return pattern == PATTERN_ROSTER_PLANNED ? DAY_WORK : DAY_REST;
	return own == DAY_STATUTORY ? calendar_day(r, date, NULL) : own;
}

static struct typed_part typed(const struct rules *r, enum day_pattern pattern, civil_day work_day,
			       struct work_part on)
{
	bool known, date_known;
	struct typed_part t = {.work_day = work_day, .span = on.span};

	calendar_day(r, work_day, &known);
	t.type = calendar_day(r, on.day, &date_known);
	if (t.type != DAY_STATUTORY)
		t.type = base_type(r, pattern, work_day, on.day);
	t.known = known && date_known;
	return t;
}

#define DAYS_MOST 32

bool work_day_types(const struct rules *r, const struct zone *z, enum day_pattern pattern,
		    struct work_part work, struct typed_part *out, size_t most, size_t *n)
{
	struct work_part days[DAYS_MOST];
	size_t n_days, k = 0;

	if (!split(z, work.span, days, DAYS_MOST, &n_days))
		return false;
	for (size_t i = 0; i < n_days; i++) {
		struct typed_part t = typed(r, pattern, work.day, days[i]),
				  *last = k ? &out[k - 1] : NULL;

		if (last && last->type == t.type && last->known == t.known) {
			last->span.until_s = t.span.until_s;
			continue;
		}
		if (k == most)
			return false;
		out[k++] = t;
	}
	*n = k;
	return true;
}
