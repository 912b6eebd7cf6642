/* JSON as text: the whole of JSONTestSuite, the limits, time, and the small reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "sample_json.h"

static size_t unbase64(const char *s, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;
	uint32_t bits = 0;
	int have = 0;

	for (; *s && *s != '='; s++) {
		bits = bits << 6 | (uint32_t)(strchr(digits, *s) - digits);
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (char)(bits >> have & 0xFF);
		}
	}
	return n;
}

/* What RFC 8259 allows and we refuse, by decision: names twice, NUL. */
static const char *own_refusal(const char *name)
{
	static const char *const row[][2] = {
		{"y_object_duplicated_key.json", "JSON_DUPLICATE"},
		{"y_object_duplicated_key_and_value.json", "JSON_DUPLICATE"},
		{"y_object_escaped_null_in_key.json", "JSON_NUL"},
		{"y_string_null_escape.json", "JSON_NUL"},
	};

	for (size_t i = 0; i < COUNT(row); i++)
		if (strcmp(name, row[i][0]) == 0)
			return row[i][1];
	return NULL;
}

/* The text itself, or for the huge ones the pattern that it repeats. */
static size_t case_text(const struct json_doc *d, char **text)
{
	const char *b64 = json_get_str(d, "b64"), *head = json_get_str(d, "head_b64");
	int64_t len = 0;

	if (b64) {
		*text = malloc(strlen(b64) + 1);
		return unbase64(b64, *text);
	}
	assert_true(json_get_int(d, "len", &len) && len > 0);
	*text = malloc((size_t)len + strlen(head));
	size_t n = unbase64(head, *text);
	for (size_t i = n; i < (size_t)len; i++)
		(*text)[i] = (*text)[i - n];
	return (size_t)len;
}

struct tally {
	unsigned accept, refuse, either, own;
};

static void suite_case(void *arg, const struct json_doc *d)
{
	struct tally *t = arg;
	const char *name = json_get_str(d, "name"), *expect = json_get_str(d, "expect");
	const char *own = own_refusal(name);
	char *text;
	size_t n = case_text(d, &text);
	const char *code = scan(text, n, NULL, NULL);
	struct json_doc *doc = json_parse(cx.arena, (struct str){text, n});

	if (code)
		assert_null(doc);
	if (strcmp(expect, "either") == 0) {
		t->either++;
	} else if (strcmp(expect, "accept") == 0) {
		t->accept++;
		t->own += own != NULL;
		if (own ? !code || strcmp(code, own) != 0 : code != NULL)
			fail_msg("%s: %s", name, code ? code : "taken");
	} else {
		t->refuse++;
		if (!code)
			fail_msg("%s: taken", name);
	}
	free(text);
}

static void json_test_suite(void **state)
{
	struct json_doc *d = json_parse(cx.arena, shared_file("data/security/json/jsontestsuite_parsing.json"));
	struct tally t = {0};

	(void)state;
	assert_non_null(d);
	json_each(d, "cases", suite_case, &t);
	assert_int_equal(t.refuse, 188);
	assert_int_equal(t.accept, 95);
	assert_int_equal(t.own, 4);
	assert_true(t.either > 30);
}

struct scan_row {
	const char *text;
	const char *code;
	size_t offset;
	const char *pointer;
};

