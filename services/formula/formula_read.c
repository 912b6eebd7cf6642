/* Words to a tree, by descent; each function reads what binds as strongly as it or more. A fault
 * ends the reading: what follows it would be guesswork. */
#include "formula_internal.h"

#include <string.h>

struct reader {
	struct formula *f;
	struct formula_faults *faults;
	struct word now;
	size_t end; /* of the word before */
	unsigned depth;
};
/* A node's number, or NONE where the reading has ended. */
#define NONE UINT16_MAX

static uint16_t expression(struct reader *r);

void formula_note(struct formula_faults *out, enum formula_code code, size_t at, size_t length)
{
	if (out->n < FORMULA_FAULTS_MOST)
		out->fault[out->n++] = (struct formula_fault){code, (uint16_t)at, (uint16_t)length};
}

/* ---- words ---- */

static uint16_t give_up(struct reader *r, enum formula_code code)
{
	if (r->now.kind == WORD_BAD)
		code = r->now.code;
	else if (r->now.kind == WORD_END && code == FORMULA_UNEXPECTED)
		code = FORMULA_UNFINISHED;
	if (r->faults->n == 0)
		formula_note(r->faults, code, r->now.at, r->now.n);
	return NONE;
}

static void next(struct reader *r)
{
	r->end = r->now.at + r->now.n;
	r->now = formula_word(r->f->text, r->f->size, r->end);
}

static bool is(const struct reader *r, enum word_kind kind, const char *text)
{
	return r->now.kind == kind && r->now.n == strlen(text) &&
	       memcmp(r->now.p, text, r->now.n) == 0;
}

static bool take(struct reader *r, enum word_kind kind, const char *text)
{
	if (!is(r, kind, text))
		return false;
	next(r);
	return true;
}

/* ---- nodes ---- */

static uint16_t node(struct reader *r, enum formula_op op, size_t at)
{
	struct formula *f = r->f;

	if (f->n == FORMULA_NODES_MOST)
		return give_up(r, FORMULA_TOO_LONG);
	f->node[f->n] = (struct formula_node){.op = (uint8_t)op, .at = (uint16_t)at};
	return f->n++;
}

/* NONE where any child is. */
static uint16_t parent(struct reader *r, enum formula_op op, size_t at, unsigned n,
		       const uint16_t *child)
{
	for (unsigned i = 0; i < n; i++)
		if (child[i] == NONE)
			return NONE;
	uint16_t made = node(r, op, at);
	if (made == NONE)
		return NONE;
	struct formula_node *p = &r->f->node[made];
	p->n = (uint8_t)n;
	memcpy(p->child, child, n * sizeof(*child));
	p->length = (uint16_t)(r->end - at);
	return made;
}

static uint16_t leaf(struct reader *r, enum formula_op op)
{
	uint16_t made = node(r, op, r->now.at);

	if (made == NONE)
		return NONE;
	r->f->node[made].length = (uint16_t)r->now.n;
	r->f->node[made].number = r->now.number;
	next(r);
	return made;
}

/* ---- literals, names, calls ---- */

static uint16_t literal(struct reader *r, struct formula_type type)
{
	uint16_t made = leaf(r, OP_LITERAL);

	if (made != NONE)
		r->f->node[made].type = type;
	return made;
}

static uint16_t truth(struct reader *r, int64_t value)
{
	r->now.number = ratio_int(value);
	return literal(r, (struct formula_type){.kind = FORMULA_BOOL});
}

/* min(a, b, c) is min(a, min(b, c)). */
static uint16_t chain(struct reader *r, enum formula_op op, size_t at)
{
	uint16_t child[2] = {expression(r), NONE};

	if (child[0] == NONE)
		return NONE;
	if (!take(r, WORD_SIGN, ","))
		return child[0];
	child[1] = chain(r, op, at);
	return parent(r, op, at, 2, child);
}

static bool bad_count(struct reader *r, size_t at, size_t length)
{
	formula_note(r->faults, FORMULA_ARGUMENTS, at, length);
	return false;
}

/* The parts between commas, up to the closing bracket. */
static bool arguments(struct reader *r, const struct formula_function *f, const struct word *name,
		      uint16_t child[3], unsigned *n)
{
	*n = 0;
	do {
		if (*n == f->most)
			return bad_count(r, name->at, name->n);
		child[*n] = expression(r);
		if (child[(*n)++] == NONE)
			return false;
	} while (take(r, WORD_SIGN, ","));
	if (!take(r, WORD_SIGN, ")"))
		return give_up(r, FORMULA_UNEXPECTED) != NONE;
	return *n >= f->least || bad_count(r, name->at, name->n);
}

