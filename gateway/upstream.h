/* The client side: kept-alive connections to the instances of a service. upstream*.c are the one
 * owner of libevent in this room (bufferevents). One thread: the loop.
 *
 * An instance that refuses connections, or holds calls and answers nothing, not even a probe, is
 * left out until it answers one. A call that was
 * never sent goes to another instance; one that was sent but not answered at all is sent once more
 * where it is replayable and the retry budget (a tenth of the calls) allows. */
#ifndef RENHE_GATEWAY_UPSTREAM_H
#define RENHE_GATEWAY_UPSTREAM_H
#include "wire.h"

struct event_base;
struct upstream;

struct upstream_settings {
	const char *name;      /* of the service, for logs and metrics */
	const char *addresses; /* "host:port" or "unix:/path", with commas between */
	unsigned connections;  /* most per instance */
	unsigned queue_limit;  /* most calls that wait for a connection, in turn by tenant */
};
/* NULL: err says which address can't be read. */
struct upstream *upstream_new(struct event_base *base, const struct upstream_settings *s, char *err,
			      size_t err_size);
/* Ends open calls with UPSTREAM_AWAY. */
void upstream_free(struct upstream *u);
/* Instances that are not known to be down. */
unsigned upstream_live(const struct upstream *u);

enum upstream_outcome {
	UPSTREAM_ANSWERED,
	UPSTREAM_AWAY, /* no instance, or it ended or spoke nonsense before its answer was whole */
	UPSTREAM_LATE, /* the deadline passed */
	UPSTREAM_LEFT, /* who asked is gone */
	UPSTREAM_BUSY, /* the tenant's calls wait too long already, or most of a full queue is his
			*/
};
struct upstream_conn;
struct upstream_call {
	struct arena *arena;   /* takes the answer */
	struct str head, body; /* the request; stay untouched until done */
	const char *tenant;    /* whose turn it waits for; "" or NULL: that of all without one */
	bool replayable;       /* may be sent twice */
	int64_t deadline_ms;   /* monotonic */
	size_t answer_limit;   /* bytes of a body */
	bool (*left)(const struct upstream_call *c); /* whether who asked is gone; NULL: it goes on to its end */
	/* Exactly once, perhaps before upstream_send returns. The call may go away inside. */
	void (*done)(struct upstream_call *c, enum upstream_outcome o);
	void *arg;

	struct wire_head *answer; /* of UPSTREAM_ANSWERED; in the arena, as the body is */
	struct str answer_body;

	/* upstream.c's own */
	struct upstream *up;
	struct upstream_conn *conn;
	struct upstream_call *next, **prev;
	unsigned tries;
	int64_t queued_ms;
};
void upstream_send(struct upstream *u, struct upstream_call *c);
#endif
