/* Verbs of --operate on the log of the audit (audit_log.h), for renhectl audit. Each prints a table as
 * operate.h says and returns a sysexits code. */
#ifndef RENHE_AUDIT_VERIFY_H
#define RENHE_AUDIT_VERIFY_H
#include "service.h"

/* Seals and signs what waits, then the last head of each tenant: what is to be kept elsewhere. */
int audit_heads(const struct service_def *def, const char *none);
/* Reads the whole log of each tenant against the audit, its heads and their signatures; kept: NULL or a
 * file of heads as `renhectl -o jsonl audit heads` gave them, which must lie on the log too. A row per
 * tenant, with the first fault where there is one; EX_DATAERR then. */
int audit_verify(const struct service_def *def, const char *kept);
/* The way from one row of the audit to the last head of its tenant: index, size, root, the hashes. */
int audit_prove(const struct service_def *def, const char *id);
/* That the log of SIZE entries is the beginning of the one under the last head. at: "TENANT/SIZE". */
int audit_extends(const struct service_def *def, const char *at);
#endif
