/* Idempotency-Key (decision 23): pg_try_advisory_xact_lock, stored successes. */
#ifndef RENHE_IDEMPOTENCY_H
#define RENHE_IDEMPOTENCY_H
#include "ctx.h"
struct stored_answer {
	int status;
	struct str body;       /* JSON */
	const char *location, *etag; /* or NULL */
};
/* hash: sha256 hex of method, path, query, body. *replay true: `out` holds the stored answer.
 * false: 409 IDEMPOTENCY_IN_PROGRESS or 422 IDEMPOTENCY_KEY_REUSED raised. */
bool idempotency_begin(struct ctx *cx, const char *hash, bool *replay, struct stored_answer *out);
bool idempotency_end(struct ctx *cx, const char *hash, const struct stored_answer *answer);
#endif
