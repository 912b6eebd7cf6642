/* Withholding from the wages of residents, month by month. */
#include "explain.h"
#include "tax_line.h"

static enum basic_mode mode_of(const Payroll__CalculateIncomeTaxRequest *in)
{
	static const enum basic_mode MODES[] = {
		[PAYROLL__BASIC_MODE__BASIC_MODE_EMPLOYED_MONTHS] = BASIC_EMPLOYED_MONTHS,
		[PAYROLL__BASIC_MODE__BASIC_MODE_FIRST_JOB] = BASIC_FIRST_JOB,
		[PAYROLL__BASIC_MODE__BASIC_MODE_ANNUAL_60000] = BASIC_ANNUAL_60000,
	};

	return in->has_mode ? MODES[in->mode] : BASIC_EMPLOYED_MONTHS;
}

static void answer(Payroll__IncomeTaxOfMonth *m, int month, const struct tax_withheld *w)
{
	m->has_month = m->has_basic_months = m->has_basic_cum_fen = m->has_taxable_cum_fen = m->has_rate_e5 = true;
	m->has_quick_fen = m->has_cum_tax_fen = m->has_withheld_before_fen = m->has_tax_fen = true;
	m->month = month;
	m->basic_months = w->basic_months;
	m->basic_cum_fen = w->basic_cum_fen;
	m->taxable_cum_fen = w->taxable_cum_fen;
	m->rate_e5 = w->cumulative.rate_e5;
	m->quick_fen = w->cumulative.quick_fen;
	m->cum_tax_fen = w->cumulative.tax_fen;
	m->withheld_before_fen = w->withheld_before_fen;
	m->tax_fen = w->tax_fen;
}

static bool one_month(struct calculation *c, struct tax_year *y, int month, const Payroll__IncomeTaxMonth *in,
		      Payroll__IncomeTaxOfMonth *out)
{
	const struct tax_month m = {in->income_fen, in->exempt_fen, in->contributions_fen, in->special_fen, in->other_fen, in->relief_fen};
	struct tax_withheld w;

	if (!tax_withhold(&c->rules, y, month, &m, &w))
		return false;
	answer(out, month, &w);
	explain_withheld(c, month, y, &w);
	return true;
}

/* A month that is refused ends the year: those behind it stand on its sums. */
static bool of_months(struct calculation *c, const Payroll__CalculateIncomeTaxRequest *in, Payroll__IncomeTaxCalculation *out)
{
	struct tax_year y = {.mode = mode_of(in), .first_month = in->has_start_month ? in->start_month : 1, .last_month = in->last_month};

	out->months = messages_new(c, &RULE_PAYROLL_INCOME_TAX_OF_MONTH, in->n_months);
	for (size_t i = 0; i < in->n_months; i++) {
		const char *at = arena_printf(c->cx->arena, "/months/%zu", i);

		if (y.first_month + (int)i > 12)
			return calculation_wrong(c, at, "OUT_OF_RANGE", TEXT_MONTH_BEYOND_YEAR);
		if (!calculation_done(c, one_month(c, &y, y.first_month + (int)i, in->months[i], out->months[i]), at))
			return false;
		out->n_months++;
	}
	out->has_year_fen = in->n_months > 0;
	out->year_fen = y.withheld_fen;
	return true;
}

/* Straight into the table of the year. */
static void of_table(struct calculation *c, const Payroll__CalculateIncomeTaxRequest *in, Payroll__IncomeTaxCalculation *out)
{
	out->cum_tax_fen = arena_alloc(c->cx->arena, (in->n_taxable_cum_fen + 1) * sizeof(*out->cum_tax_fen));
	for (size_t i = 0; i < in->n_taxable_cum_fen; i++) {
		struct tax t;

		if (!calculation_done(c, tax_of_year(&c->rules, in->taxable_cum_fen[i], &t),
				      arena_printf(c->cx->arena, "/taxable_cum_fen/%zu", i)))
			continue;
		out->cum_tax_fen[out->n_cum_tax_fen++] = t.tax_fen;
		step_add(c, TEXT_STEP_TAX_OF_YEAR, t.tax_fen, "%s", tax_formula(c, yuan(c, t.taxable_fen), &t));
	}
}

bool payroll_calculate_income_tax(struct ctx *cx, const Payroll__CalculateIncomeTaxRequest *in, Payroll__IncomeTaxCalculation *out)
{
	struct calculation c;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (!in->n_months == !in->n_taxable_cum_fen)
		calculation_wrong(&c, "/months", "REQUIRED", TEXT_MONTHS_OR_TAXABLE);
	if (in->has_last_month && in->last_month < (in->has_start_month ? in->start_month : 1))
		calculation_wrong(&c, "/last_month", "OUT_OF_RANGE", TEXT_LAST_BEFORE_FIRST);
	else
		of_months(&c, in, out);
	of_table(&c, in, out);
	return calculation_end(&c, &out->derivation);
}
