/* Rows of law that a question brings along (basis.law). */
#ifndef RENHE_OVERRIDE_H
#define RENHE_OVERRIDE_H
#include "calculation.h"

/* Puts them in place of the packs' in c->rules.law; what can't be taken becomes items of the faults. */
void override_law(struct calculation *c, const Payroll__Basis *basis);
#endif
