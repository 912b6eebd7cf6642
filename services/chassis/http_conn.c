#include "http_internal.h"

#include "clock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define LEAST_RATE 8192         /* bytes a second of a body or an answer */
#define LINGER_MS 2000
#define HALF_OPEN_MS 1000       /* for the answer to one who sends no more */
#define LINGER_BYTES (1u << 20)
#define SPARE 1024              /* room behind the head to read a chunked body into */

static void enter(struct http_conn *c, enum conn_state state)
{
	c->state = state;
	c->since_ms = c->progress_ms = clock_monotonic_ms();
	c->moved = 0;
}

static void moved(struct http_conn *c, size_t n)
{
	c->moved += n;
	c->progress_ms = clock_monotonic_ms();
}

static void pause_reading(struct http_conn *c)
{
	event_del(&c->read_ev);
}

static void resume_reading(struct http_conn *c)
{
	if (!c->eof && !event_pending(&c->read_ev, EV_READ, NULL))
		stream_resume(c);
}

/* ---- ends ---- */

void conn_close(struct http_conn *c)
{
	struct http_server *s = c->s;

	event_del(&c->read_ev);
	event_del(&c->write_ev);
	if (c->tls && c->state == CONN_HEAD)
		stream_end(c);
	tls_close(c->tls);
	c->tls = NULL;
	close(c->fd);
	TAILQ_REMOVE(&s->conns, c, link);
	if (c->state == CONN_BUSY) {
		c->dead = true; /* the request still points here */
		atomic_store(&c->r->gone, true);
	} else {
		if (c->r)
			request_release(s, c->r);
		free(c);
	}
	server_conn_gone(s);
}

/* Closing with unread bytes would send a reset, and the answer might be lost with it. */
static bool linger(struct http_conn *c)
{
	request_release(c->s, c->r);
	c->r = NULL;
	enter(c, CONN_LINGER);
	if (!stream_end(c) || c->eof) {
		conn_close(c);
		return false;
	}
	resume_reading(c);
	return false;
}

static void drain(struct http_conn *c)
{
	char scratch[16384];
	ssize_t n = read(c->fd, scratch, sizeof(scratch));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		c->moved += (uint64_t)n;
	if (n <= 0 || c->moved > LINGER_BYTES)
		conn_close(c);
}

/* ---- steps: each returns true where the next one may follow, false to wait; false also after
 * the connection is gone ---- */

static bool shake_step(struct http_conn *c)
{
	enum tls_step next = tls_shake(c->tls);

	if (next == TLS_FAILED) {
		conn_close(c);
		return false;
	}
	if (next == TLS_WANTS_WRITE)
		event_add(&c->write_ev, NULL);
	else
		event_del(&c->write_ev);
	if (next == TLS_DONE)
		enter(c, CONN_HEAD);
	return false; /* bytes behind it come by the next event */
}

static bool refuse(struct http_conn *c, int status)
{
	const struct http_settings *set = &c->s->set;
	struct http_refusal refusal = {.status = status, .peer = c->peer};

	answer_refusal(c->r, set->direct, &refusal);
	if (set->on_refused)
		set->on_refused(&refusal, set->user);
	enter(c, CONN_WRITING);
	return true;
}

static bool dispatch(struct http_conn *c)
{
	struct http_server *s = c->s;

	atomic_store(&c->r->gone, false);
	enter(c, CONN_BUSY);
	s->in_flight++;
	c->advancing = true; /* an answer given at once is sent by our caller, not from within */
	s->set.on_request(&c->r->pub, s->set.user);
	c->advancing = false;
	return true;
}

static bool head_again(struct http_conn *c)
{
	int status;

	c->r->scanned = 0;
	return wire_request(&c->r->pub.head, c->r->in, c->r->n, &c->r->scanned, &status) == WIRE_OK;
}

/* Where the body will lie: behind the head if it fits, else in memory of its own. */
static bool body_place(struct http_conn *c)
{
	struct request *r = c->r;
	const struct wire_head *h = &r->pub.head;

	r->used = h->size;
	if (h->chunked) {
		/* The head's slices move with it, so that it is read anew. */
		if (r->cap - h->size < SPARE && request_grow(r) && !head_again(c))
			return false;
	} else if (h->length <= r->cap - h->size) {
		r->used += (size_t)h->length;
	} else {
		request_body_add(r, r->in + h->size, r->n - h->size);
		r->n = h->size;
	}
	return true;
}

static bool body_awaited(const struct request *r)
{
	const struct wire_head *h = &r->pub.head;

	return h->chunked ? r->n == h->size : r->body ? r->body_n < h->length : r->n < r->used;
}

/* The queue is empty here, for the former answer was sent whole. */
static bool send_continue(struct http_conn *c)
{
	static char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct iovec all = {text, sizeof(text) - 1};

	if (stream_write(c, &all, 1) == (ssize_t)all.iov_len)
		return true;
	conn_close(c);
	return false;
}

