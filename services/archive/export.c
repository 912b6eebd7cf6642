#include "export.h"
#include <stdlib.h>
#include "renhe.gen.h"
#include "archive_texts.h"

/* Fields that name another thing by its id. What import files call the code is what ours do. */
static const struct place {
	const char *field;
	const struct text_def *code;
} PLACES[] = {
	{"org_unit_id", &TEXT_DEF_COLUMN_ORG_UNIT_CODE},
	{"post_id", &TEXT_DEF_COLUMN_POST_CODE},
};
#define N_PLACES (sizeof(PLACES) / sizeof(PLACES[0]))

static const struct place *place_of(const struct field_rule *f)
{
	for (size_t i = 0; i < N_PLACES; i++)
		if (!strcmp(f->name, PLACES[i].field))
			return &PLACES[i];
	return NULL;
}

/* effective_date is of requests alone; other ids say nothing to people. */
static bool is_shown(const struct field_rule *f)
{
	return f->title_zh && !f->internal && !f->typed_map && strcmp(f->name, "effective_date") != 0 &&
	       (f->format != FORMAT_UUID || place_of(f));
}

static struct export_column custom_column(struct ctx *cx, const Renhe__CustomField *f)
{
	const char *en = f->name_en ? f->name_en : f->name_zh;

	return (struct export_column){text_choose(cx, f->name_zh, en), NULL, EXPORT_VALUE, f};
}

unsigned export_columns(struct ctx *cx, const struct typed_fields *declared,
			const struct export_column **out)
{
	const struct message_rule *rule = &RULE_ARCHIVE_EMPLOYEE;
	struct export_column *columns =
		arena_alloc(cx->arena, (rule->pb->n_fields + N_PLACES + declared->n) *
				       sizeof(*columns));
	unsigned n = 0;

	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];
		const struct place *p = place_of(f);

		if (!is_shown(f))
			continue;
		if (p)
			columns[n++] = (struct export_column){
				text_say(cx, (struct text){.def = p->code}), f, EXPORT_CODE, NULL};
		columns[n++] = (struct export_column){text_choose(cx, f->title_zh, f->title_en), f,
						      p ? EXPORT_NAME : EXPORT_VALUE, NULL};
	}
	for (size_t i = 0; i < declared->n; i++)
		if (typed_field(declared, declared->items[i]->key))
			columns[n++] = custom_column(cx, declared->items[i]);
	*out = columns;
	return n;
}

static const char *text_or_empty(const char *s)
{
	return s ? s : "";
}

static const char *label(const struct ctx *cx, const struct field_rule *f, const char *name)
{
	const struct enum_label *l = NULL;
	int number;

	if (enum_number(f->pb->descriptor, name, &number))
		l = enum_label(f->pb->descriptor, number);
	return l ? text_choose(cx, l->zh, l->en) : name;
}

static const char *id_of(const struct message_rule *r, const ProtobufCMessage *m)
{
	return text_or_empty(msg_str(r, m, "id"));
}

static const char *place_text(const struct msg_list *list, const struct message_rule *r,
			      const char *id, const char *field)
{
	size_t low = 0, high = list->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(id_of(r, list->items[middle]), id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == list->n || strcmp(id_of(r, list->items[low]), id) != 0)
		return "";
	return text_or_empty(msg_str(r, list->items[low], field));
}

static const Renhe__TypedValue *value_of(const Archive__Employee *e, const char *key)
{
	for (size_t i = 0; i < e->n_custom_fields; i++)
		if (!strcmp(e->custom_fields[i]->key, key))
			return e->custom_fields[i];
	return NULL;
}

/* What people call a choice, and yes and no; other values are themselves. */
static const char *custom_label(struct ctx *cx, const Renhe__CustomField *f,
				const Renhe__TypedValue *v)
{
	if (v->has_flag)
		return v->flag ? text_say(cx, TEXT_YES) : text_say(cx, TEXT_NO);
	for (size_t i = 0; v->text && i < f->n_choice_codes; i++)
		if (!strcmp(f->choice_codes[i], v->text))
			return text_choose(cx, f->choice_zh[i],
					   *f->choice_en[i] ? f->choice_en[i] : f->choice_zh[i]);
	return typed_text(cx->arena, v);
}

/* As JSON shows it: a text masked, another value not at all where its class isn't clear. */
static const char *custom_cell(struct ctx *cx, const Renhe__CustomField *f, struct view view,
			       const Archive__Employee *e)
{
	const Renhe__TypedValue *v = value_of(e, f->key);
	struct field_rule rule = *rule_field(&RULE_RENHE_TYPED_VALUE, "text");
	Renhe__TypedValue shown = RENHE__TYPED_VALUE__INIT;
	const char *label = v ? custom_label(cx, f, v) : NULL;

	shown.text = label ? arena_strdup(cx->arena, label) : NULL;
	rule.field_class = (uint8_t)typed_class(f);
	rule.mask = v && v->text ? MASK_ALL : MASK_NONE;
	return text_or_empty(json_shown(cx->arena, view, &rule, &shown.base));
}

const char *export_cell(struct ctx *cx, const struct export_column *c, struct view view,
			const Archive__Employee *e, const struct export_places *places)
{
	const char *field = c->shows == EXPORT_CODE ? "code" : "name";
	const char *text;

	if (c->custom)
		return custom_cell(cx, c->custom, view, e);
	text = json_shown(cx->arena, view, c->field, &e->base);
	if (!text)
		return "";
	if (c->shows == EXPORT_VALUE)
		return c->field->pb->type == PROTOBUF_C_TYPE_ENUM ? label(cx, c->field, text)
								  : text;
	return !strcmp(c->field->name, "post_id")
		       ? place_text(&places->posts, &RULE_ARCHIVE_POST, text, field)
		       : place_text(&places->units, &RULE_ARCHIVE_ORG_UNIT, text, field);
}
