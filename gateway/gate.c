/* The life of one request at the gateway: route, token, hop, answer, one log line. */
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "fault.h"
#include "gateway.h"
#include "hop.h"
#include "log.h"
#include "meter.h"
#include "metrics.h"
#include "site.h"
#include "renhe.gen.h"
#include "gateway_texts.h"

#define ANSWER_LIMIT ((size_t)64 << 20)

/* Lives in the request's arena. */
struct work {
	struct gateway *gateway;
	struct http_request *http;
	const struct route *route;
	struct place *place;
	struct json_param params[ROUTER_MAX_PARAMS];
	unsigned n_params;
	struct hop_ids ids;
	struct token_claims claims;
	struct limit_say limit;
	const char *code; /* of the fault, for the log */
	struct upstream_call call;
};

/* ---- the end of a request ---- */

static const char *text_or_empty(const char *s)
{
	return s ? s : "";
}

/* The path is told by the name of its route: ids and query values stay out of the log. */
static void log_request(const struct work *w, const struct http_answer *a, int64_t took_us)
{
	const struct wire_head *h = &w->http->head;
	char status[12], us[24], bytes[24];

	snprintf(status, sizeof(status), "%d", a->status);
	snprintf(us, sizeof(us), "%lld", (long long)took_us);
	snprintf(bytes, sizeof(bytes), "%zu", a->body.n);
	log_line(LOG_INFO, "request", "request_id", w->ids.request_id, "trace_id", w->ids.trace_id,
		 "method", arena_strndup(w->http->arena, h->method.p, h->method.n), "route",
		 w->route ? w->route->name : "", "#status", status, "#us", us, "#bytes", bytes,
		 "peer", w->http->peer, "tenant_id", text_or_empty(w->claims.tenant_id),
		 "account_id", text_or_empty(w->claims.account_id), "code", text_or_empty(w->code),
		 NULL);
}

/* Somebody tries what he may not know of; who, and from where, is for an operator to look at. */
static void watch_walks(const struct work *w, int status)
{
	struct gateway *g = w->gateway;

	if (status != 404 || !w->claims.account_id ||
	    !limits_note_missing(g->limits, &w->claims, clock_monotonic_us()))
		return;
	metric_add(g->walked, 1);
	log_line(LOG_WARN, "ids_walked", "request_id", w->ids.request_id, "tenant_id",
		 w->claims.tenant_id, "account_id", w->claims.account_id, "peer", w->http->peer,
		 NULL);
}

static void reply(struct work *w, struct http_answer *a)
{
	a->body_stays = true;
	a->headers = arena_printf(w->http->arena, "%s%s", text_or_empty(a->headers),
				  text_or_empty(w->limit.lines));
	int64_t took_us = clock_monotonic_us() - w->http->start_us;
	log_request(w, a, took_us);
	watch_walks(w, a->status);
	meter_note(w->gateway->meter, w->route, a->status, took_us);
	http_reply(w->http, a); /* w is gone from here on */
}

static const char *fault_lines(struct work *w, int status, const char *allow)
{
	struct buf b;

	buf_init(&b, w->http->arena);
	buf_printf(&b,
		   "X-Request-Id: %s\r\nX-Content-Type-Options: nosniff\r\n"
		   "Cache-Control: no-store\r\nContent-Language: %s\r\n",
		   w->ids.request_id, w->ids.lang);
	if (status == 401)
		buf_printf(&b, "WWW-Authenticate: Bearer%s\r\n",
			   strcmp(w->code, "TOKEN_MISSING") == 0 ? "" : " error=\"invalid_token\"");
	if (status == 503 || status == 429)
		buf_printf(&b, "Retry-After: %d\r\n", w->limit.wait_s ? w->limit.wait_s : 1);
	if (allow)
		buf_printf(&b, "Allow: %s\r\n", allow);
	return b.p;
}

/* What is told beside the title. */
static void explain(const struct work *w, struct ctx *cx, const struct fault_def *def)
{
	if (w->limit.refused)
		fail_detail(cx, def, NULL, TEXT_TOO_MANY_REQUESTS(w->limit.wait_s));
	else
		fail(cx, def, NULL);
}

