/* Vectors O-I01 to O-I09 of the domain papers, and the edges of every format. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "value.h"

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
#define FOREVER INT64_MAX

/* ---- ID documents ---- */

static void id_documents(void **state)
{
	static const struct {
		const char *in, *number, *birth, *region, *nationality;
		enum id_kind kind;
		bool male;
	} row[] = {
		/* O-I01 */
		{"11010519491231002X", "11010519491231002X", "1949-12-31", "110105", "", ID_RESIDENT, false},
		{"11010519491231002x", "11010519491231002X", "1949-12-31", "110105", "", ID_RESIDENT, false},
		{"440524188001010014", "440524188001010014", "1880-01-01", "440524", "", ID_RESIDENT, true},
		{"110101199003078670", "110101199003078670", "1990-03-07", "110101", "", ID_RESIDENT, true},
		{"360426199101010071", "360426199101010071", "1991-01-01", "360426", "", ID_RESIDENT, true},
		/* O-I03 */
		{"610104620927690", "610104196209276908", "1962-09-27", "610104", "", ID_RESIDENT, false},
		{"110105491231002", "11010519491231002X", "1949-12-31", "110105", "", ID_RESIDENT, false},
		/* O-I04 */
		{"810000199408230021", "810000199408230021", "1994-08-23", "810000", "", ID_HONG_KONG, false},
		{"830000199201300022", "830000199201300022", "1992-01-30", "830000", "", ID_TAIWAN, false},
		/* O-I05 */
		{"932682198501010017", "932682198501010017", "1985-01-01", "32", "682", ID_FOREIGN, true},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++) {
		struct id_document d;
		char birth[11];
		const char *normal;
		assert_null(id_document_check(row[i].in, FOREVER, &d));
		date_format(d.birth_days, birth);
		assert_string_equal(d.number, row[i].number);
		assert_string_equal(birth, row[i].birth);
		assert_string_equal(d.region, row[i].region);
		assert_string_equal(d.nationality, row[i].nationality);
		assert_int_equal(d.kind, row[i].kind);
		assert_int_equal(d.male, row[i].male);
		assert_null(value_check(arena, FORMAT_ID_DOCUMENT, row[i].in, &normal));
		assert_string_equal(normal, row[i].number);
	}
}

static void id_documents_refused(void **state)
{
	static const struct {
		const char *in, *code;
	} row[] = {
		/* O-I02 */
		{"44030819990110", "LENGTH"}, {"440308199902301512", "DATE"}, {"440308199901101513", "CHECK"},
		{"11010119900307867X", "CHECK"}, {"1101051949123100AX", "CHARSET"},
		{"", "LENGTH"}, {"1101051949123100211", "LENGTH"}, {"11010519491231 02X", "CHARSET"},
		{"X10105194912310021", "CHARSET"}, {"11010549123100X", "CHARSET"},
		{"１１０１０５１９４９１２３１００２Ｘ", "CHARSET"}, /* full width */
		{"000105194912310020", "REGION"}, {"160105194912310020", "REGION"}, {"810001199408230021", "REGION"},
		{"840000199408230021", "REGION"}, {"999682198501010017", "REGION"}, {"990105491231002", "REGION"},
		{"110105184912310029", "DATE"}, {"110105194913310029", "DATE"}, {"110105000000000029", "DATE"},
		{"110105190002290029", "DATE"}, {"110105491331002", "DATE"},
		{"110105194912310020", "CHECK"}, {"810000199408230022", "CHECK"}, {"932682198501010018", "CHECK"},
	};
	struct id_document d;
	const char *out;

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++) {
		assert_string_equal(id_document_check(row[i].in, FOREVER, &d), row[i].code);
		assert_string_equal(value_check(arena, FORMAT_ID_DOCUMENT, row[i].in, &out), row[i].code);
	}
	int64_t day;
	assert_true(date_parse("1990-03-07", &day));
	assert_null(id_document_check("110101199003078670", day, &d));
	assert_string_equal(id_document_check("110101199003078670", day - 1, &d), "DATE");
}

