/* The HTTP front on libevent (this file owns it): one loop thread, strict wire, limits, time-outs.
 * Used by the services and by the gateway. */
#ifndef RENHE_HTTP_H
#define RENHE_HTTP_H
#include "wire.h"

struct event_base;
struct http_server;
struct http_conn;

/* One complete request. Lives until it is answered. */
struct http_request {
	struct wire_head head;
	struct str body;
	const char *peer;        /* address text of the other side, "" on a Unix socket */
	struct arena *arena;     /* owned by the request; reset after the answer */
	struct http_conn *conn;
	int64_t start_us;        /* monotonic, first byte of the head */
	void *user;              /* of the application */
};
struct http_answer {
	int status;
	const char *content_type;   /* NULL = no body */
	struct str body;
	const char *headers;        /* further lines "Name: value\r\n"..., or NULL; lines that aren't
				       well-formed, or that frame, make the answer a 500 */
	bool close;
	bool body_stays;            /* body lies in r->arena or is static: it isn't copied */
};
/* A request that never reached on_request. The answer bears the same trace id as the log should. */
struct http_refusal {
	int status;
	const char *code, *peer;
	char trace_id[33];
};

struct http_settings {
	const char *address;        /* "127.0.0.1:8081" or "unix:/path" */
	uint32_t body_limit;        /* 413 above, before the body is read */
	unsigned max_connections;   /* accept pauses above */
	int head_timeout_s;         /* 10; also of a TLS handshake */
	int body_timeout_s;         /* 30, with a minimum rate */
	int idle_timeout_s;         /* keep-alive */
	int write_stall_s;          /* 30 */
	bool direct;                /* answers 400.. of framing with problem+json */
	/* Limit of one route: asked with the parsed head before the body is read; 0 = default. */
	uint32_t (*limit_of)(const struct wire_head *h, void *user);
	void (*on_request)(struct http_request *r, void *user); /* on the loop thread */
	void *user;
	const char *tls_cert_file;  /* PEM; with the key: TLS, and HSTS on each answer; NULL: in clear */
	const char *tls_key_file;
	bool reuse_port;            /* several loops share one TCP port */
	/* Told of each request that was refused before on_request; or NULL. */
	void (*on_refused)(const struct http_refusal *refusal, void *user);
};
/* Zeroes stand for: body_limit 1 MiB, max_connections 10000, times as above, idle 60 s. A body or
 * an answer that moves slower than 8 KiB/s over its time-out ends too. When max_connections is
 * reached, connections that idle for a second are closed to make room. Each answer gets Date and
 * Content-Length here. */

struct http_server *http_listen(struct event_base *base, const struct http_settings *s, char *err,
				size_t err_size);
/* The TCP port that it listens on (of ":0" the one given by the system); 0 on a Unix socket. */
int http_port(const struct http_server *s);
/* Certificate and key from their files again, for connections from now on. false: what stood goes
 * on; err says why. Not for a server in clear. */
bool http_reload_tls(struct http_server *s, char *err, size_t err_size);
/* Unix seconds at which the certificate ends; 0 of a server in clear. */
int64_t http_certificate_end(const struct http_server *s);
/* From any thread, exactly once per request, also when the client has gone meanwhile. To HEAD the
 * body is not sent, only its length. It is copied (but see body_stays): after this call neither r nor r->arena may be touched. */
void http_reply(struct http_request *r, const struct http_answer *a);
/* Whether nobody waits for the answer any more: the other side is away, or sends no more for a second (who only shuts his
 * sending half gets that long). Seen with up to 250 ms delay, from any thread, until http_reply. */
bool http_gone(const struct http_request *r);
/* Stops accepting; answers carry Connection: close; calls idle() on the loop when nothing is open
 * or in flight. */
void http_drain(struct http_server *s, void (*idle)(void *), void *arg);
/* On the loop thread but not from on_request, or while the loop doesn't run. Cuts what is open;
 * requests in flight may still be answered, to nobody. */
void http_free(struct http_server *s);
unsigned http_open_connections(const struct http_server *s);

/* The loop, so that others need not include libevent. loop_every and loop_on_signal are called on
 * the loop thread or before loop_run. Posted functions run in the order they came. */
struct event_base *loop_new(void);
void loop_free(struct event_base *b);            /* after loop_run; what waits is lost */
void loop_run(struct event_base *b);
void loop_stop(struct event_base *b);            /* from any thread */
void loop_post(struct event_base *b, void (*fn)(void *), void *arg); /* from any thread */
void loop_every(struct event_base *b, int ms, void (*fn)(void *), void *arg);
void loop_on_signal(struct event_base *b, int signo, void (*fn)(int signo, void *), void *arg);
/* Whether the caller is on the thread that runs the loop. */
bool loop_inside(struct event_base *b);
/* One turn, which waits for something to happen. */
void loop_turn(struct event_base *b);
/* Once, in so many milliseconds. */
void loop_after(struct event_base *b, int ms, void (*fn)(void *), void *arg);
/* Tells of a descriptor each time that something more has come in (by edges: who is told reads all, or looks again
 * before he waits), and once that it takes bytes after loop_watch_write. Free it before the descriptor is closed. */
struct loop_watch;
struct loop_watch *loop_watch_new(struct event_base *b, int fd, void (*fn)(void *), void *arg);
void loop_watch_write(struct loop_watch *w);
void loop_watch_free(struct loop_watch *w); /* NULL: nothing */
#endif
