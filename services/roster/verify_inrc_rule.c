#include "verify_inrc.h"

#include "roster_verify_texts.h"

/* Weights of the competition's rules. */
#define COVER_WEIGHT 30
#define SHIFT_RUN_WEIGHT 15
#define WORK_RUN_WEIGHT 30
#define OFF_RUN_WEIGHT 30
#define REQUEST_WEIGHT 10
#define HALF_WEEKEND_WEIGHT 30
#define TOTAL_WEIGHT 20
#define WEEKENDS_WEIGHT 30

struct line {
	struct verify *v;
	const struct inrc *c;
	const struct inrc_nurse *nurse;
	const struct inrc_contract *contract;
	int *works; /* by day: 0, 1 */
};

/* ---- hard rules ---- */

static void follow(const struct line *l)
{
	int before = l->nurse->past.shift;

	for (int d = 0; d < inrc_days(l->c); d++) {
		int now = l->nurse->shift[d];

		if (before >= 0 && now >= 0 && l->c->shifts[before].not_next[now])
			verify_break(l->v, source_print(l->v, l->nurse->name),
				     inrc_day_name(l->v, d),
				     TEXT_RULE_SUCCESSION(
					     source_print(l->v, l->c->shifts[now].name),
					     source_print(l->v, l->c->shifts[before].name)));
		before = now;
	}
}

static void judge_cover(struct verify *v, const struct inrc *c, int day, int shift, int skill)
{
	size_t cell = inrc_cell(c, day, shift, skill);
	struct inrc_range want = c->demand[cell];
	int have = c->have[cell];
	const char *what = arena_printf(v->arena, "%s %s", source_print(v, c->shifts[shift].name),
					source_print(v, c->skills[skill].name));

	if (have < want.least)
		verify_break(v, "-", inrc_day_name(v, day),
			     TEXT_RULE_COVER(what, have, want.least));
	verify_charge(v, &TEXT_DEF_PART_OPTIMAL,
		      have < want.most ? (int64_t)(want.most - have) * COVER_WEIGHT : 0);
}

/* ---- runs ---- */

/* Days that a run misses or has too many. One that is open at the end is never too short; of one
 * that was open in the history only the days inside are too many. */
static int64_t run_fault(struct run r, int past, int days, struct inrc_range bounds)
{
	int inside = r.until - r.from, whole = inside + past;
	int over = whole > bounds.most ? whole - bounds.most : 0;

	if (r.until < days && whole < bounds.least)
		return bounds.least - whole;
	return over < inside ? over : inside;
}

/* Of a run that was open in the history and ended on the first Monday at once. */
static int64_t past_fault(int past, struct inrc_range bounds)
{
	return past > 0 && past < bounds.least ? bounds.least - past : 0;
}

static int64_t shift_runs(const struct line *l)
{
	const struct inrc_nurse *n = l->nurse;
	int days = inrc_days(l->c);
	int64_t faults = 0;

	if (n->past.shift >= 0 && n->shift[0] != n->past.shift)
		faults += past_fault(n->past.shift_run, l->c->shifts[n->past.shift].run);
	for (struct run r = {0}; run_next(n->shift, days, &r);)
		if (r.value >= 0)
			faults += run_fault(
				r, r.from == 0 && r.value == n->past.shift ? n->past.shift_run : 0,
				days, l->c->shifts[r.value].run);
	return faults;
}

/* Of days worked (value 1) or off (0). */
static int64_t day_runs(const struct line *l, int value, int past, struct inrc_range bounds)
{
	int days = inrc_days(l->c);
	int64_t faults = l->works[0] == value ? 0 : past_fault(past, bounds);

	for (struct run r = {0}; run_next(l->works, days, &r);)
		if (r.value == value)
			faults += run_fault(r, r.from == 0 ? past : 0, days, bounds);
	return faults;
}

static void charge_runs(const struct line *l)
{
	verify_charge(l->v, &TEXT_DEF_PART_RUNS,
		      shift_runs(l) * SHIFT_RUN_WEIGHT +
			      day_runs(l, 1, l->nurse->past.work_run, l->contract->work) *
				      WORK_RUN_WEIGHT);
	verify_charge(l->v, &TEXT_DEF_PART_OFF_RUNS,
		      day_runs(l, 0, l->nurse->past.off_run, l->contract->off) * OFF_RUN_WEIGHT);
}

/* ---- totals and weekends ---- */

static void charge_totals(const struct line *l)
{
	struct inrc_range want = l->contract->total;
	int64_t n = l->nurse->past.total;

	for (int d = 0; d < inrc_days(l->c); d++)
		n += l->works[d];
	verify_charge(l->v, &TEXT_DEF_PART_TOTAL,
		      (n < want.least  ? want.least - n
		       : n > want.most ? n - want.most
				       : 0) *
			      TOTAL_WEIGHT);
}

static void charge_weekends(const struct line *l)
{
	int64_t worked = l->nurse->past.weekends, half = 0;

	for (int saturday = 5; saturday < inrc_days(l->c); saturday += 7) {
		worked += l->works[saturday] || l->works[saturday + 1];
		half += l->works[saturday] != l->works[saturday + 1];
	}
	verify_charge(l->v, &TEXT_DEF_PART_WEEKENDS,
		      worked > l->contract->max_weekends
			      ? (worked - l->contract->max_weekends) * WEEKENDS_WEIGHT
			      : 0);
	verify_charge(l->v, &TEXT_DEF_PART_HALF_WEEKENDS,
		      l->contract->whole_weekends ? half * HALF_WEEKEND_WEIGHT : 0);
}

static void charge_requests(struct verify *v, const struct inrc *c)
{
	verify_charge(v, &TEXT_DEF_PART_REQUESTS, 0);
	for (int i = 0; i < c->n_requests; i++) {
		const struct inrc_request *r = &c->requests[i];
		int shift = c->nurses[r->nurse].shift[r->day];

		if (shift >= 0 && (r->shift == INRC_NONE || r->shift == shift))
			verify_charge(v, &TEXT_DEF_PART_REQUESTS, REQUEST_WEIGHT);
	}
}

static void judge_nurse(struct verify *v, const struct inrc *c, const struct inrc_nurse *n)
{
	int days = inrc_days(c);
	struct line l = {v, c, n, &c->contracts[n->contract],
			 arena_alloc(v->arena, (size_t)days * sizeof(int))};

	for (int d = 0; d < days; d++)
		l.works[d] = n->shift[d] >= 0;
	follow(&l);
	charge_totals(&l);
	charge_runs(&l);
	charge_weekends(&l);
}

void inrc_judge(struct verify *v, const struct inrc *c)
{
	for (int i = 0; i < c->n_nurses; i++)
		judge_nurse(v, c, &c->nurses[i]);
	charge_requests(v, c);
	for (int d = 0; d < inrc_days(c); d++)
		for (int shift = 0; shift < c->n_shifts; shift++)
			for (int skill = 0; skill < c->n_skills; skill++)
				judge_cover(v, c, d, shift, skill);
}
