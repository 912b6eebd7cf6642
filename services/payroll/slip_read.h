/* A payslip as it is asked for in a request, and what holds it up as faults of the request. */
#ifndef RENHE_SLIP_READ_H
#define RENHE_SLIP_READ_H
#include "calculation.h"
#include "payslip.h"

/* A whole slip from its question: what the calculator answers and what a run keeps. False: all that holds it up is in the
 * context's faults. */
bool payslip_answer(struct ctx *cx, const Payroll__CalculatePayslipRequest *in, Payroll__PayslipCalculation *out);

/* The facts of the question, in the context's arena. False: all that can't be read is told. */
bool slip_read(struct calculation *c, const Payroll__CalculatePayslipRequest *in, struct slip_facts *out);
/* Adds a fault for each problem of the slip. */
void slip_refuse(struct calculation *c, const struct slip *s);
/* The sums of a tax year as an answer says them. */
Payroll__TaxYearSums *slip_year(struct calculation *c, const struct tax_year *y);
#endif
