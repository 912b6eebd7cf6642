/* Bank accounts of persons: recorded by another than the person, masked for readers, in clear for a reason. */
#include "audit.h"
#include "config.h"
#include "metrics.h"
#include "page.h"
#include "payroll.h"
#include "row.h"
#include "row_list.h"
#include "value.h"

/* ---- recording ---- */

static bool look_up(struct ctx *cx, const Payroll__RecordBankAccountsRequest *in, struct msg_list *employees)
{
	Payroll__PayTermLookup *l = (Payroll__PayTermLookup *)msg_new(cx->arena, &RULE_PAYROLL_PAY_TERM_LOOKUP);

	l->employee_ids = arena_alloc(cx->arena, in->n_items * sizeof(char *));
	for (size_t i = 0; i < in->n_items; i++)
		l->employee_ids[l->n_employee_ids++] = in->items[i]->employee_id;
	return db_many(cx, &Q_PAY_TERM_EMPLOYEES, l, employees);
}

static const Payroll__PayTerm *employee_of(const struct msg_list *employees, const char *id)
{
	for (size_t i = 0; i < employees->n; i++) {
		const Payroll__PayTerm *e = (const Payroll__PayTerm *)employees->items[i];

		if (!strcmp(e->employee_id, id))
			return e;
	}
	return NULL;
}

static bool digits(const char *s)
{
	return !s || s[strspn(s, "0123456789")] == '\0';
}

static void judge(struct ctx *cx, const struct msg_list *employees, Payroll__BankAccount *b, size_t i)
{
	const Payroll__PayTerm *e = employee_of(employees, b->employee_id);

	if (!digits(b->account_number))
		fault_add(cx, arena_printf(cx->arena, "/items/%zu/account_number", i), "FORMAT", TEXT_BANK_ACCOUNT_DIGITS);
	if (!digits(b->bank_code))
		fault_add(cx, arena_printf(cx->arena, "/items/%zu/bank_code", i), "FORMAT", TEXT_BANK_ACCOUNT_DIGITS);
	if (!e) {
		fault_add(cx, arena_printf(cx->arena, "/items/%zu/employee_id", i), "UNKNOWN", TEXT_PAY_TERM_EMPLOYEE);
		return;
	}
	/* Who pays could else send the own pay, or what follows it, anywhere unseen. */
	if (cx->who.person_id && !strcmp(e->person_id, cx->who.person_id))
		fault_add(cx, arena_printf(cx->arena, "/items/%zu/employee_id", i), "OWN", TEXT_BANK_ACCOUNT_OWN);
	b->person_id = e->person_id;
	b->employee_number = e->employee_number;
	b->id = arena_alloc(cx->arena, UUID_LEN + 1);
	uuid7(b->id);
}

static bool noted(struct ctx *cx, const Payroll__RecordBankAccountsRequest *in)
{
	for (size_t i = 0; i < in->n_items; i++)
		if (!audit_put(cx, "bank_account.record", "bank_account", in->items[i]->id, in->items[i]->effective_date, "ok"))
			return false;
	return true;
}

bool payroll_record_bank_accounts(struct ctx *cx, const Payroll__RecordBankAccountsRequest *in, Payroll__RecordBankAccountsResponse *out)
{
	Payroll__RecordBankAccountsRequest *all = (Payroll__RecordBankAccountsRequest *)msg_copy(cx->arena, &in->base);
	struct msg_list employees;
	size_t failed;

	if (!look_up(cx, all, &employees))
		return false;
	for (size_t i = 0; i < all->n_items; i++)
		judge(cx, &employees, all->items[i], i);
	if (!fault_none(cx, &FAULT_BANK_ACCOUNT_REFUSED) ||
	    !db_exec_all(cx, &Q_BANK_ACCOUNT_INSERT, (ProtobufCMessage *const *)all->items, all->n_items, &failed) || !noted(cx, all))
		return false;
	out->items = all->items;
	out->n_items = all->n_items;
	return true;
}

/* ---- reading ---- */

bool payroll_list_bank_accounts(struct ctx *cx, const Payroll__ListBankAccountsRequest *in, Payroll__ListBankAccountsResponse *out)
{
	static const char *const BY_PERSON[] = {"person_id", NULL};
	const struct message_rule *rule = &RULE_PAYROLL_LIST_BANK_ACCOUNTS_REQUEST;
	Payroll__ListBankAccountsRequest list = *in;
	struct msg_list rows;

	cx->about_past = in->as_of != NULL;
	if (!page_begin(cx, rule, &list.base) || !db_many(cx, &Q_BANK_ACCOUNT_LIST, &list, &rows))
		return false;
	out->items = (Payroll__BankAccount **)rows.items;
	return page_end(cx, rule, &list.base, &RULE_PAYROLL_BANK_ACCOUNT, rows.items, rows.n, BY_PERSON, &out->n_items, &out->next_page_token);
}

bool payroll_get_bank_account_history(struct ctx *cx, const Payroll__GetBankAccountHistoryRequest *in, Payroll__BankAccountHistory *out)
{
	struct msg_list rows;

	if (!db_many(cx, &Q_BANK_ACCOUNT_HISTORY, in, &rows))
		return false;
	out->items = (Payroll__BankAccount **)rows.items;
	out->n_items = rows.n;
	return true;
}

/* ---- reveal: audited before the answer leaves, in the same transaction ---- */

/* Counted by what the audit says of the last 24 hours, so that nothing uncounted was seen. */
static bool reveal_quota(struct ctx *cx)
{
	Payroll__BankRevealCount *n = (Payroll__BankRevealCount *)msg_new(cx->arena, &RULE_PAYROLL_BANK_REVEAL_COUNT);

	if (!db_one(cx, &Q_BANK_REVEALS_COUNT, n, n))
		return false;
	if (n->count < config_int("RENHE_REVEALS_PER_DAY"))
		return true;
	cx->fault.retry_after_s = (int)n->retry_after_s;
	metric_add(metric_get("renhe_reveal_quota_refused_total", "", "Looks at clear numbers that were refused by the day's quota."), 1);
	return fail(cx, &FAULT_BANK_REVEAL_QUOTA_REACHED, NULL);
}

bool payroll_reveal_bank_account(struct ctx *cx, const Payroll__RevealBankAccountRequest *in, Payroll__BankAccount *out)
{
	return reveal_quota(cx) && db_one(cx, &Q_BANK_ACCOUNT_REVEAL, in, out) &&
	       audit_put(cx, "bank_account.reveal", "bank_account", in->id, in->reason, "ok");
}
