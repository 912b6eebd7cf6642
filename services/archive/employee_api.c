#include <stdlib.h>
#include "audit.h"
#include "config.h"
#include "custom.h"
#include "employee.h"
#include "hire.h"
#include "metrics.h"
#include "page.h"
#include "request.h"
#include "row_list.h"
#include "search.h"

bool archive_hire_employee(struct ctx *cx, const Archive__Employee *in, Archive__Employee *out)
{
	struct custom custom;
	struct change c;

	if (!custom_open(cx, in, true, &custom))
		return false;
	custom_judge(cx, &custom, true);
	return hire(cx, in, &c) && custom_write(cx, &custom, c.after) &&
	       change_answer(cx, &c, out);
}

bool archive_get_employee(struct ctx *cx, const Archive__GetEmployeeRequest *in,
			  Archive__Employee *out)
{
	Archive__GetEmployeeRequest get = *in;

	get.effective_on = archive_effective_on(cx, in->effective_on, in->as_of);
	cx->about_past = in->as_of != NULL;
	if (in->as_of)
		return db_one(cx, &Q_EMPLOYEE_GET_AS_OF, &get, out);
	return db_one(cx, &Q_EMPLOYEE_GET, &get, out) && custom_read(cx, &out, 1);
}

bool employee_page(struct ctx *cx, const Archive__ListEmployeesRequest *list, struct msg_list *rows)
{
	Archive__ListEmployeesRequest l = *list;
	bool few;

	if (!custom_filter(cx, &l))
		return false;
	if (l.q)
		return search_employees(cx, &l, rows);
	if (!custom_fewest(cx, &l, &few))
		return false;
	return db_many(cx, few ? &Q_EMPLOYEE_LIST_FEW : &Q_EMPLOYEE_LIST, &l, rows);
}

bool archive_list_employees(struct ctx *cx, const Archive__ListEmployeesRequest *in,
			    Archive__ListEmployeesResponse *out)
{
	static const char *const by[] = {"employee_number", "id", "search_rank", NULL};
	Archive__ListEmployeesRequest list = *in;
	struct msg_list rows;

	list.effective_on = archive_effective_on(cx, in->effective_on, NULL);
	if (!page_begin(cx, &RULE_ARCHIVE_LIST_EMPLOYEES_REQUEST, &list.base) ||
	    !employee_page(cx, &list, &rows) ||
	    !custom_read(cx, (Archive__Employee **)rows.items, rows.n))
		return false;
	out->items = (Archive__Employee **)rows.items;
	return page_end(cx, &RULE_ARCHIVE_LIST_EMPLOYEES_REQUEST, &list.base,
			&RULE_ARCHIVE_EMPLOYEE, rows.items, rows.n, by, &out->n_items,
			&out->next_page_token);
}

bool archive_get_my_employee(struct ctx *cx, const Archive__MyEmployeeRequest *in,
			     Archive__ListEmployeesResponse *out)
{
	Archive__MyEmployeeRequest mine = *in;
	struct msg_list rows;

	mine.effective_on = archive_effective_on(cx, in->effective_on, NULL);
	if (!db_many(cx, &Q_EMPLOYEE_MINE, &mine, &rows) ||
	    !custom_read(cx, (Archive__Employee **)rows.items, rows.n))
		return false;
	out->items = (Archive__Employee **)rows.items;
	out->n_items = rows.n;
	return true;
}

/* ---- transfer ---- */

static bool plain_dated(const struct field_rule *f)
{
	return f->dated;
}

static bool emit_transferred(struct ctx *cx, const struct change *c)
{
	Archive__EmployeeTransferred ev = ARCHIVE__EMPLOYEE_TRANSFERRED__INIT;
	Archive__Employee *after = (Archive__Employee *)msg_copy(cx->arena, &c->before->base);

	msg_merge(&c->fact->base, &after->base);
	ev.person_id = c->after->person_id;
	ev.employee_id = c->after->id;
	ev.effective_date = c->fact->effective_date;
	ev.old_org_unit_id = c->before->org_unit_id;
	ev.org_unit_id = c->fact->org_unit_id;
	ev.n_changes = employee_changes(cx, c->before, after, plain_dated, &ev.changes);
	return emit_archive_employee_transferred(cx, &ev);
}

bool employee_transfer(struct ctx *cx, const Archive__TransferEmployeeRequest *in, struct change *c)
{
	if (!change_begin(cx, in->id, in->effective_date, c) ||
	    !employee_check_span(cx, c->before, in->effective_date))
		return false;
	change_fact(cx, c, ARCHIVE__FACT_KIND__FACT_KIND_TRANSFERRED, in->effective_date);
	msg_assign(&in->base, &c->fact->base);
	return change_check_places(cx, c->fact) && change_commit(cx, c, emit_transferred);
}

bool archive_transfer_employee(struct ctx *cx, const Archive__TransferEmployeeRequest *in,
			       Archive__Employee *out)
{
	struct change c;

	return employee_transfer(cx, in, &c) && change_answer(cx, &c, out);
}

/* What holds on that day now, against what held with the transfer. */
static bool emit_withdrawn(struct ctx *cx, const struct change *c)
{
	Archive__EmployeeChanged ev = ARCHIVE__EMPLOYEE_CHANGED__INIT;
	Archive__Employee *now = (Archive__Employee *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE);

	if (!change_read(cx, c->after->id, c->withdrawn->effective_date, now))
		return false;
	ev.person_id = c->after->person_id;
	ev.employee_id = c->after->id;
	ev.effective_date = c->withdrawn->effective_date;
	ev.n_changes = employee_changes(cx, c->before, now, plain_dated, &ev.changes);
	return emit_archive_employee_changed(cx, &ev);
}

