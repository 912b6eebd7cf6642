/* The loop's helpers, and the end of a server's life: answers that come late, to clients or servers
 * that are gone. The wire itself is tested over sockets by tests/wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http.h"

/* ---- the loop ---- */

#define THREADS 4
#define POSTS 2000

static struct {
	struct event_base *loop;
	int next[THREADS];
	int total, ticks, signals;
} seen;

struct post {
	int thread, n;
};

static void got_post(void *arg)
{
	struct post *p = arg;

	assert_int_equal(p->n, seen.next[p->thread]++); /* in the order of each thread */
	free(p);
	if (++seen.total == THREADS * POSTS)
		loop_stop(seen.loop);
}

static void *poster(void *arg)
{
	for (int i = 0; i < POSTS; i++) {
		struct post *p = malloc(sizeof(*p));
		if (!p)
			abort();
		*p = (struct post){(int)(intptr_t)arg, i};
		loop_post(seen.loop, got_post, p);
	}
	return NULL;
}

static void posts_in_order(void **state)
{
	pthread_t t[THREADS];

	(void)state;
	memset(&seen, 0, sizeof(seen));
	seen.loop = loop_new();
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, poster, (void *)(intptr_t)i), 0);
	loop_run(seen.loop);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(seen.total, THREADS * POSTS);
	loop_free(seen.loop);
}

static void tick(void *arg)
{
	(void)arg;
	if (++seen.ticks == 3)
		raise(SIGUSR1);
}

static void got_signal(int signo, void *arg)
{
	assert_int_equal(signo, SIGUSR1);
	assert_ptr_equal(arg, &seen);
	seen.signals++;
	loop_stop(seen.loop);
}

static void ticks_and_signals(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	seen.loop = loop_new();
	loop_every(seen.loop, 2, tick, NULL);
	loop_on_signal(seen.loop, SIGUSR1, got_signal, &seen);
	loop_run(seen.loop);
	assert_true(seen.ticks >= 3);
	assert_int_equal(seen.signals, 1);
	loop_free(seen.loop);
}

/* ---- a server ---- */

static struct {
	struct event_base *loop;
	struct http_server *server;
	struct http_request *held;
	int idle_calls, refusals, last_refusal;
	int client;
} at;

static void on_request(struct http_request *r, void *user)
{
	assert_ptr_equal(user, &at);
	at.held = r;
	loop_stop(at.loop);
}

static void on_refused(const struct http_refusal *refusal, void *user)
{
	(void)user;
	assert_string_equal(refusal->code, "BAD_REQUEST_FRAMING");
	assert_string_equal(refusal->peer, "127.0.0.1");
	assert_int_equal(strlen(refusal->trace_id), 32);
	at.refusals++;
	at.last_refusal = refusal->status;
	loop_stop(at.loop);
}

static void on_idle(void *arg)
{
	assert_ptr_equal(arg, &at);
	at.idle_calls++;
	loop_stop(at.loop);
}

static void send_text(const char *text)
{
	assert_int_equal(send(at.client, text, strlen(text), 0), strlen(text));
}

static void begin(const char *text)
{
	struct http_settings set = {.address = "127.0.0.1:0", .on_request = on_request,
				    .on_refused = on_refused, .direct = true, .user = &at};
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	char err[200] = "";

	memset(&at, 0, sizeof(at));
	at.loop = loop_new();
	at.server = http_listen(at.loop, &set, err, sizeof(err));
	assert_string_equal(err, "");
	sa.sin_port = htons((uint16_t)http_port(at.server));
	at.client = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(at.client, (struct sockaddr *)&sa, sizeof(sa)), 0);
	send_text(text);
	loop_run(at.loop);
}

static void reply(const char *body)
{
	struct http_answer a = {.status = 200, .content_type = "text/plain", .body = str_of(body)};

	http_reply(at.held, &a);
	at.held = NULL;
}

static void *reply_elsewhere(void *arg)
{
	char body[] = "gone after the call";

	(void)arg;
	reply(body);
	memset(body, 'x', sizeof(body));
	return NULL;
}

