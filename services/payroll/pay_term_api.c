/* Pay groups, and pay terms: whole records from a day on. */
#include "audit.h"
#include "page.h"
#include "payroll.h"
#include "row.h"
#include "row_list.h"
#include "value.h"

/* ---- groups ---- */

bool payroll_create_pay_group(struct ctx *cx, const Payroll__PayGroup *in, Payroll__PayGroup *out)
{
	return db_one(cx, &Q_PAY_GROUP_INSERT, in, out) && audit_put(cx, "pay_group.create", "pay_group", out->id, out->code, "ok");
}

bool payroll_get_pay_group(struct ctx *cx, const Payroll__GetPayGroupRequest *in, Payroll__PayGroup *out)
{
	return db_one(cx, &Q_PAY_GROUP_GET, in, out);
}

bool payroll_list_pay_groups(struct ctx *cx, const Payroll__ListPayGroupsRequest *in, Payroll__ListPayGroupsResponse *out)
{
	static const char *const BY_CODE[] = {"code", "id", NULL};
	const struct message_rule *rule = &RULE_PAYROLL_LIST_PAY_GROUPS_REQUEST;
	Payroll__ListPayGroupsRequest list = *in;
	struct msg_list rows;

	if (!page_begin(cx, rule, &list.base) || !db_many(cx, &Q_PAY_GROUP_LIST, &list, &rows))
		return false;
	out->items = (Payroll__PayGroup **)rows.items;
	return page_end(cx, rule, &list.base, &RULE_PAYROLL_PAY_GROUP, rows.items, rows.n, BY_CODE, &out->n_items, &out->next_page_token);
}

/* ---- recording ---- */

struct known {
	struct msg_list employees, groups; /* PayTerm with its person; PayGroup with its id */
};

static bool look_up(struct ctx *cx, const Payroll__RecordPayTermsRequest *in, struct known *out)
{
	Payroll__PayTermLookup *l = (Payroll__PayTermLookup *)msg_new(cx->arena, &RULE_PAYROLL_PAY_TERM_LOOKUP);

	l->employee_ids = arena_alloc(cx->arena, in->n_items * sizeof(char *));
	l->pay_group_ids = arena_alloc(cx->arena, in->n_items * sizeof(char *));
	for (size_t i = 0; i < in->n_items; i++) {
		l->employee_ids[l->n_employee_ids++] = in->items[i]->employee_id;
		l->pay_group_ids[l->n_pay_group_ids++] = in->items[i]->pay_group_id;
	}
	return db_many(cx, &Q_PAY_TERM_EMPLOYEES, l, &out->employees) && db_many(cx, &Q_PAY_GROUP_KNOWN, l, &out->groups);
}

static const Payroll__PayTerm *employee_of(const struct known *k, const char *id)
{
	for (size_t i = 0; i < k->employees.n; i++) {
		const Payroll__PayTerm *e = (const Payroll__PayTerm *)k->employees.items[i];

		if (!strcmp(e->employee_id, id))
			return e;
	}
	return NULL;
}

static bool group_known(const struct known *k, const char *id)
{
	for (size_t i = 0; i < k->groups.n; i++)
		if (!strcmp(((const Payroll__PayGroup *)k->groups.items[i])->id, id))
			return true;
	return false;
}

static void judge(struct ctx *cx, const struct known *k, Payroll__PayTerm *t, size_t i)
{
	const Payroll__PayTerm *e = employee_of(k, t->employee_id);

	if (!e)
		fault_add(cx, arena_printf(cx->arena, "/items/%zu/employee_id", i), "UNKNOWN", TEXT_PAY_TERM_EMPLOYEE);
	if (!group_known(k, t->pay_group_id))
		fault_add(cx, arena_printf(cx->arena, "/items/%zu/pay_group_id", i), "UNKNOWN", TEXT_PAY_TERM_GROUP);
	if ((t->has_fund_declared_fen || t->has_fund_rate_e5 || t->has_injury_rate_e5 || t->n_schemes) && !t->has_declared_base_fen)
		fault_add(cx, arena_printf(cx->arena, "/items/%zu/declared_base_fen", i), "REQUIRED", TEXT_PAY_TERM_BASE);
	if (!e)
		return;
	if (cx->who.person_id && !strcmp(e->person_id, cx->who.person_id))
		fault_add(cx, arena_printf(cx->arena, "/items/%zu/employee_id", i), "OWN", TEXT_PAY_OWN);
	t->person_id = e->person_id;
	t->employee_number = e->employee_number;
	t->id = arena_alloc(cx->arena, UUID_LEN + 1);
	uuid7(t->id);
}

bool payroll_record_pay_terms(struct ctx *cx, const Payroll__RecordPayTermsRequest *in, Payroll__RecordPayTermsResponse *out)
{
	Payroll__RecordPayTermsRequest *terms = (Payroll__RecordPayTermsRequest *)msg_copy(cx->arena, &in->base);
	struct known known;
	size_t failed;

	if (!look_up(cx, terms, &known))
		return false;
	for (size_t i = 0; i < terms->n_items; i++)
		judge(cx, &known, terms->items[i], i);
	if (!fault_none(cx, &FAULT_PAY_TERM_REFUSED) ||
	    !db_exec_all(cx, &Q_PAY_TERM_INSERT, (ProtobufCMessage *const *)terms->items, terms->n_items, &failed))
		return false;
	for (size_t i = 0; i < terms->n_items; i++)
		if (!audit_put(cx, "pay_term.record", "employee", terms->items[i]->employee_id, terms->items[i]->effective_date, "ok"))
			return false;
	out->items = terms->items;
	out->n_items = terms->n_items;
	return true;
}

/* ---- reading ---- */

bool payroll_list_pay_terms(struct ctx *cx, const Payroll__ListPayTermsRequest *in, Payroll__ListPayTermsResponse *out)
{
	static const char *const BY_EMPLOYEE[] = {"employee_id", NULL};
	const struct message_rule *rule = &RULE_PAYROLL_LIST_PAY_TERMS_REQUEST;
	Payroll__ListPayTermsRequest list = *in;
	struct msg_list rows;

	cx->about_past = in->as_of != NULL;
	if (!page_begin(cx, rule, &list.base) || !db_many(cx, &Q_PAY_TERM_LIST, &list, &rows))
		return false;
	out->items = (Payroll__PayTerm **)rows.items;
	return page_end(cx, rule, &list.base, &RULE_PAYROLL_PAY_TERM, rows.items, rows.n, BY_EMPLOYEE, &out->n_items, &out->next_page_token);
}

bool payroll_get_pay_term_history(struct ctx *cx, const Payroll__GetPayTermHistoryRequest *in, Payroll__PayTermHistory *out)
{
	struct msg_list rows;

	if (!db_many(cx, &Q_PAY_TERM_HISTORY, in, &rows))
		return false;
	out->items = (Payroll__PayTerm **)rows.items;
	out->n_items = rows.n;
	return true;
}
