/* The file back, as it came, with a column that says what is wrong with each row. The rows with
 * faults alone are a file that can be mended and sent again: rows that were loaded would only be
 * told as taken. */
#include "import_answer.h"
#include "import_job.h"
#include "audit.h"
#include "db.h"
#include "row_list.h"
#include "archive_texts.h"

struct back {
	struct ctx *cx;
	struct import_run run;
	struct msg_list faults; /* by line */
	Archive__ImportResult *columns;
	struct sheet_writer *writer;
	unsigned width; /* of the file, without the column of errors */
	bool all;
};

static const Archive__ImportFaultRow *fault_at(const struct back *b, size_t i)
{
	return (const Archive__ImportFaultRow *)b->faults.items[i];
}

static const char *title(const struct back *b)
{
	return text_say(b->cx, TEXT_COLUMN_ERRORS);
}

/* "部门：没有…；手机：…", and which cells it is about. */
static const char *errors_of(const struct back *b, int line, bool *marks)
{
	struct buf text;

	buf_init(&text, b->cx->arena);
	for (size_t i = 0; i < b->faults.n; i++) {
		const Archive__ImportFaultRow *f = fault_at(b, i);

		if (f->line != line)
			continue;
		if (text.n)
			buf_puts(&text, "; ");
		if (f->has_column_index || f->column_name)
			buf_printf(&text, "%s: ", import_fault_column(b->cx, b->columns, f));
		buf_puts(&text, import_detail(b->cx, f));
		if (f->has_column_index && f->column_index < (int64_t)b->width)
			marks[f->column_index] = true;
	}
	return text.n ? text.p : NULL;
}

static void write_header(struct back *b)
{
	const char **titles = arena_alloc(b->cx->arena, (b->width + 1) * sizeof(*titles));
	bool *marks = arena_alloc(b->cx->arena, b->width + 1);
	const char *errors = errors_of(b, b->run.plan.header_line, marks);

	for (unsigned i = 0; i < b->width; i++)
		titles[i] = i < b->run.plan.n ? b->run.plan.columns[i].header : "";
	titles[b->width] =
		errors ? arena_printf(b->cx->arena, "%s (%s)", title(b), errors) : title(b);
	sheet_write_header(b->writer, titles, b->width + 1);
}

static void write_row(struct back *b, const struct sheet_row *r)
{
	const char **cells = arena_alloc(b->cx->arena, (b->width + 1) * sizeof(*cells));
	bool *marks = arena_alloc(b->cx->arena, b->width + 1);
	const char *errors = errors_of(b, r->line, marks);

	if (!errors && !b->all)
		return;
	for (unsigned i = 0; i < b->width; i++)
		cells[i] = i < r->n ? r->cells[i].text : "";
	cells[b->width] = errors ? errors : "";
	sheet_write_row(b->writer, cells, marks, b->width + 1);
}

/* A column of errors that we wrote at an earlier round stands at the end, and is written anew. */
static unsigned width_of(const struct back *b)
{
	const struct sheet *s = &b->run.sheet;
	const struct import_plan *p = &b->run.plan;
	unsigned width = p->n;

	for (size_t i = p->first; i < s->n; i++)
		if (s->rows[i].n > width)
			width = s->rows[i].n;
	return width == p->n && p->n && import_is_own(b->cx->arena, p->columns[p->n - 1].header)
		       ? width - 1
		       : width;
}

static bool write_all(struct back *b, const char *format)
{
	struct ctx *cx = b->cx;
	const struct sheet *s = &b->run.sheet;

	b->width = width_of(b);
	b->writer = sheet_writer_new(cx->arena, format, *s->name ? s->name : title(b));
	write_header(b);
	for (size_t i = b->run.plan.first; i < s->n; i++)
		write_row(b, &s->rows[i]);
	cx->file_body = sheet_writer_end(b->writer);
	return cx->file_body.p || fail(cx, &FAULT_INTERNAL, NULL);
}

static void name_file(struct ctx *cx, const char *format)
{
	bool csv = !strcmp(format, "csv");

	cx->file_type = csv ? "text/csv; charset=utf-8"
			    : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
	cx->set_headers = arena_printf(
		cx->arena, "Content-Disposition: attachment; filename=\"import-errors.%s\"\r\n",
		format);
}

static bool is_maker(const struct ctx *cx, const Archive__ImportRecord *r)
{
	return r->account_id && !strcmp(r->account_id, cx->who.account_id);
}

/* In clear, and only to whom it came from: nobody learns by it what he did not send. A file that couldn't even
 * be read has nothing to be written back. */
bool archive_get_employee_import_file(struct ctx *cx,
				      const Archive__GetEmployeeImportFileRequest *in,
				      Archive__ImportFile *out)
{
	struct back b = {.cx = cx, .all = in->has_all && in->all};
	struct import_report report = {.arena = cx->arena};
	struct import_wish wish;
	struct str bytes;

	(void)out;
	db_writes(cx);
	b.columns = (Archive__ImportResult *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_RESULT);
	if (!import_read(cx, in->id, &b.run.record))
		return false;
	if (!is_maker(cx, b.run.record))
		return fail(cx, &FAULT_IMPORT_NOT_FOUND, NULL);
	if (!b.run.record->format || !*b.run.record->format)
		return fail(cx, &FAULT_IMPORT_STATE_CONFLICT, NULL);
	if (!import_wish(cx, b.run.record, &wish) || !import_file_get(cx, in->id, &bytes) ||
	    !db_many(cx, &Q_IMPORT_FAULTS, b.run.record, &b.faults) ||
	    !import_columns(cx, b.run.record, b.columns))
		return false;
	import_open(cx->arena, bytes, &wish, &b.run, &report);
	name_file(cx, b.run.record->format);
	return write_all(&b, b.run.record->format) &&
	       audit_put(cx, "employee_import.file", "employee_import", in->id, NULL, "ok");
}
