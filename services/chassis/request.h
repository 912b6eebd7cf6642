/* The life of a request in a service: from the parsed head to the answer and its log line. */
#ifndef RENHE_REQUEST_H
#define RENHE_REQUEST_H
#include "http.h"
#include "service.h"

/* on_request of the front; user = struct service. Runs on the loop thread. */
void request_accept(struct http_request *r, void *user);

/* limit_of of the front: larger bodies where the route says so. */
uint32_t request_body_limit(const struct wire_head *h, void *user);

/* For handlers: the current version against If-Match; raises PRECONDITION_FAILED. */
bool version_check(struct ctx *cx, int64_t version);
/* Names of the fields that a PATCH cleared with null; NULL-ended, never NULL. */
const char *const *request_cleared(const struct ctx *cx);
/* The success of this request is 202: there is more to come. */
void request_accepted(struct ctx *cx);
/* For jobs and timers: wakes the runner after the commit. */
void request_wake_runner(struct ctx *cx);

#endif
