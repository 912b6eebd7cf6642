/* The rules are asked again with the same facts: they are functions, so the figure is the line's, and what they use stands in the
 * trace of this line alone. */
#include "slip_explain.h"
#include "explain.h"
#include "tax_line.h"

struct of_line {
	struct calculation *c;
	const struct slip_facts *f;
	const struct slip *s;
	const struct slip_line *l;
};

static int64_t last_wage(const struct slip_facts *f)
{
	return f->wage[f->n_wages - 1].fen;
}

static void given(const struct of_line *o)
{
	step_add(o->c, TEXT_SLIP_GIVEN(o->l->code), o->l->fen, "%s", yuan(o->c, o->l->fen));
}

/* ---- earned and cut ---- */

static void wage(const struct of_line *o)
{
	const struct slip_facts *f = o->f;
	struct part_month m;
	struct day_counts days;

	if (f->n_wages == 2)
		explain_changed(o->c, f->wage[0].fen, f->wage[1].fen, f->wage[1].from, o->l->fen, &days);
	else if (wage_part_month(&o->c->rules, f->proration, last_wage(f), f->first_of_month, f->hire, f->until, &m))
		explain_part(o->c, f->proration, last_wage(f), &m);
}

static void overtime(const struct of_line *o, enum overtime kind)
{
	const struct slip_facts *f = o->f;

	explain_overtime(o->c, f->overtime_base_fen ? f->overtime_base_fen : last_wage(f), kind, f->overtime_seconds[kind], o->l->fen);
}

static void weekday(const struct of_line *o)
{
	overtime(o, OVERTIME_WEEKDAY);
}

static void rest_day(const struct of_line *o)
{
	overtime(o, OVERTIME_REST);
}

static void holiday(const struct of_line *o)
{
	overtime(o, OVERTIME_HOLIDAY);
}

static void absence(const struct of_line *o)
{
	explain_absence(o->c, last_wage(o->f), o->f->absent_days_e2, o->s->part.month_days, o->l->fen);
}

static void sickness(const struct of_line *o)
{
	const struct slip_facts *f = o->f;

	explain_sick(o->c, f->sick.base_fen ? f->sick.base_fen : last_wage(f), f->sick.years, f->sick.beyond_six_months, f->sick.days_e2,
		     o->l->fen);
}

static void bonus(const struct of_line *o)
{
	step_add(o->c, TEXT_SLIP_BONUS, o->l->fen, "%s", yuan(o->c, o->l->fen));
}

static void severance(const struct of_line *o)
{
	step_add(o->c, TEXT_SLIP_SEVERANCE, o->l->fen, "%s", yuan(o->c, o->l->fen));
}

/* ---- contributions ---- */

static void contribution(const struct of_line *o, enum insurance k)
{
	const struct slip_insurance *i = &o->f->insurance;
	const struct insured of = {.scheme = k, .injury_rate_e5 = i->injury_rate_e5, .fund = &i->fund};
	struct rules *r = &o->c->rules;
	struct contribution got = {0};

	if (k == INSURANCE_FUND ? !insurance_fund(r, &i->fund, &got) :
	    k == INSURANCE_INJURY ? !insurance_injury(r, i->declared_fen[k], i->injury_rate_e5, &got) :
				    !insurance_contribution(r, k, i->declared_fen[k], &got))
		return;
	(o->l->group == SLIP_OWN ? explain_worker : explain_employer)(o->c, &of, &got);
}

static void pension(const struct of_line *o)
{
	contribution(o, INSURANCE_PENSION);
}

static void medical(const struct of_line *o)
{
	contribution(o, INSURANCE_MEDICAL);
}

static void unemployment(const struct of_line *o)
{
	contribution(o, INSURANCE_UNEMPLOYMENT);
}

static void injury(const struct of_line *o)
{
	contribution(o, INSURANCE_INJURY);
}

static void fund(const struct of_line *o)
{
	contribution(o, INSURANCE_FUND);
}

/* ---- tax ---- */

