/* Asking for one person's data, making the file, fetching it. */
#include "audit.h"
#include "blob.h"
#include "export.h"
#include "job.h"
#include "json.h"
#include "person_data.h"
#include "request.h"
#include "value.h"
#include "archive_texts.h"

#define KEPT_US (24LL * 3600 * 1000000)

/* ---- asking ---- */

static bool is_own(const struct ctx *cx, const char *person_id)
{
	return *person_id && !strcmp(person_id, cx->who.person_id);
}

/* Of another person nobody asks without saying why. */
static bool check_reason(struct ctx *cx, const Archive__CreatePersonDataExportRequest *asked)
{
	if (!asked->reason && !is_own(cx, asked->person_id))
		fault_add(cx, "/reason", "REQUIRED", TEXT_REASON_FOR_ANOTHER);
	return fault_none(cx, &FAULT_VALIDATION_FAILED);
}

static bool put_job(struct ctx *cx, const char *id,
		    const Archive__CreatePersonDataExportRequest *asked)
{
	struct str input = json_encode(cx, &RULE_ARCHIVE_CREATE_PERSON_DATA_EXPORT_REQUEST,
				       &asked->base, NULL);

	request_wake_runner(cx);
	return job_add(cx, PERSON_DATA_KIND, id, input) &&
	       audit_put(cx, "person.data_export_ask", "person", asked->person_id, asked->reason,
			 "ok");
}

static bool read_export(struct ctx *cx, const char *id, Archive__PersonDataExport *out)
{
	Archive__EmployeeExport *e =
		(Archive__EmployeeExport *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE_EXPORT);

	if (!export_read(cx, PERSON_DATA_KIND, id, e))
		return false;
	msg_assign(&e->base, &out->base);
	return true;
}

bool archive_create_person_data_export(struct ctx *cx,
				       const Archive__CreatePersonDataExportRequest *in,
				       Archive__PersonDataExport *out)
{
	Archive__CreatePersonDataExportRequest asked = *in;
	char id[UUID_LEN + 1];

	uuid7(id);
	if (!asked.person_id)
		asked.person_id = arena_strdup(cx->arena, cx->who.person_id);
	if (!*asked.person_id)
		return fail(cx, &FAULT_PERSON_NOT_FOUND, "person_id");
	return check_reason(cx, &asked) &&
	       db_one(cx, &Q_PERSON_DATA_SUBJECT, &asked,
		      msg_new(cx->arena, &RULE_ARCHIVE_PERSON_DATA)) &&
	       put_job(cx, id, &asked) && read_export(cx, id, out);
}

bool archive_get_person_data_export(struct ctx *cx, const Archive__GetPersonDataExportRequest *in,
				    Archive__PersonDataExport *out)
{
	return read_export(cx, in->id, out);
}

bool archive_get_person_data_export_file(struct ctx *cx,
					 const Archive__GetPersonDataExportRequest *in,
					 Archive__PersonDataExport *out)
{
	Archive__EmployeeExport *e =
		(Archive__EmployeeExport *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE_EXPORT);

	(void)out;
	return export_read(cx, PERSON_DATA_KIND, in->id, e) && export_fetch(cx, e) &&
	       audit_put(cx, "person.data_export_fetch", "person_data_export", in->id, NULL, "ok");
}

/* ---- making ---- */

static const struct form {
	const char *extension, *media_type;
} JSON = {"json", "application/json"},
  WORKBOOK = {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"};

static const struct form *form_of(const Archive__CreatePersonDataExportRequest *asked)
{
	return asked->format == ARCHIVE__PERSON_DATA_FORMAT__PERSON_DATA_FORMAT_XLSX ? &WORKBOOK
										      : &JSON;
}

/* In clear: it is the person's own. Sealed under the person's key, so that erasure takes it along. */
static bool keep_file(struct ctx *cx, const Archive__PersonData *d, const struct form *form,
		      Archive__ExportResult *r)
{
	struct str file = form == &JSON ? json_encode(cx, &RULE_ARCHIVE_PERSON_DATA, &d->base, NULL)
					: person_data_sheet(cx, d);
	struct blob made;

	if (!file.p)
		return fail(cx, &FAULT_STORAGE_UNAVAILABLE, NULL);
	r->expire_time = arena_alloc(cx->arena, 28);
	time_format(cx->now_us + KEPT_US, r->expire_time);
	r->file_name = arena_printf(cx->arena, "person-data-%s.%s", cx->today, form->extension);
	if (!blob_put(cx, file, form->media_type, r->file_name, d->person_id, r->expire_time,
		      &made))
		return false;
	r->file_id = arena_strdup(cx->arena, made.id);
	r->has_rows = r->has_bytes = true;
	r->rows = person_data_count(d);
	r->bytes = made.bytes;
	return true;
}

bool archive_run_person_data(struct ctx *cx, const struct job *job)
{
	Archive__PersonData d = ARCHIVE__PERSON_DATA__INIT;
	Archive__ExportResult r = ARCHIVE__EXPORT_RESULT__INIT;
	const Archive__CreatePersonDataExportRequest *asked;
	ProtobufCMessage *input;

	if (!json_decode_stored(cx, &RULE_ARCHIVE_CREATE_PERSON_DATA_EXPORT_REQUEST, job->input,
				&input))
		return false;
	asked = (const Archive__CreatePersonDataExportRequest *)input;
	return person_data_collect(cx, asked, &d) && keep_file(cx, &d, form_of(asked), &r) &&
	       audit_put(cx, "person.data_export", "person", d.person_id, job->id, "ok") &&
	       job_end(cx, true, json_encode(cx, &RULE_ARCHIVE_EXPORT_RESULT, &r.base, NULL).p);
}
