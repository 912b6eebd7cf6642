/* Pay items: declared, changed and retired from a day on, read as of any day and instant. */
#include "pay_item.h"
#include "audit.h"
#include "request.h"
#include "row_list.h"
#include "value.h"

#define FIRST_DAY "2000-01-01" /* of an item that says nothing: as long as anyone asks */

static const struct message_rule *const RULE = &RULE_PAYROLL_PAY_ITEM;

/* ---- reading ---- */

/* The day that an answer is about: the one that was asked for, or the business day of the instant.
 */
static const char *day_of(struct ctx *cx, const char *effective_on)
{
	return effective_on ? effective_on : cx->today;
}

static Payroll__PayItem *shown(const struct pay_item_spans *s, const char *day)
{
	Payroll__PayItem *p = pay_item_on(s, day);

	return p ? p : s->span[0];
}

static bool load(struct ctx *cx, const Payroll__GetPayItemRequest *asked, struct pay_items *out)
{
	struct msg_list facts;

	if (!db_many(cx, &Q_PAY_ITEM_FACTS, asked, &facts))
		return false;
	pay_items_fold(cx, &facts, out);
	return true;
}

static void answer(const struct pay_item_spans *s, const char *day, Payroll__PayItem *out)
{
	msg_merge(&shown(s, day)->base, &out->base);
}

bool payroll_get_pay_item(struct ctx *cx, const Payroll__GetPayItemRequest *in,
			  Payroll__PayItem *out)
{
	struct pay_items items;

	cx->about_past = in->as_of != NULL;
	if (!load(cx, in, &items))
		return false;
	if (!items.n)
		return fail(cx, &FAULT_PAY_ITEM_NOT_FOUND, NULL);
	answer(&items.item[0], day_of(cx, in->effective_on), out);
	return true;
}

bool payroll_list_pay_items(struct ctx *cx, const Payroll__ListPayItemsRequest *in,
			    Payroll__PayItemList *out)
{
	Payroll__GetPayItemRequest all = PAYROLL__GET_PAY_ITEM_REQUEST__INIT;
	struct pay_items items;

	all.as_of = in->as_of;
	cx->about_past = in->as_of != NULL;
	if (!load(cx, &all, &items))
		return false;
	out->items = arena_alloc(cx->arena, (items.n + 1) * sizeof(*out->items));
	for (; out->n_items < items.n; out->n_items++)
		out->items[out->n_items] =
			shown(&items.item[out->n_items], day_of(cx, in->effective_on));
	return true;
}

/* ---- rules ---- */

static bool is_code(const char *code)
{
	return code[0] >= 'a' && code[0] <= 'z' &&
	       !code[strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789_")];
}

void pay_item_defaults(struct ctx *cx, Payroll__PayItem *p)
{
	bool earned = p->kind == PAYROLL__PAY_ITEM_KIND__PAY_ITEM_KIND_EARNING;

	if (!p->has_type)
		p->type = PAYROLL__PAY_ITEM_TYPE__PAY_ITEM_TYPE_MONEY;
	if (!p->has_tax)
		p->tax = earned ? PAYROLL__PAY_ITEM_TAX__PAY_ITEM_TAX_TAXABLE
				: PAYROLL__PAY_ITEM_TAX__PAY_ITEM_TAX_NONE;
	if (!p->has_rounding)
		p->rounding = p->type == PAYROLL__PAY_ITEM_TYPE__PAY_ITEM_TYPE_MONEY
				      ? PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_FEN
				      : PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_EXACT;
	p->has_type = p->has_tax = p->has_rounding = p->has_sequence = true;
	if (!p->effective_date)
		p->effective_date = arena_strdup(cx->arena, FIRST_DAY);
	p->id = arena_alloc(cx->arena, UUID_LEN + 1);
	uuid7(p->id);
	p->has_fact_sequence = true;
	p->fact_sequence = 1;
}

/* Each span of the item, as it would be. */
static bool check_spans(struct ctx *cx, const struct pay_item_spans *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->span[i]->type != PAYROLL__PAY_ITEM_TYPE__PAY_ITEM_TYPE_MONEY &&
		    s->span[i]->rounding != PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_EXACT) {
			fault_add(cx, "/rounding", "MISMATCH", TEXT_PAY_ITEM_ROUNDING);
			break;
		}
	return fault_none(cx, &FAULT_VALIDATION_FAILED);
}

static bool judge_day(struct ctx *cx, const struct pay_items *items, const char *id,
		      const char *day)
{
	struct pay_set *s = arena_alloc(cx->arena, sizeof(*s));
	bool others;

	if (!pay_set_begin(s, cx->arena, items, day))
		return fail(cx, &FAULT_PAY_ITEMS_FULL, NULL);
	if (pay_set_check(s))
		return true;
	pay_set_tell(cx, s, id, day, &others);
	return fault_none(cx, others ? &FAULT_PAY_ITEM_IN_USE : &FAULT_PAY_ITEM_REFUSED);
}

bool pay_items_judge(struct ctx *cx, const struct pay_items *items, const char *id,
		     const char *from)
{
	if (!judge_day(cx, items, id, from))
		return false;
	for (size_t i = 0; i < items->n; i++)
		for (size_t k = 0; k < items->item[i].n; k++) {
			const char *day = items->item[i].span[k]->valid_from;

			if (strcmp(day, from) > 0 && !judge_day(cx, items, id, day))
				return false;
		}
	return true;
}

