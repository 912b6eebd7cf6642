/* From facts of pay items to what holds on a day. */
#include "dated.h"
#include "pay_item.h"

static const struct message_rule *const RULE = &RULE_PAYROLL_PAY_ITEM;

static void fold_one(struct ctx *cx, ProtobufCMessage *const *facts, size_t n,
		     struct pay_item_spans *out)
{
	ProtobufCMessage **slices = dated_fold(cx->arena, RULE, facts, n, &out->n);
	const Payroll__PayItem *head = (const Payroll__PayItem *)facts[0];

	out->span = (Payroll__PayItem **)slices;
	for (size_t i = 0; i < out->n; i++) {
		Payroll__PayItem *p = out->span[i];

		p->id = head->id;
		p->code = head->code;
		p->create_time = head->create_time;
		p->update_time = head->update_time;
		p->has_version = head->has_version;
		p->version = head->version;
	}
}

void pay_items_fold(struct ctx *cx, const struct msg_list *facts, struct pay_items *out)
{
	Payroll__PayItem **f = (Payroll__PayItem **)facts->items;
	size_t from = 0;

	*out = (struct pay_items){arena_alloc(cx->arena, (facts->n + 1) * sizeof(*out->item)), 0};
	for (size_t i = 1; i <= facts->n; i++) {
		if (i < facts->n && !strcmp(f[i]->id, f[from]->id))
			continue;
		fold_one(cx, facts->items + from, i - from, &out->item[out->n++]);
		from = i;
	}
}

Payroll__PayItem *pay_item_on(const struct pay_item_spans *s, const char *day)
{
	Payroll__PayItem *found = NULL;

	for (size_t i = 0; i < s->n && strcmp(s->span[i]->valid_from, day) <= 0; i++)
		found = s->span[i];
	return found;
}
