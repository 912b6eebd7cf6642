/* Who may work there and then: employed, assigned, skilled, certified for the whole shift,
 * available and not on leave; nobody twice at a time, and with time to go from site to site. */
#include "lawful_judge.h"

static bool has(const char *const *list, size_t n, const char *what)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], what) == 0)
			return true;
	return false;
}

static void judge_employed(struct judge *j, const struct fact_person *p, const struct fact_shift *s)
{
	if (s->day < p->hired || s->day >= p->left)
		judge_day(j, RULE_EMPLOYED, s, 0, 0);
	if (strcmp(p->home_id, s->site_id) != 0 &&
	    !has((const char *const *)p->sites.list, p->sites.n, s->site_id))
		judge_day(j, RULE_SITE, s, 0, 0);
}

static void judge_skills(struct judge *j, const struct fact_person *p, const struct fact_shift *s)
{
	for (size_t i = 0; s->post && i < s->post->skills.n; i++)
		if (!has((const char *const *)p->skills.list, p->skills.n,
			 s->post->skills.list[i])) {
			judge_day(j, RULE_SKILL, s, 0, 0);
			return;
		}
}

/* ---- parts of a shift that a set of stretches covers ---- */

static struct spans room_for(struct judge *j, size_t n)
{
	return (struct spans){arena_alloc(j->v->arena, (n + 1) * sizeof(struct span)), 0, n + 1};
}

static struct spans certified(struct judge *j, const struct fact_person *p,
			      const struct fact_shift *s, const char *kind)
{
	struct spans valid = room_for(j, p->certificates.n);

	for (size_t i = 0; i < p->certificates.n; i++) {
		const struct fact_certificate *c = &p->certificates.list[i];

		if (strcmp(c->kind, kind) == 0)
			spans_add(&valid, judge_days(s, c->from, c->until));
	}
	spans_normalise(&valid);
	return valid;
}

static int64_t covered(const struct fact_shift *s, const struct spans *by)
{
	int64_t sum = 0;

	for (size_t i = 0; i < by->n; i++)
		sum += span_length(span_meet((struct span){s->from_s, s->until_s}, by->list[i]));
	return sum;
}

/* One breach for each certificate that is not valid for the whole shift. */
static void judge_certificates(struct judge *j, const struct fact_person *p,
			       const struct fact_shift *s)
{
	for (size_t i = 0; s->post && i < s->post->certificates.n; i++) {
		struct spans valid = certified(j, p, s, s->post->certificates.list[i]);
		int64_t without = s->until_s - s->from_s - covered(s, &valid);

		if (without > 0)
			judge_day(j, RULE_CERTIFICATE, s, without, 0);
	}
}

static struct spans stretches(struct judge *j, const struct fact_stretch *list, size_t n)
{
	struct spans set = room_for(j, n);

	for (size_t i = 0; i < n; i++)
		spans_add(&set, (struct span){list[i].from_s, list[i].until_s});
	spans_normalise(&set);
	return set;
}

struct times {
	struct spans available, unavailable, leave;
};

static void judge_times(struct judge *j, const struct fact_person *p, const struct times *t,
			const struct fact_shift *s)
{
	int64_t beyond = covered(s, &t->unavailable), off = covered(s, &t->leave);

	if (p->available.n && covered(s, &t->available) < s->until_s - s->from_s)
		beyond = s->until_s - s->from_s - covered(s, &t->available);
	if (beyond > 0)
		judge_day(j, RULE_AVAILABILITY, s, beyond, 0);
	if (off > 0)
		judge_day(j, RULE_LEAVE, s, off, 0);
}

void judge_fit(struct judge *j, const struct person_work *w)
{
	const struct fact_person *p = w->p;
	struct times t = {stretches(j, p->available.list, p->available.n),
			  stretches(j, p->unavailable.list, p->unavailable.n),
			  stretches(j, p->leave.list, p->leave.n)};

	for (size_t i = 0; i < p->n_shifts; i++) {
		const struct fact_shift *s = &p->shifts[i];

		judge_employed(j, p, s);
		judge_skills(j, p, s);
		judge_certificates(j, p, s);
		judge_times(j, p, &t, s);
	}
}

/* ---- one place at a time ---- */

static int64_t travel_of(const struct judge *j, const struct fact_shift *a,
			 const struct fact_shift *b)
{
	for (size_t i = 0; i < j->r->travel.n; i++) {
		const struct fact_travel *t = &j->r->travel.list[i];

		if ((strcmp(t->from, a->site_id) == 0 && strcmp(t->to, b->site_id) == 0) ||
		    (strcmp(t->to, a->site_id) == 0 && strcmp(t->from, b->site_id) == 0))
			return t->minutes * 60;
	}
	return limits_on(j, b->day)->of[LIMIT_TRAVEL];
}

static void judge_next(struct judge *j, const struct fact_shift *before,
		       const struct fact_shift *next)
{
	const struct fact_shift *both[2] = {before, next};
	instant_s end = before->until_s < next->until_s ? before->until_s : next->until_s;
	int64_t gap = next->from_s - before->until_s;

	if (gap < 0)
		judge_pair(j, RULE_DOUBLE_BOOKING, both, end - next->from_s, 0);
	else if (strcmp(before->site_id, next->site_id) != 0 && gap < travel_of(j, before, next))
		judge_pair(j, RULE_TRAVEL, both, gap, travel_of(j, before, next));
}

void judge_place(struct judge *j, const struct person_work *w)
{
	const struct fact_shift *last = NULL; /* that ends last so far */

	for (size_t i = 0; i < w->p->n_shifts; i++) {
		const struct fact_shift *s = &w->p->shifts[i];

		if (last)
			judge_next(j, last, s);
		last = last && last->until_s > s->until_s ? last : s;
	}
}
