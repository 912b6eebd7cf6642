/* The web app's files: which of a folder are taken in, which request gets which, and what is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "site.h"

#include <cmocka.h>

static const struct {
	const char *path, *text;
} FILES[] = {
	{"index.html", "page"}, {"assets/app.3f2a9c1b.js", "script"},
	{"assets/app.3f2a9c1b.js.br", "s-br"}, {"assets/app.3f2a9c1b.js.gz", "s-gz"},
	{"assets/site.css", "style"}, {"assets/site.css.gz", "c-gz"}, {"名 片.txt", "name"},
	{"unknown.xyz", "what"}, {"empty.txt", ""}, {".env", "secret"}, {".git/config", "secret"},
	{"assets/.htaccess", "secret"}, {"api/v1/me", "no"}, {"internal/x.txt", "no"}, {"apix.txt", "yes"},
};
static char top[] = "/tmp/renhe-site-XXXXXX", folder[64];
static struct site_folder *site;

static void write_file(const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	FILE *f = fopen(path, "w");
	if (!f || fputs(text, f) == EOF || fclose(f) != 0)
		abort();
}

static void link_to(const char *target, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (symlink(target, path) != 0)
		abort();
}

/* ---- which ---- */

static struct http_request request(struct arena *a, const char *line, const char *fields)
{
	struct http_request r = {.arena = a};
	char *text = arena_printf(a, "%s HTTP/1.1\r\nHost: a\r\n%s\r\n", line, fields);
	size_t scanned = 0;
	int status;

	if (wire_request(&r.head, text, strlen(text), &scanned, &status) != WIRE_OK)
		fail_msg("no request: %s", text);
	return r;
}

/* body: NULL where the path is not ours */
static const struct {
	const char *line, *fields, *body, *type;
} GETS[] = {
	{"GET /", "", "page", "text/html; charset=utf-8"},
	{"GET /index.html", "", "page", "text/html; charset=utf-8"},
	{"GET /assets/app.3f2a9c1b.js", "", "script", "text/javascript; charset=utf-8"},
	{"GET /assets/app.3f2a9c1b.js?v=1", "", "script", "text/javascript; charset=utf-8"},
	{"GET /%E5%90%8D%20%E7%89%87.txt", "", "name", "text/plain; charset=utf-8"},
	{"GET /unknown.xyz", "", "what", "application/octet-stream"},
	{"GET /empty.txt", "", "", "text/plain; charset=utf-8"},
	{"GET /apix.txt", "", "yes", "text/plain; charset=utf-8"},
	{"HEAD /assets/site.css", "", "style", "text/css; charset=utf-8"},
	/* routes of the app */
	{"GET /employees/7", "Accept: text/html,*/*;q=0.8\r\n", "page", "text/html; charset=utf-8"},
	{"GET /employees/", "Accept: application/xml, Text/HTML\r\n", "page", "text/html; charset=utf-8"},
	{"GET /employees/7", "Accept: application/json\r\n", NULL, NULL},
	{"GET /employees/7", "Accept: */*\r\n", NULL, NULL},
	{"GET /employees/7", "", NULL, NULL},
	{"GET /assets/app.js", "Accept: text/html\r\n", NULL, NULL},
	{"GET /assets", "", NULL, NULL},
	/* the API's, though there are such files */
	{"GET /api/v1/me", "Accept: text/html\r\n", NULL, NULL},
	{"GET /api", "Accept: text/html\r\n", NULL, NULL},
	{"GET /%61pi/v1/me", "Accept: text/html\r\n", NULL, NULL},
	{"GET /internal/x.txt", "", NULL, NULL},
	{"GET /.well-known/x", "Accept: text/html\r\n", NULL, NULL},
	/* what was not taken in */
	{"GET /.env", "", NULL, NULL},
	{"GET /.git/config", "", NULL, NULL},
	{"GET /%2eenv", "", NULL, NULL},
	{"GET /assets/.htaccess", "", NULL, NULL},
	{"GET /out.txt", "", NULL, NULL},
	{"GET /within.txt", "", NULL, NULL},
	{"GET /outside/secret.txt", "", NULL, NULL},
	{"GET /fifo.txt", "", NULL, NULL},
	{"GET /INDEX.HTML", "", NULL, NULL},
	{"GET /index.html/x.txt", "", NULL, NULL},
	/* codings */
	{"GET /assets/app.3f2a9c1b.js", "Accept-Encoding: gzip, deflate, br\r\n", "s-br", "text/javascript; charset=utf-8"},
	{"GET /assets/app.3f2a9c1b.js", "Accept-Encoding: gzip\r\n", "s-gz", "text/javascript; charset=utf-8"},
	{"GET /assets/app.3f2a9c1b.js", "Accept-Encoding: br;q=0, gzip;q=0.5\r\n", "s-gz", "text/javascript; charset=utf-8"},
	{"GET /assets/app.3f2a9c1b.js", "Accept-Encoding: br ; Q=0.000 , *\r\n", "s-gz", "text/javascript; charset=utf-8"},
	{"GET /assets/app.3f2a9c1b.js", "Accept-Encoding: *;q=0\r\n", "script", "text/javascript; charset=utf-8"},
	{"GET /assets/app.3f2a9c1b.js", "Accept-Encoding: identity, xbr, brx\r\n", "script", "text/javascript; charset=utf-8"},
	{"GET /assets/app.3f2a9c1b.js", "Accept-Encoding: br;q=0.001\r\n", "s-br", "text/javascript; charset=utf-8"},
	{"GET /assets/site.css", "Accept-Encoding: br, gzip\r\n", "c-gz", "text/css; charset=utf-8"},
	{"GET /", "Accept-Encoding: br, gzip\r\n", "page", "text/html; charset=utf-8"},
};

