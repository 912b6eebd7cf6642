#include "request.h"
#include <stdio.h>
#include <stdlib.h>
#include "audit.h"
#include "clock.h"
#include "config.h"
#include "fault.h"
#include "form.h"
#include "idempotency.h"
#include "json.h"
#include "killpoint.h"
#include "log.h"
#include "metrics.h"
#include "meter.h"
#include "pending.h"
#include "policy.h"
#include "request_head.h"
#include "resource.h"
#include "router.h"
#include "row.h"
#include "seal.h"
#include "task.h"
#include "value.h"
#include "renhe.gen.h"

#define MAX_TRIES 3

/* What one request needs beside the ctx. */
struct work {
	struct http_request *http;
	struct ctx cx;
	struct json_param path[8], query[MAX_QUERY];
	unsigned n_path, n_query;
	ProtobufCMessage *in, *out;
	char hash[65];
	bool replay;
	struct stored_answer answer;
	struct principal who; /* as the head said */
	bool again;           /* not the first try */
};

/* ---- answering ---- */

static void log_request(const struct work *w, int status)
{
	const struct ctx *cx = &w->cx;
	char ms[24], code[12];

	snprintf(ms, sizeof(ms), "%.3f",
		 (double)(clock_monotonic_us() - w->http->start_us) / 1000.0);
	snprintf(code, sizeof(code), "%d", status);
	log_line(status >= 500 ? LOG_ERROR : LOG_INFO, "request", "request_id", cx->request_id,
		 "trace_id", cx->trace_id, "route", cx->route ? cx->route->name : "", "#status",
		 code, "#ms", ms, "tenant_id", cx->who.tenant_id ? cx->who.tenant_id : "",
		 "account_id", cx->who.account_id ? cx->who.account_id : "", "code",
		 cx->fault.def ? cx->fault.def->code : "", NULL);
}

static void reply(struct work *w, struct http_answer *a)
{
	log_request(w, a->status);
	meter_note(w->cx.svc->meter, w->cx.route, a->status,
		   clock_monotonic_us() - w->http->start_us);
	http_reply(w->http, a); /* w lives in the request's arena: gone from here on */
}

static void reply_fault(struct work *w, const char *allow)
{
	struct ctx *cx = &w->cx;
	struct http_answer a = {.status = cx->fault.def->status,
				.content_type = "application/problem+json"};
	struct buf h;

	buf_init(&h, cx->arena);
	buf_printf(&h, "Content-Language: %s\r\n", cx->lang);
	if (a.status == 401)
		buf_puts(&h, "WWW-Authenticate: Bearer\r\n");
	if (a.status == 503 || a.status == 429)
		buf_printf(&h, "Retry-After: %d\r\n",
			   cx->fault.retry_after_s ? cx->fault.retry_after_s : 1);
	if (allow)
		buf_printf(&h, "Allow: %s\r\n", allow);
	a.body = fault_render(cx);
	a.headers = h.p;
	reply(w, &a);
}

/* Where OAuth's own form is due. */
static void reply_refusal(struct work *w)
{
	struct ctx *cx = &w->cx;
	struct http_answer a = {.content_type = "application/json"};
	struct buf h;

	if (cx->route->auth != AUTH_CLIENT) {
		reply_fault(w, NULL);
		return;
	}
	buf_init(&h, cx->arena);
	a.status = oauth_fault_status(cx);
	buf_puts(&h, "Cache-Control: no-store\r\n");
	if (a.status == 401)
		buf_puts(&h, "WWW-Authenticate: Basic realm=\"renhe\"\r\n");
	if (cx->fault.retry_after_s)
		buf_printf(&h, "Retry-After: %d\r\n", cx->fault.retry_after_s);
	a.body = oauth_fault_render(cx);
	a.headers = h.p;
	reply(w, &a);
}

static void reply_stored(struct work *w)
{
	struct ctx *cx = &w->cx;
	struct http_answer a = {.status = w->answer.status};
	struct buf h;

	buf_init(&h, cx->arena);
	if (w->answer.location)
		buf_printf(&h, "Location: %s\r\n", w->answer.location);
	if (w->answer.etag)
		buf_printf(&h, "ETag: %s\r\n", w->answer.etag);
	if (w->replay)
		buf_puts(&h, "Idempotency-Replayed: true\r\n");
	if (cx->set_headers)
		buf_puts(&h, cx->set_headers);
	if (cx->file_type && cx->file_name)
		head_attachment(&h, cx->file_name);
	if (a.status != 204) {
		a.content_type = cx->file_type ? cx->file_type : "application/json";
		a.body = cx->file_type ? cx->file_body : w->answer.body;
	}
	a.headers = h.n ? h.p : NULL;
	reply(w, &a);
}

