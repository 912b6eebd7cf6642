/* One slip of a run: facts as they are stored become the question that the calculator answers. */
#include "pay_run.h"
#include "civil.h"
#include "fault.h"
#include "json.h"
#include "row.h"
#include "seal.h"
#include "slip_read.h"
#include "value.h"

typedef Payroll__CalculatePayslipRequest question;

struct made {
	struct ctx *cx;
	const struct pay_facts *f;
	const Payroll__PayTerm **term; /* of the member, those that hold in the month, rising */
	size_t n;
	question *q;
};

static void *fresh(struct ctx *cx, const struct message_rule *rule)
{
	return msg_new(cx->arena, rule);
}

/* ---- what holds ---- */

/* Days compare as texts. A term that begins to hold before the first day of pay replaces the one before it. */
static void choose_terms(struct made *m)
{
	const Payroll__PayRunMember *e = m->f->member;
	const char *first = strcmp(e->hire_date, m->f->run->month) > 0 ? e->hire_date : m->f->run->month;

	m->term = arena_alloc(m->cx->arena, (m->f->terms->n + 1) * sizeof(Payroll__PayTerm *));
	for (size_t i = 0; i < m->f->terms->n; i++) {
		const Payroll__PayTerm *t = (const Payroll__PayTerm *)m->f->terms->items[i];

		if (strcmp(t->employee_id, e->employee_id) != 0 || (e->end_date && strcmp(t->effective_date, e->end_date) >= 0))
			continue;
		if (strcmp(t->effective_date, first) <= 0)
			m->n = 0;
		m->term[m->n++] = t;
	}
}

/* Neighbours of one amount are one wage. */
static void ask_wages(struct made *m)
{
	m->q->wages = arena_alloc(m->cx->arena, (m->n + 1) * sizeof(Payroll__SlipWage *));
	for (size_t i = 0; i < m->n; i++) {
		Payroll__SlipWage *w;

		if (!m->term[i]->has_monthly_fen || (i && m->term[i]->monthly_fen == m->term[i - 1]->monthly_fen))
			continue;
		w = fresh(m->cx, &RULE_PAYROLL_SLIP_WAGE);
		w->has_monthly_fen = true;
		w->monthly_fen = m->term[i]->monthly_fen;
		w->from_date = m->q->n_wages ? m->term[i]->effective_date : NULL;
		m->q->wages[m->q->n_wages++] = w;
	}
}

static void ask_insurance(struct made *m, const Payroll__PayTerm *t)
{
	Payroll__SlipInsurance *i;

	if (!t->has_declared_base_fen)
		return;
	i = m->q->insurance = fresh(m->cx, &RULE_PAYROLL_SLIP_INSURANCE);
	msg_assign(&t->base, &i->base); /* members of one name */
	i->place = t->insurance_place ? t->insurance_place : m->f->group->place;
}

static bool year_before(struct made *m, Payroll__TaxYearSums **out)
{
	for (size_t i = 0; i < m->f->before->n; i++) {
		const Payroll__Payslip *p = (const Payroll__Payslip *)m->f->before->items[i];
		ProtobufCMessage *summary;

		if (strcmp(p->person_id, m->f->member->person_id) != 0)
			continue;
		if (!p->summary || !json_decode_stored(m->cx, &RULE_PAYROLL_PAYSLIP_SUMMARY, str_of(p->summary), &summary))
			return !m->cx->fault.def;
		*out = ((Payroll__PayslipSummary *)summary)->year;
		(*out)->has_last_month = false; /* it follows from the facts of this month */
		return true;
	}
	return true;
}

static bool ask_tax(struct made *m, const Payroll__PayTerm *t)
{
	Payroll__SlipTax *tax = m->q->tax ? m->q->tax : fresh(m->cx, &RULE_PAYROLL_SLIP_TAX);

	m->q->tax = tax;
	msg_assign(&t->base, &tax->base);
	if (!year_before(m, &tax->year))
		return false;
	if (!tax->year && t->has_tax_mode) {
		tax->year = fresh(m->cx, &RULE_PAYROLL_TAX_YEAR_SUMS);
		tax->year->has_mode = true;
		tax->year->mode = t->tax_mode;
	}
	return true;
}

/* The first day without the employment, said as the last one with it, where it is no later than the month's end. */
static void ask_days(struct made *m)
{
	const Payroll__PayRunMember *e = m->f->member;
	civil_day end = DAY_NEVER, month = 0;

	m->q->month = m->f->run->month;
	m->q->pay_date = m->f->run->pay_date;
	m->q->hire_date = e->hire_date;
	m->q->has_method = m->f->group->has_method;
	m->q->method = m->f->group->method;
	if (!e->end_date || !civil_read(e->end_date, &end) || !civil_read(m->q->month, &month) || end > civil_add_months(month, 1))
		return;
	m->q->exit_date = arena_alloc(m->cx->arena, 11);
	date_format(end - 1, m->q->exit_date);
}

/* ---- what happened ---- */

#define KIND(k) PAYROLL__PERIOD_FACT_KIND__PERIOD_FACT_KIND_##k