static uint16_t extreme(struct reader *r, const struct formula_function *f, const struct word *name)
{
	uint16_t made = chain(r, f->op, name->at);

	if (made == NONE)
		return NONE;
	if (!take(r, WORD_SIGN, ")"))
		return give_up(r, FORMULA_UNEXPECTED);
	if (r->f->node[made].op != f->op || r->f->node[made].at != name->at) {
		bad_count(r, name->at, name->n);
		return NONE;
	}
	r->f->node[made].length = (uint16_t)(r->end - name->at);
	return made;
}

/* band(table, x): the table's name is looked up when the formula is checked. */
static uint16_t banded(struct reader *r, const struct word *name)
{
	struct word table = r->now;
	uint16_t child[1], made;

	if (table.kind != WORD_NAME)
		return give_up(r, FORMULA_UNEXPECTED);
	next(r);
	if (!take(r, WORD_SIGN, ","))
		return give_up(r, FORMULA_UNEXPECTED);
	child[0] = expression(r);
	if (child[0] == NONE)
		return NONE;
	if (!take(r, WORD_SIGN, ")"))
		return give_up(r, FORMULA_UNEXPECTED);
	made = parent(r, OP_BAND, name->at, 1, child);
	if (made != NONE) { /* where its name stands, until it has a slot */
		r->f->node[made].child[1] = (uint16_t)table.at;
		r->f->node[made].child[2] = (uint16_t)table.n;
	}
	return made;
}

static uint16_t call(struct reader *r, const struct word *name)
{
	const struct formula_function *f = formula_function(name->p, name->n);
	uint16_t child[3];
	unsigned n;

	if (!f) {
		formula_note(r->faults, FORMULA_NO_FUNCTION, name->at, name->n);
		return NONE;
	}
	if (f->op == OP_MIN || f->op == OP_MAX)
		return extreme(r, f, name);
	if (f->op == OP_BAND)
		return banded(r, name);
	return arguments(r, f, name, child, &n) ? parent(r, f->op, name->at, n, child) : NONE;
}

static uint16_t named(struct reader *r)
{
	static const char *const TAKEN[] = {"if", "then", "else", "and", "or", "not"};
	struct word name = r->now;

	for (size_t i = 0; i < sizeof(TAKEN) / sizeof(TAKEN[0]); i++)
		if (is(r, WORD_NAME, TAKEN[i]))
			return give_up(r, FORMULA_UNEXPECTED);
	if (is(r, WORD_NAME, "true") || is(r, WORD_NAME, "false"))
		return truth(r, name.p[0] == 't');
	uint16_t made =
		leaf(r, name.n > 4 && memcmp(name.p, "seg.", 4) == 0 ? OP_SEGMENT : OP_NAME);
	if (made == NONE || !is(r, WORD_SIGN, "("))
		return made;
	r->f->n--; /* it was a function's */
	next(r);
	return call(r, &name);
}

static uint16_t primary(struct reader *r)
{
	uint16_t inner;

	switch (r->now.kind) {
	case WORD_NUMBER:
		return literal(r, (struct formula_type){FORMULA_NUMBER, r->now.unit});
	case WORD_DATE:
		return literal(r, (struct formula_type){.kind = FORMULA_DATE});
	case WORD_NAME:
		return named(r);
	default:
		break;
	}
	if (!take(r, WORD_SIGN, "("))
		return give_up(r, FORMULA_UNEXPECTED);
	inner = expression(r);
	if (inner != NONE && !take(r, WORD_SIGN, ")"))
		return give_up(r, FORMULA_UNEXPECTED);
	return inner;
}

/* ---- operators ---- */

struct operator
{
	const char *word;
	enum word_kind kind;
	enum formula_op op;
};
static const struct operator PRODUCTS[] = {
	{"*", WORD_SIGN, OP_MULTIPLY}, {"/", WORD_SIGN, OP_DIVIDE}, {.word = NULL}};
static const struct operator SUMS[] = {
	{"+", WORD_SIGN, OP_ADD}, {"-", WORD_SIGN, OP_SUBTRACT}, {.word = NULL}};
