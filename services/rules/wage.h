/* Pay and time: what a month's wage is worth by the hour, the day and the part of a month, overtime, sick
 * days, and the bounds below which pay may not fall. Money in fen, hours in seconds, days in hundredths. Each
 * result is one line: exact until its one rounding. rules.md 3; Labour Law arts. 41, 44; 劳部发〔1994〕489号. */
#ifndef RENHE_WAGE_H
#define RENHE_WAGE_H
#include "calendar.h"

/* Exact: monthly / 21.75, / 174. RATIO_BAD with the fault where no row covers the day. */
struct ratio wage_day(struct rules *r, int64_t monthly_fen);
struct ratio wage_hour(struct rules *r, int64_t monthly_fen);

/* ---- overtime (加班) ---- */
enum overtime { OVERTIME_WEEKDAY, OVERTIME_REST, OVERTIME_HOLIDAY };
/* All hours of the kind in the period, as one line. */
bool wage_overtime(struct rules *r, int64_t monthly_fen, enum overtime kind, int64_t seconds, int64_t *out);
/* Time off instead of pay: of rest days only (Labour Law art. 44(2)). */
bool wage_overtime_as_rest(struct rules *r, enum overtime kind, bool *may);
/* Within 3 hours of a day and 36 of a month (art. 41); what is above is paid nevertheless. */
bool wage_overtime_lawful(struct rules *r, int64_t day_seconds, int64_t month_seconds, bool *lawful);
/* Comprehensive hours (综合计算工时): above the cycle's standard at 150 %, holidays outside of it at 300 %. */
struct cycle_pay {
	int64_t overtime_seconds, overtime_fen, holiday_fen;
};
bool wage_cycle(struct rules *r, int64_t monthly_fen, int64_t seconds, int64_t holiday_seconds, int64_t standard_seconds,
		struct cycle_pay *out);

/* ---- part of a month ---- */
enum proration {
	PRORATION_A, /* the day rate times the paid days, at most the wage */
	PRORATION_B, /* by the paid days of that month */
	PRORATION_C, /* the wage less the day rate for each day absent */
};
struct part_month {
	int paid_days, month_days; /* paid: employed ones; of the whole month */
	int64_t pay_fen;
	bool known; /* the calendar of the month is */
};
/* Employed in [hire, until) of the month that first_of_month begins; both ends are cut to it. */
bool wage_part_month(struct rules *r, enum proration p, int64_t monthly_fen, civil_day first_of_month, civil_day hire,
		     civil_day until, struct part_month *out);
/* Another wage from `changed` on, inside the month: by its paid days. */
bool wage_changed(struct rules *r, int64_t before_fen, int64_t after_fen, civil_day changed, int64_t *out);
/* Unpaid days; all paid days of the month absent: the whole wage. */
bool wage_absence(struct rules *r, int64_t monthly_fen, int64_t days_e2, int month_days, int64_t *out);

/* ---- sick days ---- */
/* What is taken off, by the table of the place and full years of service. */
bool wage_sick(struct rules *r, int64_t base_fen, int years, bool beyond_six_months, int64_t days_e2, int64_t *out);

/* ---- bounds ---- */
struct minimum_test {
	int64_t tested_fen, due_fen, shortfall_fen; /* shortfall 0: good */
};
/* contract_fen: wage for normal hours without what the law leaves out of the test. worked of due days:
 * the minimum holds for normal labour given (最低工资规定 art. 3). */
bool wage_minimum(struct rules *r, int64_t contract_fen, int64_t own_contributions_fen, int worked, int due,
		  struct minimum_test *out);
/* Loss caused by the worker: a fifth of the wage, and the minimum stays (489号 art. 16). minimum_fen as given. */
bool wage_loss(struct rules *r, int64_t gross_fen, int64_t claim_fen, int64_t minimum_fen, int64_t *out);
#endif
