/* What is taxed apart from wages (bonus, severance), and what is deducted from them. */
#include "tax_line.h"
#include <inttypes.h>

/* The band is picked by a part of the amount, rate and quick deduction hold for the whole. */
static void explain_bonus(struct calculation *c, int64_t bonus_fen, const struct tax *t)
{
	if (t->band)
		step_say(c, TEXT_STEP_BAND(t->band->item, percent(c, t->rate_e5)));
	step_add(c, TEXT_STEP_BONUS_TAX, t->tax_fen, "%s", tax_formula(c, yuan(c, bonus_fen), t));
}

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
	const int64_t parts[] = {in->compensation_fen, s->exempt_fen};

	out->has_exempt_fen = out->has_taxable_fen = out->has_tax_fen = true;
	out->exempt_fen = s->exempt_fen;
	out->taxable_fen = s->tax.taxable_fen;
	out->tax_fen = s->tax.tax_fen;
	out->line = tax_line(c, &s->tax);
	step_add(c, TEXT_STEP_EXEMPT, s->exempt_fen, "%s × %" PRId64 " = %s", yuan(c, in->monthly_average_fen),
		 s->exempt_fen / in->monthly_average_fen, yuan(c, s->exempt_fen));
	step_add(c, TEXT_STEP_SEVERANCE_TAX, s->tax.tax_fen, "%s", tax_formula(c, difference(c, parts, 2), &s->tax));
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
