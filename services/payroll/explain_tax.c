#include "explain.h"
#include <inttypes.h>
#include "tax_line.h"

/* (30000.00 − 5000.00 − 4500.00 − 2000.00) × 3% = 555.00, and what of it was withheld before. */
void explain_withheld(struct calculation *c, int month, const struct tax_year *y, const struct tax_withheld *w)
{
	const int64_t parts[] = {y->income_fen, y->exempt_fen, w->basic_cum_fen, y->contributions_fen, y->special_fen, y->other_fen};
	const int64_t taken[] = {w->cumulative.tax_fen, y->relief_fen, w->withheld_before_fen};
	const char *taxable = difference(c, parts, sizeof(parts) / sizeof(parts[0]));
	const char *due = difference(c, taken, 3);

	step_add(c, TEXT_STEP_BASIC(month, w->basic_months), w->basic_cum_fen, "%s", yuan(c, w->basic_cum_fen));
	step_add(c, TEXT_STEP_TAXABLE_CUM(month), w->taxable_cum_fen, "%s", equals(c, taxable, w->taxable_cum_fen));
	step_add(c, TEXT_STEP_TAX_CUM(month), w->cumulative.tax_fen, "%s", tax_formula(c, taxable, &w->cumulative));
	if (w->cumulative.tax_fen - y->relief_fen < w->withheld_before_fen)
		step_add(c, TEXT_STEP_NO_REFUND(month), w->tax_fen, "%s < 0 → 0.00", due);
	else
		step_add(c, TEXT_STEP_TAX_MONTH(month), w->tax_fen, "%s", equals(c, due, w->tax_fen));
}

/* The band is picked by a part of the amount, rate and quick deduction hold for the whole. */
void explain_bonus(struct calculation *c, int64_t bonus_fen, const struct tax *t)
{
	if (t->band)
		step_say(c, TEXT_STEP_BAND(t->band->item, percent(c, t->rate_e5)));
	step_add(c, TEXT_STEP_BONUS_TAX, t->tax_fen, "%s", tax_formula(c, yuan(c, bonus_fen), t));
}

void explain_severance(struct calculation *c, int64_t severance_fen, int64_t monthly_average_fen, const struct tax_severance *s)
{
	const int64_t parts[] = {severance_fen, s->exempt_fen};

	step_add(c, TEXT_STEP_EXEMPT, s->exempt_fen, "%s × %" PRId64 " = %s", yuan(c, monthly_average_fen),
		 s->exempt_fen / monthly_average_fen, yuan(c, s->exempt_fen));
	step_add(c, TEXT_STEP_SEVERANCE_TAX, s->tax.tax_fen, "%s", tax_formula(c, difference(c, parts, 2), &s->tax));
}
