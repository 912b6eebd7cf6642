/* Between formula_*.c only. */
#ifndef RENHE_FORMULA_INTERNAL_H
#define RENHE_FORMULA_INTERNAL_H
#include "formula.h"

enum formula_op {
	OP_LITERAL,
	OP_NAME,
	OP_SEGMENT, /* a name of the segment at hand */
	OP_IF,	    /* condition, then, else */
	OP_OR,
	OP_AND,
	OP_NOT,
	OP_LESS,
	OP_AT_MOST,
	OP_MORE,
	OP_AT_LEAST,
	OP_SAME,
	OP_OTHER,
	OP_ADD,
	OP_SUBTRACT,
	OP_MULTIPLY,
	OP_DIVIDE,
	OP_MINUS,
	OP_MIN,
	OP_MAX,
	OP_CLAMP,
	OP_ROUND,
	OP_ROUND_UP,
	OP_ROUND_DOWN,
	OP_ABS,
	OP_SUM,
	OP_BAND, /* the table's name is no child: slot */
	OP_KNOWN,
	OP_OR_ELSE,
	OP_DAYS_BETWEEN,
	OP_WHOLE_MONTHS,
	OP_WHOLE_YEARS,
	OP_YEAR,
	OP_MONTH,
	OP_DAY,
	N_OPS
};

struct formula_function {
	const char *name;
	enum formula_op op;
	uint8_t least, most; /* arguments; min and max take any number from two */
};
/* NULL: there is none of that name. */
const struct formula_function *formula_function(const char *name, size_t n);

void formula_note(struct formula_faults *out, enum formula_code code, size_t at, size_t length);
static inline bool formula_unit_same(struct formula_unit a, struct formula_unit b)
{
	return a.money == b.money && a.time == b.time && a.days == b.days && a.count == b.count;
}
/* One node, and what is below it. */
struct formula_result formula_value_of(const struct formula *f, const struct formula_input *in, unsigned node,
				       const struct formula_value *segment);

/* ---- formula_words.c ---- */
enum word_kind {
	WORD_END,
	WORD_NUMBER, /* with its unit, if one stands behind it */
	WORD_DATE,
	WORD_NAME,   /* names, functions, if then else and or not true false */
	WORD_SIGN,   /* one of ( ) , + - * / < <= > >= = != */
	WORD_BAD,    /* code says why */
};
struct word {
	enum word_kind kind;
	const char *p;
	size_t n, at;
	struct ratio number;
	struct formula_unit unit;
	enum formula_code code;
};
/* The word that begins at or behind `at`. */
struct word formula_word(const char *text, size_t size, size_t at);
#endif
