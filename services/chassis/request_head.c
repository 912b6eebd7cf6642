#include "request_head.h"
#include <stdio.h>
#include <stdlib.h>
#include "auth.h"
#include "clock.h"
#include "config.h"
#include "fault.h"
#include "seal.h"
#include "service.h"
#include "value.h"
#include "renhe.gen.h"
#include "chassis_texts.h"

static const char *field_text(const struct ctx *cx, const struct wire_head *h, const char *name)
{
	const struct wire_field *f = wire_find(h, name);

	return f ? arena_strndup(cx->arena, f->value.p, f->value.n) : NULL;
}

static bool id_text(const char *s)
{
	size_t n = s ? strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
		     : 0;

	return n >= 8 && n <= 64 && !s[n];
}

static bool trace_text(const char *s)
{
	return s && strlen(s) == 55 && strspn(s, "0123456789abcdef-") == 55 && s[2] == '-' &&
	       s[35] == '-' && s[52] == '-' &&
	       strncmp(s + 3, "00000000000000000000000000000000", 32) != 0;
}

static const char *new_trace(struct arena *a)
{
	char *id = arena_alloc(a, 33);

	id_hex(id, 16);
	return id;
}

/* The trace goes on under a span id of our own; the sampling flag from outside is not trusted. */
static void head_trace(struct ctx *cx, const char *given)
{
	char span[17];

	id_hex(span, 8);
	cx->trace_id =
		trace_text(given) ? arena_strndup(cx->arena, given + 3, 32) : new_trace(cx->arena);
	cx->traceparent = arena_printf(cx->arena, "00-%s-%s-00", cx->trace_id, span);
}

/* zh-CN unless en stands before any zh. */
static const char *language(const char *accept)
{
	const char *en = accept ? strstr(accept, "en") : NULL,
		   *zh = accept ? strstr(accept, "zh") : NULL;

	return en && (!zh || en < zh) ? "en" : "zh-CN";
}

/* The gateway is our only hop and says the caller's address; from elsewhere the header is idle
 * talk. */
static const char *caller(const struct ctx *cx, const struct http_request *r)
{
	const char *said = field_text(cx, &r->head, "x-forwarded-for");
	const char *token = field_text(cx, &r->head, "x-renhe-internal-token");

	if (said && token && secret_equal(token, config_str("RENHE_INTERNAL_TOKEN")))
		return said;
	return r->peer ? arena_strdup(cx->arena, r->peer) : "";
}

void head_identity(struct ctx *cx, const struct http_request *r)
{
	const char *id = field_text(cx, &r->head, "x-request-id"),
		   *device = field_text(cx, &r->head, "x-device-id");
	char fresh[37];

	uuid7(fresh);
	cx->request_id = id_text(id) ? id : arena_strdup(cx->arena, fresh);
	cx->device_id = id_text(device) ? device : "";
	cx->lang = language(field_text(cx, &r->head, "accept-language"));
	cx->peer = caller(cx, r);
	head_trace(cx, field_text(cx, &r->head, "traceparent"));
}

void context_today(struct ctx *cx)
{
	int64_t days = cx->now_us / 86400000000LL;

	zone_date(config_str("RENHE_TIME_ZONE"), cx->now_us, &days);
	date_format(days, cx->today);
}

static const struct fault_def *auth_fault(enum auth_result r)
{
	return r == AUTH_NO_TOKEN  ? &FAULT_TOKEN_MISSING
	       : r == AUTH_EXPIRED ? &FAULT_TOKEN_EXPIRED
				   : &FAULT_TOKEN_INVALID;
}

static void take_claims(struct ctx *cx, const struct token_claims *c)
{
	cx->who = (struct principal){
		.tenant_id = c->tenant_id,
		.account_id = c->account_id,
		.person_id = c->person_id ? c->person_id : "",
		.session_id = c->session_id,
		.roles = c->roles,
		.auth_time = c->auth_time,
		.scope = c->scope,
		.second_factor = c->second_factor,
	};
}

bool head_bearer(struct ctx *cx, const struct wire_head *h)
{
	const char *v = field_text(cx, h, "authorization");
	struct token_claims c = {0};
	enum auth_result r = AUTH_NO_TOKEN;

	if (v && !strncasecmp(v, "Bearer ", 7))
		r = token_verify(cx->svc->keys, cx->arena, str_of(v + 7), clock_real_us() / 1000000,
				 cx->svc->schema->role_names, &c);
	if (r != AUTH_OK)
		return fail(cx, auth_fault(r), NULL);
	take_claims(cx, &c);
	return true;
}

void head_authorization(struct ctx *cx, const struct wire_head *h)
{
	const char *v = field_text(cx, h, "authorization");

	cx->authorization = v ? v : "";
}

