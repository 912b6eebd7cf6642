/* Typed maps: one object of JSON and its entries, both ways; what declarations let through; what a
 * view lets out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#undef fail
#include "archive.gen.h"
#include "typed_map.h"
#include "sample_json.h"

#define MAP "custom_fields"
#define ROWS(t) (sizeof(t) / sizeof *(t))
#define TYPE(t) RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_##t
#define CLASS(c) RENHE__CUSTOM_FIELD_CLASS__CUSTOM_FIELD_CLASS_##c

static struct typed_fields fields(void)
{
	static char *codes[] = {"M", "L"};
	static const struct {
		const char *key;
		Renhe__CustomFieldType type;
		Renhe__CustomFieldClass class;
		bool required, retired;
	} row[] = {
		{"size", TYPE(CHOICE), CLASS(INTERNAL), false, false},
		{"score", TYPE(INTEGER), CLASS(INTERNAL), true, false},
		{"day", TYPE(DATE), CLASS(INTERNAL), false, false},
		{"yes", TYPE(BOOLEAN), CLASS(INTERNAL), false, false},
		{"nick", TYPE(TEXT), CLASS(CONTACT), false, false},
		{"pay", TYPE(INTEGER), CLASS(PAY), false, false},
		{"old", TYPE(TEXT), CLASS(INTERNAL), true, true},
	};
	struct typed_fields f = {arena_alloc(cx.arena, sizeof(row)), ROWS(row)};

	for (size_t i = 0; i < f.n; i++) {
		Renhe__CustomField *d =
			(Renhe__CustomField *)msg_new(cx.arena, &RULE_RENHE_CUSTOM_FIELD);

		d->key = arena_strdup(cx.arena, row[i].key);
		d->type = row[i].type;
		d->field_class = row[i].class;
		d->required = row[i].required;
		d->state = row[i].retired ? RENHE__CUSTOM_FIELD_STATE__CUSTOM_FIELD_STATE_RETIRED
					  : RENHE__CUSTOM_FIELD_STATE__CUSTOM_FIELD_STATE_ACTIVE;
		d->has_max_len = true;
		d->max_len = 3;
		d->choice_codes = codes;
		d->n_choice_codes = row[i].type == TYPE(CHOICE) ? 2 : 0;
		f.items[i] = d;
	}
	return f;
}

static Archive__Employee *read_as(const char *body, bool is_patch)
{
	ProtobufCMessage *m = NULL;

	clear_fault();
	json_decode(&cx, &RULE_ARCHIVE_EMPLOYEE, str_of(body), is_patch, NULL, 0, NULL, 0, &m,
		    NULL);
	return (Archive__Employee *)m;
}

static void decodes(void **state)
{
	static const struct {
		const char *map, *faults;
	} row[] = {
		{"{\"size\":\"L\",\"score\":-5,\"yes\":false,\"gone\":null}", ""},
		{"{}", ""},
		{"{\"a\":1.5,\"b\":[],\"c\":{},\"d\":9007199254740992,\"e\":\"\\u0007\"}",
		 "/custom_fields/a TYPE; /custom_fields/b TYPE; /custom_fields/c TYPE; "
		 "/custom_fields/d TOO_LARGE; /custom_fields/e CONTROL_CHARACTER"},
		{"{\"a\":1,\"a\":2}", "/custom_fields/a JSON_DUPLICATE_MEMBER"},
		{"[]", "/custom_fields TYPE"},
		{"3", "/custom_fields TYPE"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++) {
		read_as(arena_printf(cx.arena, "{\"" MAP "\":%s}", row[i].map), true);
		assert_string_equal(items_text() ? items_text() : "", row[i].faults);
	}
	Archive__Employee *e = read_as(
		"{\"" MAP "\":{\"size\":\"L\",\"score\":-5,\"yes\":false,\"gone\":null}}", true);
	assert_int_equal(e->n_custom_fields, 4);
	assert_string_equal(e->custom_fields[0]->text, "L");
	assert_int_equal(e->custom_fields[1]->integer, -5);
	assert_true(e->custom_fields[2]->has_flag && !e->custom_fields[2]->flag);
	assert_true(e->custom_fields[3]->removed);
	read_as("{\"" MAP "\":{\"gone\":null}}", false);
	assert_non_null(strstr(items_text(), "/custom_fields/gone NULL_NOT_ALLOWED"));
}

static void judges(void **state)
{
	static const struct {
		const char *map, *faults;
	} row[] = {
		{"{\"size\":\"M\",\"score\":0,\"day\":\"2024-02-29\",\"yes\":true,\"nick\":"
		 "\"小明明\"}",
		 NULL},
		{"{\"siz\":\"M\",\"old\":\"x\"}",
		 "/custom_fields/siz UNKNOWN_FIELD; /custom_fields/old UNKNOWN_FIELD"},
		{"{\"size\":\"XL\",\"score\":\"1\",\"yes\":1,\"nick\":7}",
		 "/custom_fields/size FORMAT; /custom_fields/score TYPE; /custom_fields/yes TYPE; "
		 "/custom_fields/nick TYPE"},
		{"{\"nick\":\"长长长长\",\"size\":true}",
		 "/custom_fields/nick TOO_LONG; /custom_fields/size FORMAT"},
		{"{\"nick\":\"\"}", "/custom_fields/nick TOO_SHORT"},
		{"{\"score\":null,\"nick\":null}", "/custom_fields/score REQUIRED"},
	};
	struct typed_fields f = fields();

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++) {
		Archive__Employee *e =
			read_as(arena_printf(cx.arena, "{\"" MAP "\":%s}", row[i].map), true);

		assert_non_null(e);
		typed_judge(&cx, &f, MAP, e->custom_fields, e->n_custom_fields);
		if (row[i].faults)
			assert_string_equal(items_text(), row[i].faults);
		else
			assert_int_equal(cx.fault.n_items, 0);
	}
	clear_fault();
	typed_require(&cx, &f, MAP, NULL, 0); /* but not of one that is retired */
	assert_string_equal(items_text(), "/custom_fields/score REQUIRED");
}

