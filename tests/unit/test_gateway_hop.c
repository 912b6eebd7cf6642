/* The hop: what of a caller's head reaches a service, and what of an answer reaches the caller. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "../../gateway/address.c"
#include "../../gateway/hop.c"

#include <cmocka.h>

#define START "GET /api/v1/employees/7 HTTP/1.1\r\nHost: a\r\n"
#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"

static const struct route ROUTE = {
	.name = "archive.TransferEmployee",
	.method = METHOD_POST,
	.path = "/api/v1/employees/{id}:transfer",
};

static struct wire_head parse(const char *text)
{
	struct wire_head h;
	size_t scanned = 0;
	int status;

	memset(&h, 0, sizeof(h));
	if (wire_request(&h, text, strlen(text), &scanned, &status) != WIRE_OK)
		fail_msg("no request: %s", text);
	return h;
}

static const char *hop_of(struct arena *a, const char *text, const struct route *route,
			  const char *id, struct str body)
{
	struct http_request r = {.head = parse(text), .body = body, .peer = "192.0.2.7"};
	struct hop_ids ids = hop_ids(a, &r.head);
	struct json_param p = {"id", id};
	struct hop hop = {.route = route, .params = &p, .n_params = 1, .request = &r, .ids = &ids,
			  .service = "archive", .internal_token = "inner"};

	return hop_request(a, &hop).p;
}

static void request_is_written_anew(void **state)
{
	const char *got = hop_of(*state,
				 "POST /api/v1/employees/a%20b:transfer?x=1 HTTP/1.1\r\n"
				 "Host: outside\r\nX-Request-Id: given-0001\r\n"
				 "Authorization: Bearer t\r\nContent-Type: application/json\r\n"
				 "Idempotency-Key: k\r\nContent-Length: 2\r\n\r\n",
				 &ROUTE, "a b", STR("{}"));

	assert_true(strstr(got, "POST /api/v1/employees/a%20b:transfer?x=1 HTTP/1.1\r\n"
				"Host: archive\r\nX-Request-Id: given-0001\r\n") == got);
	assert_non_null(strstr(got, "\r\nX-Forwarded-For: 192.0.2.7\r\n"));
	assert_non_null(strstr(got, "\r\nAuthorization: Bearer t\r\n"));
	assert_non_null(strstr(got, "\r\nIdempotency-Key: k\r\n"));
	assert_non_null(strstr(got, "\r\nContent-Length: 2\r\n\r\n"));
	parse(got);
}

static void nothing_else_passes(void **state)
{
	static const char *const LINES[] = {
		"X-User-Id: 1",	   "X-Tenant: 1",	 "X-Role: HR",	      "Cookie: a=b",
		"X-Forwarded-For: 9", "Forwarded: for=9", "X-HTTP-Method-Override: DELETE",
		"X-Renhe-Internal-Token: guess", "Connection: X-Request-Id", "Upgrade: h2c",
		"TE: trailers",	   "Via: 1.1 x",	 "Proxy-Authorization: x", "Range: bytes=0-",
		"X-Device-Id: a b c d e f", "X-Device-Id: short", "tracestate: a=b", "Origin: x",
		"X-Original-URL: /admin", "Referer: http://x/", "Expect-CT: x", "X-Real-IP: 9",
	};
	char text[400];

	for (size_t i = 0; i < sizeof(LINES) / sizeof(LINES[0]); i++) {
		const char *value = strstr(LINES[i], ": ") + 2;
		snprintf(text, sizeof(text), START "%s\r\n\r\n", LINES[i]);
		const char *got = hop_of(*state, text, &ROUTE, "7", STR(""));
		char line[100];
		snprintf(line, sizeof(line), ": %s\r\n", value);
		if (strstr(got, line))
			fail_msg("passed on: %s", LINES[i]);
	}
}

static void public_routes_lose_the_token(void **state)
{
	struct route open = ROUTE;
	const char *text = START "Authorization: Bearer secret\r\n\r\n";

	open.auth = AUTH_PUBLIC;
	assert_null(strstr(hop_of(*state, text, &open, "7", STR("")), "secret"));
	assert_non_null(strstr(hop_of(*state, text, &ROUTE, "7", STR("")), "secret"));
}

/* Decoded values can't leave their segment, and no line can be added through them. */
static void values_stay_in_their_segment(void **state)
{
	static const char *const VALUES[] = {"a/b", "a?b", "a b", "a\r\nX: y", "a%b", "..", "张", "a#"};

	for (size_t i = 0; i < sizeof(VALUES) / sizeof(VALUES[0]); i++) {
		const char *got = hop_of(*state, START "\r\n", &ROUTE, VALUES[i], STR(""));
		const char *end = strstr(got, ":transfer HTTP/1.1\r\nHost: archive\r\n");
		assert_non_null(end);
		assert_true(strspn(got + 22, "ABCDEFXaby0123456789%.") == (size_t)(end - got) - 22);
	}
}

