/* What a whole roster costs and why, counted from nothing: it shares no sums with the search. */
#include "solve_model.h"
#include <stddef.h>

struct blame {
	void (*tell)(void *arg, const struct roster_breach *b);
	void *arg;
	const char *who;
};

static void add(struct roster_cost *sum, struct roster_cost more)
{
	sum->soft += more.soft;
	sum->hard += more.hard;
}

static void priced(struct roster_cost *sum, struct roster_price price, int64_t units)
{
	if (price.hard)
		sum->hard += units;
	else
		sum->soft += units * price.soft;
}

static void say(struct blame *b, int64_t before, int64_t now, enum roster_rule rule, int day)
{
	if (b && now > before)
		b->tell(b->arg, &(struct roster_breach){rule, b->who, day, now - before});
}

static int kind_at(const struct roster_model *m, const struct roster_person *p, const uint8_t *line,
		   int d)
{
	return d < 0 ? p->kind_before : m->act[line[d]].kind;
}

static void days_cost(const struct roster_model *m, const struct roster_person *p,
		      const uint8_t *line, struct roster_cost *sum, struct blame *b)
{
	for (int d = 0; d < m->days; d++) {
		int64_t before = sum->hard;
		sum->soft += p->want[d * m->acts + line[d]];
		if (!(p->may[d] >> line[d] & 1))
			sum->hard++;
		say(b, before, sum->hard, ROSTER_DAY, d);
		before = sum->hard;
		if (m->not_after[kind_at(m, p, line, d - 1)] >> kind_at(m, p, line, d) & 1)
			sum->hard++;
		say(b, before, sum->hard, ROSTER_SUCCESSION, d);
	}
}

/* Of every maximal run of days for which `kind` is worked (0: off; below 0: any work). */
static void runs_cost(const struct roster_model *m, const uint8_t *line, int kind,
		      const struct roster_run *rule, struct roster_cost *sum, struct blame *b)
{
	int start = 0;

	for (int d = 0; d <= m->days; d++) {
		int now = d < m->days ? m->act[line[d]].kind : -1;
		if (d < m->days && (kind < 0 ? now != 0 : now == kind))
			continue;
		int64_t before = sum->hard;
		if (d > start || (d == 0 && rule->before))
			add(sum, roster_run_cost(rule, d - start, start == 0, d == m->days));
		say(b, before, sum->hard, kind ? ROSTER_WORK_RUN : ROSTER_OFF_RUN, start);
		start = d + 1;
	}
}

static void weekends_cost(const struct roster_model *m, const struct roster_person *p,
			  const uint8_t *line, struct roster_cost *sum, struct blame *b)
{
	int worked = p->weekends_before;
	int64_t before = sum->hard;

	for (int d = 5; d < m->days; d += 7) {
		bool saturday = line[d] != ROSTER_OFF,
		     sunday = d + 1 < m->days && line[d + 1] != ROSTER_OFF;
		worked += saturday || sunday;
		if (d + 1 < m->days && saturday != sunday)
			sum->soft += p->half_weekend;
	}
	if (worked > p->most_weekends)
		priced(sum, p->weekend_price, worked - p->most_weekends);
	say(b, before, sum->hard, ROSTER_WEEKENDS, -1);
}

static void totals_cost(const struct roster_model *m, const struct roster_person *p,
			const uint8_t *line, struct roster_cost *sum, struct blame *b)
{
	int count[ROSTER_ACTS] = {0}, total = 0, wrong = 0;
	int64_t before = sum->hard;

	for (int d = 0; d < m->days; d++) {
		count[line[d]]++;
		total += m->act[line[d]].minutes;
	}
	if (total < p->least_total)
		wrong = p->least_total - total;
	if (total > p->most_total)
		wrong = total - p->most_total;
	priced(sum, p->total_price, (wrong + m->total_unit - 1) / m->total_unit);
	say(b, before, sum->hard, ROSTER_TOTAL, -1);
	for (int k = 1; k < m->acts; k++) {
		before = sum->hard;
		if (count[k] > p->most[k])
			sum->hard += count[k] - p->most[k];
		say(b, before, sum->hard, ROSTER_MOST, -1);
	}
}

static void person_cost(const struct roster_model *m, const struct roster_person *p,
			const uint8_t *line, struct roster_cost *sum, struct blame *b)
{
	days_cost(m, p, line, sum, b);
	runs_cost(m, line, -1, &p->work, sum, b);
	runs_cost(m, line, 0, &p->off, sum, b);
	for (int k = 1; m->kind_runs && k < ROSTER_ACTS; k++)
		runs_cost(m, line, k, &p->kind[k], sum, b);
	weekends_cost(m, p, line, sum, b);
	totals_cost(m, p, line, sum, b);
}

static void cover_cost(const struct roster_model *m, const uint8_t *plan, struct roster_cost *sum,
		       struct blame *b)
{
	for (int d = 0; d < m->days; d++)
		for (int k = 1; k < m->acts; k++) {
			int heads = 0;
			int64_t before = sum->hard;
			for (int e = 0; e < m->people; e++)
				heads += plan[e * m->days + d] == k;
			add(sum, roster_cover_cost(roster_cover_at(m, d, k), heads));
			if (b)
				b->who = m->act[k].name;
			say(b, before, sum->hard, ROSTER_COVER, d);
		}
}

static struct roster_cost plan_cost(const struct roster_model *m, const uint8_t *plan,
				    struct blame *b)
{
	struct roster_cost sum = {0, 0};

	for (int e = 0; e < m->people; e++) {
		if (b)
			b->who = m->person[e].name;
		person_cost(m, &m->person[e], plan + e * m->days, &sum, b);
	}
	cover_cost(m, plan, &sum, b);
	return sum;
}

struct roster_cost roster_plan_cost(const struct roster_model *m, const uint8_t *plan)
{
	return plan_cost(m, plan, NULL);
}

void roster_plan_breaches(const struct roster_model *m, const uint8_t *plan,
			  void (*tell)(void *arg, const struct roster_breach *b), void *arg)
{
	struct blame b = {.tell = tell, .arg = arg};

	plan_cost(m, plan, &b);
}
