#include "meter.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "metrics.h"

/* Statuses that have a place of their own; others are looked up by name each time. */
static const int STATUSES[] = {200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 409,
			       410, 412, 413, 415, 422, 428, 429, 500, 502, 503, 504};
#define N_STATUSES (sizeof(STATUSES) / sizeof(*STATUSES))

/* Made when the first request of its kind ends. */
struct of_route {
	_Atomic(struct metric *) ended[N_STATUSES];
	_Atomic(struct histogram *) took;
};
struct meter {
	const struct route *routes;
	unsigned n;
	struct of_route of[]; /* the last one is that of no route */
};

struct meter *meter_new(const struct route *routes, unsigned n)
{
	struct meter *m = calloc(1, sizeof(*m) + (n + 1) * sizeof(m->of[0]));

	if (!m)
		abort();
	m->routes = routes;
	m->n = n;
	return m;
}

void meter_free(struct meter *m)
{
	free(m);
}

static const char *name_of(const struct route *r)
{
	return r ? r->name : "none";
}

static struct metric *ended(const struct route *r, int status)
{
	char labels[160];

	snprintf(labels, sizeof(labels), "route=\"%s\",status=\"%d\"", name_of(r), status);
	return metric_get("renhe_requests_total", labels, "Requests by route and status");
}

static struct histogram *took(const struct route *r)
{
	char labels[160];

	snprintf(labels, sizeof(labels), "route=\"%s\"", name_of(r));
	return histogram_get("renhe_request_seconds", labels,
			     "From a request's head to its answer");
}

/* NULL: a route of nobody's table. */
static struct of_route *place_of(struct meter *m, const struct route *r)
{
	if (!r)
		return &m->of[m->n];
	return r >= m->routes && r < m->routes + m->n ? &m->of[r - m->routes] : NULL;
}

static void note_here(struct of_route *p, const struct route *r, int status, int64_t us)
{
	struct histogram *h = atomic_load_explicit(&p->took, memory_order_acquire);
	struct metric *e = NULL;
	unsigned i = 0;

	if (!h)
		atomic_store_explicit(&p->took, h = took(r), memory_order_release);
	histogram_add(h, us);
	while (i < N_STATUSES && STATUSES[i] != status)
		i++;
	if (i < N_STATUSES)
		e = atomic_load_explicit(&p->ended[i], memory_order_acquire);
	if (!e)
		e = ended(r, status);
	metric_add(e, 1);
	if (i < N_STATUSES)
		atomic_store_explicit(&p->ended[i], e, memory_order_release);
}

void meter_note(struct meter *m, const struct route *route, int status, int64_t us)
{
	struct of_route *p = place_of(m, route);

	if (p) {
		note_here(p, route, status, us);
		return;
	}
	histogram_add(took(route), us);
	metric_add(ended(route, status), 1);
}
