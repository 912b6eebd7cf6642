#include "explain.h"

static const struct scheme {
	const char *item;
	const struct text_def *worker, *employer;
} SCHEMES[INSURANCES] = {
	[INSURANCE_PENSION] = {"PENSION", &TEXT_DEF_STEP_PENSION_WORKER, &TEXT_DEF_STEP_PENSION},
	[INSURANCE_MEDICAL] = {"MEDICAL", &TEXT_DEF_STEP_MEDICAL_WORKER, &TEXT_DEF_STEP_MEDICAL},
	[INSURANCE_UNEMPLOYMENT] = {"UNEMPLOYMENT", &TEXT_DEF_STEP_UNEMPLOYMENT_WORKER, &TEXT_DEF_STEP_UNEMPLOYMENT},
	[INSURANCE_INJURY] = {"INJURY", NULL, &TEXT_DEF_STEP_INJURY},
	[INSURANCE_FUND] = {"RATE", &TEXT_DEF_STEP_FUND, &TEXT_DEF_STEP_FUND},
};

static void rated(struct calculation *c, const struct text_def *what, int64_t base_fen, int64_t rate_e5, int64_t fen)
{
	step_add(c, (struct text){.def = what}, fen, "%s × %s = %s", yuan(c, base_fen), percent(c, rate_e5), yuan(c, fen));
}

/* "20000.00 × 7%", or rounded to the unit of the city. */
static const char *fund_part(struct calculation *c, int64_t base_fen, int64_t rate_e5)
{
	int64_t unit = rule_row_any(&c->rules, LAW_FUND, "RATE")->values[3];
	const char *product = arena_printf(c->cx->arena, "%s × %s", yuan(c, base_fen), percent(c, rate_e5));

	return unit == 1 ? product : arena_printf(c->cx->arena, "round(%s, %s)", product, yuan(c, unit));
}

static void fund(struct calculation *c, const struct fund_terms *t, const struct contribution *k)
{
	const char *terms = fund_part(c, k->base_fen, t->rate_e5);

	if (t->first_ever && t->first_month) {
		step_say(c, TEXT_STEP_FUND_SECOND_MONTH);
		return;
	}
	if (t->supplement_e5)
		terms = arena_printf(c->cx->arena, "%s + %s", terms, fund_part(c, k->base_fen, t->supplement_e5));
	step_add(c, TEXT_STEP_FUND, k->worker_fen, "%s = %s", terms, yuan(c, k->worker_fen));
}

void explain_employer(struct calculation *c, const struct insured *i, const struct contribution *k)
{
	const struct scheme *s = &SCHEMES[i->scheme];

	if (i->scheme == INSURANCE_FUND)
		fund(c, i->fund, k);
	else if (i->scheme == INSURANCE_INJURY)
		rated(c, s->employer, k->base_fen, i->injury_rate_e5, k->employer_fen);
	else
		rated(c, s->employer, k->base_fen, rule_row_any(&c->rules, LAW_RATE, s->item)->values[0], k->employer_fen);
}

void explain_worker(struct calculation *c, const struct insured *i, const struct contribution *k)
{
	const struct scheme *s = &SCHEMES[i->scheme];
	const struct law_row *rate, *fixed;

	if (i->scheme == INSURANCE_FUND) {
		fund(c, i->fund, k);
		return;
	}
	rate = rule_row_any(&c->rules, LAW_RATE, s->item);
	fixed = rule_row_any(&c->rules, LAW_FIXED, s->item);
	if (!fixed)
		rated(c, s->worker, k->base_fen, rate->values[1], k->worker_fen);
	else
		step_add(c, (struct text){.def = s->worker}, k->worker_fen, "%s × %s + %s = %s", yuan(c, k->base_fen),
			 percent(c, rate->values[1]), yuan(c, fixed->values[0]), yuan(c, k->worker_fen));
}
