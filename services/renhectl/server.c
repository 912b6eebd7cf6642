#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "clock.h"
#include "config.h"
#include "ctx.h"
#include "json.h"
#include "log.h"
#include "outbound.h"
#include "value.h"
#include "renhe.gen.h"

#define DEADLINE_MS 60000
#define ANSWER_MOST ((size_t)64 << 20)
#define TRIES_MOST 6 /* where the gateway says: later */
#define WAIT_MOST_S 30

static const char *base;

/* ---- where ---- */

static bool on_this_machine(const char *host)
{
	static const char *const NAMES[] = {"127.0.0.1", "localhost", "[::1]"};

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		if (!strncmp(host, NAMES[i], strlen(NAMES[i])) && strchr(":/", host[strlen(NAMES[i])]))
			return true;
	return false;
}

/* host:port of the URL, with the port of its scheme where it names none. */
static const char *host_port(struct arena *a, const char *host, const char *port)
{
	size_t n = strcspn(host, "/");
	const char *bracket = memchr(host, ']', n), *from = bracket ? bracket : host;

	if (memchr(from, ':', n - (size_t)(from - host)))
		return arena_strndup(a, host, n);
	return arena_printf(a, "%.*s:%s", (int)n, host, port);
}

/* What the outbound client refuses is excepted for this one host: an address inside of the company, and on
 * this machine a connection in clear. */
static bool except_host(struct arena *a, const char *url)
{
	bool tls = !strncmp(url, "https://", 8), clear = !strncmp(url, "http://", 7);
	const char *host = url + (tls ? 8 : 7);

	if (!tls && (!clear || !on_this_machine(host)))
		return *config_str("RENHE_OUTBOUND_INNER") != '\0';
	setenv("RENHE_OUTBOUND_INNER", host_port(a, host, tls ? "443" : "80"), 0);
	return config_load("renhectl");
}

enum exit_code server_open(const struct call *c, const char *url)
{
	const char *given = url ? url : config_str("RENHE_URL");
	size_t n = strlen(given);
	char err[200];

	while (n && given[n - 1] == '/')
		n--;
	base = arena_strndup(c->arena, given, n);
	log_init("renhectl", LOG_ERROR);
	if (!except_host(c->arena, arena_printf(c->arena, "%s/", base)))
		return complain(EXIT_USAGE, "%s: %s", base, say(&TEXT_DEF_URL_IN_CLEAR));
	if (!outbound_start(err, sizeof(err)))
		return complain(EXIT_USAGE, "%s", err);
	return EXIT_DONE;
}

