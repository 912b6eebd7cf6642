/* Facts of periods: recorded once by their source, listed, withdrawn. */
#include "audit.h"
#include "civil.h"
#include "dated.h"
#include "page.h"
#include "payroll.h"
#include "row.h"
#include "value.h"

typedef Payroll__PeriodFact fact;

#define KIND(k) PAYROLL__PERIOD_FACT_KIND__PERIOD_FACT_KIND_##k

/* ---- what a kind needs, and what has no place in it ---- */

static bool is_hours(const fact *f)
{
	return f->kind == KIND(OVERTIME_WEEKDAY) || f->kind == KIND(OVERTIME_REST) || f->kind == KIND(OVERTIME_HOLIDAY);
}

static bool is_days(const fact *f)
{
	return f->kind == KIND(ABSENCE) || f->kind == KIND(SICKNESS);
}

static bool is_money(const fact *f)
{
	return f->kind == KIND(AMOUNT) || f->kind == KIND(CLAIM) || f->kind == KIND(BONUS) || f->kind == KIND(SEVERANCE);
}

static void member(struct ctx *cx, size_t i, const char *name, bool there, bool wanted)
{
	const char *at = arena_printf(cx->arena, "/items/%zu/%s", i, name);

	if (wanted && !there)
		fault_add(cx, at, "REQUIRED", TEXT_FACT_NEEDS);
	if (!wanted && there)
		fault_add(cx, at, "NOT_ALLOWED", TEXT_FACT_HAS_NO);
}

static void judge_members(struct ctx *cx, const fact *f, size_t i)
{
	bool amount = f->kind == KIND(AMOUNT), claim = f->kind == KIND(CLAIM), sick = f->kind == KIND(SICKNESS), rating = f->kind == KIND(RATING);

	member(cx, i, "hours_s", f->has_hours_s, is_hours(f));
	member(cx, i, "days_e2", f->has_days_e2, is_days(f));
	member(cx, i, "service_years", f->has_service_years, sick);
	member(cx, i, "code", f->code != NULL, amount || claim || rating);
	member(cx, i, "coefficient_e4", f->has_coefficient_e4, rating);
	member(cx, i, "amount_fen", f->has_amount_fen, is_money(f));
	member(cx, i, "claim_kind", f->has_claim_kind, claim);
	member(cx, i, "monthly_average_fen", f->has_monthly_average_fen, f->kind == KIND(SEVERANCE));
	if (!sick)
		member(cx, i, "beyond_six_months", f->has_beyond_six_months, false);
	if (!claim)
		member(cx, i, "protected_fen", f->has_protected_fen, false);
	if (!amount) {
		member(cx, i, "cut", f->has_cut, false);
		member(cx, i, "tax_free", f->has_tax_free, false);
		member(cx, i, "normal", f->has_normal, false);
	}
}

static void judge_month(struct ctx *cx, const fact *f, size_t i)
{
	civil_day d;

	if (!civil_read(f->month, &d) || civil_split(d).day != 1)
		fault_add(cx, arena_printf(cx->arena, "/items/%zu/month", i), "OUT_OF_RANGE", TEXT_SLIP_MONTH_FIRST);
}

/* ---- whose it is ---- */

static bool look_up_people(struct ctx *cx, const Payroll__RecordPeriodFactsRequest *in, struct msg_list *out)
{
	Payroll__PayTermLookup *l = (Payroll__PayTermLookup *)msg_new(cx->arena, &RULE_PAYROLL_PAY_TERM_LOOKUP);

	l->employee_ids = arena_alloc(cx->arena, in->n_items * sizeof(char *));
	for (size_t i = 0; i < in->n_items; i++)
		l->employee_ids[l->n_employee_ids++] = in->items[i]->employee_id;
	return db_many(cx, &Q_PAY_TERM_EMPLOYEES, l, out);
}

static void find_person(struct ctx *cx, const struct msg_list *people, fact *f, size_t i)
{
	for (size_t k = 0; k < people->n; k++) {
		const Payroll__PayTerm *p = (const Payroll__PayTerm *)people->items[k];

		if (strcmp(p->employee_id, f->employee_id) != 0)
			continue;
		if (cx->who.person_id && !strcmp(p->person_id, cx->who.person_id))
			fault_add(cx, arena_printf(cx->arena, "/items/%zu/employee_id", i), "OWN", TEXT_PAY_OWN);
		f->person_id = p->person_id;
		f->employee_number = p->employee_number;
		return;
	}
	fault_add(cx, arena_printf(cx->arena, "/items/%zu/employee_id", i), "UNKNOWN", TEXT_PAY_TERM_EMPLOYEE);
}

/* ---- once by its source ---- */

static bool is_content(const struct field_rule *r)
{
	static const char *const NOT[] = {"id", "person_id", "employee_number", "pay_run_id", "recorded_time", "withdrawn_time", "restricted_fields",
					  "scope_match"};

	for (size_t i = 0; i < sizeof(NOT) / sizeof(NOT[0]); i++)
		if (!strcmp(r->name, NOT[i]))
			return false;
	return true;
}

static bool same(struct ctx *cx, const fact *a, const fact *b)
{
	return dated_equal(cx->arena, &RULE_PAYROLL_PERIOD_FACT, &a->base, &b->base, is_content);
}

