/* The gateway as a whole: what main.c puts together and the other files share. One thread: the
 * loop; only the readers' threads of feed.c run beside it. */
#ifndef RENHE_GATEWAY_GATEWAY_H
#define RENHE_GATEWAY_GATEWAY_H
#include "access.h"
#include "feed.h"
#include "http.h"
#include "limit.h"
#include "router.h"
#include "site_folder.h"
#include "upstream.h"

/* The build gives RENHE_VERSION; the chassis' text of it stands beside the database. */
#ifdef RENHE_VERSION
#define GATEWAY_VERSION RENHE_VERSION
#else
#define GATEWAY_VERSION "dev"
#endif
#define GATEWAY_UPSTREAMS_MOST 32

/* Where a route leads. */
struct place {
	struct upstream *upstream;   /* NULL: answered here */
	const char *service;
	void (*local)(struct http_request *r, struct http_answer *a, void *gateway);
};

struct gateway {
	struct event_base *loop;
	struct http_server *front, *management, *redirect; /* redirect: or NULL */
	struct router *router;
	struct route *routes;        /* the generated ones, then those answered here */
	struct place *places;        /* as many, in the same order */
	unsigned n_routes;
	struct upstream *upstreams[GATEWAY_UPSTREAMS_MOST];
	const char *upstream_names[GATEWAY_UPSTREAMS_MOST];
	unsigned n_upstreams;
	struct access access;
	struct limits *limits;
	struct metric *limited[N_LIMITS]; /* refusals by kind */
	struct metric *walked;       /* accounts that walk ids */
	struct feed *feed;
	struct arena *scratch;       /* of one look-up; reset before each */
	const char *internal_token;
	int64_t deadline_ms;         /* of one call */
	struct meter *meter;
	struct site_folder *site;    /* NULL: no web app here */
	bool draining;
};

/* table.c: routes to places. false: a message on stderr (a service without an upstream setting, or
 * an address that can't be read). `routes` are n rows named "service.Rpc". */
bool table_build(struct gateway *g, const struct route *routes, unsigned n);
void table_free(struct gateway *g);
struct upstream *table_upstream(const struct gateway *g, const char *service);

/* gate.c: callbacks of the front; user = struct gateway. */
void gate_on_request(struct http_request *r, void *user);
uint32_t gate_limit_of(const struct wire_head *h, void *user);
void gate_on_refused(const struct http_refusal *refusal, void *user);

/* front.c: the listeners. false: a message on stderr. */
bool front_listen(struct gateway *g);
void front_reload(struct gateway *g); /* certificate and key from their files again */
void front_free(struct gateway *g);

/* local.c: what the gateway answers by itself. */
void local_jwks(struct http_request *r, struct http_answer *a, void *gateway);
void local_openapi(struct http_request *r, struct http_answer *a, void *gateway);
/* /livez /readyz /metrics /version of the management port. */
void local_management(struct http_request *r, void *gateway);
#endif
