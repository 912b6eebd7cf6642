/* The hop from the gateway to a service, written anew from parsed values: nothing that a caller
 * sent reaches a service unless it is named here. Pure functions. */
#ifndef RENHE_GATEWAY_HOP_H
#define RENHE_GATEWAY_HOP_H
#include "http.h"
#include "json.h"
#include "schema.h"

/* Who asks, in which trace. Texts in the arena. */
struct hop_ids {
	const char *request_id;  /* the caller's where it is [A-Za-z0-9-]{8,64}, else a new UUIDv7 */
	const char *trace_id;    /* 32 hex */
	const char *traceparent; /* a span of our own; the sampling flag from outside is not taken */
	const char *lang;        /* "zh-CN" or "en" */
};
struct hop_ids hop_ids(struct arena *a, const struct wire_head *h);

/* false: the head holds twice what may stand once, or a token in the query. */
bool hop_head_ok(struct arena *a, const struct wire_head *h);

/* The token of "Authorization: Bearer x"; n = 0: no such field, or another scheme (then *other). */
struct str hop_bearer(const struct wire_head *h, bool *other);

struct hop {
	const struct route *route;
	const struct json_param *params; /* decoded; put into the route's template */
	unsigned n_params;
	const struct http_request *request;
	const struct hop_ids *ids;
	const char *service;             /* goes into Host */
	const char *internal_token;      /* tells the service that it is the gateway that speaks */
};
/* Head of the request to the service, with its empty line. Authorization goes along where the
 * route asks for a token. */
struct str hop_request(struct arena *a, const struct hop *hop);
/* Lines of the answer to the caller: what the service may say, and what each answer carries.
 * Content-Type is not among them. */
const char *hop_answer(struct arena *a, const struct wire_head *answer, const struct hop_ids *ids);
#endif