static void refuse(struct work *w, const struct fault_def *def, const char *allow)
{
	struct ctx *cx = arena_alloc(w->http->arena, sizeof(*cx));

	w->code = def->code;
	cx->arena = w->http->arena;
	cx->request_id = w->ids.request_id;
	cx->trace_id = w->ids.trace_id;
	cx->lang = w->ids.lang;
	explain(w, cx, def);
	struct http_answer a = {
		.status = def->status,
		.content_type = "application/problem+json",
		.headers = fault_lines(w, def->status, allow),
		.body = fault_render(cx),
	};
	reply(w, &a);
}

/* ---- the hop ---- */

static void pass_answer(struct work *w)
{
	const struct wire_head *h = w->call.answer;
	const struct wire_field *type = wire_find(h, "Content-Type");
	struct http_answer a = {
		.status = h->status,
		.headers = hop_answer(w->http->arena, h, &w->ids),
		.body = w->call.answer_body,
	};

	if (a.body.n)
		a.content_type = type ? arena_strndup(w->http->arena, type->value.p, type->value.n)
				      : "application/octet-stream";
	reply(w, &a);
}

static void on_done(struct upstream_call *c, enum upstream_outcome o)
{
	static const struct fault_def *const FAULTS[] = {
		[UPSTREAM_AWAY] = &FAULT_UPSTREAM_UNAVAILABLE,
		[UPSTREAM_LATE] = &FAULT_UPSTREAM_TIMEOUT,
		[UPSTREAM_LEFT] = &FAULT_UPSTREAM_TIMEOUT, /* to nobody */
		[UPSTREAM_BUSY] = &FAULT_OVERLOADED,
	};
	struct work *w = c->arg;

	if (o == UPSTREAM_ANSWERED)
		pass_answer(w);
	else
		refuse(w, FAULTS[o], NULL);
}

/* A key makes only those calls one that a service stores the answer of. */
static bool may_be_sent_twice(const struct work *w)
{
	if (w->route->method == METHOD_GET)
		return true;
	return w->route->method == METHOD_POST && w->route->idempotency != IDEMPOTENCY_NONE &&
	       wire_find(&w->http->head, "Idempotency-Key") != NULL;
}

static bool caller_left(const struct upstream_call *c)
{
	const struct work *w = c->arg;

	return http_gone(w->http);
}

static void forward(struct work *w)
{
	struct gateway *g = w->gateway;
	struct hop hop = {
		.route = w->route,
		.params = w->params,
		.n_params = w->n_params,
		.request = w->http,
		.ids = &w->ids,
		.service = w->place->service,
		.internal_token = g->internal_token,
	};

	w->call = (struct upstream_call){
		.arena = w->http->arena,
		.head = hop_request(w->http->arena, &hop),
		.body = w->http->body,
		.tenant = w->claims.tenant_id,
		.replayable = may_be_sent_twice(w),
		.deadline_ms = clock_monotonic_ms() + g->deadline_ms,
		.answer_limit = ANSWER_LIMIT,
		.left = w->route->method == METHOD_GET ? caller_left : NULL,
		.done = on_done,
		.arg = w,
	};
	upstream_send(w->place->upstream, &w->call); /* w may be gone */
}

static void reply_here(struct work *w, struct http_answer *a)
{
	a->headers = arena_printf(w->http->arena,
				  "%sX-Content-Type-Options: nosniff\r\nX-Request-Id: %s\r\n",
				  text_or_empty(a->headers), w->ids.request_id);
	reply(w, a);
}

static void answer_here(struct work *w)
{
	struct http_answer a = {.status = 500};

	w->place->local(w->http, &a, w->gateway);
	reply_here(w, &a);
}

/* ---- arrival ---- */

/* Public routes take no token, so that a stale one in the same browser doesn't lock its user out
 * of signing in; it isn't passed on either. */
static const struct fault_def *authenticate(struct work *w)
{
	bool other;
	struct str token = hop_bearer(&w->http->head, &other);

	if (w->route->auth != AUTH_JWT && w->route->auth != AUTH_DEVICE)
		return NULL;
	if (other)
		return &FAULT_TOKEN_INVALID;
	return access_check(&w->gateway->access, w->http->arena, token, clock_real_us() / 1000000,
			    &w->claims);
}

