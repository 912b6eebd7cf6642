/* Terms of contracts, and what is due at their end. */
#include "contract.h"
#include <inttypes.h>
#include "calculation.h"
#include "severance.h"

/* ---- probation ---- */

static const enum term TERMS[] = {
	[PAYROLL__TERM_KIND__TERM_KIND_UNSPECIFIED] = TERM_FIXED,
	[PAYROLL__TERM_KIND__TERM_KIND_FIXED] = TERM_FIXED,
	[PAYROLL__TERM_KIND__TERM_KIND_OPEN_ENDED] = TERM_OPEN_ENDED,
	[PAYROLL__TERM_KIND__TERM_KIND_PART_TIME] = TERM_PART_TIME,
	[PAYROLL__TERM_KIND__TERM_KIND_TASK] = TERM_TASK,
};

static void probation_wage(struct calculation *c, const Payroll__CalculateProbationRequest *in, Payroll__ProbationCalculation *out)
{
	int64_t least;

	if (!calculation_done(c, contract_probation_wage(&c->rules, in->contract_fen, in->minimum_fen, &least), ""))
		return;
	ANSWER(out, wage_fen, least);
	step_add(c, TEXT_STEP_PROBATION_WAGE, least, "max(%s × %s, %s) = %s", yuan(c, in->contract_fen),
		 percent(c, rule_row_any(&c->rules, LAW_PROBATION_WAGE, "SHARE")->values[0]), yuan(c, in->minimum_fen), yuan(c, least));
}

bool payroll_calculate_probation(struct ctx *cx, const Payroll__CalculateProbationRequest *in, Payroll__ProbationCalculation *out)
{
	struct calculation c;
	int months;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (TERMS[in->kind] == TERM_FIXED && !in->has_term_months)
		calculation_wrong(&c, "/term_months", "REQUIRED", TEXT_TERM_MISSING);
	else if (calculation_done(&c, contract_probation(&c.rules, TERMS[in->kind], in->term_months, &months), "")) {
		ANSWER(out, months, months);
		step_say(&c, TEXT_STEP_PROBATION(months));
	}
	if (in->has_contract_fen)
		probation_wage(&c, in, out);
	return calculation_end(&c, &out->derivation);
}

/* ---- compensation ---- */

static const enum severance_ground GROUNDS[] = {
	[PAYROLL__SEVERANCE_GROUND__SEVERANCE_GROUND_UNSPECIFIED] = SEVERANCE_N,
	[PAYROLL__SEVERANCE_GROUND__SEVERANCE_GROUND_N] = SEVERANCE_N,
	[PAYROLL__SEVERANCE_GROUND__SEVERANCE_GROUND_N_PLUS_1] = SEVERANCE_N_PLUS_1,
	[PAYROLL__SEVERANCE_GROUND__SEVERANCE_GROUND_TWO_N] = SEVERANCE_2N,
};
/* No average of the city is given: one that caps no wage. */
#define UNCAPPED_FEN 10000000000000

/* By its days, the last one included, or by months and days as counted. */
static bool service_of(struct calculation *c, const Payroll__CalculateSeveranceRequest *in, struct service_time *out)
{
	civil_day hire, exit;

	if (in->has_service_months || in->has_service_days) {
		*out = (struct service_time){in->service_months, in->service_days};
		return true;
	}
	if (!in->hire_date || !in->exit_date)
		return calculation_wrong(c, in->hire_date ? "/exit_date" : "/hire_date", "REQUIRED", TEXT_SERVICE_MISSING);
	if (!calculation_day(c, in->hire_date, "/hire_date", &hire) || !calculation_day(c, in->exit_date, "/exit_date", &exit))
		return false;
	if (exit < hire)
		return calculation_wrong(c, "/exit_date", "OUT_OF_RANGE", TEXT_EXIT_BEFORE_HIRE);
	*out = service_between(hire, exit + 1);
	return true;
}

static const char *halves(struct calculation *c, int n)
{
	return hundredths(c, (int64_t)n * 50);
}

static void severance(struct calculation *c, const Payroll__CalculateSeveranceRequest *in, struct service_time s,
		      Payroll__SeveranceCalculation *out)
{
	enum severance_ground ground = GROUNDS[in->ground];
	int64_t city = in->has_city_average_fen ? in->city_average_fen : UNCAPPED_FEN;
	struct severance v;
	const char *twice = ground == SEVERANCE_2N ? " × 2" : "", *more = "";

	if (!calculation_done(c, severance_pay(&c->rules, ground, in->average_fen, city, in->last_month_fen, s, &v), ""))
		return;
	ANSWER(out, wage_fen, v.wage_fen);
	ANSWER(out, paid_halves, v.halves);
	ANSWER(out, pay_fen, v.pay_fen);
	if (ground == SEVERANCE_N_PLUS_1)
		more = arena_printf(c->cx->arena, " + %s", yuan(c, in->last_month_fen));
	if (v.wage_fen < in->average_fen)
		step_add(c, TEXT_STEP_SEVERANCE_CAP, v.wage_fen, "min(%s, %s × %" PRId64 ") = %s", yuan(c, in->average_fen), yuan(c, city),
			 rule_row_any(&c->rules, LAW_SEVERANCE, "CAP")->values[0], yuan(c, v.wage_fen));
	step_add(c, TEXT_STEP_SEVERANCE, v.pay_fen, "%s × %s%s%s = %s", yuan(c, v.wage_fen), halves(c, v.halves), twice, more, yuan(c, v.pay_fen));
}

