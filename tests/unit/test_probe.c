/* The health check of containers: what a program may answer at its management port, over TCP and a
 * Unix socket, and what it may leave unanswered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "clock.h"
#include "config.h"
#include "probe.h"

static char folder[] = "/tmp/renhe-probe-XXXXXX";

struct peer {
	int listener;
	const char *says; /* NULL: never anything, as a stopped process */
	char asked[256];
};

static void *answer(void *arg)
{
	struct peer *p = arg;
	int fd = accept(p->listener, NULL, NULL);

	assert_true(fd >= 0);
	assert_true(recv(fd, p->asked, sizeof(p->asked) - 1, 0) > 0);
	assert_int_equal(send(fd, p->says, strlen(p->says), MSG_NOSIGNAL), strlen(p->says));
	close(fd);
	return NULL;
}

static int probe_at(const char *address)
{
	setenv("RENHE_MANAGEMENT_LISTEN", address, 1);
	assert_true(config_load("renhectl"));
	return probe_health("renhectl");
}

static int probe_peer(struct peer *p, const char *address)
{
	pthread_t thread;

	if (p->says)
		assert_int_equal(pthread_create(&thread, NULL, answer, p), 0);
	int rc = probe_at(address);
	if (p->says)
		pthread_join(thread, NULL);
	close(p->listener);
	return rc;
}

static void listen_tcp(struct peer *p, char address[32])
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(in);

	p->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(p->listener, (struct sockaddr *)&in, size), 0);
	assert_int_equal(listen(p->listener, 4), 0);
	assert_int_equal(getsockname(p->listener, (struct sockaddr *)&in, &size), 0);
	snprintf(address, 32, "0.0.0.0:%d", ntohs(in.sin_port)); /* as in a container */
}

static void answers_are_judged(void **state)
{
	static const struct {
		const char *says;
		int rc;
	} ROWS[] = {
		{"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nready\n", 0},
		{"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 10\r\n\r\nnot ready\n",
		 EX_UNAVAILABLE},
		{"HTTP/1.1 404 Not Found\r\n\r\n", EX_UNAVAILABLE},
		{"HTTP/1.1 2000 OK\r\n\r\n", EX_UNAVAILABLE},
		{"HTTP/1.1 20", EX_UNAVAILABLE},
		{"SSH-2.0-OpenSSH_9.2p1\r\n", EX_UNAVAILABLE},
	};
	char address[32];

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct peer p = {.says = ROWS[i].says};
		listen_tcp(&p, address);
		assert_int_equal(probe_peer(&p, address), ROWS[i].rc);
		assert_true(strncmp(p.asked, "GET /readyz HTTP/1.1\r\nHost: ", 28) == 0);
	}
}

static void a_silent_one_is_given_up_within_its_limit(void **state)
{
	struct peer p = {.says = NULL};
	char address[32];
	int64_t since = clock_monotonic_ms();

	(void)state;
	listen_tcp(&p, address);
	assert_int_equal(probe_peer(&p, address), EX_UNAVAILABLE);
	int64_t took = clock_monotonic_ms() - since;
	assert_in_range(took, PROBE_LIMIT_MS - 50, PROBE_LIMIT_MS + 500);
}

static void over_a_unix_socket(void **state)
{
	struct peer p = {.says = "HTTP/1.1 200 OK\r\n\r\n"};
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	char address[128];

	(void)state;
	snprintf(un.sun_path, sizeof(un.sun_path), "%s/socket", folder);
	snprintf(address, sizeof(address), "unix:%s", un.sun_path);
	p.listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(p.listener, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(listen(p.listener, 4), 0);
	assert_int_equal(probe_peer(&p, address), 0);
	assert_int_equal(probe_at(address), EX_UNAVAILABLE); /* nobody listens any more */
	unlink(un.sun_path);
}

static void nobody_there(void **state)
{
	char address[32], beyond[300] = "unix:/";
	struct peer p;

	(void)state;
	listen_tcp(&p, address);
	close(p.listener);
	assert_int_equal(probe_at(address), EX_UNAVAILABLE);
	assert_int_equal(probe_at("unix:/nowhere/at/all"), EX_UNAVAILABLE);
	assert_int_equal(probe_at("no-address"), EX_UNAVAILABLE);
	memset(beyond + 6, 'x', sizeof(beyond) - 7);
	assert_int_equal(probe_at(beyond), EX_UNAVAILABLE);
}

static int group_setup(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int group_teardown(void **state)
{
	(void)state;
	unsetenv("RENHE_MANAGEMENT_LISTEN");
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_judged),
		cmocka_unit_test(a_silent_one_is_given_up_within_its_limit),
		cmocka_unit_test(over_a_unix_socket),
		cmocka_unit_test(nobody_there),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
