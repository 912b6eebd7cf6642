/* Names, kinds and units. A part whose own fault is told has no type, and fits everywhere, so that
 * one mistake is one fault. */
#include "formula_internal.h"

#include <string.h>

#define POWER_MOST 3
#define PLAIN                                                                                      \
	{                                                                                          \
		0, 0, 0, 0                                                                         \
	}

static const struct formula_function FUNCTIONS[] = {
	{"min", OP_MIN, 2, 2},
	{"max", OP_MAX, 2, 2},
	{"clamp", OP_CLAMP, 3, 3},
	{"round", OP_ROUND, 2, 2},
	{"round_up", OP_ROUND_UP, 2, 2},
	{"round_down", OP_ROUND_DOWN, 2, 2},
	{"abs", OP_ABS, 1, 1},
	{"sum", OP_SUM, 1, 1},
	{"band", OP_BAND, 2, 2},
	{"known", OP_KNOWN, 1, 1},
	{"or_else", OP_OR_ELSE, 2, 2},
	{"days_between", OP_DAYS_BETWEEN, 2, 2},
	{"whole_months", OP_WHOLE_MONTHS, 2, 2},
	{"whole_years", OP_WHOLE_YEARS, 2, 2},
	{"year", OP_YEAR, 1, 1},
	{"month", OP_MONTH, 1, 1},
	{"day", OP_DAY, 1, 1},
};

const struct formula_function *formula_function(const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof(FUNCTIONS) / sizeof(FUNCTIONS[0]); i++)
		if (strlen(FUNCTIONS[i].name) == n && memcmp(FUNCTIONS[i].name, name, n) == 0)
			return &FUNCTIONS[i];
	return NULL;
}

/* ---- types ---- */

struct typed {
	bool known; /* else: a fault was told */
	struct formula_type type;
};
struct checker {
	struct formula *f;
	const struct formula_names *names;
	struct formula_faults *faults;
	bool in_sum;
};
static const struct typed NOTHING = {.known = false};
static const struct formula_type TRUTH = {.kind = FORMULA_BOOL}, DATE = {.kind = FORMULA_DATE},
				 DAYS = {FORMULA_NUMBER, {0, 0, 1, 0}},
				 NUMBER = {FORMULA_NUMBER, PLAIN};

static struct typed check(struct checker *c, unsigned node);

static struct typed of(struct formula_type type)
{
	return (struct typed){true, type};
}

static struct typed fault(struct checker *c, enum formula_code code, const struct formula_node *n)
{
	formula_note(c->faults, code, n->at, n->length);
	return NOTHING;
}

static struct typed kind_is(struct checker *c, const struct formula_node *n, enum formula_kind kind)
{
	struct typed t = check(c, (unsigned)(n - c->f->node));

	if (t.known && t.type.kind != kind)
		return fault(c, FORMULA_KINDS, n);
	return t;
}

static const struct formula_node *child(const struct checker *c, const struct formula_node *n,
					unsigned i)
{
	return &c->f->node[n->child[i]];
}

/* Of parts that must be alike: kinds first, then units; told of the whole that joins them. */
static struct typed alike(struct checker *c, const struct formula_node *n, struct typed a,
			  struct typed b)
{
	if (!a.known || !b.known)
		return a.known ? a : b;
	if (a.type.kind != b.type.kind)
		return fault(c, FORMULA_KINDS, n);
	if (a.type.kind == FORMULA_NUMBER && !formula_unit_same(a.type.unit, b.type.unit))
		return fault(c, FORMULA_UNITS, n);
	return a;
}

/* From left to right, as faults are told. */
static struct typed both(struct checker *c, const struct formula_node *n, unsigned i)
{
	struct typed a = check(c, n->child[i]), b = check(c, n->child[i + 1]);

	return alike(c, n, a, b);
}

/* All children as numbers of one unit. */
static struct typed numbers_alike(struct checker *c, const struct formula_node *n)
{
	struct typed t = kind_is(c, child(c, n, 0), FORMULA_NUMBER);

	for (unsigned i = 1; i < n->n; i++)
		t = alike(c, n, t, kind_is(c, child(c, n, i), FORMULA_NUMBER));
	return t;
}

static struct typed truths(struct checker *c, const struct formula_node *n)
{
	for (unsigned i = 0; i < n->n; i++)
		kind_is(c, child(c, n, i), FORMULA_BOOL);
	return of(TRUTH);
}

/* ---- arithmetic ---- */

static bool power(int a, int b, int8_t *out)
{
	*out = (int8_t)(a + b);
	return *out >= -POWER_MOST && *out <= POWER_MOST;
}

static struct typed multiplied(struct checker *c, const struct formula_node *n, int sign)
{
	struct typed a = kind_is(c, child(c, n, 0), FORMULA_NUMBER),
		     b = kind_is(c, child(c, n, 1), FORMULA_NUMBER);
	struct formula_unit x = a.type.unit, y = b.type.unit;
	struct formula_type t = {.kind = FORMULA_NUMBER};

	if (!a.known || !b.known)
		return NOTHING;
	if (!power(x.money, sign * y.money, &t.unit.money) ||
	    !power(x.time, sign * y.time, &t.unit.time) ||
	    !power(x.days, sign * y.days, &t.unit.days) ||
	    !power(x.count, sign * y.count, &t.unit.count))
		return fault(c, FORMULA_UNITS, n);
	return of(t);
}

/* A date and days are a date; two dates are the days between them. */
static struct typed added(struct checker *c, const struct formula_node *n)
{
	struct typed a = check(c, n->child[0]), b = check(c, n->child[1]);

