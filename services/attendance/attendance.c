#include "attendance.h"

#define STRETCHES_MOST 64
#define PARTS_MOST 32

/* Of one window. */
struct view {
	const struct attendance_given *given;
	size_t window;
	civil_day work_day; /* but under SPLIT */
	struct span there;  /* empty but with both punches */
	struct span fresh;  /* of that, what no window before has counted beside itself */
	struct attendance_lines *out;
};

/* ---- lines ---- */

static bool put_typed(const struct view *v, enum attendance_kind kind, struct work_part part)
{
	const struct attendance_given *g = v->given;
	struct typed_part typed[PARTS_MOST];
	size_t n;

	if (!work_day_types(g->rules, g->zone, g->patterns[v->window], part, typed, PARTS_MOST,
			    &n) ||
	    n > v->out->most - v->out->n)
		return false;
	for (size_t i = 0; i < n; i++)
		v->out->list[v->out->n++] = (struct attendance_line){
			kind, part.day, typed[i].type, typed[i].known, v->window, typed[i].span};
	return true;
}

static bool put_span(const struct view *v, enum attendance_kind kind, struct span s)
{
	const struct attendance_given *g = v->given;
	struct work_part parts[PARTS_MOST] = {{v->work_day, s}};
	size_t n = 1;

	if (g->policy.work_day == WORK_DAY_SPLIT &&
	    !work_day_parts(g->zone, WORK_DAY_SPLIT, s, parts, PARTS_MOST, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!put_typed(v, kind, parts[i]))
			return false;
	return true;
}

static bool put(const struct view *v, enum attendance_kind kind, const struct spans *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!put_span(v, kind, s->list[i]))
			return false;
	return true;
}

static bool put_within(const struct view *v, enum attendance_kind kind, const struct spans *of,
		       struct span within)
{
	struct span room[STRETCHES_MOST];
	struct spans one = {&within, span_length(within) > 0, 1}, met = {room, 0, STRETCHES_MOST};

	return spans_intersect(of, &one, &met) && put(v, kind, &met);
}

/* ---- what was planned ---- */

static int64_t total_within(const struct spans *of, struct span within)
{
	int64_t sum = 0;

	for (size_t i = 0; i < of->n; i++)
		sum += span_length(span_meet(of->list[i], within));
	return sum;
}

static instant_s earlier(instant_s a, instant_s b)
{
	return a < b ? a : b;
}

static instant_s later(instant_s a, instant_s b)
{
	return a > b ? a : b;
}

/* Within the window, and to its edges where no more is lacking than is tolerated. Leave and breaks
 * are not lacking. */
static struct span tolerated(const struct attendance_policy *p, struct span window,
			     const struct spans *due, struct span there)
{
	struct span t = {earlier(later(there.from_s, window.from_s), window.until_s),
			 later(earlier(there.until_s, window.until_s), window.from_s)};

	if (t.from_s >= t.until_s)
		return t;
	if (total_within(due, (struct span){window.from_s, t.from_s}) <= p->late_s)
		t.from_s = window.from_s;
	if (total_within(due, (struct span){t.until_s, window.until_s}) <= p->early_s)
		t.until_s = window.until_s;
	return t;
}

static bool put_there(const struct view *v, const struct spans *due)
{
	struct span window = v->given->windows[v->window].span;
	struct span t = tolerated(&v->given->policy, window, due, v->there);
	struct span late = {window.from_s, t.from_s};
	struct span early = {later(t.from_s, t.until_s), window.until_s};

	return put_within(v, ATTENDANCE_LATE, due, late) &&
	       put_within(v, ATTENDANCE_WORKED, due, t) &&
	       put_within(v, ATTENDANCE_EARLY, due, early);
}

static bool put_due(const struct view *v, const struct spans *due)
{
	const struct punch_window *w = &v->given->windows[v->window];

	if (span_length(v->there))
		return put_there(v, due);
	return put(v, w->has_in || w->has_out ? ATTENDANCE_MISSING : ATTENDANCE_ABSENT, due);
}

static bool put_planned(const struct view *v)
{
	const struct attendance_given *g = v->given;
	struct span room[3][STRETCHES_MOST];
	struct spans planned = {room[0], 0, STRETCHES_MOST}, leave = {room[1], 0, STRETCHES_MOST},
		     due = {room[2], 0, STRETCHES_MOST};

	return work_without_breaks(g->zone, g->windows[v->window].span, g->policy.breaks,
				   g->policy.n_breaks, &planned) &&
	       spans_intersect(&planned, g->leave, &leave) &&
	       spans_subtract(&planned, g->leave, &due) && put(v, ATTENDANCE_LEAVE, &leave) &&
	       put_due(v, &due);
}

