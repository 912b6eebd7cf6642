/* Changes to people's files that wait for another person: the chassis keeps and runs them. */
#include "archive.h"
#include "audit_read.h"
#include "custom.h"
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
		return custom_read(cx, out, 1);
	*out = NULL;
	if (!cx->fault.def)
		return true;
	if (cx->fault.def != &FAULT_EMPLOYEE_NOT_FOUND)
		return false;
	fault_clear(cx);
	return true;
}

/* ---- declared fields: their classes and names as of now ---- */

static bool declared(struct ctx *cx, const struct pending *p, struct typed_fields *f)
{
	Archive__Employee *in = (Archive__Employee *)p->in;

	*f = (struct typed_fields){0};
	if (!in || p->route->in != &RULE_ARCHIVE_EMPLOYEE)
		return true;
	if (!custom_fields(cx, f))
		return false;
	typed_classify(f, in->custom_fields, in->n_custom_fields);
	return true;
}

static void name_field(const struct typed_fields *f, Renhe__ProposedChange *c)
{
	static const char MAP[] = "custom_fields.";
	size_t n = sizeof(MAP) - 1;

	for (size_t i = 0; !strncmp(c->field, MAP, n) && i < f->n; i++)
		if (!strcmp(f->items[i]->key, c->field + n)) {
			c->title_zh = f->items[i]->name_zh;
			c->title_en = f->items[i]->name_en;
		}
}

bool archive_get_change_request(struct ctx *cx, const Renhe__IdRequest *in,
				Renhe__PendingRequest *out)
{
	Archive__Employee *old;
	struct typed_fields f;
	struct pending p;

	if (!pending_load(cx, in->id, false, &p) || !record_of(cx, p.row, &old) ||
	    !declared(cx, &p, &f))
		return false;
	pending_show(cx, &p, &RULE_ARCHIVE_EMPLOYEE, old ? &old->base : NULL);
	for (size_t i = 0; i < p.row->n_changes; i++)
		name_field(&f, p.row->changes[i]);
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
