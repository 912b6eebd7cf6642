#include "site.h"

#include <ctype.h>

#define HASH_LEAST 8 /* characters of a content hash in a name */

/* By the end of the name. */
static const struct {
	const char *end, *type;
} TYPES[] = {
	{".html", "text/html; charset=utf-8"},
	{".js", "text/javascript; charset=utf-8"},
	{".mjs", "text/javascript; charset=utf-8"},
	{".css", "text/css; charset=utf-8"},
	{".json", "application/json"},
	{".map", "application/json"},
	{".webmanifest", "application/manifest+json"},
	{".txt", "text/plain; charset=utf-8"},
	{".xml", "application/xml"},
	{".svg", "image/svg+xml"},
	{".png", "image/png"},
	{".jpg", "image/jpeg"},
	{".jpeg", "image/jpeg"},
	{".webp", "image/webp"},
	{".gif", "image/gif"},
	{".ico", "image/vnd.microsoft.icon"},
	{".woff2", "font/woff2"},
	{".wasm", "application/wasm"},
	{".pdf", "application/pdf"},
};
/* The siblings, the better first. */
static const struct {
	const char *name, *end;
} CODINGS[] = {{"br", ".br"}, {"gzip", ".gz"}};
#define N_CODINGS (sizeof(CODINGS) / sizeof(CODINGS[0]))

/* What belongs to the API, whether there is a route or not. */
static const char *const RESERVED[] = {"/api", "/internal", "/oauth", "/.well-known", "/problems"};

/* Nothing from elsewhere, nothing inline, in nobody's frame. Geolocation and camera are for punches
 * and scans of documents. */
#define SAFE                                                                                       \
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "       \
	"img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "   \
	"worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'\r\n"       \
	"X-Frame-Options: DENY\r\nReferrer-Policy: same-origin\r\n"                                \
	"Permissions-Policy: camera=(self), geolocation=(self), microphone=()\r\n"                 \
	"Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n"

static bool ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

static const char *type_of(const char *path)
{
	for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++)
		if (ends_in(path, TYPES[i].end))
			return TYPES[i].type;
	return "application/octet-stream";
}

/* "app.3f2a9c1b.js", "index-BDk3x9aZ.js": the last part before the ending is long and holds a
 * digit. A word that does not is asked for anew each time, which is only slower. */
static bool hashed(const char *path)
{
	const char *name = strrchr(path, '/'), *end = strrchr(name, '.'), *p = end;
	bool digit = false;

	while (p && p > name + 1 && (isalnum((unsigned char)p[-1]) || p[-1] == '_'))
		digit |= isdigit((unsigned char)*--p) != 0;
	return p && digit && end - p >= HASH_LEAST && p > name + 2 && strchr(".-", p[-1]);
}

/* ---- what is asked ---- */

/* Decoded segment by segment, as the router does; NULL where no file may be called so. */
static const char *decoded(struct arena *a, struct str path)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t at = 0; at < path.n;) {
		const char *slash = memchr(path.p + at + 1, '/', path.n - at - 1);
		size_t end = slash ? (size_t)(slash - path.p) : path.n;
		const char *segment;
		if (!wire_decode_segment(a, (struct str){path.p + at + 1, end - at - 1}, &segment))
			return NULL;
		buf_puts(&b, "/");
		buf_puts(&b, segment);
		at = end;
	}
	return b.p;
}

static bool reserved(const char *path)
{
	for (size_t i = 0; i < sizeof(RESERVED) / sizeof(RESERVED[0]); i++) {
		size_t n = strlen(RESERVED[i]);
		if (strncmp(path, RESERVED[i], n) == 0 && (path[n] == '/' || path[n] == '\0'))
			return true;
	}
	return false;
}

static struct str value_of(const struct http_request *r, const char *name)
{
	const struct wire_field *f = wire_find(&r->head, name);

	return f ? f->value : (struct str){"", 0};
}

/* The next element of a list, cut at its first ';' into name and parameters. */
static bool next_element(struct str *list, struct str *name, struct str *params)
{
	if (!list->n)
		return false;
	const char *comma = memchr(list->p, ',', list->n);
	struct str one = {list->p, comma ? (size_t)(comma - list->p) : list->n};
	const char *semicolon = memchr(one.p, ';', one.n);
	size_t n = semicolon ? (size_t)(semicolon - one.p) : one.n;

	list->p += one.n + (comma != NULL);
	list->n -= one.n + (comma != NULL);
	*params = (struct str){one.p + n, one.n - n};
	while (n && strchr(" \t", one.p[0]))
		one.p++, n--;
	while (n && strchr(" \t", one.p[n - 1]))
		n--;
	*name = (struct str){one.p, n};
	return true;
}

