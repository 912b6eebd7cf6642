/* Overtime of a settlement period under each working-time system (标准, 综合计算, 不定时工时;
 * 劳部发〔1994〕503号, rules.md 3.2, 3.3). Pure. */
#ifndef RENHE_SETTLEMENT_H
#define RENHE_SETTLEMENT_H
#include "attendance.h"

enum working_time { WORKING_TIME_STANDARD, WORKING_TIME_COMPREHENSIVE, WORKING_TIME_IRREGULAR };
struct settlement_rule {
	enum working_time system;
	int64_t cycle_s;	/* comprehensive: standard hours of the cycle, pro rata */
	bool statutory_is_paid; /* irregular: by the place (Shanghai, Shenzhen) */
};
struct settlement {
	int64_t overtime_s[3]; /* by day type: 150, 200, 300 % */
	int64_t short_s;       /* comprehensive: what the cycle lacks */
	bool known;	       /* false: a draft, not for closing */
};
/* paid_leave_s counts as worked, unpaid_leave_s lowers the cycle; both comprehensive alone.
 * Statutory hours stand outside of the cycle. */
struct settlement settlement_of(const struct settlement_rule *rule, const struct attendance_sum *s,
				int64_t paid_leave_s, int64_t unpaid_leave_s);
#endif
