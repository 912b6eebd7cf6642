#include "page.h"
#include <stdio.h>
#include "row.h"
#include "seal.h"
#include "service.h"
#include "renhe.gen.h"

#define PAGE_SIZE 50

/* What a token is bound to: the route and every filter of the request. */
static void binding(struct ctx *cx, const struct message_rule *rule, const ProtobufCMessage *in,
		    char out[65])
{
	struct buf b;

	buf_init(&b, cx->arena);
	buf_printf(&b, "%s|%s|%s", cx->route->name, cx->who.tenant_id, cx->who.account_id);
	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];
		const char *v = f->internal || !strncmp(f->name, "page_", 5)
					? NULL
					: row_param(cx->arena, f, in);

		if (v)
			buf_printf(&b, "|%s=%s", f->name, v);
	}
	sha256_hex(b.p, b.n, out);
}

/* Payload: binding, then one line per after_ field. */
static bool token_fields(struct ctx *cx, const struct message_rule *rule, ProtobufCMessage *in,
			 const char *bound, struct str payload)
{
	char *text = arena_strndup(cx->arena, payload.p, payload.n), *rest = text,
	     *line = strsep(&rest, "\n");

	if (!line || strcmp(line, bound) != 0)
		return false;
	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];

		if (strncmp(f->name, "after_", 6) != 0)
			continue;
		line = strsep(&rest, "\n");
		if (!line)
			return false;
		msg_set_str(rule, in, f->name, line);
	}
	return true;
}

bool page_begin(struct ctx *cx, const struct message_rule *rule, ProtobufCMessage *in)
{
	const char *token = msg_str(rule, in, "page_token");
	char bound[65], limit[16];
	struct str payload;

	snprintf(limit, sizeof(limit), "%d", (int)msg_int(rule, in, "page_size", PAGE_SIZE) + 1);
	row_set(cx->arena, rule_field(rule, "page_limit"), in, limit);
	if (!token)
		return true;
	binding(cx, rule, in, bound);
	if (!token_open(cx->arena, "page", token, &payload) ||
	    !token_fields(cx, rule, in, bound, payload))
		return fail(cx, &FAULT_PAGE_TOKEN_INVALID, "page_token");
	return true;
}

bool page_end(struct ctx *cx, const struct message_rule *rule, const ProtobufCMessage *in,
	      const struct message_rule *row_rule, ProtobufCMessage *const *rows, size_t n_rows,
	      const char *const *fields, size_t *n_out, char **next_page_token)
{
	size_t size = (size_t)msg_int(rule, in, "page_limit", PAGE_SIZE + 1) - 1;
	char bound[65];
	struct buf b;

	*n_out = n_rows < size ? n_rows : size;
	*next_page_token = NULL;
	if (n_rows <= size)
		return true;
	binding(cx, rule, in, bound);
	buf_init(&b, cx->arena);
	buf_puts(&b, bound);
	for (; *fields; fields++)
		buf_printf(&b, "\n%s",
			   row_param(cx->arena, rule_field(row_rule, *fields), rows[size - 1]));
	*next_page_token = token_seal(cx->arena, "page", (struct str){b.p, b.n});
	return true;
}
