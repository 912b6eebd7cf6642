#include "solve_inrc.h"
#include <limits.h>
#include <string.h>

/* Weights of the competition's rules. */
enum {
	COVER_WEIGHT = 30,
	KIND_RUN_WEIGHT = 15,
	WORK_RUN_WEIGHT = 30,
	OFF_RUN_WEIGHT = 30,
	REQUEST_WEIGHT = 10,
	HALF_WEEKEND_WEIGHT = 30,
	TOTAL_WEIGHT = 20,
	WEEKENDS_WEIGHT = 30,
	WARY_WEIGHT = 300, /* of the search alone: see cover_wary */
};

static int kind_of(const struct roster_inrc *s, int act)
{
	return act ? (act - 1) / s->skills + 1 : 0;
}

/* ---- what a week leaves for the next ---- */

static void past_day(struct roster_inrc_past *p, int kind)
{
	p->kind_run = !kind ? 0 : kind == p->kind ? p->kind_run + 1 : 1;
	p->work_run = kind ? p->work_run + 1 : 0;
	p->off_run = kind ? 0 : p->off_run + 1;
	p->kind = kind;
	p->total += kind != 0;
}

static struct roster_inrc_past past_at(const struct roster_inrc *s,
				       const struct roster_inrc_nurse *n, int week)
{
	struct roster_inrc_past p = n->start;

	for (int d = s->first * INRC_WEEK; d < week * INRC_WEEK; d++) {
		past_day(&p, kind_of(s, n->act[d]));
		p.weekends += d % INRC_WEEK == INRC_WEEK - 1 && (n->act[d - 1] || n->act[d]);
	}
	return p;
}

/* ---- the model ---- */

static void acts_fill(struct roster_model *m, const struct roster_inrc *s)
{
	for (int k = 1; k < m->acts; k++)
		m->act[k] = (struct roster_act){.kind = kind_of(s, k), .minutes = 1};
	for (int i = 0; i < s->shifts; i++)
		m->not_after[i + 1] = s->shift[i].not_after;
	for (int k = 1; k < m->acts; k++)
		snprintf(m->act[k].name, sizeof(m->act[k].name), "%.19s/%.19s",
			 s->shift[m->act[k].kind - 1].name, s->skill[(k - 1) % s->skills]);
	m->kind_runs = true;
}

/* A week not known yet asks for what the known ones asked, in turn. */
static int week_like(const struct roster_inrc *s, int week)
{
	return week < s->known ? week : s->first + (week - s->first) % (s->known - s->first);
}

static bool kind_banned(const struct roster_inrc *s, int kind)
{
	for (int i = 0; i < s->shifts; i++)
		if (s->shift[i].not_after >> kind & 1)
			return true;
	return false;
}

static int skill_holders(const struct roster_inrc *s, int skill)
{
	int n = 0;

	for (int i = 0; i < s->nurses; i++)
		n += (int)(s->nurse[i].skills >> skill & 1);
	return n;
}

/* On the first Monday not known yet, shifts that may not follow every other are taken to need as
 * many as they ever did, those of rare skills most: a Sunday that leaves nobody for them can't be
 * mended when the Monday comes. */
static void cover_wary(struct roster_model *m, const struct roster_inrc *s, int monday)
{
	for (int k = 1; k < m->acts; k++) {
		struct roster_cover *c = roster_cover_at(m, monday, k);
		int holders = skill_holders(s, (k - 1) % s->skills);

		if (!kind_banned(s, m->act[k].kind))
			continue;
		c->low = c->floor;
		for (int d = s->first * INRC_WEEK; d < s->known * INRC_WEEK; d++)
			if (s->demand[d][k].least > c->low)
				c->low = s->demand[d][k].least;
		c->floor = 0;
		c->under = WARY_WEIGHT * s->nurses / (holders ? holders : 1);
	}
}

static void cover_fill(struct roster_model *m, const struct roster_inrc *s, int from)
{
	for (int d = 0; d < m->days; d++) {
		int day = week_like(s, from + d / INRC_WEEK) * INRC_WEEK + d % INRC_WEEK;
		for (int k = 1; k < m->acts; k++)
			*roster_cover_at(m, d, k) = (struct roster_cover){
				.floor = s->demand[day][k].least,
				.low = s->demand[day][k].most,
				.high = INT_MAX / 2,
				.under = COVER_WEIGHT,
			};
	}
	if (from < s->known && (s->known - from) * INRC_WEEK < m->days)
		cover_wary(m, s, (s->known - from) * INRC_WEEK);
}

