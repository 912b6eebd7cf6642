/* What is earned and cut, contributed and taxed. */
#include "slip_internal.h"

static civil_day month_end(const struct making *m)
{
	return civil_add_months(m->f->first_of_month, 1);
}

/* ---- earned ---- */

static void earn(struct making *m, const char *code, int64_t fen)
{
	slip_line(m, SLIP_EARNED, code, fen, NULL);
	m->out->gross_fen = slip_sum(m, m->out->gross_fen, fen);
}

static void earn_taxed(struct making *m, const char *code, int64_t fen)
{
	earn(m, code, fen);
	m->taxable_fen = slip_sum(m, m->taxable_fen, fen);
}

static void cut_taxed(struct making *m, const char *code, int64_t fen)
{
	slip_line(m, SLIP_CUT, code, fen, NULL);
	m->out->gross_fen = slip_sum(m, m->out->gross_fen, -fen);
	m->taxable_fen = slip_sum(m, m->taxable_fen, -fen);
	m->normal_fen = slip_sum(m, m->normal_fen, -fen);
}

static bool is_employed(const struct making *m)
{
	return m->f->hire < month_end(m) && m->f->until > m->f->first_of_month && m->f->hire < m->f->until;
}

static bool whole_month(const struct making *m)
{
	return m->f->hire <= m->f->first_of_month && m->f->until >= month_end(m);
}

/* Two wages, or part of a month; both at once have no rule that a court has seen, so the company says what it pays. */
static void earn_wage(struct making *m)
{
	const struct slip_facts *f = m->f;
	int64_t fen = 0;

	if (f->n_wages == 0) {
		slip_problem(m, SLIP_MISSING, "wage", 0);
		return;
	}
	if (f->n_wages > 2 || (f->n_wages == 2 && !whole_month(m))) {
		slip_problem(m, SLIP_RANGE, "wage", 1);
		return;
	}
	if (!slip_done(m, wage_part_month(&m->rules, f->proration, slip_last_wage(m), f->first_of_month, f->hire, f->until, &m->out->part),
		       "wage", 0))
		return;
	if (!m->out->part.known) {
		slip_problem(m, SLIP_NO_LAW, "calendar", 0);
		return;
	}
	fen = m->out->part.pay_fen;
	if (f->n_wages == 2 && !slip_done(m, wage_changed(&m->rules, f->wage[0].fen, f->wage[1].fen, f->wage[1].from, &fen), "wage", 1))
		return;
	earn_taxed(m, "WAGE", fen);
	m->normal_fen = fen;
}

static void earn_overtime(struct making *m)
{
	static const char *const CODES[] = {"OVERTIME_WEEKDAY", "OVERTIME_REST", "OVERTIME_HOLIDAY"};
	int64_t base = m->f->overtime_base_fen ? m->f->overtime_base_fen : slip_last_wage(m), fen;

	for (enum overtime k = OVERTIME_WEEKDAY; k <= OVERTIME_HOLIDAY; k++)
		if (m->f->overtime_seconds[k] &&
		    slip_done(m, wage_overtime(&m->rules, base, k, m->f->overtime_seconds[k], &fen), "overtime", k))
			earn_taxed(m, CODES[k], fen);
}

static void cut_absence(struct making *m)
{
	int64_t fen;

	if (m->f->absent_days_e2 &&
	    slip_done(m, wage_absence(&m->rules, slip_last_wage(m), m->f->absent_days_e2, m->out->part.month_days, &fen), "absence", 0))
		cut_taxed(m, "ABSENCE", fen);
}

static void cut_sickness(struct making *m)
{
	int64_t base = m->f->sick.base_fen ? m->f->sick.base_fen : slip_last_wage(m), fen;

	if (m->f->sick.days_e2 &&
	    slip_done(m, wage_sick(&m->rules, base, m->f->sick.years, m->f->sick.beyond_six_months, m->f->sick.days_e2, &fen), "sickness", 0))
		cut_taxed(m, "SICK_LEAVE", fen);
}

static void add_amount(struct making *m, const struct slip_amount *a, unsigned i)
{
	int64_t fen = a->cut ? -a->fen : a->fen;

	if (a->fen <= 0 || a->fen > SLIP_FEN_MOST) {
		slip_problem(m, SLIP_RANGE, "amount", i);
		return;
	}
	slip_line_of(m, &(struct slip_line){.group = a->cut ? SLIP_CUT : SLIP_EARNED, .code = a->code, .fen = a->fen, .source = a->source, .given = true, .of = i});
	m->out->gross_fen = slip_sum(m, m->out->gross_fen, fen);
	if (a->taxable)
		m->taxable_fen = slip_sum(m, m->taxable_fen, fen);
	if (a->normal)
		m->normal_fen = slip_sum(m, m->normal_fen, fen);
}

static bool is_amount(int64_t fen)
{
	return fen >= 0 && fen <= SLIP_FEN_MOST;
}

static void earn_apart(struct making *m)
{
	const struct slip_tax_facts *t = &m->f->tax;

	if (is_amount(t->bonus_fen))
		earn(m, "BONUS", t->bonus_fen);
	else
		slip_problem(m, SLIP_RANGE, "bonus", 0);
	if (is_amount(t->severance_fen))
		earn(m, "SEVERANCE", t->severance_fen);
	else
		slip_problem(m, SLIP_RANGE, "severance", 0);
}

