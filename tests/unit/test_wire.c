/* The strict parser: tables of what it must refuse and what it must accept, each head and body also
 * cut at every byte, with equal results. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "wire.h"

#define N(list) (sizeof(list) / sizeof(*(list)))

/* ---- heads of requests ---- */

struct head_case {
	const char *text;
	size_t n;        /* 0 = strlen */
	int status;      /* 0 = accepted */
};
#define H "Host: a\r\n"
#define GET "GET / HTTP/1.1\r\n"
#define POST "POST / HTTP/1.1\r\n" H
#define E "\r\n"
#define RAW(s) s, sizeof(s) - 1

static const struct head_case refused[] = {
	/* request line */
	{"GET  / HTTP/1.1\r\n" H E, 0, 400}, {"GET\t/\tHTTP/1.1\r\n" H E, 0, 400},
	{" GET / HTTP/1.1\r\n" H E, 0, 400}, {"\r\n\r\n" GET H E, 0, 400}, {"\n" GET H E, 0, 400},
	{"GET / HTTP/1.1 \r\n" H E, 0, 400}, {"GET /\r\n\r\n", 0, 400}, {"GET / \r\n" H E, 0, 400},
	{"GET / http/1.1\r\n" H E, 0, 400}, {"GET / HTTP/1.x\r\n" H E, 0, 400},
	{"GET / HTTP/1.\r\n" H E, 0, 400}, {"GET / HTTP/1.1x\r\n" H E, 0, 400},
	{"GET / ICE/1.0\r\n" H E, 0, 400}, {"GET / HTTP/2.0\r\n" H E, 0, 505},
	{"GET / HTTP/5.6", 0, 505}, {"GET / HTTP/0.9\r\n" H E, 0, 505},
	{"GET / HTTP/4294967297.1\r\n" H E, 0, 505}, {"GET / HTTP/11.1\r\n" H E, 0, 505},
	{"GET / HTTP/1.10\r\n" H E, 0, 505}, {"G(T / HTTP/1.1\r\n" H E, 0, 400},
	{"get / HTTP/1.1\r\n" H E, 0, 501}, {"FOO / HTTP/1.1\r\n" H E, 0, 501},
	{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, 501}, {"AAAAAAAAAAAAAAAAA", 0, 501},
	{"HEAD / HTTP/1.1\r\n" H "Content-Length: 1\r\n" E "x", 0, 400}, {"OPTIONS * HTTP/1.1\r\n" H E, 0, 405},
	{"CONNECT a:80 HTTP/1.1\r\n" H E, 0, 405}, {"TRACE / HTTP/1.1\r\n" H E, 0, 405},
	{RAW("GET /a\0b HTTP/1.1\r\n" H E), 400}, {"GET / HTTP/1.1\n" H E, 0, 400},
	{"GET / HTTP/1.1\rHost: a\r\n\r\n", 0, 400}, {"\x16\x03\x01", 0, 400},
	/* target */
	{"GET /a b HTTP/1.1\r\n" H E, 0, 400}, {"GET a HTTP/1.1\r\n" H E, 0, 400},
	{"GET * HTTP/1.1\r\n" H E, 0, 400}, {"GET /a#b HTTP/1.1\r\n" H E, 0, 400},
	{"GET /%zz HTTP/1.1\r\n" H E, 0, 400}, {"GET /%4 HTTP/1.1\r\n" H E, 0, 400},
	{"GET /% HTTP/1.1\r\n" H E, 0, 400}, {"GET /a?%4 HTTP/1.1\r\n" H E, 0, 400},
	{"GET /a?%g0 HTTP/1.1\r\n" H E, 0, 400}, {"GET /caf\xc3\xa9 HTTP/1.1\r\n" H E, 0, 400},
	{"GET /a/../b HTTP/1.1\r\n" H E, 0, 400}, {"GET /.. HTTP/1.1\r\n" H E, 0, 400},
	{"GET /a/./b HTTP/1.1\r\n" H E, 0, 400}, {"GET /%2e%2E/b HTTP/1.1\r\n" H E, 0, 400},
	{"GET /.%2e HTTP/1.1\r\n" H E, 0, 400}, {"GET //a HTTP/1.1\r\n" H E, 0, 400},
	{"GET /a//b HTTP/1.1\r\n" H E, 0, 400}, {"GET /a%2fb HTTP/1.1\r\n" H E, 0, 400},
	{"GET /a%2Fb HTTP/1.1\r\n" H E, 0, 400}, {"GET /a%5cb HTTP/1.1\r\n" H E, 0, 400},
	{"GET /a\\b HTTP/1.1\r\n" H E, 0, 400}, {"GET /a%00 HTTP/1.1\r\n" H E, 0, 400},
	{"GET /a;b=c HTTP/1.1\r\n" H E, 0, 400}, {"GET /..;/b HTTP/1.1\r\n" H E, 0, 400},
	{"GET /%0d%0a HTTP/1.1\r\n" H E, 0, 400}, {"GET /%c0%ae HTTP/1.1\r\n" H E, 0, 400},
	{"GET /%ed%a0%80 HTTP/1.1\r\n" H E, 0, 400}, {"GET /%e5%bc HTTP/1.1\r\n" H E, 0, 400},
	{"GET /a|b HTTP/1.1\r\n" H E, 0, 400}, {"GET /?a[0]=1 HTTP/1.1\r\n" H E, 0, 400},
	{"GET http://evil/x HTTP/1.1\r\n" H E, 0, 400}, {"GET http://u@a/x HTTP/1.1\r\n" H E, 0, 400},
	{"GET http:///x HTTP/1.1\r\n" H E, 0, 400}, {"GET ftp://a/x HTTP/1.1\r\n" H E, 0, 400},
	{"GET http://a//x HTTP/1.1\r\n" H E, 0, 400}, {"GET http://a?x HTTP/1.1\r\n" H E, 0, 400},
	/* Host */
	{GET E, 0, 400}, {"GET / HTTP/1.0\r\n\r\n", 0, 400}, {GET H "Host: b\r\n" E, 0, 400},
	{GET H "host: a\r\n" E, 0, 400}, {GET "Host:\r\n" E, 0, 400}, {GET "Host: a b\r\n" E, 0, 400},
	{GET "Host: u@a\r\n" E, 0, 400}, {GET "Host: a/b\r\n" E, 0, 400}, {GET "Host: a:x\r\n" E, 0, 400},
	{GET "Host: [::1\r\n" E, 0, 400}, {GET "Host: []\r\n" E, 0, 400}, {GET "Host: :80\r\n" E, 0, 400},
	/* fields */
	{GET H "X : a\r\n" E, 0, 400}, {GET H ": a\r\n" E, 0, 400}, {GET H "X\r\n" E, 0, 400},
	{GET H "X(: a\r\n" E, 0, 400}, {GET H "X\x7f: a\r\n" E, 0, 400}, {RAW(GET H "X\0: a\r\n" E), 400},
	{GET H " X: a\r\n" E, 0, 400}, {GET H "X: a\r\n b\r\n" E, 0, 400}, {GET H "X: a\r\n\tb\r\n" E, 0, 400},
	{RAW(GET H "X: a\0b\r\n" E), 400}, {GET H "X: a\rb\r\n" E, 0, 400}, {GET H "X: a\nY: b\r\n" E, 0, 400},
	{GET H "X: \x7f\r\n" E, 0, 400}, {GET H "X: \x80\r\n" E, 0, 400}, {GET H "X: \xe4\xb8\xad\r\n" E, 0, 400},
	{GET H "\r\r\n", 0, 400}, {GET H "\n", 0, 400},
	{GET H "Authorization: a\r\nauthorization: a\r\n" E, 0, 400},
	{GET H "Content-Type: a\r\nContent-Type: b\r\n" E, 0, 400},
	{GET H "Idempotency-Key: a\r\nIdempotency-Key: a\r\n" E, 0, 400},
	{GET H "Connection: a b\r\n" E, 0, 400}, {POST "Expect: x\r\n" E, 0, 417},
	/* framing */
	{POST "Content-Length: 3\r\nContent-Length: 3\r\n" E, 0, 400},
	{POST "Content-Length: 3, 3\r\n" E, 0, 400}, {POST "Content-Length: +3\r\n" E, 0, 400},
	{POST "Content-Length: -1\r\n" E, 0, 400}, {POST "Content-Length: 0x3\r\n" E, 0, 400},
	{POST "Content-Length: \r\n" E, 0, 400}, {POST "Content-Length: 3x\r\n" E, 0, 400},
	{POST "Content-Length: 4 2\r\n" E, 0, 400}, {POST "Content-Length: 10000000000000000000\r\n" E, 0, 400},
	{POST "Content-Length: 18446744073709551617\r\n" E, 0, 400},
	{POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n" E, 0, 400},
	{POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n" E, 0, 400},
	{POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" E, 0, 400},
	{POST "Transfer-Encoding: xchunked\r\n" E, 0, 400}, {POST "Transfer-Encoding: identity\r\n" E, 0, 400},
	{POST "Transfer-Encoding: gzip, chunked\r\n" E, 0, 400},
	{POST "Transfer-Encoding: chunked, identity\r\n" E, 0, 400}, {POST "Transfer-Encoding:\r\n" E, 0, 400},
	{POST "Transfer-Encoding: \x0b" "chunked\r\n" E, 0, 400},
	{"POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n" E, 0, 400},
	{GET H "Content-Length: 1\r\n" E, 0, 400}, {GET H "Transfer-Encoding: chunked\r\n" E, 0, 400},
	{"DELETE / HTTP/1.1\r\n" H "Content-Length: 1\r\n" E, 0, 400},
};

static const struct head_case accepted[] = {
	{GET H E, 0, 0}, {"\r\n" GET H E, 0, 0}, {"GET / HTTP/1.0\r\n" H E, 0, 0},
	{"GET / HTTP/1.2\r\n" H E, 0, 0}, {"GET / HTTP/1.9\r\n" H E, 0, 0}, {POST E, 0, 0},
	{"PUT / HTTP/1.1\r\n" H E, 0, 0}, {"PATCH / HTTP/1.1\r\n" H E, 0, 0},
	{"DELETE / HTTP/1.1\r\n" H E, 0, 0}, {"DELETE / HTTP/1.1\r\n" H "Content-Length: 0\r\n" E, 0, 0},
	{"GET /a HTTP/1.1\r\n" H E, 0, 0}, {"GET /a/ HTTP/1.1\r\n" H E, 0, 0},
	{"GET /a/b:c HTTP/1.1\r\n" H E, 0, 0}, {"GET /a@b HTTP/1.1\r\n" H E, 0, 0},
	{"GET /... HTTP/1.1\r\n" H E, 0, 0}, {"GET /.a HTTP/1.1\r\n" H E, 0, 0},
	{"GET /a..b HTTP/1.1\r\n" H E, 0, 0}, {"GET /%e5%bc%a0 HTTP/1.1\r\n" H E, 0, 0},
	{"GET /%41 HTTP/1.1\r\n" H E, 0, 0}, {"GET /%2525 HTTP/1.1\r\n" H E, 0, 0},
	{"GET /a%20b HTTP/1.1\r\n" H E, 0, 0}, {"GET /a%3bb HTTP/1.1\r\n" H E, 0, 0},
	{"GET /-._~!$&'()*+,= HTTP/1.1\r\n" H E, 0, 0}, {"GET /? HTTP/1.1\r\n" H E, 0, 0},
	{"GET /?a=b&c=d HTTP/1.1\r\n" H E, 0, 0}, {"GET /?a=//../;?:@ HTTP/1.1\r\n" H E, 0, 0},
	{"GET /?%2f%2e%00 HTTP/1.1\r\n" H E, 0, 0}, {"GET http://a/x HTTP/1.1\r\n" H E, 0, 0},
	{"GET HTTPS://A/x?y HTTP/1.1\r\n" H E, 0, 0}, {"GET http://a HTTP/1.1\r\n" H E, 0, 0},
	{"GET http://a:80/ HTTP/1.1\r\nHost: A:80\r\n" E, 0, 0},
	{"GET http://[::1]:8/ HTTP/1.1\r\nHost: [::1]:8\r\n" E, 0, 0},
	{GET "Host:a\r\n" E, 0, 0}, {GET "HOST: a.b-c:8081\r\n" E, 0, 0}, {GET "Host: 127.0.0.1:80\r\n" E, 0, 0},
	{GET "Host: [fe80::1]\r\n" E, 0, 0}, {GET "Host: 0.0.0.0=5000\r\n" E, 0, 0},
	{GET "Host: a:\r\n" E, 0, 0}, {GET H "X:a\r\n" E, 0, 0}, {GET H "X:\r\n" E, 0, 0},
	{GET H "X: \t a\t \r\n" E, 0, 0}, {GET H "X: a\tb c\r\n" E, 0, 0}, {GET H "X: a\r\nX: b\r\n" E, 0, 0},
	{GET H "!#$%&'*+-.^_`|~09: a\r\n" E, 0, 0}, {GET H "X: \"\\()<>@,;:{}|^`?=[]/\r\n" E, 0, 0},
	{GET H "Authorization: Bearer a.b.c\r\n" E, 0, 0}, {GET H "Accept: a\r\nAccept: b\r\n" E, 0, 0},
	{GET H "Connection: close\r\n" E, 0, 0}, {GET H "Connection: , x,\tKeep-Alive ,\r\n" E, 0, 0},
	{GET H "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n" E, 0, 0},
	{GET H "Content-Length: 0\r\n" E, 0, 0}, {POST "Content-Length: 003\r\n" E, 0, 0},
	{POST "Content-Length: \t42 \r\n" E, 0, 0}, {POST "content-LENGTH: 4611686018427387904\r\n" E, 0, 0},
	{POST "Transfer-Encoding: chunked\r\n" E, 0, 0}, {POST "transfer-encoding: CHUNKED\r\n" E, 0, 0},
	{POST "Expect: 100-continue\r\n" E, 0, 0}, {POST "Expect: 100-Continue\r\nContent-Length: 1\r\n" E, 0, 0},
	{POST "Content-Type: application/json; charset=utf-8\r\n" E, 0, 0},
	{POST "Idempotency-Key: 1\r\nIf-Match: \"1\"\r\n" E, 0, 0},
};

struct got {
	enum wire_result result;
	int status;
	size_t at; /* bytes given when it was decided */
};

/* Feeds the first `first` bytes, then `stride` bytes each time. Every call gets a buffer of its own of
 * exactly the bytes that are there, so that a look beyond them is an error under ASan. */
static struct got feed(const char *p, size_t n, size_t first, size_t stride)
{
	struct wire_head *h = calloc(1, sizeof(*h));
	struct got g = {WIRE_MORE, 0, 0};
	size_t scanned = 0;

	assert_non_null(h);
	for (size_t have = first; g.result == WIRE_MORE; have = have + stride < n ? have + stride : n) {
		char *copy = malloc(have ? have : 1);
		assert_non_null(copy);
		memcpy(copy, p, have);
		g.result = wire_request(h, copy, have, &scanned, &g.status);
		g.at = have;
		free(copy);
		if (have == n)
			break;
	}
	free(h);
	return g;
}

static void expect_everywhere(const struct head_case *c, enum wire_result want)
{
	size_t n = c->n ? c->n : strlen(c->text);

	for (size_t cut = 0; cut <= n; cut++) {
		struct got g = feed(c->text, n, cut, n);
		if (g.result != want || (want == WIRE_BAD && g.status != c->status))
			fail_msg("cut at %zu: result %d status %d, not %d: %s", cut, g.result, g.status,
				 c->status, c->text);
	}
	struct got g = feed(c->text, n, 1, 1);
	if (g.result != want || (want == WIRE_BAD && g.status != c->status))
		fail_msg("single bytes: result %d status %d, not %d: %s", g.result, g.status, c->status, c->text);
}

static void refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(refused); i++)
		expect_everywhere(&refused[i], WIRE_BAD);
}

static void accepts(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(accepted); i++)
		expect_everywhere(&accepted[i], WIRE_OK);
}

