/* Social insurance and housing fund of a month. */
#include "explain.h"
#include "row.h"

typedef Payroll__CalculateSocialInsuranceRequest request;

static const enum insurance SCHEMES[] = {
	[PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_PENSION] = INSURANCE_PENSION,
	[PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_MEDICAL] = INSURANCE_MEDICAL,
	[PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_UNEMPLOYMENT] = INSURANCE_UNEMPLOYMENT,
	[PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_INJURY] = INSURANCE_INJURY,
	[PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_FUND] = INSURANCE_FUND,
};

static bool first_month(const request *in, civil_day day, civil_day hire)
{
	struct civil a = civil_split(day), b = civil_split(hire);

	return in->hire_date && a.year == b.year && a.month == b.month;
}

static bool fund(struct calculation *c, const request *in, struct fund_terms *t, struct contribution *out)
{
	civil_day hire = c->rules.day;

	*t = (struct fund_terms){
		.declared_fen = in->has_fund_declared_fen ? in->fund_declared_fen : in->declared_base_fen,
		.rate_e5 = in->fund_rate_e5, .supplement_e5 = in->fund_supplement_e5,
		.first_ever = in->fund_account == PAYROLL__FUND_ACCOUNT__FUND_ACCOUNT_FIRST_EVER,
	};
	if (in->hire_date && !calculation_day(c, in->hire_date, "/hire_date", &hire))
		return false;
	if (t->first_ever && !in->hire_date)
		return calculation_wrong(c, "/hire_date", "REQUIRED", TEXT_HIRE_OF_FIRST);
	t->first_month = first_month(in, c->rules.day, hire);
	return calculation_done(c, insurance_fund(&c->rules, t, out), "");
}

static bool injury(struct calculation *c, const request *in, struct contribution *out)
{
	if (!in->has_injury_rate_e5)
		return calculation_wrong(c, "/injury_rate_e5", "REQUIRED", TEXT_RATE_OF_SCHEME);
	return calculation_done(c, insurance_injury(&c->rules, in->declared_base_fen, in->injury_rate_e5, out), "");
}

static bool contribution(struct calculation *c, const request *in, enum insurance scheme, struct contribution *out)
{
	struct fund_terms terms;
	const struct insured i = {.scheme = scheme, .injury_rate_e5 = in->injury_rate_e5, .fund = &terms};

	if (scheme == INSURANCE_FUND ? !fund(c, in, &terms, out) :
	    scheme == INSURANCE_INJURY ? !injury(c, in, out) :
					 !calculation_done(c, insurance_contribution(&c->rules, scheme, in->declared_base_fen, out), ""))
		return false;
	explain_employer(c, &i, out);
	if (scheme < INSURANCE_INJURY)
		explain_worker(c, &i, out);
	return true;
}

static void add_scheme(struct calculation *c, const request *in, Payroll__InsuranceScheme scheme, Payroll__SocialInsuranceCalculation *out)
{
	struct contribution k = {0};
	Payroll__Contribution *to = out->contributions[out->n_contributions];

	if (!contribution(c, in, SCHEMES[scheme], &k))
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
