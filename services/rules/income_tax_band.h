/* Between income_tax*.c. */
#ifndef RENHE_INCOME_TAX_BAND_H
#define RENHE_INCOME_TAX_BAND_H
#include "income_tax.h"

/* taxable x rate - quick deduction, `quicks` times, at the band that `by` lies in; never below 0. */
bool tax_by_band(struct rules *r, enum law_scheme s, struct ratio by, struct ratio taxable, int64_t quicks, struct tax *out);
#endif
