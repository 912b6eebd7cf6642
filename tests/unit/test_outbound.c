/* The client of hosts outside, against a host that behaves as badly as hosts do (tests/lib/outside.py). */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "arena.h"
#include "clock.h"
#include "config.h"
#include "fault.h"
#include "metrics.h"
#include "outbound.h"
#include "outbound_internal.h"
#include "simulator.h"
#include "renhe.gen.h"
#include <cmocka.h>
#undef fail /* ours raises faults */
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

static struct simulator sim;
static struct ctx cx;

/* ---- asking ---- */

static void fresh(void)
{
	if (cx.arena)
		arena_free(cx.arena);
	cx = (struct ctx){.arena = arena_new(), .lang = "en", .request_id = "01900000-0000-7000-8000-000000000001"};
}

static const char *url(const char *scheme, const char *host, const char *port, const char *path)
{
	return arena_printf(cx.arena, "%s://%s:%d%s", scheme, host, simulator_port(&sim, port), path);
}

/* "" where an answer came, else the code. */
static const char *send_all(struct outbound_request rq, struct outbound_answer *out)
{
	if (!rq.method)
		rq.method = "GET";
	if (!rq.deadline_ms)
		rq.deadline_ms = 5000;
	if (!rq.most_bytes)
		rq.most_bytes = 10000;
	return outbound_send(&cx, &rq, out) ? "" : cx.fault.def->code;
}

static const char *get(const char *path, struct outbound_answer *out)
{
	fresh();
	return send_all((struct outbound_request){.url = url("http", "127.0.0.1", "plain", path)}, out);
}

static int asked(const char *method_path)
{
	struct outbound_answer a;
	struct arena *was = cx.arena;

	cx.arena = NULL;
	assert_string_equal(get(arena_printf(was, "/count?%s", method_path), &a), "");
	arena_free(was);
	return (int)strtol(a.body.p, NULL, 10);
}

static void settings(const char *ports, int64_t cool_ms)
{
	char inner[200], cool[24];

	snprintf(inner, sizeof(inner), "127.0.0.1:%d,127.0.0.1:%d,localhost:%d,localhost:%d,localhost:%d,127.0.0.1:1",
		 simulator_port(&sim, "plain"), simulator_port(&sim, "good"), simulator_port(&sim, "good"),
		 simulator_port(&sim, "other"), simulator_port(&sim, "stranger"));
	snprintf(cool, sizeof(cool), "%lld", (long long)cool_ms);
	setenv("RENHE_OUTBOUND_INNER", inner, 1);
	setenv("RENHE_OUTBOUND_PORTS", ports, 1);
	setenv("RENHE_OUTBOUND_COOL_MS", cool, 1);
	assert_true(config_load("t"));
}

/* ---- what comes back ---- */

static void an_answer_comes_back(void **state)
{
	struct outbound_answer a;

	(void)state;
	assert_string_equal(get("/ok", &a), "");
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body.p, "good");
	assert_string_equal(outbound_header(&cx, &a, "x-spaces"), "a b");
	assert_null(outbound_header(&cx, &a, "x-none"));
	assert_string_equal(get("/status/404", &a), "");
	assert_int_equal(a.status, 404);
	assert_string_equal(get("/interim", &a), "");
	assert_int_equal(a.status, 200);
	assert_string_equal(outbound_header(&cx, &a, "X-Late"), "1");
	assert_null(outbound_header(&cx, &a, "X-Early"));
}

static void what_is_sent(void **state)
{
	static const struct {
		const char *method;
		size_t pieces;
	} ROWS[] = {{"PUT", 3}, {"POST", 3}, {"PATCH", 0}, {"POST", 0}, {"DELETE", 0}, {"GET", 0}};
	static const char *const lines[] = {"X-One: two words", "Content-Type: text/plain", NULL};
	struct str pieces[] = {STR("one,"), {"", 0}, STR("two")};
	struct outbound_answer a;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		bool body = ROWS[i].pieces != 0;

		if (!strcmp(ROWS[i].method, "PATCH"))
			continue; /* the simulator has none */
		fresh();
		assert_string_equal(send_all((struct outbound_request){.method = ROWS[i].method, .headers = lines,
						     .body = body ? pieces : NULL, .n_body = ROWS[i].pieces,
						     .url = url("http", "127.0.0.1", "plain", "/echo/a%2Fb/../c?d=%20e")}, &a), "");
		assert_int_equal(strncmp(a.body.p, ROWS[i].method, strlen(ROWS[i].method)), 0);
		assert_non_null(strstr(a.body.p, " /echo/a%2Fb/../c?d=%20e HTTP/1.1\n"));
		assert_non_null(strstr(a.body.p, "x-one: two words\n"));
		assert_non_null(strstr(a.body.p, "user-agent: renhe\n"));
		assert_null(strstr(a.body.p, "expect:"));
		assert_null(strstr(a.body.p, "transfer-encoding:"));
		assert_string_equal(strstr(a.body.p, "\n\n") + 2, body ? "one,two" : "");
	}
}