static void ask_hours(struct made *m, Payroll__OvertimeKind kind, int64_t seconds)
{
	Payroll__OvertimeHours *h;

	for (size_t i = 0; i < m->q->n_overtime; i++)
		if (m->q->overtime[i]->kind == kind) {
			m->q->overtime[i]->hours_s += seconds; /* of 31 days each: far from the end of 64 bits */
			return;
		}
	h = fresh(m->cx, &RULE_PAYROLL_OVERTIME_HOURS);
	h->has_kind = h->has_hours_s = true;
	h->kind = kind;
	h->hours_s = seconds;
	m->q->overtime[m->q->n_overtime++] = h;
}

static void ask_sickness(struct made *m, const Payroll__PeriodFact *f)
{
	Payroll__SlipSickness *s = m->q->sickness;

	if (!s)
		s = m->q->sickness = fresh(m->cx, &RULE_PAYROLL_SLIP_SICKNESS);
	s->has_days_e2 = s->has_service_years = true;
	s->days_e2 += f->days_e2;
	s->service_years = f->service_years;
	s->has_beyond_six_months = f->has_beyond_six_months;
	s->beyond_six_months = f->beyond_six_months;
}

static void ask_amount(struct made *m, const Payroll__PeriodFact *f)
{
	Payroll__SlipAmount *a = fresh(m->cx, &RULE_PAYROLL_SLIP_AMOUNT);

	msg_assign(&f->base, &a->base); /* members of one name: code, amount_fen, cut, tax_free, normal, source */
	m->q->amounts[m->q->n_amounts++] = a;
}

static void ask_claim(struct made *m, const Payroll__PeriodFact *f)
{
	Payroll__SlipClaim *k = fresh(m->cx, &RULE_PAYROLL_SLIP_CLAIM);

	k->code = f->code;
	k->source = f->source;
	k->has_kind = k->has_amount_fen = true;
	k->kind = f->claim_kind;
	k->amount_fen = f->amount_fen;
	k->has_protected_fen = f->has_protected_fen;
	k->protected_fen = f->protected_fen;
	m->q->claims[m->q->n_claims++] = k;
}

/* Taxed apart from the wage. */
static void ask_apart(struct made *m, const Payroll__PeriodFact *f)
{
	if (!m->q->tax)
		m->q->tax = fresh(m->cx, &RULE_PAYROLL_SLIP_TAX);
	if (f->kind == KIND(BONUS)) {
		m->q->tax->has_bonus_fen = true;
		m->q->tax->bonus_fen += f->amount_fen;
		return;
	}
	m->q->tax->has_severance_fen = m->q->tax->has_monthly_average_fen = true;
	m->q->tax->severance_fen += f->amount_fen;
	m->q->tax->monthly_average_fen = f->monthly_average_fen;
}

static void ask_fact(struct made *m, const Payroll__PeriodFact *f)
{
	switch (f->kind) {
	case KIND(OVERTIME_WEEKDAY): ask_hours(m, PAYROLL__OVERTIME_KIND__OVERTIME_KIND_WEEKDAY, f->hours_s); break;
	case KIND(OVERTIME_REST): ask_hours(m, PAYROLL__OVERTIME_KIND__OVERTIME_KIND_REST, f->hours_s); break;
	case KIND(OVERTIME_HOLIDAY): ask_hours(m, PAYROLL__OVERTIME_KIND__OVERTIME_KIND_HOLIDAY, f->hours_s); break;
	case KIND(ABSENCE):
		m->q->has_absent_days_e2 = true;
		m->q->absent_days_e2 += f->days_e2;
		break;
	case KIND(SICKNESS): ask_sickness(m, f); break;
	case KIND(AMOUNT): ask_amount(m, f); break;
	case KIND(CLAIM): ask_claim(m, f); break;
	case KIND(BONUS):
	case KIND(SEVERANCE): ask_apart(m, f); break;
	default: break;
	}
}

static void ask_facts(struct made *m)
{
	size_t most = m->f->facts->n + 3;

	m->q->overtime = arena_alloc(m->cx->arena, 3 * sizeof(*m->q->overtime));
	m->q->amounts = arena_alloc(m->cx->arena, most * sizeof(*m->q->amounts));
	m->q->claims = arena_alloc(m->cx->arena, most * sizeof(*m->q->claims));
	for (size_t i = 0; i < m->f->facts->n; i++) {
		const Payroll__PeriodFact *f = (const Payroll__PeriodFact *)m->f->facts->items[i];

		if (!strcmp(f->employee_id, m->f->member->employee_id))
			ask_fact(m, f);
	}
}

static bool ask(struct made *m)
{
	m->q = fresh(m->cx, &RULE_PAYROLL_CALCULATE_PAYSLIP_REQUEST);
	m->q->basis = fresh(m->cx, &RULE_PAYROLL_BASIS);
	m->q->basis->place = m->f->group->place;
	choose_terms(m);
	ask_days(m);
	ask_wages(m);
	ask_facts(m);
	if (!m->n)
		return true;
	ask_insurance(m, m->term[m->n - 1]);
	return ask_tax(m, m->term[m->n - 1]);
}

