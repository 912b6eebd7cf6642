/* Reading the audit of a service. */
#ifndef RENHE_AUDIT_READ_H
#define RENHE_AUDIT_READ_H
#include "ctx.h"
#include "renhe.gen.h"
/* Newest first; the look is itself audited. ACCESS_DENIED to whoever asks for one subject and would
 * be shown subjects masked: the filter would tell what the mask hides. */
bool audit_list(struct ctx *cx, const Renhe__ListAuditEntriesRequest *in,
		Renhe__ListAuditEntriesResponse *out);
#endif