/* ";q=0", ";q=0.000" */
static bool refused(struct str params)
{
	size_t i = 0;

	while (i < params.n && strchr("; \t", params.p[i]))
		i++;
	if (params.n - i < 3 || (params.p[i] | 32) != 'q' || params.p[i + 1] != '=')
		return false;
	for (i += 2; i < params.n; i++)
		if (!strchr("0. \t", params.p[i]))
			return false;
	return true;
}

/* Named and not refused; "*" stands for what is not named. */
static bool accepts(struct str list, const char *wanted)
{
	struct str name, params;
	bool any = false;

	while (next_element(&list, &name, &params)) {
		if (str_ieq(name, wanted))
			return !refused(params);
		any |= str_eq(name, "*") && !refused(params);
	}
	return any;
}

/* A navigation of a browser, not a fetch by a script or a wrong path of a program. */
static bool wants_page(const struct http_request *r)
{
	struct str list = value_of(r, "Accept"), name, params;

	while (next_element(&list, &name, &params))
		if (str_ieq(name, "text/html"))
			return true;
	return false;
}

/* The app has routes of its own, which have no ending. */
static const struct site_file *find(const struct site_folder *f, const struct http_request *r,
				    const char *path)
{
	const struct site_file *file = strcmp(path, "/") == 0 ? NULL : site_folder_find(f, path);
	bool page = !strchr(strrchr(path, '/'), '.') && wants_page(r);

	return file || (!page && strcmp(path, "/") != 0) ? file
							 : site_folder_find(f, "/index.html");
}

/* ---- what is answered ---- */

/* The sibling that the caller takes, else the file itself. *coding: its name, or NULL. */
static const struct site_file *coded(const struct site_folder *f, const struct http_request *r,
				     const struct site_file *file, const char **coding,
				     bool *varies)
{
	const struct site_file *chosen = file;

	*coding = NULL;
	*varies = false;
	for (size_t i = 0; i < N_CODINGS; i++) {
		const struct site_file *other = site_folder_find(
			f, arena_printf(r->arena, "%s%s", file->path, CODINGS[i].end));
		*varies |= other != NULL;
		if (!other || *coding || !accepts(value_of(r, "Accept-Encoding"), CODINGS[i].name))
			continue;
		chosen = other;
		*coding = CODINGS[i].name;
	}
	return chosen;
}

/* RFC 9110 13.1.2, by weak comparison. */
static bool unchanged(const struct http_request *r, const char *etag)
{
	struct str list = value_of(r, "If-None-Match"), one, params;

	while (next_element(&list, &one, &params)) {
		if (one.n > 2 && memcmp(one.p, "W/", 2) == 0)
			one = (struct str){one.p + 2, one.n - 2};
		if (str_eq(one, etag) || str_eq(one, "*"))
			return true;
	}
	return false;
}

static void set_answer(struct http_answer *a, const struct http_request *r,
		       const struct site_file *file, const struct site_file *sent,
		       const char *coding, bool varies)
{
	struct buf b;

	buf_init(&b, r->arena);
	buf_printf(&b, "ETag: %s\r\nCache-Control: %s\r\n", sent->etag,
		   hashed(file->path) ? "public, max-age=31536000, immutable" : "no-cache");
	if (varies)
		buf_puts(&b, "Vary: Accept-Encoding\r\n");
	a->status = unchanged(r, sent->etag) ? 304 : 200;
	if (coding && a->status == 200)
		buf_printf(&b, "Content-Encoding: %s\r\n", coding);
	buf_puts(&b, SAFE);
	a->headers = b.p;
	a->content_type = type_of(file->path);
	/* A copy: a reload may come while a slow reader takes it. */
	if (a->status == 200)
		a->body =
			(struct str){arena_dup(r->arena, sent->body.p, sent->body.n), sent->body.n};
}

bool site_answer(const struct site_folder *f, const struct http_request *r, struct http_answer *a,
		 const char **allow)
{
	const char *path = decoded(r->arena, r->head.path), *coding;
	const struct site_file *file = path && !reserved(path) ? find(f, r, path) : NULL;
	bool varies;

	*allow = NULL;
	if (!file)
		return false;
	if (!str_eq(r->head.method, "GET") && !str_eq(r->head.method, "HEAD")) {
		*allow = "GET, HEAD";
		return true;
	}
	const struct site_file *sent = coded(f, r, file, &coding, &varies);
	set_answer(a, r, file, sent, coding, varies);
	return true;
}
