/* Banks' salary files: bytes as they must stand, what is refused and where, answers read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bank_file.h"
#include "seal.h"
#include <cmocka.h> /* behind seal.h, which has a `fail` too */

static const char DELIMITED[] = "encoding gbk\nend crlf\nseparator \"|\"\namount yuan\n"
				"header \"F\" company_account batch date count total\n"
				"body sequence account name amount purpose code\n";
static const char FIXED[] = "# one of the old kind\n"
			    "encoding gbk\namount fen\n"
			    "header \"H\" company:20<= count:6>0 total:12>0\n"
			    "body sequence:4>0 account:19 name:10 amount:10>0 purpose:8\n"
			    "footer \"T\" checksum\n";
static const char ANSWER[] = "encoding gbk\nseparator \"|\"\namount yuan\nskip 1\n"
			     "columns sequence account name amount status reason\n"
			     "paid \"成功\" \"00\"\nfailed \"失败\" \"01\"\n";
static const char ANSWER_PLAIN[] = "encoding utf-8\nseparator \",\"\ncolumns account amount - status\npaid \"S\"\nfailed \"F\"\n";

static const struct bank_payment TWO[] = {
	{"6222 0200-0000 0000 123", "张三", "八月工资", "", 1234567},
	{"6217000000000000001", "欧阳丹", "八月工资", "102100099996", 5},
};
static const struct bank_batch BATCH = {.company = "人和", .company_account = "110060149012345678", .batch = "2026-08-1",
					.date = "2026-09-05", .payment = TWO, .n = 2};

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct bank_layout layout(const char *text)
{
	struct bank_faults f = {0};
	struct bank_layout l;

	assert_true(bank_layout_read(arena, text, &l, &f));
	assert_int_equal(f.n, 0);
	return l;
}

static struct bank_layout answer_layout(const char *text)
{
	struct bank_faults f = {0};
	struct bank_layout l;

	assert_true(bank_answer_layout_read(arena, text, &l, &f));
	return l;
}

/* ---- layouts ---- */

static void layouts_are_refused(void **state)
{
	static const struct {
		const char *what, *text;
		unsigned n;
		enum bank_fault_code code;
		unsigned line, column;
	} ROWS[] = {
		{"nothing at all", "", 3, BANK_MISSING, 0, 0},
		{"an unknown key", "encodings gbk\nseparator \",\"\nencoding gbk\nbody account amount", 1, BANK_UNKNOWN_LINE, 1, 1},
		{"a key twice", "encoding gbk\nencoding gbk\nseparator \",\"\nbody account amount", 1, BANK_UNKNOWN_LINE, 2, 1},
		{"an unknown encoding", "encoding big5\nseparator \",\"\nbody account amount", 1, BANK_BAD_VALUE, 1, 10},
		{"no separator and no width", "encoding gbk\nbody account:19 amount", 1, BANK_WIDTH_MISSING, 0, 0},
		{"a separator of two", "encoding gbk\nseparator \"||\"\nbody account amount", 1, BANK_BAD_VALUE, 2, 11},
		{"a separator that amounts have", "encoding gbk\nseparator \".\"\nbody account amount", 1, BANK_BAD_VALUE, 2, 11},
		{"a quote that doesn't end", "encoding gbk\nseparator \",\nbody account amount", 1, BANK_BAD_VALUE, 2, 11},
		{"an unknown item", "encoding gbk\nseparator \",\"\nbody account amuont amount", 1, BANK_UNKNOWN_ITEM, 3, 14},
		{"an item of the file in the body", "encoding gbk\nseparator \",\"\nbody account amount total", 1, BANK_UNKNOWN_ITEM, 3, 21},
		{"an item of a payment in the header", "encoding gbk\nseparator \",\"\nheader account\nbody account amount", 1,
		 BANK_UNKNOWN_ITEM, 3, 8},
		{"a status in a file that is sent", "encoding gbk\nseparator \",\"\nbody account amount status", 1, BANK_UNKNOWN_ITEM, 3, 21},
		{"a width of none", "encoding gbk\nbody account:0 amount:9", 1, BANK_BAD_VALUE, 2, 14},
		{"a width beyond", "encoding gbk\nbody account:513 amount:9", 1, BANK_BAD_VALUE, 2, 14},
		{"zeros behind an amount", "encoding gbk\nbody account:19 amount:9<0", 1, BANK_BAD_VALUE, 2, 24},
		{"a fill of two", "encoding gbk\nbody account:19 amount:9>00", 1, BANK_BAD_VALUE, 2, 24},
		{"no account", "encoding gbk\nseparator \",\"\nbody amount", 1, BANK_MISSING, 0, 0},
		{"no amount", "encoding gbk\nseparator \",\"\nbody account", 1, BANK_MISSING, 0, 0},
		{"a checksum before the end", "encoding gbk\nseparator \",\"\nheader checksum\nbody account amount", 1, BANK_UNKNOWN_ITEM, 0, 0},
		{"something behind a value", "encoding gbk gbk\nseparator \",\"\nbody account amount", 1, BANK_BAD_VALUE, 1, 14},
		{"all at once", "encoding x\nend y\namount z\nbody account:x amuont", 6, BANK_BAD_VALUE, 1, 10},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct bank_faults f = {0};
		struct bank_layout l;

		if (bank_layout_read(arena, ROWS[i].text, &l, &f) || f.n != ROWS[i].n || f.fault[0].code != ROWS[i].code ||
		    f.fault[0].line != ROWS[i].line || (f.fault[0].line && f.fault[0].column != ROWS[i].column))
			fail_msg("%s: %u faults, the first %s at %u:%u", ROWS[i].what, f.n, f.n ? bank_fault_code(f.fault[0].code) : "",
				 f.fault[0].line, f.fault[0].column);
	}
}

