/* A row to a message, and its faults by the column. */
#include "import.h"
#include "employee.h"
#include "fault.h"
#include "json.h"

static struct import_fault place(const struct import_row *row, int column)
{
	return (struct import_fault){.line = row->cells->line, .column = column};
}

static bool is_filled(struct arena *a, const struct sheet_row *r, unsigned i)
{
	return i < r->n && *import_trim(a, r->cells[i].text);
}

static bool has_filled(struct arena *a, const struct import_plan *p, const struct sheet_row *r,
		       enum import_use use)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->columns[i].field.use == use && is_filled(a, r, i))
			return true;
	return false;
}

/* What names a unit or a post; the name gives way to a code beside it. */
static void take_place(struct arena *a, const struct import_plan *p, unsigned i,
		       struct import_report *report, struct import_row *out)
{
	const struct sheet_cell *cell = &out->cells->cells[i];
	enum import_use use = p->columns[i].field.use;
	bool unit = use == IMPORT_UNIT_CODE || use == IMPORT_UNIT_NAME;
	bool gives_way =
		(use == IMPORT_UNIT_NAME && has_filled(a, p, out->cells, IMPORT_UNIT_CODE)) ||
		(use == IMPORT_POST_NAME && has_filled(a, p, out->cells, IMPORT_POST_CODE));
	const char *text = import_fold(a, cell->text);

	if (gives_way || import_cell_spoiled(cell, text, place(out, (int)i), report) || !*text)
		return;
	*(unit ? &out->unit : &out->post) = text;
	*(unit ? &out->unit_column : &out->post_column) = (int)i;
}

/* One that was declared when the run began and is no longer stops it (import_job.c). */
static void take_declared(struct arena *a, const struct import_plan *p, unsigned i,
			  struct import_report *report, struct import_row *out)
{
	const Renhe__CustomField *f = typed_field(&p->declared, p->columns[i].field.key);

	if (f)
		import_custom_cell(a, f, &out->cells->cells[i], place(out, (int)i), report, out->e);
}

static void take_cell(struct arena *a, const struct import_plan *p, unsigned i,
		      struct import_report *report, struct import_row *out)
{
	const struct import_column *c = &p->columns[i];

	if (c->field.use == IMPORT_CUSTOM)
		take_declared(a, p, i, report, out);
	else if (c->field.use >= IMPORT_UNIT_CODE)
		take_place(a, p, i, report, out);
	else if (c->field.use != IMPORT_IGNORED)
		import_cell(a, c, &out->cells->cells[i], place(out, (int)i), report, out->e);
	else if (!*c->header && !c->merged && is_filled(a, out->cells, i))
		import_tell(report, (struct import_fault){.line = out->cells->line,
							  .column = (int)i,
							  .code = IMPORT_CODE(TOO_MANY_CELLS)});
}

/* A sheet with a column of ID numbers and none of document types means the identity card. */
static void default_type(const struct import_plan *p, Archive__Employee *e)
{
	if (!e->id_number || e->has_id_type || import_column_of(p, "id_type") >= 0)
		return;
	e->has_id_type = true;
	e->id_type = ARCHIVE__ID_TYPE__ID_TYPE_RESIDENT_ID;
}

static void default_reason(const struct import_plan *p, Archive__Employee *e)
{
	if (!e->end_date || e->has_end_reason || import_column_of(p, "end_reason") >= 0)
		return;
	e->has_end_reason = true;
	e->end_reason = ARCHIVE__END_REASON__END_REASON_OTHER;
}

static Renhe__TypedValue **room_for_declared(struct arena *a, const struct import_plan *p)
{
	size_t n = 0;

	for (unsigned i = 0; i < p->n; i++)
		n += p->columns[i].field.use == IMPORT_CUSTOM;
	return n ? arena_alloc(a, n * sizeof(Renhe__TypedValue *)) : NULL;
}

void import_row_read(struct arena *a, const struct import_plan *p, const struct sheet_row *cells,
		     struct import_report *report, struct import_row *out)
{
	*out = (struct import_row){.cells = cells, .unit_column = -1, .post_column = -1};
	out->e = (Archive__Employee *)msg_new(a, &RULE_ARCHIVE_EMPLOYEE);
	out->e->custom_fields = room_for_declared(a, p);
	for (unsigned i = 0; i < cells->n; i++)
		if (i < p->n)
			take_cell(a, p, i, report, out);
		else if (is_filled(a, cells, i))
			import_tell(report,
				    (struct import_fault){.line = cells->line,
							  .column = (int)i,
							  .code = IMPORT_CODE(TOO_MANY_CELLS)});
	default_type(p, out->e);
	default_reason(p, out->e);
}

