#include "retention.h"

#include <stddef.h>

static const struct retention_rule RULES[] = {
	{"LABOUR_CONTRACT", 2, "《劳动合同法》（2012 年修正）第五十条",
	 "Labour Contract Law (as amended 2012), art. 50"},
	/* No law names the years: the limit of a dispute is one year from the end, and the burden
	 * of proof is the employer's. */
	{"ATTENDANCE_PROOF", 2, "《劳动争议调解仲裁法》第六条、第二十七条",
	 "Labour Dispute Mediation and Arbitration Law, arts. 6 and 27"},
};

const struct retention_rule *retention_longest(void)
{
	const struct retention_rule *longest = &RULES[0];

	for (size_t i = 1; i < sizeof(RULES) / sizeof(RULES[0]); i++)
		if (RULES[i].years > longest->years)
			longest = &RULES[i];
	return longest;
}
