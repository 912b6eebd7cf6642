/* Whom the law protects: the young (Labour Law arts. 15, 58, 64), the pregnant from the seventh
 * month (art. 61; Order 619 art. 6), the nursing (art. 63; Order 619 art. 9). Nights are judged at
 * each part of a shift, overtime by work date: beyond eight hours or a full week, under every
 * system of working time. */
#include "lawful_judge.h"

/* Overtime of each kind of protection, by the standard hours whatever the system. */
struct over {
	int64_t full; /* of the week so far */
	civil_day week;
};

static int64_t over_on(const struct judge *j, const struct day_work *d, struct over *o)
{
	const struct limits *l = limits_on(j, d->day);
	int64_t day = d->total > l->of[LIMIT_DAY] ? d->total - l->of[LIMIT_DAY] : 0;
	int64_t counted = d->total - day, week;

	if (week_of(d->day) != o->week)
		*o = (struct over){0, week_of(d->day)};
	o->full += counted;
	week = o->full - l->of[LIMIT_WEEK];
	if (week < 0)
		week = 0;
	return day + (week < counted ? week : counted);
}

struct protection {
	enum rule_code night, overtime;
	enum limit_item night_most, overtime_most; /* LIMITS: none at all */
	civil_day from, until;
};

static int64_t most_of(const struct judge *j, civil_day day, enum limit_item i)
{
	return i == LIMITS ? 0 : limits_on(j, day)->of[i];
}

static void judge_nights(struct judge *j, const struct day_work *d, const struct protection *p)
{
	int64_t most = most_of(j, d->day, p->night_most);

	for (size_t i = 0; i < d->n_shifts; i++) {
		const struct fact_shift *s = &d->shifts[i];
		int64_t night = judge_night(j, s, judge_days(s, p->from, p->until));

		if (night > most)
			judge_day(j, p->night, s, night, most);
	}
}

static void judge_protection(struct judge *j, const struct person_work *w,
			     const struct protection *p)
{
	struct over o = {0, INT32_MIN};

	for (size_t i = 0; i < w->n; i++) {
		const struct day_work *d = &w->days[i];
		int64_t over = over_on(j, d, &o), most = most_of(j, d->day, p->overtime_most);

		judge_nights(j, d, p);
		if (d->day >= p->from && d->day < p->until && over > most)
			judge_day(j, p->overtime, d->shifts, over, most);
	}
}

/* ---- paid breaks of a kind on a work date ---- */

static int64_t paid_breaks(const struct day_work *d, enum fact_break kind)
{
	int64_t sum = 0;

	for (size_t i = 0; i < d->n_shifts; i++)
		for (size_t k = 0; k < d->shifts[i].breaks.n; k++) {
			const struct fact_pause *b = &d->shifts[i].breaks.list[k];

			if (b->paid && b->kind == (int64_t)kind)
				sum += b->until_s - b->from_s;
		}
	return sum;
}

struct demand {
	enum rule_code rule;
	enum fact_break kind;
	enum limit_item least;
	int64_t times;
	civil_day from, until;
};

static void judge_demand(struct judge *j, const struct person_work *w, const struct demand *want)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct day_work *d = &w->days[i];
		int64_t least = limits_on(j, d->day)->of[want->least] * want->times;
		int64_t there = paid_breaks(d, want->kind);

		if (d->day >= want->from && d->day < want->until && there < least)
			judge_day(j, want->rule, d->shifts, there, least);
	}
}

/* ---- hazardous posts ---- */

static void judge_hazard(struct judge *j, const struct fact_person *p, enum rule_code rule,
			 civil_day from, civil_day until)
{
	for (size_t i = 0; i < p->n_shifts; i++) {
		const struct fact_shift *s = &p->shifts[i];

		if (s->post && s->post->hazardous &&
		    judge_within(s, judge_days(s, from, until)) > 0)
			judge_day(j, rule, s, 0, 0);
	}
}

/* ---- the young ---- */

/* The birthday itself counts as the age reached; 29 February's is the 28th of a common year. */
static civil_day birthday(civil_day born, int64_t years)
{
	return civil_add_months(born, (int)years * 12);
}

static void judge_child(struct judge *j, const struct fact_person *p, civil_day may)
{
	for (size_t i = 0; i < p->n_shifts; i++) {
		const struct fact_shift *s = &p->shifts[i];
		int64_t age = 0, least = limits_on(j, s->day)->of[LIMIT_HIRE_AGE];

		while (birthday(p->born, age + 1) <= s->day)
			age++;
		if (judge_days(s, may, DAY_NEVER).from_s > s->from_s)
			judge_day(j, RULE_UNDER_AGE, s, age, least);
	}
}

static void judge_age(struct judge *j, const struct person_work *w)
{
	const struct limits *l = limits_on(j, j->r->from);
	civil_day may = birthday(w->p->born, l->of[LIMIT_HIRE_AGE]);
	struct protection minor = {RULE_MINOR_NIGHT,
				   RULE_MINOR_OVERTIME,
				   LIMIT_MINOR_NIGHT,
				   LIMIT_MINOR_OVERTIME,
				   may,
				   birthday(w->p->born, l->of[LIMIT_ADULT_AGE])};

	judge_child(j, w->p, may);
	if (minor.until <= j->first_day)
		return;
	judge_protection(j, w, &minor);
	judge_hazard(j, w->p, RULE_MINOR_HAZARD, minor.from, minor.until);
}

/* ---- pregnancy and nursing ---- */

static void judge_pregnancy(struct judge *j, const struct person_work *w,
			    const struct fact_pregnancy *p)
{
	const struct limits *l = limits_on(j, j->r->from);
	int64_t whole = l->of[LIMIT_PREGNANCY_WEEKS], late = l->of[LIMIT_PREGNANT_WEEKS];
	civil_day from = p->due - (civil_day)(7 * (whole - late));
	struct protection seventh = {
		RULE_PREGNANT_NIGHT, RULE_PREGNANT_OVERTIME, LIMITS, LIMITS, from, p->ended};
	struct demand rest = {
		RULE_PREGNANT_REST, BREAK_REST, LIMIT_PREGNANT_REST, 1, from, p->ended};

	judge_protection(j, w, &seventh);
	judge_demand(j, w, &rest);
	judge_hazard(j, w->p, RULE_PREGNANT_HAZARD, p->due - (civil_day)(7 * whole), p->ended);
}

static void judge_nursing(struct judge *j, const struct person_work *w, const struct fact_birth *b)
{
	int64_t months = limits_on(j, j->r->from)->of[LIMIT_NURSING_MONTHS];
	civil_day until = civil_add_months(b->day, (int)months);
	struct protection nursing = {
		RULE_NURSING_NIGHT, RULE_NURSING_OVERTIME, LIMITS, LIMITS, b->day, until};
	struct demand hour = {RULE_NURSING_BREAK, BREAK_NURSING, LIMIT_NURSING_BREAK,
			      b->infants,	  b->day,	 until};

	judge_protection(j, w, &nursing);
	judge_demand(j, w, &hour);
}

void judge_protected(struct judge *j, const struct person_work *w)
{
	judge_age(j, w);
	for (size_t i = 0; i < w->p->pregnancies.n; i++)
		judge_pregnancy(j, w, &w->p->pregnancies.list[i]);
	for (size_t i = 0; i < w->p->births.n; i++)
		judge_nursing(j, w, &w->p->births.list[i]);
}
