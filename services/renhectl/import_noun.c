/* Files of people in and out: imports with their progress and faults, exports. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "clock.h"
#include "json.h"
#include "progress.h"
#include "server.h"

#define IMPORTS "/api/v1/employee-imports"
#define EXPORTS "/api/v1/employee-exports"
#define FILE_MOST ((off_t)50 << 20)
#define LOOK_MS 300

/* ---- the file ---- */

static bool read_whole(int fd, char *to, size_t n)
{
	ssize_t got = 1;

	for (size_t at = 0; at < n && got > 0; at += (size_t)(got > 0 ? got : 0))
		got = read(fd, to + at, n - at);
	return got > 0 || n == 0;
}

static enum exit_code read_file(const struct call *c, const char *path, struct str *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		if (fd >= 0)
			close(fd);
		return complain(EXIT_NOT_FOUND, "%s: %s", path, strerror(errno));
	}
	bool fits = S_ISREG(st.st_mode) && st.st_size > 0 && st.st_size <= FILE_MOST;
	char *text = arena_alloc(c->arena, fits ? (size_t)st.st_size + 1 : 1);
	bool good = fits && read_whole(fd, text, (size_t)st.st_size);
	close(fd);
	*out = (struct str){text, good ? (size_t)st.st_size : 0};
	return good ? EXIT_DONE : complain(EXIT_VALIDATION, "%s: %s", path, say(&TEXT_DEF_FILE_SIZE));
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* ---- following a job ---- */

static const char *state_of(const struct reply *r)
{
	return json_get_str(r->doc, "state") ? json_get_str(r->doc, "state") : "";
}

static bool goes_on(const char *state)
{
	static const char *const STATES[] = {"PENDING", "RUNNING", "UNDOING"};

	for (size_t i = 0; i < sizeof(STATES) / sizeof(STATES[0]); i++)
		if (!strcmp(state, STATES[i]))
			return true;
	return false;
}

static void look(struct progress *p, const struct reply *r)
{
	const struct json_doc *at = json_sub(r->doc, "progress");
	int64_t done = 0, total = 0;

	if (at) {
		json_get_int(at, "done", &done);
		json_get_int(at, "total", &total);
	} else {
		json_get_int(r->doc, "rows_done", &done);
	}
	progress_tell(p, state_of(r), done, total);
}

/* Until it has ended, whoever else ends it. */
static enum exit_code follow(const struct call *c, const char *path, struct reply *r)
{
	struct progress p = {0};
	enum exit_code code;

	do {
		struct ask q = {.method = "GET", .path = path};

		code = server_ask(c, &q, r);
		if (code == EXIT_DONE)
			look(&p, r);
		if (code == EXIT_DONE && goes_on(state_of(r)))
			clock_sleep_ms(LOOK_MS);
	} while (code == EXIT_DONE && goes_on(state_of(r)));
	progress_end(&p);
	return code;
}

/* ---- imports ---- */

static const char *number(const struct call *c, const struct json_doc *d, const char *name)
{
	int64_t v;

	return d && json_get_int(d, name, &v) ? arena_printf(c->arena, "%lld", (long long)v) : "null";
}

static enum exit_code outcome(const struct reply *r, int64_t faults)
{
	const char *state = state_of(r);

	if (!strcmp(state, "STOPPED"))
		return EXIT_FAILED;
	if (!strcmp(state, "FAILED"))
		return faults ? EXIT_VALIDATION : EXIT_FAILED;
	return faults ? EXIT_PARTIAL : EXIT_DONE;
}

static enum exit_code told(const struct call *c, const struct reply *r)
{
	const struct json_doc *result = json_sub(r->doc, "result");
	const char *id = json_get_str(r->doc, "id"), *error = json_get_str(r->doc, "error_detail");
	int64_t faults = 0;
	const struct cell cells[] = {
		{"id", id ? id : ""},
		{"kind", json_get_str(r->doc, "kind") ? json_get_str(r->doc, "kind") : ""},
		{"state", state_of(r)},
		{"#created", number(c, result, "created")},
		{"#refused", number(c, result, "refused")},
		{"#fault_count", number(c, result, "fault_count")},
	};

	put_record(c, cells, sizeof(cells) / sizeof(cells[0]));
	if (result)
		json_get_int(result, "fault_count", &faults);
	if (error)
		complain(EXIT_FAILED, "%s", error);
	if (faults)
		fprintf(stderr, "%s\n  renhectl imports faults %s\n  renhectl imports file %s >mended.xlsx\n", say(&TEXT_DEF_ROWS_REFUSED), id, id);
	return outcome(r, faults);
}

static enum exit_code follow_import(const struct call *c, const char *id)
{
	struct reply r;
	enum exit_code code = follow(c, arena_printf(c->arena, IMPORTS "/%s", url_part(c->arena, id)), &r);

	return code == EXIT_DONE ? told(c, &r) : code;
}

static enum exit_code imports_start(const struct call *c)
{
	const char *path = c->args[0];
	struct reply r;
	struct str file;
	enum exit_code code = read_file(c, path, &file);

	if (code != EXIT_DONE)
		return code;
	struct ask q = {.method = "POST", .once = true, .body = file, .type = "application/octet-stream",
			.path = arena_printf(c->arena, IMPORTS "?file_name=%s&dry_run=%s", url_part(c->arena, name_of(path)),
					     c->dry_run ? "true" : "false")};
	code = server_ask(c, &q, &r);
	if (code != EXIT_DONE)
		return code;
	const char *id = json_get_str(r.doc, "id");
	fprintf(stderr, "%s: renhectl imports show %s\n", say(&TEXT_DEF_IMPORT_GOES_ON), id ? id : "");
	return follow_import(c, id ? id : "");
}

