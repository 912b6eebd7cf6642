/* Between upstream*.c only: the one owner of libevent in this room. */
#ifndef RENHE_GATEWAY_UPSTREAM_INTERNAL_H
#define RENHE_GATEWAY_UPSTREAM_INTERNAL_H
#include "address.h"
#include "answer.h"
#include "fair_queue.h"
#include "upstream.h"

struct event;
struct bufferevent;
struct evdns_base;
struct metric;

struct instance {
	struct upstream *up;
	struct instance *next;
	char name[ADDRESS_MAX];
	struct address address;	    /* a host name is asked for at each connect */
	struct upstream_conn *idle; /* the last used first */
	unsigned n_conns, n_open;   /* n_open: those with a call */
	int64_t heard_ms;	    /* a byte of it, or nothing was open */
	bool down;
	struct event *probe_timer;
	struct bufferevent *probe;
	struct metric *up_gauge;
};

struct upstream_conn {
	struct instance *at;
	struct bufferevent *bev;
	struct upstream_call *call; /* NULL: idle */
	struct upstream_conn *next; /* of the idle list */
	bool connected;
	int64_t idle_ms;
	struct answer answer;
};

struct upstream {
	struct event_base *base;
	struct evdns_base *dns; /* made for the first host name */
	struct event *sweep;
	char *name;
	struct instance *instances;
	unsigned n_instances, most, queue_limit, turn, retry_saved;
	struct upstream_call *open; /* on a connection */
	struct fair_queue queue;    /* waiting for one */
	struct instance *avoid;	    /* by the next pick, where there is another */
	bool ending;
	struct metric *retries, *failures, *waiting, *refused, *opened;
};

/* What libevent and the heap give; without it the program cannot go on. */
void *upstream_must(void *p);

/* upstream_instance.c */
/* false: the text is no address. */
bool instance_add(struct upstream *u, struct str text);
/* Its connections are closed already. */
void instance_free(struct instance *i);
/* false: it failed at once, and no event will come. */
bool instance_connect(struct instance *i, struct bufferevent *bev);
void instance_up(struct instance *i);
/* Left out until it answers a probe. */
void instance_down(struct instance *i, const char *why);
/* On each sweep: one that holds calls and says nothing is probed, and left out within 5 s (F05). */
void instance_watch(struct instance *i, int64_t now_ms);
#endif