static void connections_are_kept(void **state)
{
	struct outbound_answer a;

	(void)state;
	assert_string_equal(get("/ok", &a), "");
	assert_string_equal(get("/ok", &a), "");
	assert_true(strtol(outbound_header(&cx, &a, "x-before"), NULL, 10) >= 1);
}

/* ---- bounds ---- */

static void deadlines_hold(void **state)
{
	static const char *const PATHS[] = {"/slow-head", "/slow-body"};
	struct outbound_answer a;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		int64_t start = clock_monotonic_ms();
		bool own = i < 2; /* else that of the task */

		fresh();
		cx.deadline_ms = own ? 0 : start + 300;
		assert_string_equal(send_all((struct outbound_request){.deadline_ms = own ? 300 : 5000,
						     .url = url("http", "127.0.0.1", "plain", PATHS[i % 2])}, &a), "OUTBOUND_TIMEOUT");
		assert_in_range(clock_monotonic_ms() - start, 250, 1500);
		assert_string_equal(get("/ok", &a), ""); /* the breaker doesn't open by these alone */
		assert_string_equal(get("/ok", &a), "");
	}
}

static void sizes_hold(void **state)
{
	static const struct {
		const char *path, *code;
	} ROWS[] = {{"/big?9999", ""}, {"/big?10000", ""}, {"/big?10001", "OUTBOUND_BAD_ANSWER"}, {"/endless", "OUTBOUND_BAD_ANSWER"},
		    {"/heads", "OUTBOUND_BAD_ANSWER"}, {"/junk", "OUTBOUND_BAD_ANSWER"}};
	struct outbound_answer a = {.status = -1};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_string_equal(get(ROWS[i].path, &a), ROWS[i].code);
		assert_string_equal(get("/ok", &a), "");
		assert_string_equal(get("/ok", &a), "");
	}
}

/* ---- where it doesn't go ---- */

static void no_redirect_is_followed(void **state)
{
	struct outbound_answer a;
	const char *inside;

	(void)state;
	fresh();
	inside = url("http", "127.0.0.1", "inner", "/ok/inside");
	assert_string_equal(send_all((struct outbound_request){
				    .url = arena_printf(cx.arena, "%s?%s", url("http", "127.0.0.1", "plain", "/redirect"), inside)}, &a), "");
	assert_int_equal(a.status, 302);
	assert_string_equal(outbound_header(&cx, &a, "location"), inside);
	assert_int_equal(asked("GET+/ok/inside"), 0);
}

static void no_proxy_of_the_environment(void **state)
{
	static const char *const NAMES[] = {"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"};
	struct outbound_answer a;

	(void)state;
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		setenv(NAMES[i], "http://127.0.0.1:1", 1);
	assert_string_equal(get("/ok", &a), "");
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		unsetenv(NAMES[i]);
}

/* Forms of addresses inside, names that lead there, and what is no address of https. P: the port of
 * a simulator that RENHE_OUTBOUND_INNER doesn't name, but RENHE_OUTBOUND_PORTS does. */