/* Any one digit changed must be found: MOD 11-2 promises it. */
static void every_single_slip_is_found(void **state)
{
	const char good[] = "110101199003078670";
	struct id_document d;

	(void)state;
	for (int i = 0; i < 18; i++) {
		for (char c = '0'; c <= '9'; c++) {
			char s[19];
			memcpy(s, good, 19);
			s[i] = c;
			assert_int_equal(id_document_check(s, FOREVER, &d) == NULL, c == good[i]);
		}
	}
}

/* ---- other formats ---- */

struct format_row {
	enum value_format format;
	const char *in, *out, *code; /* out NULL = as in; code NULL = good */
};

static void check_rows(const struct format_row *row, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *out = NULL, *code = value_check(arena, row[i].format, row[i].in, &out);
		if (!row[i].code && code)
			fail_msg("\"%s\" gave %s", row[i].in, code);
		if (row[i].code && (!code || strcmp(code, row[i].code) != 0))
			fail_msg("\"%s\" gave %s, not %s", row[i].in, code ? code : "no fault", row[i].code);
		if (!code)
			assert_string_equal(out, row[i].out ? row[i].out : row[i].in);
	}
}

static void formats_accepted(void **state)
{
	static const struct format_row row[] = {
		{FORMAT_ANY, "anything", NULL, NULL},
		{FORMAT_UUID, "01900000-0000-7000-8000-000000000001", NULL, NULL},
		{FORMAT_UUID, "0190ABCD-0000-7000-8000-00000000000F", "0190abcd-0000-7000-8000-00000000000f", NULL},
		{FORMAT_DATE, "2024-02-29", NULL, NULL},
		{FORMAT_DATE, "0001-01-01", NULL, NULL},
		{FORMAT_DATE, "9999-12-31", NULL, NULL},
		{FORMAT_TIME, "2026-11-01T08:00:00Z", "2026-11-01T08:00:00.000000Z", NULL},
		{FORMAT_TIME, "2026-11-01T08:00:00.25Z", "2026-11-01T08:00:00.250000Z", NULL},
		{FORMAT_TIME, "1969-12-31T23:59:59.999999Z", NULL, NULL},
		{FORMAT_ZONE, "Asia/Shanghai", NULL, NULL},
		{FORMAT_ZONE, "America/Argentina/Ushuaia", NULL, NULL},
		{FORMAT_ZONE, "UTC", NULL, NULL},
		/* O-I08 */
		{FORMAT_MOBILE, "13800138000", NULL, NULL},
		{FORMAT_MOBILE, "+86 138-0013-8000", "13800138000", NULL},
		{FORMAT_MOBILE, "0086 199 0013 8000", "19900138000", NULL},
		{FORMAT_EMAIL, "zhang.san+hr@example.com.cn", NULL, NULL},
		{FORMAT_SIGN_IN_NAME, "E10001", NULL, NULL},
		{FORMAT_SIGN_IN_NAME, "zhang.san@example", NULL, NULL},
		{FORMAT_CODE, "A-1_b", NULL, NULL},
		/* O-I06 */
		{FORMAT_CREDIT_CODE, "91110000600037341L", NULL, NULL},
		{FORMAT_CREDIT_CODE, "91440300708461136T", NULL, NULL},
		{FORMAT_CREDIT_CODE, "91110000600037341l", "91110000600037341L", NULL},
	};

	(void)state;
	check_rows(row, ROWS(row));
}

