/* Calls and the connections that they go over; what waits for one, and until when. */
#include "upstream_internal.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "clock.h"
#include "log.h"
#include "metrics.h"

#define SWEEP_MS 50
#define IDLE_MOST_MS 30000 /* below what a service keeps idle connections for */
#define RETRY_COST 10	   /* calls that pay for one retry */
#define RETRY_SAVED 100

static void dispatch(struct upstream *u, struct upstream_call *c);

/* ---- calls ---- */

static void finish(struct upstream_call *c, enum upstream_outcome o)
{
	if (o == UPSTREAM_AWAY)
		metric_add(c->up->failures, 1);
	c->done(c, o);
}

static void open_put(struct upstream *u, struct upstream_call *c)
{
	struct instance *i = c->conn->at;

	if (i->n_open++ == 0)
		i->heard_ms = clock_monotonic_ms();
	c->next = u->open;
	c->prev = &u->open;
	if (c->next)
		c->next->prev = &c->next;
	u->open = c;
}

static void open_take(struct upstream_call *c)
{
	c->conn->at->n_open--;
	*c->prev = c->next;
	if (c->next)
		c->next->prev = c->prev;
}

/* Where there is no room, the tenant that waits the most loses a call. One whose calls stand too
 * long already is told at once: an answer that comes too late is work for nothing (R01). */
static void queue_put(struct upstream *u, struct upstream_call *c)
{
	c->queued_ms = clock_monotonic_ms();
	if (fair_stands(&u->queue, c->tenant, c->queued_ms)) {
		metric_add(u->refused, 1);
		finish(c, UPSTREAM_BUSY);
		return;
	}
	fair_put(&u->queue, c);
	if (u->queue.n > u->queue_limit)
		finish(fair_drop(&u->queue), UPSTREAM_BUSY);
	metric_set(u->waiting, u->queue.n);
}

static struct upstream_call *queue_take(struct upstream *u)
{
	struct upstream_call *c = fair_take(&u->queue);

	metric_set(u->waiting, u->queue.n);
	return c;
}

/* ---- connections ---- */

/* Frees the connection; its call goes back to the caller of this. */
static struct upstream_call *conn_end(struct upstream_conn *k)
{
	struct upstream_call *c = k->call;

	if (c) {
		open_take(c);
		c->conn = NULL;
	} else {
		struct upstream_conn **p = &k->at->idle;
		while (*p && *p != k)
			p = &(*p)->next;
		if (*p)
			*p = k->next;
	}
	k->at->n_conns--;
	bufferevent_free(k->bev);
	free(k);
	return c;
}

static void conn_idle(struct upstream_conn *k)
{
	k->call = NULL;
	k->idle_ms = clock_monotonic_ms();
	k->next = k->at->idle;
	k->at->idle = k;
}

/* What the socket takes at once needs no waiting for it: a turn of the loop and two calls of the
 * kernel less. Errors are left to the event that follows. */
static size_t write_now(struct upstream_conn *k, const struct upstream_call *c)
{
	struct iovec pieces[2] = {{(void *)(uintptr_t)c->head.p, c->head.n},
				  {(void *)(uintptr_t)c->body.p, c->body.n}};
	ssize_t n = k->connected ? writev(bufferevent_getfd(k->bev), pieces, c->body.n ? 2 : 1) : 0;

	return n > 0 ? (size_t)n : 0;
}

static void write_later(struct upstream_conn *k, struct str s, size_t *written)
{
	size_t done = s.n < *written ? s.n : *written;

	*written -= done;
	if (done < s.n)
		evbuffer_add_reference(bufferevent_get_output(k->bev), s.p + done, s.n - done, NULL,
				       NULL);
}

static void start_call(struct upstream_conn *k, struct upstream_call *c)
{
	k->call = c;
	c->conn = k;
	open_put(k->at->up, c);
	answer_init(&k->answer, c->arena, c->answer_limit);
	/* By reference: both stay until the call is done, and a call that is done while something
	 * is still unsent takes its connection with it. */
	size_t written = write_now(k, c);
	write_later(k, c->head, &written);
	write_later(k, c->body, &written);
}

/* A connection is free, or a place for one is. */
static void next_waiting(struct upstream *u)
{
	struct upstream_call *c = u->ending ? NULL : queue_take(u);

	if (c)
		dispatch(u, c);
}

static void call_answered(struct upstream_conn *k)
{
	struct upstream *u = k->at->up;
	struct upstream_call *c = k->call;
	bool unsent = evbuffer_get_length(bufferevent_get_output(k->bev)) > 0;
	bool more = evbuffer_get_length(bufferevent_get_input(k->bev)) > 0;

	c->answer = k->answer.head;
	c->answer_body = k->answer.body;
	if (!c->answer->keep_alive || unsent || more) {
		conn_end(k);
	} else {
		open_take(c);
		c->conn = NULL;
		conn_idle(k);
	}
	finish(c, UPSTREAM_ANSWERED);
	next_waiting(u);
}

