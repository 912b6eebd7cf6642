/* Terms of the labour contract (劳动合同): probation, the double wage without a written one, open-ended
 * terms, non-compete pay, retirement. Labour Contract Law arts. 10, 14, 19, 82; decision of 2024-09-13. */
#ifndef RENHE_CONTRACT_H
#define RENHE_CONTRACT_H
#include "wage.h"

enum term { TERM_FIXED, TERM_OPEN_ENDED, TERM_PART_TIME, TERM_TASK };
/* Longest probation (试用期) in months; term_months of TERM_FIXED. */
bool contract_probation(struct rules *r, enum term kind, int term_months, int *months);
/* A fifth off at most while on probation, and never below the minimum wage (art. 20). */
bool contract_probation_wage(struct rules *r, int64_t contract_fen, int64_t minimum_fen, int64_t *least);

struct unwritten {
	civil_day from, until; /* doubled days, half-open; from == until: none */
	int months;            /* full ones among them */
	int64_t extra_fen;
	bool open_ended;       /* a year without one: deemed open-ended */
};
/* Worked from hire without a written contract until `signed_on` (or today). */
bool contract_unwritten(struct rules *r, civil_day hire, civil_day signed_on, int64_t monthly_fen, struct unwritten *out);
/* Must the next contract be open-ended? The worker may ask for a fixed one nevertheless. */
bool contract_open_ended(struct rules *r, int fixed_terms_done, int years, bool worker_asks_fixed, bool *must);
/* A month of the restraint where nothing else was agreed. */
bool contract_non_compete(struct rules *r, int64_t average_fen, int64_t minimum_fen, int64_t *out);

enum retirement_group { RETIRE_MALE, RETIRE_FEMALE_55, RETIRE_FEMALE_50 };
struct retirement {
	int delay_months;
	int year, month;
};
/* The statutory month of one born in the month. */
bool contract_retirement(struct rules *r, enum retirement_group g, int birth_year, int birth_month, struct retirement *out);
#endif
