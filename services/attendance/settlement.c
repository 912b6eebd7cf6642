#include "settlement.h"

static int64_t above(int64_t a, int64_t b)
{
	return a > b ? a - b : 0;
}

/* 503号: no 200 % of rest days; the cycle takes them in. */
static struct settlement of_cycle(int64_t cycle_s, int64_t counted_s, int64_t statutory_s)
{
	struct settlement s = {.short_s = above(cycle_s, counted_s)};

	s.overtime_s[DAY_WORK] = above(counted_s, cycle_s);
	s.overtime_s[DAY_STATUTORY] = statutory_s;
	return s;
}

struct settlement settlement_of(const struct settlement_rule *rule, const struct attendance_sum *a,
				int64_t paid_leave_s, int64_t unpaid_leave_s)
{
	struct settlement s = {{0}, 0, false};

	if (rule->system == WORKING_TIME_COMPREHENSIVE)
		s = of_cycle(above(rule->cycle_s, unpaid_leave_s),
			     a->there_s[DAY_WORK] + a->there_s[DAY_REST] + paid_leave_s,
			     a->there_s[DAY_STATUTORY]);
	else if (rule->system == WORKING_TIME_STANDARD)
		for (size_t i = 0; i < 3; i++)
			s.overtime_s[i] = a->beyond_s[i];
	else if (rule->statutory_is_paid)
		s.overtime_s[DAY_STATUTORY] = a->there_s[DAY_STATUTORY];
	s.known = a->known;
	return s;
}