static void formats_refused(void **state)
{
	static const struct format_row row[] = {
		{FORMAT_UUID, "", NULL, "FORMAT"},
		{FORMAT_UUID, "01900000-0000-7000-8000-00000000000", NULL, "FORMAT"},
		{FORMAT_UUID, "01900000-0000-7000-8000-0000000000011", NULL, "FORMAT"},
		{FORMAT_UUID, "01900000x0000-7000-8000-000000000001", NULL, "FORMAT"},
		{FORMAT_UUID, "0190000g-0000-7000-8000-000000000001", NULL, "FORMAT"},
		{FORMAT_DATE, "2026-1-01", NULL, "FORMAT"},
		{FORMAT_DATE, "2026-01-01 ", NULL, "FORMAT"},
		{FORMAT_DATE, "", NULL, "FORMAT"},
		{FORMAT_DATE, "2026", NULL, "FORMAT"},
		{FORMAT_DATE, "2023-02-29", NULL, "DATE"},
		{FORMAT_DATE, "1900-02-29", NULL, "DATE"},
		{FORMAT_DATE, "0000-01-01", NULL, "DATE"},
		{FORMAT_DATE, "2026-13-01", NULL, "DATE"},
		{FORMAT_DATE, "2026-04-31", NULL, "DATE"},
		{FORMAT_TIME, "2026-11-01T08:00:00+08:00", NULL, "FORMAT"},
		{FORMAT_TIME, "2026-11-01T08:00:00", NULL, "FORMAT"},
		{FORMAT_TIME, "2026-11-01T08:00:00.Z", NULL, "FORMAT"},
		{FORMAT_TIME, "2026-11-01T08:00:00.1234567Z", NULL, "FORMAT"},
		{FORMAT_TIME, "2026-11-01T24:00:00Z", NULL, "FORMAT"},
		{FORMAT_TIME, "2026-11-01T23:59:60Z", NULL, "FORMAT"},
		{FORMAT_TIME, "2026-11-31T08:00:00Z", NULL, "FORMAT"},
		{FORMAT_TIME, "2026-11-01 08:00:00Z", NULL, "FORMAT"},
		{FORMAT_TIME, "2026-11-01T08:00:00ZZ", NULL, "FORMAT"},
		{FORMAT_ZONE, "Asia/Atlantis", NULL, "FORMAT"},
		{FORMAT_ZONE, "GMT+8", NULL, "FORMAT"},
		{FORMAT_ZONE, "PST", NULL, "FORMAT"},
		{FORMAT_ZONE, "Etc/Unknown", NULL, "FORMAT"},
		{FORMAT_ZONE, "", NULL, "FORMAT"},
		{FORMAT_ZONE, "亚洲/上海", NULL, "FORMAT"},
		{FORMAT_MOBILE, "12800138000", NULL, "FORMAT"},
		{FORMAT_MOBILE, "1380013800", NULL, "FORMAT"},
		{FORMAT_MOBILE, "+8613800138000138", NULL, "FORMAT"},
		{FORMAT_MOBILE, "+86+8613800138000", NULL, "FORMAT"},
		{FORMAT_MOBILE, "1380013800a", NULL, "FORMAT"},
		{FORMAT_MOBILE, "", NULL, "FORMAT"},
		{FORMAT_EMAIL, "a@b", NULL, "FORMAT"},
		{FORMAT_EMAIL, "@example.com", NULL, "FORMAT"},
		{FORMAT_EMAIL, "a..b@example.com", NULL, "FORMAT"},
		{FORMAT_EMAIL, "a@example..com", NULL, "FORMAT"},
		{FORMAT_EMAIL, "a@-example.com", NULL, "FORMAT"},
		{FORMAT_EMAIL, "a b@example.com", NULL, "FORMAT"},
		{FORMAT_EMAIL, "a@example.com.", NULL, "FORMAT"},
		{FORMAT_SIGN_IN_NAME, "_x", NULL, "FORMAT"},
		{FORMAT_SIGN_IN_NAME, "张三", NULL, "FORMAT"},
		{FORMAT_CODE, "", NULL, "FORMAT"},
		{FORMAT_CODE, "-a", NULL, "FORMAT"},
		{FORMAT_CODE, "a b", NULL, "FORMAT"},
		{FORMAT_CREDIT_CODE, "91110000600037341M", NULL, "CHECK"},
		{FORMAT_CREDIT_CODE, "9111000060003734IL", NULL, "CHARSET"},
		{FORMAT_CREDIT_CODE, "12345", NULL, "LENGTH"},
		{FORMAT_CREDIT_CODE, "9111A000600037341L", NULL, "CHARSET"},
	};

	(void)state;
	check_rows(row, ROWS(row));
}

