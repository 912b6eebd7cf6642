/* One payslip (工资条): the pay of one person for one month at one legal entity, from facts and law to lines. A pure function:
 * the same facts give the same lines, a batch calls what a single question calls, nothing is stored or asked.
 * Money in fen, hours in seconds, days in hundredths.
 *
 * Order of the lines (rules.md 0.3): wage and what else is earned or cut; own contributions; tax; deductions from what is left;
 * net. A net below 0 is paid as 0 and the rest is a receivable; a wage below the minimum proposes a top-up: neither holds
 * anybody back. What does is a missing fact or law: all of them are told at once, and there are no lines.
 * Sources: 劳部发〔1994〕489号 arts. 7, 15, 16; rules.md 1-3. */
#ifndef RENHE_PAYSLIP_H
#define RENHE_PAYSLIP_H
#include "income_tax.h"
#include "insurance.h"
#include "wage.h"

#define SLIP_LINES_MOST 96
#define SLIP_PROBLEMS_MOST 16
#define SLIP_FEN_MOST INT64_C(10000000000000) /* of one amount: 100 billion yuan */

/* ---- facts ---- */

struct slip_wage {
	civil_day from; /* of the first one: on or before the month's first day, or the day of joining */
	int64_t fen;	/* a month's */
};
/* What was worked out elsewhere: pay items, leave that is paid out, commissions. */
struct slip_amount {
	const char *code;
	int64_t fen;	/* above 0 */
	bool cut;	/* taken off before tax: absence, time late */
	bool taxable;
	bool normal;	/* counts as wage for normal hours in the test of the minimum */
	const char *source; /* the one fact behind it */
};
enum slip_claim_kind { SLIP_SUPPORT, SLIP_COURT, SLIP_LOSS, SLIP_AGREED }; /* in the order of their ranks */
struct slip_claim {
	const char *code;
	enum slip_claim_kind kind;
	int64_t fen;	       /* claimed */
	int64_t protected_fen; /* of SLIP_COURT: what the order leaves; -1: the local minimum wage */
	const char *source;
};
struct slip_insurance {
	bool due[INSURANCES];
	int64_t declared_fen[INSURANCES]; /* of INSURANCE_FUND in `fund` */
	int64_t injury_rate_e5;
	struct fund_terms fund;
};
enum slip_residence { SLIP_NOT_RECORDED, SLIP_RESIDENT, SLIP_NON_RESIDENT };
struct slip_tax_facts {
	enum slip_residence residence;
	struct tax_year year; /* the months before at this entity */
	int64_t special_fen, other_fen, relief_fen;
	int64_t bonus_fen;    /* taxed apart; 0: none */
	int64_t severance_fen, monthly_average_fen;
};
struct slip_facts {
	const struct law *law;
	const char *place, *insurance_place; /* of work: minimum and sick pay; of insurance and fund */
	civil_day first_of_month, hire, until; /* employed in [hire, until), DAY_NEVER: still */
	civil_day pay_day;		       /* its month and year are those of the tax */
	enum proration proration;
	const struct slip_wage *wage; /* rising; at most two hold in one month */
	unsigned n_wages;
	int64_t overtime_seconds[3]; /* by enum overtime */
	int64_t overtime_base_fen;   /* a month's; 0: the wage that holds last */
	int64_t absent_days_e2;
	struct {
		int64_t base_fen, days_e2; /* base 0: the wage that holds last */
		int years;
		bool beyond_six_months;
	} sick;
	const struct slip_amount *amount;
	unsigned n_amounts;
	struct slip_insurance insurance;
	struct slip_tax_facts tax;
	const struct slip_claim *claim;
	unsigned n_claims;
};

/* ---- lines ---- */

enum slip_group {
	SLIP_EARNED,
	SLIP_CUT,
	SLIP_OWN,      /* contributions of the worker */
	SLIP_TAX,
	SLIP_DEDUCTED,
	SLIP_EMPLOYER, /* for information: no part of the worker's sums */
};
struct slip_line {
	enum slip_group group;
	const char *code; /* WAGE, OVERTIME_REST, PENSION …; of amounts and claims their own */
	int64_t fen;	  /* the group says which way it counts. 0: only of a tax, and of a claim of which nothing could be taken */
	int64_t left_fen; /* of SLIP_DEDUCTED: claimed and not taken this time */
	const char *source;
	bool given;	  /* an amount or claim of the facts, … */
	unsigned of;	  /* … at this place of them */
	size_t law_from, law_n; /* rows of the trace that stand behind it */
};
enum slip_problem_kind {
	SLIP_MISSING,	/* a fact: `item` says which */
	SLIP_NO_LAW,	/* no row of the scheme for the place and day */
	SLIP_RANGE,	/* a fact outside of its range */
	SLIP_TOO_MUCH,	/* beyond counting, or more lines than there is room for */
};
struct slip_problem {
	enum slip_problem_kind kind;
	const char *item; /* residence, wage, pension, amount/3 … */
	unsigned index;	  /* of an amount or claim */
	enum law_scheme scheme;
	const char *place; /* of SLIP_NO_LAW */
	civil_day day;
};
struct slip {
	struct slip_line line[SLIP_LINES_MOST];
	unsigned n;
	int64_t gross_fen;   /* earned less cut */
	int64_t own_fen, employer_fen, tax_fen, deducted_fen;
	int64_t net_fen, receivable_fen; /* gross - own - tax - deducted = net - receivable; one of them is 0 */
	int64_t taxable_fen, normal_fen; /* of the month's pay; wage for normal hours */
	struct part_month part;
	struct tax_withheld withheld; /* of a resident: the cumulative figures */
	struct tax_year year;	      /* with this month; what the next one begins with */
	struct minimum_test minimum;
	int64_t top_up_fen;	      /* proposed, not paid */
	struct slip_problem problem[SLIP_PROBLEMS_MOST]; /* the first ones */
	unsigned n_problems;
	struct rule_trace trace;
};
/* False: problems say why, and no line counts. */
bool payslip(const struct slip_facts *f, struct slip *out);
#endif
