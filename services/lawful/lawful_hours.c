/* Hours of days, weeks and months (Labour Law arts. 36, 41; Order 174 art. 3; Labour Contract Law
 * art. 68). Overtime of a day is what goes beyond its eight hours, of a week what comes once it is
 * full; caps count by work date. Hours on rest days and statutory holidays are overtime of their
 * own kinds: they fill the 36 hours of a month only in the warning (rules.md 3.2, cap_scope). */
#include "lawful_judge.h"

static int64_t beyond(int64_t figure, int64_t limit)
{
	return figure > limit ? figure - limit : 0;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Comprehensive systems have no day of eight hours. */
static int64_t day_hours(const struct fact_person *p, const struct limits *l)
{
	return p->system == SYSTEM_COMPREHENSIVE ? INT64_MAX : l->of[LIMIT_DAY];
}

/* Fills what is over, week by week. */
static void find_overtime(struct judge *j, const struct person_work *w)
{
	int64_t full = 0;

	for (size_t i = 0; i < w->n; i++) {
		struct day_work *d = &w->days[i];
		const struct limits *l = limits_on(j, d->day);
		int64_t counted;

		if (!i || week_of(d->day) != week_of(d[-1].day))
			full = 0;
		d->day_over = beyond(d->ordinary, day_hours(w->p, l));
		counted = d->ordinary - d->day_over + d->rest;
		full += counted;
		d->week_over = least(counted, beyond(full, l->of[LIMIT_WEEK]));
	}
}

/* ---- days ---- */

static void judge_standard_day(struct judge *j, const struct fact_person *p,
			       const struct day_work *d)
{
	const struct limits *l = limits_on(j, d->day);
	int64_t over = beyond(d->total, l->of[LIMIT_DAY]);

	if (over > 0 && !judge_agreed(p, d->day, false))
		judge_day(j, RULE_DAY_HOURS, d->shifts, d->total, l->of[LIMIT_DAY]);
	if (over > l->of[LIMIT_OVERTIME_DAY])
		judge_day(j, RULE_OVERTIME_DAY, d->shifts, over, l->of[LIMIT_OVERTIME_DAY]);
	else if (over > l->of[LIMIT_OVERTIME_USUAL] && !judge_agreed(p, d->day, true))
		judge_day(j, RULE_OVERTIME_USUAL, d->shifts, over, l->of[LIMIT_OVERTIME_USUAL]);
}

static void judge_approval(struct judge *j, const struct fact_person *p, const struct day_work *d)
{
	if (d->day < p->approved_from || d->day >= p->approved_until)
		judge_day(j, RULE_SYSTEM_APPROVAL, d->shifts, 0, 0);
}

static void judge_each_day(struct judge *j, const struct person_work *w)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct day_work *d = &w->days[i];

		if (w->p->system == SYSTEM_STANDARD)
			judge_standard_day(j, w->p, d);
		if (w->p->system == SYSTEM_COMPREHENSIVE || w->p->system == SYSTEM_IRREGULAR)
			judge_approval(j, w->p, d);
		if (d->statutory > 0)
			judge_day(j, RULE_STATUTORY_WORK, d->shifts, d->statutory, 0);
	}
}

/* ---- weeks ---- */

struct sums {
	int64_t n; /* days */
	int64_t total, counted, unagreed, capped, all;
};

static struct sums sum_of(const struct person_work *w, size_t from, size_t until)
{
	struct sums s = {.n = (int64_t)(until - from)};

	for (size_t i = from; i < until; i++) {
		const struct day_work *d = &w->days[i];
		int64_t over = d->day_over + (d->rest ? 0 : d->week_over);

		s.total += d->total;
		s.counted += d->ordinary - d->day_over + d->rest;
		if (!judge_agreed(w->p, d->day, false))
			s.unagreed += d->week_over;
		s.capped += over;
		s.all += over + d->rest + d->statutory;
	}
	return s;
}

static void judge_week(struct judge *j, const struct fact_person *p, civil_day week, struct sums s)
{
	const struct limits *l = limits_on(j, week);
	int64_t day = l->of[LIMIT_PART_TIME_DAY], most = l->of[LIMIT_PART_TIME_WEEK];
	bool weekly = p->system == SYSTEM_STANDARD ||
		      (p->system == SYSTEM_COMPREHENSIVE && p->cycle == CYCLE_WEEK);

	if (weekly && s.unagreed > 0)
		judge_span(j, RULE_WEEK_HOURS, p->id, week, week + 7, s.counted, l->of[LIMIT_WEEK]);
	if (p->system != SYSTEM_PART_TIME)
		return;
	if (s.total > most)
		judge_span(j, RULE_PART_TIME_WEEK, p->id, week, week + 7, s.total, most);
	if (s.total > day * s.n)
		judge_span(j, RULE_PART_TIME_DAY, p->id, week, week + 7, (s.total + s.n - 1) / s.n,
			   day);
}

/* ---- months ---- */

static void judge_month(struct judge *j, const struct fact_person *p, civil_day month,
			struct sums s)
{
	civil_day next = civil_add_months(month, 1);
	int64_t most = limits_on(j, month)->of[LIMIT_OVERTIME_MONTH];
	int64_t before = month == month_of(j->r->from) ? p->overtime_before_minutes * 60 : 0;

	if (s.capped + before > most)
		judge_span(j, RULE_OVERTIME_MONTH, p->id, month, next, s.capped + before, most);
	else if (s.all + before > most)
		judge_span(j, RULE_OVERTIME_ALL, p->id, month, next, s.all + before, most);
}

/* Where the run of days of the same week or month ends. */
static size_t run_end(const struct person_work *w, size_t i, civil_day (*of)(civil_day))
{
	civil_day first = of(w->days[i].day);

	while (i < w->n && of(w->days[i].day) == first)
		i++;
	return i;
}

static void judge_runs(struct judge *j, const struct person_work *w, civil_day (*of)(civil_day),
		       void (*judge)(struct judge *, const struct fact_person *, civil_day,
				     struct sums))
{
	for (size_t i = 0, until; i < w->n; i = until) {
		until = run_end(w, i, of);
		judge(j, w->p, of(w->days[i].day), sum_of(w, i, until));
	}
}

void judge_hours(struct judge *j, const struct person_work *w)
{
	bool weekly = w->p->system == SYSTEM_STANDARD ||
		      (w->p->system == SYSTEM_COMPREHENSIVE && w->p->cycle == CYCLE_WEEK);

	find_overtime(j, w);
	judge_each_day(j, w);
	judge_runs(j, w, week_of, judge_week);
	if (weekly)
		judge_runs(j, w, month_of, judge_month);
	else if (w->p->system == SYSTEM_COMPREHENSIVE)
		judge_cycle(j, w);
}