/* Every code that a check gives has words of its own. */
static void codes_are_explained(void **state)
{
	static const char *const code[] = {"LENGTH", "CHARSET", "REGION", "DATE", "CHECK", "FORMAT"};
	const struct text_def *other = value_explain("NONSENSE", FORMAT_ANY).def;

	(void)state;
	for (size_t i = 0; i < ROWS(code); i++)
		assert_ptr_not_equal(value_explain(code[i], FORMAT_ID_DOCUMENT).def, other);
	for (enum value_format f = FORMAT_UUID; f <= FORMAT_CREDIT_CODE; f++) {
		const struct text_def *t = value_explain("FORMAT", f).def;

		assert_string_not_equal(t->en, other->en);
		assert_string_not_equal(t->zh, other->zh);
	}
}

static void card_qq_wechat(void **state)
{
	(void)state;
	/* O-I07 */
	assert_true(luhn_valid("4111111111111111"));
	assert_true(luhn_valid("6222020000000000000"));
	assert_false(luhn_valid("6222020000000000001"));
	assert_false(luhn_valid("000000000000"));
	assert_false(luhn_valid("41111111111111x1"));
	/* O-I08 */
	assert_true(qq_valid("10000"));
	assert_true(qq_valid("12345678901"));
	assert_false(qq_valid("9999"));
	assert_false(qq_valid("01234567"));
	assert_false(qq_valid("123456789012"));
	assert_true(wechat_name_valid("wx_001"));
	assert_true(wechat_name_valid("a_b-c123456789012345"));
	assert_false(wechat_name_valid("abc12"));
	assert_false(wechat_name_valid("1abcde"));
	assert_false(wechat_name_valid("a_b-c1234567890123456"));
	assert_false(wechat_name_valid(""));
}

/* ---- masks ---- */

static void masks(void **state)
{
	static const struct {
		enum value_mask mask;
		const char *in, *out;
	} row[] = {
		/* O-I09 */
		{MASK_ID_NUMBER, "11010519491231002X", "110105********002X"},
		{MASK_MOBILE, "13800138000", "138****8000"},
		{MASK_TAIL4, "6222020000000000000", "***************0000"},
		{MASK_NAME, "张三", "张*"},
		{MASK_NAME, "欧阳娜娜", "欧阳**"},
		{MASK_NAME, "王小明", "王**"},
		{MASK_NAME, "欧阳", "欧*"},
		{MASK_NAME, "张", "*"},
		{MASK_NAME, "", ""},
		{MASK_NAME, "Li Lei", "L*****"},
		{MASK_ID_NUMBER, "E12345678", "*****5678"},
		{MASK_ID_NUMBER, "E12", "***"},
		{MASK_MOBILE, "1380", "****"},
		{MASK_TAIL4, "1234567", "*******"},
		{MASK_EMAIL, "zhangsan@example.com", "z***@example.com"},
		{MASK_EMAIL, "z@example.com", "***@example.com"},
		{MASK_EMAIL, "张三@example.com", "张***@example.com"},
		{MASK_EMAIL, "nonsense", "****"},
		{MASK_ALL, "北京市东城区", "****"},
		{MASK_ALL, "", "****"},
		{MASK_DATE, "1949-12-31", "****-**-**"},
		{MASK_NONE, "x", "x"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++)
		assert_string_equal(value_mask(arena, row[i].mask, row[i].in), row[i].out);
}

/* ---- UTF-8 ---- */

static void utf8(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} row[] = {
		{"", true}, {"abc", true}, {"张三", true}, {"\xF0\xA0\xAE\xB7", true}, {"\xF4\x8F\xBF\xBD", true},
		{"\xC3", false}, {"\xC0\xAF", false}, {"\xE0\x80\x80", false}, {"\xED\xA0\x80", false},
		{"\xF4\x90\x80\x80", false}, {"\xF8\x88\x80\x80\x80", false}, {"\x80", false}, {"\xFF", false},
		{"\xEF\xBF\xBE", false}, {"\xEF\xBF\xBF", false}, {"\xE5\xBC", false}, {"\xE5\xBC\x20", false},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++)
		assert_int_equal(utf8_valid(row[i].text, strlen(row[i].text)), row[i].valid);
	assert_false(utf8_valid("a\0b", 3));
	assert_int_equal(utf8_length("a张\xF0\xA0\xAE\xB7"), 3);
}

/* ---- dates, instants, zones ---- */

