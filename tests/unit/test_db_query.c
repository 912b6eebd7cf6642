/* Named queries: binding, mapping, sealed fields, faults of rows and constraints. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "db_sample.h"
#include "fault.h"
#include "value.h"
#include "renhe.gen.h"

static struct ctx cx;

static int setup(void **state)
{
	(void)state;
	pg_script("t", "super", "truncate sample, tenant_key, subject_key");
	pg_ctx(&cx, "t_app", PG_TENANT_A);
	return 0;
}
static int teardown(void **state)
{
	(void)state;
	pg_ctx_free(&cx);
	return 0;
}

static struct sample *new_sample(const char *name)
{
	struct sample *s = (struct sample *)msg_new(cx.arena, &sample_rule);

	s->id = arena_alloc(cx.arena, 37);
	uuid7(s->id);
	s->name = arena_strdup(cx.arena, name);
	return s;
}

static struct sample *full_sample(const char *name)
{
	static char *tags[] = {"a", "b\"c", "张,{}"};
	static int kinds[] = {1, 2};
	static int64_t numbers[] = {-1, 9007199254740991};
	struct sample *s = new_sample(name);
	struct place *p = (struct place *)msg_new(cx.arena, &place_rule);

	s->has_sex = s->has_head_count = s->has_amount_fen = s->has_active = s->has_photo = 1;
	s->sex = 2;
	s->birth_date = "1990-02-28";
	s->id_number = "11010519491231002X";
	s->mobile = "13800138000";
	s->head_count = 7;
	s->amount_fen = -123456789012;
	s->active = 1;
	s->photo = (ProtobufCBinaryData){3, (uint8_t *)"\x00\xff'"};
	s->n_tags = 3;
	s->tags = tags;
	s->n_kinds = 2;
	s->kinds = kinds;
	s->n_numbers = 2;
	s->numbers = numbers;
	p->city = "上海";
	s->place = p;
	return s;
}

static void expect_fault(const struct fault_def *f)
{
	assert_non_null(cx.fault.def);
	assert_string_equal(cx.fault.def->code, f->code);
	fault_clear(&cx);
	db_rollback(&cx);
}

static void put(const struct sample *s)
{
	int64_t n = 0;

	assert_true(db_exec(&cx, &sample_insert, s, &n));
	assert_int_equal(n, 1);
}

/* ---- there and back ---- */

static void all_types_go_there_and_back(void **state)
{
	struct sample *s = full_sample("张三'; drop table sample --"), *out = new_sample("other");

	(void)state;
	assert_true(db_begin(&cx));
	put(s);
	out->id = s->id;
	out->note = "kept";
	assert_true(db_one(&cx, &sample_get, out, out));
	assert_string_equal(out->name, s->name);
	assert_int_equal(out->sex, 2);
	assert_string_equal(out->birth_date, "1990-02-28");
	assert_string_equal(out->id_number, "11010519491231002X");
	assert_string_equal(out->mobile, "13800138000");
	assert_int_equal(out->head_count, 7);
	assert_true(out->amount_fen == -123456789012);
	assert_true(out->has_active && out->active);
	assert_int_equal(out->photo.len, 3);
	assert_memory_equal(out->photo.data, "\x00\xff'", 3);
	assert_int_equal(out->n_tags, 3);
	assert_string_equal(out->tags[1], "b\"c");
	assert_string_equal(out->tags[2], "张,{}");
	assert_int_equal(out->kinds[1], 2);
	assert_true(out->numbers[1] == 9007199254740991);
	assert_int_equal(strlen(out->create_time), 27);
	assert_int_equal(out->create_time[26], 'Z');
	assert_string_equal(out->note, "kept");
	assert_true(db_commit(&cx));
}