static void layouts_of_answers_are_refused(void **state)
{
	static const char *const TEXTS[] = {
		"encoding gbk\ncolumns account amount status\npaid \"1\"\nfailed \"2\"",			/* no separator */
		"encoding gbk\nseparator \",\"\ncolumns account amount\npaid \"1\"\nfailed \"2\"",		/* no status */
		"encoding gbk\nseparator \",\"\ncolumns account amount status\nfailed \"2\"",			/* no word of success */
		"encoding gbk\nseparator \",\"\ncolumns account amount status\npaid 1\nfailed \"2\"",		/* not quoted */
		"encoding gbk\nseparator \",\"\ncolumns account amount status total\npaid \"1\"\nfailed \"2\"", /* of the file */
		"encoding gbk\nseparator \",\"\nskip one\ncolumns account amount status\npaid \"1\"\nfailed \"2\"",
		"encoding gbk\nseparator \",\"\nbody account amount status\npaid \"1\"\nfailed \"2\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
		struct bank_faults f = {0};
		struct bank_layout l;

		if (bank_answer_layout_read(arena, TEXTS[i], &l, &f))
			fail_msg("taken: %s", TEXTS[i]);
		assert_true(f.n > 0);
	}
}

/* ---- files ---- */

static struct bank_file written(const char *text, const struct bank_batch *b)
{
	struct bank_layout l = layout(text);
	struct bank_faults f = {0};
	struct bank_file file;

	if (!bank_file_write(arena, &l, b, &file, &f))
		fail_msg("%u faults, the first %s of payment %u", f.n, bank_fault_code(f.fault[0].code), f.fault[0].line);
	assert_int_equal(f.n, 0);
	return file;
}

static void assert_bytes(struct str got, const char *want, size_t n)
{
	assert_int_equal(got.n, n);
	assert_memory_equal(got.p, want, n);
}

