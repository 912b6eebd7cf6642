/* One import: every row is checked by the rules of the API and hired; all or nothing for now. A row's
 * faults do not stop the next row, so that the report is whole. */
#include "employee.h"
#include "fault.h"
#include "hire.h"
#include "import.h"
#include "job.h"
#include "json.h"
#include "row_list.h"
#include "value.h"

struct import {
	const struct job *job;
	struct import_plan plan;
	struct csv_table table;
	Archive__ImportResult *result;
};

/* ---- a row to a message ---- */

/* Labels as people write them (男, 全日制) stand for the enum's name. */
static const char *enum_text(const struct field_rule *f, const char *cell)
{
	const ProtobufCEnumDescriptor *d = f->pb->descriptor;

	for (unsigned i = 0; i < d->n_values; i++) {
		const struct enum_label *l = enum_label(d, d->values[i].value);

		if (l && ((l->zh && !strcmp(cell, l->zh)) || (l->en && !strcasecmp(cell, l->en))))
			return enum_name(d, d->values[i].value);
	}
	return cell;
}

static bool set_cell(struct ctx *cx, struct import *im, int row, const struct import_column *c, const char *cell, Archive__Employee *e)
{
	const char *text = c->field->pb->type == PROTOBUF_C_TYPE_ENUM ? enum_text(c->field, cell) : cell;

	if (row_set(cx->arena, c->field, &e->base, text))
		return true;
	import_fault(cx->arena, im->result, row, c->header, "VALUE_UNKNOWN", "值无法识别 (the value is not understood)");
	return false;
}

static bool find_code(struct ctx *cx, struct import *im, int row, const struct import_column *c, const char *cell, Archive__Employee *e)
{
	Archive__OrgUnit by = ARCHIVE__ORG_UNIT__INIT, found = ARCHIVE__ORG_UNIT__INIT;
	bool unit = !strcmp(c->code_of, "org_unit"), there;

	by.code = arena_strdup(cx->arena, cell);
	if (!db_opt(cx, unit ? &Q_ORG_UNIT_BY_CODE : &Q_POST_BY_CODE, &by, &found, &there))
		return false;
	if (!there)
		import_fault(cx->arena, im->result, row, c->header, unit ? "ORG_UNIT_UNKNOWN" : "POST_UNKNOWN", "编码不存在 (no such code)");
	else if (unit)
		e->org_unit_id = found.id;
	else
		e->post_id = found.id;
	return true;
}

static bool read_row(struct ctx *cx, struct import *im, const struct csv_row *row, Archive__Employee *e)
{
	if (row->n > im->plan.n)
		import_fault(cx->arena, im->result, row->line, NULL, "TOO_MANY_CELLS", "单元格多于表头 (more cells than headers)");
	for (unsigned i = 0; i < row->n && i < im->plan.n; i++) {
		const struct import_column *c = &im->plan.columns[i];

		if (!row->cells[i][0])
			continue;
		if (c->code_of ? !find_code(cx, im, row->line, c, row->cells[i], e) : (set_cell(cx, im, row->line, c, row->cells[i], e), false))
			return false;
	}
	return true;
}

/* ---- faults of a row, by the header of the column ---- */

static const char *header_of(const struct import *im, const char *pointer)
{
	const char *name = pointer && *pointer ? pointer + 1 : "";

	for (unsigned i = 0; i < im->plan.n; i++) {
		const struct import_column *c = &im->plan.columns[i];

		if (c->field ? !strcmp(c->field->name, name) : !strncmp(c->code_of, name, strlen(c->code_of)))
			return c->header;
	}
	return name;
}

/* One fault for each cell: what is unknown needs not be called missing too. */
static bool told(const struct import *im, int row, const char *header)
{
	const Archive__ImportResult *r = im->result;

	for (size_t i = r->n_faults; header && i-- > 0 && r->faults[i]->row == row;)
		if (r->faults[i]->column && !strcmp(r->faults[i]->column, header))
			return true;
	return false;
}

static void tell(struct ctx *cx, struct import *im, int row, const char *header, const char *code, const char *text)
{
	if (!told(im, row, header))
		import_fault(cx->arena, im->result, row, header, code, text);
}

