/* The part of a month that somebody was employed in, as a question names it. */
#ifndef RENHE_PART_MONTH_H
#define RENHE_PART_MONTH_H
#include "calculation.h"
#include "wage.h"

struct employed {
	const char *hire_date, *exit_date; /* members of the request; the exit day is the last. NULL: all along */
	Payroll__ProrationMethod method;   /* UNSPECIFIED: A */
};
enum proration proration_of(Payroll__ProrationMethod m);
/* Of the month of the question's day, explained. False: refused. */
bool part_month(struct calculation *c, int64_t monthly_fen, const struct employed *e, struct part_month *out);
#endif
