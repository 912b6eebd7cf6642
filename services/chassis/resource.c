#include "resource.h"
#include <stdio.h>
#include "policy.h"
#include "row.h"
#include "row_list.h"

static bool has_field(const struct message_rule *rule, const char *name)
{
	return rule && rule_field(rule, name);
}

const char *resource_etag(struct ctx *cx, const struct message_rule *rule,
			  const ProtobufCMessage *msg)
{
	int64_t v;

	if (cx->about_past || !has_field(rule, "version") || !has_field(rule, "etag"))
		return NULL;
	v = msg_int(rule, msg, "version", 0);
	return v > 0 ? arena_printf(cx->arena, "\"v%lld\"", (long long)v) : NULL;
}

const char *resource_location(struct ctx *cx, const char *template, const struct message_rule *rule,
			      const ProtobufCMessage *msg)
{
	const char *p = template, *open;
	struct buf b;

	buf_init(&b, cx->arena);
	while ((open = strchr(p, '{'))) {
		const char *close = strchr(open, '}');
		const char *name = arena_strndup(cx->arena, open + 1, (size_t)(close - open - 1));
		const char *v = msg_str(rule, msg, name);

		buf_add(&b, p, (size_t)(open - p));
		buf_puts(&b, v ? v : "");
		p = close + 1;
	}
	buf_puts(&b, p);
	return b.p;
}

const char *resource_path(const struct schema *s, const struct message_rule *rule)
{
	for (unsigned i = 0; i < s->n_routes; i++)
		if (s->routes[i].method == METHOD_GET && s->routes[i].out == rule)
			return s->routes[i].path;
	return NULL;
}

/* ---- allowed_actions ---- */

static bool state_allows(struct arena *a, const struct route *r, const struct message_rule *rule,
			 const ProtobufCMessage *msg)
{
	const char *state =
		has_field(rule, "state") ? row_param(a, rule_field(rule, "state"), msg) : NULL;

	if (!r->states || !state)
		return true;
	for (const char *const *s = r->states; *s; s++)
		if (!strcmp(*s, state))
			return true;
	return false;
}

static bool acts_on(const struct route *r, const char *resource)
{
	return r->resource && r->permission && !strcmp(r->resource, resource) &&
	       strstr(r->path, "{id}") &&
	       (r->verb || r->method == METHOD_PATCH || r->method == METHOD_DELETE);
}

/* Classes of what a request of the route may say; of one that says nothing but its verb, PLAIN. */
static uint32_t classes_of(const struct route *r)
{
	uint32_t classes = 0;

	for (unsigned i = 0; i < r->in->pb->n_fields; i++) {
		const struct field_rule *f = &r->in->fields[i];

		if (!f->internal && !f->output_only && strcmp(f->name, "id") != 0)
			classes |= 1u << f->field_class;
	}
	return classes ? classes : 1;
}

/* A PATCH is offered where something of it may be said, other verbs where all may. */
static bool role_allows(const struct ctx *cx, const struct route *r,
			const struct message_rule *rule, const ProtobufCMessage *msg)
{
	uint32_t classes = classes_of(r);

	if (r->method != METHOD_PATCH)
		return policy_judge(cx, r->permission, rule, msg, classes) != POLICY_DENIES;
	for (uint32_t bit = 1; bit && bit <= classes; bit <<= 1)
		if (classes & bit &&
		    policy_judge(cx, r->permission, rule, msg, bit) != POLICY_DENIES)
			return true;
	return false;
}

static const char *action_name(const struct route *r)
{
	return r->verb ? r->verb : r->method == METHOD_PATCH ? "update" : "delete";
}

static void add_actions(struct ctx *cx, const struct message_rule *rule, ProtobufCMessage *msg)
{
	const struct schema *s = cx->svc->schema;
	const char **names = arena_alloc(cx->arena, s->n_routes * sizeof(*names));
	size_t n = 0;

	for (unsigned i = 0; i < s->n_routes; i++) {
		const struct route *r = &s->routes[i];

		if (acts_on(r, rule->resource) && role_allows(cx, r, rule, msg) &&
		    state_allows(cx->arena, r, rule, msg))
			names[n++] = action_name(r);
	}
	msg_set_list(rule, msg, "allowed_actions", names, n);
}

static void finish_one(struct ctx *cx, const struct message_rule *rule, ProtobufCMessage *msg)
{
	const char *tag = resource_etag(cx, rule, msg);

	if (tag)
		msg_set_str(rule, msg, "etag", tag);
	if (rule->resource && has_field(rule, "allowed_actions") && !cx->about_past)
		add_actions(cx, rule, msg);
}

void resource_finish(struct ctx *cx, const struct message_rule *rule, ProtobufCMessage *msg)
{
	const struct field_rule *items = rule_field(rule, "items");

	finish_one(cx, rule, msg);
	if (!items || !items->sub)
		return;
	for (size_t i = 0; i < msg_count(items, msg); i++)
		finish_one(cx, items->sub, msg_item(items, msg, i));
}
