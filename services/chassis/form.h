/* What clients send that are no browsers of ours: form bodies and Basic credentials, and the form
 * of OAuth's refusals. Sources: WHATWG URL (application/x-www-form-urlencoded), RFC 7617, RFC 6749.
 */
#ifndef RENHE_FORM_H
#define RENHE_FORM_H
#include "ctx.h"
#include "json.h"

/* The pairs of a body whose names `rule` has; RFC 6749 3.2 ignores the others. BAD_REQUEST where it
 * is malformed or longer than `most` pairs, UNSUPPORTED_MEDIA_TYPE where the type is another. */
bool form_read(struct ctx *cx, const struct message_rule *rule, struct str body,
	       struct json_param *out, unsigned most, unsigned *n);
/* "Basic x" of RFC 7617, both halves form-encoded as RFC 6749 2.3.1 wants. false: none, or
 * malformed. */
bool basic_read(struct arena *a, const char *authorization, const char **user,
		const char **password);
/* cx->fault as RFC 6749 5.2: faults named OAUTH_... say their error themselves. */
struct str oauth_fault_render(struct ctx *cx);
/* Its status: what is 422 elsewhere is 400 there. */
int oauth_fault_status(const struct ctx *cx);
/* Whether a space-separated list (a token's scope) holds a word. */
bool scope_holds(const char *list, const char *word);
#endif
