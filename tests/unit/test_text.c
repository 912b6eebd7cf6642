/* Texts for people: what an argument may hold, and in which language they are said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "texts_check.h"
#include "chassis_texts.h"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const char *in(const char *lang, struct text t)
{
	struct ctx cx = {.arena = arena, .lang = lang};

	return text_say(&cx, t);
}

static void every_entry_is_said(void **state)
{
	(void)state;
	texts_check(TEXTS_CHASSIS);
}

static void the_reader_chooses(void **state)
{
	static const struct {
		const char *lang, *said;
	} row[] = {
		{"zh-CN", "最多 -7 个字符"},
		{NULL, "最多 -7 个字符"},
		{"", "最多 -7 个字符"},
		{"de", "最多 -7 个字符"},
		{"en", "must have -7 characters at most"},
		{"en-GB", "must have -7 characters at most"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_string_equal(in(row[i].lang, TEXT_TOO_LONG(-7)), row[i].said);
}

static void arguments_are_no_formats(void **state)
{
	(void)state;
	assert_string_equal(in("en", TEXT_BE_ONE_OF("%s %n {names}")),
			    "must be one of %s %n {names}");
	assert_string_equal(in("zh-CN", TEXT_BE_ONE_OF("%1$s}{")), "应为以下之一：%1$s}{");
	assert_string_equal(in("en", TEXT_BE_ONE_OF("")), "must be one of ");
	assert_string_equal(in("en", TEXT_BE_ONE_OF(NULL)), "must be one of ");
	assert_string_equal(in("en", TEXT_TOO_SMALL(INT64_MIN)),
			    "must be -9223372036854775808 or more");
}

/* Three bytes each, so that the bound falls into one of them. */
static void long_arguments_are_cut(void **state)
{
	char *much = arena_alloc(arena, 3 * TEXT_ARG_BYTES + 1);
	size_t start = strlen("must be one of ");

	(void)state;
	for (size_t i = 0; i < TEXT_ARG_BYTES; i++)
		memcpy(much + 3 * i, "人", 3);
	much[3 * TEXT_ARG_BYTES] = '\0';
	assert_int_equal(strlen(in("en", TEXT_BE_ONE_OF(much))), start + TEXT_ARG_BYTES / 3 * 3);
	much[3999] = '\0';
	assert_int_equal(strlen(in("en", TEXT_BE_ONE_OF(much))), start + 3999);
}

static void pairs_have_two_languages(void **state)
{
	(void)state;
	assert_string_equal(in("en", text_pair("甲", "first")), "first");
	assert_string_equal(in("zh-CN", text_pair("甲", "first")), "甲");
	assert_string_equal(in("en", text_pair("甲", NULL)), "甲");
	assert_string_equal(in("zh-CN", text_pair(NULL, "first")), "first");
	assert_string_equal(in("en", text_pair(NULL, NULL)), "");
	assert_null(text_zh(arena, text_pair(NULL, "first")));
	assert_string_equal(text_en(arena, text_pair(NULL, "{first} %s")), "{first} %s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_entry_is_said),
		cmocka_unit_test(the_reader_chooses),
		cmocka_unit_test(arguments_are_no_formats),
		cmocka_unit_test(long_arguments_are_cut),
		cmocka_unit_test(pairs_have_two_languages),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