bool head_internal_token(struct ctx *cx, const struct wire_head *h)
{
	const char *v = field_text(cx, h, "x-renhe-internal-token");

	if (v && secret_equal(v, config_str("RENHE_INTERNAL_TOKEN")))
		return true;
	return fail(cx, &FAULT_ROUTE_NOT_FOUND, NULL);
}

/* Not on routes that store no answer (sign-in, reveal, codes): what they give away must be counted and
 * audited, so there is no trying without leaving a trace. */
static bool take_validate_only(struct ctx *cx, const struct json_param *p)
{
	bool writes = cx->route->method == METHOD_PATCH || cx->route->method == METHOD_PUT ||
		      (cx->route->method == METHOD_POST && cx->route->idempotency != IDEMPOTENCY_NONE);

	if (!writes || strcmp(p->name, "validate_only") != 0)
		return false;
	cx->validate_only = !strcmp(p->value, "true");
	if (!cx->validate_only && strcmp(p->value, "false") != 0)
		fault_add(cx, "?validate_only", "FORMAT", TEXT_TRUE_OR_FALSE_ONLY);
	return true;
}

bool head_query(struct ctx *cx, const struct wire_head *h, struct json_param *out, unsigned *n)
{
	struct str rest = h->query;

	while (rest.n) {
		const char *amp = memchr(rest.p, '&', rest.n);
		struct str one = {rest.p, amp ? (size_t)(amp - rest.p) : rest.n};
		const char *eq = one.n ? memchr(one.p, '=', one.n) : NULL;
		struct str name = {one.p, eq ? (size_t)(eq - one.p) : one.n};
		struct str value = {eq ? eq + 1 : one.p, eq ? one.n - name.n - 1 : 0};

		rest = amp ? (struct str){amp + 1, rest.n - one.n - 1} : (struct str){NULL, 0};
		if (*n == MAX_QUERY || !name.n ||
		    !wire_decode_query(cx->arena, name, &out[*n].name) ||
		    !wire_decode_query(cx->arena, value, &out[*n].value))
			return fail_detail(cx, &FAULT_BAD_REQUEST, NULL, TEXT_QUERY_MALFORMED);
		if (!take_validate_only(cx, &out[*n]))
			++*n;
	}
	return fault_none(cx, &FAULT_BAD_REQUEST);
}

static bool tag_version(const char *s, int64_t *version)
{
	char *end;

	if (!strcmp(s, "*")) {
		*version = -1;
		return true;
	}
	if (strncmp(s, "\"v", 2) != 0 || s[2] < '1' || s[2] > '9')
		return false;
	*version = strtoll(s + 2, &end, 10);
	return !strcmp(end, "\"") && end - s < 20;
}

bool head_if_match(struct ctx *cx, const struct wire_head *h)
{
	const char *v = field_text(cx, h, "if-match");

	if (!v)
		return cx->route->if_match ? fail(cx, &FAULT_PRECONDITION_REQUIRED, NULL) : true;
	if (!tag_version(v, &cx->if_match))
		return fail(cx, &FAULT_PRECONDITION_FAILED, NULL);
	return true;
}

bool head_idempotency_key(struct ctx *cx, const struct wire_head *h)
{
	const char *v = field_text(cx, h, "idempotency-key");
	size_t n = 0;

	if (!v)
		return true;
	while (v[n] > 0x20 && v[n] < 0x7f)
		n++;
	if (!n || n > 255 || v[n])
		return fail_detail(cx, &FAULT_BAD_REQUEST, NULL, TEXT_IDEMPOTENCY_KEY);
	cx->idempotency_key = v;
	return true;
}

/* Parameters: only charset=utf-8 says nothing new. */
bool head_is_json(const char *content_type, bool patch)
{
	static const char *const types[] = {"application/json", "application/merge-patch+json"};

	for (int i = 0; i <= (patch ? 1 : 0); i++) {
		size_t n = strlen(types[i]);
		const char *rest = content_type + n;

		if (strncasecmp(content_type, types[i], n) != 0)
			continue;
		rest += strspn(rest, " ;\t");
		if (!*rest || !strcasecmp(rest, "charset=utf-8") ||
		    !strcasecmp(rest, "charset=\"utf-8\""))
			return true;
	}
	return false;
}

static bool is_plain(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '-' || c == '.' || c == '_';
}

void head_attachment(struct buf *out, const char *file_name)
{
	buf_puts(out, "Content-Disposition: attachment; filename=\"");
	for (const char *p = file_name; *p; p++)
		if ((*p & 0xC0) != 0x80) /* one stroke for each character */
			buf_add(out, is_plain((unsigned char)*p) ? p : "_", 1);
	buf_puts(out, "\"; filename*=UTF-8''");
	for (const char *p = file_name; *p; p++)
		if (is_plain((unsigned char)*p))
			buf_add(out, p, 1);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)*p);
	buf_puts(out, "\r\n");
}
