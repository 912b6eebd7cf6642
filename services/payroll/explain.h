/* How a figure of the rules came about, as lines of a derivation: what a person would write, so that the formula's left side
 * worked out anew gives the amount. The rules were asked before; rates are those of the rows that hold at the calculation's place
 * and day. min, max and round(x, unit) are written as such. */
#ifndef RENHE_EXPLAIN_H
#define RENHE_EXPLAIN_H
#include "calculation.h"
#include "income_tax.h"
#include "insurance.h"
#include "wage.h"

/* ---- pay (explain_pay.c) ---- */
void explain_part(struct calculation *c, enum proration p, int64_t monthly_fen, const struct part_month *m);
/* Another wage from `changed` on; days gives the paid days of the month. */
void explain_changed(struct calculation *c, int64_t before_fen, int64_t after_fen, civil_day changed, int64_t pay_fen, struct day_counts *days);
void explain_absence(struct calculation *c, int64_t monthly_fen, int64_t days_e2, int month_days, int64_t fen);
void explain_sick(struct calculation *c, int64_t base_fen, int years, bool beyond_six_months, int64_t days_e2, int64_t fen);
void explain_overtime(struct calculation *c, int64_t monthly_fen, enum overtime kind, int64_t seconds, int64_t fen);
struct tested {
	int64_t normal_fen, own_fen;
	int worked, due;
};
void explain_minimum(struct calculation *c, const struct tested *of, const struct minimum_test *t);

/* ---- contributions (explain_insurance.c) ---- */
struct insured {
	enum insurance scheme;
	int64_t injury_rate_e5;
	const struct fund_terms *fund; /* of INSURANCE_FUND */
};
void explain_worker(struct calculation *c, const struct insured *i, const struct contribution *k);
void explain_employer(struct calculation *c, const struct insured *i, const struct contribution *k);

/* ---- tax (explain_tax.c) ---- */
/* y holds the month already. */
void explain_withheld(struct calculation *c, int month, const struct tax_year *y, const struct tax_withheld *w);
/* Paid apart, or a non-resident's wage: alone on its table. */
void explain_bonus(struct calculation *c, int64_t bonus_fen, const struct tax *t);
void explain_severance(struct calculation *c, int64_t severance_fen, int64_t monthly_average_fen, const struct tax_severance *s);
#endif
