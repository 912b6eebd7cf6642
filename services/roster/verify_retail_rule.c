#include "verify_retail.h"

#include "roster_verify_texts.h"

#define SHIFT_LEAST_MIN (6 * 60)
#define SHIFT_MOST_MIN (10 * 60)
#define STRETCH_LEAST_MIN 60
#define REST_LEAST_MIN (14 * 60)
#define DAYS_RUN_MOST 5
#define DAY_MIN (24 * 60)

struct judging {
	struct verify *v;
	const struct retail *r;
	int *have; /* by quarter hour and task */
};

static const char *day_name(struct verify *v, int minute)
{
	return arena_printf(v->arena, "%d", minute / DAY_MIN);
}

/* 06:00-10:00, 14:00-18:00, 20:00-24:00, with both ends; a quarter of an hour each. */
static bool may_start(int clock_min)
{
	static const int WINDOWS[][2] = {
		{6 * 60, 10 * 60}, {14 * 60, 18 * 60}, {20 * 60, DAY_MIN}, {0, 0}};

	for (size_t i = 0; i < sizeof(WINDOWS) / sizeof(WINDOWS[0]); i++)
		if (clock_min >= WINDOWS[i][0] && clock_min <= WINDOWS[i][1])
			return clock_min % RETAIL_STEP_MIN == 0;
	return false;
}

static void judge_shift(const struct judging *j, const char *who, const struct retail_shift *s)
{
	const char *day = day_name(j->v, s->start_min);
	int closes = RETAIL_OPENS_MIN + j->r->days * DAY_MIN;

	if (!may_start(s->start_min % DAY_MIN))
		verify_break(j->v, who, day, TEXT_RULE_START);
	if (s->start_min < RETAIL_OPENS_MIN || s->start_min + s->minutes > closes)
		verify_break(j->v, who, day, TEXT_RULE_HORIZON);
	if (s->minutes < SHIFT_LEAST_MIN || s->minutes > SHIFT_MOST_MIN ||
	    s->minutes % RETAIL_STEP_MIN)
		verify_break(j->v, who, day,
			     TEXT_RULE_SHIFT_LENGTH(s->minutes, SHIFT_LEAST_MIN, SHIFT_MOST_MIN));
}

/* Neighbours of one task are one stretch. */
static void judge_stretches(const struct judging *j, const char *who, const struct retail_shift *s)
{
	for (const struct retail_stretch *t = s->stretches, *next; t; t = next) {
		int minutes = t->minutes;

		for (next = t->next; next && next->task == t->task; next = next->next)
			minutes += next->minutes;
		if (minutes < STRETCH_LEAST_MIN || minutes % RETAIL_STEP_MIN)
			verify_break(j->v, who, day_name(j->v, s->start_min),
				     TEXT_RULE_STRETCH(minutes, STRETCH_LEAST_MIN));
	}
}

static void judge_rest(const struct judging *j, const char *who, const struct retail_person *p)
{
	for (int i = 1; i < p->n_shifts; i++) {
		const struct retail_shift *a = &p->shifts[i - 1], *b = &p->shifts[i];
		int rest = b->start_min - a->start_min - a->minutes;

		if (a->start_min / DAY_MIN == b->start_min / DAY_MIN)
			verify_break(j->v, who, day_name(j->v, b->start_min), TEXT_RULE_ONE_A_DAY);
		if (rest < REST_LEAST_MIN)
			verify_break(j->v, who, day_name(j->v, b->start_min),
				     TEXT_RULE_REST(rest, REST_LEAST_MIN));
	}
}

/* A day is worked where a shift starts on it. */
static void judge_days(const struct judging *j, const char *who, const struct retail_person *p)
{
	int works[RETAIL_DAYS_MOST + 1] = {0};

	for (int i = 0; i < p->n_shifts; i++)
		works[p->shifts[i].start_min / DAY_MIN] = 1;
	for (struct run r = {0}; run_next(works, j->r->days + 1, &r);)
		if (r.value && r.until - r.from > DAYS_RUN_MOST)
			verify_break(j->v, who, arena_printf(j->v->arena, "%d", r.from),
				     TEXT_RULE_RUN_MOST(r.until - r.from, DAYS_RUN_MOST));
}

static void judge_minutes(const struct judging *j, const char *who, const struct retail_person *p)
{
	int64_t sum = 0;

	for (int i = 0; i < p->n_shifts; i++)
		sum += p->shifts[i].minutes;
	if (sum > p->max_minutes)
		verify_break(j->v, who, "-", TEXT_RULE_MINUTES_MOST(sum, p->max_minutes));
	if (sum < p->min_minutes)
		verify_break(j->v, who, "-", TEXT_RULE_MINUTES_LEAST(sum, p->min_minutes));
}

/* Whole quarter hours within the horizon count; what is outside has its own rule. */
static void count_cover(const struct judging *j, const struct retail_shift *s)
{
	int at = s->start_min - RETAIL_OPENS_MIN;

	for (const struct retail_stretch *t = s->stretches; t; t = t->next) {
		for (int i = 0; i + RETAIL_STEP_MIN <= t->minutes; i += RETAIL_STEP_MIN) {
			int step = (at + i) / RETAIL_STEP_MIN;

			if (at + i >= 0 && step < retail_steps(j->r))
				j->have[step * j->r->tasks + t->task]++;
		}
		at += t->minutes;
	}
}

static void judge_person(const struct judging *j, const struct retail_person *p)
{
	const char *who = source_print(j->v, p->name);

	for (int i = 0; i < p->n_shifts; i++) {
		judge_shift(j, who, &p->shifts[i]);
		judge_stretches(j, who, &p->shifts[i]);
		count_cover(j, &p->shifts[i]);
	}
	judge_rest(j, who, p);
	judge_days(j, who, p);
	judge_minutes(j, who, p);
}

static void judge_cover(const struct judging *j, int step, int task)
{
	int cell = step * j->r->tasks + task;
	int minute = RETAIL_OPENS_MIN + step * RETAIL_STEP_MIN;
	int64_t over = (int64_t)j->have[cell] - j->r->most[cell];

	if (j->have[cell] < j->r->least[cell])
		verify_break(j->v, "-",
			     arena_printf(j->v->arena, "%d %02d:%02d", minute / DAY_MIN,
					  minute % DAY_MIN / 60, minute % 60),
			     TEXT_RULE_TASK_COVER(task + 1, j->have[cell], j->r->least[cell]));
	verify_charge(j->v, &TEXT_DEF_PART_OVER_SQUARED, over > 0 ? over * over : 0);
}

void retail_judge(struct verify *v, const struct retail *r)
{
	size_t cells = (size_t)retail_steps(r) * (size_t)r->tasks;
	struct judging j = {v, r, arena_alloc(v->arena, cells * sizeof(int))};

	for (int i = 0; i < r->n_people; i++)
		judge_person(&j, &r->people[i]);
	for (int step = 0; step < retail_steps(r); step++)
		for (int task = 0; task < r->tasks; task++)
			judge_cover(&j, step, task);
}
