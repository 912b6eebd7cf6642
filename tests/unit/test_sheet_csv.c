/* Text tables in the encodings and with the separators that people have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "sheet_frame.h"

static void csv_files(void **state)
{
	static const struct {
		struct str file;
		const char *encoding, *want;
	} row[] = {
#define F(text) {text, sizeof(text) - 1}
		{F("工号,姓名\r\nE1,张三\r\n"), "UTF-8", "!1:工号|姓名\n!2:E1|张三"},
		{F("\xEF\xBB\xBF" "工号,姓名\nE1,张三"), "UTF-8", "!1:工号|姓名\n!2:E1|张三"},
		{F("\xB9\xA4\xBA\xC5,\xD0\xD5\xC3\xFB\r\nE1,\xD5\xC5\xC8\xFD\r\n"), "GB18030", "!1:工号|姓名\n!2:E1|张三"},
		/* 䶮 of GBK, 龴 of 2000, a four-byte 𠀀 */
		{F("\xD0\xD5\xC3\xFB\n\xFE\x9F\n\xFE\x59\n\x95\x32\x82\x36\n"), "GB18030",
		 "!1:姓名\n!2:䶮\n!3:龴\n!4:\xF0\xA0\x80\x80"},
		/* the second byte of 诚 in GBK range is "\\" and the like elsewhere */
		{F("a,\x95\x5C\x81\x7C\n"), "GB18030", "!1:a|昞亅"},
		{F("\xFF\xFE\xE5\x5D\xF7\x53\t\0\x0D\x59\r\0\n\0E\0\x31\0\t\0\x20\x5F\r\0\n\0"), "UTF-16LE", "!1:工号|复\n!2:E1|张"},
		{F("\xFE\xFF\x5D\xE5\0,\x59\xD3\0\n\0E\0,\xD8\x40\xDC\0"), "UTF-16BE", "!1:工|姓\n!2:E|\xF0\xA0\x80\x80"},
		{F("n\0a\0m\0e\0,\0\xE5\x5D\n\0E\0\x31\0,\0\x20\x5F"), "UTF-16LE", "!1:name|工\n!2:E1|张"},
		{F("\0n\0a\0m\0e\0,\x5D\xE5\0\n\0E\0\x31\0,\x5F\x20"), "UTF-16BE", "!1:name|工\n!2:E1|张"},
		/* a lone half of a pair, a NUL and an odd byte stay in their cells */
		{F("\xFF\xFE" "a\0,\0\x00\xD8,\0b\0\n\0c\0,\0\0\0,\0d"), "UTF-16LE",
		 "!1:a|\xEF\xBF\xBD{b}|b\n!2:c|\xEF\xBF\xBD{b}|\xEF\xBF\xBD{b}"},
		/* one cell pasted from elsewhere */
		{F("姓名,部门\n王小明,运营\n\xD5\xC5\xC8\xFD,运营\n李四,\xFF\xFF\n"), "UTF-8",
		 "!1:姓名|部门\n!2:王小明|运营\n!3:张三{b}|运营\n!4:李四|\xEF\xBF\xBD\xEF\xBF\xBD{b}"},
		{F("姓名\n\xEF\xBF\xBD\xEF\xBF\xBD\n"), "UTF-8", "!1:姓名\n!2:\xEF\xBF\xBD\xEF\xBF\xBD{b}"},
		{F("\xD0\xD5\xC3\xFB\n\xD5\xC5\xFF\xC8\xFD\n"), "GB18030", "!1:姓名\n!2:张\xEF\xBF\xBD三{b}"},
		{F("a;b;c\n1,5;2;3\n"), "UTF-8", "!1:a|b|c\n!2:1,5|2|3"},
		{F("a\tb\n 1 \t2\n"), "UTF-8", "!1:a|b\n!2: 1 |2"},
		{F("\"x;y;z\",b\n1;2,3\n"), "UTF-8", "!1:x;y;z|b\n!2:1;2|3"},
		{F("sep=;\r\na,b;c\r\n1;2\r\n"), "UTF-8", "!2:a,b|c\n!3:1|2"},
		{F("a,b\r1,2\r"), "UTF-8", "!1:a|b\n!2:1|2"},
		{F("a,b\n\n,\n\"x\ny\",\"q\"\"q\"\n"), "UTF-8", "!1:a|b\n!4:x\ny|q\"q"},
		{F("a,,\n,,b\n"), "UTF-8", "!1:a\n!2:||b"},
		{F("id\n4.40308E+17\n'440308199001010025\n"), "UTF-8", "!1:id\n!2:4.40308E+17\n!3:'440308199001010025"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++) {
		struct sheet *s;
		size_t n;

		assert_string_equal(reading(row[i].file, &USUAL_LIMITS), row[i].want);
		assert_null(sheet_read(arena, row[i].file, &USUAL_LIMITS, &s, &n));
		assert_int_equal(n, 1);
		assert_string_equal(s->encoding, row[i].encoding);
		assert_string_equal(s->format, "csv");
	}
}

static void csv_refused(void **state)
{
	static const char *const row[] = {"a,b\n\"open,1\n2,3\n", "a\n\"x\"y\n", "a\nx\"y\n", "\"", "a,b\n1,\"2\n"};

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++)
		assert_string_equal(reading(str_of(row[i]), &USUAL_LIMITS), "SHEET_SYNTAX");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(csv_files), cmocka_unit_test(csv_refused)};

	return cmocka_run_group_tests(tests, setup, teardown);
}
