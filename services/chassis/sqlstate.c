#include "sqlstate.h"
#include <string.h>
#include "renhe.gen.h"

/* PostgreSQL 15, appendix A. Of two that match the longer prefix counts, so order is for readers. */
static const struct sqlstate_rule RULES[] = {
	{"08", SQLSTATE_LOST, &FAULT_DATABASE_UNAVAILABLE},
	{"0A000", SQLSTATE_STALE, &FAULT_CONFLICT_RETRY},      /* cached plan must not change */
	{"23505", SQLSTATE_VIOLATION, &FAULT_INTERNAL},        /* unique */
	{"23503", SQLSTATE_VIOLATION, &FAULT_INTERNAL},        /* foreign key */
	{"23514", SQLSTATE_VIOLATION, &FAULT_INTERNAL},        /* check */
	{"23P01", SQLSTATE_VIOLATION, &FAULT_INTERNAL},        /* exclusion */
	{SQLSTATE_READ_ONLY, SQLSTATE_LOST, &FAULT_DATABASE_UNAVAILABLE}, /* read-only: a standby since */
	{"25P03", SQLSTATE_LOST, &FAULT_DATABASE_UNAVAILABLE}, /* idle in transaction */
	{"26000", SQLSTATE_STALE, &FAULT_CONFLICT_RETRY},      /* no such prepared statement */
	{"40001", SQLSTATE_RETRY, &FAULT_CONFLICT_RETRY},
	{"40P01", SQLSTATE_RETRY, &FAULT_CONFLICT_RETRY},
	{"40003", SQLSTATE_LOST, &FAULT_COMMIT_UNKNOWN},
	{"53", SQLSTATE_LIMIT, &FAULT_DATABASE_UNAVAILABLE},   /* memory, connections */
	{"53100", SQLSTATE_LIMIT, &FAULT_STORAGE_UNAVAILABLE}, /* disk full */
	{"55P03", SQLSTATE_RETRY, &FAULT_CONFLICT_RETRY},      /* lock not available */
	{"57014", SQLSTATE_LIMIT, &FAULT_STATEMENT_TIMEOUT},
	{"57P", SQLSTATE_LOST, &FAULT_DATABASE_UNAVAILABLE},   /* shutdown, crash, starting up */
	{"58030", SQLSTATE_LIMIT, &FAULT_STORAGE_UNAVAILABLE}, /* I/O error */
};
static const struct sqlstate_rule DEFECT = {"", SQLSTATE_DEFECT, &FAULT_INTERNAL};
static const struct sqlstate_rule LOST = {"", SQLSTATE_LOST, &FAULT_DATABASE_UNAVAILABLE};

const struct sqlstate_rule *sqlstate_rule(const char *state)
{
	const struct sqlstate_rule *best = &DEFECT;
	size_t longest = 0;

	if (!state || !*state)
		return &LOST;
	for (size_t i = 0; i < sizeof(RULES) / sizeof(RULES[0]); i++) {
		size_t n = strlen(RULES[i].prefix);
		if (n > longest && strncmp(state, RULES[i].prefix, n) == 0) {
			best = &RULES[i];
			longest = n;
		}
	}
	return best;
}
