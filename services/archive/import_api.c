#include "import_answer.h"
#include "import_job.h"
#include "audit.h"
#include "db.h"
#include "request.h"
#include "row_list.h"
#include "value.h"
#include "archive_texts.h"

#define LOAD "employee_import"
#define UNDO "employee_import_undo"

static bool is_sheet(const char *content_type)
{
	static const char *const TYPES[] = {
		"text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"application/octet-stream"};

	for (size_t i = 0; i < sizeof(TYPES) / sizeof(*TYPES); i++) {
		size_t n = strlen(TYPES[i]);

		if (!strncasecmp(content_type, TYPES[i], n) &&
		    (!content_type[n] || content_type[n] == ';' || content_type[n] == ' '))
			return true;
	}
	return false;
}

static char *new_id(struct ctx *cx)
{
	char *id = arena_alloc(cx->arena, UUID_LEN + 1);

	uuid7(id);
	return id;
}

static bool add_job(struct ctx *cx, const char *kind, const Archive__ImportRecord *r)
{
	request_wake_runner(cx);
	return job_add(cx, kind, r->job_id, str_of(r->id));
}

static char *joined(struct ctx *cx, char *const *lines, size_t n)
{
	struct buf b;

	buf_init(&b, cx->arena);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i ? "\n" : "", lines[i]);
	return b.n ? b.p : NULL;
}

static bool answer(struct ctx *cx, const char *id, Archive__EmployeeImport *out)
{
	Archive__ImportRecord *r;

	return import_read(cx, id, &r) && import_answer(cx, r, out);
}

static bool noted(struct ctx *cx, const char *act, const char *id)
{
	return audit_put(cx, act, "employee_import", id, NULL, "ok");
}

bool archive_create_employee_import(struct ctx *cx, const Archive__CreateEmployeeImportRequest *in,
				    Archive__EmployeeImport *out)
{
	Archive__ImportRecord *r =
		(Archive__ImportRecord *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_RECORD);

	if (!is_sheet(cx->content_type))
		return fail(cx, &FAULT_UNSUPPORTED_MEDIA_TYPE, NULL);
	if (!cx->raw_body.n)
		return fail_detail(cx, &FAULT_BAD_REQUEST, NULL, TEXT_FILE_EMPTY);
	r->id = new_id(cx);
	r->job_id = new_id(cx);
	r->has_dry_run = in->has_dry_run;
	r->dry_run = in->dry_run;
	r->has_asked_kind = in->has_kind;
	r->asked_kind = in->kind;
	r->file_name = in->file_name;
	r->sheet = in->sheet;
	r->mapping = joined(cx, in->mapping, in->n_mapping);
	return add_job(cx, LOAD, r) && db_exec(cx, &Q_IMPORT_INSERT, r, NULL) &&
	       import_file_put(cx, r, cx->raw_body) && noted(cx, "employee_import.create", r->id) &&
	       answer(cx, r->id, out);
}

bool archive_get_employee_import(struct ctx *cx, const Archive__GetEmployeeImportRequest *in,
				 Archive__EmployeeImport *out)
{
	return answer(cx, in->id, out);
}

/* ---- from one state to the next ---- */

static bool allows(const struct ctx *cx, Archive__ImportState state)
{
	const char *name = enum_name(&archive__import_state__descriptor, (int)state);

	for (const char *const *s = cx->route->states; *s; s++)
		if (!strcmp(*s, name))
			return true;
	return false;
}

/* Locked, and in a state in which the route may be used. */
static bool lock_for(struct ctx *cx, const char *id, Archive__ImportRecord **out)
{
	Archive__ImportRecord *r =
		(Archive__ImportRecord *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_RECORD);

	r->id = arena_strdup(cx->arena, id);
	if (!db_one(cx, &Q_IMPORT_LOCK, r, r) || !import_read(cx, id, out))
		return false;
	return allows(cx, (*out)->state) || fail(cx, &FAULT_IMPORT_STATE_CONFLICT, NULL);
}

/* A checked one from its first row, telling all faults anew; one that stopped behind what is
 * loaded. */
static bool set_out(struct ctx *cx, const Archive__ImportRecord *r)
{
	if (r->state == ARCHIVE__IMPORT_STATE__IMPORT_STATE_STOPPED)
		return db_exec(cx, &Q_IMPORT_RESUME, r, NULL);
	return db_exec(cx, &Q_IMPORT_FAULTS_CLEAR, r, NULL) &&
	       db_exec(cx, &Q_IMPORT_AGAIN, r, NULL);
}

bool archive_run_employee_import(struct ctx *cx, const Archive__GetEmployeeImportRequest *in,
				 Archive__EmployeeImport *out)
{
	Archive__ImportRecord *r;
	struct str bytes;

	if (!lock_for(cx, in->id, &r) || !import_file_get(cx, in->id, &bytes))
		return false;
	r->job_id = new_id(cx);
	return set_out(cx, r) && add_job(cx, LOAD, r) &&
	       noted(cx, "employee_import.run", in->id) && answer(cx, in->id, out);
}

/* What runs stops behind the chunk at hand; what does not is cancelled here. */
bool archive_cancel_employee_import(struct ctx *cx, const Archive__GetEmployeeImportRequest *in,
				    Archive__EmployeeImport *out)
{
	Archive__ImportRecord *r;

	if (!lock_for(cx, in->id, &r) || !noted(cx, "employee_import.cancel", in->id))
		return false;
	if (r->state != ARCHIVE__IMPORT_STATE__IMPORT_STATE_CHECKED)
		return db_exec(cx, &Q_IMPORT_CANCEL, r, NULL) && answer(cx, in->id, out);
	r->state = ARCHIVE__IMPORT_STATE__IMPORT_STATE_CANCELLED;
	return db_exec(cx, &Q_IMPORT_STATE, r, NULL) && answer(cx, in->id, out);
}

/* ---- undo ---- */

static bool tell_changed(struct ctx *cx, const Archive__ImportRecord *r)
{
	struct msg_list rows;

	if (!db_many(cx, &Q_IMPORT_CHANGED, r, &rows))
		return false;
	for (size_t i = 0; i < rows.n; i++) {
		int64_t line = ((const Archive__ImportRow *)rows.items[i])->line;

		fault_add(cx, "", "CHANGED_SINCE", TEXT_ROW_CHANGED_SINCE(line));
	}
	return fault_none(cx, &FAULT_IMPORT_CHANGED_SINCE);
}

bool archive_undo_employee_import(struct ctx *cx, const Archive__GetEmployeeImportRequest *in,
				  Archive__EmployeeImport *out)
{
	Archive__ImportRecord *r;

	if (!lock_for(cx, in->id, &r) || !tell_changed(cx, r))
		return false;
	r->job_id = new_id(cx);
	return db_exec(cx, &Q_IMPORT_UNDO, r, NULL) && add_job(cx, UNDO, r) &&
	       noted(cx, "employee_import.undo", in->id) && answer(cx, in->id, out);
}