/* Every proper beginning of a good head is unfinished, never good and never bad. */
static void beginnings_wait(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(accepted); i++)
		for (size_t n = 0; n < strlen(accepted[i].text); n++)
			assert_int_equal(feed(accepted[i].text, n, n, 1).result, WIRE_MORE);
}

/* One byte of a good head exchanged for one that may stand nowhere. */
static void poison_anywhere(void **state)
{
	static const char poison[] = {0, 1, 0x0b, 0x1f, 0x7f, (char)0x80, (char)0xff};

	(void)state;
	for (size_t i = 0; i < N(accepted); i++) {
		size_t n = strlen(accepted[i].text);
		char *copy = malloc(n);
		assert_non_null(copy);
		for (size_t at = 0; at < n; at++) {
			memcpy(copy, accepted[i].text, n);
			copy[at] = poison[(at + i) % N(poison)];
			assert_int_equal(feed(copy, n, n, 1).result, WIRE_BAD);
		}
		free(copy);
	}
}

static void reads_parts(void **state)
{
	static const char text[] = "POST http://A:80/x/y%20z?q=1 HTTP/1.7\r\nhost: a:80\r\nX:  v w \t\r\n"
				   "Expect: 100-continue\r\nConnection: close\r\nContent-Length: 12\r\n\r\nbody";
	struct wire_head h;
	size_t scanned = 0;
	int status;

	(void)state;
	assert_int_equal(wire_request(&h, text, sizeof(text) - 1, &scanned, &status), WIRE_OK);
	assert_true(str_eq(h.method, "POST"));
	assert_true(str_eq(h.target, "/x/y%20z?q=1"));
	assert_true(str_eq(h.path, "/x/y%20z"));
	assert_true(str_eq(h.query, "q=1"));
	assert_true(str_eq(h.authority, "A:80"));
	assert_int_equal(h.minor, 1);
	assert_int_equal(h.n_fields, 5);
	assert_true(str_eq(wire_find(&h, "x")->value, "v w"));
	assert_null(wire_find(&h, "y"));
	assert_true(h.has_length && h.length == 12 && !h.chunked && !h.keep_alive && h.expect_continue);
	assert_int_equal(h.size, sizeof(text) - 1 - 4);
}