static void null_is_absence(void **state)
{
	struct sample *s = new_sample("bare"), *out = full_sample("x");

	(void)state;
	assert_true(db_begin(&cx));
	put(s);
	out->id = s->id;
	assert_true(db_one(&cx, &sample_get, out, out));
	assert_null(out->birth_date);
	assert_null(out->id_number);
	assert_false(out->has_amount_fen || out->has_sex || out->has_photo);
	assert_int_equal(out->n_tags + out->n_kinds + out->n_numbers, 0);
	assert_non_null(out->place); /* no column of the query */
	assert_true(db_one(&cx, &sample_city, NULL, out));
	assert_string_equal(out->note, "-");
	assert_true(db_commit(&cx));
}

static void nested_fields_and_the_context(void **state)
{
	struct sample *out = new_sample("x");

	(void)state;
	assert_true(db_begin(&cx));
	put(full_sample("a"));
	assert_true(db_one(&cx, &sample_city, NULL, out));
	assert_string_equal(out->note, "上海");
	cx.now_us = 1763800000123456;
	assert_true(db_one(&cx, &sample_context, NULL, out));
	assert_string_equal(out->birth_date, "2026-11-22");
	assert_string_equal(out->create_time, "2025-11-22T08:26:40.123456Z");
	assert_string_equal(out->id, PG_TENANT_A);
	assert_string_equal(out->note, PG_ACCOUNT " - 01900000-0000-7000-8000-000000000001");
	assert_true(db_commit(&cx));
}

static void rows_of_a_list(void **state)
{
	struct msg_list l;

	(void)state;
	assert_true(db_begin(&cx) && db_many(&cx, &sample_list, NULL, &l));
	assert_int_equal(l.n, 0);
	for (int i = 0; i < 3; i++) {
		struct sample *s = full_sample(arena_printf(cx.arena, "n%d", i));
		s->amount_fen = i;
		put(s);
	}
	assert_true(db_many(&cx, &sample_list, NULL, &l));
	assert_int_equal(l.n, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(((struct sample *)l.items[i])->amount_fen, i);
		assert_string_equal(((struct sample *)l.items[i])->id_number, "11010519491231002X");
	}
	assert_true(db_commit(&cx));
}

/* ---- sealed fields ---- */

static void what_is_stored_is_sealed(void **state)
{
	struct sample *s = full_sample("a"), *other = full_sample("b"), *out = new_sample("x");
	bool found;

	(void)state;
	assert_true(db_begin(&cx));
	put(s);
	assert_true(db_opt(&cx, &sample_find, s, out, &found));
	assert_true(found);
	assert_string_equal(out->id, s->id);
	other->id_number = "110105194912310021";
	out->name = "untouched";
	assert_true(db_opt(&cx, &sample_find, other, out, &found));
	assert_false(found);
	assert_string_equal(out->name, "untouched");
	assert_true(db_commit(&cx));
	assert_string_equal(pg_see("select count(*) from sample where position('\\x3133383030313338'::bytea in mobile) > 0"), "0");
	assert_string_equal(pg_see("select octet_length(mobile) > 30 and octet_length(id_number_index) = 16 from sample"), "t");
}

static void a_destroyed_key_leaves_the_field_absent(void **state)
{
	struct sample *s = full_sample("a"), *out = new_sample("x");

	(void)state;
	assert_true(db_begin(&cx));
	put(s);
	assert_true(seal_destroy(&cx, s->id) && db_commit(&cx));
	assert_true(db_begin(&cx));
	out->id = s->id;
	out->mobile = "stale";
	assert_true(db_one(&cx, &sample_get, out, out));
	assert_null(out->mobile);
	assert_null(out->id_number);
	assert_string_equal(out->birth_date, "1990-02-28");
	assert_true(db_commit(&cx));
	assert_true(db_begin(&cx));
	out->mobile = "stale";
	assert_true(db_one(&cx, &sample_get_with_keys, out, out));
	assert_null(out->mobile);
	assert_null(out->id_number);
	assert_true(db_commit(&cx));
}

