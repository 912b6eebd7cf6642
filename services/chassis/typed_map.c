#include "typed_map.h"
#include <string.h>
#include "chassis_texts.h"
#include "json_check.h"
#include "row.h"
#include "value.h"

#define DEFAULT_MAX_LEN 200

const Renhe__CustomField *typed_field(const struct typed_fields *f, const char *key)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->items[i]->key, key))
			return f->items[i]->state ==
					       RENHE__CUSTOM_FIELD_STATE__CUSTOM_FIELD_STATE_ACTIVE
				       ? f->items[i]
				       : NULL;
	return NULL;
}

int typed_class(const Renhe__CustomField *f)
{
	if (f->field_class == RENHE__CUSTOM_FIELD_CLASS__CUSTOM_FIELD_CLASS_INTERNAL)
		return 0;
	return (int)f->field_class;
}

void typed_classify(const struct typed_fields *f, Renhe__TypedValue **entries, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const Renhe__CustomField *d = typed_field(f, entries[i]->key);

		entries[i]->has_field_class = d != NULL;
		entries[i]->field_class = d ? typed_class(d) : 0;
	}
}

/* ---- judging ---- */

struct judge {
	struct json_check check;
	const Renhe__CustomField *field;
	const struct json_at *at;
};

static void judge_text(struct judge *j, const Renhe__TypedValue *v, enum value_format format,
		       uint32_t most)
{
	const struct field_rule rule = {.min_len = 1, .max_len = most, .format = format};
	const char *normal;

	if (!v->text)
		json_fault(&j->check, j->at, "TYPE", TEXT_BE_STRING);
	else
		json_check_string(&j->check, &rule, j->at, v->text, &normal);
}

static void judge_plain(struct judge *j, const Renhe__TypedValue *v)
{
	judge_text(j, v, FORMAT_ANY,
		   j->field->has_max_len ? (uint32_t)j->field->max_len : DEFAULT_MAX_LEN);
}

static void judge_date(struct judge *j, const Renhe__TypedValue *v)
{
	judge_text(j, v, FORMAT_DATE, 10);
}

static void judge_integer(struct judge *j, const Renhe__TypedValue *v)
{
	if (!v->has_integer)
		json_fault(&j->check, j->at, "TYPE", TEXT_BE_INTEGER);
}

static void judge_boolean(struct judge *j, const Renhe__TypedValue *v)
{
	if (!v->has_flag)
		json_fault(&j->check, j->at, "TYPE", TEXT_BE_BOOL);
}

static void fault_choice(struct judge *j)
{
	struct buf b;

	buf_init(&b, j->check.cx->arena);
	for (size_t i = 0; i < j->field->n_choice_codes; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", j->field->choice_codes[i]);
	json_fault(&j->check, j->at, "FORMAT", TEXT_BE_ONE_OF(b.p));
}

static void judge_choice(struct judge *j, const Renhe__TypedValue *v)
{
	for (size_t i = 0; v->text && i < j->field->n_choice_codes; i++)
		if (!strcmp(j->field->choice_codes[i], v->text))
			return;
	fault_choice(j);
}

static void (*const JUDGES[])(struct judge *j, const Renhe__TypedValue *v) = {
	[RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_TEXT] = judge_plain,
	[RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_INTEGER] = judge_integer,
	[RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_DATE] = judge_date,
	[RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_CHOICE] = judge_choice,
	[RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_BOOLEAN] = judge_boolean,
};

static const char *const *keys_of(struct arena *a, const struct typed_fields *f)
{
	const char **keys = arena_alloc(a, (f->n + 1) * sizeof(*keys));
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		if (typed_field(f, f->items[i]->key))
			keys[n++] = f->items[i]->key;
	return keys;
}

static void judge_entry(struct judge *j, const struct typed_fields *f, const Renhe__TypedValue *v)
{
	j->field = typed_field(f, v->key);
	if (!j->field)
		json_fault_name(&j->check, j->at, "UNKNOWN_FIELD", v->key,
				keys_of(j->check.cx->arena, f));
	else if (!v->removed)
		JUDGES[j->field->type](j, v);
	else if (j->field->required)
		json_fault_required(&j->check, j->at);
}

void typed_judge(struct ctx *cx, const struct typed_fields *f, const char *map,
		 Renhe__TypedValue **entries, size_t n)
{
	struct json_at up = {.name = map};

	for (size_t i = 0; i < n; i++) {
		struct json_at at = {.up = &up, .name = entries[i]->key};
		struct judge j = {.check = {.cx = cx}, .at = &at};

		judge_entry(&j, f, entries[i]);
	}
}

const char *typed_pointer(struct arena *a, const struct typed_place *place)
{
	return arena_printf(a, "%c%s/%zu", place->is_parameter ? '?' : '/', place->list, place->index);
}

void typed_judge_one(struct ctx *cx, const struct typed_fields *f, const struct typed_place *place,
		     const Renhe__TypedValue *v)
{
	struct json_at up = {.name = place->list, .is_parameter = place->is_parameter};
	struct json_at at = {.up = &up, .index = place->index};
	struct judge j = {.check = {.cx = cx}, .at = &at};

	judge_entry(&j, f, v);
}

static bool given(Renhe__TypedValue **entries, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(entries[i]->key, key))
			return true;
	return false;
}

void typed_require(struct ctx *cx, const struct typed_fields *f, const char *map,
		   Renhe__TypedValue **entries, size_t n)
{
	struct json_check check = {.cx = cx};
	struct json_at up = {.name = map};

	for (size_t i = 0; i < f->n; i++) {
		struct json_at at = {.up = &up, .name = f->items[i]->key};

		if (f->items[i]->required && typed_field(f, at.name) && !given(entries, n, at.name))
			json_fault_required(&check, &at);
	}
}

/* ---- values and texts ---- */

const char *typed_text(struct arena *a, const Renhe__TypedValue *v)
{
	if (v->text)
		return v->text;
	if (v->has_flag)
		return v->flag ? "true" : "false";
	return v->has_integer ? arena_printf(a, "%lld", (long long)v->integer) : NULL;
}

static void take_text(struct arena *a, const Renhe__CustomField *f, const char *text,
		      Renhe__TypedValue *v)
{
	switch (f->type) {
	case RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_BOOLEAN:
		v->has_flag = true;
		v->flag = !strcmp(text, "true");
		break;
	case RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_INTEGER:
		v->has_integer = json_number_int(text, &v->integer);
		break;
	default:
		v->text = arena_strdup(a, text);
	}
}

Renhe__TypedValue *typed_value(struct arena *a, const Renhe__CustomField *f, const char *text)
{
	Renhe__TypedValue *v = (Renhe__TypedValue *)msg_new(a, &RULE_RENHE_TYPED_VALUE);

	v->key = f->key;
	v->has_field_class = true;
	v->field_class = typed_class(f);
	if (text)
		take_text(a, f, text, v);
	return v;
}
