/* Grants that wait for another administrator: the chassis keeps and runs them. */
#include "audit_read.h"
#include "identity.h"
#include "pending.h"

/* The grant that is to be taken away; NULL where none is named or it is gone. */
static bool grant_of(struct ctx *cx, const Renhe__PendingRequest *row, Identity__RoleGrant **out)
{
	Identity__DeleteGrantRequest by = IDENTITY__DELETE_GRANT_REQUEST__INIT;
	bool found = false;

	*out = (Identity__RoleGrant *)msg_new(cx->arena, &RULE_IDENTITY_ROLE_GRANT);
	by.id = row->resource_id && *row->resource_id ? row->resource_id : NULL;
	if (by.id && !db_opt(cx, &Q_GRANT_ONE, &by, *out, &found))
		return false;
	if (!found)
		*out = NULL;
	return true;
}

bool identity_get_grant_request(struct ctx *cx, const Renhe__IdRequest *in,
				Renhe__PendingRequest *out)
{
	Identity__RoleGrant *old;
	struct pending p;

	if (!pending_load(cx, in->id, false, &p) || !grant_of(cx, p.row, &old))
		return false;
	pending_show(cx, &p, &RULE_IDENTITY_ROLE_GRANT, old ? &old->base : NULL);
	msg_merge(&p.row->base, &out->base);
	return true;
}

bool identity_list_grant_requests(struct ctx *cx, const Renhe__ListPendingRequestsRequest *in,
				  Renhe__ListPendingRequestsResponse *out)
{
	return pending_list(cx, in, out);
}

bool identity_approve_grant_request(struct ctx *cx, const Renhe__IdRequest *in,
				    Renhe__PendingRequest *out)
{
	return pending_approve(cx, in->id, out);
}

bool identity_reject_grant_request(struct ctx *cx, const Renhe__RejectRequest *in,
				   Renhe__PendingRequest *out)
{
	return pending_reject(cx, in, out);
}

bool identity_withdraw_grant_request(struct ctx *cx, const Renhe__IdRequest *in,
				     Renhe__PendingRequest *out)
{
	return pending_withdraw(cx, in->id, out);
}

bool identity_list_sign_in_audit_entries(struct ctx *cx, const Renhe__ListAuditEntriesRequest *in,
					 Renhe__ListAuditEntriesResponse *out)
{
	return audit_list(cx, in, out);
}
