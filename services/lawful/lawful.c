#include "lawful.h"

#include <stdlib.h>

#include "lawful_judge.h"
#include "lawful_texts.h"
#include "seal.h"

/* ---- breaches ---- */

static void keep(struct judge *j, struct lawful_breach b)
{
	struct lawful_breach *kept = arena_dup(j->v->arena, &b, sizeof(b));

	*j->v->breach_end = kept;
	j->v->breach_end = &kept->next;
	if (b.level == LAWFUL_REFUSE)
		j->v->n_refused++;
	else
		j->v->n_warned++;
}

static bool is_judged(const struct judge *j, const struct fact_shift *s)
{
	return s->day >= j->r->from && s->day < j->r->until;
}

void judge_pair(struct judge *j, enum rule_code rule, const struct fact_shift *of[2],
		int64_t figure, int64_t limit)
{
	const struct fact_shift *s = of[1];

	if (is_judged(j, of[0]) || is_judged(j, s))
		keep(j, (struct lawful_breach){&LAWFUL_RULES[rule], j->levels[rule], s->person_id,
					       s->id, s->day, figure, limit, NULL});
}

void judge_day(struct judge *j, enum rule_code rule, const struct fact_shift *s, int64_t figure,
	       int64_t limit)
{
	judge_pair(j, rule, (const struct fact_shift *[]){s, s}, figure, limit);
}

void judge_span(struct judge *j, enum rule_code rule, const char *person, civil_day from,
		civil_day until, int64_t figure, int64_t limit)
{
	if (from < j->r->until && until > j->r->from)
		keep(j, (struct lawful_breach){&LAWFUL_RULES[rule], j->levels[rule], person, "-",
					       from, figure, limit, NULL});
}

const char *lawful_figure(struct arena *a, enum lawful_unit unit, int64_t figure)
{
	long long h = figure / HOUR_S, m = figure / 60 % 60, s = figure % 60;

	if (unit != LAWFUL_TIME)
		return arena_printf(a, "%lld", (long long)figure);
	return s ? arena_printf(a, "%lld:%02lld:%02lld", h, m, s)
		 : arena_printf(a, "%lld:%02lld", h, m);
}

struct text lawful_words(struct arena *a, const struct lawful_breach *b)
{
	struct text t = {.def = b->rule->words};

	for (size_t i = 0; i < TEXT_ARGS_MOST && t.def->names[i]; i++) {
		bool figure = strcmp(t.def->names[i], "figure") == 0;

		t.args[i].s = lawful_figure(a, b->rule->unit, figure ? b->figure : b->limit);
	}
	return t;
}

/* ---- days and stretches ---- */

civil_day week_of(civil_day day)
{
	return day - civil_weekday(day);
}

civil_day month_of(civil_day day)
{
	return day - civil_split(day).day + 1;
}

bool judge_agreed(const struct fact_person *p, civil_day day, bool special)
{
	for (size_t i = 0; i < p->overtime.n; i++) {
		const struct fact_days *d = &p->overtime.list[i];

		if (d->from <= day && day < d->until && (d->flag || !special))
			return true;
	}
	return false;
}

int64_t judge_within(const struct fact_shift *s, struct span in)
{
	int64_t sum = 0;

	for (size_t i = 0; i < s->worked.n; i++)
		sum += span_length(span_meet(s->worked.list[i], in));
	return sum;
}

#define NIGHTS_MOST 8

int64_t judge_night(const struct judge *j, const struct fact_shift *s, struct span in)
{
	const struct limits *l = limits_on(j, s->day);
	struct span room[NIGHTS_MOST];
	int64_t sum = 0;

	for (size_t i = 0; i < s->worked.n; i++) {
		struct spans night = {room, 0, NIGHTS_MOST};

		if (!work_within_clock(s->site->zone, span_meet(s->worked.list[i], in),
				       (int)l->of[LIMIT_NIGHT_FROM], (int)l->of[LIMIT_NIGHT_UNTIL],
				       &night))
			abort(); /* a shift has 48 hours at most */
		sum += spans_total(&night);
	}
	return sum;
}

