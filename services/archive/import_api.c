#include "import.h"
#include "job.h"
#include "json.h"
#include "request.h"
#include "row_list.h"
#include "value.h"

#define KIND "employee_import"

static Archive__ImportState state_of(const char *name)
{
	int number = 0;

	enum_number(&archive__import_state__descriptor, name, &number);
	return (Archive__ImportState)number;
}

static bool stored_result(struct ctx *cx, const char *json, Archive__EmployeeImport *out)
{
	ProtobufCMessage *result;

	if (!json)
		return true;
	if (!json_decode_stored(cx, &RULE_ARCHIVE_IMPORT_RESULT, str_of(json), &result))
		return false;
	out->result = (Archive__ImportResult *)result;
	return true;
}

static void stored_error(struct ctx *cx, const char *problem, Archive__EmployeeImport *out)
{
	struct json_doc *d = problem ? json_parse(cx->arena, str_of(problem)) : NULL;

	if (!d)
		return;
	out->error_code = arena_strdup(cx->arena, json_get_str(d, "code") ? json_get_str(d, "code")
									  : "INTERNAL");
	out->error_detail =
		arena_strdup(cx->arena, json_get_str(d, "title") ? json_get_str(d, "title") : "");
	json_done(d);
}

static bool read_job(struct ctx *cx, const char *id, Archive__EmployeeImport *out)
{
	struct job job;
	bool found;

	if (!job_get(cx, KIND, id, &job, &found))
		return false;
	if (!found)
		return fail(cx, &FAULT_IMPORT_NOT_FOUND, NULL);
	out->id = arena_strdup(cx->arena, id);
	out->has_state = true;
	out->state = state_of(job.state);
	out->progress =
		(Archive__ImportProgress *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_PROGRESS);
	out->progress->has_done = out->progress->has_total = true;
	out->progress->done = job.done;
	out->progress->total = job.total;
	stored_error(cx, job.error, out);
	return stored_result(cx, job.result, out);
}

static bool is_csv(const char *content_type)
{
	return !strncasecmp(content_type, "text/csv", 8) &&
	       (!content_type[8] || content_type[8] == ';');
}

bool archive_create_employee_import(struct ctx *cx, const Archive__CreateEmployeeImportRequest *in,
				    Archive__EmployeeImport *out)
{
	char id[UUID_LEN + 1];

	(void)in;
	if (!is_csv(cx->content_type))
		return fail(cx, &FAULT_UNSUPPORTED_MEDIA_TYPE, NULL);
	if (!cx->raw_body.n)
		return fail_detail(cx, &FAULT_BAD_REQUEST, NULL, "文件是空的", "the file is empty");
	uuid7(id);
	request_wake_runner(cx);
	return job_add(cx, KIND, id, cx->raw_body) && read_job(cx, id, out);
}

bool archive_get_employee_import(struct ctx *cx, const Archive__GetEmployeeImportRequest *in,
				 Archive__EmployeeImport *out)
{
	return read_job(cx, in->id, out);
}
