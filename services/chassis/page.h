/* Page tokens: opaque, authenticated, bound to route and filter. */
#ifndef RENHE_PAGE_H
#define RENHE_PAGE_H
#include "ctx.h"
/* Opens in.page_token into the internal fields after_* of the request message (texts), checks that
 * it belongs to this route and filter (400 PAGE_TOKEN_INVALID), and sets page_limit (internal
 * int32) to page_size + 1. */
bool page_begin(struct ctx *cx, const struct message_rule *rule, ProtobufCMessage *in);
/* Of a list of page_limit rows or fewer: n for the answer, and the token from the named fields of
 * the last row ("name", "id") or NULL. */
bool page_end(struct ctx *cx, const struct message_rule *rule, const ProtobufCMessage *in,
	      const struct message_rule *row_rule, ProtobufCMessage *const *rows, size_t n_rows,
	      const char *const *fields, size_t *n_out, char **next_page_token);
#endif