struct span judge_days(const struct fact_shift *s, civil_day from, civil_day until)
{
	const struct zone *z = s->site->zone;

	return (struct span){from == INT32_MIN ? INT64_MIN : zone_day_start(z, from),
			     until == DAY_NEVER ? INT64_MAX : zone_day_start(z, until)};
}

/* ---- the work of a person ---- */

#define TYPES_MOST 16

static void add_typed(struct judge *j, struct day_work *d, const struct fact_shift *s,
		      enum day_pattern pattern, struct span worked)
{
	struct typed_part parts[TYPES_MOST];
	size_t n;

	if (!work_day_types(&j->rules, s->site->zone, pattern, (struct work_part){d->day, worked},
			    parts, TYPES_MOST, &n))
		abort(); /* a shift has 48 hours at most */
	for (size_t i = 0; i < n; i++) {
		int64_t *of = parts[i].type == DAY_STATUTORY ? &d->statutory
			      : parts[i].type == DAY_REST    ? &d->rest
							     : &d->ordinary;

		*of += span_length(parts[i].span);
		d->total += span_length(parts[i].span);
	}
}

static void add_shift(struct judge *j, const struct fact_person *p, struct day_work *d,
		      const struct fact_shift *s)
{
	enum day_pattern pattern =
		p->pattern == FACT_OFFICE ? PATTERN_OFFICE : PATTERN_ROSTER_PLANNED;

	d->n_shifts++;
	for (size_t i = 0; i < s->worked.n; i++)
		add_typed(j, d, s, pattern, s->worked.list[i]);
}

static struct person_work work_of(struct judge *j, const struct fact_person *p)
{
	struct person_work w = {p, arena_alloc(j->v->arena, (p->n_shifts + 1) * sizeof(*w.days)),
				0};

	for (size_t i = 0; i < p->n_shifts; i++) {
		const struct fact_shift *s = &p->shifts[i];

		if (!w.n || w.days[w.n - 1].day != s->day)
			w.days[w.n++] = (struct day_work){.day = s->day, .shifts = s};
		add_shift(j, p, &w.days[w.n - 1], s);
	}
	return w;
}

/* ---- the verdict ---- */

static void judge_person(struct judge *j, const struct fact_person *p)
{
	struct person_work w = work_of(j, p);

	judge_fit(j, &w);
	judge_place(j, &w);
	judge_hours(j, &w);
	judge_rest(j, &w);
	judge_protected(j, &w);
}

/* Of each calendar year that the horizon meets. */
static void judge_calendar(struct judge *j)
{
	for (int year = civil_split(j->r->from).year; year <= civil_split(j->r->until).year;
	     year++) {
		bool known;

		calendar_day(&j->rules, civil_of(year, 7, 1), &known);
		if (!known)
			judge_span(j, RULE_CALENDAR_UNKNOWN, "-", civil_of(year, 1, 1),
				   civil_of(year + 1, 1, 1), 0, 0);
	}
}

bool lawful_judge(struct lawful *v, struct str document)
{
	struct fact_roster *r = arena_alloc(v->arena, sizeof(*r));
	struct judge j = {.v = v, .r = r};

	v->breach_end = &v->breaches;
	v->fault_end = &v->faults;
	buf_init(&j.used, v->arena);
	if (!fact_read(v, document, r) || !fact_resolve(v, r) || !limits_begin(&j))
		return false;
	j.rules = (struct rules){.law = v->law, .place = r->place, .day = r->from};
	judge_calendar(&j);
	for (size_t i = 0; i < r->people.n; i++)
		judge_person(&j, &r->people.list[i]);
	v->n_people = r->people.n;
	v->n_shifts = r->shifts.n;
	sha256_hex(document.p, document.n, v->roster);
	sha256_hex(j.used.p, j.used.n, v->rules);
	return v->n_refused == 0;
}
