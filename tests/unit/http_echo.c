/* A server on http.h alone, for the wire tests: answers each request with what it understood.
 *   http_echo ADDRESS [THREADS] [name=value...]
 * Paths: /big/N answers N bytes, /slow/N after N ms, /status/N with that status,
 * /headers?N with a header line out of N, /close closes after. THREADS 0 answers on the loop.
 * cert=FILE and key=FILE: under TLS, both read again on SIGHUP.
 * Prints its port once it listens; with port 0 the system picks one. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http.h"

struct job {
	struct http_request *r;
	struct job *next;
};
static struct {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct job *first, **last;
	int threads;
	struct event_base *loop;
	struct http_server *server;
} echo = {.lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER};

static long number_after(struct str path, const char *prefix)
{
	size_t n = strlen(prefix);
	char text[16] = "";

	if (path.n <= n || path.n - n >= sizeof(text) || memcmp(path.p, prefix, n) != 0)
		return -1;
	memcpy(text, path.p + n, path.n - n);
	return strtol(text, NULL, 10);
}

static char *describe(struct http_request *r, size_t *n)
{
	struct buf b;
	const struct wire_field *auth = wire_find(&r->head, "Authorization");
	unsigned sum = 0;

	for (size_t i = 0; i < r->body.n; i++)
		sum = sum * 31 + (unsigned char)r->body.p[i];
	buf_init(&b, r->arena);
	buf_printf(&b, "{\"method\":\"%.*s\",\"path\":\"%.*s\",\"body_bytes\":%zu,\"body_sum\":%u,"
		   "\"fields\":%u,\"authorization\":\"%.*s\"}",
		   (int)r->head.method.n, r->head.method.p, (int)r->head.path.n, r->head.path.p,
		   r->body.n, sum, r->head.n_fields, auth ? (int)auth->value.n : 0,
		   auth ? auth->value.p : "");
	*n = b.n;
	return b.p;
}

static void answer(struct http_request *r)
{
	struct http_answer a = {.status = 200, .content_type = "application/json"};
	long big = number_after(r->head.path, "/big/"), slow = number_after(r->head.path, "/slow/");
	long status = number_after(r->head.path, "/status/");

	if (slow > 0)
		usleep((useconds_t)slow * 1000);
	if (big >= 0) {
		a.body.p = arena_alloc(r->arena, (size_t)big);
		a.body.n = (size_t)big;
		a.body_stays = big % 2 == 0; /* both ways */
	} else {
		a.body.p = describe(r, &a.body.n);
	}
	if (status > 0)
		a.status = (int)status;
	if (str_eq(r->head.path, "/headers") &&
	    !wire_decode_query(r->arena, r->head.query, &a.headers))
		a.status = 400;
	a.close = str_eq(r->head.path, "/close");
	http_reply(r, &a);
}

static void *work(void *arg)
{
	(void)arg;
	for (;;) {
		pthread_mutex_lock(&echo.lock);
		while (!echo.first)
			pthread_cond_wait(&echo.more, &echo.lock);
		struct job *j = echo.first;
		echo.first = j->next;
		if (!echo.first)
			echo.last = &echo.first;
		pthread_mutex_unlock(&echo.lock);
		if (!j->r) {
			free(j);
			return NULL;
		}
		struct http_request *r = j->r;
		free(j);
		answer(r);
	}
}

static void queue(struct http_request *r)
{
	struct job *j = malloc(sizeof(*j));
	if (!j)
		abort();
	*j = (struct job){.r = r};
	pthread_mutex_lock(&echo.lock);
	*echo.last = j;
	echo.last = &j->next;
	pthread_cond_signal(&echo.more);
	pthread_mutex_unlock(&echo.lock);
}

static void on_request(struct http_request *r, void *user)
{
	(void)user;
	if (echo.threads)
		queue(r);
	else
		answer(r);
}

static uint32_t limit_of(const struct wire_head *h, void *user)
{
	(void)user;
	return str_eq(h->path, "/upload") ? 64u << 20 : 0;
}

static void on_idle(void *arg)
{
	loop_stop(arg);
}

static void on_term(int signo, void *arg)
{
	(void)signo;
	http_drain(arg, on_idle, echo.loop);
}

static void on_hup(int signo, void *arg)
{
	char err[256];

	(void)signo;
	if (!http_reload_tls(arg, err, sizeof(err)))
		fprintf(stderr, "http_echo: %s\n", err);
}

static void setting(struct http_settings *s, const char *text)
{
	const struct {
		const char *name;
		int *value;
	} list[] = {
		{"head=", &s->head_timeout_s}, {"body=", &s->body_timeout_s},
		{"idle=", &s->idle_timeout_s}, {"stall=", &s->write_stall_s},
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		if (strncmp(text, list[i].name, strlen(list[i].name)) == 0)
			*list[i].value = (int)strtol(text + strlen(list[i].name), NULL, 10);
	if (strncmp(text, "cert=", 5) == 0)
		s->tls_cert_file = text + 5;
	if (strncmp(text, "key=", 4) == 0)
		s->tls_key_file = text + 4;
	if (strncmp(text, "connections=", 12) == 0)
		s->max_connections = (unsigned)strtoul(text + 12, NULL, 10);
}

int main(int argc, char **argv)
{
	struct http_settings set = {.direct = true, .on_request = on_request, .limit_of = limit_of};
	pthread_t thread[64];
	char err[256];

	if (argc < 2) {
		fprintf(stderr, "usage: http_echo ADDRESS [THREADS] [name=value...]\n");
		return 64;
	}
	set.address = argv[1];
	echo.threads = argc > 2 ? (int)strtol(argv[2], NULL, 10) % 64 : 0;
	for (int i = 3; i < argc; i++)
		setting(&set, argv[i]);
	echo.last = &echo.first;
	echo.loop = loop_new();
	echo.server = http_listen(echo.loop, &set, err, sizeof(err));
	if (!echo.server) {
		fprintf(stderr, "http_echo: %s\n", err);
		return 69;
	}
	printf("%d\n", http_port(echo.server));
	fflush(stdout);
	for (int i = 0; i < echo.threads; i++)
		if (pthread_create(&thread[i], NULL, work, NULL) != 0)
			abort();
	loop_on_signal(echo.loop, SIGTERM, on_term, echo.server);
	if (set.tls_cert_file)
		loop_on_signal(echo.loop, SIGHUP, on_hup, echo.server);
	loop_run(echo.loop);
	for (int i = 0; i < echo.threads; i++)
		queue(NULL);
	for (int i = 0; i < echo.threads; i++)
		pthread_join(thread[i], NULL);
	http_free(echo.server);
	loop_free(echo.loop);
	return 0;
}
