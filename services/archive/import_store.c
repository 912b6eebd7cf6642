/* The import's own rows. */
#include "import_job.h"
#include "db.h"
#include "json.h"
#include "row.h"
#include "seal.h"

#define FILE_COLUMN "employee_import_file.content"

static Archive__ImportRecord *record_of(struct ctx *cx, const char *id)
{
	Archive__ImportRecord *r =
		(Archive__ImportRecord *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_RECORD);

	r->id = arena_strdup(cx->arena, id);
	return r;
}

bool import_file_put(struct ctx *cx, const char *import_id, struct str bytes)
{
	Archive__ImportRecord *r = record_of(cx, import_id);
	const char *sealed;

	if (!seal_bytes(cx, FILE_COLUMN, import_id, bytes, &sealed))
		return false;
	r->content = arena_strdup(cx->arena, sealed);
	return db_exec(cx, &Q_IMPORT_FILE_INSERT, r, NULL);
}

bool import_file_get(struct ctx *cx, const char *import_id, struct str *bytes)
{
	Archive__ImportRecord *r = record_of(cx, import_id);
	bool found;

	*bytes = (struct str){NULL, 0};
	if (!db_opt(cx, &Q_IMPORT_FILE_GET, r, r, &found))
		return false;
	return !found || seal_open_bytes(cx, FILE_COLUMN, import_id, r->content, bytes);
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