static void ids_are_judged(void **state)
{
	static const struct {
		const char *lines;
		bool id, trace;
	} ROWS[] = {
		{"X-Request-Id: abcd-1234\r\n", true, false},
		{"X-Request-Id: short\r\n", false, false},
		{"X-Request-Id: has_underscore\r\n", false, false},
		{"X-Request-Id: has blank 1\r\n", false, false},
		{"traceparent: 00-" TRACE "-" SPAN "-01\r\n", false, true},
		{"traceparent: 01-" TRACE "-" SPAN "-01\r\n", false, false},
		{"traceparent: 00-" TRACE "-0000000000000000-01\r\n", false, false},
		{"traceparent: 00-00000000000000000000000000000000-" SPAN "-01\r\n", false, false},
		{"traceparent: 00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01\r\n", false, false},
		{"traceparent: 00-" TRACE "-" SPAN "-0\r\n", false, false},
		{"traceparent: 00-" TRACE "-" SPAN "-01-x\r\n", false, false},
		{"traceparent: 00-------------------------------------" SPAN "-01\r\n", false, false},
	};
	char text[400];

	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		snprintf(text, sizeof(text), START "%s\r\n", ROWS[i].lines);
		struct wire_head h = parse(text);
		struct hop_ids ids = hop_ids(*state, &h);
		assert_int_equal(strcmp(ids.request_id, "abcd-1234") == 0, ROWS[i].id);
		assert_true(ROWS[i].id || uuid_valid(ids.request_id));
		if ((strcmp(ids.trace_id, TRACE) == 0) != ROWS[i].trace)
			fail_msg("trace of %s", ROWS[i].lines);
		assert_int_equal(strlen(ids.traceparent), 55);
		assert_true(traceparent_ok(str_of(ids.traceparent)));
		assert_string_equal(ids.traceparent + 52, "-00");
		assert_null(strstr(ids.traceparent, SPAN));
	}
}

static void language_is_the_first_known(void **state)
{
	static const char *const ROWS[][2] = {
		{"en", "en"}, {"en-GB,zh;q=0.5", "en"}, {"fr, en;q=0.8", "en"}, {"zh-CN,en", "zh-CN"},
		{"", "zh-CN"}, {"fr", "zh-CN"}, {"eng", "zh-CN"}, {"*", "zh-CN"}, {",,zh", "zh-CN"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		assert_string_equal(language(str_of(ROWS[i][0])), ROWS[i][1]);
}

static void heads_are_judged(void **state)
{
	static const struct {
		const char *target;
		bool good;
	} ROWS[] = {
		{"/x", true}, {"/x?", true}, {"/x?page_token=eyJx", true}, {"/x?a=1&b=2", true},
		{"/x?q=eyJ.a", true}, {"/x?tokens=1", true},
		{"/x?access_token=1", false}, {"/x?a=1&ACCESS_TOKEN", false}, {"/x?token=", false},
		{"/x?%74oken=1", false}, {"/x?a=eyJhb.c.d", false}, {"/x?a=%65yJhb.c.d", false},
		{"/x?a=%ff", false}, {"/x?a=%00", false},
	};
	char text[200];

	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", ROWS[i].target);
		struct wire_head h = parse(text);
		if (hop_head_ok(*state, &h) != ROWS[i].good)
			fail_msg("%s", ROWS[i].target);
	}
	struct wire_head twice = parse(START "If-Match: 1\r\nIf-Match: 2\r\n\r\n");
	assert_false(hop_head_ok(*state, &twice));
}

static void bearer_is_read(void **state)
{
	static const struct {
		const char *line, *token;
		bool other;
	} ROWS[] = {
		{"", "", false},
		{"Authorization: Bearer abc\r\n", "abc", false},
		{"Authorization: bearer abc\r\n", "abc", false},
		{"Authorization: Basic abc\r\n", "", true},
		{"Authorization: Bearer\r\n", "", true},
		{"Authorization: Bearerabc\r\n", "", true},
	};
	char text[200];
	bool other;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		snprintf(text, sizeof(text), START "%s\r\n", ROWS[i].line);
		struct wire_head h = parse(text);
		assert_true(str_eq(hop_bearer(&h, &other), ROWS[i].token));
		assert_int_equal(other, ROWS[i].other);
	}
}

static void answers_are_filtered(void **state)
{
	static const char TEXT[] = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nServer: secret\r\n"
				   "X-Internal: secret\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n"
				   "Access-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n";
	struct hop_ids ids = {.request_id = "r-1"};
	struct wire_head h;
	size_t scanned = 0;

	memset(&h, 0, sizeof(h));
	assert_int_equal(wire_answer(&h, TEXT, sizeof(TEXT) - 1, &scanned), WIRE_OK);
	assert_string_equal(hop_answer(*state, &h, &ids),
			    "ETag: \"1\"\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n"
			    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
			    "X-Request-Id: r-1\r\n");
}

static void addresses_are_read(void **state)
{
	static const char *const GOOD[] = {"127.0.0.1:80", "[::1]:65535", "unix:/run/x",
					   "archive:8082", "archive-1.renhe.svc:1"};
	static const char *const NOT[] = {"", ":80", "127.0.0.1", "a:0", "a:65536", "a:1x", "a:-1",
					  "a:+1", "[::1]", "[::1:80", "::1:80", "unix:", "unix:x",
					  "a b:1", "-a:1", "http://a:1", "a/b:1"};
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++)
		assert_true(address_read(&a, GOOD[i]));
	for (size_t i = 0; i < sizeof(NOT) / sizeof(NOT[0]); i++)
		if (address_read(&a, NOT[i]))
			fail_msg("taken: %s", NOT[i]);
}

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_is_written_anew),
		cmocka_unit_test(nothing_else_passes),
		cmocka_unit_test(public_routes_lose_the_token),
		cmocka_unit_test(values_stay_in_their_segment),
		cmocka_unit_test(ids_are_judged),
		cmocka_unit_test(language_is_the_first_known),
		cmocka_unit_test(heads_are_judged),
		cmocka_unit_test(bearer_is_read),
		cmocka_unit_test(answers_are_filtered),
		cmocka_unit_test(addresses_are_read),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
