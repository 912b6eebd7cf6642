#include "contract.h"

/* The row's share of a wage, and never below the minimum. */
static bool share_or_minimum(struct rules *r, const struct law_row *row, int64_t wage_fen, int64_t minimum_fen, int64_t *out)
{
	int64_t share;

	if (!row)
		return false;
	if (wage_fen < 0 || minimum_fen < 0)
		return rule_input(r, "wage");
	if (!rule_round(r, ratio_mul(ratio_int(wage_fen), rule_share(row->values[0])), 1, "share", &share))
		return false;
	*out = share > minimum_fen ? share : minimum_fen;
	return true;
}

/* ---- probation ---- */

bool contract_probation(struct rules *r, enum term kind, int term_months, int *months)
{
	static const char *const ITEMS[] = {[TERM_OPEN_ENDED] = "OPEN_ENDED", [TERM_PART_TIME] = "PART_TIME", [TERM_TASK] = "TASK"};
	const struct law_row *row;

	if (kind == TERM_FIXED && term_months < 1)
		return rule_input(r, "term_months");
	row = kind == TERM_FIXED ? rule_step(r, LAW_PROBATION, "", term_months) : rule_row(r, LAW_PROBATION, ITEMS[kind]);
	if (row)
		*months = (int)row->values[0];
	return row != NULL;
}

bool contract_probation_wage(struct rules *r, int64_t contract_fen, int64_t minimum_fen, int64_t *least)
{
	return share_or_minimum(r, rule_row(r, LAW_PROBATION_WAGE, "SHARE"), contract_fen, minimum_fen, least);
}

/* ---- no written contract ---- */

/* Month by month, since a part of one is paid by its days. */
static bool doubled_pay(struct rules *r, int64_t monthly_fen, struct unwritten *u)
{
	civil_day first = u->from - civil_split(u->from).day + 1;

	for (; first < u->until; first = civil_add_months(first, 1)) {
		struct part_month m;

		if (!wage_part_month(r, PRORATION_A, monthly_fen, first, u->from, u->until, &m))
			return false;
		u->months += m.paid_days == m.month_days;
		if (__builtin_add_overflow(u->extra_fen, m.pay_fen, &u->extra_fen))
			return rule_overflow(r, "extra");
	}
	return true;
}

bool contract_unwritten(struct rules *r, civil_day hire, civil_day signed_on, int64_t monthly_fen, struct unwritten *out)
{
	const struct law_row *row = rule_row(r, LAW_UNWRITTEN, "DOUBLE");
	struct unwritten u = {0};
	civil_day last;

	if (!row)
		return false;
	if (signed_on < hire || monthly_fen < 0)
		return rule_input(r, monthly_fen < 0 ? "monthly" : "signed");
	u.from = civil_add_months(hire, (int)row->values[0]);
	last = civil_add_months(u.from, (int)row->values[1]);
	u.until = signed_on < last ? signed_on : last;
	if (u.until < u.from)
		u.until = u.from;
	u.open_ended = signed_on >= last;
	if (!doubled_pay(r, monthly_fen, &u))
		return false;
	*out = u;
	return true;
}

/* ---- what else the terms say ---- */

bool contract_open_ended(struct rules *r, int fixed_terms_done, int years, bool worker_asks_fixed, bool *must)
{
	const struct law_row *row = rule_row(r, LAW_OPEN_ENDED, "FROM");

	if (!row)
		return false;
	if (fixed_terms_done < 0 || years < 0)
		return rule_input(r, "fixed_terms");
	*must = !worker_asks_fixed && (fixed_terms_done >= row->values[0] || years >= row->values[1]);
	return true;
}

bool contract_non_compete(struct rules *r, int64_t average_fen, int64_t minimum_fen, int64_t *out)
{
	return share_or_minimum(r, rule_row(r, LAW_NON_COMPETE, "SHARE"), average_fen, minimum_fen, out);
}

/* Born k months behind the first month that is moved: a month of delay for each begun step, up to the most. */
static int delay(const struct law_row *row, int births)
{
	int first = (int)(row->values[0] / 100 * 12 + row->values[0] % 100 - 1), k = births - first;
	int step = (int)row->values[2], months;

	if (k < 0)
		return 0;
	months = (k + step) / step; /* ceil((k + 1) / step) */
	return months < row->values[3] ? months : (int)row->values[3];
}

bool contract_retirement(struct rules *r, enum retirement_group g, int birth_year, int birth_month, struct retirement *out)
{
	static const char *const GROUPS[] = {"MALE", "FEMALE_55", "FEMALE_50"};
	const struct law_row *row = rule_row(r, LAW_RETIREMENT, GROUPS[g]);
	int births = birth_year * 12 + birth_month - 1, when;

	if (!row)
		return false;
	if (row->values[2] < 1)
		return rule_input(r, "retirement"); /* a step of no months */
	if (birth_year < 1900 || birth_year > 2200 || birth_month < 1 || birth_month > 12)
		return rule_input(r, "birth_month");
	out->delay_months = delay(row, births);
	when = births + (int)row->values[1] * 12 + out->delay_months;
	out->year = when / 12;
	out->month = when % 12 + 1;
	return true;
}
