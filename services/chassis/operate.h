/* What an operator sees and does in one service, as one-shot verbs of its own program, which has the
 * settings already: `archive --operate=dead-letters`. renhectl runs them. */
#ifndef RENHE_OPERATE_H
#define RENHE_OPERATE_H
#include "service.h"

/* Verbs: outbox, dead-letters, dead-letter ID, parked, aggregates, partitions, retry ID, drop ID, of
 * a projection (rebuild.h) projection-rebuild NAME, projection-compare NAME, projection-hash NAME, and of the audit's log audit-heads, audit-verify [FILE], audit-prove UUID, audit-extends TENANT/SIZE. A
 * table on stdout: a line of names (of numbers with a '#' before), then the rows, parted by tabs. A
 * sysexits code: EX_USAGE, EX_NOINPUT where there is no such id, EX_DATAERR where an event failed
 * again (its code is on stderr), EX_UNAVAILABLE. */
int operate(const struct service_def *def, const char *verb, const char *id);
#endif
