/* Between payslip.c, slip_pay.c, slip_take.c: a slip that is being made. */
#ifndef RENHE_SLIP_INTERNAL_H
#define RENHE_SLIP_INTERNAL_H
#include "payslip.h"

struct making {
	const struct slip_facts *f;
	struct slip *out;
	struct rules rules;
	size_t traced; /* rows that earlier lines stand on */
	int64_t taxable_fen, exempt_fen; /* of the month's pay */
	int64_t normal_fen;		 /* wage for normal hours */
};
void slip_problem(struct making *m, enum slip_problem_kind kind, const char *item, unsigned index);
/* The rules of a place and day from here on. */
void slip_at(struct making *m, const char *place, civil_day day);
/* Gives `done` back; where it is false what the rule has refused becomes a problem, and the next one may be asked. */
bool slip_done(struct making *m, bool done, const char *item, unsigned index);
/* A line of what the rules were asked since the last one; nothing where fen is 0. */
void slip_line(struct making *m, enum slip_group group, const char *code, int64_t fen, const char *source);
/* One of an amount or claim, which is there also where fen is 0. */
void slip_line_of(struct making *m, const struct slip_line *line);
/* a + b, or a problem. */
int64_t slip_sum(struct making *m, int64_t a, int64_t b);
/* The wage that holds last in the month; 0 where there is none. */
int64_t slip_last_wage(const struct making *m);

/* Wage, overtime, absence, sickness, amounts. False: not employed in the month, so there is nothing else to ask. */
bool slip_earn(struct making *m);
void slip_contribute(struct making *m); /* insurance and fund */
void slip_tax(struct making *m);
void slip_take(struct making *m);	/* claims, minimum, net */
#endif
