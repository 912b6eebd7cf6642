/* A payslip line by line: how each came about, from the facts and the law that made it. */
#ifndef RENHE_SLIP_EXPLAIN_H
#define RENHE_SLIP_EXPLAIN_H
#include "calculation.h"
#include "payslip.h"

/* Adds the steps of the line to the calculation, the last one with the line's amount. The rows that it stands on are added to
 * c->trace, and noted in *rows. */
void slip_explain_line(struct calculation *c, const struct slip_facts *f, const struct slip *s, unsigned line, struct rule_trace *rows);
/* The sums, and the test of the minimum wage. */
void slip_explain_sums(struct calculation *c, const struct slip_facts *f, const struct slip *s);
#endif