static void with_a_separator(void **state)
{
	/* 张三 D5C5C8FD, 欧阳丹 C5B7D1F4B5A4, 八月工资 B0CBD4C2B9A4D7CA */
	static const char WANT[] = "F|110060149012345678|2026-08-1|20260905|2|12345.72\r\n"
				   "1|6222020000000000123|\xD5\xC5\xC8\xFD|12345.67|\xB0\xCB\xD4\xC2\xB9\xA4\xD7\xCA|\r\n"
				   "2|6217000000000000001|\xC5\xB7\xD1\xF4\xB5\xA4|0.05|\xB0\xCB\xD4\xC2\xB9\xA4\xD7\xCA|102100099996\r\n";
	struct bank_file file = written(DELIMITED, &BATCH);
	char hex[65];

	(void)state;
	assert_bytes(file.bytes, WANT, sizeof(WANT) - 1);
	assert_int_equal(file.total_fen, 1234572);
	sha256_hex(WANT, sizeof(WANT) - 1, hex);
	assert_string_equal(file.sha256, hex);
}

static void of_fixed_width(void **state)
{
	static const char WANT[] = "H\xC8\xCB\xBA\xCD================000002000001234572\n"
				   "00016222020000000000123\xD5\xC5\xC8\xFD      0001234567\xB0\xCB\xD4\xC2\xB9\xA4\xD7\xCA\n"
				   "00026217000000000000001\xC5\xB7\xD1\xF4\xB5\xA4    0000000005\xB0\xCB\xD4\xC2\xB9\xA4\xD7\xCA\n";
	struct bank_file file = written(FIXED, &BATCH);
	char hex[65];

	(void)state;
	assert_int_equal(file.bytes.n, sizeof(WANT) - 1 + 1 + 64 + 1);
	assert_memory_equal(file.bytes.p, WANT, sizeof(WANT) - 1);
	sha256_hex(WANT, sizeof(WANT) - 1, hex);
	assert_int_equal(file.bytes.p[sizeof(WANT) - 1], 'T');
	assert_memory_equal(file.bytes.p + sizeof(WANT), hex, 64);
}

static void utf8_stays(void **state)
{
	static const struct bank_payment RARE[] = {{"1", "𬭎䶮", "", "", 100}};
	struct bank_batch b = BATCH;
	struct bank_file file;

	(void)state;
	b.payment = RARE;
	b.n = 1;
	file = written("encoding utf-8\nseparator \"\\t\"\nbody name account amount\n", &b);
	assert_bytes(file.bytes, "𬭎䶮\t1\t1.00\n", strlen("𬭎䶮\t1\t1.00\n"));
	file = written("encoding gb18030\nseparator \",\"\nbody name account amount\n", &b);
	assert_int_equal(file.bytes.n, 4 + 2 + strlen(",1,1.00\n"));
}