static const struct operator COMPARISONS[] = {{"<", WORD_SIGN, OP_LESS},
					      {"<=", WORD_SIGN, OP_AT_MOST},
					      {">", WORD_SIGN, OP_MORE},
					      {">=", WORD_SIGN, OP_AT_LEAST},
					      {"=", WORD_SIGN, OP_SAME},
					      {"!=", WORD_SIGN, OP_OTHER},
					      {.word = NULL}};
static const struct operator ANDS[] = {{"and", WORD_NAME, OP_AND}, {.word = NULL}};
static const struct operator ORS[] = {{"or", WORD_NAME, OP_OR}, {.word = NULL}};

static const struct operator* operator_here(const struct reader *r, const struct operator* list)
{
	while (list->word && !is(r, list->kind, list->word))
		list++;
	return list->word ? list : NULL;
}

/* a - b - c is (a - b) - c. */
static uint16_t row(struct reader *r, const struct operator* list,
		    uint16_t (*part)(struct reader *r))
{
	size_t at = r->now.at;
	const struct operator* o;
	uint16_t made = part(r);

	while (made != NONE && (o = operator_here(r, list)) != NULL) {
		next(r);
		uint16_t child[2] = {made, part(r)};
		made = parent(r, o->op, at, 2, child);
	}
	return made;
}

static uint16_t deeper(struct reader *r, uint16_t (*part)(struct reader *r))
{
	uint16_t made;

	if (r->depth == FORMULA_DEPTH_MOST)
		return give_up(r, FORMULA_TOO_DEEP);
	r->depth++;
	made = part(r);
	r->depth--;
	return made;
}

static uint16_t unary(struct reader *r)
{
	size_t at = r->now.at;
	uint16_t child[1];

	if (!take(r, WORD_SIGN, "-"))
		return primary(r);
	child[0] = deeper(r, unary);
	return parent(r, OP_MINUS, at, 1, child);
}

static uint16_t product(struct reader *r)
{
	return row(r, PRODUCTS, unary);
}

static uint16_t sum(struct reader *r)
{
	return row(r, SUMS, product);
}

/* a < b < c is none. */
static uint16_t comparison(struct reader *r)
{
	size_t at = r->now.at;
	uint16_t child[2] = {sum(r), NONE};
	const struct operator* o = child[0] == NONE ? NULL : operator_here(r, COMPARISONS);

	if (!o)
		return child[0];
	next(r);
	child[1] = sum(r);
	return parent(r, o->op, at, 2, child);
}

static uint16_t negation(struct reader *r)
{
	size_t at = r->now.at;
	uint16_t child[1];

	if (!take(r, WORD_NAME, "not"))
		return comparison(r);
	child[0] = deeper(r, negation);
	return parent(r, OP_NOT, at, 1, child);
}

static uint16_t conjunction(struct reader *r)
{
	return row(r, ANDS, negation);
}

static uint16_t choice(struct reader *r)
{
	size_t at = r->now.at;
	uint16_t child[3];

	next(r);
	child[0] = expression(r);
	if (child[0] == NONE || !take(r, WORD_NAME, "then"))
		return child[0] == NONE ? NONE : give_up(r, FORMULA_UNEXPECTED);
	child[1] = expression(r);
	if (child[1] == NONE || !take(r, WORD_NAME, "else"))
		return child[1] == NONE ? NONE : give_up(r, FORMULA_UNEXPECTED);
	child[2] = expression(r);
	return parent(r, OP_IF, at, 3, child);
}

static uint16_t whole(struct reader *r)
{
	return is(r, WORD_NAME, "if") ? choice(r) : row(r, ORS, conjunction);
}

static uint16_t expression(struct reader *r)
{
	return deeper(r, whole);
}

bool formula_read(struct formula *f, const char *text, size_t n, struct formula_faults *out)
{
	struct reader r = {.f = f, .faults = out};

	out->n = 0;
	*f = (struct formula){.text = text, .size = (uint16_t)n};
	if (n > FORMULA_TEXT_MOST) {
		f->size = 0;
		formula_note(out, FORMULA_TOO_LONG, FORMULA_TEXT_MOST, 0);
		return false;
	}
	next(&r);
	f->root = expression(&r);
	if (f->root != NONE && r.now.kind != WORD_END)
		give_up(&r, FORMULA_UNEXPECTED);
	return out->n == 0;
}
