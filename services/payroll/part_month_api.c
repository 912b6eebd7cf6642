/* Parts of months, sick days and the bounds of pay. */
#include "part_month.h"
#include "explain.h"

static civil_day first_of_month(civil_day d)
{
	return d - civil_split(d).day + 1;
}

enum proration proration_of(Payroll__ProrationMethod m)
{
	static const enum proration METHODS[] = {
		[PAYROLL__PRORATION_METHOD__PRORATION_METHOD_UNSPECIFIED] = PRORATION_A,
		[PAYROLL__PRORATION_METHOD__PRORATION_METHOD_A] = PRORATION_A,
		[PAYROLL__PRORATION_METHOD__PRORATION_METHOD_B] = PRORATION_B,
		[PAYROLL__PRORATION_METHOD__PRORATION_METHOD_C] = PRORATION_C,
	};

	return METHODS[m];
}

bool part_month(struct calculation *c, int64_t monthly_fen, const struct employed *e, struct part_month *out)
{
	civil_day first = first_of_month(c->rules.day), hire = first, exit = civil_add_months(first, 1) - 1;

	if ((e->hire_date && !calculation_day(c, e->hire_date, "/hire_date", &hire)) ||
	    (e->exit_date && !calculation_day(c, e->exit_date, "/exit_date", &exit)))
		return false;
	if (!calculation_done(c, wage_part_month(&c->rules, proration_of(e->method), monthly_fen, first, hire, exit + 1, out), ""))
		return false;
	explain_part(c, proration_of(e->method), monthly_fen, out);
	return true;
}

static void of_employed(struct calculation *c, const Payroll__CalculatePartMonthRequest *in, Payroll__PartMonthCalculation *out)
{
	const struct employed e = {in->hire_date, in->exit_date, in->method};
	struct part_month m;

	if (!part_month(c, in->monthly_fen, &e, &m))
		return;
	ANSWER(out, paid_days, m.paid_days);
	ANSWER(out, month_days, m.month_days);
	ANSWER(out, pay_fen, m.pay_fen);
	ANSWER(out, deduction_fen, in->monthly_fen - m.pay_fen);
	ANSWER(out, calendar_known, m.known);
}

static void of_absence(struct calculation *c, const Payroll__CalculatePartMonthRequest *in, Payroll__PartMonthCalculation *out)
{
	civil_day first = first_of_month(c->rules.day);
	struct day_counts month = calendar_count(&c->rules, first, civil_add_months(first, 1));
	int64_t off;

	if (!calculation_done(c, wage_absence(&c->rules, in->monthly_fen, in->absent_days_e2, month.paid, &off), ""))
		return;
	ANSWER(out, month_days, month.paid);
	ANSWER(out, deduction_fen, off);
	ANSWER(out, pay_fen, in->monthly_fen - off);
	ANSWER(out, calendar_known, month.known);
	explain_absence(c, in->monthly_fen, in->absent_days_e2, month.paid, off);
	step_add(c, TEXT_STEP_PAY, in->monthly_fen - off, "%s − %s = %s", yuan(c, in->monthly_fen), yuan(c, off), yuan(c, in->monthly_fen - off));
}

static void of_change(struct calculation *c, const Payroll__CalculatePartMonthRequest *in, Payroll__PartMonthCalculation *out)
{
	civil_day changed;
	struct day_counts all;
	int64_t pay;

	if (!in->has_changed_fen) {
		calculation_wrong(c, "/changed_fen", "REQUIRED", TEXT_CHANGED_WAGE);
		return;
	}
	if (!calculation_day(c, in->changed_date, "/changed_date", &changed) ||
	    !calculation_done(c, wage_changed(&c->rules, in->monthly_fen, in->changed_fen, changed, &pay), ""))
		return;
	explain_changed(c, in->monthly_fen, in->changed_fen, changed, pay, &all);
	ANSWER(out, month_days, all.paid);
	ANSWER(out, pay_fen, pay);
	ANSWER(out, calendar_known, all.known);
}