/* ---- what is kept ---- */

static bool keep_reasons(struct ctx *cx, Payroll__Payslip *out)
{
	Payroll__PayslipReasons *r = fresh(cx, &RULE_PAYROLL_PAYSLIP_REASONS);

	r->reasons = arena_alloc(cx->arena, (cx->fault.n_items + 1) * sizeof(Payroll__PayslipReason *));
	for (unsigned i = 0; i < cx->fault.n_items; i++) {
		const struct fault_item *f = &cx->fault.items[i];
		Payroll__PayslipReason *one = fresh(cx, &RULE_PAYROLL_PAYSLIP_REASON);

		one->pointer = arena_strdup(cx->arena, f->pointer);
		one->code = arena_strdup(cx->arena, f->code);
		one->zh = arena_strdup(cx->arena, f->zh);
		one->en = arena_strdup(cx->arena, f->en);
		r->reasons[r->n_reasons++] = one;
	}
	fault_clear(cx);
	out->state = PAYROLL__PAYSLIP_STATE__PAYSLIP_STATE_HELD;
	out->reason_text = arena_strdup(cx->arena, json_encode(cx, &RULE_PAYROLL_PAYSLIP_REASONS, &r->base, NULL).p);
	return true;
}

static char *summary_of(struct ctx *cx, const Payroll__PayslipCalculation *a)
{
	Payroll__PayslipSummary *s = fresh(cx, &RULE_PAYROLL_PAYSLIP_SUMMARY);
	struct str text;

	s->has_net_fen = s->has_receivable_fen = true;
	s->net_fen = a->net_fen;
	s->receivable_fen = a->receivable_fen;
	s->year = a->year;
	s->lines = arena_alloc(cx->arena, (a->n_lines + 1) * sizeof(Payroll__PayslipAmount *));
	for (size_t i = 0; i < a->n_lines; i++) {
		s->lines[s->n_lines] = fresh(cx, &RULE_PAYROLL_PAYSLIP_AMOUNT);
		msg_assign(&a->lines[i]->base, &s->lines[s->n_lines++]->base);
	}
	text = json_encode(cx, &RULE_PAYROLL_PAYSLIP_SUMMARY, &s->base, NULL);
	return arena_strndup(cx->arena, text.p, text.n);
}

static void keep(struct made *m, Payroll__PayslipCalculation *answer, Payroll__Payslip *out)
{
	Payroll__PayslipContent *c = fresh(m->cx, &RULE_PAYROLL_PAYSLIP_CONTENT);
	struct str text;

	c->question = m->q;
	c->answer = answer;
	text = json_encode(m->cx, &RULE_PAYROLL_PAYSLIP_CONTENT, &c->base, NULL);
	out->content = arena_strndup(m->cx->arena, text.p, text.n);
	out->digest = arena_alloc(m->cx->arena, 65);
	sha256_hex(text.p, text.n, out->digest);
	out->summary = summary_of(m->cx, answer);
	out->state = PAYROLL__PAYSLIP_STATE__PAYSLIP_STATE_CALCULATED;
}

bool pay_slip_make(struct ctx *cx, const struct pay_facts *f, Payroll__Payslip *out, Payroll__PayslipCalculation **answer)
{
	struct made m = {.cx = cx, .f = f};
	Payroll__PayslipCalculation *got = fresh(cx, &RULE_PAYROLL_PAYSLIP_CALCULATION);

	*answer = NULL;
	out->id = arena_alloc(cx->arena, UUID_LEN + 1);
	uuid7(out->id);
	out->pay_run_id = f->run->id;
	out->employee_id = f->member->employee_id;
	out->person_id = f->member->person_id;
	out->org_unit_id = f->member->org_unit_id;
	out->has_state = true;
	if (!ask(&m))
		return false;
	/* Facts may sum to more than a question may hold: nothing is stored then that can't be asked again. */
	if (!json_validate(cx, &RULE_PAYROLL_CALCULATE_PAYSLIP_REQUEST, &m.q->base) || !payslip_answer(cx, m.q, got))
		return cx->fault.def->status < 500 && keep_reasons(cx, out);
	keep(&m, got, out);
	*answer = got;
	return true;
}

/* ---- what was kept ---- */

bool pay_slip_open(struct ctx *cx, Payroll__Payslip *p)
{
	ProtobufCMessage *m;

	if (p->content) {
		if (!json_decode_stored(cx, &RULE_PAYROLL_PAYSLIP_CONTENT, str_of(p->content), &m))
			return false;
		p->question = ((Payroll__PayslipContent *)m)->question;
		p->answer = ((Payroll__PayslipContent *)m)->answer;
	}
	if (p->reason_text) {
		if (!json_decode_stored(cx, &RULE_PAYROLL_PAYSLIP_REASONS, str_of(p->reason_text), &m))
			return false;
		p->reasons = ((Payroll__PayslipReasons *)m)->reasons;
		p->n_reasons = ((Payroll__PayslipReasons *)m)->n_reasons;
	}
	return true;
}
