/* Fees of residents, and everything that non-residents are paid. */
#include "tax_line.h"

/* ---- residents ---- */

static const enum fee FEES[] = {
	[PAYROLL__FEE_KIND__FEE_KIND_LABOUR] = FEE_LABOUR,
	[PAYROLL__FEE_KIND__FEE_KIND_AUTHOR] = FEE_AUTHOR,
	[PAYROLL__FEE_KIND__FEE_KIND_ROYALTY] = FEE_ROYALTY,
};

static Payroll__FeeKind kind_of(const Payroll__CalculateLabourRemunerationRequest *in)
{
	return in->has_kind ? in->kind : PAYROLL__FEE_KIND__FEE_KIND_LABOUR;
}

static void add_tax(struct calculation *c, Payroll__LabourRemunerationCalculation *out, int64_t pay_fen, const struct tax *t)
{
	Payroll__FeeTax *fee = out->taxes[out->n_taxes++];

	fee->has_pay_fen = fee->has_tax_fen = true;
	fee->pay_fen = pay_fen;
	fee->tax_fen = t->tax_fen;
	fee->line = tax_line(c, t);
	out->tax_fen += t->tax_fen;
}

/* What is taxed as one payment. */
struct one {
	char *month; /* or NULL */
	int64_t pay_fen;
};

static void tax_one(struct calculation *c, enum fee kind, const struct one *p, Payroll__LabourRemunerationCalculation *out)
{
	struct tax t;

	if (!calculation_done(c, tax_fee(&c->rules, kind, p->pay_fen, &t), ""))
		return;
	out->taxes[out->n_taxes]->month = p->month;
	add_tax(c, out, p->pay_fen, &t);
	step_add(c, TEXT_STEP_FEE_TAXABLE(yuan(c, p->pay_fen)), t.taxable_fen, "%s", yuan(c, t.taxable_fen));
	step_add(c, TEXT_STEP_FEE_TAX, t.tax_fen, "%s", tax_formula(c, yuan(c, t.taxable_fen), &t));
}

/* IIT Regulations art. 14(1): continuous work is one payment a month, any other one by one. */
static size_t payments(struct calculation *c, const Payroll__CalculateLabourRemunerationRequest *in, struct one *all)
{
	size_t n = 0, j;

	for (size_t i = 0; i < in->n_payments; i++) {
		const Payroll__Payment *p = in->payments[i];
		char *month = in->continuous && p->date ? arena_strndup(c->cx->arena, p->date, 7) : NULL;

		if (in->continuous && !month) {
			calculation_wrong(c, arena_printf(c->cx->arena, "/payments/%zu/date", i), "REQUIRED", TEXT_DATE_OF_PAYMENT);
			continue;
		}
		for (j = 0; j < n && month && strcmp(all[j].month, month) != 0; j++)
			;
		if (!month || j == n)
			all[j = n++] = (struct one){.month = month};
		all[j].pay_fen += p->pay_fen;
	}
	return n;
}

/* A student's internship: all of the year so far, cumulatively (STA 2020 No. 13). */
static void intern(struct calculation *c, const Payroll__CalculateLabourRemunerationRequest *in,
		   Payroll__LabourRemunerationCalculation *out)
{
	struct tax_withheld w;
	int64_t pay = 0;

	if (!in->has_months) {
		calculation_wrong(c, "/months", "REQUIRED", TEXT_MONTHS_OF_INTERN);
		return;
	}
	for (size_t i = 0; i < in->n_payments; i++)
		pay += in->payments[i]->pay_fen;
	if (!calculation_done(c, tax_intern(&c->rules, pay, in->months, in->withheld_fen, &w), ""))
		return;
	add_tax(c, out, pay, &w.cumulative);
	out->taxes[0]->tax_fen = out->tax_fen = w.tax_fen;
	step_add(c, TEXT_STEP_BASIC(in->months, w.basic_months), w.basic_cum_fen, "%s", yuan(c, w.basic_cum_fen));
	step_add(c, TEXT_STEP_INTERN_TAX(yuan(c, pay)), w.cumulative.tax_fen, "%s", tax_formula(c, yuan(c, w.taxable_cum_fen), &w.cumulative));
	step_add(c, TEXT_STEP_TAX_MONTH(in->months), w.tax_fen, "%s", yuan(c, w.tax_fen));
}

bool payroll_calculate_labour_remuneration(struct ctx *cx, const Payroll__CalculateLabourRemunerationRequest *in,
					   Payroll__LabourRemunerationCalculation *out)
{
	struct calculation c;
	struct one *all = arena_alloc(cx->arena, (in->n_payments + 1) * sizeof(*all));

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	out->taxes = messages_new(&c, &RULE_PAYROLL_FEE_TAX, in->n_payments);
	out->has_tax_fen = true;
	if (kind_of(in) == PAYROLL__FEE_KIND__FEE_KIND_INTERN) {
		intern(&c, in, out);
	} else {
		size_t n = payments(&c, in, all);

		for (size_t i = 0; i < n && cx->fault.n_items == 0; i++)
			tax_one(&c, FEES[kind_of(in)], &all[i], out);
	}
	return calculation_end(&c, &out->derivation);
}

/* ---- non-residents ---- */

static bool non_resident(struct rules *r, const Payroll__CalculateNonResidentRequest *in, struct tax *t)
{
	switch (in->kind) {
	case PAYROLL__NON_RESIDENT_KIND__NON_RESIDENT_KIND_BONUS:
		return tax_non_resident_bonus(r, in->pay_fen, t);
	case PAYROLL__NON_RESIDENT_KIND__NON_RESIDENT_KIND_LABOUR:
		return tax_non_resident_fee(r, FEE_LABOUR, in->pay_fen, t);
	case PAYROLL__NON_RESIDENT_KIND__NON_RESIDENT_KIND_AUTHOR:
		return tax_non_resident_fee(r, FEE_AUTHOR, in->pay_fen, t);
	case PAYROLL__NON_RESIDENT_KIND__NON_RESIDENT_KIND_ROYALTY:
		return tax_non_resident_fee(r, FEE_ROYALTY, in->pay_fen, t);
	default:
		return tax_non_resident_wage(r, in->pay_fen, t);
	}
}

bool payroll_calculate_non_resident(struct ctx *cx, const Payroll__CalculateNonResidentRequest *in,
				    Payroll__NonResidentCalculation *out)
{
	struct calculation c;
	struct tax t;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (calculation_done(&c, non_resident(&c.rules, in, &t), "")) {
		out->line = tax_line(&c, &t);
		out->has_tax_fen = true;
		out->tax_fen = t.tax_fen;
		step_add(&c, TEXT_STEP_FEE_TAXABLE(yuan(&c, in->pay_fen)), t.taxable_fen, "%s", yuan(&c, t.taxable_fen));
		step_add(&c, TEXT_STEP_FEE_TAX, t.tax_fen, "%s", tax_formula(&c, yuan(&c, t.taxable_fen), &t));
	}
	return calculation_end(&c, &out->derivation);
}
