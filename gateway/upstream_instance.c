/* The instances of a service: where they are, whether they answer, and the probes of those that
 * don't. The circuit of an instance is open while it is down; the probe is its half-open state. */
#include "upstream_internal.h"

#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "metrics.h"

#define CONNECT_S 1
#define PROBE_MS 100   /* of what is down: back well within the second that Retry-After names */
#define SILENT_MS 2000 /* without a byte, while calls are open: is it there at all? */
#define PROBE_ANSWER_S 2

/* A stopped process still takes connections, by its kernel: only an answer tells. This path is
 * nobody's, so the front refuses it on its loop; no worker and no database is asked. */
static const char PROBE[] = "GET /livez HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n";

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
	i->heard_ms = clock_monotonic_ms();
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
	metric_add(i->up->opened, 1);
	log_line(LOG_WARN, "upstream_down", "upstream", i->up->name, "instance", i->name, "why",
		 why, NULL);
	if (!i->probe)
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

static void probe_end(struct instance *i, bool answers)
{
	bufferevent_free(i->probe);
	i->probe = NULL;
	if (answers) {
		instance_up(i);
		return;
	}
	if (i->down)
		probe_later(i);
	else
		instance_down(i, "open calls and no answer to a probe");
}

static void on_probe_answer(struct bufferevent *bev, void *arg)
{
	(void)bev;
	probe_end(arg, true);
}

static void on_probe(struct bufferevent *bev, short what, void *arg)
{
	struct timeval t = {PROBE_ANSWER_S, 0};

	if (!(what & BEV_EVENT_CONNECTED)) {
		probe_end(arg, false);
		return;
	}
	bufferevent_set_timeouts(bev, &t, &t);
	bufferevent_write(bev, PROBE, sizeof(PROBE) - 1);
}

static void probe(struct instance *i)
{
	i->probe = upstream_must(bufferevent_socket_new(i->up->base, -1, BEV_OPT_CLOSE_ON_FREE));
	bufferevent_setcb(i->probe, on_probe_answer, NULL, on_probe, i);
	bufferevent_enable(i->probe, EV_READ | EV_WRITE);
	if (!instance_connect(i, i->probe))
		probe_end(i, false);
}

static void on_probe_time(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	probe(arg);
}

void instance_watch(struct instance *i, int64_t now_ms)
{
	if (i->n_open == 0)
		i->heard_ms = now_ms;
	else if (!i->down && !i->probe && now_ms - i->heard_ms > SILENT_MS)
		probe(i);
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
	i->heard_ms = clock_monotonic_ms();
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
