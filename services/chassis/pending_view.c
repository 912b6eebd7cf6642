#include "pending.h"
#include "policy.h"
#include "row_list.h"
#include "service.h"
#include "value.h"

static const struct route *route_of(const struct schema *s, const char *name)
{
	for (unsigned i = 0; i < s->n_routes; i++)
		if (!strcmp(s->routes[i].name, name))
			return &s->routes[i];
	return NULL;
}

static char *copy(struct ctx *cx, const char *s)
{
	return s ? arena_strdup(cx->arena, s) : NULL;
}

void pending_name(struct ctx *cx, Renhe__PendingRequest *row)
{
	const struct route *r = route_of(cx->svc->schema, row->action);

	row->title_zh = copy(cx, r ? r->title_zh : NULL);
	row->title_en = copy(cx, r ? r->title_en : NULL);
	for (size_t i = 0; r && i < row->n_changes; i++) {
		const struct field_rule *f = rule_field(r->in, row->changes[i]->field);

		row->changes[i]->title_zh = copy(cx, f ? f->title_zh : NULL);
		row->changes[i]->title_en = copy(cx, f ? f->title_en : NULL);
	}
}

/* ---- values ---- */

/* clear, masked by the field's mask, or NULL and named among the restricted ones. */
static char *shown(struct ctx *cx, const struct view *view, const struct field_rule *f,
		   const ProtobufCMessage *m)
{
	const char *v = f->sub ? NULL : row_param(cx->arena, f, m);
	uint32_t bit = 1u << f->field_class;

	if (!v || (view->clear & bit))
		return copy(cx, v);
	if (view->masked & bit && f->mask != MASK_NONE && f->pb->type == PROTOBUF_C_TYPE_STRING)
		return value_mask(cx->arena, f->mask, v);
	return NULL;
}

static bool hidden(const struct view *view, const struct field_rule *f)
{
	return !((view->clear | view->masked) & (1u << f->field_class));
}

/* Of a request that says nothing but its verb: what is there. */
static void show_record(struct ctx *cx, Renhe__PendingRequest *row, const struct view *view,
			const struct message_rule *rule, const ProtobufCMessage *old)
{
	row->changes = arena_alloc(cx->arena, rule->pb->n_fields * sizeof(*row->changes));
	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];
		Renhe__ProposedChange *c;

		if (f->output_only || f->internal || f->sub || !msg_has(f, old))
			continue;
		c = (Renhe__ProposedChange *)msg_new(cx->arena, &RULE_RENHE_PROPOSED_CHANGE);
		c->field = copy(cx, f->name);
		c->title_zh = copy(cx, f->title_zh);
		c->title_en = copy(cx, f->title_en);
		c->old_value = shown(cx, view, f, old);
		row->changes[row->n_changes++] = c;
	}
}

void pending_show(struct ctx *cx, struct pending *p, const struct message_rule *old_rule,
		  const ProtobufCMessage *old)
{
	struct view view = policy_view(cx, &p->row->base);
	const char **names = arena_alloc(cx->arena, (p->row->n_changes + 1) * sizeof(*names));
	size_t n = 0;

	if (p->in && !p->row->n_changes && old)
		show_record(cx, p->row, &view, old_rule, old);
	for (size_t i = 0; p->in && i < p->row->n_changes; i++) {
		Renhe__ProposedChange *c = p->row->changes[i];
		const struct field_rule *f = rule_field(p->route->in, c->field);
		const struct field_rule *was = old ? rule_field(old_rule, c->field) : NULL;

		if (f && hidden(&view, f))
			names[n++] = c->field;
		c->new_value = f ? shown(cx, &view, f, p->in) : NULL;
		c->old_value = was ? shown(cx, &view, was, old) : NULL;
	}
	msg_set_list(&RULE_RENHE_PENDING_REQUEST, &p->row->base, "restricted_fields", names, n);
}
