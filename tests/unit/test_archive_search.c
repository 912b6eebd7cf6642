/* The box of the list: which word finds which name and how well, and what the words of a box are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#undef fail
#include "pinyin.h"
#include "row.h"
#include "search.h"

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

#define ROWS(t) (sizeof(t) / sizeof *(t))

/* As the query does it: the best of the grams that the word is, or begins; 0 = none. */
static int grade_of(const Archive__SearchGrams *g, const char *word)
{
	int best = 0;

	for (size_t i = 0; i < g->n_grams; i++) {
		int grade = strcmp(g->grams[i], word) == 0 ? g->whole[i] : g->part[i];

		if (!strncmp(g->grams[i], word, strlen(word)) && (!best || grade < best))
			best = grade;
	}
	return best;
}

static void check_once(const Archive__SearchGrams *g)
{
	for (size_t i = 1; i < g->n_grams; i++)
		assert_true(strcmp(g->grams[i - 1], g->grams[i]) < 0);
	for (size_t i = 0; i < g->n_grams; i++)
		assert_int_not_equal(g->grams[i][0], 0);
}

static void names(void **state)
{
	static const struct {
		const char *name, *word;
		int grade;
	} row[] = {
		{"张三丰", "张三丰", SEARCH_EXACT_NAME},
		{"张三丰", "张", SEARCH_BEGINS},
		{"张三丰", "张三", SEARCH_BEGINS},
		{"张三丰", "三丰", SEARCH_INSIDE},
		{"张三丰", "丰", SEARCH_INSIDE},
		{"张三丰", "张丰", 0},
		{"张三丰", "丰张", 0},
		{"张三丰", "张三丰年", 0},
		{"張三豐", "张三丰", SEARCH_EXACT_NAME},
		{"张三丰", "zhangsanfeng", SEARCH_PINYIN},
		{"张三丰", "zh", SEARCH_PINYIN},
		{"张三丰", "zhangsanf", SEARCH_PINYIN},
		{"张三丰", "zsf", SEARCH_INITIALS},
		{"张三丰", "zs", SEARCH_INITIALS},
		{"张三丰", "zhangsf", SEARCH_INITIALS},
		{"张三丰", "zsanf", SEARCH_INITIALS},
		{"张三丰", "zsfeng", SEARCH_INITIALS},
		{"张三丰", "sanfeng", SEARCH_LATER},
		{"张三丰", "sf", SEARCH_LATER},
		{"张三丰", "feng", SEARCH_LATER},
		{"张三丰", "zf", 0},
		{"张三丰", "zhangfeng", 0},
		{"张三丰", "zhsf", 0},
		{"张三丰", "ang", 0},
		{"张三丰", "%", 0},
		{"张三丰", "_三丰", 0},
		{"单雄", "shanxiong", SEARCH_PINYIN},
		{"单雄", "danxiong", SEARCH_PINYIN},
		{"单雄", "sx", SEARCH_INITIALS},
		{"单雄", "cx", SEARCH_INITIALS},
		{"吕绿", "lvlv", SEARCH_PINYIN},
		{"吕绿", "lulv", SEARCH_PINYIN},
		/* more readings than are written down: those of the first characters go before */
		{"单单乐单", "shanchanleshan", SEARCH_PINYIN},
		{"单单乐单", "shanchanyue", 0},
		{"尉迟恭", "yuchi", SEARCH_PINYIN},
		{"买买提·吐尔逊", "买买提吐尔逊", SEARCH_EXACT_NAME},
		{"买买提·吐尔逊", "吐尔逊", SEARCH_INSIDE},
		{"买买提·吐尔逊", "maimaitituerxun", SEARCH_PINYIN},
		{"买买提·吐尔逊", "mmttex", SEARCH_INITIALS},
		{"买买提·吐尔逊", "tuex", SEARCH_LATER},
		{"买买提·吐尔逊", "mmaittex", 0},
		{"Alex Chen", "alexchen", SEARCH_EXACT_NAME},
		{"Alex Chen", "chen", SEARCH_INSIDE},
		{"O'Neil", "oneil", SEARCH_EXACT_NAME},
		{"Jean-Luc", "luc", SEARCH_INSIDE},
		{"李", "l", SEARCH_PINYIN},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++) {
		Archive__SearchGrams g = ARCHIVE__SEARCH_GRAMS__INIT;

		search_name(arena, row[i].name, &g);
		check_once(&g);
		if (grade_of(&g, row[i].word) != row[i].grade)
			print_error("%s by %s\n", row[i].name, row[i].word);
		assert_int_equal(grade_of(&g, row[i].word), row[i].grade);
	}
}

static const char *many(const char *character)
{
	struct buf b;

	buf_init(&b, arena);
	for (int i = 0; i < 60; i++)
		buf_puts(&b, character);
	return b.p;
}

