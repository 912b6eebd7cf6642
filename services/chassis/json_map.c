/* Typed maps on the way in: one object of JSON into entries. What the values must be, their
 * declarations say (typed_map.h). */
#include "chassis_texts.h"
#include "field.h"
#include "json_check.h"
#include "renhe.gen.h"

struct reading {
	struct json_check *check;
	bool partial;
};

static const struct field_rule *part(const char *name)
{
	return rule_field(&RULE_RENHE_TYPED_VALUE, name);
}

static bool read_null(struct reading *r, const struct json_at *at, Renhe__TypedValue *v)
{
	v->has_removed = v->removed = r->partial;
	if (!r->partial)
		json_fault(r->check, at, "NULL_NOT_ALLOWED", TEXT_NULL_NOT_ALLOWED);
	return r->partial;
}

static bool read_value(struct reading *r, const struct json_doc *doc, const struct json_at *at,
		       Renhe__TypedValue *v)
{
	switch (json_kind(doc)) {
	case JSON_NULL:
		return read_null(r, at, v);
	case JSON_BOOL:
		v->has_flag = true;
		v->flag = json_is_true(doc);
		return true;
	case JSON_NUMBER:
		v->has_integer = true;
		return json_int_value(r->check, part("integer"), at, json_text(doc), &v->integer);
	case JSON_STRING:
		return json_text_value(r->check, part("text"), at, json_text(doc), &v->text);
	default:
		json_fault(r->check, at, "TYPE", TEXT_BE_SCALAR);
		return false;
	}
}

static size_t count(const struct json_doc *object)
{
	size_t n = 0;

	for (const struct json_doc *c = json_first(object); c; c = json_next(c))
		n++;
	return n;
}

void json_map_decode(struct json_check *check, const struct field_rule *f,
		     const struct json_doc *doc, const struct json_at *at, bool partial,
		     ProtobufCMessage *msg)
{
	struct arena *a = check->cx->arena;
	struct reading r = {check, partial};
	size_t n = 0, most;

	if (json_kind(doc) != JSON_OBJECT) {
		json_fault(check, at, "TYPE", TEXT_BE_OBJECT);
		return;
	}
	most = count(doc);
	if (!json_check_count(check, f, at, most))
		return;
	Renhe__TypedValue **items = arena_alloc(a, (most + 1) * sizeof(*items));
	for (const struct json_doc *c = json_first(doc); c; c = json_next(c)) {
		struct json_at entry = {.up = at, .name = json_name(c)};
		Renhe__TypedValue *v = (Renhe__TypedValue *)msg_new(a, &RULE_RENHE_TYPED_VALUE);

		v->key = arena_strdup(a, entry.name);
		if (read_value(&r, c, &entry, v))
			items[n++] = v;
	}
	field_put_items(f->pb, msg, items, n);
}

void json_map_keys(struct json_check *check, const struct field_rule *f, const struct json_at *at,
		   const ProtobufCMessage *msg)
{
	for (size_t i = 0; i < field_count(f->pb, msg); i++) {
		const Renhe__TypedValue *v = *(Renhe__TypedValue *const *)field_item(f->pb, msg, i);
		struct json_at entry = {.up = at, .name = v->key ? v->key : ""};

		for (size_t j = 0; v->key && j < i; j++) {
			const Renhe__TypedValue *w =
				*(Renhe__TypedValue *const *)field_item(f->pb, msg, j);

			if (w->key && !strcmp(v->key, w->key))
				json_fault(check, &entry, "DUPLICATE_KEY", TEXT_MEMBER_TWICE);
		}
	}
}