static void payments_are_refused(void **state)
{
	static const struct {
		const char *what;
		struct bank_payment p;
		enum bank_fault_code code;
		enum bank_item item;
	} ROWS[] = {
		{"no account", {"", "张三", "", "", 1}, BANK_EMPTY, BANK_ACCOUNT},
		{"none at all", {NULL, "张三", "", "", 1}, BANK_EMPTY, BANK_ACCOUNT},
		{"letters in it", {"6222O2", "张三", "", "", 1}, BANK_NOT_DIGITS, BANK_ACCOUNT},
		{"an account beyond", {"12345678901234567890123456789012345", "张三", "", "", 1}, BANK_NOT_DIGITS, BANK_ACCOUNT},
		{"wider than its column", {"12345678901234567890", "张三", "", "", 1}, BANK_TOO_WIDE, BANK_ACCOUNT},
		{"no name", {"1", "", "", "", 1}, BANK_EMPTY, BANK_NAME},
		{"a name too long", {"1", "阿卜杜拉艾买提", "", "", 1}, BANK_TOO_WIDE, BANK_NAME},
		{"a name that GBK doesn't have", {"1", "王䶮", "", "", 1}, BANK_NOT_IN_ENCODING, BANK_NAME},
		{"one of the second plane", {"1", "𬭎", "", "", 1}, BANK_NOT_IN_ENCODING, BANK_NAME},
		{"one for private use", {"1", "\xEE\xA0\x9E", "", "", 1}, BANK_NOT_IN_ENCODING, BANK_NAME},
		{"a line end in a name", {"1", "张\n三", "", "", 1}, BANK_FORBIDDEN, BANK_NAME},
		{"a tab in a purpose", {"1", "张三", "a\tb", "", 1}, BANK_FORBIDDEN, BANK_PURPOSE},
		{"nothing to pay", {"1", "张三", "", "", 0}, BANK_AMOUNT_RANGE, BANK_AMOUNT},
		{"less than nothing", {"1", "张三", "", "", -1}, BANK_AMOUNT_RANGE, BANK_AMOUNT},
		{"beyond counting", {"1", "张三", "", "", INT64_MAX}, BANK_AMOUNT_RANGE, BANK_AMOUNT},
		{"wider than the amounts' column", {"1", "张三", "", "", 10000000000}, BANK_TOO_WIDE, BANK_AMOUNT},
	};
	struct bank_layout l = layout(FIXED);

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct bank_payment three[] = {TWO[0], ROWS[i].p, TWO[1]};
		struct bank_batch b = BATCH;
		struct bank_faults f = {0};
		struct bank_file file;

		b.payment = three;
		b.n = 3;
		if (bank_file_write(arena, &l, &b, &file, &f) || f.fault[0].code != ROWS[i].code || f.fault[0].line != 2 ||
		    f.fault[0].item != ROWS[i].item)
			fail_msg("%s: %u faults, the first %s of payment %u", ROWS[i].what, f.n, bank_fault_code(f.fault[0].code),
				 f.fault[0].line);
	}
}

static void all_faults_at_once(void **state)
{
	static const struct bank_payment BAD[] = {{"x", "", "|", "123", 1}, {"1", "张三", "", "", 1}, {"", "王䶮", "", "", 0}};
	struct bank_layout l = layout(DELIMITED);
	struct bank_batch b = {.company_account = "", .batch = "", .date = "", .payment = BAD, .n = 3};
	struct bank_faults f = {0};
	struct bank_file file;

	(void)state;
	assert_false(bank_file_write(arena, &l, &b, &file, &f));
	assert_int_equal(f.n, 3 + 4 + 3);
	f.n = 0;
	b.n = 0;
	assert_false(bank_file_write(arena, &l, &b, &file, &f));
	assert_int_equal(f.fault[0].code, BANK_NOBODY);
}

static void more_faults_than_are_kept(void **state)
{
	struct bank_payment *many = arena_alloc(arena, 1000 * sizeof(*many));
	struct bank_batch b = BATCH;
	struct bank_layout l = layout(DELIMITED);
	struct bank_faults f = {0};
	struct bank_file file;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		many[i] = (struct bank_payment){"x", "张三", "", "", 1};
	b.payment = many;
	b.n = 1000;
	assert_false(bank_file_write(arena, &l, &b, &file, &f));
	assert_int_equal(f.n, 1000);
	assert_int_equal(f.fault[BANK_FAULTS_MOST - 1].line, BANK_FAULTS_MOST);
}

/* ---- answers ---- */

static struct str gbk(const char *text)
{
	struct str out;
	const char *lost;

	assert_true(charset_encode(arena, text, CHARSET_GB18030, true, &out, &lost));
	return out;
}

static void an_answer(void **state)
{
	struct bank_layout l = answer_layout(ANSWER);
	struct bank_faults f = {0};
	struct bank_answer out;

	(void)state;
	assert_true(bank_answer_read(arena, &l, gbk("序号|账号|户名|金额|状态|原因\r\n"
						    "2|6217000000000000001|欧阳丹|0.05|失败|账户已销户\r\n\r\n"
						    "1|6222020000000000123|张三|12,345.67|成功|\r\n"),
				     &BATCH, &out, &f));
	assert_int_equal(out.result[0].outcome, BANK_PAID);
	assert_int_equal(out.result[1].outcome, BANK_FAILED);
	assert_string_equal(out.result[1].reason, "账户已销户");
	assert_int_equal(out.paid_fen, 1234567);
	assert_int_equal(out.failed_fen, 5);
	assert_int_equal(out.waiting, 0);
}