static bool body_begin(struct http_conn *c)
{
	struct request *r = c->r;
	const struct http_settings *set = &c->s->set;
	const struct wire_head *h = &r->pub.head;
	uint32_t own = set->limit_of ? set->limit_of(h, set->user) : 0;

	r->limit = own ? own : set->body_limit;
	if (h->length > r->limit)
		return refuse(c, 413);
	if (!body_place(c))
		return refuse(c, 400);
	if (!h->chunked && h->length == 0)
		return dispatch(c);
	enter(c, CONN_BODY);
	if (h->expect_continue && h->minor && body_awaited(r))
		return send_continue(c);
	return true;
}

static bool head_step(struct http_conn *c)
{
	struct request *r = c->r;
	int status = 0;

	if (!r || r->n == 0) {
		if (c->eof)
			conn_close(c);
		return false;
	}
	switch (wire_request(&r->pub.head, r->in, r->n, &r->scanned, &status)) {
	case WIRE_OK:
		return body_begin(c);
	case WIRE_BAD:
		return refuse(c, status);
	default:
		return c->eof ? refuse(c, 400) : false;
	}
}

static bool chunks_step(struct http_conn *c)
{
	struct request *r = c->r;
	bool done = false;
	long n = wire_chunk(&r->chunk, r->in + r->used, r->n - r->used, r->limit,
			    request_body_add, r, &done);

	if (n < 0)
		return refuse(c, n == WIRE_CHUNK_LARGE ? 413 : 400);
	r->n -= (size_t)n;
	memmove(r->in + r->used, r->in + r->used + n, r->n - r->used);
	if (done) {
		r->pub.body = (struct str){r->body ? r->body : "", r->body_n};
		return dispatch(c);
	}
	return c->eof ? refuse(c, 400) : false;
}

static bool body_step(struct http_conn *c)
{
	struct request *r = c->r;
	const struct wire_head *h = &r->pub.head;

	if (h->chunked)
		return chunks_step(c);
	if (r->body ? r->body_n == h->length : r->n >= r->used) {
		r->pub.body = (struct str){r->body ? r->body : r->in + h->size, (size_t)h->length};
		return dispatch(c);
	}
	return c->eof ? refuse(c, 400) : false;
}

static bool answer_sent(struct http_conn *c)
{
	struct request *r = c->r;

	if (r->close || (c->s->draining && r->n == r->used))
		return linger(c);
	request_next(r);
	enter(c, CONN_HEAD);
	resume_reading(c);
	if (r->n) {
		r->pub.start_us = clock_monotonic_us();
		return true;
	}
	request_release(c->s, r);
	c->r = NULL;
	return c->eof; /* then head_step closes */
}

static bool write_step(struct http_conn *c)
{
	struct iovec *out = c->r->out;
	ssize_t n = stream_write(c, out, out[1].iov_len ? 2 : 1);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		conn_close(c);
		return false;
	}
	size_t left = n > 0 ? (size_t)n : 0;
	moved(c, left);
	for (int i = 0; i < 2; i++) {
		size_t take = left < out[i].iov_len ? left : out[i].iov_len;
		out[i].iov_base = (char *)out[i].iov_base + take;
		out[i].iov_len -= take;
		left -= take;
	}
	if (out[0].iov_len + out[1].iov_len == 0) {
		event_del(&c->write_ev);
		return answer_sent(c);
	}
	event_add(&c->write_ev, NULL);
	return false;
}

static bool step(struct http_conn *c)
{
	switch (c->state) {
	case CONN_SHAKE:
		return shake_step(c);
	case CONN_HEAD:
		return head_step(c);
	case CONN_BODY:
		return body_step(c);
	case CONN_WRITING:
		return write_step(c);
	default:
		return false;
	}
}

static void conn_advance(struct http_conn *c)
{
	while (step(c))
		;
}

/* ---- answers ---- */

static void answered(void *arg)
{
	struct request *r = arg;
	struct http_conn *c = r->pub.conn;
	struct http_server *s = c->s;

	s->in_flight--;
	if (c->dead) {
		request_release(s, r);
		free(c);
		server_settle(s);
		return;
	}
	enter(c, CONN_WRITING);
	if (!c->advancing)
		conn_advance(c);
}

void http_reply(struct http_request *pub, const struct http_answer *a)
{
	struct request *r = (struct request *)pub;
	struct http_server *s = pub->conn->s;

	answer_prepare(r, a, s->draining);
	if (loop_here(s->loop)) {
		answered(r);
		return;
	}
	r->task.fn = answered;
	r->task.arg = r;
	loop_post_task(s->loop, &r->task);
}

/* ---- events ---- */

/* Where the next bytes go; no room: wait until the request at hand is answered. */
static struct iovec room(struct http_conn *c)
{
	struct request *r = c->r;

	if (c->state == CONN_BODY && r->body && !r->pub.head.chunked) {
		size_t left = (size_t)r->pub.head.length - r->body_n;
		request_body_reserve(r, r->pub.head.length);
		size_t free_n = r->body_cap - r->body_n;
		return (struct iovec){r->body + r->body_n, left < free_n ? left : free_n};
	}
	if (r->n == r->cap && c->state == CONN_HEAD)
		request_grow(r);
	return (struct iovec){r->in + r->n, r->cap - r->n};
}

