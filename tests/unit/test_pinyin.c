/* Folding and readings: tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "pinyin.h"
#include "str.h"

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

static void folds(void **state)
{
	static const struct {
		const char *in, *out;
	} row[] = {
		{"", ""},
		{"张三", "张三"},
		{"張國榮", "张国荣"},
		{"陳葉鍾", "陈叶钟"},
		{"Ａｌｅｘ　ＣＨＥＮ", "alex chen"},
		{"１３８００１３８０００", "13800138000"},
		{"Straße", "strasse"},
		{"ÉCOLE", "école"},
		{"e\xcc\x81", "é"},
		{"%_\\'\"", "%_\\'\""},
		{"\xef\xb7\xba", "صلى الله عليه وسلم"},
		{"\xf0\xa0\x80\x80", "\xf0\xa0\x80\x80"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++)
		assert_string_equal(text_fold(arena, row[i].in), row[i].out);
}

/* "shan dan chan|xiong": readings of a character by blanks, characters by bars. */
static const char *read(const char *name)
{
	struct buf b;
	size_t n;
	struct readings *r = pinyin_readings(arena, name, &n);

	buf_init(&b, arena);
	buf_puts(&b, "");
	for (size_t i = 0; i < n; i++)
		for (unsigned j = 0; j < r[i].n; j++)
			buf_printf(&b, "%s%s", j ? " " : i ? "|" : "", r[i].of[j]);
	return b.p;
}

static void reads(void **state)
{
	static const struct {
		const char *name, *readings;
	} row[] = {
		{"张三", "zhang|san"},
		{"張國榮", "zhang|guo|rong"},
		/* surnames that are read otherwise than the character mostly is */
		{"单雄信", "shan dan chan|xiong|xin"},
		{"曾国藩", "zeng ceng|guo|fan"},
		{"仇英", "qiu chou|ying"},
		{"解缙", "xie jie|jin"},
		{"查良", "zha cha|liang"},
		{"区志", "ou qu|zhi"},
		{"盖聂", "ge gai|nie"},
		{"尉迟恭", "yu wei|chi|gong"},
		{"万俟", "mo wan|qi"},
		{"朴树", "pu piao|shu"},
		{"覃辉", "tan qin|hui"},
		/* in given names */
		{"张乐", "zhang|le yue"},
		{"王茜", "wang|qian xi"},
		/* ü */
		{"吕绿", "lv lu|lv lu"},
		{"王略", "wang|lve lue"},
		/* what has no reading is passed over */
		{"Alex陈", "chen"},
		{"买买提·吐尔逊", "mai|mai|ti|tu|er|xun"},
		{"O'Neil", ""},
		{"", ""},
		{"あ王", "wang"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++)
		assert_string_equal(read(row[i].name), row[i].readings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(folds), cmocka_unit_test(reads)};

	return cmocka_run_group_tests(tests, setup, teardown);
}
