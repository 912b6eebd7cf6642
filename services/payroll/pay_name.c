/* The table of names; a name is added here and in texts/pay_item.txt alone. */
#include "pay_name.h"
#include "row.h"

#define TYPE(t) PAYROLL__PAY_ITEM_TYPE__PAY_ITEM_TYPE_##t
#define MONEY TYPE(MONEY), {0}, "yuan"
#define TIME TYPE(TIME), {0}, "hours"
#define DAYS TYPE(DAYS), {0}, "days"
#define PIECES TYPE(PIECES), {0}, "pieces"
#define NUMBER TYPE(NUMBER), {0}, ""
#define TRUTH TYPE(TRUTH), {0}, "true"
#define DATE TYPE(DATE), {0}, "date"
#define RATE_HOUR TYPE(UNSPECIFIED), {1, -1, 0, 0}, "yuan / hour"
#define RATE_PIECE TYPE(UNSPECIFIED), {1, 0, 0, -1}, "yuan / piece"
#define RATE_DAY TYPE(UNSPECIFIED), {1, 0, -1, 0}, "yuan / day"

const struct pay_name PAY_NAMES[] = {
	{"term.base", MONEY, &TEXT_DEF_TERM_BASE},
	{"term.post_wage", MONEY, &TEXT_DEF_TERM_POST_WAGE},
	{"term.performance_wage", MONEY, &TEXT_DEF_TERM_PERFORMANCE_WAGE},
	{"term.hourly", RATE_HOUR, &TEXT_DEF_TERM_HOURLY},
	{"term.piece_rate", RATE_PIECE, &TEXT_DEF_TERM_PIECE_RATE},
	{"term.meal_allowance", RATE_DAY, &TEXT_DEF_TERM_MEAL_ALLOWANCE},
	{"term.night_allowance", RATE_DAY, &TEXT_DEF_TERM_NIGHT_ALLOWANCE},
	{"term.housing_allowance", MONEY, &TEXT_DEF_TERM_HOUSING_ALLOWANCE},
	{"term.commission_rate", NUMBER, &TEXT_DEF_TERM_COMMISSION_RATE},
	{"term.bonus_months", NUMBER, &TEXT_DEF_TERM_BONUS_MONTHS},
	{"term.on_probation", TRUTH, &TEXT_DEF_TERM_ON_PROBATION},
	{"term.hire_date", DATE, &TEXT_DEF_TERM_HIRE_DATE},
	{"fact.period_start", DATE, &TEXT_DEF_FACT_PERIOD_START},
	{"fact.period_end", DATE, &TEXT_DEF_FACT_PERIOD_END},
	{"fact.paid_days", DAYS, &TEXT_DEF_FACT_PAID_DAYS},
	{"fact.due_days", DAYS, &TEXT_DEF_FACT_DUE_DAYS},
	{"fact.worked_days", DAYS, &TEXT_DEF_FACT_WORKED_DAYS},
	{"fact.absent_days", DAYS, &TEXT_DEF_FACT_ABSENT_DAYS},
	{"fact.sick_days", DAYS, &TEXT_DEF_FACT_SICK_DAYS},
	{"fact.night_shifts", DAYS, &TEXT_DEF_FACT_NIGHT_SHIFTS},
	{"fact.hot_days", DAYS, &TEXT_DEF_FACT_HOT_DAYS},
	{"fact.worked", TIME, &TEXT_DEF_FACT_WORKED},
	{"fact.overtime_weekday", TIME, &TEXT_DEF_FACT_OVERTIME_WEEKDAY},
	{"fact.overtime_rest", TIME, &TEXT_DEF_FACT_OVERTIME_REST},
	{"fact.overtime_holiday", TIME, &TEXT_DEF_FACT_OVERTIME_HOLIDAY},
	{"fact.late", TIME, &TEXT_DEF_FACT_LATE},
	{"fact.pieces", PIECES, &TEXT_DEF_FACT_PIECES},
	{"fact.sales", MONEY, &TEXT_DEF_FACT_SALES},
	{"fact.bonus_factor", NUMBER, &TEXT_DEF_FACT_BONUS_FACTOR},
	{"seg.wage", MONEY, &TEXT_DEF_SEG_WAGE},
	{"seg.days", DAYS, &TEXT_DEF_SEG_DAYS},
	{"seg.hours", TIME, &TEXT_DEF_SEG_HOURS},
	{"law.month_days", DAYS, &TEXT_DEF_LAW_MONTH_DAYS},
	{"law.month_hours", TIME, &TEXT_DEF_LAW_MONTH_HOURS},
	{"law.overtime_weekday", NUMBER, &TEXT_DEF_LAW_OVERTIME_WEEKDAY},
	{"law.overtime_rest", NUMBER, &TEXT_DEF_LAW_OVERTIME_REST},
	{"law.overtime_holiday", NUMBER, &TEXT_DEF_LAW_OVERTIME_HOLIDAY},
	{"law.minimum_wage", MONEY, &TEXT_DEF_LAW_MINIMUM_WAGE_MONTH},
};
const uint16_t N_PAY_NAMES = sizeof(PAY_NAMES) / sizeof(PAY_NAMES[0]);

int pay_name_find(const char *name, size_t n)
{
	for (uint16_t i = 0; i < N_PAY_NAMES; i++)
		if (strncmp(PAY_NAMES[i].name, name, n) == 0 && !PAY_NAMES[i].name[n])
			return i;
	return -1;
}

struct formula_type pay_type(Payroll__PayItemType type)
{
	static const struct formula_type TYPES[] = {
		[TYPE(MONEY)] = {FORMULA_NUMBER, {1, 0, 0, 0}},
		[TYPE(TIME)] = {FORMULA_NUMBER, {0, 1, 0, 0}},
		[TYPE(DAYS)] = {FORMULA_NUMBER, {0, 0, 1, 0}},
		[TYPE(PIECES)] = {FORMULA_NUMBER, {0, 0, 0, 1}},
		[TYPE(NUMBER)] = {FORMULA_NUMBER, {0, 0, 0, 0}},
		[TYPE(TRUTH)] = {.kind = FORMULA_BOOL},
		[TYPE(DATE)] = {.kind = FORMULA_DATE},
	};

	return TYPES[type];
}

struct formula_type pay_name_type(uint16_t slot)
{
	const struct pay_name *n = &PAY_NAMES[slot];

	return n->type ? pay_type(n->type) : (struct formula_type){FORMULA_NUMBER, n->rate};
}

bool payroll_list_pay_names(struct ctx *cx, const Renhe__Empty *in, Payroll__PayNameList *out)
{
	(void)in;
	out->items = arena_alloc(cx->arena, N_PAY_NAMES * sizeof(*out->items));
	for (; out->n_items < N_PAY_NAMES; out->n_items++) {
		const struct pay_name *n = &PAY_NAMES[out->n_items];
		Payroll__PayName *p =
			(Payroll__PayName *)msg_new(cx->arena, &RULE_PAYROLL_PAY_NAME);

		p->name = arena_strdup(cx->arena, n->name);
		p->has_type = n->type != 0;
		p->type = n->type;
		p->unit = arena_strdup(cx->arena, n->unit);
		p->zh = text_zh(cx->arena, (struct text){.def = n->text});
		p->en = text_en(cx->arena, (struct text){.def = n->text});
		out->items[out->n_items] = p;
	}
	return true;
}
