/* Rest (Labour Law art. 38), runs of days around holidays (Holiday Regulation art. 7), breaks. */
#include "lawful_judge.h"

/* ---- 24 hours in a row in each week, Monday to Sunday ---- */

/* Shifts that touch the week, which may have begun on the Sunday before. */
static int64_t longest_rest(const struct fact_person *p, struct span week)
{
	int64_t longest = 0;
	instant_s free_from = week.from_s;

	for (size_t i = 0; i < p->n_shifts; i++) {
		const struct fact_shift *s = &p->shifts[i];
		int64_t gap = (s->from_s < week.until_s ? s->from_s : week.until_s) - free_from;

		longest = gap > longest ? gap : longest;
		free_from = s->until_s > free_from ? s->until_s : free_from;
	}
	if (week.until_s - free_from > longest)
		longest = week.until_s - free_from;
	return longest;
}

static void judge_weekly_rest(struct judge *j, const struct fact_person *p)
{
	civil_day from = week_of(j->r->from);

	for (civil_day week = from; week < j->r->until; week += 7) {
		const struct zone *z = p->home->zone;
		struct span span = {zone_day_start(z, week), zone_day_start(z, week + 7)};
		int64_t limit = limits_on(j, week)->of[LIMIT_WEEKLY_REST];
		int64_t rest = longest_rest(p, span);

		if (rest < limit)
			judge_span(j, RULE_WEEKLY_REST, p->id, week, week + 7, rest, limit);
	}
}

/* ---- between the shifts of two work dates ---- */

static const struct fact_shift *last_of(const struct day_work *d)
{
	const struct fact_shift *last = d->shifts;

	for (size_t i = 1; i < d->n_shifts; i++)
		last = d->shifts[i].until_s > last->until_s ? &d->shifts[i] : last;
	return last;
}

static void judge_between(struct judge *j, const struct person_work *w)
{
	for (size_t i = 1; i < w->n; i++) {
		const struct fact_shift *of[2] = {last_of(&w->days[i - 1]), w->days[i].shifts};
		int64_t rest = of[1]->from_s - of[0]->until_s;
		int64_t limit = limits_on(j, w->days[i].day)->of[LIMIT_REST_BETWEEN];

		if (rest < limit)
			judge_pair(j, RULE_REST_BETWEEN, of, rest > 0 ? rest : 0, limit);
	}
}

/* ---- runs of working days that hold or adjoin a break of the calendar ---- */

static bool in_break(const struct judge *j, civil_day d)
{
	const struct law *l = j->v->law;

	for (size_t i = l->first[LAW_CALENDAR_DAY]; i < l->first[LAW_CALENDAR_DAY + 1]; i++)
		if (l->rows[i].from <= d && d < l->rows[i].until &&
		    strcmp(l->rows[i].item, "WORK") != 0)
			return true;
	return false;
}

static bool around_break(const struct judge *j, civil_day from, civil_day until)
{
	for (civil_day d = from - 1; d <= until; d++)
		if (in_break(j, d))
			return true;
	return false;
}

static void judge_runs_of_days(struct judge *j, const struct person_work *w)
{
	for (size_t i = 0, k; i < w->n; i = k) {
		civil_day from = w->days[i].day;
		int64_t limit = limits_on(j, from)->of[LIMIT_HOLIDAY_RUN];

		for (k = i + 1; k < w->n && w->days[k].day == w->days[k - 1].day + 1; k++)
			;
		if ((int64_t)(k - i) > limit && around_break(j, from, w->days[k - 1].day + 1))
			judge_span(j, RULE_HOLIDAY_RUN, w->p->id, from, w->days[k - 1].day + 1,
				   (int64_t)(k - i), limit);
	}
}

/* ---- breaks: the longest stretch of presence that no sufficient one ends ---- */

struct presence {
	const struct fact_shift *begun_in; /* where the stretch began */
	instant_s from_s, until_s;
};

static void presence_end(struct judge *j, const struct presence *p)
{
	const struct limits *l = limits_on(j, p->begun_in->day);
	int64_t length = p->until_s - p->from_s;

	if (length > l->of[LIMIT_BREAK_AFTER])
		judge_day(j, RULE_BREAK, p->begun_in, length, l->of[LIMIT_BREAK_AFTER]);
}

/* Goes on where the gap is too short to be a break. */
static void presence_add(struct judge *j, struct presence *p, const struct fact_shift *s,
			 struct span one)
{
	int64_t enough = limits_on(j, s->day)->of[LIMIT_BREAK_LEAST];

	if (p->begun_in && one.from_s - p->until_s < enough) {
		p->until_s = one.until_s > p->until_s ? one.until_s : p->until_s;
		return;
	}
	if (p->begun_in)
		presence_end(j, p);
	*p = (struct presence){s, one.from_s, one.until_s};
}

static void judge_breaks(struct judge *j, const struct fact_person *p)
{
	struct presence at = {0};

	for (size_t i = 0; i < p->n_shifts; i++) {
		const struct fact_shift *s = &p->shifts[i];
		instant_s from = s->from_s;

		for (size_t k = 0; k < s->breaks.n; k++) {
			const struct fact_pause *b = &s->breaks.list[k];

			if (b->from_s > from)
				presence_add(j, &at, s, (struct span){from, b->from_s});
			from = b->until_s;
		}
		if (s->until_s > from)
			presence_add(j, &at, s, (struct span){from, s->until_s});
	}
	if (at.begun_in)
		presence_end(j, &at);
}

void judge_rest(struct judge *j, const struct person_work *w)
{
	/* 劳部发〔1994〕489号 art. 13: arts. 36, 38 and 41 do not hold for irregular hours. */
	if (w->p->system != SYSTEM_IRREGULAR)
		judge_weekly_rest(j, w->p);
	judge_between(j, w);
	judge_runs_of_days(j, w);
	judge_breaks(j, w->p);
}
