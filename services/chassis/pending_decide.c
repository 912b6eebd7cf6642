#include "audit.h"
#include "db.h"
#include "fault.h"
#include "json.h"
#include "pending.h"
#include "policy.h"
#include "row.h"
#include "service.h"

#define PENDING RENHE__REQUEST_STATE__REQUEST_STATE_PENDING

static bool lock_open(struct ctx *cx, const char *id, struct pending *p)
{
	if (!pending_load(cx, id, true, p))
		return false;
	return p->row->state == PENDING || fail(cx, &FAULT_REQUEST_DECIDED, NULL);
}

/* Neither the maker nor the same person by another account: both match SELF. */
static bool lock_foreign(struct ctx *cx, const char *id, struct pending *p)
{
	return pending_load(cx, id, true, p) &&
	       (p->row->scope_match != 1 || fail(cx, &FAULT_REQUEST_OF_ONE_PERSON, NULL)) &&
	       (p->row->state == PENDING || fail(cx, &FAULT_REQUEST_DECIDED, NULL));
}

static void give(const struct pending *p, Renhe__PendingRequest *out)
{
	msg_merge(&p->row->base, &out->base);
}

/* ---- approving ---- */

/* What was held against the rules when it came; a PATCH lacks required fields rightly. */
static bool still_valid(struct ctx *cx, const struct pending *p)
{
	return p->route->method == METHOD_PATCH || json_validate(cx, p->route->in, p->in);
}

/* The request as if it came now from the decider, with the If-Match of its maker. */
static bool run(struct ctx *cx, const struct pending *p)
{
	struct ctx as = *cx;
	bool good;

	cx->route = p->route;
	cx->in = p->in;
	cx->cleared = p->cleared;
	cx->if_match = p->if_match;
	cx->deciding = true;
	cx->scopes = policy_scopes(cx, p->route->permission);
	good = still_valid(cx, p) &&
	       p->route->handler(cx, p->in, msg_new(cx->arena, p->route->out));
	cx->route = as.route;
	cx->in = as.in;
	cx->cleared = as.cleared;
	cx->if_match = as.if_match;
	cx->deciding = false;
	cx->scopes = as.scopes;
	cx->set_headers = as.set_headers;
	cx->status_override = as.status_override;
	return good;
}

/* The cause goes to the request and to the decider; nothing else is left of the try. */
static bool note_cause(struct ctx *cx, const struct pending *p)
{
	struct fault_state cause = cx->fault;

	db_rollback_savepoint(cx);
	fault_clear(cx);
	cx->events_out = 0;
	if (!pending_note(cx, p->row->id, cause.def->code))
		return false;
	cx->commit_on_fault = true;
	for (unsigned i = 0; i < cause.n_items; i++)
		fault_add(cx, cause.items[i].pointer, cause.items[i].code,
			  text_pair(cause.items[i].zh, cause.items[i].en));
	fault_add(cx, "", cause.def->code, text_pair(cause.def->zh, cause.def->en));
	return fault_none(cx, &FAULT_REQUEST_NOT_APPLICABLE);
}

bool pending_approve(struct ctx *cx, const char *id, Renhe__PendingRequest *out)
{
	struct pending p;

	if (!lock_foreign(cx, id, &p))
		return false;
	if (!p.in) /* a route that this build no longer has, or a key that is gone */
		return fail(cx, &FAULT_REQUEST_NOT_APPLICABLE, NULL);
	if (!db_savepoint(cx))
		return false;
	if (!run(cx, &p))
		return cx->fault.def->status < 500 && note_cause(cx, &p);
	if (!audit_put(cx, "request.approve", "request", id, NULL, "ok") ||
	    !pending_close(cx, &p, RENHE__REQUEST_STATE__REQUEST_STATE_APPLIED, NULL))
		return false;
	give(&p, out);
	return true;
}

/* ---- the other ends ---- */

bool pending_reject(struct ctx *cx, const Renhe__RejectRequest *in, Renhe__PendingRequest *out)
{
	struct pending p;

	if (!lock_foreign(cx, in->id, &p) ||
	    !audit_put(cx, "request.reject", "request", in->id, in->reason, "ok") ||
	    !pending_close(cx, &p, RENHE__REQUEST_STATE__REQUEST_STATE_REJECTED, in->reason))
		return false;
	give(&p, out);
	return true;
}

bool pending_withdraw(struct ctx *cx, const char *id, Renhe__PendingRequest *out)
{
	struct pending p;

	if (!lock_open(cx, id, &p))
		return false;
	if (p.row->scope_match != 1)
		return fail(cx, &FAULT_RESOURCE_NOT_FOUND, NULL);
	if (!audit_put(cx, "request.withdraw", "request", id, NULL, "ok") ||
	    !pending_close(cx, &p, RENHE__REQUEST_STATE__REQUEST_STATE_WITHDRAWN, NULL))
		return false;
	give(&p, out);
	return true;
}

bool pending_expire(struct ctx *cx, const char *id)
{
	struct pending p;

	if (!pending_load(cx, id, true, &p))
		return false;
	return p.row->state != PENDING ||
	       pending_close(cx, &p, RENHE__REQUEST_STATE__REQUEST_STATE_EXPIRED, NULL);
}

bool pending_forget(struct ctx *cx, const char *resource_id)
{
	const char *params[] = {resource_id, cx->route->name};
	struct db_result r;

	if (!db_sql(cx,
		    "select id from pending_request where state = 'PENDING' and resource_id = $1"
		    " and route <> $2",
		    params, 2, &r))
		return false;
	for (int i = 0; i < r.n_rows; i++)
		if (!pending_expire(cx, r.rows[i][0]))
			return false;
	return true;
}
