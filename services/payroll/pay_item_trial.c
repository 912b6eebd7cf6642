/* A formula checked and tried beside the items of a day; nothing is stored. */
#include "pay_item.h"
#include "row.h"

struct trial {
	struct ctx *cx;
	const Payroll__CheckPayItemRequest *in;
	const char *day;
	struct pay_set set;
	unsigned own; /* the item that is asked about, among the set's */
	struct formula_value *values, **segments;
	struct formula_input input;
};

/* ---- the item ---- */

static unsigned place_for(struct pay_set *s, const char *code)
{
	unsigned i = 0;

	while (i < s->n && (!code || strcmp(s->item[i]->code, code) != 0))
		i++;
	if (i == s->n)
		s->n++;
	return i;
}

static bool typed(const struct trial *t, const Payroll__PayItem *p, Payroll__PayItemType type)
{
	struct formula_faults faults;
	struct formula *f = arena_alloc(t->cx->arena, sizeof(*f));

	return pay_set_formula(&t->set, f, p->formula, pay_type(type), &faults);
}

/* The first type that the formula can be of; money where it can be of none, so that its faults are
 * told. */
static Payroll__PayItemType type_of(const struct trial *t, const Payroll__PayItem *p)
{
	for (Payroll__PayItemType type = 1; type <= PAYROLL__PAY_ITEM_TYPE__PAY_ITEM_TYPE_DATE;
	     type++)
		if (typed(t, p, type))
			return type;
	return PAYROLL__PAY_ITEM_TYPE__PAY_ITEM_TYPE_MONEY;
}

static void put_item(struct trial *t)
{
	Payroll__PayItem *p = (Payroll__PayItem *)msg_new(t->cx->arena, &RULE_PAYROLL_PAY_ITEM);
	unsigned before = t->set.n;

	p->code = t->in->code ? t->in->code : arena_strdup(t->cx->arena, "");
	p->id = arena_strdup(t->cx->arena, "");
	p->formula = t->in->formula;
	t->own = place_for(&t->set, t->in->code);
	p->type = t->own < before ? t->set.item[t->own]->type
				  : PAYROLL__PAY_ITEM_TYPE__PAY_ITEM_TYPE_MONEY;
	t->set.item[t->own] = p;
	if (t->in->has_type)
		p->type = t->in->type;
	else if (t->own == before)
		p->type = type_of(t, p);
	p->rounding = t->in->has_rounding ? t->in->rounding
					  : PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_EXACT;
	if (!t->in->has_rounding && p->type == PAYROLL__PAY_ITEM_TYPE__PAY_ITEM_TYPE_MONEY)
		p->rounding = PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_FEN;
}

/* ---- values that are given ---- */

static bool no_name(const void *arg, const char *name, size_t n, struct formula_type *type,
		    uint16_t *slot)
{
	(void)arg, (void)name, (void)n, (void)type, (void)slot;
	return false;
}

static bool no_table(const void *arg, const char *name, size_t n, struct formula_type *key,
		     struct formula_type *type, uint16_t *slot)
{
	(void)key;
	return no_name(arg, name, n, type, slot);
}

/* A value is written as a formula without names. */
static bool read_value(struct ctx *cx, const char *text, struct formula_type want,
		       struct ratio *out)
{
	static const struct formula_names NONE = {no_name, no_table, NULL};
	struct formula *f = arena_alloc(cx->arena, sizeof(*f));
	struct formula_faults faults;
	struct formula_result r;

	if (!formula_read(f, text, strlen(text), &faults) ||
	    !formula_check(f, &NONE, want, &faults))
		return false;
	r = formula_run(f, &(struct formula_input){0});
	*out = r.number;
	return r.end == FORMULA_DONE;
}

static void take(struct trial *t, const Payroll__PayInput *in, bool segment, const char *at,
		 struct formula_value *values)
{
	struct formula_type type;
	struct ratio number;
	uint16_t slot;
	struct arena *a = t->cx->arena;

