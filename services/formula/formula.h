/* Formulas of pay items (工资项目公式), as a company writes them: a small, total language. There are no loops but
 * sums over given segments, no calls but those below, no state; every formula ends, within bounds that are known
 * when it is saved. Numbers are exact fractions (ratio.h, rules.md 11.1) and carry their unit: money, time, days,
 * counts and what comes of multiplying and dividing them; units are checked when a formula is saved. What is
 * missing is not 0: it makes the whole missing, unless known() or or_else() asks for it.
 *
 *   if fact.late_minutes > 30 minutes then 50 yuan else 0 yuan
 *   round_down(term.base / 21.75 days * fact.absent_days, 1 yuan)
 *   sum(seg.wage / 21.75 days * seg.days) + or_else(fact.commission, 0 yuan)
 *
 * Literals: 12, 1.5, 10%, 50 yuan, 5 fen, 8 hours, 30 minutes, 45 seconds, 2 days, 3 pieces, 2026-01-31, true, false.
 * Names: words of a-z, 0-9 and _ with dots between: fact.absent_days. "seg." ones only inside sum().
 * Operators, weakest first: if-then-else; or; and; not; < <= > >= = !=; + -; * /; unary -.
 * Functions: min max (two or more), clamp(x, low, high), round round_up round_down (x, step), abs, sum(x), band(table, x),
 * known(name), or_else(x, y), days_between whole_months whole_years (from, to), year month day (date).
 *
 * Pure; nothing is allocated; no floating point. Positions are bytes from the start of the text. */
#ifndef RENHE_FORMULA_H
#define RENHE_FORMULA_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "ratio.h"

#define FORMULA_TEXT_MOST 2000
#define FORMULA_NODES_MOST 200
#define FORMULA_DEPTH_MOST 20
#define FORMULA_FAULTS_MOST 8
#define FORMULA_SEGMENTS_MOST 100
#define FORMULA_ITEMS_MOST 200

/* ---- types ---- */

enum formula_kind { FORMULA_NUMBER, FORMULA_BOOL, FORMULA_DATE };
/* Powers: fen per second is {1, -1, 0, 0}; all 0 is a plain number, such as a rate. */
struct formula_unit {
	int8_t money, time, days, count;
};
struct formula_type {
	enum formula_kind kind;
	struct formula_unit unit; /* of numbers */
};
#define FORMULA_MONEY ((struct formula_type){FORMULA_NUMBER, {1, 0, 0, 0}})
#define FORMULA_PLAIN ((struct formula_type){FORMULA_NUMBER, {0, 0, 0, 0}})

/* In fen, seconds, days, pieces; a bool is 0 or 1; a date is days since 1970-01-01. */
struct formula_value {
	bool known;
	struct ratio number;
};

/* ---- saving ---- */

enum formula_code {
	FORMULA_CHARACTER = 1, /* none that the language has */
	FORMULA_DIGITS,	       /* a number or date that is none, or too long */
	FORMULA_UNEXPECTED,    /* this word can't stand here */
	FORMULA_UNFINISHED,    /* the text ends too early */
	FORMULA_TOO_LONG,      /* beyond the bounds above */
	FORMULA_TOO_DEEP,
	FORMULA_NO_NAME,       /* nobody gives this name */
	FORMULA_NO_FUNCTION,
	FORMULA_ARGUMENTS,     /* so many, or of such a kind, the function doesn't take */
	FORMULA_KINDS,	       /* number, yes-or-no and date are mixed */
	FORMULA_UNITS,	       /* yuan and hours are added or compared, or a unit beyond the third power */
	FORMULA_RESULT,	       /* the whole has another type than the item's */
	FORMULA_SEGMENT,       /* seg. outside of sum(), or sum() inside of itself */
};
struct formula_fault {
	enum formula_code code;
	uint16_t at, length; /* of the text */
};
struct formula_faults {
	unsigned n; /* the first ones that were found */
	struct formula_fault fault[FORMULA_FAULTS_MOST];
};

struct formula_node {
	uint8_t op;
	uint8_t n;		/* children */
	uint16_t child[3];	/* min and max chain by their second */
	uint16_t at, length;	/* in the text */
	uint16_t slot;		/* of a name or table */
	struct formula_type type;
	struct ratio number;	/* of a literal */
};
struct formula {
	const char *text; /* the caller's; must stay */
	uint16_t size, n, root;
	struct formula_node node[FORMULA_NODES_MOST];
};

/* Who gives what: false for a name that nobody gives. *slot is handed back when the formula runs. table: the name
 * stands in band(): type is then that of what is looked up, *key that of what it is looked up by. */
struct formula_names {
	bool (*find)(const void *arg, const char *name, size_t n, struct formula_type *type, uint16_t *slot);
	bool (*table)(const void *arg, const char *name, size_t n, struct formula_type *key, struct formula_type *type, uint16_t *slot);
	const void *arg;
};
/* false: *out says why. */
bool formula_read(struct formula *f, const char *text, size_t n, struct formula_faults *out);
/* Of a formula that was read; all faults at once. Afterwards it may run. */
bool formula_check(struct formula *f, const struct formula_names *names, struct formula_type want,
		   struct formula_faults *out);

/* ---- order ---- */

/* items[i] is the formula of item i, item_of tells the item that a name's slot stands for, or -1. n <= FORMULA_ITEMS_MOST; order: room for n.
 * false: a circle; its items stand in order, *n_circle of them, each needing the next and the last the first. Items that
 * don't need each other keep their sequence. */
bool formula_order(const struct formula *const *items, unsigned n, int (*item_of)(const void *arg, uint16_t slot), const void *arg,
		   unsigned *order, unsigned *n_circle);

/* ---- running ---- */

struct formula_band {
	struct ratio from, value; /* holds from there up to the next one's from */
};
struct formula_table {
	unsigned n; /* rising */
	const struct formula_band *band;
};
struct formula_input {
	const struct formula_value *value;		/* by slot */
	const struct formula_value *const *segment;	/* of each segment by slot */
	unsigned n_segments;
	const struct formula_table *table;		/* by slot */
};
enum formula_end {
	FORMULA_DONE,
	FORMULA_MISSING,   /* a name without a value */
	FORMULA_DIVIDED,   /* by zero */
	FORMULA_OVERFLOW,
	FORMULA_NO_BAND,   /* below the first one of the table */
};
struct formula_result {
	enum formula_end end;
	struct ratio number; /* of FORMULA_DONE */
	uint16_t at, length; /* where it went wrong, else */
};
struct formula_result formula_run(const struct formula *f, const struct formula_input *in);

/* ---- explaining ---- */

/* What a person would write: (8000.00 ÷ 21.75 d) × 2 d = 735.63; of an if the branch that was taken. Money in yuan with two
 * digits, other fractions with a stroke. Gives pieces to put, in order. Of a formula that ran to its end. */
typedef void formula_put(void *arg, const char *piece, size_t n);
void formula_say(const struct formula *f, const struct formula_input *in, formula_put *put, void *arg);
/* The same with other words for units and truths than "h", "d", "true" and "false". */
struct formula_sayings {
	const char *hour, *day, *yes, *no;
};
void formula_say_in(const struct formula *f, const struct formula_input *in, const struct formula_sayings *words,
		    formula_put *put, void *arg);
#endif
