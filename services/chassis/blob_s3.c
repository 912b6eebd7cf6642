/* The blob store's place in a bucket: RENHE_BLOB_S3_URL/<service>/<tenant>/<id>, path style, signed
 * by AWS Signature Version 4 with the hash of what is sent. A blob is one PUT: 5 GB at most, and,
 * as in the folder, whole in the memory of its task. Calls happen inside the task's transaction,
 * since a row must find its bytes and bytes without a row are swept: RENHE_BLOB_S3_DEADLINE_MS
 * bounds how long it waits. */
#include "blob.h"
#include <stdio.h>
#include <string.h>
#include "blob_place.h"
#include "clock.h"
#include "config.h"
#include "fault.h"
#include "log.h"
#include "outbound.h"
#include "seal.h"
#include "service.h"
#include "value.h"
#include "renhe.gen.h"

#define TALK_MOST ((size_t)1 << 20) /* lists and errors; a page of 1,000 takes about 300 KB */
#define RETRY_AFTER_S 5
#define PROBE "00000000-0000-0000-0000-000000000000"

static const char *folder_of(struct ctx *cx)
{
	return arena_printf(cx->arena, "%s/%s", cx->svc->def->name, cx->who.tenant_id);
}

static const char *url_of(struct ctx *cx, const char *id)
{
	return arena_printf(cx->arena, "%s/%s/%s", config_str("RENHE_BLOB_S3_URL"), folder_of(cx),
			    id);
}

/* What went wrong outside is one thing to callers: try again. The log has said the rest. */
static bool away(struct ctx *cx)
{
	fault_clear(cx);
	fail(cx, &FAULT_BLOB_STORE_UNAVAILABLE, NULL);
	cx->fault.retry_after_s = RETRY_AFTER_S;
	return false;
}

/* The store's own word, such as SignatureDoesNotMatch, tells an operator what to mend. */
static bool refused(struct ctx *cx, const char *what, const struct outbound_answer *a)
{
	struct s3_answer said;
	char status[16];
	bool told = s3_answer_read(cx, a->body, &said) && said.code;

	snprintf(status, sizeof(status), "%d", a->status);
	log_line(LOG_ERROR, "blob store", "what", what, "#status", status, "reason",
		 told ? said.code : "", "request_id", cx->request_id, NULL);
	return away(cx);
}

struct call {
	const char *method, *url;
	const struct str *pieces;
	size_t n, most;
};

static bool ask(struct ctx *cx, const struct call *c, struct outbound_answer *a)
{
	const struct outbound_signature sign = {config_str("RENHE_BLOB_S3_REGION"),
						config_str("RENHE_BLOB_S3_ACCESS_KEY"),
						config_str("RENHE_BLOB_S3_SECRET_KEY")};
	char sha256[65];
	const char *headers[] = {NULL, "Content-Type: application/octet-stream", NULL};

	sha256_hex_of(c->pieces, c->n, sha256);
	headers[0] = arena_printf(cx->arena, "x-amz-content-sha256: %s", sha256);
	if (!c->pieces)
		headers[1] = NULL;
	const struct outbound_request rq = {.method = c->method,
					    .url = c->url,
					    .headers = headers,
					    .body = c->pieces,
					    .n_body = c->n,
					    .most_bytes = c->most + TALK_MOST,
					    .sign = &sign,
					    .deadline_ms =
						    (int)config_int("RENHE_BLOB_S3_DEADLINE_MS"),
					    .inside_transaction = true};
	return outbound_send(cx, &rq, a) || away(cx);
}

static bool s3_write(struct ctx *cx, const char *id, const struct str *pieces, size_t n)
{
	const struct call put = {"PUT", url_of(cx, id), pieces, n, 0};
	struct outbound_answer a;

	return ask(cx, &put, &a) && (a.status == 200 || refused(cx, "write", &a));
}

/* "No such bucket" is 404 too, but doesn't mean that the blob is gone. */
static bool says_no_such_key(struct ctx *cx, const struct outbound_answer *a)
{
	struct s3_answer said;

	return a->status == 404 && s3_answer_read(cx, a->body, &said) && said.code &&
	       strcmp(said.code, "NoSuchKey") == 0;
}

static bool s3_read(struct ctx *cx, const char *id, size_t bytes, struct str *out)
{
	const struct call get = {"GET", url_of(cx, id), NULL, 0, bytes};
	struct outbound_answer a;

	if (!ask(cx, &get, &a))
		return false;
	if (a.status == 200)
		*out = a.body;
	else if (says_no_such_key(cx, &a))
		*out = (struct str){NULL, 0};
	else
		return refused(cx, "read", &a);
	return true;
}