static struct roster_run run_of(struct roster_range bounds, int before, int weight)
{
	return (struct roster_run){bounds.least, bounds.most, before, false, {weight, false}};
}

static void runs_fill(struct roster_person *p, const struct roster_inrc *s,
		      const struct roster_inrc_contract *c, struct roster_inrc_past past)
{
	p->kind_before = past.kind;
	p->work = run_of(c->work, past.work_run, WORK_RUN_WEIGHT);
	p->off = run_of(c->off, past.off_run, OFF_RUN_WEIGHT);
	for (int i = 0; i < s->shifts; i++)
		p->kind[i + 1] = run_of(s->shift[i].run, past.kind == i + 1 ? past.kind_run : 0,
					KIND_RUN_WEIGHT);
}

static void totals_fill(struct roster_person *p, const struct roster_inrc_contract *c,
			struct roster_inrc_past past)
{
	p->least_total = c->total.least - past.total;
	p->most_total = c->total.most - past.total;
	p->total_price.soft = TOTAL_WEIGHT;
	p->weekends_before = past.weekends;
	p->most_weekends = c->most_weekends;
	p->weekend_price.soft = WEEKENDS_WEIGHT;
}

static void days_fill(struct roster_person *p, const struct roster_inrc_nurse *n,
		      const struct roster_model *m, const struct roster_inrc *s, int from)
{
	uint64_t may = 1;

	for (int k = 1; k < m->acts; k++)
		if (n->skills >> (k - 1) % s->skills & 1)
			may |= 1ULL << k;
	for (int d = 0; d < m->days; d++) {
		uint32_t unwanted = 0;
		p->may[d] = may;
		if (from + d / INRC_WEEK < s->known)
			unwanted = n->unwanted[from * INRC_WEEK + d];
		for (int k = 1; k < m->acts; k++)
			p->want[d * m->acts + k] =
				(int)((unwanted & 1) + (unwanted >> m->act[k].kind & 1)) *
				REQUEST_WEIGHT;
	}
}

struct roster_model *roster_inrc_model(const struct roster_inrc *s, int from, int until)
{
	struct roster_model *m =
		roster_model_new((until - from) * INRC_WEEK, s->nurses, s->shifts * s->skills + 1);

	if (!m)
		return NULL;
	acts_fill(m, s);
	cover_fill(m, s, from);
	for (int i = 0; i < s->nurses; i++) {
		const struct roster_inrc_nurse *n = &s->nurse[i];
		const struct roster_inrc_contract *c = &s->contract[n->contract];
		struct roster_inrc_past past = past_at(s, n, from);
		struct roster_person *p = &m->person[i];

		memcpy(p->name, n->name, sizeof(p->name));
		runs_fill(p, s, c, past);
		if (until == s->weeks)
			totals_fill(p, c, past);
		p->half_weekend = c->whole_weekends ? HALF_WEEKEND_WEIGHT : 0;
		days_fill(p, n, m, s, from);
	}
	return m;
}

/* ---- rosters ---- */

void roster_inrc_keep(struct roster_inrc *s, int week, const struct roster_model *m,
		      const uint8_t *plan)
{
	for (int i = 0; i < s->nurses; i++)
		memcpy(s->nurse[i].act + week * INRC_WEEK, plan + i * m->days, INRC_WEEK);
}

void roster_inrc_plan(const struct roster_inrc *s, int from, const struct roster_model *m,
		      uint8_t *plan)
{
	for (int i = 0; i < s->nurses; i++)
		memcpy(plan + i * m->days, s->nurse[i].act + from * INRC_WEEK, (size_t)m->days);
}

void roster_inrc_write(const struct roster_inrc *s, int week, FILE *out)
{
	static const char *const DAYS[INRC_WEEK] = {"Mon", "Tue", "Wed", "Thu",
						    "Fri", "Sat", "Sun"};
	int n = 0;

	for (int i = 0; i < s->nurses; i++)
		for (int d = 0; d < INRC_WEEK; d++)
			n += s->nurse[i].act[week * INRC_WEEK + d] != ROSTER_OFF;
	fprintf(out, "SOLUTION\n%d %s\n\nASSIGNMENTS = %d\n", week, s->name, n);
	for (int i = 0; i < s->nurses; i++)
		for (int d = 0; d < INRC_WEEK; d++) {
			int act = s->nurse[i].act[week * INRC_WEEK + d];
			if (act != ROSTER_OFF)
				fprintf(out, "%s %s %s %s\n", s->nurse[i].name, DAYS[d],
					s->shift[kind_of(s, act) - 1].name,
					s->skill[(act - 1) % s->skills]);
		}
	fputc('\n', out);
}
