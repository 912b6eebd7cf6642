/* Tables, wages and what is paid apart. */
#include "income_tax.h"
#include <stddef.h>
#include "income_tax_band.h"

#define BANDS 16

/* The first band that reaches. */
static const struct law_row *band_of(struct rules *r, enum law_scheme s, struct ratio by)
{
	const struct law_row *bands[BANDS];
	size_t n = law_table(r->law, s, rule_place(r, s), r->day, bands, BANDS);

	for (size_t i = 0; i < n; i++)
		if (bands[i]->values[0] == LAW_OPEN || ratio_compare(by, ratio_int(bands[i]->values[0])) <= 0) {
			rule_used(r, bands[i]);
			return bands[i];
		}
	rule_row(r, s, "band"); /* says which table ends */
	return NULL;
}

bool tax_by_band(struct rules *r, enum law_scheme s, struct ratio by, struct ratio taxable, int64_t quicks, struct tax *out)
{
	struct tax t = {0};
	struct ratio tax;

	if (!ratio_good(by) || !ratio_good(taxable))
		return rule_overflow(r, "taxable");
	if (!rule_round(r, taxable, 1, "taxable", &t.taxable_fen))
		return false;
	*out = t;
	if (ratio_compare(taxable, ratio_int(0)) <= 0)
		return true;
	t.band = band_of(r, s, by);
	if (!t.band)
		return false;
	t.rate_e5 = (int32_t)t.band->values[1];
	t.quick_fen = t.band->values[2] * quicks;
	tax = ratio_sub(ratio_mul(taxable, rule_share(t.rate_e5)), ratio_int(t.quick_fen));
	if (!rule_round(r, ratio_max(tax, ratio_int(0)), 1, "tax", &t.tax_fen))
		return false;
	*out = t;
	return true;
}

bool tax_of_year(struct rules *r, int64_t taxable_fen, struct tax *out)
{
	return tax_by_band(r, LAW_TAX_ANNUAL, ratio_int(taxable_fen), ratio_int(taxable_fen), 1, out);
}

/* ---- wages ---- */

static bool year_good(struct rules *r, const struct tax_year *y, int month)
{
	if (y->first_month < 1 || y->first_month > 12)
		return rule_input(r, "first_month");
	if (month < y->first_month || month > 12 || month < y->month)
		return rule_input(r, "month");
	if (y->last_month && (y->last_month < y->first_month || y->last_month > 12))
		return rule_input(r, "last_month");
	return true;
}

static bool add(int64_t *sum, int64_t v)
{
	return !__builtin_add_overflow(*sum, v, sum);
}

/* Amounts of one month may be negative: what was paid too much before is taken back here. */
static bool take(struct rules *r, struct tax_year *y, int month, const struct tax_month *in)
{
	y->month = month;
	return (add(&y->income_fen, in->income_fen) && add(&y->exempt_fen, in->exempt_fen) &&
		add(&y->contributions_fen, in->contributions_fen) && add(&y->special_fen, in->special_fen) &&
		add(&y->other_fen, in->other_fen) && add(&y->relief_fen, in->relief_fen)) ||
	       rule_overflow(r, "sums");
}

/* From joining to leaving, also months in which nothing was paid. */
static int months_of_basic(const struct tax_year *y, int month)
{
	int last = y->last_month && y->last_month < month ? y->last_month : month;

	if (y->mode == BASIC_ANNUAL_60000)
		return 12;
	return y->mode == BASIC_FIRST_JOB ? last : last - y->first_month + 1;
}

static bool basic(struct rules *r, const struct tax_year *y, int month, struct tax_withheld *out)
{
	const struct law_row *row = rule_row(r, LAW_TAX_BASIC, "WAGE");

	if (!row)
		return false;
	out->basic_months = months_of_basic(y, month);
	out->basic_cum_fen = y->mode == BASIC_ANNUAL_60000 ? row->values[1] : row->values[0] * out->basic_months;
	return true;
}

static bool taxable_cum(struct rules *r, const struct tax_year *y, struct tax_withheld *out)
{
	const int64_t off[] = {y->exempt_fen, out->basic_cum_fen, y->contributions_fen, y->special_fen, y->other_fen};
	int64_t left = y->income_fen;

	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		if (__builtin_sub_overflow(left, off[i], &left))
			return rule_overflow(r, "taxable");
	out->taxable_cum_fen = left;
	return true;
}

static bool due(struct rules *r, int64_t relief_fen, struct tax_withheld *out)
{
	int64_t v;

	if (__builtin_sub_overflow(out->cumulative.tax_fen, relief_fen, &v) ||
	    __builtin_sub_overflow(v, out->withheld_before_fen, &v))
		return rule_overflow(r, "tax");
	out->tax_fen = v > 0 ? v : 0;
	return true;
}

bool tax_withhold(struct rules *r, struct tax_year *year, int month, const struct tax_month *in, struct tax_withheld *out)
{
	struct tax_year y = *year;
	struct tax_withheld w = {.withheld_before_fen = y.withheld_fen};

	if (!year_good(r, &y, month) || !take(r, &y, month, in) || !basic(r, &y, month, &w) || !taxable_cum(r, &y, &w) ||
	    !tax_of_year(r, w.taxable_cum_fen, &w.cumulative) || !due(r, y.relief_fen, &w))
		return false;
	if (!add(&y.withheld_fen, w.tax_fen))
		return rule_overflow(r, "withheld");
	*year = y;
	*out = w;
	return true;
}

/* ---- paid apart ---- */

/* The whole amount at the band of one month's part of it. */
static bool by_part(struct rules *r, const char *item, int64_t amount_fen, struct tax *out)
{
	const struct law_row *row = rule_row(r, LAW_TAX_BONUS, item);

	if (!row)
		return false;
	if (amount_fen < 0)
		return rule_input(r, "bonus");
	return tax_by_band(r, LAW_TAX_MONTHLY, ratio_of(amount_fen, row->values[0]), ratio_int(amount_fen), row->values[1], out);
}

bool tax_bonus(struct rules *r, int64_t bonus_fen, struct tax *out)
{
	return by_part(r, "ANNUAL", bonus_fen, out);
}

bool tax_non_resident_bonus(struct rules *r, int64_t bonus_fen, struct tax *out)
{
	return by_part(r, "NON_RESIDENT", bonus_fen, out);
}

bool tax_severance(struct rules *r, int64_t compensation_fen, int64_t monthly_average_fen, struct tax_severance *out)
{
	const struct law_row *row = rule_row(r, LAW_TAX_SEVERANCE, "COMPENSATION");
	struct tax_severance s = {0};

	if (!row)
		return false;
	if (compensation_fen < 0 || monthly_average_fen <= 0)
		return rule_input(r, compensation_fen < 0 ? "compensation" : "monthly_average");
	if (__builtin_mul_overflow(monthly_average_fen, row->values[0], &s.exempt_fen))
		return rule_overflow(r, "exempt");
	if (!tax_of_year(r, compensation_fen > s.exempt_fen ? compensation_fen - s.exempt_fen : 0, &s.tax))
		return false;
	*out = s;
	return true;
}