/* ---- writing ---- */

/* All facts, those of the item with the new one behind them. */
static bool with_fact(struct ctx *cx, Payroll__PayItem *fact, struct pay_items *out,
		      const struct pay_item_spans **own)
{
	Payroll__GetPayItemRequest all = PAYROLL__GET_PAY_ITEM_REQUEST__INIT;
	struct msg_list was, now = {0};

	if (!db_many(cx, &Q_PAY_ITEM_FACTS, &all, &was))
		return false;
	now.items = arena_alloc(cx->arena, (was.n + 1) * sizeof(*now.items));
	for (size_t i = 0; i < was.n; i++)
		if (strcmp(((Payroll__PayItem *)was.items[i])->id, fact->id) != 0)
			now.items[now.n++] = was.items[i];
	for (size_t i = 0; i < was.n; i++)
		if (strcmp(((Payroll__PayItem *)was.items[i])->id, fact->id) == 0)
			now.items[now.n++] = was.items[i];
	now.items[now.n++] = &fact->base;
	pay_items_fold(cx, &now, out);
	*own = &out->item[out->n - 1];
	return true;
}

static bool accepted(struct ctx *cx, Payroll__PayItem *fact)
{
	const struct pay_item_spans *own;
	struct pay_items items;

	return with_fact(cx, fact, &items, &own) && check_spans(cx, own) &&
	       pay_items_judge(cx, &items, fact->id, fact->effective_date);
}

/* head: id, version and update_time after the change. */
static bool record(struct ctx *cx, const Payroll__PayItem *head, Payroll__PayItem *fact,
		   const char *act, Payroll__PayItem *out)
{
	Payroll__GetPayItemRequest again = PAYROLL__GET_PAY_ITEM_REQUEST__INIT;

	fact->has_version = true;
	fact->version = head->version;
	fact->update_time = head->update_time;
	again.id = head->id;
	return db_exec(cx, &Q_PAY_ITEM_FACT_INSERT, fact, NULL) &&
	       payroll_get_pay_item(cx, &again, out) &&
	       audit_put(cx, act, "pay_item", head->id, fact->code, "ok");
}

bool pay_item_add(struct ctx *cx, Payroll__PayItem *fact, Payroll__PayItem *out)
{
	Payroll__PayItem *head = (Payroll__PayItem *)msg_copy(cx->arena, &fact->base);

	return db_one(cx, &Q_PAY_ITEM_INSERT, head, head) &&
	       record(cx, head, fact, "pay_item.create", out);
}

bool payroll_create_pay_item(struct ctx *cx, const Payroll__PayItem *in, Payroll__PayItem *out)
{
	Payroll__PayItem *fact = (Payroll__PayItem *)msg_copy(cx->arena, &in->base);

	if (!is_code(fact->code))
		fault_add(cx, "/code", "FORMAT", TEXT_PAY_ITEM_CODE);
	if (!fault_none(cx, &FAULT_VALIDATION_FAILED))
		return false;
	pay_item_defaults(cx, fact);
	return db_exec(cx, &Q_PAY_ITEM_TURN, NULL, NULL) && accepted(cx, fact) &&
	       pay_item_add(cx, fact, out);
}

/* What may be absent: all else has a meaning only when it is said. */
static bool may_clear(const char *name)
{
	static const char *const MAY[] = {"name_en", "bases", "retired", NULL};

	for (size_t i = 0; MAY[i]; i++)
		if (!strcmp(MAY[i], name))
			return true;
	return false;
}

static bool fact_of(struct ctx *cx, const Payroll__PayItem *in, const Payroll__PayItem *now,
		    Payroll__PayItem **out)
{
	const char *const *cleared = request_cleared(cx);
	Payroll__PayItem *fact = (Payroll__PayItem *)msg_copy(cx->arena, &in->base);
	size_t n = 0;

	for (; cleared[n]; n++)
		if (!may_clear(cleared[n]))
			fault_add(cx, arena_printf(cx->arena, "/%s", cleared[n]), "REQUIRED",
				  TEXT_PAY_ITEM_KEPT);
	msg_set_list(RULE, &fact->base, "cleared_fields", cleared, n);
	if (in->code && strcmp(in->code, now->code) != 0)
		fault_add(cx, "/code", "FIXED", TEXT_PAY_ITEM_CODE_FIXED);
	if (!in->effective_date)
		fault_add(cx, "/effective_date", "REQUIRED", TEXT_PAY_ITEM_DATE_MISSING);
	fact->code = now->code;
	fact->has_fact_sequence = true;
	fact->fact_sequence = now->version + 1;
	*out = fact;
	return fault_none(cx, &FAULT_VALIDATION_FAILED);
}

bool payroll_update_pay_item(struct ctx *cx, const Payroll__PayItem *in, Payroll__PayItem *out)
{
	Payroll__PayItem *now = (Payroll__PayItem *)msg_new(cx->arena, RULE), *fact;

	return db_exec(cx, &Q_PAY_ITEM_TURN, NULL, NULL) && db_one(cx, &Q_PAY_ITEM_LOCK, in, now) &&
	       version_check(cx, now->version) && fact_of(cx, in, now, &fact) &&
	       accepted(cx, fact) && db_one(cx, &Q_PAY_ITEM_STAMP, now, now) &&
	       record(cx, now, fact, "pay_item.update", out);
}
