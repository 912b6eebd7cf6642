#include "slip_read.h"
#include <inttypes.h>
#include "part_month.h"
#include "row.h"

typedef Payroll__CalculatePayslipRequest request;

static const char *at(struct calculation *c, const char *list, size_t i, const char *member)
{
	return arena_printf(c->cx->arena, "/%s/%zu%s", list, i, member);
}

/* ---- the month ---- */

static void read_days(struct calculation *c, const request *in, struct slip_facts *f)
{
	civil_day exit;

	f->hire = civil_of(1900, 1, 1);
	f->until = DAY_NEVER;
	if (calculation_day(c, in->month, "/month", &f->first_of_month) && civil_split(f->first_of_month).day != 1)
		calculation_wrong(c, "/month", "OUT_OF_RANGE", TEXT_SLIP_MONTH_FIRST);
	f->pay_day = civil_add_months(f->first_of_month, 1) - 1;
	if (in->pay_date)
		calculation_day(c, in->pay_date, "/pay_date", &f->pay_day);
	if (in->hire_date)
		calculation_day(c, in->hire_date, "/hire_date", &f->hire);
	if (in->exit_date && calculation_day(c, in->exit_date, "/exit_date", &exit))
		f->until = exit + 1;
	f->proration = proration_of(in->method);
}

/* The first one holds before; the second one from a day within the month. */
static void read_wages(struct calculation *c, const request *in, struct slip_facts *f)
{
	struct slip_wage *w = arena_alloc(c->cx->arena, (in->n_wages + 1) * sizeof(*w));

	for (size_t i = 0; i < in->n_wages; i++) {
		w[i] = (struct slip_wage){f->first_of_month, in->wages[i]->monthly_fen};
		if (in->wages[i]->from_date)
			calculation_day(c, in->wages[i]->from_date, at(c, "wages", i, "/from_date"), &w[i].from);
		if (i == 1 && (w[i].from <= f->first_of_month || w[i].from >= civil_add_months(f->first_of_month, 1)))
			calculation_wrong(c, "/wages/1/from_date", "REQUIRED", TEXT_SLIP_WAGE_FROM);
	}
	f->wage = w;
	f->n_wages = (unsigned)in->n_wages;
}

static void read_time(const request *in, struct slip_facts *f)
{
	static const enum overtime KINDS[] = {
		[PAYROLL__OVERTIME_KIND__OVERTIME_KIND_WEEKDAY] = OVERTIME_WEEKDAY,
		[PAYROLL__OVERTIME_KIND__OVERTIME_KIND_REST] = OVERTIME_REST,
		[PAYROLL__OVERTIME_KIND__OVERTIME_KIND_HOLIDAY] = OVERTIME_HOLIDAY,
	};
	const Payroll__SlipSickness *s = in->sickness;

	for (size_t i = 0; i < in->n_overtime; i++)
		f->overtime_seconds[KINDS[in->overtime[i]->kind]] += in->overtime[i]->hours_s;
	f->overtime_base_fen = in->overtime_base_fen;
	f->absent_days_e2 = in->absent_days_e2;
	if (!s)
		return;
	f->sick.base_fen = s->base_fen;
	f->sick.days_e2 = s->days_e2;
	f->sick.years = s->service_years;
	f->sick.beyond_six_months = s->beyond_six_months;
}

static void read_amounts(struct calculation *c, const request *in, struct slip_facts *f)
{
	struct slip_amount *a = arena_alloc(c->cx->arena, (in->n_amounts + 1) * sizeof(*a));

	for (size_t i = 0; i < in->n_amounts; i++) {
		const Payroll__SlipAmount *from = in->amounts[i];

		a[i] = (struct slip_amount){.code = from->code, .fen = from->amount_fen, .cut = from->cut, .taxable = !from->tax_free,
					    .normal = from->normal, .source = from->source};
	}
	f->amount = a;
	f->n_amounts = (unsigned)in->n_amounts;
}

