/* The instances of a service: where they are, whether they take connections, and the probes of
 * those that don't. */
#include "upstream_internal.h"

#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "log.h"
#include "metrics.h"

#define CONNECT_S 1
#define PROBE_MS 100 /* of what is down: back well within the second that Retry-After names */

void *upstream_must(void *p)
{
	if (!p)
		abort();
	return p;
}

/* ---- up or down ---- */

static void probe_later(struct instance *i)
{
	struct timeval t = {0, PROBE_MS * 1000};

	evtimer_add(i->probe_timer, &t);
}

void instance_up(struct instance *i)
{
	if (!i->down)
		return;
	i->down = false;
	metric_set(i->up_gauge, 1);
	log_line(LOG_INFO, "upstream_up", "upstream", i->up->name, "instance", i->name, NULL);
}

void instance_down(struct instance *i, const char *why)
{
	if (i->down)
		return;
	i->down = true;
	metric_set(i->up_gauge, 0);
	log_line(LOG_WARN, "upstream_down", "upstream", i->up->name, "instance", i->name, "why",
		 why, NULL);
	probe_later(i);
}

bool instance_connect(struct instance *i, struct bufferevent *bev)
{
	struct timeval t = {CONNECT_S, 0};
	struct address *a = &i->address;

	bufferevent_set_timeouts(bev, NULL, &t);
	if (a->size)
		return bufferevent_socket_connect(bev, (struct sockaddr *)&a->at, a->size) == 0;
	return bufferevent_socket_connect_hostname(bev, i->up->dns, AF_UNSPEC, a->host, a->port) ==
	       0;
}

static void probe_end(struct instance *i, bool up)
{
	bufferevent_free(i->probe);
	i->probe = NULL;
	if (up)
		instance_up(i);
	else
		probe_later(i);
}

static void on_probe(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	probe_end(arg, (what & BEV_EVENT_CONNECTED) != 0);
}

static void on_probe_time(evutil_socket_t fd, short what, void *arg)
{
	struct instance *i = arg;

	(void)fd;
	(void)what;
	i->probe = upstream_must(bufferevent_socket_new(i->up->base, -1, BEV_OPT_CLOSE_ON_FREE));
	bufferevent_setcb(i->probe, NULL, NULL, on_probe, i);
	if (!instance_connect(i, i->probe))
		probe_end(i, false);
}

/* ---- making ---- */

static bool read_address(struct upstream *u, struct instance *i)
{
	if (!address_read(&i->address, i->name))
		return false;
	if (i->address.size == 0 && !u->dns)
		u->dns = upstream_must(
			evdns_base_new(u->base, EVDNS_BASE_INITIALIZE_NAMESERVERS |
							EVDNS_BASE_DISABLE_WHEN_INACTIVE));
	return true;
}

bool instance_add(struct upstream *u, struct str text)
{
	struct instance **last = &u->instances, *i = upstream_must(calloc(1, sizeof(*i)));
	char labels[ADDRESS_MAX + 64];

	while (*last)
		last = &(*last)->next;
	*last = i;
	u->n_instances++;
	i->up = u;
	snprintf(i->name, sizeof(i->name), "%.*s", (int)text.n, text.p);
	snprintf(labels, sizeof(labels), "upstream=\"%s\",instance=\"%s\"", u->name, i->name);
	i->probe_timer = upstream_must(evtimer_new(u->base, on_probe_time, i));
	i->up_gauge =
		metric_get("renhe_upstream_up", labels, "1 while an instance takes connections");
	metric_set(i->up_gauge, 1);
	return text.n < sizeof(i->name) && read_address(u, i);
}

void instance_free(struct instance *i)
{
	if (i->probe)
		bufferevent_free(i->probe);
	event_free(i->probe_timer);
	free(i);
}