static void inside_is_refused(void **state)
{
	static const char *const URLS[] = {
		"https://127.0.0.1:P/ok", "https://localhost:P/ok", "https://localhost.:P/ok", "https://2130706433:P/ok",
		"https://0x7f000001:P/ok", "https://0177.0.0.1:P/ok", "https://127.1:P/ok", "https://0.0.0.0:P/ok",
		"https://[::1]:P/ok", "https://[::]:P/ok", "https://[::ffff:127.0.0.1]:P/ok", "https://[::ffff:7f00:1]:P/ok",
		"https://[64:ff9b::7f00:1]:P/ok", "https://10.0.0.1:P/ok", "https://169.254.169.254:P/latest/meta-data",
		"https://100.100.100.200:P/", "https://192.168.1.1:P/", "https://[fe80::1]:P/", "https://[fd00:ec2::254]:P/",
		"https://ip6-localhost:P/ok", "https://intranet/", "https:///x",
		/* what never comes to an address */
		"http://127.0.0.1:P/ok", "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/",
		"https://example.com:22/", "https://example.com:6379/", "https://user@example.com/", "https://user:word@example.com/",
		"https://example.com/#a", "https://exa mple.com/", "https://example.com\r\nX: y/", "https://例子.com/", "example.com/x",
		"//example.com/x", "/x", "", "https://", "https://[fe80::1%25eth0]/", "https://example.com:0/", "https://exa%00mple.com/",
		"https://example.com:99999/", "HTTPS:///x", "unix:///run/x", "https://@example.com/",
	};
	struct outbound_answer a = {.status = -1};
	char port[24];

	(void)state;
	snprintf(port, sizeof(port), "443,%d", simulator_port(&sim, "inner"));
	settings(port, 100);
	for (size_t i = 0; i < sizeof(URLS) / sizeof(URLS[0]); i++) {
		const char *p = strstr(URLS[i], ":P/"), *whole = URLS[i];

		fresh();
		if (p)
			whole = arena_printf(cx.arena, "%.*s:%d%s", (int)(p - whole), whole, simulator_port(&sim, "inner"), p + 2);
		if (strcmp(send_all((struct outbound_request){.url = whole, .deadline_ms = 2000}, &a), "OUTBOUND_REFUSED") != 0 &&
		    strcmp(cx.fault.def ? cx.fault.def->code : "", p ? "OUTBOUND_UNAVAILABLE" : "") != 0)
			fail_msg("%s: %s", whole, cx.fault.def ? cx.fault.def->code : "went out");
	}
	assert_int_equal(a.status, -1);
	assert_int_equal(asked("GET+/ok/inside"), 0);
	settings("443", 100);
}

static bool is_public(const char *text)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return guard_public((struct sockaddr *)&v4);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return guard_public((struct sockaddr *)&v6);
}

/* First and last of each range, and their neighbours. */
static void addresses(void **state)
{
	static const char *const INSIDE[] = {
		"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "100.100.100.200",
		"127.0.0.0", "127.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.255.255", "172.16.0.0", "172.31.255.255",
		"192.0.0.0", "192.0.0.255", "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0",
		"198.19.255.255", "198.51.100.7", "203.0.113.255", "224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.255",
		"168.63.129.16", "::", "::1", "::ffff:8.8.8.8", "::ffff:10.0.0.1", "::8.8.8.8", "64:ff9b::808:808", "64:ff9b:1::1", "100::1",
		"2001::1", "2001:1ff:ffff::", "2001:db8::1", "2001:db8:ffff::1", "2002:a00:1::", "3fff::1", "3fff:fff::1",
		"1fff:ffff::1", "4000::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1"};
	static const char *const OUTSIDE[] = {
		"1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
		"169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.167.255.255",
		"192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "8.8.8.8", "114.114.114.114", "168.63.129.15",
		"168.63.129.17", "2001:200::1", "2001:db7:ffff::1", "2001:db9::1", "2000::1", "2003::1", "240e::1", "3ffe::1", "3fff:1000::1"};
	struct sockaddr unix_socket = {.sa_family = AF_UNIX};

	(void)state;
	for (size_t i = 0; i < sizeof(INSIDE) / sizeof(INSIDE[0]); i++)
		if (is_public(INSIDE[i]))
			fail_msg("%s counts as public", INSIDE[i]);
	for (size_t i = 0; i < sizeof(OUTSIDE) / sizeof(OUTSIDE[0]); i++)
		if (!is_public(OUTSIDE[i]))
			fail_msg("%s doesn't count as public", OUTSIDE[i]);
	assert_false(guard_public(&unix_socket));
}

static void headers_cannot_be_slipped_in(void **state)
{
	static const char *const BAD[] = {"X: a\r\nY: b", "X: a\nY: b", "X: a\rb", "X\r\n: a", "X: \x7f", "X: \x01", "X:a", "X: ", "X", "",
					  ": a", "X Y: a", "Host: evil", "content-length: 1", "Transfer-Encoding: chunked",
					  "CONNECTION: close", "Expect: x", "Te: x", "Upgrade: x", "X;: a", "X;"};
	struct outbound_answer a = {.status = -1};
	int before;

	(void)state;
	before = asked("GET+/echo/slipped");
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		const char *const lines[] = {"X-Good: 1", BAD[i], NULL};

		fresh();
		if (strcmp(send_all((struct outbound_request){.headers = lines,
				     .url = url("http", "127.0.0.1", "plain", "/echo/slipped")}, &a), "OUTBOUND_REFUSED") != 0)
			fail_msg("header %zu went out", i);
	}
	assert_int_equal(asked("GET+/echo/slipped"), before);
}

