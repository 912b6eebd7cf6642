/* The import's own rows. */
#include "import_job.h"
#include "blob.h"
#include "config.h"
#include "db.h"
#include "fault.h"
#include "json.h"
#include "row.h"
#include "seal.h"
#include "value.h"
#include "renhe.gen.h"

#define DAY_US (24LL * 3600 * 1000000)
#define TIME_SIZE 28
#define FILE_COLUMN "employee_import_file.content"

static Archive__ImportRecord *record_of(struct ctx *cx, const char *id)
{
	Archive__ImportRecord *r =
		(Archive__ImportRecord *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_RECORD);

	r->id = arena_strdup(cx->arena, id);
	return r;
}

/* The end by the business clock. */
static const char *end_of_file(struct ctx *cx)
{
	char *text = arena_alloc(cx->arena, TIME_SIZE);

	time_format(cx->now_us + config_int("RENHE_IMPORT_FILE_DAYS") * DAY_US, text);
	return text;
}

bool import_file_put(struct ctx *cx, const Archive__ImportRecord *r, struct str bytes)
{
	Archive__ImportRecord *row = record_of(cx, r->id);
	struct blob made;

	row->has_kept_days = true;
	row->kept_days = config_int("RENHE_IMPORT_FILE_DAYS");
	if (!blob_put(cx, bytes, "application/octet-stream", r->file_name ? r->file_name : "", NULL,
		      end_of_file(cx), &made))
		return false;
	row->file_id = made.id;
	return db_exec(cx, &Q_IMPORT_FILE_INSERT, row, NULL) &&
	       db_exec(cx, &Q_IMPORT_FILES_END, row, NULL);
}

static bool from_blob(struct ctx *cx, const char *file_id, struct str *bytes)
{
	struct blob about;

	if (blob_get(cx, file_id, &about, bytes))
		return true;
	if (cx->fault.def != &FAULT_BLOB_GONE)
		return false;
	fault_clear(cx);
	return fail(cx, &FAULT_IMPORT_FILE_GONE, NULL);
}

bool import_file_get(struct ctx *cx, const char *import_id, struct str *bytes)
{
	Archive__ImportRecord *r = record_of(cx, import_id);
	bool found;

	*bytes = (struct str){NULL, 0};
	if (!db_opt(cx, &Q_IMPORT_FILE_GET, r, r, &found))
		return false;
	if (found && r->file_id)
		return from_blob(cx, r->file_id, bytes);
	if (found && !seal_open_bytes(cx, FILE_COLUMN, import_id, r->content, bytes))
		return false;
	return bytes->p || fail(cx, &FAULT_IMPORT_FILE_GONE, NULL);
}

bool import_files_forget(struct ctx *cx, const Archive__EmployeeKey *person)
{
	struct msg_list files;

	if (!db_many(cx, &Q_IMPORT_FILES_FORGET, person, &files))
		return false;
	for (size_t i = 0; i < files.n; i++) {
		const Archive__ImportRecord *r = (const Archive__ImportRecord *)files.items[i];

		if (r->file_id && !blob_drop(cx, r->file_id))
			return false;
	}
	return true;
}

/* ---- faults ---- */

static Archive__ImportFaultRow *fault_row(struct ctx *cx, const Archive__ImportRecord *r,
					  const struct import_fault *f)
{
	Archive__ImportFaultRow *row =
		(Archive__ImportFaultRow *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_FAULT_ROW);

	row->import_id = r->id;
	row->has_fault_number = row->has_line = row->has_code = true;
	row->fault_number = r->fault_count;
	row->line = f->line;
	row->code = f->code;
	row->has_column_index = f->column >= 0;
	row->column_index = f->column;
	row->has_related_line = f->related_line > 0;
	row->related_line = f->related_line;
	row->hint = f->hint ? arena_strdup(cx->arena, f->hint) : NULL;
	row->column_name = f->column_name ? arena_strdup(cx->arena, f->column_name) : NULL;
	return row;
}

bool import_store_faults(struct ctx *cx, Archive__ImportRecord *r,
			 const struct import_report *report)
{
	ProtobufCMessage **rows = arena_alloc(cx->arena, (report->n + 1) * sizeof(*rows));
	size_t n = 0, failed;

	for (size_t i = 0; i < report->n; i++, r->fault_count++)
		if (r->fault_count < IMPORT_MAX_FAULTS)
			rows[n++] = &fault_row(cx, r, &report->items[i])->base;
	return db_exec_all(cx, &Q_IMPORT_FAULT_INSERT, rows, n, &failed);
}

bool import_store_row(struct ctx *cx, const char *import_id, int line, const Archive__Employee *e,
		      int64_t before_version)
{
	Archive__ImportRow *row =
		(Archive__ImportRow *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_ROW);

	row->import_id = arena_strdup(cx->arena, import_id);
	row->has_line = row->has_before_version = row->has_after_version = true;
	row->line = line;
	row->employee_id = e->id;
	row->person_id = e->person_id;
	row->before_version = before_version;
	row->after_version = e->version;
	return db_exec(cx, &Q_IMPORT_ROW_INSERT, row, NULL);
}

/* ---- columns ---- */

static Archive__ImportColumn *column_row(struct ctx *cx, const struct import_column *c)
{
	Archive__ImportColumn *row =
		(Archive__ImportColumn *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_COLUMN);

	row->header = arena_strdup(cx->arena, c->header);
	row->field = c->field.rule ? arena_strdup(cx->arena, c->field.name) : NULL;
	row->suggestion = c->suggestion ? arena_strdup(cx->arena, c->suggestion) : NULL;
	row->passed_over = c->passed_over ? arena_strdup(cx->arena, c->passed_over->name) : NULL;
	return row;
}

char *import_columns_json(struct ctx *cx, const struct import_plan *p)
{
	Archive__ImportResult *r =
		(Archive__ImportResult *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_RESULT);
	struct str json;

	r->columns = arena_alloc(cx->arena, (p->n + 1) * sizeof(*r->columns));
	for (unsigned i = 0; i < p->n; i++)
		r->columns[r->n_columns++] = column_row(cx, &p->columns[i]);
	json = json_encode(cx, &RULE_ARCHIVE_IMPORT_RESULT, &r->base, NULL);
	return arena_strndup(cx->arena, json.p, json.n);
}
