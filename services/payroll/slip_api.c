/* A whole payslip as a question. */
#include "row.h"
#include "slip_explain.h"
#include "slip_read.h"

static const Payroll__SlipGroup GROUPS[] = {
	[SLIP_EARNED] = PAYROLL__SLIP_GROUP__SLIP_GROUP_EARNED, [SLIP_CUT] = PAYROLL__SLIP_GROUP__SLIP_GROUP_CUT,
	[SLIP_OWN] = PAYROLL__SLIP_GROUP__SLIP_GROUP_OWN, [SLIP_TAX] = PAYROLL__SLIP_GROUP__SLIP_GROUP_TAX,
	[SLIP_DEDUCTED] = PAYROLL__SLIP_GROUP__SLIP_GROUP_DEDUCTED, [SLIP_EMPLOYER] = PAYROLL__SLIP_GROUP__SLIP_GROUP_EMPLOYER,
};

/* By their places in the derivation's law, which holds them all. */
static int32_t *law_of(struct calculation *c, const struct rule_trace *rows, size_t *n)
{
	int32_t *out = arena_alloc(c->cx->arena, (rows->n + 1) * sizeof(*out));

	*n = 0;
	for (size_t i = 0; i < c->trace.n; i++)
		for (size_t k = 0; k < rows->n; k++)
			if (c->trace.rows[i] == rows->rows[k])
				out[(*n)++] = (int32_t)i;
	return out;
}

static void add_line(struct calculation *c, const struct slip_facts *f, const struct slip *s, unsigned i, Payroll__PayslipLine *out)
{
	const struct slip_line *l = &s->line[i];
	size_t before = c->n_steps;
	struct rule_trace rows;

	slip_explain_line(c, f, s, i, &rows);
	ANSWER(out, group, GROUPS[l->group]);
	out->code = arena_strdup(c->cx->arena, l->code);
	ANSWER(out, amount_fen, l->fen);
	if (l->left_fen)
		ANSWER(out, left_fen, l->left_fen);
	if (l->source)
		out->source = arena_strdup(c->cx->arena, l->source);
	out->n_steps = c->n_steps - before;
	out->steps = arena_alloc(c->cx->arena, (out->n_steps + 1) * sizeof(Payroll__Step *));
	memcpy(out->steps, c->steps + before, out->n_steps * sizeof(Payroll__Step *));
	out->law = law_of(c, &rows, &out->n_law);
	c->n_steps = before;
}

static void answer(struct calculation *c, const struct slip_facts *f, const struct slip *s, Payroll__PayslipCalculation *out)
{
	out->lines = messages_new(c, &RULE_PAYROLL_PAYSLIP_LINE, s->n);
	for (unsigned i = 0; i < s->n; i++)
		add_line(c, f, s, i, out->lines[out->n_lines++]);
	slip_explain_sums(c, f, s);
	ANSWER(out, gross_fen, s->gross_fen);
	ANSWER(out, own_fen, s->own_fen);
	ANSWER(out, tax_fen, s->tax_fen);
	ANSWER(out, deducted_fen, s->deducted_fen);
	ANSWER(out, net_fen, s->net_fen);
	ANSWER(out, receivable_fen, s->receivable_fen);
	ANSWER(out, employer_fen, s->employer_fen);
	ANSWER(out, top_up_fen, s->top_up_fen);
	out->year = slip_year(c, &s->year);
}

bool payslip_answer(struct ctx *cx, const Payroll__CalculatePayslipRequest *in, Payroll__PayslipCalculation *out)
{
	struct slip_facts facts;
	struct calculation c;
	struct slip *s = arena_alloc(cx->arena, sizeof(*s));

	if (!calculation_begin(&c, cx, in->basis) || !slip_read(&c, in, &facts))
		return false;
	c.rules.day = facts.pay_day;
	if (!payslip(&facts, s)) {
		slip_refuse(&c, s);
		return calculation_end(&c, &out->derivation);
	}
	c.trace = s->trace;
	answer(&c, &facts, s, out);
	c.rules.day = facts.pay_day;
	return calculation_end(&c, &out->derivation);
}

bool payroll_calculate_payslip(struct ctx *cx, const Payroll__CalculatePayslipRequest *in, Payroll__PayslipCalculation *out)
{
	return payslip_answer(cx, in, out);
}