static bool removed(struct ctx *cx, const char *id)
{
	const struct call drop = {"DELETE", url_of(cx, id), NULL, 0, 0};
	struct outbound_answer a;

	return ask(cx, &drop, &a) &&
	       (a.status / 100 == 2 || a.status == 404 || refused(cx, "remove", &a));
}

static void s3_remove(struct ctx *cx, const char *id)
{
	if (!removed(cx, id))
		fault_clear(cx);
}

/* ---- the list ---- */

/* Percent-encoded, as the signature wants queries. */
static const char *query_value(struct ctx *cx, const char *s)
{
	static const char PLAIN[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	struct buf b;

	buf_init(&b, cx->arena);
	for (; *s; s++)
		buf_printf(&b, strchr(PLAIN, *s) ? "%c" : "%%%02X", (unsigned char)*s);
	return b.n ? b.p : "";
}

/* Names in the order of the alphabet, which is how they are signed. */
static const char *page_url(struct ctx *cx, const char *token)
{
	return arena_printf(cx->arena, "%s?%s%s%slist-type=2&max-keys=1000&prefix=%s",
			    config_str("RENHE_BLOB_S3_URL"), token ? "continuation-token=" : "",
			    token ? query_value(cx, token) : "", token ? "&" : "",
			    query_value(cx, arena_printf(cx->arena, "%s/", folder_of(cx))));
}

/* The store's clock and ours differ by less than 15 minutes, or it would take no signature of ours.
 */
static void add_page(struct ctx *cx, const struct s3_answer *page, int64_t age_s,
		     struct blob_files *out)
{
	int64_t before_us = clock_real_us() - age_s * 1000000, at_us;

	for (size_t i = 0; i < page->n; i++) {
		const struct s3_object *o = &page->objects[i];
		const char *slash = strrchr(o->key, '/');

		if (slash && uuid_valid(slash + 1) && o->time && time_parse(o->time, &at_us))
			blob_files_add(cx, out, slash + 1, at_us <= before_us);
	}
}

static bool s3_list(struct ctx *cx, int64_t age_s, struct blob_files *out)
{
	struct s3_answer page = {0};

	do {
		const struct call list = {"GET", page_url(cx, page.token), NULL, 0, 0};
		struct outbound_answer a;

		if (!ask(cx, &list, &a))
			return false;
		if (a.status != 200 || !s3_answer_read(cx, a.body, &page))
			return refused(cx, "list", &a);
		add_page(cx, &page, age_s, out);
	} while (page.token && *page.token);
	return true;
}

const struct blob_place BLOB_S3 = {s3_write, s3_read, s3_remove, s3_list};

/* ---- settings, and the check ---- */

/* A bucket by its path or by its name, and nothing behind. */
static const char *url_fault(struct arena *a, const char *url)
{
	size_t n = strlen(url);

	if (url[n - 1] == '/' || strpbrk(url, "?%"))
		return "ends in a slash, or holds a query";
	return outbound_url_fault(a, url);
}

const char *blob_settings_fault(struct arena *a)
{
	static const char *const NEEDED[] = {"RENHE_BLOB_S3_REGION", "RENHE_BLOB_S3_ACCESS_KEY",
					     "RENHE_BLOB_S3_SECRET_KEY"};
	const char *url = config_str("RENHE_BLOB_S3_URL"), *why;

	if (!*url)
		return NULL;
	for (size_t i = 0; i < sizeof(NEEDED) / sizeof(NEEDED[0]); i++)
		if (!*config_str(NEEDED[i]))
			return arena_printf(a, "%s must be given with RENHE_BLOB_S3_URL",
					    NEEDED[i]);
	why = url_fault(a, url);
	return why ? arena_printf(a, "RENHE_BLOB_S3_URL: %s", why) : NULL;
}

bool blob_check(struct ctx *cx)
{
	const struct str piece = STR("probe");
	struct str back = {NULL, 0};
	bool good;

	if (!*config_str("RENHE_BLOB_S3_URL"))
		return true;
	cx->who.tenant_id = PROBE;
	good = s3_write(cx, PROBE, &piece, 1) && s3_read(cx, PROBE, piece.n, &back) &&
	       removed(cx, PROBE);
	return good && (str_eq(back, "probe") || away(cx));
}