static void scan_codes(void **state)
{
	static const struct scan_row row[] = {
		{"{}", NULL, 0, NULL},
		{" [1 , -0.5e+3, \"x\"] ", NULL, 0, NULL},
		{"\"\\ud83d\\ude00\"", NULL, 0, NULL},
		{"{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":1}]}", NULL, 0, NULL},
		{"", "JSON_SYNTAX", 0, NULL},
		{"   ", "JSON_SYNTAX", 3, NULL},
		{"\xEF\xBB\xBF{}", "JSON_SYNTAX", 0, NULL},
		{"{\"a\":1,}", "JSON_SYNTAX", 7, NULL},
		{"[1 2]", "JSON_SYNTAX", 3, NULL},
		{"{} x", "JSON_SYNTAX", 3, NULL},
		{"[\"\xC3\x28\"]", "JSON_UTF8", 2, NULL},
		{"[\"\xED\xA0\x80\"]", "JSON_UTF8", 2, NULL},
		{"[\"\\ud800\"]", "JSON_SURROGATE", 8, NULL},
		{"[\"\\udc00\\ud800\"]", "JSON_SURROGATE", 8, NULL},
		{"[\"\\ud800\\u0041\"]", "JSON_SURROGATE", 14, NULL},
		{"[\"\\ud800\\ue000\"]", "JSON_SURROGATE", 14, NULL},
		{"[\"a\\u0000b\"]", "JSON_NUL", 9, NULL},
		{"{\"a\\u0000\":1}", "JSON_NUL", 9, NULL},
		{"{\"a\":1,\"a\":2}", "JSON_DUPLICATE", 7, "/a"},
		{"{\"a\":1,\"\\u0061\":2}", "JSON_DUPLICATE", 7, "/a"},
		{"{\"\":1,\"\":2}", "JSON_DUPLICATE", 6, "/"},
		{"{\"x\":[0,{\"k/~\":1,\"k\\/\\u007e\":2}]}", "JSON_DUPLICATE", 17, "/x/1/k~1~0"},
		{"{\"\\ud83d\\ude00\":1,\"\xF0\x9F\x98\x80\":2}", "JSON_DUPLICATE", 18, "/\xF0\x9F\x98\x80"},
		{"{\"a\\n\":1,\"a\\u000a\":2}", "JSON_DUPLICATE", 9, "/a\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		size_t offset = 0;
		const char *pointer = NULL, *code = scan(row[i].text, strlen(row[i].text), &offset, &pointer);
		if (!row[i].code) {
			assert_null(code);
			continue;
		}
		if (!code || strcmp(code, row[i].code) != 0 || offset != row[i].offset)
			fail_msg("%s: %s at %zu", row[i].text, code ? code : "taken", offset);
		assert_int_equal(pointer != NULL, row[i].pointer != NULL);
		if (pointer)
			assert_string_equal(pointer, row[i].pointer);
	}
	assert_string_equal(scan("[1\0]", 4, NULL, NULL), "JSON_NUL");
	assert_string_equal(scan("[\"a\0\"]", 6, NULL, NULL), "JSON_NUL");
	assert_string_equal(scan("{}\0", 3, NULL, NULL), "JSON_NUL");
}

static void depth(void **state)
{
	char text[200];

	(void)state;
	for (unsigned n = 1; n <= 64; n++) {
		for (unsigned i = 0; i < n; i++) {
			text[i] = '[';
			text[2 * n - 1 - i] = ']';
		}
		const char *code = scan(text, 2 * n, NULL, NULL);
		if (n <= 32)
			assert_null(code);
		else
			assert_string_equal(code, "JSON_DEPTH");
	}
	char *deep = malloc(1000000);
	memset(deep, '[', 1000000);
	assert_string_equal(scan(deep, 1000000, NULL, NULL), "JSON_DEPTH");
	free(deep);
}

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

typedef void maker(struct buf *b, size_t bytes);

static void many_members(struct buf *b, size_t bytes)
{
	buf_puts(b, "{\"x\":0");
	for (unsigned i = 0; b->n < bytes; i++)
		buf_printf(b, ",\"k%u\":%u", i, i);
	buf_puts(b, "}");
}
static void many_objects(struct buf *b, size_t bytes)
{
	buf_puts(b, "[{}");
	while (b->n < bytes)
		buf_puts(b, ",{\"a\":1,\"b\":[]}");
	buf_puts(b, "]");
}
static void many_escapes(struct buf *b, size_t bytes)
{
	buf_puts(b, "{\"x\":0");
	for (unsigned i = 0; b->n < bytes; i++)
		buf_printf(b, ",\"\\u0061\\\\%u\":\"\\n\\\"\"", i);
	buf_puts(b, "}");
}
static void one_string(struct buf *b, size_t bytes)
{
	buf_puts(b, "[\"");
	while (b->n < bytes)
		buf_puts(b, "张三\\\"");
	buf_puts(b, "\"]");
}

