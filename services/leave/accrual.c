#include "accrual.h"

const struct leave_policy LEAVE_ANNUAL = {
	.n = 3,
	.tier = {{12, 5}, {120, 10}, {240, 15}},
	.divisor = 365,
	.least_e2 = 100,
};

static civil_day later(civil_day a, civil_day b)
{
	return a > b ? a : b;
}

static civil_day earlier(civil_day a, civil_day b)
{
	return a < b ? a : b;
}

/* The first day on which the tier is reached. */
static civil_day reached(const struct leave_service *s, int months)
{
	return months <= s->months_before ? s->join : civil_add_months(s->join, months - s->months_before);
}

int64_t leave_earned(const struct leave_policy *p, const struct leave_service *s, civil_day from, civil_day until)
{
	civil_day begin = later(from, s->join), end = earlier(until, s->end);
	int64_t sum = 0;

	for (unsigned i = 0; i < p->n; i++) {
		civil_day a = later(begin, reached(s, p->tier[i].months));
		civil_day b = i + 1 < p->n ? earlier(end, reached(s, p->tier[i + 1].months)) : end;

		if (a < b)
			sum += (int64_t)(b - a) * p->tier[i].days;
	}
	return sum;
}

int64_t leave_due_e2(const struct leave_policy *p, const struct leave_service *s, civil_day from, civil_day until, int64_t taken_e2)
{
	int64_t left = leave_earned(p, s, from, until) * 100 - taken_e2 * p->divisor;
	int64_t piece = (int64_t)p->least_e2 * p->divisor;

	return left > 0 ? left / piece * p->least_e2 : 0;
}