bool employee_untransfer(struct ctx *cx, const char *id, const Archive__Employee *fact,
			 struct change *c)
{
	if (!change_begin(cx, id, fact->effective_date, c))
		return false;
	c->withdrawn = fact;
	return change_commit(cx, c, emit_withdrawn);
}

/* ---- end and annul ---- */

static bool emit_ended(struct ctx *cx, const struct change *c)
{
	Archive__EmployeeEnded ev = ARCHIVE__EMPLOYEE_ENDED__INIT;

	ev.person_id = c->after->person_id;
	ev.employee_id = c->after->id;
	ev.effective_date = c->fact->effective_date;
	ev.has_reason = true;
	ev.reason = c->fact->end_reason;
	return emit_archive_employee_ended(cx, &ev);
}

/* An employment that was to end later, or ends ahead, may be ended anew; one that is over may not.
 */
static bool end_check(struct ctx *cx, const Archive__Employee *now,
		      const Archive__EndEmployeeRequest *in)
{
	if (now->state == ARCHIVE__EMPLOYEE_STATE__EMPLOYEE_STATE_ANNULLED)
		return fail(cx, &FAULT_EMPLOYEE_ANNULLED, NULL);
	if (now->state == ARCHIVE__EMPLOYEE_STATE__EMPLOYEE_STATE_ENDED)
		return fail(cx, &FAULT_EMPLOYEE_ALREADY_ENDED, NULL);
	if (strcmp(in->effective_date, now->hire_date) <= 0)
		return fail(cx, &FAULT_EFFECTIVE_DATE_BEFORE_HIRE, "effective_date");
	return true;
}

static bool end_commit(struct ctx *cx, const Archive__EndEmployeeRequest *in, struct change *c)
{
	c->replaces_end = true;
	change_fact(cx, c, ARCHIVE__FACT_KIND__FACT_KIND_ENDED, in->effective_date);
	c->fact->has_end_reason = c->after->has_end_reason = true;
	c->fact->end_reason = c->after->end_reason = in->reason;
	c->after->end_date = c->fact->effective_date;
	return change_commit(cx, c, emit_ended);
}

bool employee_end(struct ctx *cx, const Archive__EndEmployeeRequest *in, struct change *c)
{
	return change_begin(cx, in->id, NULL, c) && end_check(cx, c->before, in) &&
	       end_commit(cx, in, c);
}

bool employee_end_newcomer(struct ctx *cx, const Archive__EndEmployeeRequest *in, struct change *c)
{
	c->before = (Archive__Employee *)msg_copy(cx->arena, &c->after->base);
	c->goes_on = false;
	return end_check(cx, c->before, in) && end_commit(cx, in, c);
}

bool archive_end_employee(struct ctx *cx, const Archive__EndEmployeeRequest *in,
			  Archive__Employee *out)
{
	struct change c;

	return employee_end(cx, in, &c) && change_answer(cx, &c, out);
}

static bool emit_annulled(struct ctx *cx, const struct change *c)
{
	Archive__EmployeeHireAnnulled ev = ARCHIVE__EMPLOYEE_HIRE_ANNULLED__INIT;

	ev.person_id = c->after->person_id;
	ev.employee_id = c->after->id;
	return emit_archive_employee_hire_annulled(cx, &ev);
}

static bool restore_person(struct ctx *cx, int64_t version, struct change *c)
{
	Archive__Employee *asked = (Archive__Employee *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE);

	if (!version)
		return true;
	asked->person_id = c->after->person_id;
	asked->has_version = true;
	asked->version = version;
	return db_one(cx, &Q_PERSON_AT_VERSION, asked, c->after);
}

bool employee_annul(struct ctx *cx, const char *id, int64_t person_version, struct change *c)
{
	if (!change_begin(cx, id, NULL, c))
		return false;
	if (c->before->state == ARCHIVE__EMPLOYEE_STATE__EMPLOYEE_STATE_ANNULLED)
		return fail(cx, &FAULT_EMPLOYEE_ANNULLED, NULL);
	c->annuls = true;
	return restore_person(cx, person_version, c) && change_commit(cx, c, emit_annulled);
}

bool archive_annul_hire(struct ctx *cx, const Archive__AnnulHireRequest *in, Archive__Employee *out)
{
	struct change c;

	return employee_annul(cx, in->id, 0, &c) &&
	       audit_put(cx, "employee.annul", "employee", in->id, in->reason, "ok") &&
	       change_answer(cx, &c, out);
}

/* ---- reveal: audited before the answer leaves, in the same transaction ---- */

/* Counted by what the audit says of the last 24 hours, so that nothing uncounted was seen. */
static bool reveal_quota(struct ctx *cx)
{
	Archive__RevealCount *n =
		(Archive__RevealCount *)msg_new(cx->arena, &RULE_ARCHIVE_REVEAL_COUNT);
	int64_t most = config_int("RENHE_REVEALS_PER_DAY");

	if (!db_one(cx, &Q_REVEALS_COUNT, n, n))
		return false;
	if (n->count < most)
		return true;
	cx->fault.retry_after_s = (int)n->retry_after_s;
	metric_add(metric_get("renhe_reveal_quota_refused_total", "",
			      "Looks at clear numbers that were refused by the day's quota."),
		   1);
	return fail(cx, &FAULT_REVEAL_QUOTA_REACHED, NULL);
}

bool archive_reveal_employee(struct ctx *cx, const Archive__RevealEmployeeRequest *in,
			     Archive__RevealedEmployee *out)
{
	return reveal_quota(cx) && db_one(cx, &Q_EMPLOYEE_REVEAL, in, out) &&
	       audit_put(cx, "employee.reveal", "employee", in->id, in->reason, "ok");
}