/* Read after the keys' table was emptied by somebody else: they came with the row, or not at all. */
static void keys_come_along_with_the_row(void **state)
{
	struct sample *s = full_sample("a"), *out = new_sample("x");

	(void)state;
	assert_true(db_begin(&cx));
	put(s);
	assert_true(db_commit(&cx) && db_begin(&cx));
	out->id = s->id;
	assert_true(db_one(&cx, &sample_get_with_keys, out, out));
	assert_string_equal(out->mobile, s->mobile);
	assert_string_equal(out->id_number, s->id_number);
	assert_true(db_one(&cx, &sample_get, out, out)); /* with what the task knows already */
	assert_string_equal(out->mobile, s->mobile);
	assert_true(db_commit(&cx));
	pg_script("t", "super", "update subject_key set wrapped = decode(repeat('00', length(wrapped)), 'hex')");
	assert_true(db_begin(&cx));
	assert_false(db_one(&cx, &sample_get_with_keys, out, out));
	expect_fault(&FAULT_INTERNAL);
}

static void a_value_moved_to_another_row_does_not_open(void **state)
{
	struct sample *s = full_sample("a"), *other = full_sample("b");

	(void)state;
	other->amount_fen = 1;
	assert_true(db_begin(&cx));
	put(s);
	put(other);
	assert_true(db_commit(&cx));
	pg_script("t", "super", "update sample set mobile = (select mobile from sample where name = 'a')");
	assert_true(db_begin(&cx));
	assert_true(db_one(&cx, &sample_get, s, s));
	assert_false(db_one(&cx, &sample_get, other, other));
	expect_fault(&FAULT_INTERNAL);
}

static void sealing_without_a_subject_is_a_defect(void **state)
{
	struct sample *s = full_sample("a");

	(void)state;
	s->id = NULL;
	assert_true(db_begin(&cx));
	assert_false(db_exec(&cx, &sample_insert, s, NULL));
	expect_fault(&FAULT_INTERNAL);
}

/* ---- faults ---- */

static void constraints_become_their_faults(void **state)
{
	struct sample *s = full_sample("a"), *twin = full_sample("a"), *many = full_sample("c");

	(void)state;
	many->head_count = 500;
	assert_true(db_begin(&cx));
	put(s);
	assert_true(db_commit(&cx) && db_begin(&cx));
	assert_false(db_exec(&cx, &sample_insert, twin, NULL));
	expect_fault(&NAME_TAKEN);
	assert_true(db_begin(&cx));
	assert_false(db_exec(&cx, &sample_insert, many, NULL));
	expect_fault(&TOO_MANY);
	assert_true(db_begin(&cx));
	assert_false(db_exec(&cx, &sample_insert, s, NULL)); /* the primary key: not named, a defect */
	expect_fault(&FAULT_INTERNAL);
	assert_true(db_begin(&cx));
	twin->name = "d"; /* the same amount, a deferred constraint */
	assert_true(db_exec(&cx, &sample_insert, twin, NULL));
	assert_false(db_commit(&cx));
	expect_fault(&AMOUNT_TAKEN);
}

static void no_row_and_too_many_rows(void **state)
{
	struct sample *out = new_sample("x");
	bool found;

	(void)state;
	assert_true(db_begin(&cx));
	assert_false(db_one(&cx, &sample_get, out, out));
	expect_fault(&SAMPLE_NOT_FOUND);
	assert_true(db_begin(&cx));
	assert_false(db_one(&cx, &sample_none, NULL, out)); /* no fault is named for it */
	expect_fault(&FAULT_INTERNAL);
	assert_true(db_begin(&cx));
	assert_true(db_opt(&cx, &sample_any_opt, NULL, out, &found));
	assert_false(found);
	put(new_sample("a"));
	put(new_sample("b"));
	assert_false(db_one(&cx, &sample_any, NULL, out));
	expect_fault(&FAULT_INTERNAL);
	assert_true(db_begin(&cx));
	put(new_sample("a"));
	put(new_sample("b"));
	assert_false(db_opt(&cx, &sample_any_opt, NULL, out, &found));
	expect_fault(&FAULT_INTERNAL);
	assert_string_equal(out->name, "x"); /* untouched on failure */
}