static enum exit_code imports_show(const struct call *c)
{
	struct ask q = {.method = "GET", .path = arena_printf(c->arena, IMPORTS "/%s", url_part(c->arena, c->args[0]))};
	struct reply r;
	enum exit_code code = server_ask(c, &q, &r);

	if (code == EXIT_DONE)
		told(c, &r);
	return code;
}

static enum exit_code act(const struct call *c, const char *verb)
{
	struct ask q = {.method = "POST", .path = arena_printf(c->arena, IMPORTS "/%s:%s", url_part(c->arena, c->args[0]), verb),
			.body = STR("{}")};
	struct reply r;

	if (c->dry_run)
		return imports_show(c);
	enum exit_code code = server_ask(c, &q, &r);
	return code == EXIT_DONE ? follow_import(c, c->args[0]) : code;
}

static enum exit_code imports_run(const struct call *c)
{
	return act(c, "run");
}

static enum exit_code imports_cancel(const struct call *c)
{
	return act(c, "cancel");
}

static enum exit_code imports_undo(const struct call *c)
{
	return act(c, "undo");
}

/* ---- faults ---- */

#define FAULT_COLUMNS 5

struct faults {
	const struct call *call;
	const char **values;
	size_t n;
};

static void add_fault(void *arg, const struct json_doc *d)
{
	static const char *const TEXTS[] = {"column", "code", "detail", "hint"};
	struct faults *f = arg;

	f->values[f->n++] = number(f->call, d, "row");
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++)
		f->values[f->n++] = json_get_str(d, TEXTS[i]) ? json_get_str(d, TEXTS[i]) : "";
}

static enum exit_code imports_faults(const struct call *c)
{
	static const char *names[] = {"#row", "column", "code", "detail", "hint"};
	struct ask q = {.method = "GET", .path = arena_printf(c->arena, IMPORTS "/%s", url_part(c->arena, c->args[0]))};
	struct reply r;
	enum exit_code code = server_ask(c, &q, &r);
	const struct json_doc *result = code == EXIT_DONE ? json_sub(r.doc, "result") : NULL;

	if (code != EXIT_DONE)
		return code;
	unsigned most = result ? json_count(result, "faults") : 0;
	struct faults f = {c, arena_alloc(c->arena, ((size_t)most + 1) * FAULT_COLUMNS * sizeof(*f.values)), 0};
	if (result)
		json_each(result, "faults", add_fault, &f);
	struct list l = {names, FAULT_COLUMNS, f.values, f.n / FAULT_COLUMNS};
	put_list(c, &l);
	return EXIT_DONE;
}

/* ---- files back ---- */

static enum exit_code fetch(const struct call *c, const char *path)
{
	struct ask q = {.method = "GET", .path = path};
	struct reply r;

	if (isatty(STDOUT_FILENO))
		return complain(EXIT_USAGE, "%s", say(&TEXT_DEF_FILE_TO_TERMINAL));
	enum exit_code code = server_ask(c, &q, &r);
	if (code == EXIT_DONE && fwrite(r.body.p, 1, r.body.n, stdout) != r.body.n)
		return complain(EXIT_FAILED, "%s", strerror(errno));
	return code;
}

static enum exit_code imports_file(const struct call *c)
{
	return fetch(c, arena_printf(c->arena, IMPORTS "/%s/file", url_part(c->arena, c->args[0])));
}

/* ---- exports ---- */

static enum exit_code exports_start(const struct call *c)
{
	struct buf body;
	struct reply r;

	if (isatty(STDOUT_FILENO))
		return complain(EXIT_USAGE, "%s", say(&TEXT_DEF_FILE_TO_TERMINAL));
	buf_init(&body, c->arena);
	buf_puts(&body, "{\"format\":");
	json_quote(&body, c->args[0], strlen(c->args[0]));
	buf_puts(&body, "}");
	struct ask q = {.method = "POST", .path = EXPORTS, .once = true, .body = {body.p, body.n}};
	enum exit_code code = server_ask(c, &q, &r);
	const char *id = code == EXIT_DONE ? json_get_str(r.doc, "id") : NULL;
	if (!id)
		return code;
	const char *path = arena_printf(c->arena, EXPORTS "/%s", id);
	code = follow(c, path, &r);
	if (code == EXIT_DONE && strcmp(state_of(&r), "SUCCEEDED") != 0)
		return complain(EXIT_FAILED, "%s", json_get_str(r.doc, "error_detail") ? json_get_str(r.doc, "error_detail") : state_of(&r));
	return code == EXIT_DONE ? fetch(c, arena_printf(c->arena, "%s/file", path)) : code;
}

const struct verb IMPORT_VERBS[] = {
	{"start", "FILE", &TEXT_DEF_HELP_IMPORTS_START, 1, imports_start, WRITES},
	{"show", "ID", &TEXT_DEF_HELP_IMPORTS_SHOW, 1, imports_show, READS},
	{"faults", "ID", &TEXT_DEF_HELP_IMPORTS_FAULTS, 1, imports_faults, READS},
	{"file", "ID", &TEXT_DEF_HELP_IMPORTS_FILE, 1, imports_file, READS},
	{"run", "ID", &TEXT_DEF_HELP_IMPORTS_RUN, 1, imports_run, WRITES},
	{"cancel", "ID", &TEXT_DEF_HELP_IMPORTS_CANCEL, 1, imports_cancel, WRITES},
	{"undo", "ID", &TEXT_DEF_HELP_IMPORTS_UNDO, 1, imports_undo, WRITES | DANGEROUS},
	{.name = NULL},
};
const struct verb EXPORT_VERBS[] = {
	{"start", "XLSX|CSV", &TEXT_DEF_HELP_EXPORTS_START, 1, exports_start, READS},
	{.name = NULL},
};