/* Takes the fault out of the context. Numbers that are taken come without a place: see find_taken. */
static void report_row(struct ctx *cx, struct import *im, int row)
{
	const struct fault_state *f = &cx->fault;
	bool taken = f->def == &FAULT_EMPLOYEE_NUMBER_TAKEN || f->def == &FAULT_ID_NUMBER_TAKEN;

	if (!f->n_items && !taken)
		tell(cx, im, row, NULL, f->def->code, f->detail_zh ? f->detail_zh : f->def->zh);
	for (unsigned i = 0; i < f->n_items; i++)
		tell(cx, im, row, header_of(im, f->items[i].pointer), f->items[i].code, f->items[i].zh);
	fault_clear(cx);
}

/* The database stops at the first constraint; the report has them all. */
static bool find_taken(struct ctx *cx, struct import *im, int row, const Archive__Employee *e)
{
	const struct {
		const struct query *query;
		const char *pointer, *value;
		const struct fault_def *fault;
	} numbers[] = {
		{&Q_EMPLOYEE_BY_NUMBER, "/employee_number", e->employee_number, &FAULT_EMPLOYEE_NUMBER_TAKEN},
		{&Q_PERSON_BY_ID_NUMBER, "/id_number", e->id_number, &FAULT_ID_NUMBER_TAKEN},
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		Archive__EmployeeKey *key = (Archive__EmployeeKey *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE_KEY);
		bool found = false;

		if (numbers[i].value && !db_opt(cx, numbers[i].query, e, key, &found))
			return false;
		if (found)
			tell(cx, im, row, header_of(im, numbers[i].pointer), numbers[i].fault->code, numbers[i].fault->zh);
	}
	return true;
}

/* What the row failed on, and what else it would have failed on. */
static bool refuse_row(struct ctx *cx, struct import *im, int row, Archive__Employee *e)
{
	if (cx->fault.def->status >= 500)
		return false;
	report_row(cx, im, row);
	db_rollback_savepoint(cx);
	if (!employee_check_document(cx, e))
		report_row(cx, im, row);
	return find_taken(cx, im, row, e);
}

/* A failed statement spoils the transaction: each row runs behind a savepoint. False: not the row's
 * fault but the machine's. */
static bool load_row(struct ctx *cx, struct import *im, const struct csv_row *row)
{
	Archive__Employee *e = (Archive__Employee *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE);
	struct change c;

	if (!read_row(cx, im, row, e) || !db_savepoint(cx))
		return false;
	if (!json_validate(cx, &RULE_ARCHIVE_EMPLOYEE, &e->base) || !hire(cx, e, &c))
		return refuse_row(cx, im, row->line, e);
	im->result->created++;
	return true;
}

static bool load_rows(struct ctx *cx, struct import *im)
{
	for (size_t i = 1; i < im->table.n; i++) {
		if (!load_row(cx, im, &im->table.rows[i]))
			return false;
		if (i % 50 == 0 || i == im->table.n - 1)
			job_progress(cx, (int64_t)i, (int64_t)im->table.n - 1);
	}
	return true;
}

static bool finish(struct ctx *cx, struct import *im, bool good)
{
	struct str json = json_encode(cx, &RULE_ARCHIVE_IMPORT_RESULT, &im->result->base, NULL);

	return job_end(cx, good, json.p);
}

/* Refused: what was written goes, and the report is stored in a transaction that holds nothing else. */
static bool refuse(struct ctx *cx, struct import *im)
{
	im->result->created = 0;
	db_rollback(cx);
	return db_begin(cx) && finish(cx, im, false);
}

bool archive_run_import(struct ctx *cx, const struct job *job)
{
	struct import im = {.job = job, .result = (Archive__ImportResult *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_RESULT)};
	const char *code = csv_read(cx->arena, job->input, IMPORT_MAX_ROWS + 1, &im.table);

	im.result->has_created = im.result->has_rows = im.result->has_fault_count = true;
	if (code)
		import_fault(cx->arena, im.result, 1, NULL, code, "文件不是 UTF-8 编码的 CSV，或行数过多 (not csv in UTF-8, or too many rows)");
	else if (im.table.n < 2)
		import_fault(cx->arena, im.result, 1, NULL, "NO_ROWS", "文件没有数据行 (the file has no rows)");
	else
		import_plan(cx->arena, &im.table.rows[0], &im.plan, im.result);
	if (!im.result->fault_count && !load_rows(cx, &im)) {
		db_rollback(cx); /* a savepoint of a row is no longer the one before all rows */
		return false;
	}
	im.result->rows = im.table.n ? (int64_t)im.table.n - 1 : 0;
	return im.result->fault_count ? refuse(cx, &im) : finish(cx, &im, true);
}
