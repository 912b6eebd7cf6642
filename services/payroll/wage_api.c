/* Rates, overtime and what stands in for it. */
#include "explain.h"
#include "row.h"

bool payroll_calculate_rates(struct ctx *cx, const Payroll__CalculateRatesRequest *in, Payroll__RatesCalculation *out)
{
	struct calculation c;
	int64_t day = 0, hour = 0;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (calculation_done(&c, ratio_round(wage_day(&c.rules, in->monthly_fen), 1, &day) &&
					 ratio_round(wage_hour(&c.rules, in->monthly_fen), 1, &hour), "")) {
		const struct law_row *row = rule_row_any(&c.rules, LAW_WAGE_MONTH, "PAID");

		ANSWER(out, day_fen, day);
		ANSWER(out, hour_fen, hour);
		step_add(&c, TEXT_STEP_DAY_RATE, day, "%s ÷ %s = %s", yuan(&c, in->monthly_fen), hundredths(&c, row->values[0]), yuan(&c, day));
		step_add(&c, TEXT_STEP_HOUR_RATE, hour, "%s ÷ %s = %s", yuan(&c, in->monthly_fen), hundredths(&c, row->values[1]), yuan(&c, hour));
	}
	return calculation_end(&c, &out->derivation);
}

/* ---- overtime ---- */

static const enum overtime KINDS[] = {
	[PAYROLL__OVERTIME_KIND__OVERTIME_KIND_WEEKDAY] = OVERTIME_WEEKDAY,
	[PAYROLL__OVERTIME_KIND__OVERTIME_KIND_REST] = OVERTIME_REST,
	[PAYROLL__OVERTIME_KIND__OVERTIME_KIND_HOLIDAY] = OVERTIME_HOLIDAY,
};

static bool overtime(struct calculation *c, int64_t monthly_fen, Payroll__OvertimeKind kind, int64_t seconds, int64_t *fen)
{
	if (!wage_overtime(&c->rules, monthly_fen, KINDS[kind], seconds, fen))
		return false;
	explain_overtime(c, monthly_fen, KINDS[kind], seconds, *fen);
	return true;
}

static void line(Payroll__OvertimeLine *out, Payroll__OvertimeKind kind, int64_t fen)
{
	if (kind)
		ANSWER(out, kind, kind);
	ANSWER(out, pay_fen, fen);
}

static void lines(struct calculation *c, const Payroll__CalculateOvertimeRequest *in, Payroll__OvertimeCalculation *out)
{
	out->lines = messages_new(c, &RULE_PAYROLL_OVERTIME_LINE, in->n_hours);
	for (size_t i = 0; i < in->n_hours; i++) {
		const Payroll__OvertimeHours *h = in->hours[i];
		int64_t fen = 0;

		calculation_done(c, overtime(c, in->monthly_fen, h->kind, h->hours_s, &fen), arena_printf(c->cx->arena, "/hours/%zu", i));
		line(out->lines[out->n_lines++], h->kind, fen);
		out->pay_fen += fen;
	}
}

/* What the day makes of the hours; a working day's own hours are no overtime. */
static Payroll__OvertimeKind kind_of(struct calculation *c, const Payroll__OvertimeDay *in, civil_day d)
{
	enum day_type t = in->roster ? calendar_roster_day(&c->rules, d, in->planned) : calendar_day(&c->rules, d, NULL);

	if (t == DAY_STATUTORY)
		return PAYROLL__OVERTIME_KIND__OVERTIME_KIND_HOLIDAY;
	if (t == DAY_REST)
		return PAYROLL__OVERTIME_KIND__OVERTIME_KIND_REST;
	return in->beyond_the_day ? PAYROLL__OVERTIME_KIND__OVERTIME_KIND_WEEKDAY : PAYROLL__OVERTIME_KIND__OVERTIME_KIND_UNSPECIFIED;
}

static void one_day(struct calculation *c, int64_t monthly_fen, const Payroll__OvertimeDay *in, Payroll__OvertimeLine *out, const char *at)
{
	Payroll__OvertimeKind kind;
	civil_day d;
	int64_t fen = 0;

	if (!calculation_day(c, in->date, arena_printf(c->cx->arena, "%s/date", at), &d))
		return;
	kind = kind_of(c, in, d);
	if (kind)
		calculation_done(c, overtime(c, monthly_fen, kind, in->hours_s, &fen), at);
	else
		step_say(c, TEXT_STEP_NO_OVERTIME(in->date));
	out->date = in->date;
	line(out, kind, fen);
}