bool payroll_calculate_severance(struct ctx *cx, const Payroll__CalculateSeveranceRequest *in, Payroll__SeveranceCalculation *out)
{
	struct calculation c;
	struct service_time s;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (GROUNDS[in->ground] == SEVERANCE_N_PLUS_1 && !in->has_last_month_fen)
		calculation_wrong(&c, "/last_month_fen", "REQUIRED", TEXT_LAST_MONTH_MISSING);
	if (service_of(&c, in, &s)) {
		ANSWER(out, halves, severance_halves(s));
		step_say(&c, TEXT_STEP_SERVICE(s.months, s.days, halves(&c, out->halves)));
		if (in->has_average_fen)
			severance(&c, in, s, out);
	}
	return calculation_end(&c, &out->derivation);
}

/* ---- what else the terms say ---- */

static void unwritten(struct calculation *c, const Payroll__Unwritten *in, Payroll__ContractCalculation *out)
{
	struct unwritten u;
	civil_day hire, signed_on;

	if (!calculation_day(c, in->hire_date, "/unwritten/hire_date", &hire) ||
	    !calculation_day(c, in->signed_date, "/unwritten/signed_date", &signed_on) ||
	    !calculation_done(c, contract_unwritten(&c->rules, hire, signed_on, in->monthly_fen, &u), "/unwritten"))
		return;
	ANSWER(out, extra_months, u.months);
	ANSWER(out, extra_pay_fen, u.extra_fen);
	ANSWER(out, deemed_open_ended, u.open_ended);
	if (u.until == u.from) {
		step_say(c, TEXT_STEP_NOT_DOUBLED);
		return;
	}
	out->from_date = day_text(c, u.from);
	out->until_date = day_text(c, u.until);
	step_add(c, TEXT_STEP_DOUBLED(out->from_date, out->until_date), u.extra_fen, "%s", yuan(c, u.extra_fen));
	if (u.open_ended)
		step_say(c, TEXT_STEP_DEEMED_OPEN_ENDED);
}

static void open_ended(struct calculation *c, const Payroll__OpenEnded *in, Payroll__ContractCalculation *out)
{
	bool must;

	if (!calculation_done(c, contract_open_ended(&c->rules, in->fixed_terms, in->years, in->worker_asks_fixed, &must), "/open_ended"))
		return;
	ANSWER(out, must_be_open_ended, must);
	step_say(c, must ? TEXT_STEP_MUST_BE_OPEN_ENDED : TEXT_STEP_MAY_BE_FIXED);
}

static void non_compete(struct calculation *c, const Payroll__NonCompete *in, Payroll__ContractCalculation *out)
{
	int64_t v;

	if (!calculation_done(c, contract_non_compete(&c->rules, in->average_fen, in->minimum_fen, &v), "/non_compete"))
		return;
	ANSWER(out, non_compete_fen, v);
	step_add(c, TEXT_STEP_NON_COMPETE, v, "max(%s × %s, %s) = %s", yuan(c, in->average_fen),
		 percent(c, rule_row_any(&c->rules, LAW_NON_COMPETE, "SHARE")->values[0]), yuan(c, in->minimum_fen), yuan(c, v));
}

bool payroll_calculate_contract(struct ctx *cx, const Payroll__CalculateContractRequest *in, Payroll__ContractCalculation *out)
{
	struct calculation c;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (!in->unwritten && !in->open_ended && !in->non_compete)
		calculation_wrong(&c, "/unwritten", "REQUIRED", TEXT_ONE_OF_CONTRACT);
	if (in->unwritten)
		unwritten(&c, in->unwritten, out);
	if (in->open_ended)
		open_ended(&c, in->open_ended, out);
	if (in->non_compete)
		non_compete(&c, in->non_compete, out);
	return calculation_end(&c, &out->derivation);
}

bool payroll_calculate_retirement(struct ctx *cx, const Payroll__CalculateRetirementRequest *in, Payroll__RetirementCalculation *out)
{
	static const enum retirement_group GROUPS[] = {
		[PAYROLL__RETIREMENT_GROUP__RETIREMENT_GROUP_MALE] = RETIRE_MALE,
		[PAYROLL__RETIREMENT_GROUP__RETIREMENT_GROUP_FEMALE_55] = RETIRE_FEMALE_55,
		[PAYROLL__RETIREMENT_GROUP__RETIREMENT_GROUP_FEMALE_50] = RETIRE_FEMALE_50,
	};
	struct calculation c;
	struct retirement v;
	civil_day birth;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (calculation_day(&c, in->birth_date, "/birth_date", &birth)) {
		struct civil b = civil_split(birth);

		if (calculation_done(&c, contract_retirement(&c.rules, GROUPS[in->group], b.year, b.month, &v), "")) {
			ANSWER(out, delay_months, v.delay_months);
			out->month = arena_printf(cx->arena, "%04d-%02d", v.year, v.month);
			step_say(&c, TEXT_STEP_RETIREMENT(out->month, v.delay_months));
		}
	}
	return calculation_end(&c, &out->derivation);
}