/* A long name of heteronyms is bounded. */
static void bounded(void **state)
{
	Archive__SearchGrams g = ARCHIVE__SEARCH_GRAMS__INIT;
	const char *name = many("单");

	(void)state;
	search_name(arena, name, &g);
	check_once(&g);
	assert_in_range(g.n_grams, 60, 2000);
	name = many("\xef\xb7\xba"); /* unfolds to 33 bytes */
	search_name(arena, name, &g);
	check_once(&g);
	for (size_t i = 0; i < g.n_grams; i++)
		assert_in_range(strlen(g.grams[i]), 1, 600);
	assert_int_not_equal(grade_of(&g, "صلى"), 0);
	search_name(arena, "·", &g);
	assert_int_equal(g.n_grams, 0);
}

static void places(void **state)
{
	static const struct {
		const char *word;
		int grade;
	} row[] = {
		{"s001", SEARCH_PLACE}, {"s0", SEARCH_PLACE}, {"001", 0},  {"朝阳", SEARCH_PLACE},
		{"一店", SEARCH_PLACE}, {"店", SEARCH_PLACE}, {"阳店", 0}, {"zhaoyang", 0}};
	Archive__SearchGrams g = ARCHIVE__SEARCH_GRAMS__INIT;

	(void)state;
	search_place(arena, "S001", "朝陽 一店", &g);
	check_once(&g);
	for (size_t i = 0; i < ROWS(row); i++)
		assert_int_equal(grade_of(&g, row[i].word), row[i].grade);
}

/* A text by each of its ends, a choice by its names in both languages and not by its code. */
static void values(void **state)
{
	static char *codes[] = {"M", "L"}, *zh[] = {"中号", "大 號"}, *en[] = {"", "Large"};
	static const struct {
		Renhe__CustomFieldType type;
		const char *text, *word;
		int grade;
	} row[] = {
		{RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_TEXT, "紅队 Alpha-7", "红队", SEARCH_CUSTOM},
		{RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_TEXT, "紅队 Alpha-7", "队alpha", SEARCH_CUSTOM},
		{RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_TEXT, "紅队 Alpha-7", "-7", SEARCH_CUSTOM},
		{RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_TEXT, "紅队 Alpha-7", "hongdui", 0},
		{RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_TEXT, " · ", "·", 0},
		{RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_CHOICE, "L", "大号", SEARCH_CUSTOM},
		{RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_CHOICE, "L", "rge", SEARCH_CUSTOM},
		{RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_CHOICE, "L", "中", 0},
		{RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_CHOICE, "M", "中号", SEARCH_CUSTOM},
		{RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_CHOICE, "M", "m", 0},
		{RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_CHOICE, "XL", "大", 0},
	};
	Renhe__CustomField f = RENHE__CUSTOM_FIELD__INIT;

	(void)state;
	f.choice_codes = codes;
	f.choice_zh = zh;
	f.choice_en = en;
	f.n_choice_codes = f.n_choice_zh = f.n_choice_en = 2;
	for (size_t i = 0; i < ROWS(row); i++) {
		Archive__SearchGrams g = ARCHIVE__SEARCH_GRAMS__INIT;

		f.type = row[i].type;
		search_value(arena, &f, row[i].text, &g);
		check_once(&g);
		assert_int_equal(grade_of(&g, row[i].word), row[i].grade);
	}
}

static void boxes(void **state)
{
	static const struct {
		const char *box, *words, *mobile;
		int mobile_word;
		size_t n;
	} row[] = {
		{"", "", NULL, 0, 0},
		{" \t　", "", NULL, 0, 0},
		{"张三", "张三", NULL, 0, 1},
		{" 張三　收銀  Ｓ００１ ", "张三|收银|s001", NULL, 0, 3},
		{"张 张 張", "张", NULL, 0, 1},
		{"O'Neil 买买提·吐", "oneil|买买提吐", NULL, 0, 2},
		{"·", "·", NULL, 0, 1},
		{"% _ *", "%|_|*", NULL, 0, 3},
		{"13800138000", "13800138000", "13800138000", 1, 1},
		{"张三 １３８００１３８０００", "张三|13800138000", "13800138000", 2, 2},
		{"+86 138 0013 8000", "13800138000", "13800138000", 1, 1},
		{"1380013800", "1380013800", NULL, 0, 1},
		{"13800138000 13900139000", "13800138000|13900139000", "13800138000", 1, 2},
		{"a b c d e f g h", "a|b|c|d|e|f|g|h", NULL, 0, 8},
		{"a b c d e f g h i 13800138000", "a|b|c|d|e|f|g|h", NULL, 0, 10},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++) {
		Archive__SearchEmployees s = ARCHIVE__SEARCH_EMPLOYEES__INIT;
		struct buf b;

		search_words(arena, row[i].box, &s);
		buf_init(&b, arena);
		buf_puts(&b, "");
		for (size_t j = 0; j < s.n_words && j < SEARCH_WORDS_MOST; j++)
			buf_printf(&b, "%s%s", j ? "|" : "", s.words[j]);
		assert_string_equal(b.p, row[i].words);
		assert_int_equal(s.n_words, row[i].n);
		assert_int_equal(s.mobile_word, row[i].mobile_word);
		if (row[i].mobile)
			assert_string_equal(s.mobile, row[i].mobile);
		else
			assert_null(s.mobile);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names), cmocka_unit_test(bounded),
					   cmocka_unit_test(places), cmocka_unit_test(values), cmocka_unit_test(boxes)};

	return cmocka_run_group_tests(tests, setup, teardown);
}
