/* What an SQLSTATE means for a task. Of db*.c; pure. */
#ifndef RENHE_SQLSTATE_H
#define RENHE_SQLSTATE_H
#include "schema.h"

/* A statement that writes in a transaction of which nothing but reading was announced. */
#define SQLSTATE_READ_ONLY "25006"
enum sqlstate_kind {
	SQLSTATE_DEFECT,    /* of our own: 500, logged */
	SQLSTATE_RETRY,     /* the same transaction may succeed now */
	SQLSTATE_VIOLATION, /* the query says which constraint is which fault */
	SQLSTATE_STALE,     /* the prepared statement no longer fits; a new connection does */
	SQLSTATE_LOST,      /* the connection is of no more use */
	SQLSTATE_LIMIT,     /* time or space ran out; the connection is good */
};
struct sqlstate_rule {
	const char *prefix;
	enum sqlstate_kind kind;
	const struct fault_def *fault;
};
/* The rule of the longest prefix; never NULL. NULL or "" is a lost connection. */
const struct sqlstate_rule *sqlstate_rule(const char *state);
#endif