static void a_value_that_does_not_fit_is_a_defect(void **state)
{
	struct sample *s = full_sample("a");

	(void)state;
	assert_true(db_begin(&cx));
	put(s);
	assert_true(db_commit(&cx));
	pg_script("t", "super", "update sample set sex = 'UNKNOWN_TO_THIS_BUILD'");
	assert_true(db_begin(&cx));
	assert_false(db_one(&cx, &sample_get, s, s));
	expect_fault(&FAULT_INTERNAL);
}

/* ---- many at once ---- */

static ProtobufCMessage **many(size_t n)
{
	ProtobufCMessage **all = arena_alloc(cx.arena, n * sizeof(*all));

	for (size_t i = 0; i < n; i++) {
		struct sample *s = full_sample(arena_printf(cx.arena, "n%zu", i));
		s->amount_fen = (int64_t)i;
		all[i] = &s->base;
	}
	return all;
}

static void many_rows_in_one_go(void **state)
{
	enum { N = 1000 };
	ProtobufCMessage **all = many(N);
	struct msg_list l;

	(void)state;
	assert_true(db_begin(&cx) && db_exec_all(&cx, &sample_insert, all, N, NULL));
	assert_true(db_many(&cx, &sample_list, NULL, &l));
	assert_int_equal(l.n, N);
	for (size_t i = 0; i < N; i += 111)
		assert_string_equal(((struct sample *)l.items[i])->mobile, "13800138000");
	assert_true(db_commit(&cx));
	assert_true(db_begin(&cx) && db_exec_all(&cx, &sample_delete, NULL, 0, NULL) && db_commit(&cx));
}

static void the_first_that_fails_is_named(void **state)
{
	static const size_t AT[] = {0, 199, 200, 399, 450};
	ProtobufCMessage **all = many(451);
	size_t failed;

	(void)state;
	for (size_t i = 0; i < COUNT(AT); i++) {
		struct sample *bad = (struct sample *)all[AT[i]];
		bad->head_count = 500;
		failed = 9999;
		assert_true(db_begin(&cx));
		assert_false(db_exec_all(&cx, &sample_insert, all, 451, &failed));
		assert_int_equal(failed, AT[i]);
		expect_fault(&TOO_MANY);
		bad->head_count = 1;
	}
	assert_string_equal(pg_see("select count(*) from sample"), "0");
}

/* ---- what only a defect of ours does ---- */

static void call_as_another_kind(void)
{
	db_one(&cx, &sample_list, NULL, NULL);
}
static void call_with_another_message(void)
{
	db_exec(&cx, &sample_insert, msg_new(cx.arena, &place_rule), NULL);
}
static void call_into_another_message(void)
{
	db_one(&cx, &sample_context, NULL, msg_new(cx.arena, &place_rule));
}

static void misuse_aborts(void **state)
{
	void (*const CALLS[])(void) = {call_as_another_kind, call_with_another_message, call_into_another_message};
	int status;

	(void)state;
	for (size_t i = 0; i < COUNT(CALLS); i++) {
		struct db_settings s = pg_settings("t", "t_app");
		pid_t pid = fork();
		if (pid == 0) {
			signal(SIGABRT, SIG_DFL);
			cx.db = db_new(&s); /* the parent's connection stays the parent's */
			if (db_ready(&cx) && db_begin(&cx))
				CALLS[i]();
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(all_types_go_there_and_back),
		T(null_is_absence),
		T(nested_fields_and_the_context),
		T(rows_of_a_list),
		T(what_is_stored_is_sealed),
		T(keys_come_along_with_the_row),
		T(a_destroyed_key_leaves_the_field_absent),
		T(a_value_moved_to_another_row_does_not_open),
		T(sealing_without_a_subject_is_a_defect),
		T(constraints_become_their_faults),
		T(no_row_and_too_many_rows),
		T(a_value_that_does_not_fit_is_a_defect),
		T(many_rows_in_one_go),
		T(the_first_that_fails_is_named),
		T(misuse_aborts),
	};
	signal(SIGPIPE, SIG_IGN);
	db_sample_setup();
	pg_start(DB_SAMPLE_SQL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
