/* What a formula comes to. The tree was checked: kinds and units fit, so only what is missing, a
 * division, a table and the bounds of 128 bits can still go wrong, each told with its place. */
#include "formula_internal.h"

#include "civil.h"

struct run {
	const struct formula *f;
	const struct formula_input *in;
	const struct formula_value *segment; /* of sum(), else NULL */
	struct formula_result end;	     /* the first thing that went wrong */
};

static struct ratio value(struct run *r, unsigned node);

static struct ratio stop(struct run *r, const struct formula_node *n, enum formula_end end)
{
	if (r->end.end == FORMULA_DONE)
		r->end = (struct formula_result){.end = end, .at = n->at, .length = n->length};
	return RATIO_BAD;
}

static bool stopped(const struct run *r)
{
	return r->end.end != FORMULA_DONE;
}

static struct ratio first(struct run *r, const struct formula_node *n)
{
	return value(r, n->child[0]);
}

/* Bad numbers are overflows but where something else was told. */
static struct ratio good(struct run *r, const struct formula_node *n, struct ratio number)
{
	return ratio_good(number) ? number : stop(r, n, FORMULA_OVERFLOW);
}

static struct ratio truth(bool b)
{
	return ratio_int(b);
}

/* ---- names and tables ---- */

static const struct formula_value *found(const struct run *r, const struct formula_node *n)
{
	return n->op == OP_SEGMENT ? &r->segment[n->slot] : &r->in->value[n->slot];
}

static struct ratio named(struct run *r, const struct formula_node *n)
{
	const struct formula_value *v = found(r, n);

	return v->known ? v->number : stop(r, n, FORMULA_MISSING);
}

static struct ratio banded(struct run *r, const struct formula_node *n)
{
	const struct formula_table *t = &r->in->table[n->slot];
	struct ratio x = first(r, n);
	unsigned i = 0;

	if (stopped(r))
		return RATIO_BAD;
	while (i < t->n && ratio_compare(t->band[i].from, x) <= 0)
		i++;
	return i ? t->band[i - 1].value : stop(r, n, FORMULA_NO_BAND);
}

static struct ratio summed(struct run *r, const struct formula_node *n)
{
	struct ratio total = ratio_int(0);

	for (unsigned i = 0; i < r->in->n_segments && !stopped(r); i++) {
		r->segment = r->in->segment[i];
		total = ratio_add(total, first(r, n));
	}
	r->segment = NULL;
	return stopped(r) ? RATIO_BAD : good(r, n, total);
}

/* What is missing in the first is made up for; what is wrong in it is not. */
static struct ratio or_else(struct run *r, const struct formula_node *n)
{
	struct ratio x = first(r, n);

	if (r->end.end != FORMULA_MISSING)
		return x;
	r->end = (struct formula_result){.end = FORMULA_DONE};
	return value(r, n->child[1]);
}

/* ---- logic ---- */

static bool is_true(struct ratio x)
{
	return x.num != 0;
}

/* The second one is only asked where the first leaves it open. */
static struct ratio joined(struct run *r, const struct formula_node *n)
{
	struct ratio x = first(r, n);

	if (stopped(r) || is_true(x) == (n->op == OP_OR))
		return x;
	return value(r, n->child[1]);
}

static bool holds(enum formula_op op, int compared)
{
	switch (op) {
	case OP_LESS:
		return compared < 0;
	case OP_AT_MOST:
		return compared <= 0;
	case OP_MORE:
		return compared > 0;
	case OP_AT_LEAST:
		return compared >= 0;
	case OP_SAME:
		return compared == 0;
	default:
		return compared != 0;
	}
}

/* ---- arithmetic ---- */

static struct ratio divided(struct run *r, const struct formula_node *n, struct ratio a,
			    struct ratio b)
{
	return b.num == 0 ? stop(r, n, FORMULA_DIVIDED) : good(r, n, ratio_div(a, b));
}

/* To a multiple of the step: the nearest, a half away from zero; up and down are towards more and
 * less. */
static struct ratio rounded(struct run *r, const struct formula_node *n, struct ratio x,
			    struct ratio step)
{
	struct ratio steps =
		step.num <= 0 ? stop(r, n, FORMULA_DIVIDED) : good(r, n, ratio_div(x, step));
	int64_t whole;
	bool fits;

	if (stopped(r))
		return RATIO_BAD;
	if (n->op == OP_ROUND)
		fits = ratio_round(steps, 1, &whole);
	else if (n->op == OP_ROUND_DOWN)
		fits = ratio_floor(steps, &whole);
	else
		fits = ratio_floor((struct ratio){-steps.num, steps.den}, &whole) &&
		       whole != INT64_MIN;
	if (!fits)
		return stop(r, n, FORMULA_OVERFLOW);
	return good(r, n, ratio_mul(ratio_int(n->op == OP_ROUND_UP ? -whole : whole), step));
}

