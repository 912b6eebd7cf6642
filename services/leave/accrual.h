/* What leave a person has earned: a pure function of dates and a policy (累积). Each calendar day of service earns the days
 * a year of its tier over the divisor; what a year or a part of one gives is summed exactly and floored once
 * (企业职工带薪年休假实施办法 arts. 5, 12; rules.md 4.1: the joining year, the leaving year and a tier that is crossed
 * in mid-year are the same sum). Nothing of it is stored: a corrected date corrects the figure. */
#ifndef RENHE_LEAVE_ACCRUAL_H
#define RENHE_LEAVE_ACCRUAL_H
#include <stdbool.h>
#include "civil.h"

#define LEAVE_TIERS_MOST 8
struct leave_tier {
	int months; /* of service at all employers, from which on it holds; rising */
	int days;   /* a year */
};
struct leave_policy {
	unsigned n; /* 0: nothing is earned */
	struct leave_tier tier[LEAVE_TIERS_MOST];
	int divisor;  /* days of a year: 365, also in leap years */
	int least_e2; /* the least piece that is given, in hundredths of a day: 100 whole days, 50 half ones */
};
struct leave_service {
	civil_day join;
	civil_day end;	   /* first day without the employment; DAY_NEVER */
	int months_before; /* of service elsewhere, when joining */
};
/* The law's tiers: 5, 10, 15 days from 1, 10, 20 years (职工带薪年休假条例 art. 3). */
extern const struct leave_policy LEAVE_ANNUAL;

/* Of the days [from, until): days a year summed over days, to be divided by the divisor. Never negative. */
int64_t leave_earned(const struct leave_policy *p, const struct leave_service *s, civil_day from, civil_day until);
/* The same as hundredths of days less what was taken, floored to the least piece; never below 0 (art. 12: what was taken
 * too much is not clawed back). taken_e2: hundredths of days. */
int64_t leave_due_e2(const struct leave_policy *p, const struct leave_service *s, civil_day from, civil_day until, int64_t taken_e2);
#endif