/* ---- rules of the row ---- */

static const char *title_of(const struct import_plan *p, const char *field)
{
	static const size_t MAP = sizeof(IMPORT_CUSTOM_MAP);
	const struct field_rule *f = rule_field(&RULE_ARCHIVE_EMPLOYEE, field);
	bool is_key = !strncmp(field, IMPORT_CUSTOM_MAP "/", MAP);
	const Renhe__CustomField *d = is_key ? typed_field(&p->declared, field + MAP) : NULL;

	if (d)
		return d->name_zh;
	return f && f->title_zh ? f->title_zh : field;
}

void import_row_tell(const struct import_plan *p, const struct import_row *row, const char *field,
		     Archive__ImportFaultCode code, struct import_report *report)
{
	bool unit = row->unit_column >= 0 && !strcmp(field, "org_unit_id");
	struct import_fault f = place(row, unit ? row->unit_column : import_column_of(p, field));

	f.code = code;
	f.column_name = f.column < 0 ? title_of(p, field) : NULL;
	import_tell(report, f);
}

/* Takes the faults out of the context. */
static void tell_items(struct ctx *cx, const struct import_plan *p, const struct import_row *row,
		       struct import_report *report)
{
	for (unsigned i = 0; i < cx->fault.n_items; i++) {
		const char *pointer = cx->fault.items[i].pointer;

		import_row_tell(p, row, *pointer == '/' ? pointer + 1 : pointer,
				import_code(cx->fault.items[i].code), report);
	}
	fault_clear(cx);
}

static void check_end(const struct import_plan *p, const struct import_row *row,
		      struct import_report *report)
{
	const Archive__Employee *e = row->e;

	if (e->end_date && e->hire_date && strcmp(e->end_date, e->hire_date) <= 0)
		import_row_tell(p, row, "end_date", IMPORT_CODE(END_BEFORE_HIRE), report);
	if (e->end_date && !e->has_end_reason)
		import_row_tell(p, row, "end_reason", IMPORT_CODE(REQUIRED), report);
	if (!e->end_date && e->has_end_reason)
		import_row_tell(p, row, "end_date", IMPORT_CODE(REQUIRED), report);
}

/* But for declared fields, whose cells have a name only where they are judged. */
static bool check_contract(struct ctx *cx, Archive__Employee *e)
{
	size_t n = e->n_custom_fields;
	bool good;

	e->n_custom_fields = 0;
	good = json_validate(cx, &RULE_ARCHIVE_EMPLOYEE, &e->base);
	e->n_custom_fields = n;
	return good;
}

/* As of a hire by the API. */
static void check_declared(struct ctx *cx, const struct import_plan *p, const Archive__Employee *e)
{
	typed_judge(cx, &p->declared, IMPORT_CUSTOM_MAP, e->custom_fields, e->n_custom_fields);
	typed_require(cx, &p->declared, IMPORT_CUSTOM_MAP, e->custom_fields, e->n_custom_fields);
}

static void check_hire(struct ctx *cx, const struct import_plan *p, const struct import_row *row,
		       struct import_report *report)
{
	if (!check_contract(cx, row->e))
		tell_items(cx, p, row, report);
	if (!employee_check_document(cx, row->e))
		tell_items(cx, p, row, report);
	check_declared(cx, p, row->e);
	tell_items(cx, p, row, report);
	check_end(p, row, report);
}

static void check_transfer(struct ctx *cx, const struct import_plan *p,
			   const struct import_row *row, struct import_report *report)
{
	Archive__TransferEmployeeRequest *t = (Archive__TransferEmployeeRequest *)msg_new(
		cx->arena, &RULE_ARCHIVE_TRANSFER_EMPLOYEE_REQUEST);

	msg_assign(&row->e->base, &t->base);
	if (!row->e->employee_number)
		import_row_tell(p, row, "employee_number", IMPORT_CODE(REQUIRED), report);
	t->id = arena_strdup(cx->arena,
			     "01900000-0000-7000-8000-000000000000"); /* found by number */
	if (!json_validate(cx, &RULE_ARCHIVE_TRANSFER_EMPLOYEE_REQUEST, &t->base))
		tell_items(cx, p, row, report);
}

void import_row_check(struct ctx *cx, const struct import_plan *p, struct import_row *row,
		      struct import_report *report)
{
	if (p->kind == ARCHIVE__IMPORT_KIND__IMPORT_KIND_TRANSFERS)
		check_transfer(cx, p, row, report);
	else
		check_hire(cx, p, row, report);
}
