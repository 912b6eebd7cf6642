#include "solve_state.h"
#include <stdlib.h>
#include <string.h>

static void add(struct roster_cost *sum, struct roster_cost more)
{
	sum->soft += more.soft;
	sum->hard += more.hard;
}

static struct roster_cost less(struct roster_cost a, struct roster_cost b)
{
	return (struct roster_cost){a.soft - b.soft, a.hard - b.hard};
}

static void priced(struct roster_cost *sum, struct roster_price price, int units)
{
	if (price.hard)
		sum->hard += units;
	else
		sum->soft += (int64_t)units * price.soft;
}

struct roster_state *roster_state_new(const struct roster_model *m)
{
	struct roster_state *s = calloc(1, sizeof(*s));
	size_t cells = (size_t)(m->days * m->acts);

	if (!s)
		return NULL;
	s->m = m;
	s->plan = calloc((size_t)(m->people * m->days), 1);
	s->heads = calloc(cells, sizeof(*s->heads));
	s->sums = calloc((size_t)m->people, sizeof(*s->sums));
	if (!s->plan || !s->heads || !s->sums) {
		roster_state_free(s);
		return NULL;
	}
	roster_state_set(s, s->plan);
	return s;
}

void roster_state_free(struct roster_state *s)
{
	if (!s)
		return;
	free(s->plan);
	free(s->heads);
	free(s->sums);
	free(s);
}

static int weekend_worked(const struct roster_model *m, const uint8_t *line, int saturday)
{
	return line[saturday] != ROSTER_OFF ||
	       (saturday + 1 < m->days && line[saturday + 1] != ROSTER_OFF);
}

static void sums_set(struct roster_state *s, int e)
{
	const struct roster_model *m = s->m;
	const uint8_t *line = s->plan + e * m->days;
	struct roster_sums *sums = &s->sums[e];

	*sums = (struct roster_sums){.weekends = m->person[e].weekends_before};
	for (int d = 0; d < m->days; d++) {
		sums->total += m->act[line[d]].minutes;
		sums->count[line[d]]++;
		s->heads[d * m->acts + line[d]]++;
	}
	for (int d = 5; d < m->days; d += 7)
		sums->weekends += weekend_worked(m, line, d);
}

void roster_state_set(struct roster_state *s, const uint8_t *plan)
{
	const struct roster_model *m = s->m;

	memmove(s->plan, plan, (size_t)(m->people * m->days));
	memset(s->heads, 0, (size_t)(m->days * m->acts) * sizeof(*s->heads));
	for (int e = 0; e < m->people; e++)
		sums_set(s, e);
	s->cost = roster_plan_cost(m, s->plan);
}

bool roster_block_allowed(const struct roster_state *s, const struct roster_block *b)
{
	const uint64_t *may = s->m->person[b->person].may + b->from;

	for (int i = 0; i < b->days; i++)
		if (!(may[i] >> b->act[i] & 1))
			return false;
	return true;
}

static inline int kind_at(const struct roster_model *m, const struct roster_person *p,
			  const uint8_t *line, int d)
{
	return d < 0 ? p->kind_before : m->act[line[d]].kind;
}

/* Runs of like days from the one that holds the day before the block to the one that holds the day
 * behind. */
static void work_runs(const struct roster_model *m, const struct roster_person *p,
		      const uint8_t *line, int from, int to, struct roster_cost *sum)
{
	int start = from ? from - 1 : 0, end = to < m->days ? to : m->days - 1;

	while (start > 0 && !line[start - 1] == !line[start])
		start--;
	if (start == 0) { /* a run that ended before day 0 */
		const struct roster_run *other = line[0] ? &p->off : &p->work;
		if (other->before)
			add(sum, roster_run_cost(other, 0, true, false));
	}
	while (start <= end) {
		int d = start + 1;
		while (d < m->days && !line[d] == !line[start])
			d++;
		add(sum, roster_run_cost(line[start] ? &p->work : &p->off, d - start, start == 0,
					 d == m->days));
		start = d;
	}
}

static void kind_runs(const struct roster_model *m, const struct roster_person *p,
		      const uint8_t *line, int from, int to, struct roster_cost *sum)
{
	int start = from ? from - 1 : 0, end = to < m->days ? to : m->days - 1;

	while (start > 0 && kind_at(m, p, line, start - 1) == kind_at(m, p, line, start))
		start--;
	if (start == 0 && p->kind_before && p->kind_before != kind_at(m, p, line, 0))
		add(sum, roster_run_cost(&p->kind[p->kind_before], 0, true, false));
	while (start <= end) {
		int kind = kind_at(m, p, line, start), d = start + 1;
		while (d < m->days && kind_at(m, p, line, d) == kind)
			d++;
		if (kind)
			add(sum,
			    roster_run_cost(&p->kind[kind], d - start, start == 0, d == m->days));
		start = d;
	}
}

static void weekends(const struct roster_model *m, const struct roster_person *p,
		     const uint8_t *line, int from, int to, struct roster_cost *sum, int *worked)
{
	for (int d = from + 5 - from % 7; d < to && d < m->days; d += 7) {
		*worked += weekend_worked(m, line, d);
		if (d + 1 < m->days && !line[d] != !line[d + 1])
			sum->soft += p->half_weekend;
	}
}