/* ---- the steps before the transaction ---- */

static bool authenticate(struct work *w)
{
	struct ctx *cx = &w->cx;

	if (cx->route->auth == AUTH_INTERNAL_TOKEN)
		return head_internal_token(cx, &w->http->head);
	if (cx->route->auth == AUTH_PUBLIC)
		return true;
	if (cx->route->auth == AUTH_CLIENT) {
		head_authorization(cx, &w->http->head);
		return true;
	}
	return head_bearer(cx, &w->http->head) && policy_check(cx, cx->route->permission);
}

static bool media_type(struct work *w)
{
	const struct ctx *cx = &w->cx;
	const struct wire_field *f = wire_find(&w->http->head, "content-type");

	w->cx.content_type = f ? arena_strndup(cx->arena, f->value.p, f->value.n) : "";
	if (cx->route->body != BODY_JSON || !w->http->body.n)
		return true;
	if (head_is_json(w->cx.content_type, cx->route->method == METHOD_PATCH))
		return true;
	return fail(&w->cx, &FAULT_UNSUPPORTED_MEDIA_TYPE, NULL);
}

static bool idempotency_key(struct work *w)
{
	struct ctx *cx = &w->cx;

	if (cx->route->method != METHOD_POST || cx->route->idempotency == IDEMPOTENCY_NONE)
		return true;
	if (!head_idempotency_key(cx, &w->http->head))
		return false;
	if (!cx->idempotency_key && cx->route->idempotency == IDEMPOTENCY_KEY_REQUIRED)
		return fail(cx, &FAULT_IDEMPOTENCY_KEY_REQUIRED, NULL);
	return true;
}

static void hash_request(struct work *w)
{
	const struct wire_head *h = &w->http->head;
	struct buf b;
	char body[65];

	if (!w->cx.idempotency_key)
		return;
	sha256_hex(w->http->body.p, w->http->body.n, body);
	buf_init(&b, w->cx.arena);
	buf_printf(&b, "%.*s %.*s?%.*s %s", (int)h->method.n, h->method.p, (int)h->path.n,
		   h->path.p, (int)h->query.n, h->query.p ? h->query.p : "", body);
	sha256_hex(b.p, b.n, w->hash);
}

/* Credentials don't belong into a query, which stands in logs (RFC 6749 2.3.1). */
static bool take_form(struct work *w)
{
	if (w->n_query)
		return fail(&w->cx, &FAULT_BAD_REQUEST, NULL);
	return form_read(&w->cx, w->cx.route->in, w->http->body, w->query, MAX_QUERY, &w->n_query);
}

static bool decode(struct work *w)
{
	struct ctx *cx = &w->cx;
	bool raw = cx->route->body != BODY_JSON;

	if (cx->route->body == BODY_FORM && !take_form(w))
		return false;
	if (raw)
		cx->raw_body = w->http->body;
	return json_decode(cx, cx->route->in, raw ? (struct str){NULL, 0} : w->http->body,
			   cx->route->method == METHOD_PATCH, w->path, w->n_path, w->query,
			   w->n_query, &w->in, &cx->cleared);
}

static bool prepare(struct work *w)
{
	return authenticate(w) && media_type(w) &&
	       head_query(&w->cx, &w->http->head, w->query, &w->n_query) &&
	       head_if_match(&w->cx, &w->http->head) && idempotency_key(w) && decode(w) &&
	       (hash_request(w), true);
}

/* ---- the transaction ---- */

static void build_answer(struct work *w)
{
	struct ctx *cx = &w->cx;
	const struct message_rule *rule = cx->route->out;

	w->answer.status = cx->status_override ? cx->status_override
			   : cx->validate_only ? 200
					       : cx->route->status;
	w->answer.etag = NULL;
	w->answer.location = NULL;
	if (w->answer.status == 204)
		return;
	resource_finish(cx, rule, w->out);
	w->answer.body = json_encode(cx, rule, w->out, policy_view);
	w->answer.etag = resource_etag(cx, rule, w->out);
	if (cx->route->location && !cx->validate_only)
		w->answer.location =
			resource_location(cx, cx->route->location, rule, w->out);
}

