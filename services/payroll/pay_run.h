/* Between the routes of a run, its job, and the making of one slip. */
#ifndef RENHE_PAY_RUN_H
#define RENHE_PAY_RUN_H
#include "job.h"
#include "payroll.h"
#include "row_list.h"

#define PAY_RUN_JOB "pay_run"
bool pay_run_calculate(struct ctx *cx, const struct job *job);
/* Which calculation of which run a job is for. */
char *pay_run_input(struct arena *a, const Payroll__PayRun *run);

/* The facts of one member: terms and the slip before are rows of the chunk, of others too. */
struct pay_facts {
	const Payroll__PayRun *run;
	const Payroll__PayGroup *group;
	const Payroll__PayRunMember *member;
	const struct msg_list *terms;  /* PayTerm, by employee and day */
	const struct msg_list *before; /* Payslip with its summary */
	const struct msg_list *facts;  /* PeriodFact, by employee, as they were recorded */
};
/* The slip, or why there is none: then state is HELD. *answer NULL then. False: a fault of ours. */
bool pay_slip_make(struct ctx *cx, const struct pay_facts *f, Payroll__Payslip *out, Payroll__PayslipCalculation **answer);
/* Question, answer and reasons of a stored slip. */
bool pay_slip_open(struct ctx *cx, Payroll__Payslip *p);
#endif