static void keeps_alive(void **state)
{
	static const struct {
		const char *text;
		bool keep;
	} list[] = {
		{GET H E, true}, {GET H "Connection: close\r\n" E, false},
		{GET H "Connection: x, CLOSE\r\n" E, false}, {GET H "Connection: keep-alive\r\n" E, true},
		{GET H "Connection: keep-alive\r\nConnection: close\r\n" E, false},
		{"GET / HTTP/1.0\r\n" H E, false}, {"GET / HTTP/1.0\r\n" H "Connection: Keep-Alive\r\n" E, true},
		{"GET / HTTP/1.0\r\n" H "Connection: keep-alive, close\r\n" E, false},
	};
	struct wire_head h;
	int status;

	(void)state;
	for (size_t i = 0; i < N(list); i++) {
		size_t scanned = 0;
		assert_int_equal(wire_request(&h, list[i].text, strlen(list[i].text), &scanned, &status), WIRE_OK);
		assert_int_equal(h.keep_alive, list[i].keep);
	}
}

/* ---- sizes ---- */

static char *repeat(char *at, const char *what, size_t times)
{
	for (size_t i = 0; i < times; i++) {
		memcpy(at, what, strlen(what));
		at += strlen(what);
	}
	return at;
}

static struct got sized(size_t target, size_t fields, size_t value, size_t stride)
{
	char *text = malloc(target + fields * 8 + value + 256), *at = text;