/* ---- who answers ---- */

static void certificates_are_verified(void **state)
{
	static const struct {
		const char *host, *port, *code;
	} ROWS[] = {{"localhost", "good", ""}, {"127.0.0.1", "good", ""},
		    {"localhost", "other", "OUTBOUND_BAD_ANSWER"},	/* signed as it should be, for somebody else */
		    {"localhost", "stranger", "OUTBOUND_BAD_ANSWER"}}; /* signed by itself */
	struct outbound_answer a;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		fresh();
		assert_string_equal(send_all((struct outbound_request){.url = url("https", ROWS[i].host, ROWS[i].port, "/ok/tls")}, &a),
				    ROWS[i].code);
	}
	assert_int_equal(asked("GET+/ok/tls"), 2);
	fresh(); /* in clear where TLS is spoken, and the other way round */
	assert_string_not_equal(send_all((struct outbound_request){.url = url("http", "127.0.0.1", "good", "/ok")}, &a), "");
	fresh();
	assert_string_not_equal(send_all((struct outbound_request){.url = url("https", "127.0.0.1", "plain", "/ok")}, &a), "");
}

/* ---- once more ---- */

static void what_may_be_repeated_is(void **state)
{
	static const struct {
		const char *method, *path, *code;
		int status, sent; /* tries; libcurl itself adds one where a kept connection had ended */
	} ROWS[] = {
		{"GET", "/drop-once/a", "", 200, 2}, {"PUT", "/drop-once/a", "", 200, 2}, {"DELETE", "/drop-once/a", "", 200, 2},
		{"POST", "/drop-once/a", "OUTBOUND_UNAVAILABLE", 0, 1}, {"GET", "/status/503", "", 503, 3},
		{"POST", "/status/503", "", 503, 1}, {"GET", "/status/501", "", 501, 1}, {"GET", "/status/429", "", 429, 1},
		{"GET", "/drop", "OUTBOUND_UNAVAILABLE", 0, 3}, {"GET", "/cut", "OUTBOUND_UNAVAILABLE", 0, 3},
	};
	struct outbound_answer a;
	struct str body = STR("abc");

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		for (int good = 0; good < 20; good++) /* the budget, and a breaker that stays closed */
			assert_string_equal(get("/ok", &a), "");
		bool carries = ROWS[i].method[0] == 'P';
		fresh();
		a.status = 0;
		assert_string_equal(send_all((struct outbound_request){.method = ROWS[i].method, .body = carries ? &body : NULL,
						     .n_body = carries, .url = url("http", "127.0.0.1", "plain", ROWS[i].path)}, &a),
				    ROWS[i].code);
		assert_int_equal(a.status, ROWS[i].status);
		const char *what = arena_printf(cx.arena, "%s+%s", ROWS[i].method, ROWS[i].path);
		assert_in_range(asked(what), ROWS[i].sent, ROWS[i].sent * (strcmp(ROWS[i].path, "/drop") ? 1 : 2));
	}
}

/* libcurl of itself sends a POST again where a kept connection ends without an answer. */
static void a_post_is_sent_once(void **state)
{
	struct outbound_answer a;
	struct str body = STR("pay");

	(void)state;
	for (int i = 0; i < 3; i++) {
		fresh();
		assert_string_equal(send_all((struct outbound_request){.method = "POST", .body = &body, .n_body = 1,
						     .url = url("http", "127.0.0.1", "plain", "/drop-kept")}, &a), "");
	}
	assert_int_equal(asked("POST+/drop-kept"), 3);
}

static const char *figures(void)
{
	return metrics_render(cx.arena).p;
}

static void the_breaker_opens_and_closes(void **state)
{
	struct outbound_answer a;
	int sent;

	(void)state;
	clock_sleep_ms(1700); /* whatever was open before: 16 × 100 ms */
	assert_string_equal(get("/set?500", &a), "");
	for (int i = 0; i < 1000 && !*get("/flip", &a); i++)
		; /* as many as went well before */
	assert_string_equal(cx.fault.def ? cx.fault.def->code : "", "OUTBOUND_UNAVAILABLE");
	const char *gauge = arena_printf(cx.arena, "renhe_outbound_breaker{host=\"127.0.0.1:%d\"} 1", simulator_port(&sim, "plain"));
	assert_non_null(strstr(figures(), gauge));
	assert_string_equal(get("/flip", &a), "OUTBOUND_UNAVAILABLE"); /* at once, and nothing is sent */
	clock_sleep_ms(130);
	assert_string_equal(get("/status/200", &a), ""); /* the probe */
	sent = asked("GET+/flip");
	assert_string_equal(get("/set?200", &a), "");
	for (int i = 0; i < 10; i++)
		assert_string_equal(get("/flip", &a), "");
	assert_int_equal(asked("GET+/flip"), sent + 10);
	assert_non_null(strstr(figures(), arena_printf(cx.arena, "outcome=\"left_alone\"} ")));
	gauge = arena_printf(cx.arena, "renhe_outbound_breaker{host=\"127.0.0.1:%d\"} 0", simulator_port(&sim, "plain"));
	assert_non_null(strstr(figures(), gauge));
}