static void read_claims(struct calculation *c, const request *in, struct slip_facts *f)
{
	static const enum slip_claim_kind KINDS[] = {
		[PAYROLL__CLAIM_KIND__CLAIM_KIND_SUPPORT] = SLIP_SUPPORT,
		[PAYROLL__CLAIM_KIND__CLAIM_KIND_COURT] = SLIP_COURT,
		[PAYROLL__CLAIM_KIND__CLAIM_KIND_LOSS] = SLIP_LOSS,
		[PAYROLL__CLAIM_KIND__CLAIM_KIND_AGREED] = SLIP_AGREED,
	};
	struct slip_claim *k = arena_alloc(c->cx->arena, (in->n_claims + 1) * sizeof(*k));

	for (size_t i = 0; i < in->n_claims; i++) {
		const Payroll__SlipClaim *from = in->claims[i];

		k[i] = (struct slip_claim){.code = from->code, .kind = KINDS[from->kind], .fen = from->amount_fen,
					   .protected_fen = from->has_protected_fen ? from->protected_fen : -1, .source = from->source};
	}
	f->claim = k;
	f->n_claims = (unsigned)in->n_claims;
}

/* ---- insurance and tax ---- */

static const struct due {
	Payroll__InsuranceScheme scheme;
	enum insurance rule;
} DUE[] = {
	{PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_PENSION, INSURANCE_PENSION},
	{PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_MEDICAL, INSURANCE_MEDICAL},
	{PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_UNEMPLOYMENT, INSURANCE_UNEMPLOYMENT},
	{PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_INJURY, INSURANCE_INJURY},
	{PAYROLL__INSURANCE_SCHEME__INSURANCE_SCHEME_FUND, INSURANCE_FUND},
};

static bool is_due(const Payroll__SlipInsurance *in, const struct due *d)
{
	for (size_t i = 0; i < in->n_schemes; i++)
		if (in->schemes[i] == d->scheme)
			return true;
	if (in->n_schemes)
		return false;
	return d->rule < INSURANCE_INJURY || (d->rule == INSURANCE_INJURY ? in->has_injury_rate_e5 : in->has_fund_rate_e5);
}

static void read_insurance(const request *in, struct slip_facts *f)
{
	const Payroll__SlipInsurance *from = in->insurance;
	struct civil month = civil_split(f->first_of_month), hire = civil_split(f->hire);

	f->insurance_place = from && from->place ? from->place : f->place;
	for (size_t i = 0; from && i < sizeof(DUE) / sizeof(DUE[0]); i++) {
		f->insurance.due[DUE[i].rule] = is_due(from, &DUE[i]);
		f->insurance.declared_fen[DUE[i].rule] = from->declared_base_fen;
	}
	if (!from)
		return;
	f->insurance.injury_rate_e5 = from->injury_rate_e5;
	f->insurance.fund = (struct fund_terms){
		.declared_fen = from->has_fund_declared_fen ? from->fund_declared_fen : from->declared_base_fen,
		.rate_e5 = from->fund_rate_e5, .supplement_e5 = from->fund_supplement_e5,
		.first_ever = from->fund_account == PAYROLL__FUND_ACCOUNT__FUND_ACCOUNT_FIRST_EVER,
		.first_month = month.year == hire.year && month.month == hire.month,
	};
}

static struct tax_year year_before(const Payroll__TaxYearSums *in)
{
	static const enum basic_mode MODES[] = {
		[PAYROLL__BASIC_MODE__BASIC_MODE_UNSPECIFIED] = BASIC_EMPLOYED_MONTHS,
		[PAYROLL__BASIC_MODE__BASIC_MODE_EMPLOYED_MONTHS] = BASIC_EMPLOYED_MONTHS,
		[PAYROLL__BASIC_MODE__BASIC_MODE_FIRST_JOB] = BASIC_FIRST_JOB,
		[PAYROLL__BASIC_MODE__BASIC_MODE_ANNUAL_60000] = BASIC_ANNUAL_60000,
	};

