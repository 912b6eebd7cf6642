/* What the head of a request says: identity of the request, language, token, preconditions. Each
 * raises its fault. */
#ifndef RENHE_REQUEST_HEAD_H
#define RENHE_REQUEST_HEAD_H
#include "http.h"
#include "json.h"

#define MAX_QUERY 64 /* parameters of a query, pairs of a form */

/* request_id, trace_id, traceparent, lang, peer, device. Never fails: what is malformed is made
 * anew. */
void head_identity(struct ctx *cx, const struct http_request *r);

/* Bearer token to cx->who. */
bool head_bearer(struct ctx *cx, const struct wire_head *h);
/* For routes whose handler authenticates the client. */
void head_authorization(struct ctx *cx, const struct wire_head *h);
bool head_internal_token(struct ctx *cx, const struct wire_head *h);
/* Query parameters but validate_only, which goes to the ctx. */
bool head_query(struct ctx *cx, const struct wire_head *h, struct json_param *out, unsigned *n);
/* Strong tags "v12" only; required where the route says so. */
bool head_if_match(struct ctx *cx, const struct wire_head *h);
/* 1 to 255 visible ASCII characters. */
bool head_idempotency_key(struct ctx *cx, const struct wire_head *h);
/* The line Content-Disposition of a file to be saved (RFC 6266): a name that any client takes, and the
 * true one (RFC 8187). */
void head_attachment(struct buf *out, const char *file_name);
bool head_is_json(const char *content_type, bool patch);
#endif