/* ---- what was approved beside ---- */

static bool windows_of(const struct attendance_given *g, struct span around, struct spans *out)
{
	for (size_t i = 0; i < g->n_windows; i++) {
		struct span met = span_meet(g->windows[i].span, around);

		if (g->windows[i].fault == WINDOW_FINE && span_length(met) && !spans_add(out, met))
			return false;
	}
	spans_normalise(out);
	return true;
}

static bool put_overtime(const struct view *v)
{
	const struct attendance_given *g = v->given;
	struct span room[4][STRETCHES_MOST];
	struct spans there = {room[0], 0, STRETCHES_MOST}, windows = {room[1], 0, STRETCHES_MOST},
		     beside = {room[2], 0, STRETCHES_MOST}, approved = {room[3], 0, STRETCHES_MOST};

	return work_without_breaks(g->zone, v->fresh, g->policy.breaks, g->policy.n_breaks,
				   &there) &&
	       windows_of(g, v->fresh, &windows) && spans_subtract(&there, &windows, &beside) &&
	       spans_intersect(&beside, g->overtime, &approved) &&
	       put(v, ATTENDANCE_OVERTIME, &approved);
}

static struct span presence(const struct punch_window *w)
{
	if (!w->has_in || !w->has_out || w->in_s >= w->out_s)
		return (struct span){0, 0};
	return (struct span){w->in_s, w->out_s};
}

static bool view_of(const struct attendance_given *g, size_t i, struct view *v)
{
	struct work_part parts[PARTS_MOST];
	size_t n;

	if (!work_day_parts(g->zone, g->policy.work_day, g->windows[i].span, parts, PARTS_MOST, &n))
		return false;
	v->window = i;
	v->work_day = parts[0].day;
	return true;
}

bool attendance_lines(const struct attendance_given *g, struct attendance_lines *out)
{
	struct view v = {.given = g, .out = out};
	instant_s counted = INT64_MIN;

	out->n = 0;
	for (size_t i = 0; i < g->n_windows; i++) {
		if (g->windows[i].fault != WINDOW_FINE)
			continue;
		if (!view_of(g, i, &v))
			return false;
		v.there = presence(&g->windows[i]);
		v.fresh = (struct span){later(v.there.from_s, counted), v.there.until_s};
		if (!put_planned(&v) || !put_overtime(&v))
			return false;
		if (span_length(v.there))
			counted = later(counted, v.there.until_s);
	}
	return true;
}

/* ---- figures ---- */

static bool add_night(const struct zone *z, struct span s, struct clock_night night, int64_t *sum)
{
	struct span room[STRETCHES_MOST];
	struct spans dark = {room, 0, STRETCHES_MOST};

	if (!work_within_clock(z, s, night.from_s, night.until_s, &dark))
		return false;
	*sum += spans_total(&dark);
	return true;
}

static bool is_there(const struct attendance_line *l)
{
	return l->kind == ATTENDANCE_WORKED || l->kind == ATTENDANCE_OVERTIME;
}

bool attendance_of_day(const struct attendance_lines *lines, civil_day work_day,
		       const struct zone *z, struct clock_night night, int64_t standard_s,
		       struct attendance_sum *out)
{
	struct attendance_sum sum = {.known = true};
	int64_t planned = 0;

	for (size_t i = 0; i < lines->n; i++) {
		const struct attendance_line *l = &lines->list[i];
		int64_t length = span_length(l->span);

		if (l->work_day != work_day)
			continue;
		sum.kind_s[l->kind] += length;
		sum.known = sum.known && l->known;
		if (!is_there(l))
			continue;
		sum.there_s[l->type] += length;
		if (l->type == DAY_WORK && l->kind == ATTENDANCE_WORKED)
			planned += length;
		else
			sum.beyond_s[l->type] += length;
		if (!add_night(z, l->span, night, &sum.night_s))
			return false;
	}
	sum.beyond_s[DAY_WORK] += planned > standard_s ? planned - standard_s : 0;
	*out = sum;
	return true;
}

void attendance_add(struct attendance_sum *to, const struct attendance_sum *one)
{
	for (size_t i = 0; i < ATTENDANCE_KINDS; i++)
		to->kind_s[i] += one->kind_s[i];
	for (size_t i = 0; i < 3; i++) {
		to->there_s[i] += one->there_s[i];
		to->beyond_s[i] += one->beyond_s[i];
	}
	to->night_s += one->night_s;
	to->known = to->known && one->known;
}