	if (!in)
		return (struct tax_year){0};
	return (struct tax_year){
		.mode = MODES[in->mode], .first_month = in->first_month, .last_month = in->last_month, .month = in->month,
		.income_fen = in->income_fen, .exempt_fen = in->exempt_fen, .contributions_fen = in->contributions_fen,
		.special_fen = in->special_fen, .other_fen = in->other_fen, .relief_fen = in->relief_fen, .withheld_fen = in->withheld_fen,
	};
}

/* Employed from the month of the hire, to that of the exit, where the question doesn't say otherwise. */
static void read_year(const request *in, struct slip_facts *f)
{
	struct tax_year *y = &f->tax.year;
	int year = civil_split(f->pay_day).year;
	struct civil hire = civil_split(f->hire), last;

	*y = year_before(in->tax ? in->tax->year : NULL);
	if (!y->first_month)
		y->first_month = hire.year == year ? hire.month : 1;
	if (y->last_month || f->until == DAY_NEVER)
		return;
	last = civil_split(f->until - 1);
	if (last.year == year)
		y->last_month = last.month;
}

static void read_tax(const request *in, struct slip_facts *f)
{
	static const enum slip_residence RESIDENCES[] = {
		[PAYROLL__RESIDENCE__RESIDENCE_UNSPECIFIED] = SLIP_NOT_RECORDED,
		[PAYROLL__RESIDENCE__RESIDENCE_RESIDENT] = SLIP_RESIDENT,
		[PAYROLL__RESIDENCE__RESIDENCE_NON_RESIDENT] = SLIP_NON_RESIDENT,
	};
	const Payroll__SlipTax *t = in->tax;

	read_year(in, f);
	if (!t)
		return;
	f->tax.residence = RESIDENCES[t->residence];
	f->tax.special_fen = t->special_fen;
	f->tax.other_fen = t->other_fen;
	f->tax.relief_fen = t->relief_fen;
	f->tax.bonus_fen = t->bonus_fen;
	f->tax.severance_fen = t->severance_fen;
	f->tax.monthly_average_fen = t->monthly_average_fen;
}

bool slip_read(struct calculation *c, const request *in, struct slip_facts *out)
{
	*out = (struct slip_facts){.law = c->rules.law, .place = c->rules.place};
	if (in->basis && in->basis->date)
		calculation_wrong(c, "/basis/date", "FIXED", TEXT_SLIP_NO_DATE);
	read_days(c, in, out);
	read_wages(c, in, out);
	read_time(in, out);
	read_amounts(c, in, out);
	read_insurance(in, out);
	read_tax(in, out);
	read_claims(c, in, out);
	return fault_none(c->cx, &FAULT_CALCULATION_REFUSED);
}

/* ---- problems ---- */

/* Where the fact of a problem stands in the request. */
static const struct stands {
	const char *item, *pointer;
	bool listed;
	const struct text_def *missing, *range;
} STANDS[] = {
	{.item = "residence", .pointer = "/tax/residence", .missing = &TEXT_DEF_SLIP_RESIDENCE},
	{.item = "wage", .pointer = "/wages", .missing = &TEXT_DEF_SLIP_WAGE, .range = &TEXT_DEF_SLIP_WAGES},
	{.item = "employment", .pointer = "/hire_date", .range = &TEXT_DEF_SLIP_EMPLOYMENT},
	{.item = "PENSION", .pointer = "/insurance/declared_base_fen", .missing = &TEXT_DEF_SLIP_BASE},
	{.item = "MEDICAL", .pointer = "/insurance/declared_base_fen", .missing = &TEXT_DEF_SLIP_BASE},
	{.item = "UNEMPLOYMENT", .pointer = "/insurance/declared_base_fen", .missing = &TEXT_DEF_SLIP_BASE},
	{.item = "INJURY", .pointer = "/insurance/declared_base_fen", .missing = &TEXT_DEF_SLIP_BASE},
	{.item = "FUND", .pointer = "/insurance/fund_rate_e5", .missing = &TEXT_DEF_SLIP_BASE},
	{.item = "income-tax", .pointer = "/tax/year", .range = &TEXT_DEF_SLIP_TAX_MONTH},
	{.item = "bonus", .pointer = "/tax/bonus_fen"},
	{.item = "severance", .pointer = "/tax/severance_fen"},
	{.item = "monthly-average", .pointer = "/tax/monthly_average_fen", .missing = &TEXT_DEF_SLIP_AVERAGE},
	{.item = "overtime", .pointer = "/overtime"},
	{.item = "absence", .pointer = "/absent_days_e2"},
	{.item = "sickness", .pointer = "/sickness"},
	{.item = "amount", .pointer = "/amounts", .listed = true},
	{.item = "claim", .pointer = "/claims", .listed = true},
	{.item = "", .pointer = ""},
};