static bool handle(struct work *w)
{
	struct ctx *cx = &w->cx;

	w->out = msg_new(cx->arena, cx->route->out);
	cx->in = w->in;
	if (!cx->route->handler(cx, w->in, w->out))
		return false;
	if (!cx->pends)
		build_answer(w);
	return true;
}

static bool keyed(const struct work *w)
{
	return w->cx.idempotency_key && !w->cx.validate_only;
}

/* A refusal whose traces must stay: the count of a guess, the audit row. */
static bool keep_refusal(struct ctx *cx)
{
	struct fault_state refusal = cx->fault;

	fault_clear(cx);
	if (db_commit(cx))
		cx->fault = refusal;
	return false;
}

/* A second try may be one that was refused because it writes. */
static bool begin(struct work *w)
{
	bool reads = w->cx.route->method == METHOD_GET && !w->again;

	return (reads ? db_begin_read(&w->cx) : db_begin(&w->cx)) &&
	       (!keyed(w) || idempotency_begin(&w->cx, w->hash, &w->replay, &w->answer));
}

static void answer_pending(struct work *w, Renhe__PendingRequest *row)
{
	const struct message_rule *rule = &RULE_RENHE_PENDING_REQUEST;
	const char *at = resource_path(w->cx.svc->schema, rule);

	resource_finish(&w->cx, rule, &row->base);
	w->answer = (struct stored_answer){.status = 202};
	w->answer.body = json_encode(&w->cx, rule, &row->base, policy_view);
	if (at && !w->cx.validate_only)
		w->answer.location = resource_location(&w->cx, at, rule, &row->base);
}

/* The trial has held every rule: what it wrote goes, the request itself is kept (decision 9). */
static bool pend(struct work *w)
{
	struct ctx *cx = &w->cx;
	Renhe__PendingRequest *row;

	db_rollback(cx);
	cx->events_out = 0;
	cx->set_headers = NULL;
	if (!begin(w))
		return false;
	if (w->replay)
		return true;
	if (!pending_put(cx, w->in, &row))
		return false;
	answer_pending(w, row);
	return true;
}

static bool transact(struct work *w)
{
	struct ctx *cx = &w->cx;

	if (!begin(w))
		return false;
	if (w->replay)
		return db_commit(cx);
	if (!handle(w))
		return cx->commit_on_fault ? keep_refusal(cx) : false;
	if (cx->pends && !pend(w))
		return false;
	if (w->replay)
		return db_commit(cx);
	if (keyed(w) && !idempotency_end(cx, w->hash, &w->answer))
		return false;
	killpoint("request.before_commit"); /* K2 */
	if (!cx->validate_only)
		return db_commit(cx);
	db_rollback(cx);
	return true;
}

/* Everything that a failed try may have left in the ctx. */
static void start_over(struct work *w)
{
	struct ctx *cx = &w->cx;

	fault_clear(cx);
	cx->who = w->who; /* a handler may have changed the tenant */
	cx->keys = NULL;
	cx->events_out = 0;
	cx->set_headers = NULL;
	cx->status_override = 0;
	cx->commit_on_fault = false;
	cx->pends = cx->deciding = false;
	w->replay = false;
	w->again = true;
}

static bool run(struct work *w)
{
	struct ctx *cx = &w->cx;

	killpoint("request.parsed"); /* K1 */
	w->who = cx->who;
	for (int tries = 1;; tries++) {
		if (!db_ready(cx))
			return false;
		if (transact(w))
			return true;
		bool again = db_retryable(cx) && tries < MAX_TRIES;
		db_rollback(cx);
		if (!again)
			return false;
		metric_add(metric_get("renhe_transactions_retried_total", "", "Transactions of requests that met others and were tried again."), 1);
		task_sleep_ms(2 + (int)(clock_monotonic_us() % 15));
		start_over(w);
	}
}

/* Does what was not found stand in the tenant? The same request, seeing all of it, undone whatever it
 * says; anything but a 404 means that it does. */
static bool stands_in_tenant(struct work *w)
{
	struct ctx *cx = &w->cx;
	bool found;

	start_over(w);
	cx->as_system = true;
	w->out = msg_new(cx->arena, cx->route->out);
	found = db_ready(cx) && db_begin(cx) && cx->route->handler(cx, w->in, w->out);
	found = found || (cx->fault.def && cx->fault.def->status != 404);
	db_rollback(cx);
	cx->as_system = false;
	cx->events_out = 0;
	return found;
}