static void part_of_an_answer(void **state)
{
	struct bank_layout l = answer_layout(ANSWER_PLAIN);
	struct bank_faults f = {0};
	struct bank_answer out;

	(void)state;
	assert_true(bank_answer_read(arena, &l, STR("\xef\xbb\xbf" "6217000000000000001, 0.05,x,S,more\n"), &BATCH, &out, &f));
	assert_int_equal(out.result[0].outcome, BANK_WAITING);
	assert_int_equal(out.result[1].outcome, BANK_PAID);
	assert_int_equal(out.waiting, 1);
}

static void twins_are_each_one(void **state)
{
	static const struct bank_payment TWINS[] = {{"1", "甲", "", "", 100}, {"2", "乙", "", "", 100}, {"1", "甲", "", "", 100}};
	struct bank_layout l = answer_layout(ANSWER_PLAIN);
	struct bank_batch b = {.payment = TWINS, .n = 3};
	struct bank_faults f = {0};
	struct bank_answer out;

	(void)state;
	assert_true(bank_answer_read(arena, &l, STR("1,1.00,,S\n1,1.00,,F\n"), &b, &out, &f));
	assert_int_equal(out.paid + out.failed, 2);
	assert_int_equal(out.result[1].outcome, BANK_WAITING);
	assert_false(bank_answer_read(arena, &l, STR("1,1.00,,S\n1,1.00,,S\n1,1.00,,S\n"), &b, &out, &f));
	assert_int_equal(f.fault[0].code, BANK_TWICE);
}

static void answers_are_refused(void **state)
{
	static const struct {
		const char *what, *line;
		enum bank_fault_code code;
	} ROWS[] = {
		{"a column is missing", "1|6222020000000000123|张三|12345.67|成功", BANK_UNREADABLE},
		{"no amount", "1|6222020000000000123|张三||成功|", BANK_UNREADABLE},
		{"an amount with letters", "1|6222020000000000123|张三|12345.6x|成功|", BANK_UNREADABLE},
		{"three decimals", "1|6222020000000000123|张三|12345.670|成功|", BANK_UNREADABLE},
		{"beyond counting", "1|6222020000000000123|张三|99999999999999999999|成功|", BANK_UNREADABLE},
		{"less than nothing", "1|6222020000000000123|张三|-12345.67|成功|", BANK_UNREADABLE},
		{"an unknown word", "1|6222020000000000123|张三|12345.67|处理中|", BANK_UNKNOWN_STATUS},
		{"no word", "1|6222020000000000123|张三|12345.67||", BANK_UNKNOWN_STATUS},
		{"number 0", "0|6222020000000000123|张三|12345.67|成功|", BANK_UNKNOWN_PAYMENT},
		{"number 3 of 2", "3|6222020000000000123|张三|12345.67|成功|", BANK_UNKNOWN_PAYMENT},
		{"a number of 2^32 + 1", "4294967297|6222020000000000123|张三|12345.67|成功|", BANK_UNKNOWN_PAYMENT},
		{"another account", "1|6222020000000000124|张三|12345.67|成功|", BANK_OTHER_PAYMENT},
		{"another amount", "1|6222020000000000123|张三|12345.68|成功|", BANK_OTHER_PAYMENT},
		{"the same once more", "2|6217000000000000001|欧阳丹|0.05|成功|\n2|6217000000000000001|欧阳丹|0.05|成功|", BANK_TWICE},
	};
	struct bank_layout l = answer_layout(ANSWER);

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct bank_faults f = {0};
		struct bank_answer out;

		if (bank_answer_read(arena, &l, gbk(arena_printf(arena, "head\n%s\n", ROWS[i].line)), &BATCH, &out, &f) || f.n != 1 ||
		    f.fault[0].code != ROWS[i].code)
			fail_msg("%s: %u faults, the first %s", ROWS[i].what, f.n, f.n ? bank_fault_code(f.fault[0].code) : "");
	}
}