/* NULL: within the limits, or without any. */
static const struct fault_def *count_in(struct work *w, enum limit_kind kind,
					const struct token_claims *claims)
{
	struct gateway *g = w->gateway;

	w->limit = limits_take(g->limits, w->http->arena, kind, claims, w->http->peer,
			       clock_monotonic_us());
	if (!w->limit.refused)
		return NULL;
	metric_add(g->limited[w->limit.by], 1);
	return &FAULT_TOO_MANY_REQUESTS;
}

/* Whoever is refused before it is known who he is counts by his address. */
static void refuse_stranger(struct work *w, const struct fault_def *def, const char *allow)
{
	const struct fault_def *limited = count_in(w, LIMIT_OPEN, NULL);

	refuse(w, limited ? limited : def, limited ? NULL : allow);
}

static const struct fault_def *within_limits(struct work *w)
{
	return count_in(w, limit_kind_of(w->route), w->claims.account_id ? &w->claims : NULL);
}

static void pass(struct work *w)
{
	const struct fault_def *def = authenticate(w);

	if (def)
		refuse_stranger(w, def, NULL);
	else if ((def = within_limits(w)) != NULL)
		refuse(w, def, NULL);
	else if (w->gateway->draining)
		refuse(w, &FAULT_DRAINING, NULL);
	else if (w->place->upstream)
		forward(w);
	else
		answer_here(w);
}

static struct work *work_new(struct http_request *r, struct gateway *g)
{
	struct work *w = arena_alloc(r->arena, sizeof(*w));

	w->gateway = g;
	w->http = r;
	w->ids = hop_ids(r->arena, &r->head);
	return w;
}

/* false: no file of the web app either. */
static bool answer_site(struct work *w)
{
	static const struct route SITE = {.name = "gateway.Site", .auth = AUTH_PUBLIC};
	struct gateway *g = w->gateway;
	struct http_answer a = {0};
	const struct fault_def *limited;
	const char *allow;

	if (!g->site || !site_answer(g->site, w->http, &a, &allow))
		return false;
	w->route = &SITE;
	if (allow)
		refuse_stranger(w, &FAULT_METHOD_NOT_ALLOWED, allow);
	else if ((limited = count_in(w, LIMIT_OPEN, NULL)) != NULL)
		refuse(w, limited, NULL);
	else
		reply_here(w, &a);
	return true;
}

void gate_on_request(struct http_request *r, void *user)
{
	struct gateway *g = user;
	struct work *w = work_new(r, g);
	const char *allow = NULL;

	w->route = router_match(g->router, r->head.method, r->head.path, r->arena, w->params,
				&w->n_params, &allow);
	if (w->route)
		w->place = &g->places[w->route - g->routes];
	if (!w->route && !allow && answer_site(w))
		return; /* w is gone */
	if (!w->route)
		refuse_stranger(w, allow ? &FAULT_METHOD_NOT_ALLOWED : &FAULT_ROUTE_NOT_FOUND,
				allow);
	else if (!hop_head_ok(r->arena, &r->head))
		refuse_stranger(w, &FAULT_BAD_REQUEST, NULL);
	else
		pass(w);
}

uint32_t gate_limit_of(const struct wire_head *h, void *user)
{
	struct gateway *g = user;
	struct json_param params[ROUTER_MAX_PARAMS];
	const char *allow;
	unsigned n;

	arena_reset(g->scratch);
	const struct route *r =
		router_match(g->router, h->method, h->path, g->scratch, params, &n, &allow);
	return r ? r->body_limit : 0;
}

void gate_on_refused(const struct http_refusal *refusal, void *user)
{
	struct gateway *g = user;
	char text[12];

	snprintf(text, sizeof(text), "%d", refusal->status);
	log_line(LOG_INFO, "refused", "#status", text, "code", refusal->code, "peer", refusal->peer,
		 "trace_id", refusal->trace_id, NULL);
	meter_note(g->meter, NULL, refusal->status, 0);
}