static void income_tax(const struct of_line *o)
{
	const struct slip_tax_facts *t = &o->f->tax;
	const struct tax_month m = {.income_fen = o->s->taxable_fen, .contributions_fen = o->s->own_fen, .special_fen = t->special_fen,
				    .other_fen = t->other_fen, .relief_fen = t->relief_fen};
	int month = civil_split(o->f->pay_day).month;
	struct tax_year year = t->year;
	struct tax_withheld w;
	struct tax alone;

	if (t->residence == SLIP_RESIDENT && tax_withhold(&o->c->rules, &year, month, &m, &w))
		explain_withheld(o->c, month, &year, &w);
	else if (t->residence == SLIP_NON_RESIDENT && tax_non_resident_wage(&o->c->rules, o->s->taxable_fen, &alone))
		step_add(o->c, TEXT_SLIP_NON_RESIDENT_TAX, alone.tax_fen, "%s",
			 tax_formula(o->c, difference(o->c, (const int64_t[]){o->s->taxable_fen, o->s->taxable_fen - alone.taxable_fen}, 2), &alone));
}

static void bonus_tax(const struct of_line *o)
{
	const struct slip_tax_facts *t = &o->f->tax;
	struct tax got;

	if ((t->residence == SLIP_RESIDENT ? tax_bonus : tax_non_resident_bonus)(&o->c->rules, t->bonus_fen, &got))
		explain_bonus(o->c, t->bonus_fen, &got);
}

static void severance_tax(const struct of_line *o)
{
	const struct slip_tax_facts *t = &o->f->tax;
	struct tax_severance got;

	if (tax_severance(&o->c->rules, t->severance_fen, t->monthly_average_fen, &got))
		explain_severance(o->c, t->severance_fen, t->monthly_average_fen, &got);
}

/* ---- claims ---- */

/* What was left before the line, as a difference. */
static const char *left_before(const struct of_line *o)
{
	int64_t parts[] = {o->s->gross_fen, o->s->own_fen, o->s->tax_fen, 0};

	for (const struct slip_line *l = o->s->line; l < o->l; l++)
		if (l->group == SLIP_DEDUCTED)
			parts[3] += l->fen;
	return difference(o->c, parts, 4);
}

static int64_t minimum_of_month(const struct of_line *o)
{
	const struct law_row *row = rule_row_any(&o->c->rules, LAW_MINIMUM_WAGE, "WAGE");

	return row ? row->values[0] : 0;
}

static void damages(const struct of_line *o, const struct slip_claim *k)
{
	struct calculation *c = o->c;
	const char *least = yuan(c, minimum_of_month(o)), *share = percent(c, rule_row_any(&c->rules, LAW_LOSS, "SHARE")->values[0]);
	const char *gross = yuan(c, o->s->gross_fen < 0 ? 0 : o->s->gross_fen);

	step_add(c, TEXT_SLIP_CLAIM_LOSS(k->code, share, least), o->l->fen, "max(0.00, min(%s, floor(%s × %s), %s − %s, %s − %s)) = %s",
		 yuan(c, k->fen), gross, share, gross, least, left_before(o), least, yuan(c, o->l->fen));
}

static void claim(const struct of_line *o)
{
	const struct slip_claim *k = &o->f->claim[o->l->of];
	struct calculation *c = o->c;
	const char *kept = yuan(c, k->protected_fen >= 0 ? k->protected_fen : minimum_of_month(o));

	if (o->l->left_fen)
		step_say(c, TEXT_SLIP_CLAIM_LEFT(k->code, yuan(c, o->l->left_fen)));
	if (k->kind == SLIP_LOSS)
		damages(o, k);
	else if (k->kind == SLIP_COURT)
		step_add(c, TEXT_SLIP_CLAIM_COURT(k->code, kept), o->l->fen, "min(%s, max(0.00, %s − %s)) = %s", yuan(c, k->fen),
			 left_before(o), kept, yuan(c, o->l->fen));
	else
		step_add(c, TEXT_SLIP_CLAIM(k->code), o->l->fen, "min(%s, max(0.00, %s)) = %s", yuan(c, k->fen), left_before(o),
			 yuan(c, o->l->fen));
}

