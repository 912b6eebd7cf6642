/* A formula with its figures, as a person would write it down. */
#include "formula_internal.h"

#include <string.h>

#include "civil.h"

#define DIGITS_MOST 6
#define MILLION 1000000

struct saying {
	const struct formula *f;
	const struct formula_input *in;
	const struct formula_value *segment;
	const struct formula_sayings *words;
	formula_put *put;
	void *arg;
};

static void words(struct saying *s, const char *text)
{
	s->put(s->arg, text, strlen(text));
}

/* ---- figures ---- */

static void whole(struct saying *s, int128 v)
{
	char digits[40];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + (int)(v % 10));
	while (v /= 10);
	s->put(s->arg, digits + at, sizeof(digits) - at);
}

/* millionths of a number, without the zeros behind the least digits. */
static void decimal(struct saying *s, int128 millionths, unsigned least)
{
	char digits[DIGITS_MOST + 1] = ".";
	int part = (int)(millionths % MILLION);
	unsigned n = DIGITS_MOST;

	whole(s, millionths / MILLION);
	for (unsigned i = DIGITS_MOST; i >= 1; i--, part /= 10)
		digits[i] = (char)('0' + part % 10);
	while (n > least && digits[n] == '0')
		n--;
	if (n)
		s->put(s->arg, digits, n + 1);
}

static void number(struct saying *s, struct ratio r, unsigned least)
{
	struct ratio size = r.num < 0 ? (struct ratio){-r.num, r.den} : r,
		     m = ratio_mul(size, ratio_int(MILLION));

	if (r.num < 0)
		words(s, "-");
	if (ratio_good(m) && m.den == 1) {
		decimal(s, m.num, least);
		return;
	}
	whole(s, size.num);
	words(s, "/");
	whole(s, size.den);
}

/* Fen as yuan and seconds as hours, whatever power they stand in. */
static struct ratio scaled(struct ratio r, int power, int64_t by)
{
	for (; power > 0; power--)
		r = ratio_div(r, ratio_int(by));
	for (; power < 0; power++)
		r = ratio_mul(r, ratio_int(by));
	return r;
}

static void unit(struct saying *s, int power, const char *name)
{
	if (power == 0)
		return;
	words(s, power < 0 ? "/" : " ");
	words(s, name);
}

static void two(struct saying *s, int v)
{
	char digits[2] = {(char)('0' + v / 10), (char)('0' + v % 10)};

	s->put(s->arg, digits, 2);
}

static void date(struct saying *s, struct ratio r)
{
	struct civil c = civil_split((civil_day)(r.num / r.den));

	whole(s, c.year);
	words(s, "-");
	two(s, c.month);
	words(s, "-");
	two(s, c.day);
}

static void figure(struct saying *s, struct ratio r, struct formula_type t)
{
	if (t.kind == FORMULA_BOOL) {
		words(s, r.num ? s->words->yes : s->words->no);
		return;
	}
	if (t.kind == FORMULA_DATE) {
		date(s, r);
		return;
	}
	r = scaled(scaled(r, t.unit.money, 100), t.unit.time, 3600);
	number(s, r, t.unit.money ? 2 : 0);
	unit(s, t.unit.time, s->words->hour);
	unit(s, t.unit.days, s->words->day);
}

/* ---- the tree ---- */

/* How strongly a node binds: 1 sums, 2 products, 3 all that needs no brackets. */
static int strength(const struct formula_node *n)
{
	if (n->op == OP_ADD || n->op == OP_SUBTRACT || n->op == OP_MINUS)
		return 1;
	return n->op == OP_MULTIPLY || n->op == OP_DIVIDE ? 2 : 3;
}

static void say(struct saying *s, unsigned node, int least);

/* Of an if or or_else what it came to; else the node itself. */
static unsigned taken(const struct saying *s, unsigned node)
{
	for (;;) {
		const struct formula_node *n = &s->f->node[node];
		if (n->op != OP_IF && n->op != OP_OR_ELSE)
			return node;
		struct formula_result c = formula_value_of(s->f, s->in, n->child[0], s->segment);
		if (n->op == OP_OR_ELSE)
			node = n->child[c.end == FORMULA_MISSING ? 1 : 0];
		else
			node = n->child[c.number.num ? 1 : 2];
	}
}

static void infix(struct saying *s, const struct formula_node *n, const char *sign)
{
	int own = strength(n);

	say(s, n->child[0], own);
	words(s, sign);
	say(s, n->child[1], n->op == OP_SUBTRACT || n->op == OP_DIVIDE ? own + 1 : own);
}

static void call(struct saying *s, const struct formula_node *n)
{
	/* Its name stands where it begins. */
	size_t length = strcspn(s->f->text + n->at, " \t\r\n(");

	s->put(s->arg, s->f->text + n->at, length);
	words(s, "(");
	for (unsigned i = 0; i < n->n; i++) {
		words(s, i ? ", " : "");
		say(s, n->child[i], 0);
	}
	words(s, ")");
}

static void summed(struct saying *s, const struct formula_node *n)
{
	words(s, "(");
	for (unsigned i = 0; i < s->in->n_segments; i++) {
		s->segment = s->in->segment[i];
		words(s, i ? " + " : "");
		say(s, n->child[0], 1);
	}
	s->segment = NULL;
	words(s, s->in->n_segments ? ")" : "0)");
}

/* Names, tables, yes-or-no: the figure that they came to. */
static void came_to(struct saying *s, unsigned node)
{
	figure(s, formula_value_of(s->f, s->in, node, s->segment).number, s->f->node[node].type);
}

static void plainly(struct saying *s, unsigned node)
{
	const struct formula_node *n = &s->f->node[node];

	switch ((enum formula_op)n->op) {
	case OP_ADD:
		infix(s, n, " + ");
		break;
	case OP_SUBTRACT:
		infix(s, n, " \xe2\x88\x92 ");
		break;
	case OP_MULTIPLY:
		infix(s, n, " \xc3\x97 ");
		break;
	case OP_DIVIDE:
		infix(s, n, " \xc3\xb7 ");
		break;
	case OP_MINUS:
		words(s, "\xe2\x88\x92");
		say(s, n->child[0], 2);
		break;
	case OP_SUM:
		summed(s, n);
		break;
	case OP_MIN:
	case OP_MAX:
	case OP_CLAMP:
	case OP_ROUND:
	case OP_ROUND_UP:
	case OP_ROUND_DOWN:
	case OP_ABS:
		call(s, n);
		break;
	default:
		came_to(s, node);
	}
}

static void say(struct saying *s, unsigned node, int least)
{
	unsigned what = taken(s, node);
	const struct formula_node *n = &s->f->node[what];
	bool brackets = n->type.kind == FORMULA_NUMBER && strength(n) < least;

	words(s, brackets ? "(" : "");
	if (n->type.kind == FORMULA_NUMBER)
		plainly(s, what);
	else
		came_to(s, what);
	words(s, brackets ? ")" : "");
}

void formula_say_in(const struct formula *f, const struct formula_input *in,
		    const struct formula_sayings *words, formula_put *put, void *arg)
{
	struct saying s = {.f = f, .in = in, .words = words, .put = put, .arg = arg};

	say(&s, f->root, 0);
	s.put(s.arg, " = ", 3);
	came_to(&s, f->root);
}

void formula_say(const struct formula *f, const struct formula_input *in, formula_put *put,
		 void *arg)
{
	static const struct formula_sayings ENGLISH = {"h", "d", "true", "false"};

	formula_say_in(f, in, &ENGLISH, put, arg);
}
