/* What is taxed apart from wages (bonus, severance), and what is deducted from them. */
#include "explain.h"
#include "tax_line.h"

bool payroll_calculate_bonus(struct ctx *cx, const Payroll__CalculateBonusRequest *in, Payroll__BonusCalculation *out)
{
	struct calculation c;
	struct tax t;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (calculation_done(&c, tax_bonus(&c.rules, in->bonus_fen, &t), "")) {
		out->line = tax_line(&c, &t);
		out->has_tax_fen = true;
		out->tax_fen = t.tax_fen;
		explain_bonus(&c, in->bonus_fen, &t);
	}
	return calculation_end(&c, &out->derivation);
}

static void severance(struct calculation *c, const Payroll__CalculateSeveranceTaxRequest *in, const struct tax_severance *s,
		      Payroll__SeveranceTaxCalculation *out)
{
	out->has_exempt_fen = out->has_taxable_fen = out->has_tax_fen = true;
	out->exempt_fen = s->exempt_fen;
	out->taxable_fen = s->tax.taxable_fen;
	out->tax_fen = s->tax.tax_fen;
	out->line = tax_line(c, &s->tax);
	explain_severance(c, in->compensation_fen, in->monthly_average_fen, s);
}

bool payroll_calculate_severance_tax(struct ctx *cx, const Payroll__CalculateSeveranceTaxRequest *in,
				     Payroll__SeveranceTaxCalculation *out)
{
	struct calculation c;
	struct tax_severance s;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (calculation_done(&c, tax_severance(&c.rules, in->compensation_fen, in->monthly_average_fen, &s), ""))
		severance(&c, in, &s, out);
	return calculation_end(&c, &out->derivation);
}

/* ---- special additional deductions ---- */

static bool special(struct calculation *c, const Payroll__SpecialItem *in, int64_t *out)
{
	const struct special_item item = {
		.kind = in->kind, .count = in->has_count ? in->count : 1, .share_e5 = in->has_share_e5 ? in->share_e5 : 100000,
		.only_child = in->only_child, .share_fen = in->share_fen,
	};

	if (!tax_special(&c->rules, &item, out))
		return false;
	step_add(c, TEXT_STEP_SPECIAL(in->kind), *out, "%s", yuan(c, *out));
	return true;
}

bool payroll_calculate_special_additional(struct ctx *cx, const Payroll__CalculateSpecialAdditionalRequest *in,
					  Payroll__SpecialAdditionalCalculation *out)
{
	struct calculation c;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	out->amount_fen = arena_alloc(cx->arena, (in->n_items + 1) * sizeof(*out->amount_fen));
	for (size_t i = 0; i < in->n_items; i++) {
		int64_t fen = 0;

		calculation_done(&c, special(&c, in->items[i], &fen), arena_printf(cx->arena, "/items/%zu", i));
		out->amount_fen[out->n_amount_fen++] = fen;
		out->sum_fen += fen;
	}
	out->has_sum_fen = true;
	step_add(&c, TEXT_STEP_SUM, out->sum_fen, "%s", equals(&c, sum(&c, out->amount_fen, out->n_amount_fen), out->sum_fen));
	return calculation_end(&c, &out->derivation);
}