	assert_non_null(text);
	at = repeat(at, "GET /", 1);
	at = repeat(at, "a", target - 1);
	at = repeat(at, " HTTP/1.1\r\nHost: a\r\n", 1);
	at = repeat(at, "X: a\r\n", fields);
	at = repeat(at, "Y: ", 1);
	at = repeat(at, "a", value);
	at = repeat(at, "\r\n\r\n", 1);
	size_t n = (size_t)(at - text);
	struct got g = feed(text, n, stride < n ? stride : n, stride);
	free(text);
	return g;
}

static void bounds(void **state)
{
	static const struct {
		size_t target, fields, value;
		int status;
	} list[] = {
		{8192, 0, 1, 0}, {8193, 0, 1, 414}, {1 << 20, 0, 1, 414}, {1, 98, 1, 0}, {1, 99, 1, 431},
		{1, 10000, 1, 431}, {1, 0, WIRE_MAX_HEAD - 32, 0}, {1, 0, WIRE_MAX_HEAD - 31, 431},
		{1, 0, 100000, 431},
	};
	static const size_t strides[] = {1 << 21, 8192, 1000, 7};

	(void)state;
	for (size_t i = 0; i < N(list); i++)
		for (size_t k = 0; k < N(strides); k++) {
			struct got g = sized(list[i].target, list[i].fields, list[i].value, strides[k]);
			assert_int_equal(g.status, list[i].status);
			assert_int_equal(g.result, list[i].status ? WIRE_BAD : WIRE_OK);
			if (strides[k] < 10000)
				assert_true(g.at <= WIRE_MAX_HEAD + strides[k]);
		}
}