/* A role that may know of everybody but reaches only itself is told 403 of what is there (decision 18),
 * and 404 of what isn't: nothing of another tenant is. */
static void own_denial(struct work *w)
{
	struct ctx *cx = &w->cx;
	const struct permission *p = cx->route ? cx->route->permission : NULL;
	struct fault_state refusal = cx->fault;

	if (!p || refusal.def->status != 404 || cx->scopes != 1 || policy_hides(cx, p) || !w->in)
		return;
	if (stands_in_tenant(w)) {
		fault_clear(cx);
		fail(cx, &FAULT_ACCESS_DENIED, NULL);
	} else {
		cx->fault = refusal;
	}
}

static bool caller_gone(const void *caller)
{
	return http_gone(caller);
}

/* What writes goes on to its end: the caller may ask for it again with its key. */
static void watch_caller(const struct work *w)
{
	if (w->cx.route && w->cx.route->method == METHOD_GET)
		db_caller(w->cx.db, caller_gone, w->http);
}

static void work_on(struct work *w)
{
	struct ctx *cx = &w->cx;

	cx->now_us = clock_business_us();
	context_today(cx);
	if (clock_monotonic_ms() > cx->deadline_ms)
		fail(cx, &FAULT_DEADLINE_EXCEEDED, NULL);
	if (cx->fault.def || !prepare(w) || !run(w)) {
		own_denial(w);
		reply_refusal(w);
		return;
	}
	killpoint("request.after_commit"); /* K3 */
	if (cx->events_out)
		outbox_wake(cx->svc);
	if (cx->wake_runner && cx->svc->runner)
		runner_wake(cx->svc->runner);
	reply_stored(w);
}

static void request_run(struct db *db, void *arg)
{
	struct work *w = arg;

	w->cx.db = db;
	watch_caller(w);
	work_on(w);
	db_caller(db, NULL, NULL);
}

/* ---- arrival, on the loop thread ---- */

static struct work *work_new(struct http_request *r, struct service *svc)
{
	struct work *w = arena_alloc(r->arena, sizeof(*w));

	w->http = r;
	w->cx.svc = svc;
	w->cx.arena = r->arena;
	w->cx.who = (struct principal){
		.tenant_id = "", .account_id = "", .person_id = "", .session_id = ""};
	w->cx.deadline_ms = clock_monotonic_ms() + config_int("RENHE_REQUEST_DEADLINE_MS");
	head_identity(&w->cx, r);
	return w;
}

void request_accept(struct http_request *r, void *user)
{
	struct service *svc = user;
	struct work *w = work_new(r, svc);
	const char *allow = NULL;

	w->cx.route = router_match(svc->router, r->head.method, r->head.path, r->arena, w->path,
				   &w->n_path, &allow);
	if (!w->cx.route) {
		fail(&w->cx, allow ? &FAULT_METHOD_NOT_ALLOWED : &FAULT_ROUTE_NOT_FOUND, NULL);
		reply_fault(w, allow);
	} else if (svc->draining) {
		fail(&w->cx, &FAULT_DRAINING, NULL);
		reply_fault(w, NULL);
	} else if (!task_start(svc->pool, request_run, w)) {
		fail(&w->cx, &FAULT_OVERLOADED, NULL);
		reply_fault(w, NULL);
	}
}

uint32_t request_body_limit(const struct wire_head *h, void *user)
{
	struct service *svc = user;
	struct json_param path[8];
	unsigned n_path = 0;
	const char *allow = NULL;
	struct arena *a = arena_new();
	const struct route *r =
		router_match(svc->router, h->method, h->path, a, path, &n_path, &allow);
	uint32_t limit = r ? r->body_limit : 0;

	arena_free(a);
	return limit;
}

bool version_check(struct ctx *cx, int64_t version)
{
	if (cx->if_match == 0 || cx->if_match == -1 || cx->if_match == version)
		return true;
	return fail(cx, &FAULT_PRECONDITION_FAILED, NULL);
}

const char *const *request_cleared(const struct ctx *cx)
{
	static const char *const none[] = {NULL};

	return cx->cleared ? cx->cleared : none;
}

void request_accepted(struct ctx *cx)
{
	cx->status_override = 202;
}

void request_wake_runner(struct ctx *cx)
{
	cx->wake_runner = true;
}
