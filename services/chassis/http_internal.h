/* Of the http_*.c files only. */
#ifndef RENHE_HTTP_INTERNAL_H
#define RENHE_HTTP_INTERNAL_H
#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/queue.h>
#include <sys/types.h>
#include <sys/uio.h>
#include "http.h"
#include "http_tls.h"

/* ---- http_loop.c ---- */
struct loop;
struct loop_task { /* embedded by its owner: posting it takes no memory */
	void (*fn)(void *arg);
	void *arg;
	struct loop_task *next;
};
struct loop *loop_of(struct event_base *b); /* aborts on a base that loop_new did not make */
bool loop_here(const struct loop *l);       /* on the thread that runs it */
void loop_post_task(struct loop *l, struct loop_task *t);

/* ---- one request, pooled; private end of struct http_request ---- */
struct request {
	struct http_request pub; /* first */
	struct loop_task task;
	struct request *next;    /* in the pool */
	char *in;                /* head, a body that fits behind it, then what is pipelined */
	size_t n, cap;
	size_t used;             /* bytes of `in` that are this request's */
	size_t scanned;
	char *body;              /* a body that doesn't fit, or a chunked one */
	size_t body_n, body_cap;
	uint64_t limit;
	struct wire_chunked chunk;
	struct iovec out[2];     /* the answer, what is left of it */
	char *out_heap;
	bool close;
	atomic_bool gone;        /* nobody waits for the answer */
};

enum conn_state {
	CONN_SHAKE,   /* TLS only: before anything else */
	CONN_HEAD,    /* idle where r is NULL */
	CONN_BODY,
	CONN_BUSY,    /* in the application's hands */
	CONN_WRITING,
	CONN_LINGER,  /* all is said; drains so that the answer isn't lost to a reset */
};
struct http_conn {
	struct http_server *s;
	TAILQ_ENTRY(http_conn) link;
	struct event read_ev, write_ev;
	int fd;
	struct tls_stream *tls; /* NULL: in clear */
	enum conn_state state;
	bool eof;        /* the other side sends no more */
	int64_t eof_ms;
	bool dead;       /* closed while BUSY: kept until the answer comes */
	bool advancing;  /* on_request is on the stack */
	int64_t since_ms, progress_ms; /* of the state: begin, last byte moved */
	uint64_t moved;  /* bytes since since_ms */
	struct request *r;
	char peer[INET6_ADDRSTRLEN];
};

struct http_server {
	struct http_settings set;
	struct loop *loop;
	struct event_base *base;
	struct tls_server *tls; /* NULL: in clear */
	int fd;
	struct event listen_ev, sweep_ev;
	bool accepting;
	bool full;       /* as the sweep began: each that waits gives way, not the first only */
	TAILQ_HEAD(, http_conn) conns;
	_Atomic unsigned n_conns;
	unsigned in_flight;
	struct request *pool;
	unsigned pool_n;
	_Atomic bool draining;
	bool freed, idle_told, idle_posted;
	struct loop_task idle_task;
	void (*idle)(void *arg);
	void *idle_arg;
	char path[108];  /* of a Unix socket */
	ino_t inode;
};

/* ---- http_request.c ---- */
struct request *request_take(struct http_server *s);
void request_release(struct http_server *s, struct request *r);
void request_free(struct request *r);
/* Makes ready for the next request of the connection, whose first bytes may be there already. */
void request_next(struct request *r);
bool request_grow(struct request *r);        /* of `in`, to the full size of a head */
void request_body_add(void *r, const char *p, size_t n);
void request_body_reserve(struct request *r, uint64_t length);

/* ---- http_answer.c ---- */
/* Any thread. Fills r->out and r->close. */
void answer_prepare(struct request *r, const struct http_answer *a, bool draining);
/* The answer to a request that never reached the application; fills in code and trace id. */
void answer_refusal(struct request *r, bool direct, struct http_refusal *refusal);

/* ---- http_stream.c ---- */
/* As read and writev; -1 with errno EAGAIN to wait. */
ssize_t stream_read(struct http_conn *c, void *p, size_t n);
ssize_t stream_write(struct http_conn *c, struct iovec *v, int n);
void stream_resume(struct http_conn *c); /* read events again */
bool stream_end(struct http_conn *c);    /* no more from our side */

/* ---- http_conn.c ---- */
void conn_new(struct http_server *s, int fd, const char *peer);
void conn_close(struct http_conn *c);
/* true: it was late and is cut, or told; may free c. */
bool conn_sweep(struct http_conn *c, int64_t now_ms);

/* ---- http.c ---- */
void server_conn_gone(struct http_server *s);
/* After each answer and each close; may free s. */
void server_settle(struct http_server *s);

#endif