static void drop_idle(struct instance *i)
{
	while (i->idle)
		conn_end(i->idle);
}

/* Where one kept connection is dead, so are mostly the others of its instance: the second try goes
 * elsewhere, or over a new one. */
static void call_broken(struct upstream_conn *k, const char *why)
{
	struct upstream *u = k->at->up;
	bool started = k->answer.started;
	struct instance *at = k->at;
	struct upstream_call *c;

	log_line(LOG_WARN, "upstream_broken", "upstream", u->name, "instance", k->at->name, "why",
		 why, NULL);
	c = conn_end(k);
	if (!started && c->replayable && c->tries == 0 && u->retry_saved >= RETRY_COST) {
		u->retry_saved -= RETRY_COST;
		c->tries++;
		metric_add(u->retries, 1);
		drop_idle(at);
		u->avoid = at;
		dispatch(u, c);
	} else {
		finish(c, UPSTREAM_AWAY);
	}
	next_waiting(u);
}

static long feed_some(struct upstream_conn *k, struct evbuffer *in)
{
	size_t n = evbuffer_get_length(in), most = n < WIRE_MAX_HEAD ? n : WIRE_MAX_HEAD;

	if (k->answer.head)
		most = evbuffer_get_contiguous_space(in);
	unsigned char *p = evbuffer_pullup(in, (ev_ssize_t)most);
	long used = answer_feed(&k->answer, (const char *)p, most);
	if (used > 0)
		evbuffer_drain(in, (size_t)used);
	return used;
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct upstream_conn *k = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	long used = 1;

	k->at->heard_ms = clock_monotonic_ms();
	if (!k->call) { /* bytes that nobody asked for */
		conn_end(k);
		return;
	}
	while (used > 0 && !k->answer.done && evbuffer_get_length(in) > 0)
		used = feed_some(k, in);
	if (k->answer.done)
		call_answered(k);
	else if (used < 0)
		call_broken(k, "malformed answer, or too large");
}

/* ---- connecting ---- */

static void connect_failed(struct upstream_conn *k, const char *why)
{
	struct upstream *u = k->at->up;
	struct upstream_call *c;

	instance_down(k->at, why);
	c = conn_end(k);
	dispatch(u, c); /* nothing was sent: another instance may take it */
	next_waiting(u);
}

