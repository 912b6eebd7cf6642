#include "tax_line.h"
#include "row.h"

Payroll__TaxLine *tax_line(struct calculation *c, const struct tax *t)
{
	Payroll__TaxLine *out = (Payroll__TaxLine *)msg_new(c->cx->arena, &RULE_PAYROLL_TAX_LINE);

	out->has_taxable_fen = out->has_rate_e5 = out->has_quick_fen = out->has_tax_fen = true;
	out->taxable_fen = t->taxable_fen;
	out->rate_e5 = t->rate_e5;
	out->quick_fen = t->quick_fen;
	out->tax_fen = t->tax_fen;
	return out;
}

const char *tax_formula(struct calculation *c, const char *taxable, const struct tax *t)
{
	struct arena *a = c->cx->arena;

	if (strchr(taxable, ' '))
		taxable = arena_printf(a, "(%s)", taxable);
	if (!t->band)
		return arena_printf(a, "%s ≤ 0 → 0.00", taxable);
	if (!t->quick_fen)
		return arena_printf(a, "%s × %s = %s", taxable, percent(c, t->rate_e5), yuan(c, t->tax_fen));
	return arena_printf(a, "%s × %s − %s = %s", taxable, percent(c, t->rate_e5), yuan(c, t->quick_fen), yuan(c, t->tax_fen));
}