static fact *by_source(ProtobufCMessage *const *items, size_t n, const char *source)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(((fact *)items[i])->source, source))
			return (fact *)items[i];
	return NULL;
}

struct sorting {
	struct msg_list stored, fresh;
};

/* A fact that is there is answered as it stands; one of the same source and another content is told. */
static void sort_one(struct ctx *cx, Payroll__RecordPeriodFactsRequest *r, size_t i, struct sorting *s)
{
	fact *f = r->items[i], *before = by_source(s->stored.items, s->stored.n, f->source);

	if (!before)
		before = by_source(s->fresh.items, s->fresh.n, f->source);
	if (!before) {
		f->id = arena_alloc(cx->arena, UUID_LEN + 1);
		uuid7(f->id);
		s->fresh.items[s->fresh.n++] = &f->base;
	} else if (same(cx, f, before)) {
		r->items[i] = before;
	} else {
		fault_add(cx, arena_printf(cx->arena, "/items/%zu/source", i), "TAKEN", TEXT_FACT_SOURCE);
	}
}

static bool sort(struct ctx *cx, Payroll__RecordPeriodFactsRequest *r, struct sorting *s)
{
	Payroll__PeriodFactLookup *l = (Payroll__PeriodFactLookup *)msg_new(cx->arena, &RULE_PAYROLL_PERIOD_FACT_LOOKUP);

	*s = (struct sorting){.fresh.items = arena_alloc(cx->arena, r->n_items * sizeof(ProtobufCMessage *))};
	l->sources = arena_alloc(cx->arena, r->n_items * sizeof(char *));
	for (size_t i = 0; i < r->n_items; i++)
		l->sources[l->n_sources++] = r->items[i]->source;
	if (!db_many(cx, &Q_PERIOD_FACT_KNOWN, l, &s->stored))
		return false;
	for (size_t i = 0; i < r->n_items; i++)
		sort_one(cx, r, i, s);
	return fault_none(cx, &FAULT_PERIOD_FACT_TAKEN);
}

static bool judge(struct ctx *cx, Payroll__RecordPeriodFactsRequest *r)
{
	struct msg_list people;

	if (!look_up_people(cx, r, &people))
		return false;
	for (size_t i = 0; i < r->n_items; i++) {
		judge_members(cx, r->items[i], i);
		judge_month(cx, r->items[i], i);
		find_person(cx, &people, r->items[i], i);
	}
	return fault_none(cx, &FAULT_PERIOD_FACT_REFUSED);
}

bool payroll_record_period_facts(struct ctx *cx, const Payroll__RecordPeriodFactsRequest *in, Payroll__RecordPeriodFactsResponse *out)
{
	Payroll__RecordPeriodFactsRequest *r = (Payroll__RecordPeriodFactsRequest *)msg_copy(cx->arena, &in->base);
	struct sorting s;
	size_t failed;

	if (!judge(cx, r) || !db_exec(cx, &Q_PERIOD_FACT_TURN, NULL, NULL) || !sort(cx, r, &s) ||
	    (s.fresh.n && !db_exec_all(cx, &Q_PERIOD_FACT_INSERT, s.fresh.items, s.fresh.n, &failed)))
		return false;
	out->items = r->items;
	out->n_items = r->n_items;
	out->has_added = true;
	out->added = (int32_t)s.fresh.n;
	return !s.fresh.n || audit_put(cx, "period_fact.record", "period_fact", ((fact *)s.fresh.items[0])->id,
				       arena_printf(cx->arena, "%zu", s.fresh.n), "ok");
}

/* ---- reading and withdrawing ---- */

bool payroll_list_period_facts(struct ctx *cx, const Payroll__ListPeriodFactsRequest *in, Payroll__ListPeriodFactsResponse *out)
{
	static const char *const BY_ID[] = {"id", NULL};
	const struct message_rule *rule = &RULE_PAYROLL_LIST_PERIOD_FACTS_REQUEST;
	Payroll__ListPeriodFactsRequest list = *in;
	struct msg_list rows;

	if (!page_begin(cx, rule, &list.base) || !db_many(cx, &Q_PERIOD_FACT_LIST, &list, &rows))
		return false;
	out->items = (fact **)rows.items;
	return page_end(cx, rule, &list.base, &RULE_PAYROLL_PERIOD_FACT, rows.items, rows.n, BY_ID, &out->n_items, &out->next_page_token);
}

bool payroll_withdraw_period_fact(struct ctx *cx, const Payroll__WithdrawPeriodFactRequest *in, fact *out)
{
	fact *kept = (fact *)msg_new(cx->arena, &RULE_PAYROLL_PERIOD_FACT);
	fact *now = (fact *)msg_new(cx->arena, &RULE_PAYROLL_PERIOD_FACT);
	bool found;

	if (!db_one(cx, &Q_PERIOD_FACT_LOCK, in, out) || !db_exec(cx, &Q_PERIOD_FACT_HOLD_RUN, in, NULL) ||
	    !db_opt(cx, &Q_PERIOD_FACT_KEPT, in, kept, &found))
		return false;
	if (found)
		return fail(cx, &FAULT_PERIOD_FACT_USED, NULL);
	if (!db_one(cx, &Q_PERIOD_FACT_WITHDRAW, in, now))
		return false;
	out->withdrawn_time = now->withdrawn_time;
	return audit_put(cx, "period_fact.withdraw", "period_fact", out->id, out->source, "ok");
}