/* ---- heads of answers ---- */

static void answers(void **state)
{
	static const struct {
		const char *text;
		int status; /* 0 = bad */
	} list[] = {
		{"HTTP/1.1 200 OK\r\n\r\n", 200}, {"HTTP/1.1 404 \r\nContent-Length: 3\r\n\r\n", 404},
		{"HTTP/1.0 503 a b\tc\r\nX: y\r\n\r\n", 503}, {"HTTP/1.1 100 Continue\r\n\r\n", 100},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200},
		{"HTTP/1.1 599 x\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\n", 599},
		{"HTTP/1.1 200\r\n\r\n", 0}, {"HTTP/1.1 20 OK\r\n\r\n", 0}, {"HTTP/1.1 2000 OK\r\n\r\n", 0},
		{"HTTP/1.1 099 OK\r\n\r\n", 0}, {"HTTP/1.1 600 OK\r\n\r\n", 0}, {"HTTP/2.0 200 OK\r\n\r\n", 0},
		{"HTTP/1.1  200 OK\r\n\r\n", 0}, {"HTTP/1.1 200 OK\n\n", 0}, {"HTTP/1.1 200 \x80\r\n\r\n", 0},
		{"HTTP/1.1 200 OK\r\nX : y\r\n\r\n", 0}, {"HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n", 0},
		{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 0},
		{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 0},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", 0}, {"GET / HTTP/1.1\r\n\r\n", 0},
	};
	struct wire_head h;

	(void)state;
	for (size_t i = 0; i < N(list); i++)
		for (size_t cut = 0; cut <= strlen(list[i].text); cut++) {
			size_t scanned = 0;
			enum wire_result got = wire_answer(&h, list[i].text, cut, &scanned);
			if (got == WIRE_MORE)
				got = wire_answer(&h, list[i].text, strlen(list[i].text), &scanned);
			assert_int_equal(got, list[i].status ? WIRE_OK : WIRE_BAD);
			if (list[i].status)
				assert_int_equal(h.status, list[i].status);
		}
}