	if ((strncmp(in->name, "seg.", 4) == 0) != segment ||
	    !pay_set_find(&t->set, in->name, strlen(in->name), &type, &slot)) {
		fault_add(t->cx, arena_printf(a, "%s/name", at), "UNKNOWN", TEXT_PAY_INPUT_UNKNOWN);
		return;
	}
	if (values[slot].known)
		fault_add(t->cx, arena_printf(a, "%s/name", at), "DUPLICATE", TEXT_PAY_INPUT_TWICE);
	else if (!read_value(t->cx, in->value, type, &number))
		fault_add(t->cx, arena_printf(a, "%s/value", at), "FORMAT", TEXT_PAY_INPUT_VALUE);
	else
		values[slot] = (struct formula_value){true, number};
}

/* What the law of the day says and the question does not. */
static void take_law(struct trial *t)
{
	static const struct {
		const char *name;
		enum law_scheme scheme;
		const char *item;
		int value;
		int64_t times, part; /* from the units of the row to those of formulas */
	} LAW[] = {
		{"law.month_days", LAW_WAGE_MONTH, "PAID", 0, 1, 100},
		{"law.month_hours", LAW_WAGE_MONTH, "PAID", 1, 36, 1},
		{"law.overtime_weekday", LAW_OVERTIME, "WEEKDAY", 0, 1, 100000},
		{"law.overtime_rest", LAW_OVERTIME, "REST", 0, 1, 100000},
		{"law.overtime_holiday", LAW_OVERTIME, "HOLIDAY", 0, 1, 100000},
	};
	civil_day day;

	for (size_t i = 0; civil_read(t->day, &day) && i < sizeof(LAW) / sizeof(LAW[0]); i++) {
		const struct law_row *row =
			law_find(&payroll_law, LAW[i].scheme, LAW_NATIONAL, LAW[i].item, day);
		struct formula_value *v =
			&t->values[pay_name_find(LAW[i].name, strlen(LAW[i].name))];

		if (row && !v->known)
			*v = (struct formula_value){true,
						    ratio_mul(ratio_int(row->values[LAW[i].value]),
							      ratio_of(LAW[i].times, LAW[i].part))};
	}
}

static bool take_all(struct trial *t)
{
	struct arena *a = t->cx->arena;
	const Payroll__CheckPayItemRequest *in = t->in;

	t->values = arena_alloc(a, pay_set_slots(&t->set) * sizeof(*t->values));
	t->segments = arena_alloc(a, (in->n_segments + 1) * sizeof(*t->segments));
	for (size_t i = 0; i < in->n_inputs; i++)
		take(t, in->inputs[i], false, arena_printf(a, "/inputs/%zu", i), t->values);
	for (size_t k = 0; k < in->n_segments; k++) {
		t->segments[k] = arena_alloc(a, N_PAY_NAMES * sizeof(**t->segments));
		for (size_t i = 0; i < in->segments[k]->n_inputs; i++)
			take(t, in->segments[k]->inputs[i], true,
			     arena_printf(a, "/segments/%zu/inputs/%zu", k, i), t->segments[k]);
	}
	take_law(t);
	t->input =
		(struct formula_input){.value = t->values,
				       .segment = (const struct formula_value *const *)t->segments,
				       .n_segments = (unsigned)in->n_segments};
	return fault_none(t->cx, &FAULT_VALIDATION_FAILED);
}

/* ---- the answer ---- */

static void put_fault(struct trial *t, const char *code, const struct formula_fault *at,
		      struct text text, Payroll__PayItemCheck *out)
{
	Payroll__FormulaFault *f =
		(Payroll__FormulaFault *)msg_new(t->cx->arena, &RULE_PAYROLL_FORMULA_FAULT);

	f->code = arena_strdup(t->cx->arena, code);
	f->has_at = f->has_length = at != NULL;
	f->at = at ? at->at : 0;
	f->length = at ? at->length : 0;
	f->zh = text_zh(t->cx->arena, text);
	f->en = text_en(t->cx->arena, text);
	out->faults[out->n_faults++] = f;
}

static void put_faults(struct trial *t, Payroll__PayItemCheck *out)
{
	const struct formula_faults *own = &t->set.faults[t->own];

	out->faults = arena_alloc(t->cx->arena,
				  (FORMULA_FAULTS_MOST + t->set.n + 1) * sizeof(*out->faults));
	for (unsigned i = 0; i < own->n; i++)
		put_fault(t, pay_fault_code(own->fault[i].code), &own->fault[i],
			  pay_fault_text(&own->fault[i], t->in->formula), out);
	for (unsigned i = 0; i < t->set.n; i++)
		if (i != t->own && t->set.faults[i].n)
			put_fault(t, "NEEDED_BY", NULL,
				  TEXT_PAY_ITEM_BREAKS(t->day, t->set.item[i]->code), out);
	if (t->set.n_circle)
		put_fault(t, "FORMULA_CIRCLE", NULL, TEXT_FORMULA_CIRCLE(pay_circle_text(&t->set)),
			  out);
}

