/* The comprehensive system by month, quarter and year (劳部发〔1994〕503号): hours beyond the
 * cycle's are overtime, on average 36 hours a month at most. Statutory holidays are left out, paid
 * leave counts as worked, unpaid leave lowers the cycle's hours, who comes or goes in it has his
 * part of them by working days (rules.md 3.3). */
#include "lawful_judge.h"

struct cycle {
	civil_day from, until;
	int months;
	int64_t hours; /* of the whole cycle, seconds */
};

static struct cycle cycle_of(const struct judge *j, const struct fact_person *p, civil_day day)
{
	static const int MONTHS[] = {[CYCLE_MONTH] = 1, [CYCLE_QUARTER] = 3, [CYCLE_YEAR] = 12};
	static const enum limit_item HOURS[] = {[CYCLE_MONTH] = LIMIT_MONTH_HOURS,
						[CYCLE_QUARTER] = LIMIT_QUARTER_HOURS,
						[CYCLE_YEAR] = LIMIT_YEAR_HOURS};
	struct civil c = civil_split(day);
	int n = MONTHS[p->cycle];
	civil_day from = civil_of(c.year, (c.month - 1) / n * n + 1, 1);

	return (struct cycle){from, civil_add_months(from, n), n,
			      limits_on(j, day)->of[HOURS[p->cycle]]};
}

static civil_day later(civil_day a, civil_day b)
{
	return a > b ? a : b;
}

static civil_day sooner(civil_day a, civil_day b)
{
	return a < b ? a : b;
}

/* Leave within the hours of a working day: eight of each at most. */
static int64_t leave_on(const struct judge *j, const struct fact_person *p, civil_day day,
			bool paid)
{
	const struct zone *z = p->home->zone;
	struct span whole = {zone_day_start(z, day), zone_day_start(z, day + 1)};
	int64_t sum = 0, most = limits_on(j, day)->of[LIMIT_DAY];

	for (size_t i = 0; i < p->leave.n; i++) {
		const struct fact_stretch *s = &p->leave.list[i];

		if (s->flag == paid)
			sum += span_length(span_meet(whole, (struct span){s->from_s, s->until_s}));
	}
	return sum < most ? sum : most;
}

static int64_t leave_in(const struct judge *j, const struct fact_person *p, struct cycle c,
			bool paid)
{
	int64_t sum = 0;

	if (p->leave.n == 0)
		return 0;
	for (civil_day d = later(c.from, p->hired); d < sooner(c.until, p->left); d++)
		if (calendar_day(&j->rules, d, NULL) == DAY_WORK)
			sum += leave_on(j, p, d, paid);
	return sum;
}

/* The cycle's hours of whom it has from beginning to end, else his part: numerator and denominator.
 */
static void part_of(const struct judge *j, const struct fact_person *p, struct cycle c,
		    int64_t of[2])
{
	of[0] = of[1] = 1;
	if (p->hired <= c.from && p->left >= c.until)
		return;
	of[0] = calendar_count(&j->rules, later(c.from, p->hired), sooner(c.until, p->left)).work;
	of[1] = calendar_count(&j->rules, c.from, c.until).work;
}

/* The days of a cycle among those of a person. */
struct range {
	size_t from, until;
};

static int64_t worked_in(const struct person_work *w, struct range r)
{
	int64_t sum = 0;

	for (size_t i = r.from; i < r.until; i++)
		sum += w->days[i].ordinary + w->days[i].rest;
	return sum;
}

/* Whether overtime is agreed on each day that is worked when the cycle is full: when `left` are. */
static bool all_agreed(const struct person_work *w, struct range r, int64_t left)
{
	for (size_t i = r.from; i < r.until; i++) {
		left -= w->days[i].ordinary + w->days[i].rest;
		if (left < 0 && !judge_agreed(w->p, w->days[i].day, false))
			return false;
	}
	return true;
}

static void judge_one(struct judge *j, const struct person_work *w, struct cycle c, struct range r)
{
	const struct fact_person *p = w->p;
	bool first = c.from <= j->r->from && j->r->from < c.until;
	int64_t before = first ? p->cycle_before_minutes * 60 : 0, part[2];
	int64_t worked = worked_in(w, r), figure = worked + before + leave_in(j, p, c, true);
	int64_t most, limit = limits_on(j, c.from)->of[LIMIT_OVERTIME_MONTH] * c.months;

	part_of(j, p, c, part);
	most = c.hours * part[0] / part[1] - leave_in(j, p, c, false);
	if (!all_agreed(w, r, most - (figure - worked)))
		judge_span(j, RULE_CYCLE_HOURS, p->id, c.from, c.until, figure, most);
	if (figure - most > limit)
		judge_span(j, RULE_CYCLE_OVERTIME, p->id, c.from, c.until, figure - most, limit);
}

void judge_cycle(struct judge *j, const struct person_work *w)
{
	for (struct range r = {0, 0}; r.from < w->n; r.from = r.until) {
		struct cycle c = cycle_of(j, w->p, w->days[r.from].day);

		while (r.until < w->n && w->days[r.until].day < c.until)
			r.until++;
		judge_one(j, w, c, r);
	}
}