/* ---- chunked bodies ---- */

struct sunk {
	char data[256];
	size_t n;
};

static void sink(void *arg, const char *p, size_t n)
{
	struct sunk *s = arg;

	assert_true(s->n + n <= sizeof(s->data));
	memcpy(s->data + s->n, p, n);
	s->n += n;
}

/* 1 done, 0 more, or the error. Cuts at `cut`, or after each byte where it is 0. */
static long chunked(const char *text, size_t n, size_t cut, uint64_t limit, struct sunk *out, size_t *used)
{
	struct wire_chunked c = {0};
	bool done = false;
	size_t at = 0;

	out->n = 0;
	while (at < n && !done) {
		size_t to = cut == 0 ? at + 1 : at < cut ? cut : n;
		long took = wire_chunk(&c, text + at, to - at, limit, sink, out, &done);
		if (took < 0)
			return took;
		assert_true(done || (size_t)took == to - at);
		at += (size_t)took;
	}
	*used = at;
	return done;
}

struct chunk_case {
	const char *text;
	const char *body; /* NULL = bad */
	long error;
};

static const struct chunk_case chunk_list[] = {
	{"0\r\n\r\n", "", 0}, {"3\r\nabc\r\n0\r\n\r\n", "abc", 0}, {"0003\r\nabc\r\n000\r\n\r\n", "abc", 0},
	{"A\r\n0123456789\r\n0\r\n\r\n", "0123456789", 0}, {"a\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n", "0123456789x", 0},
	{"0000000000000003\r\nabc\r\n0\r\n\r\n", "abc", 0}, {"3;a\r\nabc\r\n0\r\n\r\n", "abc", 0},
	{"3;a=b;c=\"d\\\"\xe\";e\r\nabc\r\n0\r\n\r\n", NULL, WIRE_CHUNK_BAD},
	{"3;a=b;c=\"d\\\" ;\";e\r\nabc\r\n0;x\r\n\r\n", "abc", 0},
	{"0\r\nX: y\r\nAuthorization:\r\n\r\n", "", 0}, {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n", 0},
	{"10\r\n0123456789abcdef\r\n0\r\n\r\n", "0123456789abcdef", 0},
	{"11\r\n0123456789abcdefg\r\n0\r\n\r\n", NULL, WIRE_CHUNK_LARGE},
	{"f\r\n0123456789abcde\r\n2\r\nab\r\n0\r\n\r\n", NULL, WIRE_CHUNK_LARGE},
	{"ffffffffffffffff\r\n", NULL, WIRE_CHUNK_LARGE}, {"8000000000000000\r\n", NULL, WIRE_CHUNK_LARGE},
	{"10000000000000000\r\n", NULL, WIRE_CHUNK_BAD}, {"00000000000000003\r\nabc", NULL, WIRE_CHUNK_BAD},
	{"\r\n", NULL, WIRE_CHUNK_BAD}, {";a\r\n", NULL, WIRE_CHUNK_BAD}, {"g\r\n", NULL, WIRE_CHUNK_BAD},
	{"0x3\r\n", NULL, WIRE_CHUNK_BAD}, {"+3\r\n", NULL, WIRE_CHUNK_BAD}, {"-1\r\n", NULL, WIRE_CHUNK_BAD},
	{" 3\r\n", NULL, WIRE_CHUNK_BAD}, {"3 \r\n", NULL, WIRE_CHUNK_BAD}, {"3\n", NULL, WIRE_CHUNK_BAD},
	{"3\r\r", NULL, WIRE_CHUNK_BAD}, {"3;\r\n", NULL, WIRE_CHUNK_BAD}, {"3;a=\r\n", NULL, WIRE_CHUNK_BAD},
	{"3;=a\r\n", NULL, WIRE_CHUNK_BAD}, {"3;a=\"b\r\n", NULL, WIRE_CHUNK_BAD},
	{"3;a=\"b\"c\r\n", NULL, WIRE_CHUNK_BAD}, {"3;a b\r\n", NULL, WIRE_CHUNK_BAD},
	{"3;a\n", NULL, WIRE_CHUNK_BAD}, {"3\r\nabcd\r\n", NULL, WIRE_CHUNK_BAD},
	{"3\r\nabc\rX0\r\n\r\n", NULL, WIRE_CHUNK_BAD}, {"3\r\nabc\n", NULL, WIRE_CHUNK_BAD}, {"3\r\nabc0\r\n", NULL, WIRE_CHUNK_BAD},
	{"3\r\nabc\r\n\r\n", NULL, WIRE_CHUNK_BAD}, {"0\r\n\n", NULL, WIRE_CHUNK_BAD},
	{"0\r\nX\r\n", NULL, WIRE_CHUNK_BAD}, {"0\r\nX : y\r\n", NULL, WIRE_CHUNK_BAD},
	{"0\r\n: y\r\n", NULL, WIRE_CHUNK_BAD}, {"0\r\nX: y\r\n z\r\n", NULL, WIRE_CHUNK_BAD},
	{"0\r\nX: \x01\r\n", NULL, WIRE_CHUNK_BAD}, {"0\r\nX: y\n", NULL, WIRE_CHUNK_BAD},
	{"0\r\nX: \x80\r\n", NULL, WIRE_CHUNK_BAD}, {"0\r\n\rX", NULL, WIRE_CHUNK_BAD},
};

static void chunks(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(chunk_list); i++) {
		const struct chunk_case *c = &chunk_list[i];
		size_t n = strlen(c->text);
		for (size_t cut = 0; cut <= n; cut++) {
			struct sunk out;
			size_t used = 0;
			long got = chunked(c->text, n, cut, 16, &out, &used);
			if (got != (c->body ? 1 : c->error))
				fail_msg("cut at %zu: %ld: %s", cut, got, c->text);
			if (!c->body)
				continue;
			assert_int_equal(used, n);
			assert_int_equal(out.n, strlen(c->body));
			assert_memory_equal(out.data, c->body, out.n);
		}
	}
}