/* ---- one line ---- */

static const struct {
	const char *code;
	void (*explain)(const struct of_line *);
} LINES[] = {
	{"WAGE", wage}, {"OVERTIME_WEEKDAY", weekday}, {"OVERTIME_REST", rest_day}, {"OVERTIME_HOLIDAY", holiday}, {"ABSENCE", absence},
	{"SICK_LEAVE", sickness}, {"BONUS", bonus}, {"SEVERANCE", severance}, {"PENSION", pension}, {"MEDICAL", medical},
	{"UNEMPLOYMENT", unemployment}, {"INJURY", injury}, {"FUND", fund}, {"INCOME_TAX", income_tax}, {"BONUS_TAX", bonus_tax},
	{"SEVERANCE_TAX", severance_tax},
};

static void explain(const struct of_line *o)
{
	size_t i = 0;

	if (o->l->group == SLIP_DEDUCTED) {
		claim(o);
		return;
	}
	if (o->l->given) {
		given(o);
		return;
	}
	while (strcmp(LINES[i].code, o->l->code) != 0)
		i++; /* a line that a payslip can have and nobody explains is a defect: the tests have each kind */
	LINES[i].explain(o);
}

static bool noted(const struct rule_trace *t, const struct law_row *row)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i] == row)
			return true;
	return false;
}

/* The law of the line: where it is worked, insured or taxed. */
static void law_of(struct rules *r, const struct slip_facts *f, enum slip_group g)
{
	r->place = g == SLIP_OWN || g == SLIP_EMPLOYER ? f->insurance_place : f->place;
	r->day = g == SLIP_TAX ? f->pay_day : f->first_of_month;
}

void slip_explain_line(struct calculation *c, const struct slip_facts *f, const struct slip *s, unsigned line, struct rule_trace *rows)
{
	const struct of_line o = {c, f, s, &s->line[line]};

	*rows = (struct rule_trace){.n = 0};
	law_of(&c->rules, f, o.l->group);
	c->rules.trace = rows;
	explain(&o);
	c->rules.trace = &c->trace;
	for (size_t i = 0; i < rows->n; i++)
		if (!noted(&c->trace, rows->rows[i]))
			rule_used(&c->rules, rows->rows[i]);
}

/* ---- sums ---- */

/* "20000.00 + 310.00 − 100.00" */
static const char *all_of(struct calculation *c, const struct slip *s)
{
	struct buf b;

	buf_init(&b, c->cx->arena);
	for (unsigned i = 0; i < s->n; i++)
		if (s->line[i].group == SLIP_EARNED || s->line[i].group == SLIP_CUT)
			buf_printf(&b, "%s%s", s->line[i].group == SLIP_CUT ? (b.n ? " − " : "0.00 − ") : b.n ? " + " : "", yuan(c, s->line[i].fen));
	return b.n ? b.p : "0.00";
}

void slip_explain_sums(struct calculation *c, const struct slip_facts *f, const struct slip *s)
{
	const int64_t parts[] = {s->gross_fen, s->own_fen, s->tax_fen, s->deducted_fen};
	const struct tested of = {s->normal_fen < 0 ? 0 : s->normal_fen, s->own_fen, s->part.paid_days, s->part.month_days};

	law_of(&c->rules, f, SLIP_EARNED);
	step_add(c, TEXT_SLIP_GROSS, s->gross_fen, "%s", equals(c, all_of(c, s), s->gross_fen));
	step_add(c, TEXT_SLIP_NET, s->net_fen - s->receivable_fen, "%s", equals(c, difference(c, parts, 4), s->net_fen - s->receivable_fen));
	if (s->receivable_fen)
		step_add(c, TEXT_SLIP_RECEIVABLE, s->receivable_fen, "%s", yuan(c, s->receivable_fen));
	if (s->part.paid_days)
		explain_minimum(c, &of, &s->minimum);
}
