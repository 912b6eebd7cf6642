#include "solve_search.h"
#include <math.h>
#include <string.h>

enum { CHANCES = 4096, CHECK_MASK = 4095, SPAN_MOST = 14, APART_MOST = 20 };

struct search {
	struct roster_state *s;
	const struct roster_round *round;
	struct roster_best *best;
	uint64_t random;
	double heat;
	int64_t price;		  /* of one broken unit, now */
	struct roster_block a, b; /* a move is one block, or two of two people */
	float chance[CHANCES];	  /* -ln of evenly spread numbers */
};

static inline uint64_t next_random(struct search *x)
{
	uint64_t z = x->random += 0x9E3779B97F4A7C15ULL;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
	z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
	return z ^ z >> 31;
}

static inline int below(struct search *x, int n)
{
	return (int)((next_random(x) >> 32) * (uint64_t)n >> 32);
}

bool roster_cost_better(struct roster_cost a, struct roster_cost b)
{
	return a.hard != b.hard ? a.hard < b.hard : a.soft < b.soft;
}

static inline int64_t energy(const struct search *x, struct roster_cost c)
{
	return c.soft + c.hard * x->price;
}

/* The greatest rise that this draw accepts. */
static inline int64_t threshold(struct search *x)
{
	return (int64_t)(x->heat * (double)x->chance[next_random(x) >> 52]);
}

static const uint8_t *line_of(const struct search *x, int person)
{
	return x->s->plan + person * x->s->m->days;
}

static void best_keep(struct search *x)
{
	const struct roster_model *m = x->s->m;

	if (!roster_cost_better(x->s->cost, x->best->cost))
		return;
	x->best->cost = x->s->cost;
	memcpy(x->best->plan, x->s->plan, (size_t)(m->people * m->days));
}

/* Short blocks most of all. */
static int length(struct search *x, int most)
{
	int n = 1;

	while (n < most && next_random(x) >> 62)
		n++;
	return n;
}

static void place(struct search *x, struct roster_block *b, int days)
{
	b->days = days < x->s->m->days ? days : x->s->m->days;
	b->from = below(x, x->s->m->days - b->days + 1);
}

static int draw_act(struct search *x, const struct roster_person *p, int day)
{
	uint64_t may = p->may[day];

	if (may == 1 || !(next_random(x) & 3))
		return ROSTER_OFF;
	for (;;) {
		int act = below(x, x->s->m->acts);
		if (may >> act & 1)
			return act;
	}
}

static void one_block(struct search *x)
{
	struct roster_cost delta;
	int64_t limit = threshold(x);

	if (!roster_block_allowed(x->s, &x->a))
		return;
	delta = roster_block_cover(x->s, &x->a);
	struct roster_cost line = roster_block_line(x->s, &x->a);
	delta.soft += line.soft;
	delta.hard += line.hard;
	if (energy(x, delta) > limit)
		return;
	roster_block_write(x->s, &x->a, delta);
	if (energy(x, delta) < 0)
		best_keep(x);
}

/* Some days of one person become one activity. */
static void move_change(struct search *x)
{
	struct roster_block *a = &x->a;

	a->person = below(x, x->s->m->people);
	place(x, a, length(x, 5));

	int act = draw_act(x, &x->s->m->person[a->person], a->from);
	const uint8_t *line = line_of(x, a->person) + a->from;
	bool same = true;
	for (int i = 0; i < a->days; i++) {
		a->act[i] = (uint8_t)act;
		same = same && line[i] == act;
	}
	if (!same)
		one_block(x);
}

/* Two stretches of one person's line change places, the days between stay. */
static void move_within(struct search *x)
{
	struct roster_block *a = &x->a;
	int n, far;

	a->person = below(x, x->s->m->people);
	n = length(x, 4);
	far = n + below(x, SPAN_MOST - 2 * n + 1);
	if (far + n > x->s->m->days)
		return;
	place(x, a, far + n);

	const uint8_t *line = line_of(x, a->person) + a->from;
	memcpy(a->act, line, (size_t)a->days);
	memcpy(a->act, line + far, (size_t)n);
	memcpy(a->act + far, line, (size_t)n);
	if (memcmp(a->act, line, (size_t)a->days) != 0)
		one_block(x);
}

static void two_blocks(struct search *x)
{
	int64_t limit = threshold(x);

	if (!roster_block_allowed(x->s, &x->a) || !roster_block_allowed(x->s, &x->b))
		return;
	struct roster_cost first = roster_block_line(x->s, &x->a),
			   second = roster_block_line(x->s, &x->b);
	if (energy(x, first) + energy(x, second) > limit)
		return;
	roster_block_write(x->s, &x->a, first);
	roster_block_write(x->s, &x->b, second);
	if (energy(x, first) + energy(x, second) < 0)
		best_keep(x);
}

/* Two people and days drawn for both: each gets what the other has. */
static bool pair_draw(struct search *x, int days)
{
	struct roster_block *a = &x->a, *b = &x->b;

	if (x->s->m->people < 2)
		return false;
	a->person = below(x, x->s->m->people);
	b->person = below(x, x->s->m->people - 1);
	b->person += b->person >= a->person;
	place(x, a, days);
	b->from = a->from;
	b->days = a->days;
	memcpy(a->act, line_of(x, b->person) + a->from, (size_t)a->days);
	memcpy(b->act, line_of(x, a->person) + a->from, (size_t)a->days);
	return true;
}

/* Two people change places for some days: cover stays. */
static void move_swap(struct search *x)
{
	if (pair_draw(x, length(x, 14)) && memcmp(x->a.act, x->b.act, (size_t)x->a.days) != 0)
		two_blocks(x);
}

/* The same on some days and on later ones, and not between: who gives a shift gets one back, so
 * that totals may stay too. */
static void move_swap_twice(struct search *x)
{
	struct roster_block *a = &x->a, *b = &x->b;
	int first = length(x, 3), last = length(x, 3);

	if (!pair_draw(x, first + last + 1 + below(x, APART_MOST)))
		return;
	for (int i = first; i < a->days - last; i++) {
		uint8_t kept = a->act[i];
		a->act[i] = b->act[i];
		b->act[i] = kept;
	}
	if (memcmp(a->act, line_of(x, a->person) + a->from, (size_t)a->days) != 0)
		two_blocks(x);
}

typedef void mover(struct search *x);

/* In eighths. */
static mover *const MOVES[8] = {
	move_swap,   move_swap,	  move_swap,   move_swap_twice,
	move_change, move_change, move_change, move_within,
};

static void chances_set(struct search *x)
{
	for (int i = 0; i < CHANCES; i++)
		x->chance[i] = (float)-log((i + 0.5) / CHANCES);
}

/* Temperature falls and the price rises, both geometrically. */
static void cool(struct search *x, double gone)
{
	const struct roster_round *r = x->round;

	x->heat = r->hot * pow(r->cold / r->hot, gone);
	x->price = (int64_t)(r->mild * pow(r->harsh / r->mild, gone));
}

int64_t roster_search(struct roster_state *s, const struct roster_round *round,
		      struct roster_best *best)
{
	struct search x = {.s = s,
			   .round = round,
			   .best = best,
			   .random = round->seed * 0xA0761D6478BD642FULL};
	int64_t n;

	chances_set(&x);
	for (n = 0; n < round->moves; n++) {
		if (!(n & CHECK_MASK)) {
			if (round->stop && round->stop(round->arg))
				break;
			cool(&x, (double)n / (double)round->moves);
		}
		MOVES[next_random(&x) >> 61](&x);
	}
	return n;
}
