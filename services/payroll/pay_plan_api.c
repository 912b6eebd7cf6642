/* Pay plans that ship (texts/pay_plan_items.tsv), and how a company adopts one. */
#include "audit.h"
#include "pay_item.h"
#include "row.h"
#include <stdlib.h>

static const struct message_rule *const RULE = &RULE_PAYROLL_PAY_ITEM;

/* ---- from the table to items ---- */

static void set(struct ctx *cx, Payroll__PayItem *p, const char *field, const char *text)
{
	if (strcmp(text, "-") != 0 && !row_set(cx->arena, rule_field(RULE, field), &p->base, text))
		abort(); /* tests/unit/test_payroll_plan.c reads every row */
}

static Payroll__PayItem *item_of(struct ctx *cx, const struct pay_plan_items_row *row)
{
	Payroll__PayItem *p = (Payroll__PayItem *)msg_new(cx->arena, RULE);
	const struct {
		const char *field, *text;
	} CELLS[] = {
		{"code", row->code},	   {"name_zh", row->name_zh},	{"name_en", row->name_en},
		{"kind", row->kind},	   {"tax", row->tax},		{"sequence", row->sequence},
		{"formula", row->formula}, {"rounding", row->rounding}, {"type", "MONEY"},
	};

	for (size_t i = 0; i < sizeof(CELLS) / sizeof(CELLS[0]); i++)
		set(cx, p, CELLS[i].field, CELLS[i].text);
	if (strcmp(row->bases, "-") != 0)
		set(cx, p, "bases", arena_printf(cx->arena, "{%s}", row->bases));
	return p;
}

/* How many; items: room for all rows. */
static size_t items_of(struct ctx *cx, Payroll__PayPlanCode plan, Payroll__PayItem **items)
{
	const char *name = enum_name(&payroll__pay_plan_code__descriptor, (int)plan);
	size_t n = 0;

	for (size_t i = 0; i < N_PAY_PLAN_ITEMS; i++)
		if (!strcmp(PAY_PLAN_ITEMS[i].plan, name))
			items[n++] = item_of(cx, &PAY_PLAN_ITEMS[i]);
	return n;
}

/* ---- reading ---- */

static Payroll__PayPlan *plan_of(struct ctx *cx, Payroll__PayPlanCode code)
{
	Payroll__PayPlan *p = (Payroll__PayPlan *)msg_new(cx->arena, &RULE_PAYROLL_PAY_PLAN);
	const struct enum_label *label = enum_label(&payroll__pay_plan_code__descriptor, (int)code);

	p->has_plan = true;
	p->plan = code;
	p->zh = arena_strdup(cx->arena, label->zh);
	p->en = arena_strdup(cx->arena, label->en);
	p->items = arena_alloc(cx->arena, N_PAY_PLAN_ITEMS * sizeof(*p->items));
	p->n_items = items_of(cx, code, p->items);
	return p;
}

bool payroll_list_pay_plans(struct ctx *cx, const Renhe__Empty *in, Payroll__PayPlanList *out)
{
	const ProtobufCEnumDescriptor *d = &payroll__pay_plan_code__descriptor;

	(void)in;
	out->items = arena_alloc(cx->arena, d->n_values * sizeof(*out->items));
	for (unsigned i = 0; i < d->n_values; i++)
		if (d->values[i].value)
			out->items[out->n_items++] =
				plan_of(cx, (Payroll__PayPlanCode)d->values[i].value);
	return true;
}

/* ---- adopting ---- */

/* Codes that are there already, all at once. */
static bool codes_free(struct ctx *cx, const struct msg_list *was, Payroll__PayItem **items,
		       size_t n)
{
	const char *told = "";

	for (size_t i = 0; i < was->n; i++) {
		const char *code = ((Payroll__PayItem *)was->items[i])->code;

		for (size_t k = 0; k < n && strcmp(code, told) != 0; k++)
			if (!strcmp(items[k]->code, code)) {
				fault_add(cx, "/plan", "TAKEN", TEXT_PAY_ITEM_TAKEN(code));
				told = code;
			}
	}
	return fault_none(cx, &FAULT_PAY_ITEM_CODE_TAKEN);
}

/* The items beside those that are there. */
static bool fits(struct ctx *cx, Payroll__PayItem **items, size_t n)
{
	Payroll__GetPayItemRequest all = PAYROLL__GET_PAY_ITEM_REQUEST__INIT;
	struct msg_list was, now;
	struct pay_items set;

	if (!db_many(cx, &Q_PAY_ITEM_FACTS, &all, &was) || !codes_free(cx, &was, items, n))
		return false;
	now = (struct msg_list){arena_alloc(cx->arena, (was.n + n) * sizeof(*now.items)), 0};
	for (; now.n < was.n; now.n++)
		now.items[now.n] = was.items[now.n];
	for (size_t i = 0; i < n; i++)
		now.items[now.n++] = &items[i]->base;
	pay_items_fold(cx, &now, &set);
	return pay_items_judge(cx, &set, "", items[0]->effective_date);
}

bool payroll_adopt_pay_plan(struct ctx *cx, const Payroll__AdoptPayPlanRequest *in,
			    Payroll__PayItemList *out)
{
	Payroll__PayItem **items = arena_alloc(cx->arena, N_PAY_PLAN_ITEMS * sizeof(*items));
	size_t n = items_of(cx, in->plan, items);

	for (size_t i = 0; i < n; i++) {
		items[i]->effective_date = in->effective_date;
		pay_item_defaults(cx, items[i]);
	}
	if (!db_exec(cx, &Q_PAY_ITEM_TURN, NULL, NULL) || !fits(cx, items, n))
		return false;
	out->items = arena_alloc(cx->arena, n * sizeof(*out->items));
	for (; out->n_items < n; out->n_items++) {
		out->items[out->n_items] = (Payroll__PayItem *)msg_new(cx->arena, RULE);
		if (!pay_item_add(cx, items[out->n_items], out->items[out->n_items]))
			return false;
	}
	return audit_put(cx, "pay_plan.adopt", "pay_plan",
			 enum_name(&payroll__pay_plan_code__descriptor, (int)in->plan), "", "ok");
}
