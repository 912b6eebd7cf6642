/* Annual leave, medical period, maternity. */
#include "leave.h"
#include <inttypes.h>
#include "calculation.h"

typedef Payroll__CalculateAnnualLeaveRequest request;

/* ---- annual leave ---- */

static void tier(struct calculation *c, const request *in, Payroll__AnnualLeaveCalculation *out)
{
	int days;

	if (!calculation_done(c, annual_tier(&c->rules, in->cumulative_months, &days), ""))
		return;
	ANSWER(out, tier_days, days);
	step_say(c, TEXT_STEP_TIER(in->cumulative_months, days));
}

static void joining(struct calculation *c, const request *in, Payroll__AnnualLeaveCalculation *out)
{
	civil_day join;
	int days;

	if (!calculation_day(c, in->join_date, "/join_date", &join) ||
	    !calculation_done(c, annual_joining(&c->rules, join, in->tier, &days), ""))
		return;
	ANSWER(out, remaining_days, civil_of(civil_split(join).year + 1, 1, 1) - join);
	ANSWER(out, days, days);
	step_say(c, TEXT_STEP_PART_OF_YEAR(out->remaining_days, in->tier, days));
}

static void leaving(struct calculation *c, const request *in, Payroll__AnnualLeaveCalculation *out)
{
	civil_day exit;
	int days;

	if (!calculation_day(c, in->exit_date, "/exit_date", &exit) ||
	    !calculation_done(c, annual_leaving(&c->rules, exit, in->tier, in->taken_e2, &days), ""))
		return;
	ANSWER(out, days, days);
	step_say(c, TEXT_STEP_PART_OF_YEAR(exit - civil_of(civil_split(exit).year, 1, 1) + 1, in->tier, days));
	if (in->taken_e2)
		step_say(c, TEXT_STEP_TAKEN(hundredths(c, in->taken_e2)));
}

/* For days not given: twice the day rate on top of the wage that was paid for them already. */
static void unused(struct calculation *c, const request *in, int days, Payroll__AnnualLeaveCalculation *out)
{
	int64_t extra, once;
	const struct law_row *paid, *more;

	if (!calculation_done(c, annual_unused(&c->rules, in->average_fen, days, &extra) &&
					 rule_round(&c->rules, ratio_mul(wage_day(&c->rules, in->average_fen), ratio_int(days)), 1, "leave_pay", &once),
			      ""))
		return;
	paid = rule_row_any(&c->rules, LAW_WAGE_MONTH, "PAID");
	more = rule_row_any(&c->rules, LAW_ANNUAL_YEAR, "YEAR");
	ANSWER(out, extra_pay_fen, extra);
	ANSWER(out, total_pay_fen, extra + once);
	step_add(c, TEXT_STEP_UNUSED, extra, "%s ÷ %s × %d × %s = %s", yuan(c, in->average_fen), hundredths(c, paid->values[0]), days,
		 percent(c, more->values[2]), yuan(c, extra));
}

static void entitled(struct calculation *c, const request *in, Payroll__AnnualLeaveCalculation *out)
{
	bool is;

	if (!calculation_done(c, annual_entitled(&c->rules, in->years, in->sick_months, in->unpaid_days, &is), ""))
		return;
	ANSWER(out, entitled, is);
	step_say(c, is ? TEXT_STEP_ENTITLED : TEXT_STEP_NOT_ENTITLED);
}

static bool asked(struct calculation *c, const request *in)
{
	if (!in->has_cumulative_months && !in->join_date && !in->exit_date && !in->has_unused_days && !in->has_years)
		calculation_wrong(c, "/tier", "REQUIRED", TEXT_LEAVE_MISSING);
	if ((in->join_date || in->exit_date) && !in->has_tier)
		calculation_wrong(c, "/tier", "REQUIRED", TEXT_TIER_MISSING);
	if (in->join_date && in->exit_date)
		calculation_wrong(c, "/join_date", "ONE_OF", TEXT_JOIN_OR_EXIT);
	if (in->has_unused_days && !in->has_average_fen)
		calculation_wrong(c, "/average_fen", "REQUIRED", TEXT_AVERAGE_MISSING);
	return c->cx->fault.n_items == 0;
}

bool payroll_calculate_annual_leave(struct ctx *cx, const request *in, Payroll__AnnualLeaveCalculation *out)
{
	struct calculation c;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (asked(&c, in)) {
		if (in->has_cumulative_months)
			tier(&c, in, out);
		if (in->join_date)
			joining(&c, in, out);
		if (in->exit_date)
			leaving(&c, in, out);
		if (in->has_average_fen && (in->has_unused_days || out->has_days))
			unused(&c, in, in->has_unused_days ? in->unused_days : out->days, out);
		if (in->has_years)
			entitled(&c, in, out);
	}
	return calculation_end(&c, &out->derivation);
}

/* ---- medical period, maternity ---- */

bool payroll_calculate_medical_period(struct ctx *cx, const Payroll__CalculateMedicalPeriodRequest *in,
				      Payroll__MedicalPeriodCalculation *out)
{
	struct calculation c;
	int months, within;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (calculation_done(&c, medical_period(&c.rules, in->total_years, in->years_here, &months, &within), "")) {
		ANSWER(out, months, months);
		ANSWER(out, within_months, within);
		step_say(&c, TEXT_STEP_MEDICAL_PERIOD(months, within));
	}
	return calculation_end(&c, &out->derivation);
}

static bool maternity(struct calculation *c, const Payroll__CalculateMaternityRequest *in, int *days)
{
	const struct birth b = {in->has_child ? in->child : 1, in->difficult, in->has_infants ? in->infants : 1};

	if (in->has_miscarriage_months)
		return miscarriage_days(&c->rules, in->miscarriage_months, days);
	return maternity_days(&c->rules, &b, days);
}

bool payroll_calculate_maternity(struct ctx *cx, const Payroll__CalculateMaternityRequest *in, Payroll__MaternityCalculation *out)
{
	struct calculation c;
	civil_day start;
	int days;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (calculation_done(&c, maternity(&c, in, &days), "")) {
		ANSWER(out, days, days);
		step_say(&c, TEXT_STEP_MATERNITY(days));
		if (in->start_date && calculation_day(&c, in->start_date, "/start_date", &start)) {
			out->end_date = day_text(&c, start + days - 1);
			step_say(&c, TEXT_STEP_LEAVE_ENDS(out->end_date));
		}
	}
	return calculation_end(&c, &out->derivation);
}
