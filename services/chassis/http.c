#include "http_internal.h"

#include "clock.h"
#include "http_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SWEEP_MS 250
#define SWEEP_CUTS 200 /* at once: thousands that are late together hold nobody else up */
#define ACCEPT_BURST 64

/* ---- listening ---- */

static int failed(char *err, size_t size, const char *address, const char *what)
{
	snprintf(err, size, "%s: %s", address, what);
	return -1;
}

/* A socket file that nobody answers on is left over from a killed process. */
static bool unix_taken(const struct sockaddr_un *sa)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool taken = fd >= 0 && connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) == 0;

	if (fd >= 0)
		close(fd);
	return taken;
}

static int listen_unix(struct http_server *s, const char *address, char *err, size_t size)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	const char *path = address + 5;
	struct stat st;

	if (strlen(path) >= sizeof(sa.sun_path))
		return failed(err, size, address, "the path is too long");
	memcpy(sa.sun_path, path, strlen(path) + 1);
	if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return failed(err, size, address, "exists and is no socket");
	if (unix_taken(&sa))
		return failed(err, size, address, "another process listens there");
	unlink(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0 || chmod(path, 0660) != 0 ||
	    lstat(path, &st) != 0) {
		failed(err, size, address, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	memcpy(s->path, path, strlen(path) + 1);
	s->inode = st.st_ino;
	return fd;
}

bool http_address_split(const char *address, char host[256], const char **port)
{
	const char *colon = strrchr(address, ':');
	size_t n = colon ? (size_t)(colon - address) : 0;

	if (!colon || n >= 256)
		return false;
	if (n >= 2 && address[0] == '[' && address[n - 1] == ']') {
		address++;
		n -= 2;
	}
	memcpy(host, address, n);
	host[n] = '\0';
	*port = colon + 1;
	return **port != '\0';
}

/* Accepted sockets inherit these. */
static bool tcp_options(int fd, bool reuse_port)
{
	int on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	       setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0 &&
	       (!reuse_port || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0);
}

static int listen_tcp(const struct http_settings *set, char *err, size_t size)
{
	struct addrinfo hint = {.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM}, *ai;
	const char *port;
	char host[256];

	if (!http_address_split(set->address, host, &port))
		return failed(err, size, set->address, "expected host:port or unix:/path");
	int rc = getaddrinfo(*host ? host : NULL, port, &hint, &ai);
	if (rc != 0)
		return failed(err, size, set->address, gai_strerror(rc));
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && tcp_options(fd, set->reuse_port) &&
		  bind(fd, ai->ai_addr, ai->ai_addrlen) == 0;
	if (!ok)
		failed(err, size, set->address, strerror(errno));
	freeaddrinfo(ai);
	if (!ok && fd >= 0)
		close(fd);
	return ok ? fd : -1;
}

/* ---- accepting ---- */

static void accept_pause(struct http_server *s)
{
	event_del(&s->listen_ev);
	s->accepting = false;
}

static void accept_resume(struct http_server *s)
{
	if (s->accepting || s->draining || s->fd < 0 || s->n_conns >= s->set.max_connections)
		return;
	event_add(&s->listen_ev, NULL);
	s->accepting = true;
}

static void peer_text(const struct sockaddr_storage *sa, char out[INET6_ADDRSTRLEN])
{
	const struct sockaddr_in *v4 = (const void *)sa;
	const struct sockaddr_in6 *v6 = (const void *)sa;

	out[0] = '\0';
	if (sa->ss_family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, out, INET6_ADDRSTRLEN);
	else if (sa->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], out, INET6_ADDRSTRLEN);
	else if (sa->ss_family == AF_INET6)
		inet_ntop(AF_INET6, &v6->sin6_addr, out, INET6_ADDRSTRLEN);
}

/* The error of one connection that is gone already; anything else is a want of descriptors or
 * memory, which the readable listener would turn into a busy loop. */
static bool accept_transient(int e)
{
	return e == EINTR || e == ECONNABORTED || e == EPROTO || e == EPERM;
}

static void on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *s = arg;

	(void)what;
	for (int i = 0; i < ACCEPT_BURST; i++) {
		struct sockaddr_storage sa = {0};
		socklen_t len = sizeof(sa);
		char peer[INET6_ADDRSTRLEN];
		if (s->n_conns >= s->set.max_connections) {
			accept_pause(s);
			return;
		}
		int got = accept4(fd, (struct sockaddr *)&sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (got < 0 && errno == EAGAIN)
			return;
		if (got < 0 && !accept_transient(errno)) {
			accept_pause(s); /* the next sweep tries again */
			return;
		}
		if (got < 0)
			continue;
		peer_text(&sa, peer);
		conn_new(s, got, peer);
	}
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *s = arg;
	int64_t now = clock_monotonic_ms();
	struct http_conn *c = TAILQ_FIRST(&s->conns);
	unsigned cuts = 0;

	(void)fd;
	(void)what;
	s->full = s->n_conns >= s->set.max_connections;
	if (s->tls)
		tls_server_tick(s->tls, now);
	while (c && cuts < SWEEP_CUTS) {
		struct http_conn *next = TAILQ_NEXT(c, link);
		cuts += conn_sweep(c, now);
		c = next;
	}
	accept_resume(s);
}

/* ---- life ---- */

