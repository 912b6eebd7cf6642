#include "audit.h"
#include "blob.h"
#include "custom.h"
#include "export.h"
#include "job.h"
#include "request.h"
#include "value.h"

static bool stored_result(struct ctx *cx, const char *json, Archive__EmployeeExport *out)
{
	ProtobufCMessage *result;

	if (!json)
		return true;
	if (!json_decode_stored(cx, &RULE_ARCHIVE_EXPORT_RESULT, str_of(json), &result))
		return false;
	out->result = (Archive__ExportResult *)result;
	return true;
}

static void stored_error(struct ctx *cx, const char *problem, Archive__EmployeeExport *out)
{
	struct json_doc *d = problem ? json_parse(cx->arena, str_of(problem)) : NULL;
	const char *code = d ? json_get_str(d, "code") : NULL;
	const char *title = d ? json_get_str(d, "title") : NULL;

	out->error_code = code ? arena_strdup(cx->arena, code) : NULL;
	out->error_detail = title ? arena_strdup(cx->arena, title) : NULL;
	if (d)
		json_done(d);
}

bool export_read(struct ctx *cx, const char *kind, const char *id, Archive__EmployeeExport *out)
{
	struct job job;
	bool found;
	int state = 0;

	if (!job_get(cx, kind, id, &job, &found))
		return false;
	if (!found || strcmp(job.account_id, cx->who.account_id) != 0)
		return fail(cx, &FAULT_EXPORT_NOT_FOUND, NULL);
	enum_number(&archive__export_state__descriptor, job.state, &state);
	out->id = arena_strdup(cx->arena, id);
	out->has_state = out->has_rows_done = true;
	out->state = (Archive__ExportState)state;
	out->rows_done = job.done;
	stored_error(cx, job.error, out);
	return stored_result(cx, job.result, out);
}

bool export_fetch(struct ctx *cx, const Archive__EmployeeExport *e)
{
	struct blob about;

	if (!e->result)
		return fail(cx, &FAULT_EXPORT_NOT_READY, NULL);
	if (!blob_get(cx, e->result->file_id, &about, &cx->file_body))
		return false;
	cx->file_type = about.media_type;
	cx->file_name = about.file_name;
	return true;
}

/* The day is that of the asking, whenever the job comes to run. */
bool archive_create_employee_export(struct ctx *cx, const Archive__CreateEmployeeExportRequest *in,
				    Archive__EmployeeExport *out)
{
	Archive__CreateEmployeeExportRequest asked = *in;
	Archive__ListEmployeesRequest list = ARCHIVE__LIST_EMPLOYEES_REQUEST__INIT;
	char id[UUID_LEN + 1];
	struct str input;

	msg_assign(&in->base, &list.base);
	if (!custom_filter(cx, &list)) /* said now, not by a job that failed */
		return false;
	uuid7(id);
	asked.effective_on = archive_effective_on(cx, in->effective_on, NULL);
	input = json_encode(cx, &RULE_ARCHIVE_CREATE_EMPLOYEE_EXPORT_REQUEST, &asked.base, NULL);
	request_wake_runner(cx);
	return job_add(cx, EXPORT_KIND, id, input) &&
	       audit_put(cx, "employee.export_ask", "employee_export", id, NULL, "ok") &&
	       export_read(cx, EXPORT_KIND, id, out);
}

bool archive_get_employee_export(struct ctx *cx, const Archive__GetEmployeeExportRequest *in,
				 Archive__EmployeeExport *out)
{
	return export_read(cx, EXPORT_KIND, in->id, out);
}

bool archive_get_employee_export_file(struct ctx *cx, const Archive__GetEmployeeExportRequest *in,
				      Archive__EmployeeExport *out)
{
	struct blob about;

	db_writes(cx);
	if (!export_read(cx, EXPORT_KIND, in->id, out))
		return false;
	if (!out->result)
		return fail(cx, &FAULT_EXPORT_NOT_READY, NULL);
	if (!blob_get(cx, out->result->file_id, &about, &cx->file_body))
		return false;
	cx->file_type = about.media_type;
	cx->file_name = about.file_name;
	return audit_put(cx, "employee.export_fetch", "employee_export", in->id, NULL, "ok");
}