static void paths_lead_to_files(void **state)
{
	for (size_t i = 0; i < sizeof(GETS) / sizeof(GETS[0]); i++) {
		struct http_request r = request(*state, GETS[i].line, GETS[i].fields);
		struct http_answer a = {0};
		const char *allow;
		bool ours = site_answer(site, &r, &a, &allow);
		if (ours != (GETS[i].body != NULL))
			fail_msg("row %zu: %s", i, GETS[i].line);
		if (!ours)
			continue;
		assert_int_equal(a.status, 200);
		if (!str_eq(a.body, GETS[i].body) || strcmp(a.content_type, GETS[i].type) != 0)
			fail_msg("row %zu: %s: %.*s", i, GETS[i].line, (int)a.body.n, a.body.p);
		assert_null(allow);
		assert_true(wire_lines_ok(a.headers));
	}
}

static void other_methods_are_told_which(void **state)
{
	static const char *const lines[] = {"POST /", "PUT /index.html", "DELETE /unknown.xyz", "PATCH /empty.txt"};
	struct http_answer a = {0};
	const char *allow;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct http_request r = request(*state, lines[i], "");
		assert_true(site_answer(site, &r, &a, &allow));
		assert_string_equal(allow, "GET, HEAD");
	}
	struct http_request r = request(*state, "POST /employees", "");
	assert_false(site_answer(site, &r, &a, &allow));
}

/* ---- what is said ---- */

static const char *header(struct arena *a, const struct http_answer *answer, const char *name)
{
	const char *at = strstr(answer->headers, arena_printf(a, "%s: ", name));

	if (!at)
		return "";
	at += strlen(name) + 2;
	return arena_strndup(a, at, strcspn(at, "\r"));
}

static struct http_answer get(struct arena *a, const char *path, const char *fields)
{
	struct http_request r = request(a, arena_printf(a, "GET %s", path), fields);
	struct http_answer answer = {0};
	const char *allow;

	if (!site_answer(site, &r, &answer, &allow))
		fail_msg("%s is not ours", path);
	return answer;
}

static void what_has_not_changed_is_not_sent(void **state)
{
	struct arena *a = *state;
	struct http_answer whole = get(a, "/assets/site.css", "");
	const char *etag = header(a, &whole, "ETag");
	const struct {
		const char *value;
		int status;
	} rows[] = {
		{etag, 304}, {arena_printf(a, "W/%s", etag), 304}, {"*", 304},
		{arena_printf(a, "\"x\", %s", etag), 304}, {arena_printf(a, "\"x\" , W/\"y\",%s", etag), 304},
		{"\"x\"", 200}, {"", 200}, {arena_printf(a, "%.*s", (int)strlen(etag) - 1, etag), 200}, {"W/", 200},
	};

	assert_int_equal(strlen(etag), 34);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_answer again = get(a, "/assets/site.css",
					       arena_printf(a, "If-None-Match: %s\r\n", rows[i].value));
		if (again.status != rows[i].status)
			fail_msg("row %zu: %d", i, again.status);
		assert_string_equal(header(a, &again, "ETag"), etag);
		assert_string_equal(header(a, &again, "Vary"), "Accept-Encoding");
		assert_int_equal(again.body.n, again.status == 304 ? 0 : 5);
	}
	/* each coding is a representation of its own */
	struct http_answer coded = get(a, "/assets/site.css", "Accept-Encoding: gzip\r\n");
	assert_string_not_equal(header(a, &coded, "ETag"), etag);
	assert_string_equal(header(a, &coded, "Content-Encoding"), "gzip");
}

