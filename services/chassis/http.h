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
	const char *peer;        /* address text of the other side */
	struct arena *arena;     /* owned by the request; reset after the answer */
	struct http_conn *conn;
	int64_t start_us;        /* monotonic, first byte of the head */
	void *user;              /* of the application */
};
struct http_answer {
	int status;
	const char *content_type;   /* NULL = no body */
	struct str body;
	const char *headers;        /* further lines "Name: value\r\n"..., or NULL */
	bool close;
};
struct http_settings {
	const char *address;        /* "127.0.0.1:8081" or "unix:/path" */
	uint32_t body_limit;        /* 413 above, before the body is read */
	unsigned max_connections;   /* accept pauses above */
	int head_timeout_s;         /* 10 */
	int body_timeout_s;         /* 30, with a minimum rate */
	int idle_timeout_s;         /* keep-alive */
	int write_stall_s;          /* 30 */
	bool direct;                /* answers 400.. of framing with problem+json of a fixed text */
	/* Larger limit for one route: asked with the parsed head before the body is read; 0 = default. */
	uint32_t (*limit_of)(const struct wire_head *h, void *user);
	void (*on_request)(struct http_request *r, void *user); /* on the loop thread */
	void *user;
};

struct http_server *http_listen(struct event_base *base, const struct http_settings *s, char *err, size_t err_size);
/* From any thread, exactly once per request. The body is copied or sent before it returns control
 * of r->arena: after this call r must not be touched. */
void http_reply(struct http_request *r, const struct http_answer *a);
/* Stops accepting; answers carry Connection: close; calls idle() on the loop when nothing is open
 * or in flight. */
void http_drain(struct http_server *s, void (*idle)(void *), void *arg);
void http_free(struct http_server *s);
unsigned http_open_connections(const struct http_server *s);

/* The loop, so that others need not include libevent. */
struct event_base *loop_new(void);
void loop_run(struct event_base *b);
void loop_stop(struct event_base *b);            /* from any thread */
void loop_post(struct event_base *b, void (*fn)(void *), void *arg); /* from any thread */
void loop_every(struct event_base *b, int ms, void (*fn)(void *), void *arg);
void loop_on_signal(struct event_base *b, int signo, void (*fn)(int signo, void *), void *arg);
#endif