static void taken(struct http_conn *c, const struct iovec *to, size_t n)
{
	struct request *r = c->r;

	if (c->state == CONN_HEAD && r->n == 0) {
		enter(c, CONN_HEAD); /* the time of a head runs from its first byte */
		r->pub.start_us = clock_monotonic_us();
	}
	if (c->state == CONN_BODY)
		moved(c, n);
	if ((char *)to->iov_base == r->in + r->n)
		r->n += n;
	else
		r->body_n += n;
}

static void on_read(evutil_socket_t fd, short what, void *arg)
{
	struct http_conn *c = arg;

	(void)fd;
	(void)what;
	if (c->state == CONN_LINGER) {
		drain(c);
		return;
	}
	if (c->state == CONN_SHAKE) {
		conn_advance(c);
		return;
	}
	if (!c->r) {
		c->r = request_take(c->s);
		c->r->pub.conn = c;
		c->r->pub.peer = c->peer;
	}
	struct iovec to = room(c);
	if (to.iov_len == 0) {
		pause_reading(c);
		return;
	}
	ssize_t n = stream_read(c, to.iov_base, to.iov_len);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		conn_close(c);
		return;
	}
	if (n == 0) {
		c->eof = true;
		c->eof_ms = clock_monotonic_ms();
		pause_reading(c);
	} else {
		taken(c, &to, (size_t)n);
	}
	if (c->state != CONN_WRITING) /* on_write goes on with that */
		conn_advance(c);
}

static void on_write(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	conn_advance(arg);
}

static bool too_slow(const struct http_conn *c, int64_t now_ms, int limit_s)
{
	int64_t limit_ms = (int64_t)limit_s * 1000;

	return now_ms - c->progress_ms > limit_ms ||
	       now_ms - c->since_ms > limit_ms + (int64_t)(c->moved / LEAST_RATE) * 1000;
}

/* A handshake gets the time of a head; less where it keeps others out. */
static bool shake_late(const struct http_conn *c, int64_t age_ms)
{
	const struct http_settings *set = &c->s->set;

	return age_ms > (c->s->full ? 1000 : (int64_t)set->head_timeout_s * 1000);
}

static bool idle_late(const struct http_conn *c, int64_t age_ms)
{
	const struct http_settings *set = &c->s->set;

	return age_ms > (c->s->full ? 1000 : (int64_t)set->idle_timeout_s * 1000);
}

/* Its request began and comes too slowly: it is told so. */
static bool request_late(const struct http_conn *c, int64_t now_ms)
{
	const struct http_settings *set = &c->s->set;

	if (c->state == CONN_BODY)
		return too_slow(c, now_ms, set->body_timeout_s);
	return c->state == CONN_HEAD && c->r && c->r->n &&
	       now_ms - c->since_ms > (int64_t)set->head_timeout_s * 1000;
}

static bool conn_late(const struct http_conn *c, int64_t now_ms)
{
	const int64_t age_ms = now_ms - c->since_ms;

	switch (c->state) {
	case CONN_SHAKE:
		return shake_late(c, age_ms);
	case CONN_HEAD:
		return !(c->r && c->r->n) && idle_late(c, age_ms);
	case CONN_WRITING:
		return too_slow(c, now_ms, c->s->set.write_stall_s);
	case CONN_LINGER:
		return age_ms > LINGER_MS;
	default: /* CONN_BUSY: the application has its own deadline */
		return false;
	}
}

bool http_gone(const struct http_request *r)
{
	return atomic_load(&((const struct request *)r)->gone);
}

bool conn_sweep(struct http_conn *c, int64_t now_ms)
{
	if (c->state == CONN_BUSY && c->eof && now_ms - c->eof_ms > HALF_OPEN_MS)
		atomic_store(&c->r->gone, true);
	if (request_late(c, now_ms)) {
		refuse(c, 408);
		conn_advance(c);
		return true;
	}
	if (!conn_late(c, now_ms))
		return false;
	conn_close(c);
	return true;
}

void conn_new(struct http_server *s, int fd, const char *peer)
{
	struct http_conn *c = calloc(1, sizeof(*c));
	if (!c)
		abort();
	c->s = s;
	c->fd = fd;
	memcpy(c->peer, peer, strlen(peer) + 1);
	c->tls = s->tls ? tls_open(s->tls, fd) : NULL;
	enter(c, c->tls ? CONN_SHAKE : CONN_HEAD);
	event_assign(&c->read_ev, s->base, fd, EV_READ | EV_PERSIST, on_read, c);
	event_assign(&c->write_ev, s->base, fd, EV_WRITE | EV_PERSIST, on_write, c);
	event_add(&c->read_ev, NULL);
	TAILQ_INSERT_TAIL(&s->conns, c, link);
	s->n_conns++;
}