bool slip_earn(struct making *m)
{
	slip_at(m, m->f->place, m->f->first_of_month);
	if (!is_employed(m)) {
		slip_problem(m, SLIP_RANGE, "employment", 0);
		return false;
	}
	earn_wage(m);
	earn_overtime(m);
	cut_absence(m);
	cut_sickness(m);
	if (m->f->n_amounts > SLIP_LINES_MOST)
		slip_problem(m, SLIP_TOO_MUCH, "amount", SLIP_LINES_MOST);
	for (unsigned i = 0; i < m->f->n_amounts && i < SLIP_LINES_MOST; i++)
		add_amount(m, &m->f->amount[i], i);
	earn_apart(m);
	return true;
}

/* ---- contributed ---- */

static const char *const SCHEMES[INSURANCES] = {"PENSION", "MEDICAL", "UNEMPLOYMENT", "INJURY", "FUND"};

static bool contribution(struct making *m, enum insurance k, struct contribution *out)
{
	const struct slip_insurance *i = &m->f->insurance;

	if (k == INSURANCE_FUND)
		return insurance_fund(&m->rules, &i->fund, out);
	if (k == INSURANCE_INJURY)
		return insurance_injury(&m->rules, i->declared_fen[k], i->injury_rate_e5, out);
	return insurance_contribution(&m->rules, k, i->declared_fen[k], out);
}

static int64_t declared(const struct making *m, enum insurance k)
{
	return k == INSURANCE_FUND ? m->f->insurance.fund.declared_fen : m->f->insurance.declared_fen[k];
}

static void contribute(struct making *m, enum insurance k)
{
	struct contribution c = {0};

	if (declared(m, k) <= 0) {
		slip_problem(m, SLIP_MISSING, SCHEMES[k], 0);
		return;
	}
	if (!slip_done(m, contribution(m, k, &c), SCHEMES[k], 0))
		return;
	size_t behind = m->traced;
	slip_line(m, SLIP_OWN, SCHEMES[k], c.worker_fen, NULL);
	m->traced = behind; /* the employer's part stands on the same rows */
	slip_line(m, SLIP_EMPLOYER, SCHEMES[k], c.employer_fen, NULL);
	m->out->own_fen = slip_sum(m, m->out->own_fen, c.worker_fen);
	m->out->employer_fen = slip_sum(m, m->out->employer_fen, c.employer_fen);
}

void slip_contribute(struct making *m)
{
	slip_at(m, m->f->insurance_place, m->f->first_of_month);
	for (enum insurance k = INSURANCE_PENSION; k < INSURANCES; k++)
		if (m->f->insurance.due[k])
			contribute(m, k);
}

/* ---- taxed ---- */

/* Also where it is 0: why there is no tax is a question that people ask. */
static void tax_line(struct making *m, const char *code, int64_t fen)
{
	slip_line_of(m, &(struct slip_line){.group = SLIP_TAX, .code = code, .fen = fen});
	m->out->tax_fen = slip_sum(m, m->out->tax_fen, fen);
}

static void tax_resident(struct making *m)
{
	const struct slip_tax_facts *t = &m->f->tax;
	const struct tax_month month = {.income_fen = m->taxable_fen, .contributions_fen = m->out->own_fen, .special_fen = t->special_fen,
					.other_fen = t->other_fen, .relief_fen = t->relief_fen};

	if (slip_done(m, tax_withhold(&m->rules, &m->out->year, civil_split(m->f->pay_day).month, &month, &m->out->withheld), "income-tax", 0))
		tax_line(m, "INCOME_TAX", m->out->withheld.tax_fen);
}

/* Each month alone, without relief for insurance (rules.md 1.1). */
static void tax_non_resident(struct making *m)
{
	struct tax t;

	if (slip_done(m, tax_non_resident_wage(&m->rules, m->taxable_fen, &t), "income-tax", 0))
		tax_line(m, "INCOME_TAX", t.tax_fen);
}

static void tax_apart(struct making *m)
{
	const struct slip_tax_facts *f = &m->f->tax;
	struct tax_severance severance;
	struct tax bonus;

	if (f->bonus_fen > 0 && slip_done(m, (f->residence == SLIP_RESIDENT ? tax_bonus : tax_non_resident_bonus)(&m->rules, f->bonus_fen, &bonus),
					  "bonus", 0))
		tax_line(m, "BONUS_TAX", bonus.tax_fen);
	if (f->severance_fen > 0 && f->monthly_average_fen <= 0)
		slip_problem(m, SLIP_MISSING, "monthly-average", 0);
	else if (f->severance_fen > 0 && slip_done(m, tax_severance(&m->rules, f->severance_fen, f->monthly_average_fen, &severance), "severance", 0))
		tax_line(m, "SEVERANCE_TAX", severance.tax.tax_fen);
}

void slip_tax(struct making *m)
{
	slip_at(m, m->f->place, m->f->pay_day);
	if (m->f->tax.residence == SLIP_NOT_RECORDED) {
		slip_problem(m, SLIP_MISSING, "residence", 0);
		return;
	}
	if (m->taxable_fen < 0) /* cut below nothing: what is owed is no income */
		m->taxable_fen = 0;
	(m->f->tax.residence == SLIP_RESIDENT ? tax_resident : tax_non_resident)(m);
	tax_apart(m);
}