static void read_all(char *out, size_t size)
{
	size_t n = 0;
	ssize_t got;

	while ((got = read(at.client, out + n, size - 1 - n)) > 0)
		n += (size_t)got;
	out[n] = '\0';
}

#define ONE "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

/* Drained while one is in flight: answered with close, then idle is told, once. */
static void drains(void **state)
{
	pthread_t t;
	char text[1000];

	(void)state;
	begin(ONE);
	assert_int_equal(http_open_connections(at.server), 1);
	http_drain(at.server, on_idle, &at);
	assert_int_equal(at.idle_calls, 0);
	assert_int_equal(pthread_create(&t, NULL, reply_elsewhere, NULL), 0);
	pthread_join(t, NULL);
	shutdown(at.client, SHUT_WR);
	loop_run(at.loop);
	assert_int_equal(at.idle_calls, 1);
	assert_int_equal(http_open_connections(at.server), 0);
	read_all(text, sizeof(text));
	assert_non_null(strstr(text, "\r\nConnection: close\r\n"));
	assert_non_null(strstr(text, "\r\n\r\ngone after the call"));
	close(at.client);
	http_free(at.server);
	loop_free(at.loop);
}

/* The server is gone before the answer comes: nothing is touched that was freed. */
static void answered_after_free(void **state)
{
	pthread_t t;

	(void)state;
	begin(ONE);
	http_free(at.server);
	assert_int_equal(pthread_create(&t, NULL, reply_elsewhere, NULL), 0);
	pthread_join(t, NULL);
	loop_stop(at.loop);
	loop_run(at.loop);
	close(at.client);
	loop_free(at.loop);
}

static void stop(void *arg)
{
	loop_stop(arg);
}

/* The client is gone, by reset, before the answer comes; the next one is served. */
static void answered_after_reset(void **state)
{
	struct linger now = {1, 0};

	(void)state;
	begin(ONE);
	setsockopt(at.client, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(at.client);
	loop_every(at.loop, 50, stop, at.loop);
	loop_run(at.loop); /* sees the reset */
	assert_int_equal(http_open_connections(at.server), 0);
	reply("too late");
	loop_run(at.loop);
	http_drain(at.server, on_idle, &at);
	for (int i = 0; i < 3; i++)
		loop_run(at.loop);
	assert_int_equal(at.idle_calls, 1);
	http_free(at.server);
	loop_free(at.loop);
}

static void tells_refusals(void **state)
{
	char text[1000];

	(void)state;
	begin("GET / HTTP/1.1\r\n\r\n");
	assert_int_equal(at.refusals, 1);
	assert_int_equal(at.last_refusal, 400);
	assert_null(at.held);
	shutdown(at.client, SHUT_WR);
	loop_every(at.loop, 50, stop, at.loop);
	loop_run(at.loop);
	read_all(text, sizeof(text));
	assert_non_null(strstr(text, "HTTP/1.1 400 Bad Request\r\n"));
	assert_non_null(strstr(text, "\r\nContent-Type: application/problem+json\r\n"));
	close(at.client);
	http_free(at.server);
	loop_free(at.loop);
}

static void bad_addresses(void **state)
{
	static const char *const list[] = {"", "x", "127.0.0.1", "127.0.0.1:", "127.0.0.1:port",
					   "[::1:80", "300.0.0.1:80", "unix:", "unix:/nowhere/at/all"};
	struct event_base *loop = loop_new();

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		struct http_settings set = {.address = list[i], .on_request = on_request};
		char err[200] = "";
		assert_null(http_listen(loop, &set, err, sizeof(err)));
		assert_true(err[0] != '\0');
	}
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(posts_in_order), cmocka_unit_test(ticks_and_signals),
		cmocka_unit_test(drains), cmocka_unit_test(answered_after_free),
		cmocka_unit_test(answered_after_reset), cmocka_unit_test(tells_refusals),
		cmocka_unit_test(bad_addresses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
