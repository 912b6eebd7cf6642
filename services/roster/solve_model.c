#include "solve_model.h"
#include <limits.h>
#include <stdlib.h>

static const struct roster_run ANY_RUN = {.min = 0, .max = INT_MAX / 2, .open_start = true};

static bool person_init(struct roster_person *p, int days, int acts)
{
	p->may = calloc((size_t)days, sizeof(*p->may));
	p->want = calloc((size_t)(days * acts), sizeof(*p->want));
	if (!p->may || !p->want)
		return false;
	for (int d = 0; d < days; d++)
		p->may[d] = acts == 64 ? UINT64_MAX : (1ULL << acts) - 1;
	for (int k = 0; k < acts; k++) {
		p->most[k] = INT_MAX;
		p->kind[k] = ANY_RUN;
	}
	p->work = p->off = ANY_RUN;
	p->most_total = INT_MAX / 2;
	p->most_weekends = INT_MAX / 2;
	return true;
}

struct roster_model *roster_model_new(int days, int people, int acts)
{
	struct roster_model *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	*m = (struct roster_model){.days = days, .people = people, .acts = acts, .total_unit = 1};
	m->person = calloc((size_t)people, sizeof(*m->person));
	m->cover = calloc((size_t)(days * acts), sizeof(*m->cover));
	bool whole = m->person && m->cover;
	for (int e = 0; whole && e < people; e++)
		whole = person_init(&m->person[e], days, acts);
	if (whole)
		return m;
	roster_model_free(m);
	return NULL;
}

void roster_model_free(struct roster_model *m)
{
	if (!m)
		return;
	for (int e = 0; m->person && e < m->people; e++) {
		free(m->person[e].may);
		free(m->person[e].want);
	}
	free(m->person);
	free(m->cover);
	free(m);
}

struct roster_cost roster_cover_cost(const struct roster_cover *c, int heads)
{
	struct roster_cost cost = {0, 0};

	if (heads < c->floor)
		cost.hard = c->floor - heads;
	if (heads < c->low)
		cost.soft = (int64_t)c->under * (c->low - heads);
	if (heads > c->high)
		cost.soft += (int64_t)c->over * (heads - c->high);
	return cost;
}

/* Of an excess only the days inside the horizon count. */
struct roster_cost roster_run_cost(const struct roster_run *r, int days, bool start, bool end)
{
	int whole = days + (start ? r->before : 0), wrong = 0;

	if (whole < r->min && !end && !(start && r->open_start))
		wrong = r->min - whole;
	if (whole > r->max)
		wrong = whole - r->max < days ? whole - r->max : days;
	return r->price.hard ? (struct roster_cost){0, wrong}
			     : (struct roster_cost){(int64_t)wrong * r->price.soft, 0};
}
