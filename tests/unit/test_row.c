/* Messages by reflection and their SQL texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "sample.h"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	sample_setup();
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static ProtobufCMessage *fresh(void)
{
	return msg_new(arena, &sample_rule);
}

struct text_row {
	const char *field, *in, *out; /* out NULL: as in */
};

static void texts_go_in_and_out(void **state)
{
	static const struct text_row row[] = {
		{"name", "张三", NULL},
		{"name", "", NULL},
		{"sex", "MALE", NULL},
		{"sex", "UNSPECIFIED", NULL},
		{"head_count", "-2147483648", NULL},
		{"head_count", "2147483647", NULL},
		{"amount_fen", "-9223372036854775808", NULL},
		{"amount_fen", "9223372036854775807", NULL},
		{"serial", "18446744073709551615", NULL},
		{"tally", "4294967295", NULL},
		{"active", "t", NULL},
		{"active", "false", "f"},
		{"photo", "\\x00ff10", NULL},
		{"photo", "\\x", NULL},
		{"birth_date", "1949-12-31", NULL},
		{"create_time", "2026-11-22 16:35:01.5+00", "2026-11-22T16:35:01.500000Z"},
		{"create_time", "2026-11-23 00:35:01+08", "2026-11-22T16:35:01.000000Z"},
		{"create_time", "2026-11-22 13:05:01.000001-03:30", "2026-11-22T16:35:01.000001Z"},
		{"create_time", "1900-01-01 08:05:43+08:05:43", "1900-01-01T00:00:00.000000Z"},
		{"create_time", "2026-11-22T16:35:01Z", "2026-11-22T16:35:01.000000Z"},
		{"tags", "{a,b}", "{\"a\",\"b\"}"},
		{"tags", "{\"x y\",\"q\\\"\\\\\",\"{,}\",\"NULL\",\"\"}", NULL},
		{"tags", "{张三}", "{\"张三\"}"},
		{"numbers", "{1,-2,9223372036854775807}", "{\"1\",\"-2\",\"9223372036854775807\"}"},
		{"kinds", "{PASSPORT,RESIDENT}", "{\"PASSPORT\",\"RESIDENT\"}"},
		{"flags", "{t,f}", "{\"t\",\"f\"}"},
		{"blobs", "{\"\\\\x00\",\"\\\\x\"}", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct field_rule *f = rule_field(&sample_rule, row[i].field);
		ProtobufCMessage *m = fresh();
		assert_null(row_param(arena, f, m));
		if (!row_set(arena, f, m, row[i].in))
			fail_msg("%s: %s refused", row[i].field, row[i].in);
		assert_true(msg_has(f, m));
		assert_string_equal(row_param(arena, f, m), row[i].out ? row[i].out : row[i].in);
		assert_true(row_set(arena, f, m, NULL));
		assert_false(msg_has(f, m));
	}
}

static void texts_that_do_not_fit(void **state)
{
	static const struct text_row row[] = {
		{"sex", "SEX_MAN", NULL},   {"sex", "male", NULL},	  {"sex", "", NULL},
		{"head_count", "2147483648", NULL}, {"head_count", "-2147483649", NULL}, {"head_count", "1.0", NULL},
		{"head_count", " 1", NULL}, {"head_count", "", NULL},	  {"head_count", "1x", NULL},
		{"head_count", "-", NULL},  {"amount_fen", "9223372036854775808", NULL},
		{"serial", "-1", NULL},	    {"serial", "18446744073709551616", NULL},
		{"tally", "-1", NULL},	    {"tally", "4294967296", NULL},
		{"active", "yes", NULL},    {"active", "", NULL},
		{"photo", "00", NULL},	    {"photo", "\\x0", NULL},	  {"photo", "\\x0G", NULL},
		{"birth_date", "infinity", NULL}, {"birth_date", "0044-03-15 BC", NULL}, {"birth_date", "22.11.2026", NULL},
		{"create_time", "infinity", NULL}, {"create_time", "2026-11-22 16:35:01", NULL},
		{"create_time", "2026-11-22 16:35:01+8", NULL}, {"create_time", "2026-11-22", NULL},
		{"create_time", "2026-11-22 16:35:01+08 BC", NULL}, {"create_time", "2026-11-31 16:35:01+08", NULL},
		{"tags", "a,b", NULL},	    {"tags", "{a,b", NULL},	  {"tags", "{a,NULL}", NULL},
		{"tags", "{{a},{b}}", NULL}, {"tags", "{a}x", NULL},	  {"tags", "{\"a}", NULL},
		{"tags", "{a,}", NULL},	    {"tags", "{\\", NULL},	  {"tags", "", NULL},
		{"numbers", "{1,x}", NULL}, {"kinds", "{PASSPORT,VISA}", NULL}, {"place", "x", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct field_rule *f = rule_field(&sample_rule, row[i].field);
		ProtobufCMessage *m = fresh();
		if (row_set(arena, f, m, row[i].in))
			fail_msg("%s: %s taken", row[i].field, row[i].in);
		assert_false(msg_has(f, m)); /* untouched */
	}
}

/* Any text at all comes back through an array literal. */
static void array_round_trip(void **state)
{
	static const char alphabet[] = "ab\"\\{},' NUL\t\n";
	unsigned seed = (unsigned)getpid();
	const struct field_rule *f = rule_field(&sample_rule, "tags");

	(void)state;
	printf("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 500; round++) {
		struct sample *s = (struct sample *)fresh(), *t = (struct sample *)fresh();
		s->n_tags = 1 + (size_t)(rand() % 6);
		s->tags = arena_alloc(arena, s->n_tags * sizeof *s->tags);
		for (size_t i = 0; i < s->n_tags; i++) {
			size_t n = (size_t)(rand() % 8);
			s->tags[i] = arena_alloc(arena, n + 1);
			for (size_t j = 0; j < n; j++)
				s->tags[i][j] = alphabet[(size_t)rand() % (sizeof alphabet - 1)];
		}
		assert_true(row_set(arena, f, &t->base, row_param(arena, f, &s->base)));
		assert_int_equal(t->n_tags, s->n_tags);
		for (size_t i = 0; i < s->n_tags; i++)
			assert_string_equal(t->tags[i], s->tags[i]);
	}
}

static void tables(void **state)
{
	const struct message_rule *all[] = {&place_rule, &sample_rule};
	const struct schema s = {.messages = all, .n_messages = 2};

	(void)state;
	for (unsigned i = 0; i < sample_pb.n_fields; i++)
		assert_ptr_equal(rule_field(&sample_rule, sample_fields[i].name), &sample_rules[i]);
	assert_null(rule_field(&sample_rule, "nam"));
	assert_null(rule_field(&sample_rule, "Name"));
	assert_ptr_equal(rule_of(&s, &sample_pb), &sample_rule);
	assert_null(rule_of(&s, &sample_list_pb));
}

static void enum_names(void **state)
{
	int n = 9;

	(void)state;
	assert_string_equal(enum_name(&sex_enum, 1), "MALE");
	assert_string_equal(enum_name(&id_type_enum, 1), "PASSPORT");
	assert_string_equal(enum_name(&id_type_enum, 2), "RESIDENT"); /* has no prefix to lose */
	assert_null(enum_name(&sex_enum, 3));
	assert_null(enum_name(&sex_enum, -1));
	assert_true(enum_number(&id_type_enum, "RESIDENT", &n));
	assert_int_equal(n, 2);
	assert_false(enum_number(&id_type_enum, "ID_TYPE_PASSPORT", &n));
	assert_false(enum_number(&id_type_enum, "passport", &n));
	assert_int_equal(n, 2);
}

/* Of a newer writer: shown as digits, which come back as no value. */
static void enum_numbers_unknown(void **state)
{
	const struct field_rule *f = rule_field(&sample_rule, "sex");
	struct sample *s = (struct sample *)fresh();

	(void)state;
	s->has_sex = true;
	s->sex = 7;
	assert_string_equal(row_param(arena, f, &s->base), "7");
	assert_false(row_set(arena, f, fresh(), "7"));
}

static struct sample *filled(void)
{
	struct sample *s = (struct sample *)fresh();
	struct place *p = (struct place *)msg_new(arena, &place_rule);
	static char city[] = "北京";
	static int64_t numbers[] = {1, 2};

	p->city = city;
	s->name = arena_strdup(arena, "张三");
	s->has_head_count = true;
	s->head_count = 7;
	s->place = p;
	s->n_places = 2;
	s->places = arena_alloc(arena, 2 * sizeof *s->places);
	s->places[0] = s->places[1] = p;
	s->n_numbers = 2;
	s->numbers = numbers;
	s->has_photo = true;
	s->photo = (ProtobufCBinaryData){2, arena_dup(arena, "ab", 2)};
	return s;
}

static void copies_are_deep(void **state)
{
	struct sample *s = filled(), *c = (struct sample *)msg_copy(arena, &s->base);

	(void)state;
	assert_ptr_not_equal(c->place, s->place);
	assert_ptr_not_equal(c->places[1], s->places[1]);
	assert_ptr_not_equal(c->numbers, s->numbers);
	s->name[0] = '?';
	s->place->city = s->name;
	s->photo.data[0] = '?';
	assert_string_equal(c->name, "张三");
	assert_string_equal(c->place->city, "北京");
	assert_string_equal(c->places[1]->city, "北京");
	assert_int_equal(c->numbers[1], 2);
	assert_memory_equal(c->photo.data, "ab", 2);
	assert_int_equal(c->head_count, 7);
	assert_false(c->has_active);
}

static void merges_what_is_there(void **state)
{
	struct sample *from = (struct sample *)fresh(), *into = filled();
	static char other[] = "李四";

	(void)state;
	from->name = other;
	from->has_active = true; /* false is a value */
	msg_merge(&from->base, &into->base);
	assert_string_equal(into->name, "李四");
	assert_true(into->has_active);
	assert_int_equal(into->active, 0);
	assert_int_equal(into->head_count, 7);
	assert_int_equal(into->n_numbers, 2);
}

static void assigns_equal_names_and_types(void **state)
{
	static const ProtobufCFieldDescriptor other_fields[] = {
		TEXT(sample, 1, name), ONE(sample, 2, head_count, INT64, NULL), /* another type */
		MANY(sample, 3, numbers, INT64, NULL),
	};
	static unsigned order[] = {1, 0, 2};
	static ProtobufCMessageDescriptor other_pb;
	struct sample *from = filled(), into = {.base = PROTOBUF_C_MESSAGE_INIT(&other_pb)};

	(void)state;
	other_pb = sample_pb;
	other_pb.fields = other_fields;
	other_pb.n_fields = 3;
	other_pb.fields_sorted_by_name = order;
	into.has_sex = true;
	into.sex = 1;
	msg_assign(&from->base, &into.base);
	assert_string_equal(into.name, "张三");
	assert_int_equal(into.n_numbers, 2);
	assert_false(into.has_head_count);
	assert_int_equal(into.sex, 1);
}

static void single_fields(void **state)
{
	struct sample *s = filled();
	ProtobufCMessage *m = &s->base;

	(void)state;
	assert_string_equal(msg_str(&sample_rule, m, "name"), "张三");
	assert_null(msg_str(&sample_rule, m, "note"));
	assert_null(msg_str(&sample_rule, m, "no_such_field"));
	assert_null(msg_str(&sample_rule, m, "head_count"));
	assert_int_equal(msg_int(&sample_rule, m, "head_count", -1), 7);
	assert_int_equal(msg_int(&sample_rule, m, "tally", -1), -1);
	assert_int_equal(msg_int(&sample_rule, m, "name", -1), -1);
	assert_int_equal(msg_int(&sample_rule, m, "numbers", -1), -1);
	msg_set_str(&sample_rule, m, "note", "hello");
	assert_string_equal(s->note, "hello");
	for (unsigned i = 0; i < sample_pb.n_fields; i++) {
		msg_clear(&sample_rules[i], m);
		assert_false(msg_has(&sample_rules[i], m));
	}
}

/* ---- programmer errors ---- */

static bool aborts(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		fclose(stderr);
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void check_one(ProtobufCFieldDescriptor *d, const char *name)
{
	ProtobufCMessageDescriptor pb = sample_pb;
	struct field_rule f = {.name = name, .pb = d};
	const struct message_rule r = {&pb, "sample.Bad", NULL, &f}, *all[] = {&r};
	const struct schema s = {.messages = all, .n_messages = 1};

	pb.fields = d;
	pb.n_fields = 1;
	rule_check(&s);
}

static void good_table(void)
{
	ProtobufCFieldDescriptor d = sample_fields[1];
	check_one(&d, "name");
}
static void floating_point(void)
{
	ProtobufCFieldDescriptor d = sample_fields[6];
	d.type = PROTOBUF_C_TYPE_DOUBLE;
	check_one(&d, "head_count");
}
static void oneof(void)
{
	ProtobufCFieldDescriptor d = sample_fields[1];
	d.flags = PROTOBUF_C_FIELD_FLAG_ONEOF;
	check_one(&d, "name");
}
static void wrong_name(void)
{
	ProtobufCFieldDescriptor d = sample_fields[1];
	check_one(&d, "nmae");
}
static void no_inner_table(void)
{
	ProtobufCFieldDescriptor d = sample_fields[13];
	check_one(&d, "place");
}
static void set_unknown(void)
{
	msg_set_str(&sample_rule, fresh(), "nmae", "x");
}
static void set_number(void)
{
	msg_set_str(&sample_rule, fresh(), "head_count", "1");
}
static void merge_others(void)
{
	msg_merge(fresh(), msg_new(arena, &place_rule));
}

static void programmer_errors_abort(void **state)
{
	(void)state;
	assert_false(aborts(good_table));
	assert_true(aborts(floating_point));
	assert_true(aborts(oneof));
	assert_true(aborts(wrong_name));
	assert_true(aborts(no_inner_table));
	assert_true(aborts(set_unknown));
	assert_true(aborts(set_number));
	assert_true(aborts(merge_others));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_go_in_and_out),	cmocka_unit_test(texts_that_do_not_fit),
		cmocka_unit_test(array_round_trip),	cmocka_unit_test(tables),
		cmocka_unit_test(enum_names),		cmocka_unit_test(enum_numbers_unknown),		cmocka_unit_test(copies_are_deep),
		cmocka_unit_test(merges_what_is_there), cmocka_unit_test(assigns_equal_names_and_types),
		cmocka_unit_test(single_fields),	cmocka_unit_test(programmer_errors_abort),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