static void days(struct calculation *c, const Payroll__CalculateOvertimeRequest *in, Payroll__OvertimeCalculation *out)
{
	out->days = messages_new(c, &RULE_PAYROLL_OVERTIME_LINE, in->n_days);
	for (size_t i = 0; i < in->n_days; i++) {
		one_day(c, in->monthly_fen, in->days[i], out->days[out->n_days], arena_printf(c->cx->arena, "/days/%zu", i));
		out->pay_fen += out->days[out->n_days++]->pay_fen;
	}
}

static void totals(struct calculation *c, const Payroll__CalculateOvertimeRequest *in, Payroll__OvertimeCalculation *out)
{
	out->totals = messages_new(c, &RULE_PAYROLL_OVERTIME_ALLOWED, in->n_totals);
	for (size_t i = 0; i < in->n_totals; i++) {
		Payroll__OvertimeAllowed *a = out->totals[out->n_totals++];
		bool lawful = false;

		calculation_done(c, wage_overtime_lawful(&c->rules, in->totals[i]->day_s, in->totals[i]->month_s, &lawful), "/totals");
		ANSWER(a, allowed, lawful);
		ANSWER(a, still_paid, true);
		step_say(c, lawful ? TEXT_STEP_WITHIN_LIMITS : TEXT_STEP_BEYOND_LIMITS);
	}
}

bool payroll_calculate_overtime(struct ctx *cx, const Payroll__CalculateOvertimeRequest *in, Payroll__OvertimeCalculation *out)
{
	struct calculation c;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (!in->n_hours && !in->n_days && !in->n_totals)
		calculation_wrong(&c, "/hours", "REQUIRED", TEXT_HOURS_OR_DAYS);
	if ((in->n_hours || in->n_days) && !in->has_monthly_fen)
		calculation_wrong(&c, "/monthly_fen", "REQUIRED", TEXT_MONTHLY_MISSING);
	lines(&c, in, out);
	days(&c, in, out);
	totals(&c, in, out);
	ANSWER(out, pay_fen, out->pay_fen);
	return calculation_end(&c, &out->derivation);
}

bool payroll_calculate_time_off(struct ctx *cx, const Payroll__CalculateTimeOffRequest *in, Payroll__TimeOffCalculation *out)
{
	struct calculation c;
	bool may = false;
	int64_t fen = 0;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (calculation_done(&c, wage_overtime_as_rest(&c.rules, KINDS[in->kind], &may), "")) {
		may = may && in->compensatory_rest;
		if (may)
			step_say(&c, TEXT_STEP_TIME_OFF(hours(&c, in->hours_s)));
		else
			calculation_done(&c, overtime(&c, in->monthly_fen, in->kind, in->hours_s, &fen), "");
	}
	ANSWER(out, pay_fen, fen);
	ANSWER(out, credit_s, may ? in->hours_s : 0);
	return calculation_end(&c, &out->derivation);
}

/* ---- comprehensive hours ---- */

bool payroll_calculate_comprehensive_hours(struct ctx *cx, const Payroll__CalculateComprehensiveHoursRequest *in,
					   Payroll__ComprehensiveHoursCalculation *out)
{
	struct calculation c;
	struct cycle_pay p = {0};

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (calculation_done(&c, wage_cycle(&c.rules, in->monthly_fen, in->hours_s, in->holiday_s, in->standard_s, &p), "")) {
		int64_t fen = 0;

		step_say(&c, TEXT_STEP_CYCLE(hours(&c, in->hours_s), hours(&c, in->holiday_s), hours(&c, in->standard_s)));
		overtime(&c, in->monthly_fen, PAYROLL__OVERTIME_KIND__OVERTIME_KIND_WEEKDAY, p.overtime_seconds, &fen);
		overtime(&c, in->monthly_fen, PAYROLL__OVERTIME_KIND__OVERTIME_KIND_HOLIDAY, in->holiday_s, &fen);
		ANSWER(out, overtime_s, p.overtime_seconds);
		ANSWER(out, overtime_fen, p.overtime_fen);
		ANSWER(out, holiday_fen, p.holiday_fen);
	}
	return calculation_end(&c, &out->derivation);
}
