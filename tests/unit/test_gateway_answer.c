/* Answers of services, cut in two at every place: the outcome must not depend on the cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../../gateway/answer.c"

#include <cmocka.h>

#define LIMIT 64

struct row {
	const char *wire;
	int status;       /* 0: must be refused */
	const char *body;
	size_t behind;    /* bytes that belong to nobody */
};
#define OK "HTTP/1.1 200 OK\r\n"

static const struct row GOOD[] = {
	{OK "Content-Length: 3\r\n\r\nabc", 200, "abc", 0},
	{OK "Content-Length: 0\r\n\r\n", 200, "", 0},
	{OK "Content-Length: 2\r\n\r\n{}HTTP/1.1", 200, "{}", 8},
	{OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 200, "abcde", 0},
	{OK "Transfer-Encoding: chunked\r\n\r\n0\r\nX-A: 1\r\n\r\n", 200, "", 0},
	{"HTTP/1.1 204 No Content\r\n\r\n", 204, "", 0},
	{"HTTP/1.1 304 Not Modified\r\n\r\n", 304, "", 0},
	{"HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 1\r\n\r\nx", 200, "x", 0},
	{"HTTP/1.1 503 Busy\r\nContent-Length: 1\r\nRetry-After: 2\r\n\r\nx", 503, "x", 0},
};

static const struct row BAD[] = {
	{OK "\r\nabc", 0, NULL, 0}, /* its end would be the closing */
	{OK "Content-Length: 65\r\n\r\n", 0, NULL, 0},
	{OK "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 0, NULL, 0},
	{OK "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, NULL, 0},
	{OK "Content-Length: -1\r\n\r\n", 0, NULL, 0},
	{OK "Content-Length: +3\r\n\r\nabc", 0, NULL, 0},
	{OK "Transfer-Encoding: gzip\r\n\r\nabc", 0, NULL, 0},
	{OK "Transfer-Encoding: chunked\r\n\r\n41\r\n", 0, NULL, 0},
	{OK "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n", 0, NULL, 0},
	{"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", 0, NULL, 0},
	{"ICY 200 OK\r\nContent-Length: 0\r\n\r\n", 0, NULL, 0},
	{OK "Content-Length : 0\r\n\r\n", 0, NULL, 0},
	{OK "X: a\r\n b\r\nContent-Length: 0\r\n\r\n", 0, NULL, 0},
	{"HTTP/1.1 100 A\r\n\r\nHTTP/1.1 100 A\r\n\r\nHTTP/1.1 100 A\r\n\r\nHTTP/1.1 100 A\r\n\r\n"
	 "HTTP/1.1 100 A\r\n\r\n", 0, NULL, 0},
};

/* As the loop does: all bytes that are there, again and again. -1 refused, 0 more, 1 whole. */
static int feed(struct answer *r, const char *p, size_t n, size_t *at)
{
	long used = 1;

	while (used > 0 && !r->done && *at < n) {
		used = answer_feed(r, p + *at, n - *at);
		*at += used > 0 ? (size_t)used : 0;
	}
	return r->done ? 1 : used < 0 ? -1 : 0;
}

static int play(struct answer *r, const char *wire, size_t cut, size_t *at)
{
	int end = feed(r, wire, cut, at);

	return end ? end : feed(r, wire, strlen(wire), at);
}

static void good_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++)
		for (size_t cut = 0; cut <= strlen(GOOD[i].wire); cut++) {
			struct arena *a = arena_new();
			struct answer r;
			size_t at = 0;
			answer_init(&r, a, LIMIT);
			if (play(&r, GOOD[i].wire, cut, &at) != 1)
				fail_msg("refused: %s", GOOD[i].wire);
			assert_int_equal(r.head->status, GOOD[i].status);
			assert_true(str_eq(r.body, GOOD[i].body));
			assert_int_equal(strlen(GOOD[i].wire) - at, GOOD[i].behind);
			assert_int_equal(answer_feed(&r, "x", 1), 0);
			arena_free(a);
		}
}

static void bad_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		for (size_t cut = 0; cut <= strlen(BAD[i].wire); cut++) {
			struct arena *a = arena_new();
			struct answer r;
			size_t at = 0;
			answer_init(&r, a, LIMIT);
			if (play(&r, BAD[i].wire, cut, &at) != -1)
				fail_msg("taken, cut at %zu: %s", cut, BAD[i].wire);
			arena_free(a);
		}
}

/* What ends early is neither whole nor refused: the caller sees the closing. */
static void short_answers(void **state)
{
	static const char WIRE[] = OK "Content-Length: 3\r\n\r\nabc";

	(void)state;
	for (size_t n = 0; n + 1 < sizeof(WIRE) - 1; n++) {
		struct arena *a = arena_new();
		struct answer r;
		size_t at = 0;
		answer_init(&r, a, LIMIT);
		assert_int_equal(feed(&r, WIRE, n, &at), 0);
		assert_int_equal(r.started, n > 0);
		arena_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_answers),
		cmocka_unit_test(bad_answers),
		cmocka_unit_test(short_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