bool payroll_calculate_part_month(struct ctx *cx, const Payroll__CalculatePartMonthRequest *in, Payroll__PartMonthCalculation *out)
{
	struct calculation c;
	bool employed = in->hire_date || in->exit_date, changed = in->changed_date || in->has_changed_fen;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (employed + in->has_absent_days_e2 + changed != 1)
		calculation_wrong(&c, "", "ONE_OF", TEXT_ONE_PART);
	else if (employed)
		of_employed(&c, in, out);
	else if (in->has_absent_days_e2)
		of_absence(&c, in, out);
	else if (!in->changed_date)
		calculation_wrong(&c, "/changed_date", "REQUIRED", TEXT_CHANGED_WAGE);
	else
		of_change(&c, in, out);
	return calculation_end(&c, &out->derivation);
}

/* ---- sick days ---- */

bool payroll_calculate_sick_pay(struct ctx *cx, const Payroll__CalculateSickPayRequest *in, Payroll__SickPayCalculation *out)
{
	struct calculation c;
	int64_t off;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (calculation_done(&c, wage_sick(&c.rules, in->base_fen, in->service_years, in->beyond_six_months, in->days_e2, &off), "")) {
		ANSWER(out, deduction_fen, off);
		ANSWER(out, pay_fen, in->base_fen - off);
		explain_sick(&c, in->base_fen, in->service_years, in->beyond_six_months, in->days_e2, off);
		step_add(&c, TEXT_STEP_PAY, in->base_fen - off, "%s − %s = %s", yuan(&c, in->base_fen), yuan(&c, off), yuan(&c, in->base_fen - off));
	}
	return calculation_end(&c, &out->derivation);
}

/* ---- bounds ---- */

static void minimum(struct calculation *c, const Payroll__CalculateMinimumWageRequest *in, const struct part_month *m,
		    Payroll__MinimumWageCalculation *out)
{
	const struct tested of = {m->pay_fen, in->own_contributions_fen, m->paid_days, m->month_days};
	struct minimum_test t;

	if (!calculation_done(c, wage_minimum(&c->rules, m->pay_fen, in->own_contributions_fen, m->paid_days, m->month_days, &t), ""))
		return;
	ANSWER(out, ok, t.shortfall_fen == 0);
	ANSWER(out, tested_fen, t.tested_fen);
	ANSWER(out, due_fen, t.due_fen);
	ANSWER(out, shortfall_fen, t.shortfall_fen);
	if (in->outside_fen)
		step_say(c, TEXT_STEP_OUTSIDE(yuan(c, in->outside_fen)));
	explain_minimum(c, &of, &t);
}

bool payroll_calculate_minimum_wage(struct ctx *cx, const Payroll__CalculateMinimumWageRequest *in, Payroll__MinimumWageCalculation *out)
{
	const struct employed e = {in->hire_date, in->exit_date, in->method};
	struct part_month m = {.paid_days = 1, .month_days = 1, .pay_fen = in->contract_fen};
	struct calculation c;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (in->has_minimum_fen)
		calculation_value(&c, LAW_MINIMUM_WAGE, "WAGE", 0, in->minimum_fen);
	if (!(in->hire_date || in->exit_date) || part_month(&c, in->contract_fen, &e, &m))
		minimum(&c, in, &m, out);
	return calculation_end(&c, &out->derivation);
}

bool payroll_calculate_loss(struct ctx *cx, const Payroll__CalculateLossRequest *in, Payroll__LossCalculation *out)
{
	struct calculation c;
	int64_t v;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (calculation_done(&c, wage_loss(&c.rules, in->gross_fen, in->claim_fen, in->minimum_fen, &v), "")) {
		const struct law_row *row = rule_row_any(&c.rules, LAW_LOSS, "SHARE");

		ANSWER(out, allowed_fen, v);
		step_add(&c, TEXT_STEP_LOSS, v, "min(%s, %s × %s, %s − %s) = %s", yuan(&c, in->claim_fen), yuan(&c, in->gross_fen),
			 percent(&c, row->values[0]), yuan(&c, in->gross_fen), yuan(&c, in->minimum_fen), yuan(&c, v));
	}
	return calculation_end(&c, &out->derivation);
}