static const struct stands *stands_of(const char *item)
{
	const struct stands *s = STANDS;

	while (*s->item && strcmp(s->item, item) != 0)
		s++;
	return s;
}

static void not_covered(struct calculation *c, const struct slip_problem *p)
{
	bool local = law_scheme_local(p->scheme), insured = p->scheme == LAW_BASE || p->scheme == LAW_RATE || p->scheme == LAW_FUND;
	const char *pointer = !local ? "/month" : insured ? "/insurance/place" : "/basis/place";

	if (local && !*p->place)
		calculation_wrong(c, pointer, "REQUIRED", TEXT_PLACE_MISSING);
	else
		calculation_wrong(c, pointer, "LAW_NOT_COVERED",
				  TEXT_LAW_NOT_COVERED(local ? p->place : LAW_NATIONAL, day_text(c, p->day),
						       arena_printf(c->cx->arena, "%s %s", law_scheme_name(p->scheme), p->item)));
}

static void refuse(struct calculation *c, const struct slip_problem *p)
{
	const struct stands *s = stands_of(p->item);
	const char *pointer = s->listed ? at(c, s->pointer + 1, p->index, "") : s->pointer;

	if (p->kind == SLIP_NO_LAW)
		not_covered(c, p);
	else if (p->kind == SLIP_MISSING)
		calculation_wrong(c, pointer, "REQUIRED", (struct text){.def = s->missing ? s->missing : &TEXT_DEF_OUT_OF_RANGE});
	else if (p->kind == SLIP_TOO_MUCH)
		calculation_wrong(c, pointer, "TOO_LARGE", TEXT_BEYOND_COUNTING);
	else
		calculation_wrong(c, pointer, "OUT_OF_RANGE", (struct text){.def = s->range ? s->range : &TEXT_DEF_OUT_OF_RANGE});
}

void slip_refuse(struct calculation *c, const struct slip *s)
{
	for (unsigned i = 0; i < s->n_problems && i < SLIP_PROBLEMS_MOST; i++)
		refuse(c, &s->problem[i]);
}

Payroll__TaxYearSums *slip_year(struct calculation *c, const struct tax_year *y)
{
	static const Payroll__BasicMode MODES[] = {
		[BASIC_EMPLOYED_MONTHS] = PAYROLL__BASIC_MODE__BASIC_MODE_EMPLOYED_MONTHS,
		[BASIC_FIRST_JOB] = PAYROLL__BASIC_MODE__BASIC_MODE_FIRST_JOB,
		[BASIC_ANNUAL_60000] = PAYROLL__BASIC_MODE__BASIC_MODE_ANNUAL_60000,
	};
	Payroll__TaxYearSums *out = (Payroll__TaxYearSums *)msg_new(c->cx->arena, &RULE_PAYROLL_TAX_YEAR_SUMS);

	ANSWER(out, mode, MODES[y->mode]);
	ANSWER(out, first_month, y->first_month);
	if (y->last_month)
		ANSWER(out, last_month, y->last_month);
	if (y->month)
		ANSWER(out, month, y->month);
	ANSWER(out, income_fen, y->income_fen);
	ANSWER(out, exempt_fen, y->exempt_fen);
	ANSWER(out, contributions_fen, y->contributions_fen);
	ANSWER(out, special_fen, y->special_fen);
	ANSWER(out, other_fen, y->other_fen);
	ANSWER(out, relief_fen, y->relief_fen);
	ANSWER(out, withheld_fen, y->withheld_fen);
	return out;
}
