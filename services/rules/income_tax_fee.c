/* Fees, non-residents and special additional deductions. */
#include <stddef.h>
#include <string.h>
#include "income_tax_band.h"

static const char *const FEES[] = {[FEE_LABOUR] = "LABOUR", [FEE_AUTHOR] = "AUTHOR", [FEE_ROYALTY] = "ROYALTY"};

/* 800 off a payment of up to 4,000, a fifth off a larger one; of an author's fee 70 % counts. */
static struct ratio fee_base(const struct law_row *fee, int64_t pay_fen)
{
	struct ratio pay = ratio_int(pay_fen), base;

	if (pay_fen <= fee->values[1])
		base = ratio_max(ratio_sub(pay, ratio_int(fee->values[0])), ratio_int(0));
	else
		base = ratio_mul(pay, rule_share(100000 - fee->values[2]));
	return ratio_mul(base, rule_share(fee->values[3]));
}

static bool flat(struct rules *r, const char *item, struct ratio base, struct tax *out)
{
	const struct law_row *row = rule_row(r, LAW_TAX_FLAT, item);
	struct tax t = {.band = row};

	if (!row)
		return false;
	t.rate_e5 = (int32_t)row->values[0];
	if (!rule_round(r, base, 1, "taxable", &t.taxable_fen) || !rule_round(r, ratio_mul(base, rule_share(t.rate_e5)), 1, "tax", &t.tax_fen))
		return false;
	*out = t;
	return true;
}

bool tax_fee(struct rules *r, enum fee kind, int64_t pay_fen, struct tax *out)
{
	const struct law_row *fee = rule_row(r, LAW_TAX_FEE, FEES[kind]);
	struct ratio base;

	if (!fee)
		return false;
	if (pay_fen < 0)
		return rule_input(r, "pay");
	base = fee_base(fee, pay_fen);
	if (kind != FEE_LABOUR)
		return flat(r, FEES[kind], base, out);
	return tax_by_band(r, LAW_TAX_LABOUR, base, base, 1, out);
}

bool tax_intern(struct rules *r, int64_t pay_cum_fen, int months, int64_t withheld_fen, struct tax_withheld *out)
{
	const struct law_row *fee = rule_row(r, LAW_TAX_FEE, "LABOUR");
	struct tax_year y = {.mode = BASIC_EMPLOYED_MONTHS, .first_month = 1, .withheld_fen = withheld_fen};
	struct tax_month m = {0};

	if (!fee)
		return false;
	if (pay_cum_fen < 0 || months < 1 || months > 12)
		return rule_input(r, pay_cum_fen < 0 ? "pay" : "months");
	return rule_round(r, ratio_mul(ratio_int(pay_cum_fen), rule_share(100000 - fee->values[2])), 1, "income", &m.income_fen) &&
	       tax_withhold(r, &y, months, &m, out);
}

/* ---- non-residents ---- */

static bool by_month(struct rules *r, struct ratio taxable, struct tax *out)
{
	return tax_by_band(r, LAW_TAX_MONTHLY, taxable, taxable, 1, out);
}

bool tax_non_resident_wage(struct rules *r, int64_t wage_fen, struct tax *out)
{
	const struct law_row *row = rule_row(r, LAW_TAX_BASIC, "WAGE");

	if (!row)
		return false;
	if (wage_fen < 0)
		return rule_input(r, "wage");
	return by_month(r, ratio_int(wage_fen > row->values[0] ? wage_fen - row->values[0] : 0), out);
}

/* A fifth off every payment, also a small one. */
bool tax_non_resident_fee(struct rules *r, enum fee kind, int64_t pay_fen, struct tax *out)
{
	const struct law_row *fee = rule_row(r, LAW_TAX_FEE, FEES[kind]);

	if (!fee)
		return false;
	if (pay_fen < 0)
		return rule_input(r, "pay");
	return by_month(r, ratio_mul(ratio_mul(ratio_int(pay_fen), rule_share(100000 - fee->values[2])), rule_share(fee->values[3])), out);
}

/* ---- special additional deductions ---- */

/* Several children share the whole between them, each at most half of it (国发〔2023〕13号). */
static bool elderly(struct rules *r, const struct special_item *i, int64_t *out)
{
	const struct law_row *row = rule_row(r, LAW_TAX_SPECIAL, i->only_child ? "ELDERLY_ONLY_CHILD" : "ELDERLY_SHARED_MOST");

	if (!row)
		return false;
	if (!i->only_child && (i->share_fen < 0 || i->share_fen > row->values[0]))
		return rule_input(r, "share_fen");
	*out = i->only_child ? row->values[0] : i->share_fen;
	return true;
}

bool tax_special(struct rules *r, const struct special_item *item, int64_t *out)
{
	const struct law_row *row;

	if (strcmp(item->kind, "ELDERLY_SUPPORT") == 0)
		return elderly(r, item, out);
	row = rule_row(r, LAW_TAX_SPECIAL, item->kind);
	if (!row)
		return false;
	if (item->count < 1 || item->count > 20)
		return rule_input(r, "count");
	if (item->share_e5 != 100000 && item->share_e5 != 50000)
		return rule_input(r, "share");
	return rule_round(r, ratio_mul(ratio_int(row->values[0] * item->count), rule_share(item->share_e5)), 1, "special", out);
}