	if (!a.known || !b.known)
		return NOTHING;
	if (a.type.kind == FORMULA_DATE && b.type.kind == FORMULA_NUMBER)
		return formula_unit_same(b.type.unit, DAYS.unit) ? of(DATE)
								 : fault(c, FORMULA_UNITS, n);
	if (n->op == OP_SUBTRACT && a.type.kind == FORMULA_DATE && b.type.kind == FORMULA_DATE)
		return of(DAYS);
	if (a.type.kind != FORMULA_NUMBER)
		return fault(c, FORMULA_KINDS, n);
	return alike(c, n, a, b);
}

static struct typed compared(struct checker *c, const struct formula_node *n)
{
	struct typed t = both(c, n, 0);

	if (t.known && t.type.kind == FORMULA_BOOL && n->op != OP_SAME && n->op != OP_OTHER)
		fault(c, FORMULA_KINDS, n);
	return of(TRUTH);
}

/* ---- names ---- */

static struct typed named(struct checker *c, struct formula_node *n)
{
	const char *name = c->f->text + n->at;

	if (n->op == OP_SEGMENT && !c->in_sum)
		return fault(c, FORMULA_SEGMENT, n);
	if (!c->names->find(c->names->arg, name, n->length, &n->type, &n->slot))
		return fault(c, FORMULA_NO_NAME, n);
	return of(n->type);
}

static struct typed banded(struct checker *c, struct formula_node *n)
{
	struct formula_type key, type;
	struct typed x = check(c, n->child[0]);
	size_t at = n->child[1], length = n->child[2];

	if (!c->names->table ||
	    !c->names->table(c->names->arg, c->f->text + at, length, &key, &type, &n->slot)) {
		formula_note(c->faults, FORMULA_NO_NAME, at, length);
		return NOTHING;
	}
	alike(c, child(c, n, 0), x, of(key));
	return of(type);
}

static struct typed summed(struct checker *c, const struct formula_node *n)
{
	if (c->in_sum)
		return fault(c, FORMULA_SEGMENT, n);
	c->in_sum = true;
	struct typed t = kind_is(c, child(c, n, 0), FORMULA_NUMBER);
	c->in_sum = false;
	return t;
}

/* Only a name can be missing by itself. */
static struct typed asked(struct checker *c, const struct formula_node *n)
{
	const struct formula_node *name = child(c, n, 0);

	check(c, n->child[0]);
	if (name->op != OP_NAME && name->op != OP_SEGMENT)
		fault(c, FORMULA_ARGUMENTS, n);
	return of(TRUTH);
}

static struct typed dated(struct checker *c, const struct formula_node *n,
			  struct formula_type result)
{
	for (unsigned i = 0; i < n->n; i++)
		kind_is(c, child(c, n, i), FORMULA_DATE);
	return of(result);
}

static struct typed chosen(struct checker *c, const struct formula_node *n)
{
	kind_is(c, child(c, n, 0), FORMULA_BOOL);
	return both(c, n, 1);
}

static struct typed typed(struct checker *c, struct formula_node *n)
{
	switch ((enum formula_op)n->op) {
	case OP_LITERAL:
		return of(n->type);
	case OP_NAME:
	case OP_SEGMENT:
		return named(c, n);
	case OP_IF:
		return chosen(c, n);
	case OP_OR:
	case OP_AND:
	case OP_NOT:
		return truths(c, n);
	case OP_LESS:
	case OP_AT_MOST:
	case OP_MORE:
	case OP_AT_LEAST:
	case OP_SAME:
	case OP_OTHER:
		return compared(c, n);
	case OP_ADD:
	case OP_SUBTRACT:
		return added(c, n);
	case OP_MULTIPLY:
	case OP_DIVIDE:
		return multiplied(c, n, n->op == OP_DIVIDE ? -1 : 1);
	case OP_MINUS:
	case OP_ABS:
	case OP_MIN:
	case OP_MAX:
	case OP_CLAMP:
	case OP_ROUND:
	case OP_ROUND_UP:
	case OP_ROUND_DOWN:
		return numbers_alike(c, n);
	case OP_SUM:
		return summed(c, n);
	case OP_BAND:
		return banded(c, n);
	case OP_KNOWN:
		return asked(c, n);
	case OP_OR_ELSE:
		return both(c, n, 0);
	case OP_DAYS_BETWEEN:
		return dated(c, n, DAYS);
	case OP_WHOLE_MONTHS:
	case OP_WHOLE_YEARS:
	case OP_YEAR:
	case OP_MONTH:
	case OP_DAY:
		return dated(c, n, NUMBER);
	case N_OPS:
		break;
	}
	return NOTHING;
}

static struct typed check(struct checker *c, unsigned node)
{
	struct formula_node *n = &c->f->node[node];
	struct typed t = typed(c, n);

	if (t.known)
		n->type = t.type;
	return t;
}

bool formula_check(struct formula *f, const struct formula_names *names, struct formula_type want,
		   struct formula_faults *out)
{
	struct checker c = {.f = f, .names = names, .faults = out};

	out->n = 0;
	struct typed t = check(&c, f->root);
	if (t.known && (t.type.kind != want.kind || (want.kind == FORMULA_NUMBER &&
						     !formula_unit_same(t.type.unit, want.unit))))
		formula_note(out, FORMULA_RESULT, f->node[f->root].at, f->node[f->root].length);
	return out->n == 0;
}
