#include "hop.h"

#include <stdio.h>

#include "seal.h"
#include "value.h"

#define DEVICE_MAX 128

static const char ALNUM_DASH[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
static const char UNRESERVED[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

/* What a caller may say to a service, beside Authorization and what frames the message. */
static const char *const PASSED_IN[] = {"Content-Type", "Accept", "Accept-Language", "If-Match",
					"Idempotency-Key", NULL};
/* What a service may say to a caller, beside Content-Type and the length. */
static const char *const PASSED_OUT[] = {
	"ETag",		    "Location",	  "Retry-After", "Idempotency-Replayed",
	"WWW-Authenticate", "Set-Cookie", "Content-Disposition", "Content-Language",
	"Cache-Control",    "Link",	  "Allow",	 NULL};
/* Names under which callers put tokens into a query (RFC 6750 2.3 and habit); refused, since
 * queries stand in logs and histories. */
static const char *const TOKEN_NAMES[] = {"access_token", "id_token", "refresh_token", "token",
					  "authorization", "bearer", "jwt", NULL};

/* ---- reading ---- */

static bool among(struct str s, const char *const *list)
{
	for (; *list; list++)
		if (str_ieq(s, *list))
			return true;
	return false;
}

static bool all_of(struct str s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (!memchr(set, s.p[i], strlen(set)))
			return false;
	return true;
}

static struct str value_of(const struct wire_head *h, const char *name)
{
	const struct wire_field *f = wire_find(h, name);

	return f ? f->value : (struct str){"", 0};
}

static bool hex_id(struct str s, size_t at, size_t n)
{
	struct str part = {s.p + at, n};

	return all_of(part, "0123456789abcdef") && !all_of(part, "0");
}

/* Version 00 of W3C Trace Context; ids of zeros are none. */
static bool traceparent_ok(struct str s)
{
	return s.n == 55 && memcmp(s.p, "00-", 3) == 0 && s.p[35] == '-' && s.p[52] == '-' &&
	       hex_id(s, 3, 32) && hex_id(s, 36, 16) &&
	       all_of((struct str){s.p + 53, 2}, "0123456789abcdef");
}

static bool language_is(struct str s, const char *tag)
{
	return s.n >= 2 && str_ieq((struct str){s.p, 2}, tag) &&
	       (s.n == 2 || s.p[2] == '-' || s.p[2] == ';' || s.p[2] == ' ');
}

/* The first of the two that is listed; callers list by preference. */
static const char *language(struct str list)
{
	while (list.n) {
		const char *comma = memchr(list.p, ',', list.n);
		struct str one = {list.p, comma ? (size_t)(comma - list.p) : list.n};
		list.p += one.n + (comma != NULL);
		list.n -= one.n + (comma != NULL);
		while (one.n && one.p[0] == ' ')
			one.p++, one.n--;
		if (language_is(one, "en"))
			return "en";
		if (language_is(one, "zh"))
			return "zh-CN";
	}
	return "zh-CN";
}

struct hop_ids hop_ids(struct arena *a, const struct wire_head *h)
{
	struct str id = value_of(h, "X-Request-Id"), parent = value_of(h, "traceparent");
	struct hop_ids ids = {.lang = language(value_of(h, "Accept-Language"))};
	char fresh[37], trace[33], span[17];

	uuid7(fresh);
	id_hex(trace, 16);
	id_hex(span, 8);
	ids.request_id = id.n >= 8 && id.n <= 64 && all_of(id, ALNUM_DASH)
				 ? arena_strndup(a, id.p, id.n)
				 : arena_strdup(a, fresh);
	ids.trace_id = traceparent_ok(parent) ? arena_strndup(a, parent.p + 3, 32) : arena_strdup(a, trace);
	ids.traceparent = arena_printf(a, "00-%s-%s-00", ids.trace_id, span);
	return ids;
}

/* Three parts, the first beginning as every JSON object does in base64url. */
static bool looks_like_token(const char *value)
{
	const char *dot = strncmp(value, "eyJ", 3) == 0 ? strchr(value, '.') : NULL;

	return dot && strchr(dot + 1, '.');
}

static bool query_part_ok(struct arena *a, struct str part)
{
	const char *eq = part.n ? memchr(part.p, '=', part.n) : NULL, *name, *value;
	size_t n = eq ? (size_t)(eq - part.p) : part.n;
	struct str rest = eq ? (struct str){eq + 1, part.n - n - 1} : (struct str){"", 0};

	return wire_decode_query(a, (struct str){part.p, n}, &name) &&
	       wire_decode_query(a, rest, &value) && !among(str_of(name), TOKEN_NAMES) &&
	       !looks_like_token(value);
}

static bool query_ok(struct arena *a, struct str q)
{
	for (size_t at = 0; at < q.n;) {
		const char *amp = memchr(q.p + at, '&', q.n - at);
		size_t n = amp ? (size_t)(amp - q.p) - at : q.n - at;
		if (!query_part_ok(a, (struct str){q.p + at, n}))
			return false;
		at += n + 1;
	}
	return true;
}

static unsigned count(const struct wire_head *h, const char *name)
{
	unsigned n = 0;

	for (unsigned i = 0; i < h->n_fields; i++)
		n += str_ieq(h->field[i].name, name);
	return n;
}

bool hop_head_ok(struct arena *a, const struct wire_head *h)
{
	static const char *const ONCE[] = {"Authorization", "Content-Type", "If-Match",
					   "Idempotency-Key", NULL};

	for (const char *const *name = ONCE; *name; name++)
		if (count(h, *name) > 1)
			return false;
	return query_ok(a, h->query);
}

struct str hop_bearer(const struct wire_head *h, bool *other)
{
	const struct wire_field *f = wire_find(h, "Authorization");

	*other = false;
	if (!f)
		return (struct str){"", 0};
	if (f->value.n <= 7 || !str_ieq((struct str){f->value.p, 7}, "Bearer ")) {
		*other = true;
		return (struct str){"", 0};
	}
	return (struct str){f->value.p + 7, f->value.n - 7};
}

/* ---- writing ---- */

static void put_line(struct buf *b, const char *name, struct str value)
{
	buf_puts(b, name);
	buf_puts(b, ": ");
	buf_add(b, value.p, value.n);
	buf_puts(b, "\r\n");
}

static void put_escaped(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (strchr(UNRESERVED, *s))
			buf_add(b, s, 1);
		else
			buf_printf(b, "%%%02X", (unsigned char)*s);
	}
}

/* The template with the decoded values in it: one spelling of each path reaches a service. */
static void put_path(struct buf *b, const struct hop *hop)
{
	const char *p = hop->route->path;
	unsigned i = 0;

	while (*p) {
		size_t n = strcspn(p, "{");
		buf_add(b, p, n);
		p += n;
		if (*p && i < hop->n_params) {
			put_escaped(b, hop->params[i++].value);
			p += strcspn(p, "}") + 1;
		}
	}
}

static void put_device(struct buf *b, const struct wire_head *h)
{
	struct str id = value_of(h, "X-Device-Id");

	if (id.n >= 8 && id.n <= DEVICE_MAX && all_of(id, UNRESERVED))
		put_line(b, "X-Device-Id", id);
}

static void put_passed(struct buf *b, const struct wire_head *h, const char *const *names)
{
	for (const char *const *name = names; *name; name++)
		for (unsigned i = 0; i < h->n_fields; i++)
			if (str_ieq(h->field[i].name, *name))
				put_line(b, *name, h->field[i].value);
}

static bool takes_body(const struct hop *hop)
{
	return hop->request->body.n ||
	       (hop->route->method != METHOD_GET && hop->route->method != METHOD_DELETE);
}

struct str hop_request(struct arena *a, const struct hop *hop)
{
	const struct wire_head *h = &hop->request->head;
	struct buf b;

	buf_init(&b, a);
	buf_add(&b, h->method.p, h->method.n);
	buf_puts(&b, " ");
	put_path(&b, hop);
	if (h->query.n) {
		buf_puts(&b, "?");
		buf_add(&b, h->query.p, h->query.n);
	}
	buf_puts(&b, " HTTP/1.1\r\n");
	put_line(&b, "Host", str_of(hop->service));
	put_line(&b, "X-Request-Id", str_of(hop->ids->request_id));
	put_line(&b, "traceparent", str_of(hop->ids->traceparent));
	if (hop->request->peer && *hop->request->peer)
		put_line(&b, "X-Forwarded-For", str_of(hop->request->peer));
	put_line(&b, "X-Renhe-Internal-Token", str_of(hop->internal_token));
	if (hop->route->auth != AUTH_PUBLIC)
		put_passed(&b, h, (const char *const[]){"Authorization", NULL});
	put_device(&b, h);
	put_passed(&b, h, PASSED_IN);
	if (takes_body(hop))
		buf_printf(&b, "Content-Length: %zu\r\n", hop->request->body.n);
	buf_puts(&b, "\r\n");
	return (struct str){b.p, b.n};
}

const char *hop_answer(struct arena *a, const struct wire_head *answer, const struct hop_ids *ids)
{
	struct buf b;

	buf_init(&b, a);
	put_passed(&b, answer, PASSED_OUT);
	if (!wire_find(answer, "Cache-Control"))
		buf_puts(&b, "Cache-Control: no-store\r\n");
	buf_puts(&b, "X-Content-Type-Options: nosniff\r\n");
	put_line(&b, "X-Request-Id", str_of(ids->request_id));
	return b.p;
}
