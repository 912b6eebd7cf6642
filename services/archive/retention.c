#include "retention.h"

#include <stddef.h>
#include "archive_texts.h"

static const struct retention_rule RULES[] = {
	{"LABOUR_CONTRACT", 2, &TEXT_DEF_LAW_LABOUR_CONTRACT},
	/* No law names the years: the limit of a dispute is one year from the end, and the burden
	 * of proof is the employer's. */
	{"ATTENDANCE_PROOF", 2, &TEXT_DEF_LAW_DISPUTE_PROOF},
};

const struct retention_rule *retention_longest(void)
{
	const struct retention_rule *longest = &RULES[0];

	for (size_t i = 1; i < sizeof(RULES) / sizeof(RULES[0]); i++)
		if (RULES[i].years > longest->years)
			longest = &RULES[i];
	return longest;
}