static void nobody_there(void **state)
{
	struct outbound_answer a;

	(void)state;
	fresh();
	assert_string_equal(send_all((struct outbound_request){.url = "http://127.0.0.1:1/"}, &a), "OUTBOUND_UNAVAILABLE");
	fresh();
	assert_string_equal(send_all((struct outbound_request){.url = "https://nobody.invalid/"}, &a), "OUTBOUND_UNAVAILABLE");
}

static void wrong_settings(void **state)
{
	static const struct {
		const char *name, *value;
		bool good;
	} ROWS[] = {
		{"RENHE_OUTBOUND_INNER", "", true}, {"RENHE_OUTBOUND_INNER", "a:1,b.c:65535,[::1]:9000", true},
		{"RENHE_OUTBOUND_INNER", "a", false}, {"RENHE_OUTBOUND_INNER", "a:0", false}, {"RENHE_OUTBOUND_INNER", "a:65536", false},
		{"RENHE_OUTBOUND_INNER", "a:1,", false}, {"RENHE_OUTBOUND_INNER", ",a:1", false}, {"RENHE_OUTBOUND_INNER", ":1", false},
		{"RENHE_OUTBOUND_PORTS", "443,8443", true}, {"RENHE_OUTBOUND_PORTS", "443 ,8443", false}, {"RENHE_OUTBOUND_PORTS", "x", false},
		{"RENHE_OUTBOUND_CA_FILE", "/nowhere/ca.pem", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		char *before = strdup(getenv(ROWS[i].name)), err[200] = "";

		setenv(ROWS[i].name, ROWS[i].value, 1);
		assert_true(config_load("t"));
		setenv("SSLKEYLOGFILE", "/nowhere/keys", 1);
		assert_int_equal(outbound_start(err, sizeof(err)), ROWS[i].good);
		assert_int_equal(strstr(err, ROWS[i].name) != NULL, !ROWS[i].good);
		assert_null(getenv("SSLKEYLOGFILE"));
		setenv(ROWS[i].name, before, 1);
		free(before);
	}
	assert_true(config_load("t"));
}

static int setup(void **state)
{
	static const char *const GIVEN[] = {"RENHE_PG_DATABASE", "RENHE_PG_USER", "RENHE_PG_RELAY_USER",
					     "RENHE_ROOT_KEY", "RENHE_KEY_ANCHOR", "RENHE_INTERNAL_TOKEN"};
	char ca[80], err[200];

	(void)state;
	for (size_t i = 0; i < sizeof(GIVEN) / sizeof(GIVEN[0]); i++)
		setenv(GIVEN[i], "unused", 1);
	if (!simulator_start(&sim, "outside.py", "plain"))
		return -1;
	snprintf(ca, sizeof(ca), "%s/ca.pem", sim.folder);
	setenv("RENHE_OUTBOUND_CA_FILE", ca, 1);
	settings("443", 100);
	return outbound_start(err, sizeof(err)) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(cx.arena);
	simulator_stop(&sim);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_comes_back), cmocka_unit_test(what_is_sent), cmocka_unit_test(connections_are_kept),
		cmocka_unit_test(deadlines_hold), cmocka_unit_test(sizes_hold), cmocka_unit_test(no_redirect_is_followed),
		cmocka_unit_test(no_proxy_of_the_environment), cmocka_unit_test(inside_is_refused), cmocka_unit_test(addresses),
		cmocka_unit_test(headers_cannot_be_slipped_in), cmocka_unit_test(certificates_are_verified),
		cmocka_unit_test(what_may_be_repeated_is), cmocka_unit_test(a_post_is_sent_once),
		cmocka_unit_test(the_breaker_opens_and_closes), cmocka_unit_test(nobody_there), cmocka_unit_test(wrong_settings),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
