/* What is taken from what is left, the test of the minimum wage, and the net. */
#include "slip_internal.h"

static int64_t at_most(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t not_below_zero(int64_t a)
{
	return a < 0 ? 0 : a;
}

/* A whole month's, of the place. */
static int64_t monthly_minimum(struct making *m)
{
	const struct law_row *row = rule_row(&m->rules, LAW_MINIMUM_WAGE, "WAGE");

	slip_done(m, row != NULL, "minimum-wage", 0);
	return row ? row->values[0] : 0;
}

/* ---- claims ---- */

static int64_t may_take(struct making *m, const struct slip_claim *c, int64_t available, unsigned i)
{
	int64_t fen = c->fen, floor;

	switch (c->kind) {
	case SLIP_COURT:
		floor = c->protected_fen >= 0 ? c->protected_fen : monthly_minimum(m);
		return at_most(fen, not_below_zero(available - floor));
	case SLIP_LOSS:
		floor = monthly_minimum(m);
		if (!slip_done(m, wage_loss(&m->rules, not_below_zero(m->out->gross_fen), c->fen, floor, &fen), "claim", i))
			return 0;
		return at_most(fen, not_below_zero(available - floor));
	default:
		return at_most(fen, not_below_zero(available));
	}
}

static void take(struct making *m, const struct slip_claim *c, unsigned i)
{
	struct slip *s = m->out;
	int64_t available = s->gross_fen - s->own_fen - s->tax_fen - s->deducted_fen, fen;

	if (c->fen <= 0 || c->fen > SLIP_FEN_MOST || c->protected_fen > SLIP_FEN_MOST) {
		slip_problem(m, SLIP_RANGE, "claim", i);
		return;
	}
	fen = may_take(m, c, available, i);
	slip_line_of(m, &(struct slip_line){.group = SLIP_DEDUCTED, .code = c->code, .fen = fen, .left_fen = c->fen - fen, .source = c->source, .given = true, .of = i});
	s->deducted_fen += fen;
}

/* ---- the minimum ---- */

static void test_minimum(struct making *m)
{
	struct slip *s = m->out;

	if (!s->part.known || s->part.paid_days == 0)
		return;
	if (slip_done(m, wage_minimum(&m->rules, not_below_zero(m->normal_fen), s->own_fen, s->part.paid_days, s->part.month_days, &s->minimum),
		      "minimum-wage", 0))
		s->top_up_fen = s->minimum.shortfall_fen;
}

void slip_take(struct making *m)
{
	struct slip *s = m->out;
	int64_t left;

	slip_at(m, m->f->place, m->f->first_of_month);
	test_minimum(m);
	m->traced = s->trace.n;
	for (enum slip_claim_kind k = SLIP_SUPPORT; k <= SLIP_AGREED; k++)
		for (unsigned i = 0; i < m->f->n_claims; i++)
			if (m->f->claim[i].kind == k)
				take(m, &m->f->claim[i], i);
	left = s->gross_fen - s->own_fen - s->tax_fen - s->deducted_fen;
	s->net_fen = not_below_zero(left);
	s->receivable_fen = not_below_zero(-left);
}