static struct ratio clamped(struct run *r, const struct formula_node *n, struct ratio x,
			    struct ratio low)
{
	struct ratio high = value(r, n->child[2]);

	return stopped(r) ? RATIO_BAD : ratio_min(ratio_max(x, low), high);
}

/* ---- dates ---- */

static civil_day day_of(struct ratio x)
{
	int64_t day = 0;

	ratio_floor(x, &day);
	return day < INT32_MIN / 2   ? INT32_MIN / 2
	       : day > INT32_MAX / 2 ? INT32_MAX / 2
				     : (civil_day)day;
}

/* The greatest n with from + n months not behind to; negative where to is before from. */
static int whole_months(civil_day from, civil_day to)
{
	struct civil a = civil_split(from), b = civil_split(to);
	int n = (b.year - a.year) * 12 + b.month - a.month;

	return civil_add_months(from, n) > to ? n - 1 : n;
}

static struct ratio dated(const struct formula_node *n, struct ratio a, struct ratio b)
{
	struct civil c = civil_split(day_of(a));
	int months;

	switch ((enum formula_op)n->op) {
	case OP_YEAR:
		return ratio_int(c.year);
	case OP_MONTH:
		return ratio_int(c.month);
	case OP_DAY:
		return ratio_int(c.day);
	case OP_DAYS_BETWEEN:
		return ratio_sub(b, a);
	default:
		months = whole_months(day_of(a), day_of(b));
		return ratio_int(n->op == OP_WHOLE_MONTHS ? months
							  : (months - (months < 0 ? 11 : 0)) / 12);
	}
}

/* ---- the tree ---- */

static struct ratio of_two(struct run *r, const struct formula_node *n, struct ratio a,
			   struct ratio b)
{
	switch ((enum formula_op)n->op) {
	case OP_ADD:
		return good(r, n, ratio_add(a, b));
	case OP_SUBTRACT:
		return good(r, n, ratio_sub(a, b));
	case OP_MULTIPLY:
		return good(r, n, ratio_mul(a, b));
	case OP_DIVIDE:
		return divided(r, n, a, b);
	case OP_MIN:
		return ratio_min(a, b);
	case OP_MAX:
		return ratio_max(a, b);
	case OP_CLAMP:
		return clamped(r, n, a, b);
	case OP_ROUND:
	case OP_ROUND_UP:
	case OP_ROUND_DOWN:
		return rounded(r, n, a, b);
	case OP_DAYS_BETWEEN:
	case OP_WHOLE_MONTHS:
	case OP_WHOLE_YEARS:
		return good(r, n, dated(n, a, b));
	default:
		return truth(holds((enum formula_op)n->op, ratio_compare(a, b)));
	}
}

static struct ratio of_one(struct run *r, const struct formula_node *n, struct ratio a)
{
	if (stopped(r))
		return RATIO_BAD;
	if (n->op == OP_NOT)
		return truth(!is_true(a));
	if (n->op == OP_MINUS || (n->op == OP_ABS && a.num < 0))
		return (struct ratio){-a.num, a.den};
	return n->op == OP_ABS ? a : good(r, n, dated(n, a, a));
}

static struct ratio value(struct run *r, unsigned node)
{
	const struct formula_node *n = &r->f->node[node];

	switch ((enum formula_op)n->op) {
	case OP_LITERAL:
		return n->number;
	case OP_NAME:
	case OP_SEGMENT:
		return named(r, n);
	case OP_KNOWN:
		return truth(found(r, &r->f->node[n->child[0]])->known);
	case OP_OR_ELSE:
		return or_else(r, n);
	case OP_OR:
	case OP_AND:
		return joined(r, n);
	case OP_SUM:
		return summed(r, n);
	case OP_BAND:
		return banded(r, n);
	default:
		break;
	}
	struct ratio a = first(r, n);
	if (n->op == OP_IF && !stopped(r))
		return value(r, n->child[is_true(a) ? 1 : 2]);
	if (n->n == 1 || stopped(r))
		return of_one(r, n, a);
	struct ratio b = value(r, n->child[1]);
	return stopped(r) ? RATIO_BAD : of_two(r, n, a, b);
}

struct formula_result formula_value_of(const struct formula *f, const struct formula_input *in,
				       unsigned node, const struct formula_value *segment)
{
	struct run r = {.f = f, .in = in, .segment = segment, .end = {.end = FORMULA_DONE}};
	struct ratio number = value(&r, node);

	if (r.end.end == FORMULA_DONE)
		r.end.number = number;
	return r.end;
}

struct formula_result formula_run(const struct formula *f, const struct formula_input *in)
{
	return formula_value_of(f, in, f->root, NULL);
}
