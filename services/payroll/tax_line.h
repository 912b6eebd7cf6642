/* One look into a table of bands, in an answer and in its derivation. */
#ifndef RENHE_TAX_LINE_H
#define RENHE_TAX_LINE_H
#include "calculation.h"
#include "income_tax.h"

Payroll__TaxLine *tax_line(struct calculation *c, const struct tax *t);
/* "36001.00 × 10% − 210.00 = 3390.10", with the taxable part as it came about; nothing taxable: "… ≤ 0". */
const char *tax_formula(struct calculation *c, const char *taxable, const struct tax *t);
#endif
