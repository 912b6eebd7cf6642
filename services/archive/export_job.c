/* One export: pages of the list, as its maker would be shown them, into a file in the blob store.
 */
#include "audit.h"
#include "blob.h"
#include "custom.h"
#include "employee.h"
#include "export.h"
#include "job.h"
#include "policy.h"
#include "sheet.h"
#include "value.h"
#include "archive_texts.h"

#define PAGE_ROWS 500
#define KEPT_US (24LL * 3600 * 1000000)
/* One sheet of the format, less its header. */
#define ROWS_MOST 1048575

struct export
{
	const struct job *job;
	const Archive__CreateEmployeeExportRequest *asked;
	Archive__ListEmployeesRequest list;
	struct arena *arena;
	const struct export_column *columns;
	unsigned n_columns;
	struct export_places places;
	struct sheet_writer *writer;
	const char **cells;
	int64_t rows;
	bool more;
};

static const char *format_of(const struct export *x)
{
	return x->asked->format == ARCHIVE__EXPORT_FORMAT__EXPORT_FORMAT_CSV ? "csv" : "xlsx";
}

/* ---- rows ---- */

static void write_row(struct ctx *cx, struct export *x, const Archive__Employee *e)
{
	struct view view = policy_view(cx, &e->base);

	for (unsigned i = 0; i < x->n_columns; i++)
		x->cells[i] = export_cell(cx, &x->columns[i], view, e, &x->places);
	sheet_write_row(x->writer, x->cells, NULL, x->n_columns);
}

/* Where the next page begins; in memory that outlives this one. */
static void go_behind(struct export *x, const Archive__Employee *last)
{
	x->list.after_number = arena_strdup(x->arena, last->employee_number);
	x->list.after_id = arena_strdup(x->arena, last->id);
	x->list.after_rank = arena_printf(x->arena, "%d", last->search_rank);
}

static bool write_page(struct ctx *cx, void *arg)
{
	struct export *x = arg;
	struct msg_list rows;

	if (!employee_page(cx, &x->list, &rows) ||
	    !custom_read(cx, (Archive__Employee **)rows.items, rows.n))
		return false;
	for (size_t i = 0; i < rows.n; i++)
		write_row(cx, x, (const Archive__Employee *)rows.items[i]);
	x->rows += (int64_t)rows.n;
	x->more = rows.n == PAGE_ROWS && x->rows + PAGE_ROWS <= ROWS_MOST;
	if (rows.n)
		go_behind(x, (const Archive__Employee *)rows.items[rows.n - 1]);
	return true;
}

static void write_header(struct ctx *cx, struct export *x)
{
	const char **titles = arena_alloc(cx->arena, x->n_columns * sizeof(*titles));

	for (unsigned i = 0; i < x->n_columns; i++)
		titles[i] = x->columns[i].title;
	sheet_write_header(x->writer, titles, x->n_columns);
}

static bool write_rows(struct ctx *cx, struct export *x)
{
	bool good = true;

	x->more = true;
	while (good && x->more) {
		good = job_part(cx, write_page, x);
		job_progress(cx, x->rows, 0);
	}
	return good;
}

/* A writer is ended whatever happened. */
static bool make_file(struct ctx *cx, struct export *x, struct str *file)
{
	bool good;

	x->writer = sheet_writer_new(cx->arena, format_of(x), text_say(cx, TEXT_ROSTER_SHEET));
	write_header(cx, x);
	good = write_rows(cx, x);
	*file = sheet_writer_end(x->writer);
	return good && (file->p || fail(cx, &FAULT_STORAGE_UNAVAILABLE, NULL));
}

/* ---- before and after ---- */

static bool take_request(struct ctx *cx, struct export *x)
{
	ProtobufCMessage *asked;

	if (!json_decode_stored(cx, &RULE_ARCHIVE_CREATE_EMPLOYEE_EXPORT_REQUEST, x->job->input,
				&asked))
		return false;
	x->asked = (const Archive__CreateEmployeeExportRequest *)asked;
	x->list = (Archive__ListEmployeesRequest)ARCHIVE__LIST_EMPLOYEES_REQUEST__INIT;
	msg_assign(asked, &x->list.base);
	x->list.has_page_limit = true;
	x->list.page_limit = PAGE_ROWS;
	return true;
}

static bool take_columns(struct ctx *cx, struct export *x)
{
	struct typed_fields declared;

	if (!custom_fields(cx, &declared))
		return false;
	x->n_columns = export_columns(cx, &declared, &x->columns);
	x->cells = arena_alloc(cx->arena, x->n_columns * sizeof(*x->cells));
	return true;
}

static bool prepare(struct ctx *cx, struct export *x)
{
	return job_as_caller(cx, "archive.ListEmployees", &PERMISSION_EMPLOYEE_EXPORT) &&
	       take_columns(cx, x) && take_request(cx, x) && db_many(cx, &Q_EXPORT_UNITS, &x->list, &x->places.units) &&
	       db_many(cx, &Q_EXPORT_POSTS, &x->list, &x->places.posts);
}

static bool keep_file(struct ctx *cx, const struct export *x, struct str file)
{
	static const char *const TYPES[] = {
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"text/csv; charset=utf-8"};
	const char *format = format_of(x);
	Archive__ExportResult r = ARCHIVE__EXPORT_RESULT__INIT;
	struct blob made;
	char expire[28];

	time_format(cx->now_us + KEPT_US, expire);
	r.expire_time = expire;
	r.file_name = arena_printf(cx->arena, "%s-%s.%s", text_say(cx, TEXT_ROSTER_FILE), cx->today,
				   format);
	const struct blob_about about = {TYPES[!strcmp(format, "csv")], r.file_name, NULL, expire};

	if (!blob_put_outside(cx, file, &about, &made))
		return false;
	r.file_id = made.id;
	r.has_rows = r.has_bytes = true;
	r.rows = x->rows;
	r.bytes = made.bytes;
	return audit_put(cx, "employee.export", "employee_export", x->job->id,
			 arena_printf(cx->arena, "%lld", (long long)x->rows), "ok") &&
	       job_end(cx, true, json_encode(cx, &RULE_ARCHIVE_EXPORT_RESULT, &r.base, NULL).p);
}

bool archive_run_export(struct ctx *cx, const struct job *job)
{
	struct export x = {.job = job, .arena = cx->arena};
	struct str file;

	return prepare(cx, &x) && make_file(cx, &x, &file) && keep_file(cx, &x, file);
}
