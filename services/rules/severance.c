#include "severance.h"

struct service_time service_between(civil_day hire, civil_day until)
{
	struct civil a = civil_split(hire), b = civil_split(until);
	struct service_time s = {(b.year - a.year) * 12 + b.month - a.month, b.day - a.day};
	int before = b.month > 1 ? civil_month_days(b.year, b.month - 1) : 31;

	if (s.days < 0) { /* from the same day of the month before, or its last */
		s.months--;
		s.days = b.day + (before > a.day ? before - a.day : 0);
	}
	return s;
}

int severance_halves(struct service_time s)
{
	int rest = s.months % 12;

	if (rest >= 6)
		return s.months / 12 * 2 + 2;
	return s.months / 12 * 2 + (rest > 0 || s.days > 0);
}

static bool facts_good(struct rules *r, int64_t average_fen, int64_t city_fen, int64_t last_month_fen, struct service_time s)
{
	if (average_fen < 0 || city_fen <= 0 || last_month_fen < 0)
		return rule_input(r, average_fen < 0 ? "average" : city_fen <= 0 ? "city_average" : "last_month");
	return (s.months >= 0 && s.days >= 0 && s.months < 12 * 100) || rule_input(r, "service");
}

static bool cap(struct rules *r, int64_t city_fen, struct severance *v)
{
	const struct law_row *row = rule_row(r, LAW_SEVERANCE, "CAP");
	int64_t most;

	if (!row)
		return false;
	if (__builtin_mul_overflow(city_fen, row->values[0], &most))
		return rule_overflow(r, "city_average");
	if (v->wage_fen <= most)
		return true;
	v->wage_fen = most;
	if (v->halves > row->values[1] * 2)
		v->halves = (int)row->values[1] * 2;
	return true;
}

bool severance_pay(struct rules *r, enum severance_ground ground, int64_t average_fen, int64_t city_fen,
		   int64_t last_month_fen, struct service_time s, struct severance *out)
{
	struct severance v = {severance_halves(s), average_fen, 0};
	struct ratio pay;

	if (!facts_good(r, average_fen, city_fen, last_month_fen, s) || !cap(r, city_fen, &v))
		return false;
	pay = ratio_mul(ratio_int(v.wage_fen), ratio_of(ground == SEVERANCE_2N ? 2 * v.halves : v.halves, 2));
	if (ground == SEVERANCE_N_PLUS_1)
		pay = ratio_add(pay, ratio_int(last_month_fen));
	if (!rule_round(r, pay, 1, "compensation", &v.pay_fen))
		return false;
	*out = v;
	return true;
}
