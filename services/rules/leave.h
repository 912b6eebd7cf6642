/* Leave (休假): paid annual leave, medical period, maternity. Days of annual leave are working days, those of
 * maternity calendar days. 职工带薪年休假条例 and 实施办法; 劳部发〔1994〕479号; 女职工劳动保护特别规定 (2012). */
#ifndef RENHE_LEAVE_H
#define RENHE_LEAVE_H
#include "wage.h"

/* ---- annual leave (年休假) ---- */
/* Days a year by months of work at all employers: 0 below a year. */
bool annual_tier(struct rules *r, int months, int *days);
/* Of the year of joining: the joining day counts. */
bool annual_joining(struct rules *r, civil_day join, int tier, int *days);
/* Still owed when leaving, the exit day being the last; floored after the taken ones (hundredths of days) are off
 * (实施办法 art. 12); never negative: what was taken too much is not clawed back. */
bool annual_leaving(struct rules *r, civil_day exit, int tier, int64_t taken_e2, int *days);
/* On top of the wage that the month holds already, for days not given. average: of twelve months. */
bool annual_unused(struct rules *r, int64_t average_fen, int days, int64_t *extra_fen);
/* false in *entitled: the year's leave is lost (条例 art. 4). years of work; months sick; unpaid days. */
bool annual_entitled(struct rules *r, int years, int sick_months, int unpaid_days, bool *entitled);

/* ---- medical period (医疗期) ---- */
bool medical_period(struct rules *r, int total_years, int years_here, int *months, int *within);

/* ---- maternity (产假) ---- */
struct birth {
	int child;      /* 1: the first */
	bool difficult; /* by certificate */
	int infants;
};
bool maternity_days(struct rules *r, const struct birth *b, int *days);
bool miscarriage_days(struct rules *r, int months, int *days);
#endif
