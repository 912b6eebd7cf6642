#include "leave.h"
#include <stddef.h>

/* ---- annual leave ---- */

bool annual_tier(struct rules *r, int months, int *days)
{
	const struct law_row *row;

	if (months < 0)
		return rule_input(r, "months");
	if (months < 12) {
		*days = 0;
		return true;
	}
	row = rule_step(r, LAW_ANNUAL_LEAVE, "", months / 12);
	if (row)
		*days = (int)row->values[0];
	return row != NULL;
}

/* floor(days of the year / 365 * tier - taken), not below 0. */
static bool part_of_year(struct rules *r, int of_year, int tier, int64_t taken_e2, int *days)
{
	const struct law_row *row = rule_row(r, LAW_ANNUAL_YEAR, "YEAR");
	int64_t v;

	if (!row)
		return false;
	if (tier < 0 || tier > 366 || taken_e2 < 0)
		return rule_input(r, taken_e2 < 0 ? "taken" : "tier");
	if (!ratio_floor(ratio_sub(ratio_mul(ratio_of(of_year, row->values[0]), ratio_int(tier)), ratio_of(taken_e2, 100)), &v))
		return rule_overflow(r, "days");
	*days = v > 0 ? (int)v : 0;
	return true;
}

bool annual_joining(struct rules *r, civil_day join, int tier, int *days)
{
	return part_of_year(r, civil_of(civil_split(join).year + 1, 1, 1) - join, tier, 0, days);
}

bool annual_leaving(struct rules *r, civil_day exit, int tier, int64_t taken_e2, int *days)
{
	return part_of_year(r, exit - civil_of(civil_split(exit).year, 1, 1) + 1, tier, taken_e2, days);
}

bool annual_unused(struct rules *r, int64_t average_fen, int days, int64_t *extra_fen)
{
	const struct law_row *row = rule_row(r, LAW_ANNUAL_YEAR, "YEAR");
	struct ratio day = wage_day(r, average_fen);

	if (!row || !ratio_good(day))
		return false;
	if (days < 0)
		return rule_input(r, "days");
	return rule_round(r, ratio_mul(ratio_mul(day, ratio_int(days)), rule_share(row->values[2])), 1, "leave_pay", extra_fen);
}

bool annual_entitled(struct rules *r, int years, int sick_months, int unpaid_days, bool *entitled)
{
	const struct law_row *year = rule_row(r, LAW_ANNUAL_YEAR, "YEAR"), *tier;

	if (years < 0 || sick_months < 0 || unpaid_days < 0)
		return rule_input(r, "absence");
	if (!year)
		return false;
	*entitled = false;
	if (years < 1)
		return true;
	tier = rule_step(r, LAW_ANNUAL_LEAVE, "", years);
	if (tier)
		*entitled = sick_months < tier->values[1] && unpaid_days < year->values[1];
	return tier != NULL;
}

/* ---- medical period ---- */

/* Two steps in one: total years, then years here. */
bool medical_period(struct rules *r, int total_years, int years_here, int *months, int *within)
{
	const struct law_row *row;

	if (years_here < 0 || total_years < years_here)
		return rule_input(r, "years");
	row = rule_step(r, LAW_MEDICAL, total_years >= 10 ? "10/" : "0/", years_here);
	if (!row)
		return false;
	*months = (int)row->values[0];
	*within = (int)row->values[1];
	return true;
}

/* ---- maternity ---- */

bool maternity_days(struct rules *r, const struct birth *b, int *days)
{
	const struct law_row *nation = rule_row(r, LAW_MATERNITY, "BIRTH"), *place;
	int64_t v;

	if (!nation)
		return false;
	if (b->child < 1 || b->infants < 1 || b->infants > 10)
		return rule_input(r, b->child < 1 ? "child" : "infants");
	place = rule_step(r, LAW_MATERNITY_PLACE, "", b->child);
	if (!place)
		return false;
	v = nation->values[0] + place->values[0] + (b->infants - 1) * nation->values[2];
	if (b->difficult)
		v += nation->values[1] + place->values[1];
	*days = (int)v;
	return true;
}

bool miscarriage_days(struct rules *r, int months, int *days)
{
	const struct law_row *row;

	if (months < 0 || months > 10)
		return rule_input(r, "months");
	row = rule_step(r, LAW_MISCARRIAGE, "", months);
	if (row)
		*days = (int)row->values[0];
	return row != NULL;
}
