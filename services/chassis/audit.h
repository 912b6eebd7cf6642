/* Append-only audit rows, written unchained in the transaction of the act. */
#ifndef RENHE_AUDIT_H
#define RENHE_AUDIT_H
#include "ctx.h"
/* act: "employee.reveal"; resource id and reason are texts; classes: bits of what was read. */
bool audit_put(struct ctx *cx, const char *act, const char *resource, const char *resource_id,
	       const char *reason, const char *result);
#endif