/* What follows the body isn't touched; what is cut short is not done. */
static void chunks_end(void **state)
{
	static const char text[] = "1\r\nx\r\n0\r\nA: b\r\n\r\nGET / HTTP/1.1";
	struct sunk out;
	size_t used;

	(void)state;
	assert_int_equal(chunked(text, sizeof(text) - 1, sizeof(text) - 1, 16, &out, &used), 1);
	assert_int_equal(used, sizeof(text) - 1 - strlen("GET / HTTP/1.1"));
	for (size_t n = 0; n < used; n++) {
		size_t some;
		assert_int_equal(chunked(text, n, n, 16, &out, &some), 0);
	}
}

static void trailers_bounded(void **state)
{
	static char text[WIRE_MAX_TRAILER + 64];
	struct sunk out;
	size_t used;

	(void)state;
	for (size_t fields = 1; fields <= (WIRE_MAX_TRAILER + 30) / 6; fields++) {
		char *at = repeat(text, "0\r\n", 1);
		at = repeat(repeat(at, "X: a\r\n", fields), "\r\n", 1);
		size_t n = (size_t)(at - text);
		assert_int_equal(chunked(text, n, n, 16, &out, &used),
				 n - 3 <= WIRE_MAX_TRAILER ? 1 : WIRE_CHUNK_BAD);
	}
}

/* ---- decoding ---- */

