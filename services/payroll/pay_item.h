/* Pay items of a tenant: their spans of validity, the set that holds on a day with its formulas
 * checked and in order, and what the set comes to for given values. */
#ifndef RENHE_PAYROLL_PAY_ITEM_H
#define RENHE_PAYROLL_PAY_ITEM_H
#include "formula.h"
#include "pay_name.h"

#define PAY_ITEMS_MOST FORMULA_ITEMS_MOST

/* ---- spans (pay_item_span.c) ---- */

/* Of one item, rising and without gaps; whoever holds only later has none on a day before. */
struct pay_item_spans {
	Payroll__PayItem **span;
	size_t n;
};
struct pay_items {
	struct pay_item_spans *item;
	size_t n;
};
/* What the facts of pay_item_facts say, item by item. */
void pay_items_fold(struct ctx *cx, const struct msg_list *facts, struct pay_items *out);
/* What holds on the day, NULL where nothing does; also what is retired. */
Payroll__PayItem *pay_item_on(const struct pay_item_spans *s, const char *day);

/* ---- writing (pay_item_api.c) ---- */

/* What a new item leaves unsaid, and its id. */
void pay_item_defaults(struct ctx *cx, Payroll__PayItem *p);
/* The set must hold on the day of the change, and on each later day on which it changes. id: of the
 * item that is changed, whose faults are those of /formula. */
bool pay_items_judge(struct ctx *cx, const struct pay_items *items, const char *id,
		     const char *day);
/* A new item that was judged: its head, its first fact, the audit. */
bool pay_item_add(struct ctx *cx, Payroll__PayItem *fact, Payroll__PayItem *out);

/* ---- the set of a day (pay_item_set.c) ---- */

struct pay_set {
	struct arena *arena;
	Payroll__PayItem **item;       /* by sequence and code, none of them retired */
	struct formula *formula;       /* of each; text is the item's */
	struct formula_faults *faults; /* of each */
	unsigned n;
	unsigned order[PAY_ITEMS_MOST]; /* each behind what it needs, or the circle */
	unsigned n_circle;
};
/* Begins with the items of the day; false where there are more than PAY_ITEMS_MOST. */
bool pay_set_begin(struct pay_set *s, struct arena *a, const struct pay_items *items,
		   const char *day);
/* Checks all formulas and brings them in order. false: faults or circle say why. */
bool pay_set_check(struct pay_set *s);
/* One formula beside the items of the set. */
bool pay_set_formula(const struct pay_set *s, struct formula *f, const char *text,
		     struct formula_type want, struct formula_faults *out);
/* The slot of a name or item.<code>; false where there is none. */
bool pay_set_find(const struct pay_set *s, const char *name, size_t n, struct formula_type *type,
		  uint16_t *slot);
static inline size_t pay_set_slots(const struct pay_set *s)
{
	return N_PAY_NAMES + (size_t)s->n;
}
/* Of a set that was checked: fills the values of items that are not known yet, in order; result[i]
 * of each. */
void pay_set_run(const struct pay_set *s, const struct formula_input *in,
		 struct formula_value *values, struct formula_result *result);
/* Rounded as the item says; RATIO_BAD beyond counting. */
struct ratio pay_rounded(struct ratio r, Payroll__PayItemRounding how);

/* ---- what is wrong (pay_item_fault.c) ---- */

const char *pay_fault_code(enum formula_code code);
struct text pay_fault_text(const struct formula_fault *f, const char *text);
/* base → housing → base */
const char *pay_circle_text(const struct pay_set *s);
/* Adds what is wrong with the item of that id as faults at /formula, of others as faults of their
 * own. */
void pay_set_tell(struct ctx *cx, const struct pay_set *s, const char *id, const char *day,
		  bool *others);
#endif