/* What can differ when days from..to-1 of the line change, without totals. */
static struct roster_cost near_cost(const struct roster_model *m, const struct roster_person *p,
				    const uint8_t *line, int from, int to, int *worked)
{
	struct roster_cost sum = {0, 0};

	for (int d = from; d < to; d++)
		sum.soft += p->want[d * m->acts + line[d]];
	for (int d = from; d <= to && d < m->days; d++)
		sum.hard += (int64_t)(m->not_after[kind_at(m, p, line, d - 1)] >>
					      kind_at(m, p, line, d) &
				      1);
	work_runs(m, p, line, from, to, &sum);
	if (m->kind_runs)
		kind_runs(m, p, line, from, to, &sum);
	weekends(m, p, line, from, to, &sum, worked);
	return sum;
}

static int wrong_total(const struct roster_model *m, const struct roster_person *p, int total)
{
	int wrong = total < p->least_total  ? p->least_total - total
		    : total > p->most_total ? total - p->most_total
					    : 0;
	return wrong ? (wrong + m->total_unit - 1) / m->total_unit : 0;
}

static int beyond(int value, int most)
{
	return value > most ? value - most : 0;
}

/* Totals before and after; counts of activities are put back at once. */
static void far_cost(struct roster_state *s, const struct roster_block *b, int weekends_more,
		     struct roster_cost *sum)
{
	const struct roster_model *m = s->m;
	const struct roster_person *p = &m->person[b->person];
	const uint8_t *line = s->plan + b->person * m->days + b->from;
	struct roster_sums *sums = &s->sums[b->person];
	int more = 0;

	for (int i = 0; i < b->days; i++) {
		int old = line[i], new = b->act[i];
		if (old == new)
			continue;
		more += m->act[new].minutes - m->act[old].minutes;
		sum->hard -= old && sums->count[old] > p->most[old];
		sums->count[old]--;
		sum->hard += new && sums->count[new] >= p->most[new];
		sums->count[new]++;
	}
	for (int i = 0; i < b->days; i++) {
		sums->count[line[i]]++;
		sums->count[b->act[i]]--;
	}
	if (more)
		priced(sum, p->total_price,
		       wrong_total(m, p, sums->total + more) - wrong_total(m, p, sums->total));
	if (weekends_more)
		priced(sum, p->weekend_price,
		       beyond(sums->weekends + weekends_more, p->most_weekends) -
			       beyond(sums->weekends, p->most_weekends));
}

struct roster_cost roster_block_line(struct roster_state *s, const struct roster_block *b)
{
	const struct roster_model *m = s->m;
	const struct roster_person *p = &m->person[b->person];
	uint8_t *line = s->plan + b->person * m->days;
	int to = b->from + b->days, worked_before = 0, worked = 0;
	size_t n = (size_t)b->days;

	struct roster_cost before = near_cost(m, p, line, b->from, to, &worked_before);
	memcpy(s->kept, line + b->from, n);
	memcpy(line + b->from, b->act, n);
	struct roster_cost delta = less(near_cost(m, p, line, b->from, to, &worked), before);
	memcpy(line + b->from, s->kept, n);
	far_cost(s, b, worked - worked_before, &delta);
	return delta;
}

static inline struct roster_cost one_more(const struct roster_cover *c, int heads)
{
	return (struct roster_cost){(heads < c->low ? -c->under : 0) +
					    (heads >= c->high ? c->over : 0),
				    heads < c->floor ? -1 : 0};
}

struct roster_cost roster_block_cover(const struct roster_state *s, const struct roster_block *b)
{
	const struct roster_model *m = s->m;
	const uint8_t *line = s->plan + b->person * m->days + b->from;
	struct roster_cost delta = {0, 0};

	for (int i = 0; i < b->days; i++) {
		int cell = (b->from + i) * m->acts, old = cell + line[i], new = cell + b->act[i];
		if (old == new)
			continue;
		if (line[i])
			delta = less(delta, one_more(&m->cover[old], s->heads[old] - 1));
		if (b->act[i])
			add(&delta, one_more(&m->cover[new], s->heads[new]));
	}
	return delta;
}

void roster_block_write(struct roster_state *s, const struct roster_block *b,
			struct roster_cost delta)
{
	const struct roster_model *m = s->m;
	struct roster_sums *sums = &s->sums[b->person];
	uint8_t *line = s->plan + b->person * m->days;

	for (int d = 5; d < m->days; d += 7)
		sums->weekends -= weekend_worked(m, line, d);
	for (int i = 0; i < b->days; i++) {
		int cell = (b->from + i) * m->acts, old = line[b->from + i], new = b->act[i];
		sums->total += m->act[new].minutes - m->act[old].minutes;
		sums->count[old]--;
		sums->count[new]++;
		s->heads[cell + old]--;
		s->heads[cell + new]++;
		line[b->from + i] = (uint8_t) new;
	}
	for (int d = 5; d < m->days; d += 7)
		sums->weekends += weekend_worked(m, line, d);
	add(&s->cost, delta);
}