static void on_connected(struct upstream_conn *k)
{
	int one = 1;

	if (k->at->address.at.ss_family != AF_UNIX)
		setsockopt(bufferevent_getfd(k->bev), IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	bufferevent_set_timeouts(k->bev, NULL, NULL);
	k->connected = true;
	instance_up(k->at);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct upstream_conn *k = arg;

	(void)bev;
	if (what & BEV_EVENT_CONNECTED)
		on_connected(k);
	else if (!k->connected)
		connect_failed(k, what & BEV_EVENT_TIMEOUT ? "no connection in time"
							   : "connection refused");
	else if (k->call)
		call_broken(k, "closed before its answer was whole");
	else
		conn_end(k);
}

/* NULL: refused at once; the instance is marked. */
static struct upstream_conn *conn_new(struct instance *i)
{
	struct upstream_conn *k = upstream_must(calloc(1, sizeof(*k)));

	k->at = i;
	k->bev = upstream_must(bufferevent_socket_new(i->up->base, -1, BEV_OPT_CLOSE_ON_FREE));
	bufferevent_setcb(k->bev, on_read, NULL, on_event, k);
	bufferevent_enable(k->bev, EV_READ | EV_WRITE);
	i->n_conns++;
	if (instance_connect(i, k->bev))
		return k;
	instance_down(i, "cannot connect");
	conn_end(k);
	return NULL;
}

static struct upstream_conn *conn_take(struct instance *i)
{
	struct upstream_conn *k = i->idle;

	if (!k)
		return conn_new(i);
	i->idle = k->next;
	return k;
}

/* Round robin over those that are up and have a place. */
static struct instance *pick(struct upstream *u, bool *any_up)
{
	struct instance *i = u->instances, *found = NULL;
	const unsigned turn = u->turn++ % u->n_instances;
	struct instance *avoid = u->avoid;
	unsigned at = 0;

	u->avoid = NULL;
	*any_up = false;
	for (; i; i = i->next, at++) {
		if (i->down)
			continue;
		*any_up = true;
		if ((i->idle || i->n_conns < u->most) && i != avoid && (!found || at == turn))
			found = i;
	}
	return found || !avoid || avoid->down || avoid->n_conns >= u->most ? found : avoid;
}

static void dispatch(struct upstream *u, struct upstream_call *c)
{
	struct upstream_conn *k = NULL;
	struct instance *i;
	bool any_up = true;

	while (!u->ending && !k && (i = pick(u, &any_up)) != NULL)
		k = conn_take(i);
	if (k)
		start_call(k, c);
	else if (u->ending || !any_up)
		finish(c, UPSTREAM_AWAY);
	else
		queue_put(u, c);
}

void upstream_send(struct upstream *u, struct upstream_call *c)
{
	c->up = u;
	c->tries = 0;
	c->conn = NULL;
	if (u->retry_saved < RETRY_SAVED)
		u->retry_saved++;
	dispatch(u, c);
}

/* ---- time ---- */

/* Closing the connection tells the service. */
static void end_open(struct upstream *u, struct upstream_call *c, enum upstream_outcome o)
{
	log_line(o == UPSTREAM_LATE ? LOG_WARN : LOG_INFO, o == UPSTREAM_LATE ? "upstream_late" : "upstream_left", "upstream",
		 u->name, "instance", c->conn->at->name, NULL);
	conn_end(c->conn);
	finish(c, o);
	next_waiting(u);
}

/* One at a time, since each end may change the list. */
static bool end_one(struct upstream *u, int64_t now)
{
	for (struct upstream_call *c = u->open; c; c = c->next) {
		bool late = c->deadline_ms <= now;

		if (!late && !(c->left && c->left(c)))
			continue;
		end_open(u, c, late ? UPSTREAM_LATE : UPSTREAM_LEFT);
		return true;
	}
	return false;
}

static void end_late_waiting(struct upstream *u, int64_t now)
{
	struct upstream_call *c;

	while ((c = fair_late(&u->queue, now)) != NULL)
		finish(c, UPSTREAM_LATE);
	while (upstream_live(u) == 0 && (c = queue_take(u)) != NULL)
		finish(c, UPSTREAM_AWAY);
	metric_set(u->waiting, u->queue.n);
}

/* The oldest stands last. */
static void close_old_idle(struct instance *i, int64_t now)
{
	struct upstream_conn *k = i->idle;

	while (k && now - k->idle_ms < IDLE_MOST_MS)
		k = k->next;
	while (k) {
		struct upstream_conn *next = k->next;
		conn_end(k);
		k = next;
	}
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct upstream *u = arg;
	int64_t now = clock_monotonic_ms();

	(void)fd;
	(void)what;
	while (end_one(u, now))
		;
	end_late_waiting(u, now);
	for (struct instance *i = u->instances; i; i = i->next) {
		close_old_idle(i, now);
		instance_watch(i, now);
	}
}

/* ---- making ---- */

static bool add_instances(struct upstream *u, const char *list, char *err, size_t err_size)
{
	for (const char *p = list; *p;) {
		size_t n = strcspn(p, ",");
		if (!instance_add(u, (struct str){p, n})) {
			snprintf(err, err_size, "%s: no address: %.*s", u->name, (int)n, p);
			return false;
		}
		p += n + (p[n] == ',');
	}
	snprintf(err, err_size, "%s: no address is given", u->name);
	return u->n_instances > 0;
}

struct upstream *upstream_new(struct event_base *base, const struct upstream_settings *s, char *err,
			      size_t err_size)
{
	struct upstream *u = upstream_must(calloc(1, sizeof(*u)));
	struct timeval t = {0, SWEEP_MS * 1000};
	char labels[128];

	u->base = base;
	u->name = upstream_must(strdup(s->name));
	u->most = s->connections;
	u->queue_limit = s->queue_limit;
	u->retry_saved = RETRY_COST; /* one on credit */
	snprintf(labels, sizeof(labels), "upstream=\"%s\"", s->name);
	u->retries = metric_get("renhe_upstream_retries_total", labels, "Calls sent once more");
	u->failures =
		metric_get("renhe_upstream_failures_total", labels, "Calls without an answer");
	u->waiting =
		metric_get("renhe_upstream_waiting", labels, "Calls that wait for a connection");
	u->refused = metric_get("renhe_upstream_refused_total", labels,
				"Calls refused at once, since those before them wait too long");
	u->opened = metric_get("renhe_upstream_down_total", labels,
			       "Times that an instance was left out");
	u->sweep = upstream_must(event_new(base, -1, EV_PERSIST, on_sweep, u));
	event_add(u->sweep, &t);
	if (add_instances(u, s->addresses, err, err_size))
		return u;
	upstream_free(u);
	return NULL;
}

void upstream_free(struct upstream *u)
{
	struct upstream_call *c;

	if (!u)
		return;
	u->ending = true;
	while (u->open)
		finish(conn_end(u->open->conn), UPSTREAM_AWAY);
	while ((c = queue_take(u)) != NULL)
		finish(c, UPSTREAM_AWAY);
	for (struct instance *i = u->instances, *next; i; i = next) {
		next = i->next;
		drop_idle(i);
		instance_free(i);
	}
	if (u->dns)
		evdns_base_free(u->dns, 0);
	event_free(u->sweep);
	free(u->name);
	free(u);
}

unsigned upstream_live(const struct upstream *u)
{
	unsigned n = 0;

	for (const struct instance *i = u->instances; i; i = i->next)
		n += !i->down;
	return n;
}