static void decoding(void **state)
{
	static const struct {
		const char *in, *segment, *query; /* NULL = refused */
	} list[] = {
		{"", "", ""}, {"abc", "abc", "abc"}, {"a%20b", "a b", "a b"}, {"a+b", "a+b", "a b"},
		{"%2B", "+", "+"}, {"%e5%BC%a0", "\xe5\xbc\xa0", "\xe5\xbc\xa0"}, {"%2525", "%25", "%25"},
		{"a:b", "a:b", "a:b"}, {"...", "...", "..."}, {"%7E", "~", "~"},
		{"%2f", NULL, "/"}, {"%5C", NULL, "\\"}, {".", NULL, "."}, {"%2e%2E", NULL, ".."}, {"%0A", NULL, "\n"},
		{"%7f", NULL, "\x7f"}, {"%00", NULL, NULL}, {"%", NULL, NULL}, {"%4", NULL, NULL},
		{"a%4g", NULL, NULL}, {"%%41", NULL, NULL}, {"%c0%af", NULL, NULL}, {"%ff", NULL, NULL},
		{"%ed%a0%80", NULL, NULL}, {"%e5%bc", NULL, NULL}, {"%f4%90%80%80", NULL, NULL},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < N(list); i++) {
		const char *out = NULL;
		bool ok = wire_decode_segment(a, str_of(list[i].in), &out);
		assert_int_equal(ok, list[i].segment != NULL);
		if (ok)
			assert_string_equal(out, list[i].segment);
		ok = wire_decode_query(a, str_of(list[i].in), &out);
		assert_int_equal(ok, list[i].query != NULL);
		if (ok)
			assert_string_equal(out, list[i].query);
	}
	arena_free(a);
}

static void lines(void **state)
{
	static const char *const good[] = {"", "Location: /a\r\n", "A: b\r\nC: d\r\n", "ETag: \"1\"\r\n",
					   "A:\r\n", "Set-Cookie: a=b; Path=/\r\n", "A: b\tc\r\n"};
	static const char *const bad[] = {"A: b", "A: b\r\n\r\nHTTP/1.1 200 OK\r\n", "A: b\n", "A b\r\n",
					  "A: b\rc\r\n", "A: \xe5\xbc\xa0\r\n", "Content-Length: 1\r\n", "\r\n",
					  "A: b\r\nTransfer-Encoding: chunked\r\n", "connection: close\r\n"};

	(void)state;
	for (size_t i = 0; i < N(good); i++)
		assert_true(wire_lines_ok(good[i]));
	for (size_t i = 0; i < N(bad); i++)
		assert_false(wire_lines_ok(bad[i]));
}

/* Random heads from fragments that matter: whatever comes out must not depend on the cuts. */
static void any_cut_same(void **state)
{
	static const char *const piece[] = {
		"GET ", "POST ", "FOO ", "/", "a", "/..", "%2e", "%", ";", "?", " ", "HTTP/1.1", "HTTP/1.0", "HTTP/2",
		"\r\n", "\r", "\n", "Host: a", "Host: b", ":", "X: y", "Content-Length: 3", "Transfer-Encoding: chunked",
		"\r\n\r\n", "\t", "\x80", "Connection: close", "GET / HTTP/1.1\r\nHost: a\r\n", "http://a/",
		"POST /x HTTP/1.1\r\nHost: a\r\n",
	};
	unsigned seed = 20261122;
	char text[1024];

	(void)state;
	print_message("seed %u\n", seed);
	for (int round = 0; round < 30000; round++) {
		char *at = text;
		for (int k = 0; k < 3 + round % 12; k++) {
			seed = seed * 1103515245u + 12345u;
			at = repeat(at, piece[(seed >> 16) % N(piece)], 1);
		}
		size_t n = (size_t)(at - text);
		struct got whole = feed(text, n, n, 1), bytes = feed(text, n, 1, 1), cut;
		cut = feed(text, n, (seed >> 8) % (n + 1), n);
		assert_int_equal(whole.result, bytes.result);
		assert_int_equal(whole.status, bytes.status);
		assert_int_equal(whole.result, cut.result);
		assert_int_equal(whole.status, cut.status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses), cmocka_unit_test(accepts), cmocka_unit_test(beginnings_wait),
		cmocka_unit_test(poison_anywhere), cmocka_unit_test(reads_parts), cmocka_unit_test(keeps_alive),
		cmocka_unit_test(bounds), cmocka_unit_test(answers), cmocka_unit_test(chunks),
		cmocka_unit_test(chunks_end), cmocka_unit_test(trailers_bounded), cmocka_unit_test(decoding),
		cmocka_unit_test(lines), cmocka_unit_test(any_cut_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
