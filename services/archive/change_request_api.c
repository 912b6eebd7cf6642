/* Changes to people's files that wait for another person: the chassis keeps and runs them. */
#include "archive.h"
#include "audit_read.h"
#include "db.h"
#include "fault.h"
#include "pending.h"

/* The record that it is about, as it stands; NULL where it is gone or the caller may not see it. */
static bool record_of(struct ctx *cx, const Renhe__PendingRequest *row, Archive__Employee **out)
{
	Archive__GetEmployeeRequest *get = (Archive__GetEmployeeRequest *)msg_new(
		cx->arena, &RULE_ARCHIVE_GET_EMPLOYEE_REQUEST);

	*out = (Archive__Employee *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE);
	get->id = row->resource_id;
	get->effective_on = archive_effective_on(cx, NULL, NULL);
	if (get->id && *get->id && db_one(cx, &Q_EMPLOYEE_GET, get, *out))
		return true;
	*out = NULL;
	if (!cx->fault.def)
		return true;
	if (cx->fault.def != &FAULT_EMPLOYEE_NOT_FOUND)
		return false;
	fault_clear(cx);
	return true;
}

bool archive_get_change_request(struct ctx *cx, const Renhe__IdRequest *in,
				Renhe__PendingRequest *out)
{
	Archive__Employee *old;
	struct pending p;

	if (!pending_load(cx, in->id, false, &p) || !record_of(cx, p.row, &old))
		return false;
	pending_show(cx, &p, &RULE_ARCHIVE_EMPLOYEE, old ? &old->base : NULL);
	msg_merge(&p.row->base, &out->base);
	return true;
}

bool archive_list_change_requests(struct ctx *cx, const Renhe__ListPendingRequestsRequest *in,
				  Renhe__ListPendingRequestsResponse *out)
{
	return pending_list(cx, in, out);
}

bool archive_approve_change_request(struct ctx *cx, const Renhe__IdRequest *in,
				    Renhe__PendingRequest *out)
{
	return pending_approve(cx, in->id, out);
}

bool archive_reject_change_request(struct ctx *cx, const Renhe__RejectRequest *in,
				   Renhe__PendingRequest *out)
{
	return pending_reject(cx, in, out);
}

bool archive_withdraw_change_request(struct ctx *cx, const Renhe__IdRequest *in,
				     Renhe__PendingRequest *out)
{
	return pending_withdraw(cx, in->id, out);
}

bool archive_list_audit_entries(struct ctx *cx, const Renhe__ListAuditEntriesRequest *in,
				Renhe__ListAuditEntriesResponse *out)
{
	return audit_list(cx, in, out);
}
