/* Conversions, overtime and bounds. */
#include "wage.h"

#define HOUR_S 3600

static struct ratio month_part(struct rules *r, int64_t monthly_fen, int value)
{
	const struct law_row *row = rule_row(r, LAW_WAGE_MONTH, "PAID");

	if (!row)
		return RATIO_BAD;
	if (monthly_fen < 0) {
		rule_input(r, "monthly");
		return RATIO_BAD;
	}
	if (row->values[value] < 1)
		rule_overflow(r, "monthly"); /* a month of no days */
	return ratio_div(ratio_int(monthly_fen), ratio_of(row->values[value], 100));
}

struct ratio wage_day(struct rules *r, int64_t monthly_fen)
{
	return month_part(r, monthly_fen, 0);
}

struct ratio wage_hour(struct rules *r, int64_t monthly_fen)
{
	return month_part(r, monthly_fen, 1);
}

/* ---- overtime ---- */

static const char *const KINDS[] = {"WEEKDAY", "REST", "HOLIDAY"};

bool wage_overtime(struct rules *r, int64_t monthly_fen, enum overtime kind, int64_t seconds, int64_t *out)
{
	const struct law_row *row = rule_row(r, LAW_OVERTIME, KINDS[kind]);
	struct ratio hour = wage_hour(r, monthly_fen);

	if (!row || !ratio_good(hour))
		return false;
	if (seconds < 0)
		return rule_input(r, "hours");
	return rule_round(r, ratio_mul(ratio_mul(hour, ratio_of(seconds, HOUR_S)), rule_share(row->values[0])), 1, "overtime", out);
}

bool wage_overtime_as_rest(struct rules *r, enum overtime kind, bool *may)
{
	const struct law_row *row = rule_row(r, LAW_OVERTIME, KINDS[kind]);

	if (row)
		*may = row->values[1] == 1;
	return row != NULL;
}

bool wage_overtime_lawful(struct rules *r, int64_t day_seconds, int64_t month_seconds, bool *lawful)
{
	const struct law_row *most = rule_row(r, LAW_OVERTIME_MOST, "WEEKDAY");

	if (!most)
		return false;
	if (day_seconds < 0 || month_seconds < 0)
		return rule_input(r, "hours");
	*lawful = day_seconds <= most->values[0] * HOUR_S / 100 && month_seconds <= most->values[1] * HOUR_S / 100;
	return true;
}

bool wage_cycle(struct rules *r, int64_t monthly_fen, int64_t seconds, int64_t holiday_seconds, int64_t standard_seconds,
		struct cycle_pay *out)
{
	struct cycle_pay c = {0};

	if (holiday_seconds < 0 || seconds < holiday_seconds || standard_seconds < 0)
		return rule_input(r, "hours");
	if (seconds - holiday_seconds > standard_seconds)
		c.overtime_seconds = seconds - holiday_seconds - standard_seconds;
	if (!wage_overtime(r, monthly_fen, OVERTIME_WEEKDAY, c.overtime_seconds, &c.overtime_fen) ||
	    !wage_overtime(r, monthly_fen, OVERTIME_HOLIDAY, holiday_seconds, &c.holiday_fen))
		return false;
	*out = c;
	return true;
}

/* ---- bounds ---- */

static int64_t above_zero(int64_t v)
{
	return v > 0 ? v : 0;
}

bool wage_minimum(struct rules *r, int64_t contract_fen, int64_t own_contributions_fen, int worked, int due,
		  struct minimum_test *out)
{
	const struct law_row *row = rule_row(r, LAW_MINIMUM_WAGE, "WAGE");
	struct minimum_test t;

	if (!row)
		return false;
	if (worked < 0 || due <= 0 || worked > due)
		return rule_input(r, "days");
	if (contract_fen < 0 || own_contributions_fen < 0)
		return rule_input(r, contract_fen < 0 ? "contract" : "own_contributions");
	t.tested_fen = row->values[2] == 1 ? contract_fen - own_contributions_fen : contract_fen;
	if (!rule_round(r, ratio_mul(ratio_int(row->values[0]), ratio_of(worked, due)), 1, "minimum", &t.due_fen))
		return false;
	t.shortfall_fen = above_zero(t.due_fen - t.tested_fen);
	*out = t;
	return true;
}

bool wage_loss(struct rules *r, int64_t gross_fen, int64_t claim_fen, int64_t minimum_fen, int64_t *out)
{
	const struct law_row *row = rule_row(r, LAW_LOSS, "SHARE");
	int64_t share, v = claim_fen;

	if (!row)
		return false;
	if (gross_fen < 0 || claim_fen < 0 || minimum_fen < 0)
		return rule_input(r, "loss");
	if (!ratio_floor(ratio_mul(ratio_int(gross_fen), rule_share(row->values[0])), &share)) /* never above a fifth */
		return rule_overflow(r, "loss");
	v = v < share ? v : share;
	v = v < gross_fen - minimum_fen ? v : gross_fen - minimum_fen;
	*out = above_zero(v);
	return true;
}
