#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "gateway.h"
#include "meter.h"

#define OWN (sizeof(OWN_ROUTES) / sizeof(OWN_ROUTES[0]))

static const struct route OWN_ROUTES[] = {
	{.name = "gateway.Jwks", .path = "/.well-known/jwks.json", .auth = AUTH_PUBLIC},
	{.name = "gateway.OpenApi", .path = "/api/v1/openapi.json", .auth = AUTH_PUBLIC},
};
static void (*const OWN_ANSWERS[OWN])(struct http_request *, struct http_answer *, void *) = {
	local_jwks, local_openapi};

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

/* RENHE_UPSTREAM_ARCHIVE of "archive"; NULL where the table of settings has no such row. */
static const char *setting_of(const char *service)
{
	char name[80];
	size_t n = (size_t)snprintf(name, sizeof(name), "RENHE_UPSTREAM_%s", service);

	for (size_t i = 0; i < n && i < sizeof(name); i++)
		if (name[i] >= 'a' && name[i] <= 'z')
			name[i] = (char)(name[i] - 32);
	for (const struct setting *s = SETTINGS; s->name; s++)
		if (strcmp(s->name, name) == 0)
			return config_str(name);
	return NULL;
}

struct upstream *table_upstream(const struct gateway *g, const char *service)
{
	for (unsigned i = 0; i < g->n_upstreams; i++)
		if (strcmp(g->upstream_names[i], service) == 0)
			return g->upstreams[i];
	return NULL;
}

static struct upstream *make_upstream(struct gateway *g, const char *service)
{
	char err[200] = "no setting gives its address";
	struct upstream_settings s = {
		.name = service,
		.addresses = setting_of(service),
		.connections = (unsigned)config_int("RENHE_UPSTREAM_CONNECTIONS"),
		.queue_limit = (unsigned)config_int("RENHE_QUEUE_LIMIT"),
	};
	struct upstream *u = NULL;

	if (g->n_upstreams == GATEWAY_UPSTREAMS_MOST)
		abort();
	if (s.addresses)
		u = upstream_new(g->loop, &s, err, sizeof(err));
	if (!u) {
		fprintf(stderr, "gateway: service %s: %s\n", service, err);
		return NULL;
	}
	g->upstream_names[g->n_upstreams] = service;
	g->upstreams[g->n_upstreams++] = u;
	return u;
}

static bool lead(struct gateway *g, unsigned i)
{
	const char *name = g->routes[i].name;
	char *service = must(strndup(name, strcspn(name, ".")));
	struct upstream *u = table_upstream(g, service);

	if (!u)
		u = make_upstream(g, service);
	g->places[i].service = service;
	g->places[i].upstream = u;
	return u != NULL;
}

/* Goes on after a fault, so that one start shows all of them. */
bool table_build(struct gateway *g, const struct route *routes, unsigned n)
{
	bool good = true;

	g->n_routes = n + (unsigned)OWN;
	g->routes = must(calloc(g->n_routes, sizeof(*g->routes)));
	g->places = must(calloc(g->n_routes, sizeof(*g->places)));
	for (unsigned i = 0; i < n; i++) {
		g->routes[i] = routes[i];
		good = lead(g, i) && good;
	}
	for (unsigned i = 0; i < OWN; i++) {
		g->routes[n + i] = OWN_ROUTES[i];
		g->places[n + i].local = OWN_ANSWERS[i];
	}
	g->router = router_new(g->routes, g->n_routes);
	g->meter = meter_new(g->routes, g->n_routes);
	return good;
}

void table_free(struct gateway *g)
{
	for (unsigned i = 0; i < g->n_upstreams; i++)
		upstream_free(g->upstreams[i]);
	for (unsigned i = 0; i < g->n_routes; i++) {
		char *service;
		memcpy(&service, &g->places[i].service, sizeof(service)); /* drops the const */
		free(service);
	}
	router_free(g->router);
	meter_free(g->meter);
	free(g->routes);
	free(g->places);
}