static void dates_are_a_line(void **state)
{
	int64_t first, last, day;
	char text[11];

	(void)state;
	assert_true(date_parse("0001-01-01", &first));
	assert_true(date_parse("9999-12-31", &last));
	assert_int_equal(first, -719162);
	assert_int_equal(last, 2932896);
	assert_true(date_parse("1970-01-01", &day));
	assert_int_equal(day, 0);
	for (int64_t d = first; d <= last; d++) {
		date_format(d, text);
		if (!date_parse(text, &day) || day != d)
			fail_msg("%s", text);
	}
}

static void instants(void **state)
{
	int64_t us = 7;
	char text[28];

	(void)state;
	assert_true(time_parse("2026-11-22T16:35:01.000001Z", &us));
	assert_int_equal(us, 1795365301000001);
	time_format(us, text);
	assert_string_equal(text, "2026-11-22T16:35:01.000001Z");
	time_format(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999999Z");
	assert_false(time_parse("2026-11-22", &us));
	assert_int_equal(us, 1795365301000001); /* untouched */
}

static void zones(void **state)
{
	static const struct {
		const char *zone, *day, *midnight;
	} row[] = {
		{"Asia/Shanghai", "2026-11-01", "2026-10-31T16:00:00.000000Z"},
		{"UTC", "2026-11-01", "2026-11-01T00:00:00.000000Z"},
		{"Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00.000000Z"},
		{"Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00.000000Z"},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00.000000Z"}, /* began at 01:00 */
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00.000000Z"},    /* two midnights */
		{"Asia/Shanghai", "1986-05-04", "1986-05-03T16:00:00.000000Z"},	    /* summer time then */
		{"Asia/Shanghai", "1500-01-01", "1499-12-31T15:54:17.000000Z"},	    /* proleptic, local mean */
	};

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++) {
		int64_t day, us, back;
		char text[28];
		assert_true(date_parse(row[i].day, &day));
		assert_true(zone_midnight(row[i].zone, day, &us));
		time_format(us, text);
		assert_string_equal(text, row[i].midnight);
		assert_true(zone_date(row[i].zone, us, &back));
		assert_int_equal(back, day);
		assert_true(zone_date(row[i].zone, us - 1, &back));
		assert_int_equal(back, day - 1);
	}
	int64_t out = 5;
	assert_false(zone_midnight("Asia/Atlantis", 0, &out));
	assert_false(zone_date("GMT+8", 0, &out));
	assert_int_equal(out, 5);
}

/* ---- UUIDs ---- */

#define PER_THREAD 20000
static char made[2][PER_THREAD][37];

static void *make(void *arg)
{
	char(*out)[37] = arg;

	for (int i = 0; i < PER_THREAD; i++)
		uuid7(out[i]);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void uuids_increase(void **state)
{
	pthread_t other;

	(void)state;
	assert_int_equal(pthread_create(&other, NULL, make, made[1]), 0);
	make(made[0]);
	pthread_join(other, NULL);
	for (int t = 0; t < 2; t++) {
		for (int i = 0; i < PER_THREAD; i++) {
			const char *u = made[t][i];
			assert_true(uuid_valid(u));
			assert_int_equal(u[14], '7');
			assert_non_null(strchr("89ab", u[19]));
			if (i)
				assert_true(strcmp(made[t][i - 1], u) < 0);
		}
	}
	qsort(made, 2 * PER_THREAD, 37, compare);
	for (int i = 1; i < 2 * PER_THREAD; i++)
		assert_string_not_equal(made[0][0] + (i - 1) * 37, made[0][0] + i * 37);
	assert_false(uuid_valid("01900000-0000-7000-8000-00000000000A"));
	assert_false(uuid_valid(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(id_documents),	    cmocka_unit_test(id_documents_refused),
		cmocka_unit_test(every_single_slip_is_found),
		cmocka_unit_test(formats_accepted), cmocka_unit_test(formats_refused),
		cmocka_unit_test(codes_are_explained), cmocka_unit_test(card_qq_wechat),
		cmocka_unit_test(masks),	    cmocka_unit_test(utf8),
		cmocka_unit_test(dates_are_a_line), cmocka_unit_test(instants),
		cmocka_unit_test(zones),	    cmocka_unit_test(uuids_increase),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