/* Best of five, without the time of making the text. */
static double scan_time(maker *make, size_t bytes)
{
	double best = 1e9;

	for (int i = 0; i < 5; i++) {
		struct arena *a = arena_new();
		struct buf b;
		buf_init(&b, a);
		make(&b, bytes);
		double start = cpu_s();
		assert_non_null(json_parse(a, (struct str){b.p, b.n}));
		double took = cpu_s() - start;
		best = took < best ? took : best;
		assert_true(arena_used(a) < 60 * bytes);
		arena_free(a);
	}
	return best;
}

/* 1 MiB is read in some ms; eight times the text in about eight times the time. */
static void linear_time(void **state)
{
	static maker *const make[] = {many_members, many_objects, many_escapes, one_string};

	(void)state;
	for (size_t i = 0; i < COUNT(make); i++) {
		double small = scan_time(make[i], 128 << 10), large = scan_time(make[i], 1 << 20);
		if (large > 24 * small + 0.002)
			fail_msg("shape %zu: %f s and %f s", i, small, large);
		assert_true(large < 1.0);
	}
}

/* ---- writing and reading texts ---- */

static void quotes(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, cx.arena);
	json_quote(&b, "a\"\\\b\f\n\r\t\x01\x1f\x7f\0/张\xFF\xE5\xBC.", 20);
	assert_string_equal(b.p, "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\\u0000/张\xEF\xBF\xBD\xEF\xBF\xBD"
				 "\xEF\xBF\xBD.\"");
}

/* ---- the small reader ---- */

static void small_reader(void **state)
{
	struct json_doc *d = json_parse(cx.arena, STR("{\"kid\":\"k1\",\"exp\":1795365301,\"f\":1.5,\"big\":9007199254740992,"
						      "\"roles\":[\"HR\",7],\"keys\":[{\"n\":\"a\"},3],\"sub\":{\"x\":null}}"));
	int64_t v = 7;

	(void)state;
	assert_non_null(d);
	assert_string_equal(json_get_str(d, "kid"), "k1");
	assert_null(json_get_str(d, "KID"));
	assert_null(json_get_str(d, "exp"));
	assert_false(json_get_int(d, "f", &v));
	assert_false(json_get_int(d, "big", &v));
	assert_false(json_get_int(d, "kid", &v));
	assert_false(json_get_int(d, "none", &v));
	assert_int_equal(v, 7);
	assert_true(json_get_int(d, "exp", &v));
	assert_int_equal(v, 1795365301);
	assert_int_equal(json_count(d, "roles"), 2);
	assert_int_equal(json_count(d, "kid"), 0);
	assert_string_equal(json_item_str(d, "roles", 0), "HR");
	assert_null(json_item_str(d, "roles", 1));
	assert_null(json_item_str(d, "roles", 2));
	assert_string_equal(json_get_str(json_item(d, "keys", 0), "n"), "a");
	assert_null(json_item(d, "keys", 1));
	assert_true(json_has(json_sub(d, "sub"), "x"));
	assert_false(json_has(json_sub(d, "sub"), "y"));
	assert_null(json_sub(d, "kid"));
	assert_null(json_get_str(NULL, "x"));
	assert_null(json_parse(cx.arena, STR("{\"a\":1,\"a\":1}")));
	assert_null(json_parse(cx.arena, STR("")));
	json_done(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(json_test_suite), T(scan_codes), T(depth), T(linear_time), T(quotes),
		T(small_reader),
	};
	sample_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
