/* Social insurance and housing fund of a month. */
#include "calculation.h"
#include <inttypes.h>
#include "insurance.h"
#include "row.h"

typedef Payroll__CalculateSocialInsuranceRequest request;

static const struct scheme {
	enum insurance rule;
	const struct text_def *worker, *employer;
} SCHEMES[] = {
	[PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_PENSION] = {INSURANCE_PENSION, &TEXT_DEF_STEP_PENSION_WORKER, &TEXT_DEF_STEP_PENSION},
	[PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_MEDICAL] = {INSURANCE_MEDICAL, &TEXT_DEF_STEP_MEDICAL_WORKER, &TEXT_DEF_STEP_MEDICAL},
	[PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_UNEMPLOYMENT] = {INSURANCE_UNEMPLOYMENT, &TEXT_DEF_STEP_UNEMPLOYMENT_WORKER,
								      &TEXT_DEF_STEP_UNEMPLOYMENT},
	[PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_INJURY] = {INSURANCE_INJURY, NULL, &TEXT_DEF_STEP_INJURY},
	[PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_FUND] = {INSURANCE_FUND, NULL, &TEXT_DEF_STEP_FUND},
};

static void explain_side(struct calculation *c, const struct text_def *what, int64_t base_fen, int64_t fen)
{
	if (what)
		step_add(c, (struct text){.def = what}, fen, "%s → %s", yuan(c, base_fen), yuan(c, fen));
}

/* The rates are those of the rows that the rule has just used, which stand in the derivation. */
static void explain_rated(struct calculation *c, const struct scheme *s, const char *item, const struct contribution *k)
{
	const struct law_row *rate = rule_row_any(&c->rules, LAW_RATE, item), *fixed = rule_row_any(&c->rules, LAW_FIXED, item);
	struct text worker = {.def = s->worker}, employer = {.def = s->employer};

	step_add(c, employer, k->employer_fen, "%s × %s = %s", yuan(c, k->base_fen), percent(c, rate->values[0]), yuan(c, k->employer_fen));
	if (fixed)
		step_add(c, worker, k->worker_fen, "%s × %s + %s = %s", yuan(c, k->base_fen), percent(c, rate->values[1]),
			 yuan(c, fixed->values[0]), yuan(c, k->worker_fen));
	else
		step_add(c, worker, k->worker_fen, "%s × %s = %s", yuan(c, k->base_fen), percent(c, rate->values[1]), yuan(c, k->worker_fen));
}

static bool first_month(const request *in, civil_day day, civil_day hire)
{
	struct civil a = civil_split(day), b = civil_split(hire);

	return in->hire_date && a.year == b.year && a.month == b.month;
}

static bool fund(struct calculation *c, const request *in, struct contribution *out)
{
	struct fund_terms t = {
		.declared_fen = in->has_fund_declared_fen ? in->fund_declared_fen : in->declared_base_fen,
		.rate_e5 = in->fund_rate_e5, .supplement_e5 = in->fund_supplement_e5,
		.first_ever = in->fund_account == PAYROLL__FUND_ACCOUNT__FUND_ACCOUNT_FIRST_EVER,
	};
	civil_day hire = c->rules.day;

	if (in->hire_date && !calculation_day(c, in->hire_date, "/hire_date", &hire))
		return false;
	if (t.first_ever && !in->hire_date)
		return calculation_wrong(c, "/hire_date", "REQUIRED", TEXT_HIRE_OF_FIRST);
	t.first_month = first_month(in, c->rules.day, hire);
	if (!calculation_done(c, insurance_fund(&c->rules, &t, out), ""))
		return false;
	if (t.first_ever && t.first_month)
		step_say(c, TEXT_STEP_FUND_SECOND_MONTH);
	return true;
}

static bool injury(struct calculation *c, const request *in, struct contribution *out)
{
	if (!in->has_injury_rate_e5)
		return calculation_wrong(c, "/injury_rate_e5", "REQUIRED", TEXT_RATE_OF_SCHEME);
	return calculation_done(c, insurance_injury(&c->rules, in->declared_base_fen, in->injury_rate_e5, out), "");
}

static bool contribution(struct calculation *c, const request *in, Payroll__InsuranceScheme scheme, struct contribution *out)
{
	static const char *const ITEMS[] = {"PENSION", "MEDICAL", "UNEMPLOYMENT"};
	const struct scheme *s = &SCHEMES[scheme];

	switch (s->rule) {
	case INSURANCE_FUND:
		if (!fund(c, in, out))
			return false;
		break;
	case INSURANCE_INJURY:
		if (!injury(c, in, out))
			return false;
		break;
	default:
		if (!calculation_done(c, insurance_contribution(&c->rules, s->rule, in->declared_base_fen, out), ""))
			return false;
		explain_rated(c, s, ITEMS[s->rule], out);
		return true;
	}
	explain_side(c, s->employer, out->base_fen, out->employer_fen);
	return true;
}

static void add_scheme(struct calculation *c, const request *in, Payroll__InsuranceScheme scheme, Payroll__SocialInsuranceCalculation *out)
{
	struct contribution k = {0};
	Payroll__Contribution *to = out->contributions[out->n_contributions];

	if (!contribution(c, in, scheme, &k))
		return;
	out->n_contributions++;
	ANSWER(to, scheme, scheme);
	ANSWER(to, base_fen, k.base_fen);
	ANSWER(to, worker_fen, k.worker_fen);
	ANSWER(to, employer_fen, k.employer_fen);
	ANSWER(out, worker_fen, out->worker_fen + k.worker_fen);
	ANSWER(out, employer_fen, out->employer_fen + k.employer_fen);
}

/* Those that are asked for; else the three that everybody has, and what rates are given of. */
static bool wanted(const request *in, Payroll__InsuranceScheme scheme)
{
	for (size_t i = 0; i < in->n_schemes; i++)
		if (in->schemes[i] == scheme)
			return true;
	if (in->n_schemes)
		return false;
	if (scheme == PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_INJURY)
		return in->has_injury_rate_e5;
	return scheme != PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_FUND || in->has_fund_rate_e5;
}

static void share(struct calculation *c, const request *in, Payroll__SocialInsuranceCalculation *out)
{
	int64_t fen;

	if (!calculation_done(c, insurance_share(&c->rules, in->base_fen, in->rate_e5, &fen), ""))
		return;
	ANSWER(out, share_fen, fen);
	step_add(c, TEXT_STEP_SHARE, fen, "%s × %s = %s", yuan(c, in->base_fen), percent(c, in->rate_e5), yuan(c, fen));
}

bool payroll_calculate_social_insurance(struct ctx *cx, const request *in, Payroll__SocialInsuranceCalculation *out)
{
	struct calculation c;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	out->contributions = messages_new(&c, &RULE_PAYROLL_CONTRIBUTION, INSURANCES);
	if (in->has_base_fen && in->has_rate_e5)
		share(&c, in, out);
	else if (!in->has_declared_base_fen && !in->has_fund_declared_fen)
		calculation_wrong(&c, "/declared_base_fen", "REQUIRED", TEXT_BASE_OR_SHARE);
	for (int s = PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_PENSION; in->has_declared_base_fen || in->has_fund_declared_fen; s++) {
		if (s > PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_FUND)
			break;
		if (wanted(in, (Payroll__InsuranceScheme)s))
			add_scheme(&c, in, (Payroll__InsuranceScheme)s, out);
	}
	return calculation_end(&c, &out->derivation);
}
