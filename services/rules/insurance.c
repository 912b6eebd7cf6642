#include "insurance.h"

static const char *const NAMES[] = {"PENSION", "MEDICAL", "UNEMPLOYMENT", "INJURY", "FUND"};

static int64_t clamp(int64_t v, const struct law_row *bounds)
{
	if (v < bounds->values[0])
		return bounds->values[0];
	return v > bounds->values[1] ? bounds->values[1] : v;
}

bool insurance_base(struct rules *r, enum insurance scheme, int64_t declared_fen, int64_t *out)
{
	const struct law_row *bounds = rule_row(r, LAW_BASE, NAMES[scheme]);

	if (!bounds)
		return false;
	if (declared_fen < 0)
		return rule_input(r, "declared_base");
	*out = clamp(declared_fen, bounds);
	return true;
}

static bool rounded_share(struct rules *r, int64_t base_fen, int64_t rate_e5, int64_t unit, int64_t *out)
{
	if (rate_e5 < 0 || rate_e5 > 100000)
		return rule_input(r, "rate");
	return rule_round(r, ratio_mul(ratio_int(base_fen), rule_share(rate_e5)), unit, "share", out);
}

bool insurance_share(struct rules *r, int64_t base_fen, int64_t rate_e5, int64_t *out)
{
	return rounded_share(r, base_fen, rate_e5, 1, out);
}

bool insurance_contribution(struct rules *r, enum insurance scheme, int64_t declared_fen, struct contribution *out)
{
	const struct law_row *rate = rule_row(r, LAW_RATE, NAMES[scheme]), *fixed = rule_row_any(r, LAW_FIXED, NAMES[scheme]);
	struct contribution c;

	if (!rate || !insurance_base(r, scheme, declared_fen, &c.base_fen) ||
	    !insurance_share(r, c.base_fen, rate->values[0], &c.employer_fen) ||
	    !insurance_share(r, c.base_fen, rate->values[1], &c.worker_fen))
		return false;
	if (fixed)
		c.worker_fen += fixed->values[0];
	*out = c;
	return true;
}

bool insurance_injury(struct rules *r, int64_t declared_fen, int64_t rate_e5, struct contribution *out)
{
	struct contribution c = {0};

	if (!insurance_base(r, INSURANCE_INJURY, declared_fen, &c.base_fen) ||
	    !insurance_share(r, c.base_fen, rate_e5, &c.employer_fen))
		return false;
	*out = c;
	return true;
}

/* ---- housing fund ---- */

static bool rates_good(struct rules *r, const struct law_row *fund, const struct fund_terms *t)
{
	if (t->rate_e5 < fund->values[0] || t->rate_e5 > fund->values[1])
		return rule_input(r, "fund_rate");
	if (t->supplement_e5 < 0 || t->supplement_e5 > fund->values[2])
		return rule_input(r, "fund_supplement");
	return true;
}

bool insurance_fund(struct rules *r, const struct fund_terms *t, struct contribution *out)
{
	const struct law_row *fund = rule_row(r, LAW_FUND, "RATE");
	struct contribution c = {0};
	int64_t supplement;

	if (!fund || !rates_good(r, fund, t) || !insurance_base(r, INSURANCE_FUND, t->declared_fen, &c.base_fen))
		return false;
	if (!rounded_share(r, c.base_fen, t->rate_e5, fund->values[3], &c.worker_fen) ||
	    !rounded_share(r, c.base_fen, t->supplement_e5, fund->values[3], &supplement))
		return false;
	c.worker_fen = t->first_ever && t->first_month ? 0 : c.worker_fen + supplement;
	c.employer_fen = c.worker_fen; /* both sides alike */
	*out = c;
	return true;
}
