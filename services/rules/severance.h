/* Compensation at the end of a contract (经济补偿), Labour Contract Law arts. 40, 46, 47, 87. Money in fen. */
#ifndef RENHE_SEVERANCE_H
#define RENHE_SEVERANCE_H
#include "rules.h"

/* Full months and days beyond them. */
struct service_time {
	int months, days;
};
/* Of [hire, until). */
struct service_time service_between(civil_day hire, civil_day until);
/* In halves: a full year is 2, a rest from six months on 2, any smaller one 1 (art. 47). */
int severance_halves(struct service_time s);

struct severance {
	int halves;         /* as paid: of a capped wage at most 12 years */
	int64_t wage_fen;   /* as capped at three times the average */
	int64_t pay_fen;
};
enum severance_ground {
	SEVERANCE_N,
	SEVERANCE_N_PLUS_1, /* art. 40 without notice: last month's wage beside */
	SEVERANCE_2N,       /* unlawful, art. 87 */
};
/* average: of the twelve months before, not below the minimum; city: the published average of a month. */
bool severance_pay(struct rules *r, enum severance_ground ground, int64_t average_fen, int64_t city_fen,
		   int64_t last_month_fen, struct service_time s, struct severance *out);
#endif