const char *url_part(struct arena *a, const char *value)
{
	struct buf b;

	buf_init(&b, a);
	for (const unsigned char *p = (const unsigned char *)value; *p; p++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", *p))
			buf_add(&b, p, 1);
		else
			buf_printf(&b, "%%%02X", *p);
	return b.p;
}

/* ---- one request ---- */

static const char **headers_of(struct arena *a, const struct ask *q, const char *token)
{
	const char **h = arena_alloc(a, 8 * sizeof(*h));
	size_t n = 0;
	char key[UUID_LEN + 1];

	h[n++] = arena_printf(a, "Accept-Language: %s", say_chinese() ? "zh-CN" : "en");
	if (q->body.p)
		h[n++] = arena_printf(a, "Content-Type: %s", q->type ? q->type : "application/json");
	if (token)
		h[n++] = arena_printf(a, "Authorization: Bearer %s", token);
	if (q->etag)
		h[n++] = arena_printf(a, "If-Match: %s", q->etag);
	if (q->once) {
		uuid7(key);
		h[n++] = arena_printf(a, "Idempotency-Key: %s", key);
	}
	return h;
}

static enum exit_code send_once(const struct call *c, const struct ask *q, const char *const *headers, struct reply *out, int *wait_s)
{
	struct ctx cx = {.arena = c->arena, .lang = say_chinese() ? "zh-CN" : "en"};
	struct outbound_request rq = {.method = q->method, .url = arena_printf(c->arena, "%s%s", base, q->path), .headers = headers,
				      .body = q->body.p ? &q->body : NULL, .n_body = q->body.p ? 1 : 0, .most_bytes = ANSWER_MOST,
				      .deadline_ms = DEADLINE_MS};
	struct outbound_answer answer;
	const char *later;

	if (!outbound_send(&cx, &rq, &answer))
		return complain(EXIT_UNREACHABLE, "%s: %s (%s)", base, say(&TEXT_DEF_SUITE_UNREACHABLE), cx.fault.def->code);
	later = outbound_header(&cx, &answer, "retry-after");
	*wait_s = later ? (int)strtol(later, NULL, 10) : 1;
	*out = (struct reply){answer.status, answer.body, json_parse(c->arena, answer.body)};
	return EXIT_DONE;
}

static bool comes_later(const struct reply *r)
{
	return r->status == 429 || r->status == 503;
}

/* A POST that was refused with 429 or 503 did nothing: it may be sent again. */
static enum exit_code send_patiently(const struct call *c, const struct ask *q, const char *token, struct reply *out)
{
	const char *const *headers = headers_of(c->arena, q, token);
	int wait_s = 0;

	for (int tries = 1;; tries++) {
		enum exit_code code = send_once(c, q, headers, out, &wait_s);
		if (code != EXIT_DONE || !comes_later(out) || tries == TRIES_MOST || wait_s > WAIT_MOST_S)
			return code;
		clock_sleep_ms(1000 * (wait_s > 0 ? wait_s : 1));
	}
}

/* ---- what was answered ---- */

static enum exit_code code_of(int status)
{
	switch (status) {
	case 401:
	case 403:
		return EXIT_NOT_ALLOWED;
	case 404:
		return EXIT_NOT_FOUND;
	case 409:
	case 412:
	case 428:
		return EXIT_CONFLICT;
	case 400:
	case 413:
	case 415:
	case 422:
		return EXIT_VALIDATION;
	case 429:
	case 502:
	case 503:
	case 504:
		return EXIT_UNREACHABLE;
	default:
		return EXIT_FAILED;
	}
}

static void tell_item(void *arg, const struct json_doc *item)
{
	const char *pointer = json_get_str(item, "pointer"), *detail = json_get_str(item, "detail");
	const char *code = json_get_str(item, "code");

	(void)arg;
	fprintf(stderr, "  %s: %s\n", pointer ? pointer : "", detail ? detail : code ? code : "");
}

static enum exit_code tell(const struct reply *r)
{
	const char *title = r->doc ? json_get_str(r->doc, "title") : NULL, *detail = r->doc ? json_get_str(r->doc, "detail") : NULL;
	const char *code = r->doc ? json_get_str(r->doc, "code") : NULL;

	bool more = detail && (!title || strcmp(title, detail) != 0);
	complain(EXIT_FAILED, "%d %s: %s%s%s", r->status, code ? code : "", title ? title : "", more ? ": " : "", more ? detail : "");
	if (r->doc)
		json_each(r->doc, "errors", tell_item, NULL);
	return code_of(r->status);
}

/* ---- tokens ---- */

static bool has_run_out(const struct reply *r)
{
	const char *code = r->doc ? json_get_str(r->doc, "code") : NULL;

	return r->status == 401 && code && strcmp(code, FAULT_STEP_UP_REQUIRED.code) != 0;
}

static bool take_tokens(const struct call *c, const struct reply *r, struct session *s)
{
	const char *access = r->doc ? json_get_str(r->doc, "access_token") : NULL, *refresh = r->doc ? json_get_str(r->doc, "refresh_token") : NULL;

	if (r->status / 100 != 2 || !access || !refresh)
		return false;
	s->access = access;
	s->refresh = refresh;
	return session_write(c->arena, s);
}

/* Behind the lock: another process may have renewed them meanwhile. */
static bool renew_locked(const struct call *c, struct session *s)
{
	const char *old = s->access;
	struct reply r;
	struct buf b;

	if (!session_read(c->arena, s))
		return false;
	if (strcmp(s->access, old) != 0)
		return true;
	if (!s->refresh)
		return false;
	buf_init(&b, c->arena);
	buf_puts(&b, "{\"refresh_token\":");
	json_quote(&b, s->refresh, strlen(s->refresh));
	buf_puts(&b, "}");
	struct ask q = {.method = "POST", .path = "/api/v1/sessions:refresh", .body = {b.p, b.n}};
	return send_patiently(c, &q, NULL, &r) == EXIT_DONE && take_tokens(c, &r, s);
}

static bool renew(const struct call *c, struct session *s)
{
	int lock = session_lock(c->arena);
	bool good = lock >= 0 && renew_locked(c, s);

	if (lock >= 0)
		close(lock);
	return good;
}

static enum exit_code ask_as(const struct call *c, const struct ask *q, struct reply *out)
{
	struct session s;
	enum exit_code code;

	if (!session_read(c->arena, &s))
		return EXIT_NOT_ALLOWED;
	code = base ? EXIT_DONE : server_open(c, s.url);
	if (code == EXIT_DONE)
		code = send_patiently(c, q, s.access, out);
	if (code != EXIT_DONE || !has_run_out(out))
		return code;
	return renew(c, &s) ? send_patiently(c, q, s.access, out) : complain(EXIT_NOT_ALLOWED, "%s", say(&TEXT_DEF_SIGNED_OUT));
}

enum exit_code server_ask(const struct call *c, const struct ask *q, struct reply *out)
{
	enum exit_code code = q->anonymous ? send_patiently(c, q, NULL, out) : ask_as(c, q, out);

	if (code != EXIT_DONE)
		return code;
	return out->status / 100 == 2 ? EXIT_DONE : tell(out);
}
