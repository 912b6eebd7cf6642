/* Social insurance and housing fund (五险一金) of one person and month. Money in fen. Bases are clamped to the
 * published bounds of the day; each scheme and side is rounded to the fen on its own, the fund to the unit
 * of its city, ordinary and supplementary part apart (rules.md 0.1, 2.1). */
#ifndef RENHE_INSURANCE_H
#define RENHE_INSURANCE_H
#include "rules.h"

enum insurance { INSURANCE_PENSION, INSURANCE_MEDICAL, INSURANCE_UNEMPLOYMENT, INSURANCE_INJURY, INSURANCE_FUND, INSURANCES };
struct contribution {
	int64_t base_fen; /* as clamped */
	int64_t worker_fen, employer_fen;
};
/* base * rate, a half fen up. */
bool insurance_share(struct rules *r, int64_t base_fen, int64_t rate_e5, int64_t *out);
/* The declared average of a month, within the scheme's bounds. */
bool insurance_base(struct rules *r, enum insurance scheme, int64_t declared_fen, int64_t *out);
/* Pension, medical, unemployment: rates of the place. */
bool insurance_contribution(struct rules *r, enum insurance scheme, int64_t declared_fen, struct contribution *out);
/* Work injury: the employer's alone, by the rate of its class. */
bool insurance_injury(struct rules *r, int64_t declared_fen, int64_t rate_e5, struct contribution *out);

struct fund_terms {
	int64_t declared_fen;
	int64_t rate_e5, supplement_e5; /* within the bounds of the place */
	bool first_ever;                /* never insured before: from the second month (住房公积金管理条例 art. 17) */
	bool first_month;               /* of the employment */
};
bool insurance_fund(struct rules *r, const struct fund_terms *t, struct contribution *out);
#endif
