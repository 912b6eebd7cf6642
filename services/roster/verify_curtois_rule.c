#include "verify_curtois.h"

#include "roster_verify_texts.h"

/* One employee's line: what each hard rule looks at. */
struct line {
	struct verify *v;
	const struct curtois *c;
	const struct curtois_person *person;
	const char *who;
	int *works; /* by day: 0, 1 */
};

static const char *day_name(struct verify *v, int day)
{
	return arena_printf(v->arena, "%d", day);
}

static void break_on(const struct line *l, int day, struct text rule)
{
	verify_break(l->v, l->who, day_name(l->v, day), rule);
}

static const char *shift_name(const struct line *l, int shift)
{
	return source_print(l->v, l->c->shifts[shift].name);
}

/* ---- hard rules ---- */

static void follow(const struct line *l)
{
	const int *shift = l->person->shift;

	for (int d = 1; d < l->c->days; d++)
		if (shift[d - 1] >= 0 && shift[d] >= 0 &&
		    l->c->shifts[shift[d - 1]].not_next[shift[d]])
			break_on(l, d,
				 TEXT_RULE_SUCCESSION(shift_name(l, shift[d]),
						      shift_name(l, shift[d - 1])));
}

static void limit_types(const struct line *l)
{
	for (int t = 0; t < l->c->n_shifts; t++) {
		int n = 0;

		for (int d = 0; d < l->c->days; d++)
			n += l->person->shift[d] == t;
		if (n > l->person->most[t])
			verify_break(l->v, l->who, "-",
				     TEXT_RULE_TYPE_MOST(n, shift_name(l, t), l->person->most[t]));
	}
}

static void limit_minutes(const struct line *l)
{
	int64_t sum = 0;

	for (int d = 0; d < l->c->days; d++)
		if (l->works[d])
			sum += l->c->shifts[l->person->shift[d]].minutes;
	if (sum > l->person->max_minutes)
		verify_break(l->v, l->who, "-",
			     TEXT_RULE_MINUTES_MOST(sum, l->person->max_minutes));
	if (sum < l->person->min_minutes)
		verify_break(l->v, l->who, "-",
			     TEXT_RULE_MINUTES_LEAST(sum, l->person->min_minutes));
}

/* Before day 0 everybody was off; a run at either edge may be short, as if it went on outside. */
static void limit_runs(const struct line *l)
{
	const struct curtois_person *p = l->person;

	for (struct run r = {0}; run_next(l->works, l->c->days, &r);) {
		int n = r.until - r.from;
		bool inside = r.from > 0 && r.until < l->c->days;

		if (r.value && n > p->max_run)
			break_on(l, r.from, TEXT_RULE_RUN_MOST(n, p->max_run));
		if (r.value && inside && n < p->min_run)
			break_on(l, r.from, TEXT_RULE_RUN_LEAST(n, p->min_run));
		if (!r.value && inside && n < p->min_off)
			break_on(l, r.from, TEXT_RULE_OFF_LEAST(n, p->min_off));
	}
}

static void limit_weekends(const struct line *l)
{
	int n = 0;

	for (int saturday = 5; saturday < l->c->days; saturday += 7)
		n += l->works[saturday] || (saturday + 1 < l->c->days && l->works[saturday + 1]);
	if (n > l->person->max_weekends)
		verify_break(l->v, l->who, "-",
			     TEXT_RULE_WEEKENDS_MOST(n, l->person->max_weekends));
}

static void keep_off(const struct line *l)
{
	for (int d = 0; d < l->c->days; d++)
		if (l->works[d] && l->person->off[d])
			break_on(l, d, TEXT_RULE_DAY_OFF);
}

static void judge_person(struct verify *v, const struct curtois *c, const struct curtois_person *p)
{
	static void (*const RULES[])(const struct line *) = {
		follow, limit_types, limit_minutes, limit_runs, limit_weekends, keep_off};
	struct line l = {v, c, p, source_print(v, p->name),
			 arena_alloc(v->arena, (size_t)c->days * sizeof(int))};

	for (int d = 0; d < c->days; d++)
		l.works[d] = p->shift[d] != CURTOIS_OFF;
	for (size_t i = 0; i < sizeof(RULES) / sizeof(RULES[0]); i++)
		RULES[i](&l);
}

/* ---- penalties ---- */

static void charge_requests(struct verify *v, const struct curtois *c)
{
	verify_charge(v, &TEXT_DEF_PART_ON, 0);
	verify_charge(v, &TEXT_DEF_PART_OFF, 0);
	for (int i = 0; i < c->n_requests; i++) {
		const struct curtois_request *r = &c->requests[i];
		bool met = (c->people[r->person].shift[r->day] == r->shift) == r->on;

		verify_charge(v, r->on ? &TEXT_DEF_PART_ON : &TEXT_DEF_PART_OFF,
			      met ? 0 : r->weight);
	}
}

static void charge_cover(struct verify *v, const struct curtois *c)
{
	verify_charge(v, &TEXT_DEF_PART_UNDER, 0);
	verify_charge(v, &TEXT_DEF_PART_OVER, 0);
	for (int i = 0; i < c->n_covers; i++) {
		const struct curtois_cover *w = &c->covers[i];
		int64_t have = 0;

		for (int p = 0; p < c->n_people; p++)
			have += c->people[p].shift[w->day] == w->shift;
		verify_charge(v, &TEXT_DEF_PART_UNDER,
			      have < w->wanted ? (w->wanted - have) * w->under : 0);
		verify_charge(v, &TEXT_DEF_PART_OVER,
			      have > w->wanted ? (have - w->wanted) * w->over : 0);
	}
}

void curtois_judge(struct verify *v, const struct curtois *c)
{
	for (int i = 0; i < c->n_people; i++)
		judge_person(v, c, &c->people[i]);
	charge_requests(v, c);
	charge_cover(v, c);
}
