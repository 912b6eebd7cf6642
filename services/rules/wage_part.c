/* Part of a month, absence and sick days. */
#include "wage.h"

static civil_day next_month(civil_day first)
{
	struct civil c = civil_split(first);

	return first + civil_month_days(c.year, c.month);
}

static civil_day month_of(civil_day d)
{
	return d - civil_split(d).day + 1;
}

static struct ratio prorated(struct rules *r, enum proration p, int64_t monthly_fen, const struct part_month *m)
{
	struct ratio whole = ratio_int(monthly_fen), day = wage_day(r, monthly_fen);

	switch (p) {
	case PRORATION_A:
		return ratio_min(whole, ratio_mul(day, ratio_int(m->paid_days)));
	case PRORATION_B:
		return ratio_mul(whole, ratio_of(m->paid_days, m->month_days));
	case PRORATION_C:
		break;
	}
	return ratio_max(ratio_int(0), ratio_sub(whole, ratio_mul(day, ratio_int(m->month_days - m->paid_days))));
}

bool wage_part_month(struct rules *r, enum proration p, int64_t monthly_fen, civil_day first_of_month, civil_day hire,
		     civil_day until, struct part_month *out)
{
	civil_day end = next_month(first_of_month);
	civil_day from = hire > first_of_month ? hire : first_of_month, to = until < end ? until : end;
	struct day_counts month = calendar_count(r, first_of_month, end), mine;
	struct part_month m;

	if (monthly_fen < 0)
		return rule_input(r, "monthly");
	if (until <= hire)
		return rule_input(r, "exit");
	mine = calendar_count(r, from, to > from ? to : from);
	m = (struct part_month){mine.paid, month.paid, monthly_fen, month.known};
	/* Employed on all of its paid days: the wage, by every method. */
	if (mine.paid < month.paid && !rule_round(r, prorated(r, p, monthly_fen, &m), 1, "pay", &m.pay_fen))
		return false;
	*out = m;
	return true;
}

bool wage_changed(struct rules *r, int64_t before_fen, int64_t after_fen, civil_day changed, int64_t *out)
{
	civil_day first = month_of(changed);
	int before = calendar_count(r, first, changed).paid, all = calendar_count(r, first, next_month(first)).paid;

	if (before_fen < 0 || after_fen < 0)
		return rule_input(r, "monthly");
	return rule_round(r, ratio_add(ratio_mul(ratio_int(before_fen), ratio_of(before, all)),
				       ratio_mul(ratio_int(after_fen), ratio_of(all - before, all))),
			  1, "pay", out);
}

bool wage_absence(struct rules *r, int64_t monthly_fen, int64_t days_e2, int month_days, int64_t *out)
{
	struct ratio day = wage_day(r, monthly_fen);

	if (!ratio_good(day))
		return false;
	if (days_e2 < 0 || month_days < 1)
		return rule_input(r, "days");
	if (days_e2 >= (int64_t)month_days * 100) {
		*out = monthly_fen;
		return true;
	}
	return rule_round(r, ratio_min(ratio_int(monthly_fen), ratio_mul(day, ratio_of(days_e2, 100))), 1, "absence", out);
}

/* ---- sick days ---- */

bool wage_sick(struct rules *r, int64_t base_fen, int years, bool beyond_six_months, int64_t days_e2, int64_t *out)
{
	const struct law_row *row;
	struct ratio day = wage_day(r, base_fen), off;

	if (!ratio_good(day))
		return false;
	if (years < 0 || days_e2 < 0)
		return rule_input(r, years < 0 ? "service_years" : "days");
	row = rule_step(r, LAW_SICK, beyond_six_months ? "BEYOND_" : "WITHIN_", years);
	if (!row)
		return false;
	off = ratio_mul(ratio_mul(day, ratio_of(days_e2, 100)), rule_share(100000 - row->values[0]));
	return rule_round(r, ratio_min(ratio_int(base_fen), off), 1, "sick", out);
}
