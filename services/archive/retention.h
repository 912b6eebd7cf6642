/* How long the law keeps a person's file after the employment's end. */
#ifndef RENHE_ARCHIVE_RETENTION_H
#define RENHE_ARCHIVE_RETENTION_H
#include "text.h"

struct retention_rule {
	const char *record; /* stable code */
	int years;
	const struct text_def *source; /* the law */
};
/* The longest of the rules on what archive holds; payroll's records have rules and owners of their
 * own. */
const struct retention_rule *retention_longest(void);
#endif