static void bytes_of_no_encoding(void **state)
{
	struct bank_layout l = answer_layout(ANSWER);
	struct bank_faults f = {0};
	struct bank_answer out;

	(void)state;
	assert_false(bank_answer_read(arena, &l, STR("head\n1|6222020000000000123|\xFF\xFE|12345.67|00|\n"), &BATCH, &out, &f));
	assert_int_equal(f.fault[0].code, BANK_UNREADABLE);
	assert_int_equal(f.fault[0].line, 2);
}

/* ---- there and back ---- */

static uint64_t seed;

static unsigned pick(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed % n);
}

static void draw(struct bank_payment *p)
{
	/* 乜 and 囗 have "|" and "\" for second bytes in GBK; so do many others. */
	static const char *const NAMES[] = {"张三", "乜丹", "囗鯸", "欧阳丹", "Ann", "阿卜杜拉", "塍塡", "誠實"};
	char account[20];

	for (unsigned i = 0; i < 19; i++)
		account[i] = (char)('0' + pick(10));
	account[19] = '\0';
	*p = (struct bank_payment){arena_strdup(arena, account), NAMES[pick(8)], NAMES[pick(8)], pick(2) ? "" : "102100099996",
				   1 + (int64_t)pick(1000000000)};
}

static void there_and_back(void **state)
{
	struct bank_layout l, answer;
	const char *given = getenv("RENHE_SEED");

	(void)state;
	seed = given ? strtoull(given, NULL, 10) : 20261123;
	print_message("seed %llu\n", (unsigned long long)seed);
	for (unsigned round = 0; round < 300; round++) {
		arena_reset(arena);
		l = layout("encoding gbk\nseparator \"|\"\nbody sequence account name amount purpose code\n");
		answer = answer_layout("encoding gbk\nseparator \"|\"\ncolumns sequence account name amount reason status\n"
				       "paid \"\"\nfailed \"102100099996\"\n");
		struct bank_payment *p = arena_alloc(arena, 50 * sizeof(*p));
		struct bank_batch b = {.payment = p, .n = 1 + pick(50)};
		struct bank_faults f = {0};
		struct bank_file file;
		struct bank_answer out;
		int64_t sum = 0;

		for (unsigned i = 0; i < b.n; i++) {
			draw(&p[i]);
			sum += p[i].fen;
		}
		assert_true(bank_file_write(arena, &l, &b, &file, &f));
		assert_int_equal(file.total_fen, sum);
		assert_true(bank_answer_read(arena, &answer, file.bytes, &b, &out, &f));
		assert_int_equal(out.paid_fen + out.failed_fen, sum);
		assert_int_equal(out.waiting, 0);
		for (unsigned i = 0; i < b.n; i++) {
			assert_int_equal(out.result[i].outcome, *p[i].code ? BANK_FAILED : BANK_PAID);
			assert_string_equal(out.result[i].reason, p[i].purpose);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layouts_are_refused),
		cmocka_unit_test(layouts_of_answers_are_refused),
		cmocka_unit_test(with_a_separator),
		cmocka_unit_test(of_fixed_width),
		cmocka_unit_test(utf8_stays),
		cmocka_unit_test(payments_are_refused),
		cmocka_unit_test(all_faults_at_once),
		cmocka_unit_test(more_faults_than_are_kept),
		cmocka_unit_test(an_answer),
		cmocka_unit_test(part_of_an_answer),
		cmocka_unit_test(twins_are_each_one),
		cmocka_unit_test(answers_are_refused),
		cmocka_unit_test(bytes_of_no_encoding),
		cmocka_unit_test(there_and_back),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