static void defaults(struct http_settings *set)
{
	if (!set->body_limit)
		set->body_limit = 1u << 20;
	if (!set->max_connections)
		set->max_connections = 10000;
	if (set->head_timeout_s <= 0)
		set->head_timeout_s = 10;
	if (set->body_timeout_s <= 0)
		set->body_timeout_s = 30;
	if (set->idle_timeout_s <= 0)
		set->idle_timeout_s = 60;
	if (set->write_stall_s <= 0)
		set->write_stall_s = 30;
}

static void start(struct http_server *s)
{
	struct timeval every = {0, SWEEP_MS * 1000};

	event_assign(&s->listen_ev, s->base, s->fd, EV_READ | EV_PERSIST, on_accept, s);
	event_assign(&s->sweep_ev, s->base, -1, EV_PERSIST, on_sweep, s);
	if (event_add(&s->sweep_ev, &every) != 0)
		abort();
	accept_resume(s);
}

/* A listener that can't do what it is told to must not open its port. */
static bool make_tls(struct http_server *s, char *err, size_t size)
{
	const struct http_settings *set = &s->set;

	if (!set->tls_cert_file)
		return true;
	s->tls = tls_server_new(set->tls_cert_file, set->tls_key_file, err, size);
	return s->tls != NULL;
}

static int open_listener(struct http_server *s, char *err, size_t size)
{
	const char *address = s->set.address;
	int fd;

	if (!make_tls(s, err, size))
		return -1;
	fd = strncmp(address, "unix:", 5) == 0 ? listen_unix(s, address, err, size)
					       : listen_tcp(&s->set, err, size);
	if (fd >= 0 && listen(fd, 4096) != 0) {
		failed(err, size, address, strerror(errno));
		close(fd);
		fd = -1;
	}
	return fd;
}

struct http_server *http_listen(struct event_base *base, const struct http_settings *set, char *err,
				size_t err_size)
{
	struct http_server *s = calloc(1, sizeof(*s));
	if (!s)
		abort();
	s->set = *set;
	defaults(&s->set);
	s->base = base;
	s->loop = loop_of(base);
	TAILQ_INIT(&s->conns);
	s->fd = open_listener(s, err, err_size);
	if (s->fd < 0) {
		tls_server_free(s->tls);
		free(s);
		return NULL;
	}
	start(s);
	return s;
}

int http_port(const struct http_server *s)
{
	struct sockaddr_storage sa = {0};
	socklen_t len = sizeof(sa);
	in_port_t port = 0;

	if (s->fd < 0 || getsockname(s->fd, (struct sockaddr *)&sa, &len) != 0)
		return 0;
	if (sa.ss_family == AF_INET)
		port = ((const struct sockaddr_in *)(const void *)&sa)->sin_port;
	else if (sa.ss_family == AF_INET6)
		port = ((const struct sockaddr_in6 *)(const void *)&sa)->sin6_port;
	return ntohs(port);
}

bool http_reload_tls(struct http_server *s, char *err, size_t err_size)
{
	return tls_server_reload(s->tls, err, err_size);
}

int64_t http_certificate_end(const struct http_server *s)
{
	return s->tls ? tls_server_end(s->tls) : 0;
}

unsigned http_open_connections(const struct http_server *s)
{
	return s->n_conns;
}

static void stop_listening(struct http_server *s)
{
	struct stat st;

	if (s->fd < 0)
		return;
	if (s->accepting)
		accept_pause(s);
	close(s->fd);
	s->fd = -1;
	/* A successor may listen under the same path by now. */
	if (s->path[0] && lstat(s->path, &st) == 0 && st.st_ino == s->inode)
		unlink(s->path);
}

static void destroy(struct http_server *s)
{
	while (s->pool) {
		struct request *r = s->pool;
		s->pool = r->next;
		request_free(r);
	}
	tls_server_free(s->tls);
	free(s);
}

static void tell_idle(void *arg)
{
	struct http_server *s = arg;

	s->idle_posted = false;
	if (s->freed)
		server_settle(s);
	else if (s->idle)
		s->idle(s->idle_arg);
}

void server_settle(struct http_server *s)
{
	if (s->n_conns || s->in_flight)
		return;
	if (s->freed) {
		if (!s->idle_posted)
			destroy(s);
	} else if (s->draining && !s->idle_told) {
		s->idle_told = s->idle_posted = true;
		s->idle_task = (struct loop_task){.fn = tell_idle, .arg = s};
		loop_post_task(s->loop, &s->idle_task);
	}
}

void server_conn_gone(struct http_server *s)
{
	s->n_conns--;
	accept_resume(s);
	server_settle(s);
}

void http_drain(struct http_server *s, void (*idle)(void *), void *arg)
{
	struct http_conn *c = TAILQ_FIRST(&s->conns);

	s->draining = true;
	s->idle = idle;
	s->idle_arg = arg;
	stop_listening(s);
	while (c) {
		struct http_conn *next = TAILQ_NEXT(c, link);
		if (c->state == CONN_SHAKE ||
		    (c->state == CONN_HEAD && (!c->r || c->r->n == 0)))
			conn_close(c);
		c = next;
	}
	server_settle(s);
}

void http_free(struct http_server *s)
{
	if (!s)
		return;
	s->draining = true;
	s->idle_told = true;
	stop_listening(s);
	event_del(&s->sweep_ev);
	struct http_conn *c = TAILQ_FIRST(&s->conns);
	while (c) {
		struct http_conn *next = TAILQ_NEXT(c, link);
		conn_close(c);
		c = next;
	}
	s->freed = true;
	server_settle(s);
}
