#include <stdio.h>

#include "clock.h"
#include "gateway.h"
#include "gateway.gen.h"
#include "metrics.h"

void local_jwks(struct http_request *r, struct http_answer *a, void *gateway)
{
	const struct gateway *g = gateway;

	a->status = 200;
	a->content_type = "application/jwk-set+json";
	a->body = keyring_jwks(g->access.keys, r->arena, clock_real_us() / 1000000);
	a->headers = "Cache-Control: public, max-age=60\r\n";
}

void local_openapi(struct http_request *r, struct http_answer *a, void *gateway)
{
	(void)r;
	(void)gateway;
	a->status = 200;
	a->content_type = "application/json";
	a->body = (struct str){OPENAPI_JSON, OPENAPI_JSON_SIZE};
	a->headers = "Cache-Control: public, max-age=60\r\n";
}

static bool ready(const struct gateway *g)
{
	return !g->draining && feed_ready(g->feed);
}

static void answer(struct http_request *r, int status, const char *type, struct str body)
{
	struct http_answer a = {.status = status, .content_type = type, .body = body};

	http_reply(r, &a);
}

void local_management(struct http_request *r, void *gateway)
{
	const struct gateway *g = gateway;
	struct str path = r->head.path;

	if (!str_eq(r->head.method, "GET"))
		answer(r, 405, "text/plain", STR("GET only\n"));
	else if (str_eq(path, "/livez"))
		answer(r, 200, "text/plain", STR("ok\n"));
	else if (str_eq(path, "/readyz"))
		answer(r, ready(g) ? 200 : 503, "text/plain",
		       ready(g) ? STR("ready\n") : STR("not ready\n"));
	else if (str_eq(path, "/metrics"))
		answer(r, 200, "text/plain; version=0.0.4", metrics_render(r->arena));
	else if (str_eq(path, "/version"))
		answer(r, 200, "application/json",
		       str_of(arena_printf(r->arena, "{\"service\":\"gateway\",\"version\":\"%s\"}\n",
					   GATEWAY_VERSION)));
	else
		answer(r, 404, "text/plain", STR("not found\n"));
}