/* Names that carry a hash of what is in them are good for ever. */
static void hashed_names_are_kept(void **state)
{
	static const struct {
		const char *name;
		bool kept;
	} rows[] = {
		{"app.3f2a9c1b.js", true}, {"index-BDk3x9aZ.js", true}, {"a-0123_567.css", true},
		{"app.3f2a9c1b.min.js", false}, {"app.js", false}, {"app.3f2a9c1.js", false},
		{"background-position.css", false}, {"3f2a9c1b3f2a9c1b.js", false}, {"app_3f2a9c1b.js", false},
		{"-3f2a9c1b.js", false}, {"report-2026-11-22.pdf", false}, {"app.3f2a9c1b", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		write_file(rows[i].name, "x");
	char err[200];
	site_folder_free(site);
	site = site_folder_read(folder, err, sizeof(err));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_answer a = get(*state, arena_printf(*state, "/%s", rows[i].name), "");
		const char *said = header(*state, &a, "Cache-Control");
		if (strcmp(said, rows[i].kept ? "public, max-age=31536000, immutable" : "no-cache") != 0)
			fail_msg("%s: %s", rows[i].name, said);
	}
	struct http_answer page = get(*state, "/", "");
	assert_string_equal(header(*state, &page, "Cache-Control"), "no-cache");
}

static void every_answer_is_guarded(void **state)
{
	static const char *const names[] = {"Content-Security-Policy", "X-Frame-Options", "Referrer-Policy",
					    "Permissions-Policy", "Cross-Origin-Opener-Policy",
					    "Cross-Origin-Resource-Policy"};
	const char *fields[] = {"", "If-None-Match: *\r\n"};

	for (size_t f = 0; f < 2; f++) {
		struct http_answer a = get(*state, "/", fields[f]);
		const char *policy = header(*state, &a, names[0]);
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			assert_true(header(*state, &a, names[i])[0] != '\0');
		assert_non_null(strstr(policy, "default-src 'none'"));
		assert_non_null(strstr(policy, "frame-ancestors 'none'"));
		assert_null(strstr(policy, "unsafe"));
		assert_null(strstr(policy, "*"));
	}
}

/* ---- folders that can't be served ---- */

static void bounds_are_told(void **state)
{
	char err[300], path[256];
	FILE *f;

	(void)state;
	assert_null(site_folder_read("/nowhere/at/all", err, sizeof(err)));
	assert_non_null(strstr(err, "/nowhere/at/all"));
	snprintf(path, sizeof(path), "%s/large.bin", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(ftruncate(fileno(f), (off_t)SITE_BYTES_MOST + 1), 0);
	assert_null(site_folder_read(folder, err, sizeof(err)));
	assert_non_null(strstr(err, "/large.bin: more bytes"));
	assert_int_equal(ftruncate(fileno(f), 0), 0);
	fclose(f);
	write_file("a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/deep.txt", "");
	assert_null(site_folder_read(folder, err, sizeof(err)));
	assert_non_null(strstr(err, "too deep"));
}

static int setup_all(void **state)
{
	char err[200], path[256];

	(void)state;
	if (!mkdtemp(top))
		return -1;
	snprintf(folder, sizeof(folder), "%s/web", top);
	mkdir(folder, 0755);
	for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++)
		write_file(FILES[i].path, FILES[i].text);
	write_file("../secret.txt", "secret");
	link_to("../secret.txt", "out.txt");
	link_to("index.html", "within.txt");
	link_to("..", "outside");
	snprintf(path, sizeof(path), "%s/fifo.txt", folder);
	if (mkfifo(path, 0644) != 0)
		return -1;
	site = site_folder_read(folder, err, sizeof(err));
	return site ? 0 : -1;
}

static int teardown_all(void **state)
{
	char command[64];

	(void)state;
	site_folder_free(site);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command);
}

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(paths_lead_to_files),	  T(other_methods_are_told_which), T(what_has_not_changed_is_not_sent),
		T(hashed_names_are_kept), T(every_answer_is_guarded),	   T(bounds_are_told),
	};

	return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