static void names_its_place(void **state)
{
	static const struct {
		struct typed_place place;
		const char *faults;
	} row[] = {
		{{"custom", 2, true}, "?custom/2 TYPE"},
		{{"custom", 0, false}, "/custom/0 TYPE"},
	};
	struct typed_fields f = fields();

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++) {
		clear_fault();
		typed_judge_one(&cx, &f, &row[i].place, typed_value(cx.arena, f.items[1], "x"));
		assert_string_equal(items_text(), row[i].faults);
		assert_string_equal(typed_pointer(cx.arena, &row[i].place),
				    cx.fault.items[0].pointer);
	}
}

static void no_day_that_is_not(void **state)
{
	struct typed_fields f = fields();
	static const char *const days[] = {"2023-02-29", "2024-13-01", "1.3.2024", "2024-1-1",
					   "soon"};

	(void)state;
	for (size_t i = 0; i < ROWS(days); i++) {
		Archive__Employee *e = read_as(
			arena_printf(cx.arena, "{\"" MAP "\":{\"day\":\"%s\"}}", days[i]), true);

		typed_judge(&cx, &f, MAP, e->custom_fields, e->n_custom_fields);
		assert_int_equal(cx.fault.n_items, 1);
	}
}

/* A message can hold a key twice, which an object can't. */
static void a_key_twice(void **state)
{
	Archive__Employee *e = (Archive__Employee *)msg_new(cx.arena, &RULE_ARCHIVE_EMPLOYEE);
	struct typed_fields f = fields();
	Renhe__TypedValue *two[] = {typed_value(cx.arena, f.items[1], "1"),
				    typed_value(cx.arena, f.items[1], "2")};

	(void)state;
	e->custom_fields = two;
	e->n_custom_fields = 2;
	clear_fault();
	json_validate(&cx, &RULE_ARCHIVE_EMPLOYEE, &e->base);
	assert_non_null(strstr(items_text(), "/custom_fields/score DUPLICATE_KEY"));
	e->n_custom_fields = 1;
	clear_fault();
	json_validate(&cx, &RULE_ARCHIVE_EMPLOYEE, &e->base);
	assert_null(strstr(items_text(), "DUPLICATE_KEY"));
}

static struct view chosen;

static struct view view(struct ctx *c, const ProtobufCMessage *row)
{
	(void)c;
	(void)row;
	return chosen;
}

static void encodes_by_class(void **state)
{
	static const struct {
		struct view view;
		const char *out;
	} row[] = {
		{{~0u, 0},
		 "{\"custom_fields\":{\"score\":5,\"yes\":true,\"nick\":\"小明\",\"pay\":7}}"},
		{{1, 0}, "{\"custom_fields\":{\"score\":5,\"yes\":true},\"restricted_fields\":["},
		{{1, 1u << 1}, "{\"custom_fields\":{\"score\":5,\"yes\":true,\"nick\":\"*"},
	};
	static const char *const text[] = {NULL, "5", NULL, "true", "小明", "7"};
	Archive__Employee *e = (Archive__Employee *)msg_new(cx.arena, &RULE_ARCHIVE_EMPLOYEE);
	struct typed_fields f = fields();

	(void)state;
	e->custom_fields = arena_alloc(cx.arena, ROWS(text) * sizeof(*e->custom_fields));
	for (size_t i = 0; i < ROWS(text); i++)
		e->custom_fields[e->n_custom_fields++] = typed_value(cx.arena, f.items[i], text[i]);
	for (size_t i = 0; i < ROWS(row); i++) {
		chosen = row[i].view;
		struct str out = json_encode(&cx, &RULE_ARCHIVE_EMPLOYEE, &e->base, view);
		assert_int_equal(strncmp(out.p, row[i].out, strlen(row[i].out)), 0);
		assert_int_equal(i == 0, strstr(out.p, "custom_fields.pay") == NULL);
		assert_int_equal(i == 1, strstr(out.p, "custom_fields.nick") != NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(decodes), T(judges), T(names_its_place), T(no_day_that_is_not), T(a_key_twice), T(encodes_by_class),
	};

	sample_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