static char **codes(struct trial *t, unsigned n, size_t *n_out)
{
	char **out = arena_alloc(t->cx->arena, (n + 1) * sizeof(*out));

	for (unsigned i = 0; i < n; i++) {
		char *code = t->set.item[t->set.order[i]]->code;
		if (*code)
			out[(*n_out)++] = code;
	}
	return out;
}

struct said {
	struct arena *arena;
	char *text;
};

static void put_piece(void *arg, const char *piece, size_t n)
{
	struct said *s = arg;

	s->text = arena_printf(s->arena, "%s%.*s", s->text, (int)n, piece);
}

static char *say(struct trial *t, char *(*in_language)(struct arena *, struct text))
{
	struct arena *a = t->cx->arena;
	struct formula_sayings words = {in_language(a, TEXT_SAY_HOUR), in_language(a, TEXT_SAY_DAY),
					in_language(a, TEXT_SAY_YES), in_language(a, TEXT_SAY_NO)};
	struct said said = {a, arena_strdup(a, "")};

	formula_say_in(&t->set.formula[t->own], &t->input, &words, put_piece, &said);
	return said.text;
}

static void put_done(struct trial *t, struct ratio number, Payroll__PayTrial *out)
{
	int64_t fen;

	out->zh = say(t, text_zh);
	out->en = say(t, text_en);
	out->has_amount_fen =
		t->set.item[t->own]->type == PAYROLL__PAY_ITEM_TYPE__PAY_ITEM_TYPE_MONEY &&
		number.den == 1 && ratio_floor(number, &fen);
	if (out->has_amount_fen)
		out->amount_fen = fen;
}

static Payroll__PayTrial *try(struct trial *t)
{
	Payroll__PayTrial *out =
		(Payroll__PayTrial *)msg_new(t->cx->arena, &RULE_PAYROLL_PAY_TRIAL);
	struct formula_result *results =
				      arena_alloc(t->cx->arena, (t->set.n + 1) * sizeof(*results)),
			      *r;

	t->values[N_PAY_NAMES + t->own].known = false; /* what is asked about is worked out */
	pay_set_run(&t->set, &t->input, t->values, results);
	r = &results[t->own];
	out->has_state = true;
	out->state =
		PAYROLL__PAY_TRIAL_STATE__PAY_TRIAL_STATE_DONE + (Payroll__PayTrialState)r->end;
	out->has_at = out->has_length = r->end != FORMULA_DONE;
	out->at = r->at;
	out->length = r->length;
	if (r->end == FORMULA_DONE)
		put_done(t, r->number, out);
	return out;
}

static bool begin(struct trial *t)
{
	Payroll__GetPayItemRequest all = PAYROLL__GET_PAY_ITEM_REQUEST__INIT;
	struct pay_items items;
	struct msg_list facts;

	if (!db_many(t->cx, &Q_PAY_ITEM_FACTS, &all, &facts))
		return false;
	pay_items_fold(t->cx, &facts, &items);
	return pay_set_begin(&t->set, t->cx->arena, &items, t->day);
}

bool payroll_check_pay_item(struct ctx *cx, const Payroll__CheckPayItemRequest *in,
			    Payroll__PayItemCheck *out)
{
	struct trial *t = arena_alloc(cx->arena, sizeof(*t));

	*t = (struct trial){
		.cx = cx, .in = in, .day = in->effective_on ? in->effective_on : cx->today};
	if (!begin(t))
		return false;
	put_item(t);
	if (!take_all(t))
		return false;
	out->has_good = out->has_type = true;
	out->good = pay_set_check(&t->set);
	out->type = t->set.item[t->own]->type;
	put_faults(t, out);
	if (t->set.n_circle)
		out->circle = codes(t, t->set.n_circle, &out->n_circle);
	if (!out->good)
		return true;
	out->order = codes(t, t->set.n, &out->n_order);
	out->trial = try(t);
	return true;
}
