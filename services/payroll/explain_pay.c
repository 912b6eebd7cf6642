#include "explain.h"
#include <inttypes.h>

static const char *paid_days(struct calculation *c)
{
	const struct law_row *row = rule_row_any(&c->rules, LAW_WAGE_MONTH, "PAID");

	return row ? hundredths(c, row->values[0]) : "";
}

void explain_part(struct calculation *c, enum proration p, int64_t monthly_fen, const struct part_month *m)
{
	const char *wage = yuan(c, monthly_fen), *pay = yuan(c, m->pay_fen), *days = paid_days(c);

	step_say(c, TEXT_STEP_PAID_DAYS(m->paid_days, m->month_days));
	if (m->paid_days >= m->month_days)
		step_add(c, TEXT_STEP_WHOLE_MONTH, m->pay_fen, "%s", pay);
	else if (p == PRORATION_A)
		step_add(c, TEXT_STEP_METHOD_A, m->pay_fen, "min(%s, %s ÷ %s × %d) = %s", wage, wage, days, m->paid_days, pay);
	else if (p == PRORATION_B)
		step_add(c, TEXT_STEP_METHOD_B, m->pay_fen, "%s × %d ÷ %d = %s", wage, m->paid_days, m->month_days, pay);
	else
		step_add(c, TEXT_STEP_METHOD_C, m->pay_fen, "%s − %s ÷ %s × %d = %s", wage, wage, days, m->month_days - m->paid_days, pay);
	if (!m->known)
		step_say(c, TEXT_STEP_CALENDAR_UNKNOWN);
}

void explain_changed(struct calculation *c, int64_t before_fen, int64_t after_fen, civil_day changed, int64_t pay_fen, struct day_counts *days)
{
	civil_day first = changed - civil_split(changed).day + 1;
	struct day_counts before = calendar_count(&c->rules, first, changed);

	*days = calendar_count(&c->rules, first, civil_add_months(first, 1));
	step_add(c, TEXT_STEP_CHANGED, pay_fen, "%s × %d ÷ %d + %s × %d ÷ %d = %s", yuan(c, before_fen), before.paid, days->paid,
		 yuan(c, after_fen), days->paid - before.paid, days->paid, yuan(c, pay_fen));
}

void explain_absence(struct calculation *c, int64_t monthly_fen, int64_t days_e2, int month_days, int64_t fen)
{
	if (days_e2 >= (int64_t)month_days * 100 || fen == monthly_fen)
		step_add(c, TEXT_STEP_ABSENT_THROUGHOUT, fen, "%s", yuan(c, fen));
	else
		step_add(c, TEXT_STEP_ABSENCE, fen, "%s ÷ %s × %s = %s", yuan(c, monthly_fen), paid_days(c), hundredths(c, days_e2), yuan(c, fen));
}

void explain_sick(struct calculation *c, int64_t base_fen, int years, bool beyond_six_months, int64_t days_e2, int64_t fen)
{
	const struct law_row *row = rule_step(&c->rules, LAW_SICK, beyond_six_months ? "BEYOND_" : "WITHIN_", years);
	const char *rate = percent(c, row->values[0]);

	step_add(c, TEXT_STEP_SICK(rate), fen, "%s ÷ %s × %s × (100%% − %s) = %s", yuan(c, base_fen), paid_days(c), hundredths(c, days_e2),
		 rate, yuan(c, fen));
}

/* 8700.00 ÷ 174 × 10 × 150% = 750.00: one line, one rounding. */
void explain_overtime(struct calculation *c, int64_t monthly_fen, enum overtime kind, int64_t seconds, int64_t fen)
{
	static const struct {
		const char *item;
		const struct text_def *text;
	} KINDS[] = {
		[OVERTIME_WEEKDAY] = {"WEEKDAY", &TEXT_DEF_STEP_OVERTIME_WEEKDAY},
		[OVERTIME_REST] = {"REST", &TEXT_DEF_STEP_OVERTIME_REST},
		[OVERTIME_HOLIDAY] = {"HOLIDAY", &TEXT_DEF_STEP_OVERTIME_HOLIDAY},
	};

	step_add(c, (struct text){.def = KINDS[kind].text}, fen, "%s ÷ %s × %s × %s = %s", yuan(c, monthly_fen),
		 hundredths(c, rule_row_any(&c->rules, LAW_WAGE_MONTH, "PAID")->values[1]), hours(c, seconds),
		 percent(c, rule_row_any(&c->rules, LAW_OVERTIME, KINDS[kind].item)->values[0]), yuan(c, fen));
}

void explain_minimum(struct calculation *c, const struct tested *of, const struct minimum_test *t)
{
	const struct law_row *row = rule_row_any(&c->rules, LAW_MINIMUM_WAGE, "WAGE");

	if (row->values[2] == 1)
		step_add(c, TEXT_STEP_TESTED_NET, t->tested_fen, "%s − %s = %s", yuan(c, of->normal_fen), yuan(c, of->own_fen), yuan(c, t->tested_fen));
	else
		step_add(c, TEXT_STEP_TESTED_GROSS, t->tested_fen, "%s", yuan(c, t->tested_fen));
	step_add(c, TEXT_STEP_MINIMUM, t->due_fen, "%s × %d ÷ %d = %s", yuan(c, row->values[0]), of->worked, of->due, yuan(c, t->due_fen));
	step_add(c, t->shortfall_fen ? TEXT_STEP_SHORTFALL : TEXT_STEP_ENOUGH, t->shortfall_fen, "%s", yuan(c, t->shortfall_fen));
}
