/* The pay items of a day as one set of formulas. */
#include "pay_item.h"
#include <stdlib.h>

static int by_sequence(const void *a, const void *b)
{
	const Payroll__PayItem *x = *(Payroll__PayItem *const *)a,
			       *y = *(Payroll__PayItem *const *)b;
	int order = (x->sequence > y->sequence) - (x->sequence < y->sequence);

	return order ? order : strcmp(x->code, y->code);
}

bool pay_set_begin(struct pay_set *s, struct arena *a, const struct pay_items *items,
		   const char *day)
{
	*s = (struct pay_set){.arena = a,
			      .item = arena_alloc(a, (items->n + 1) * sizeof(*s->item))};
	for (size_t i = 0; i < items->n; i++) {
		Payroll__PayItem *p = pay_item_on(&items->item[i], day);

		if (p && !p->retired)
			s->item[s->n++] = p;
	}
	if (s->n > PAY_ITEMS_MOST)
		return false;
	qsort(s->item, s->n, sizeof(*s->item), by_sequence);
	s->formula = arena_alloc(a, (s->n + 1) * sizeof(*s->formula));
	s->faults = arena_alloc(a, (s->n + 1) * sizeof(*s->faults));
	return true;
}

/* ---- names ---- */

static bool find_item(const struct pay_set *s, const char *code, size_t n,
		      struct formula_type *type, uint16_t *slot)
{
	for (unsigned i = 0; i < s->n; i++)
		if (strlen(s->item[i]->code) == n && !strncmp(s->item[i]->code, code, n)) {
			*type = pay_type(s->item[i]->type);
			*slot = (uint16_t)(N_PAY_NAMES + i);
			return true;
		}
	return false;
}

bool pay_set_find(const struct pay_set *s, const char *name, size_t n, struct formula_type *type,
		  uint16_t *slot)
{
	static const char ITEM[] = "item.";
	size_t prefix = sizeof(ITEM) - 1;
	int found;

	if (n > prefix && !strncmp(name, ITEM, prefix))
		return find_item(s, name + prefix, n - prefix, type, slot);
	found = pay_name_find(name, n);
	if (found < 0)
		return false;
	*slot = (uint16_t)found;
	*type = pay_name_type(*slot);
	return true;
}

static bool find(const void *arg, const char *name, size_t n, struct formula_type *type,
		 uint16_t *slot)
{
	return pay_set_find(arg, name, n, type, slot);
}

/* Nobody gives tables yet. */
static bool table(const void *arg, const char *name, size_t n, struct formula_type *key,
		  struct formula_type *type, uint16_t *slot)
{
	(void)arg, (void)name, (void)n, (void)key, (void)type, (void)slot;
	return false;
}

/* ---- checking ---- */

bool pay_set_formula(const struct pay_set *s, struct formula *f, const char *text,
		     struct formula_type want, struct formula_faults *out)
{
	const struct formula_names names = {find, table, s};

	return formula_read(f, text, strlen(text), out) && formula_check(f, &names, want, out);
}

static int item_of(const void *arg, uint16_t slot)
{
	(void)arg;
	return slot < N_PAY_NAMES ? -1 : slot - N_PAY_NAMES;
}

bool pay_set_check(struct pay_set *s)
{
	const struct formula **all = arena_alloc(s->arena, (s->n + 1) * sizeof(*all));
	bool good = true;

	for (unsigned i = 0; i < s->n; i++) {
		const Payroll__PayItem *p = s->item[i];

		all[i] = &s->formula[i];
		if (!pay_set_formula(s, &s->formula[i], p->formula, pay_type(p->type),
				     &s->faults[i]))
			good = false;
	}
	return good && formula_order(all, s->n, item_of, s, s->order, &s->n_circle);
}

/* ---- running ---- */

static const struct {
	int direction; /* 0 the nearest, -1 down, 1 up */
	int64_t step;
} ROUNDINGS[] = {
	[PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_FEN] = {0, 1},
	[PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_FEN_DOWN] = {-1, 1},
	[PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_FEN_UP] = {1, 1},
	[PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_JIAO] = {0, 10},
	[PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_YUAN] = {0, 100},
	[PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_EXACT] = {0, 0},
};

static bool floored(struct ratio r, int sign, int64_t *out)
{
	return ratio_floor(ratio_mul(r, ratio_int(sign)), out) &&
	       !__builtin_mul_overflow(*out, sign, out);
}

struct ratio pay_rounded(struct ratio r, Payroll__PayItemRounding how)
{
	int64_t v;
	int direction = ROUNDINGS[how].direction;

	if (!ROUNDINGS[how].step)
		return r;
	if (direction ? floored(r, -direction, &v) : ratio_round(r, ROUNDINGS[how].step, &v))
		return ratio_int(v);
	return RATIO_BAD;
}

static struct formula_result run_one(const struct pay_set *s, unsigned i,
				     const struct formula_input *in)
{
	struct formula_result r = formula_run(&s->formula[i], in);

	if (r.end != FORMULA_DONE)
		return r;
	r.number = pay_rounded(r.number, s->item[i]->rounding);
	if (!ratio_good(r.number))
		r.end = FORMULA_OVERFLOW;
	return r;
}

void pay_set_run(const struct pay_set *s, const struct formula_input *in,
		 struct formula_value *values, struct formula_result *result)
{
	for (unsigned k = 0; k < s->n; k++) {
		unsigned i = s->order[k];
		struct formula_value *v = &values[N_PAY_NAMES + i];

		result[i] =
			v->known ? (struct formula_result){.end = FORMULA_DONE, .number = v->number}
				 : run_one(s, i, in);
		*v = (struct formula_value){result[i].end == FORMULA_DONE, result[i].number};
	}
}
