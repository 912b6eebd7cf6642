/* Days and what they count for. */
#include "calculation.h"
#include "calendar.h"
#include "row.h"

bool payroll_calculate_payday(struct ctx *cx, const Payroll__CalculatePaydayRequest *in, Payroll__PaydayCalculation *out)
{
	struct calculation c;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	out->paid_dates = arena_alloc(cx->arena, (in->n_due_dates + 1) * sizeof(*out->paid_dates));
	for (size_t i = 0; i < in->n_due_dates; i++) {
		civil_day due;
		char *paid;

		if (!calculation_day(&c, in->due_dates[i], arena_printf(cx->arena, "/due_dates/%zu", i), &due))
			continue;
		paid = day_text(&c, calendar_payday(&c.rules, due));
		out->paid_dates[out->n_paid_dates++] = paid;
		step_say(&c, TEXT_STEP_PAYDAY(in->due_dates[i], paid));
	}
	return calculation_end(&c, &out->derivation);
}

bool payroll_calculate_capacity(struct ctx *cx, const Payroll__CalculateCapacityRequest *in, Payroll__CapacityCalculation *out)
{
	struct calculation c;
	const struct law_row *days, *paid;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	days = rule_row(&c.rules, LAW_CAPACITY, "DAYS");
	paid = rule_row(&c.rules, LAW_WAGE_MONTH, "PAID");
	if (calculation_done(&c, days && paid, "")) {
		ANSWER(out, year_days_e2, days->values[0]);
		ANSWER(out, quarter_days_e2, days->values[1]);
		ANSWER(out, month_days_e2, days->values[2]);
		ANSWER(out, paid_days_e2, paid->values[0]);
		ANSWER(out, paid_hours_e2, paid->values[1]);
		step_say(&c, TEXT_STEP_CAPACITY(hundredths(&c, days->values[0]), hundredths(&c, days->values[1]), hundredths(&c, days->values[2])));
		step_say(&c, TEXT_STEP_PAID(hundredths(&c, paid->values[0]), hundredths(&c, paid->values[1])));
	}
	return calculation_end(&c, &out->derivation);
}

/* ---- types of days ---- */

static const struct {
	Payroll__DayType type;
	const struct text_def *text;
} TYPES[] = {
	[DAY_WORK] = {PAYROLL__DAY_TYPE__DAY_TYPE_WORK, &TEXT_DEF_STEP_DAY_WORK},
	[DAY_REST] = {PAYROLL__DAY_TYPE__DAY_TYPE_REST, &TEXT_DEF_STEP_DAY_REST},
	[DAY_STATUTORY] = {PAYROLL__DAY_TYPE__DAY_TYPE_STATUTORY, &TEXT_DEF_STEP_DAY_STATUTORY},
};

static void one_day(struct calculation *c, const Payroll__CalendarQuestion *in, const char *at, Payroll__CalendarDay *out)
{
	bool known;
	civil_day d;
	enum day_type t;

	if (!calculation_day(c, in->date, at, &d))
		return;
	t = calendar_day(&c->rules, d, &known);
	if (in->roster)
		t = calendar_roster_day(&c->rules, d, in->planned);
	out->date = in->date;
	ANSWER(out, type, TYPES[t].type);
	ANSWER(out, known, known);
	step_say(c, (struct text){TYPES[t].text, {{.s = in->date}}});
}

static void one_year(struct calculation *c, int year, Payroll__CalendarYear *out)
{
	struct day_counts n = calendar_count(&c->rules, civil_of(year, 1, 1), civil_of(year + 1, 1, 1));

	ANSWER(out, year, year);
	ANSWER(out, work, n.work);
	ANSWER(out, statutory, n.statutory);
	ANSWER(out, rest, n.rest);
	ANSWER(out, known, n.known);
	step_say(c, TEXT_STEP_YEAR(year, n.work, n.statutory));
	if (!n.known)
		step_say(c, TEXT_STEP_CALENDAR_UNKNOWN);
}

bool payroll_calculate_calendar(struct ctx *cx, const Payroll__CalculateCalendarRequest *in, Payroll__CalendarCalculation *out)
{
	struct calculation c;

	if (!calculation_begin(&c, cx, in->basis))
		return false;
	if (!in->n_days && !in->n_years)
		calculation_wrong(&c, "/days", "REQUIRED", TEXT_DAYS_OR_YEARS);
	out->days = messages_new(&c, &RULE_PAYROLL_CALENDAR_DAY, in->n_days);
	for (size_t i = 0; i < in->n_days; i++)
		one_day(&c, in->days[i], arena_printf(cx->arena, "/days/%zu/date", i), out->days[out->n_days++]);
	out->years = messages_new(&c, &RULE_PAYROLL_CALENDAR_YEAR, in->n_years);
	for (size_t i = 0; i < in->n_years; i++)
		one_year(&c, in->years[i], out->years[out->n_years++]);
	return calculation_end(&c, &out->derivation);
}
