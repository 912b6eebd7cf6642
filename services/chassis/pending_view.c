#include "pending.h"
#include "policy.h"
#include "row_list.h"
#include "service.h"
#include "typed_map.h"
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

/* ---- all changes, an entry of a typed map a change of its own ---- */

struct showing {
	struct ctx *cx;
	const struct pending *p;
	struct view view;
	const struct message_rule *old_rule;
	const ProtobufCMessage *old;
	Renhe__ProposedChange **changes;
	const char **restricted;
	size_t n, n_restricted;
};

static const struct field_rule *was_field(const struct showing *s, const char *name)
{
	return s->old ? rule_field(s->old_rule, name) : NULL;
}

static void show_field(struct showing *s, const struct field_rule *f, Renhe__ProposedChange *c)
{
	const struct field_rule *was = was_field(s, c->field);

	if (f && hidden(&s->view, f))
		s->restricted[s->n_restricted++] = c->field;
	c->new_value = f ? shown(s->cx, &s->view, f, s->p->in) : NULL;
	c->old_value = was ? shown(s->cx, &s->view, was, s->old) : NULL;
	s->changes[s->n++] = c;
}

static const Renhe__TypedValue *entry_at(const struct field_rule *map, const ProtobufCMessage *m,
					 size_t i)
{
	return (const Renhe__TypedValue *)msg_item(map, m, i);
}

static const Renhe__TypedValue *entry_of(const struct field_rule *map, const ProtobufCMessage *m,
					 const char *key)
{
	for (size_t i = 0; map && i < msg_count(map, m); i++)
		if (!strcmp(entry_at(map, m, i)->key, key))
			return entry_at(map, m, i);
	return NULL;
}

/* One that bears no class is declared no more, and shown to nobody. */
static bool entry_hidden(const struct view *view, const Renhe__TypedValue *v)
{
	uint32_t bit = 1u << (v->field_class & 31);

	return !v->has_field_class ||
	       !((view->clear & bit) || (view->masked & bit && !v->has_integer && !v->has_flag));
}

static char *shown_entry(const struct showing *s, const Renhe__TypedValue *v)
{
	const char *text = v ? typed_text(s->cx->arena, v) : NULL;

	if (!text || entry_hidden(&s->view, v))
		return NULL;
	if (s->view.clear & 1u << (v->field_class & 31))
		return copy(s->cx, text);
	return value_mask(s->cx->arena, MASK_ALL, text);
}

static void show_entry(struct showing *s, const struct field_rule *map,
		       const Renhe__TypedValue *now, const Renhe__TypedValue *was)
{
	Renhe__ProposedChange *c =
		(Renhe__ProposedChange *)msg_new(s->cx->arena, &RULE_RENHE_PROPOSED_CHANGE);
	const Renhe__TypedValue *known = now ? now : was;

	c->field = arena_printf(s->cx->arena, "%s.%s", map->name, known->key);
	c->new_value = shown_entry(s, now);
	c->old_value = shown_entry(s, was);
	if (entry_hidden(&s->view, known) || (was && entry_hidden(&s->view, was)))
		s->restricted[s->n_restricted++] = c->field;
	s->changes[s->n++] = c;
}

/* false where there is none to be shown: the map is emptied, and the record unknown. */
static bool show_map(struct showing *s, const struct field_rule *map)
{
	const struct field_rule *was = was_field(s, map->name);
	size_t n = msg_count(map, s->p->in), begun = s->n;

	for (size_t i = 0; i < n; i++) {
		const Renhe__TypedValue *v = entry_at(map, s->p->in, i);

		show_entry(s, map, v, entry_of(was, s->old, v->key));
	}
	for (size_t i = 0; !n && was && i < msg_count(was, s->old); i++)
		if (typed_text(s->cx->arena, entry_at(was, s->old, i)))
			show_entry(s, map, NULL, entry_at(was, s->old, i));
	return s->n > begun;
}

/* Changes at most: those that are named, and entries of what is asked for and of what is there. */
static void make_room(struct showing *s)
{
	size_t most = s->p->row->n_changes + 1;

	for (size_t i = 0; s->p->in && i < s->p->row->n_changes; i++) {
		const char *name = s->p->row->changes[i]->field;
		const struct field_rule *f = rule_field(s->p->route->in, name);
		const struct field_rule *was = was_field(s, name);

		most += f && f->typed_map ? msg_count(f, s->p->in) : 0;
		most += was && was->typed_map ? msg_count(was, s->old) : 0;
	}
	s->changes = arena_alloc(s->cx->arena, most * sizeof(*s->changes));
	s->restricted = arena_alloc(s->cx->arena, most * sizeof(*s->restricted));
}

static void show_changes(struct showing *s, Renhe__PendingRequest *row)
{
	make_room(s);
	for (size_t i = 0; i < row->n_changes; i++) {
		const struct field_rule *f = rule_field(s->p->route->in, row->changes[i]->field);

		if (!f || !f->typed_map || !show_map(s, f))
			show_field(s, f, row->changes[i]);
	}
	row->changes = s->changes;
	row->n_changes = s->n;
}

void pending_show(struct ctx *cx, struct pending *p, const struct message_rule *old_rule,
		  const ProtobufCMessage *old)
{
	struct showing s = {.cx = cx, .p = p, .old_rule = old_rule, .old = old};

	s.view = policy_view(cx, &p->row->base);
	if (!p->in)
		return;
	if (!p->row->n_changes && old)
		show_record(cx, p->row, &s.view, old_rule, old);
	show_changes(&s, p->row);
	msg_set_list(&RULE_RENHE_PENDING_REQUEST, &p->row->base, "restricted_fields", s.restricted,
		     s.n_restricted);
}
