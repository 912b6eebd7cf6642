/* Accounts follow employments (decision 12): open if and only if one is effective today. */
#include <string.h>
#include "config.h"
#include "identity.h"
#include "job.h"
#include "people.h"
#include "value.h"

Identity__AccountRow *account_row(struct ctx *cx, const char *id)
{
	Identity__AccountRow *row =
		(Identity__AccountRow *)msg_new(cx->arena, &RULE_IDENTITY_ACCOUNT_ROW);

	row->id = id ? arena_strdup(cx->arena, id) : NULL;
	return row;
}

/* ---- opening and closing ---- */

static bool announce_open(struct ctx *cx, const Identity__AccountRow *a)
{
	Identity__AccountOpened ev = IDENTITY__ACCOUNT_OPENED__INIT;

	ev.account_id = a->id;
	ev.person_id = a->person_id;
	ev.open_from_date = cx->today;
	return emit_identity_account_opened(cx, &ev);
}

static bool close_account(struct ctx *cx, const Identity__AccountRow *a)
{
	Identity__AccountClosed ev = IDENTITY__ACCOUNT_CLOSED__INIT;

	ev.account_id = a->id;
	ev.person_id = a->person_id;
	ev.effective_date = cx->today;
	return revoke_account(cx, a->id) && revoke_all_sessions(cx, a->id) &&
	       emit_identity_account_closed(cx, &ev);
}

static bool set_timer(struct ctx *cx, const Identity__AccountRow *a)
{
	int64_t days, at;
	char text[28];

	if (!a->next_date)
		return timer_set(cx, "account_due", a->id, NULL);
	if (!date_parse(a->next_date, &days) ||
	    !zone_midnight(config_str("RENHE_TIME_ZONE"), days, &at))
		return fail(cx, &FAULT_INTERNAL, NULL);
	time_format(at, text);
	cx->wake_runner = true;
	return timer_set(cx, "account_due", a->id, text);
}

bool account_judge(struct ctx *cx, const char *account_id)
{
	Identity__AccountRow *a = account_row(cx, account_id);

	if (!db_one(cx, &Q_ACCOUNT_JUDGE, a, a))
		return false;
	if (a->is_open != a->open_today &&
	    (!db_exec(cx, &Q_ACCOUNT_SET_OPEN, a, NULL) ||
	     !(a->open_today ? announce_open(cx, a) : close_account(cx, a))))
		return false;
	return set_timer(cx, a);
}

bool identity_account_due(struct ctx *cx, const char *account_id)
{
	Identity__AccountRow *row = account_row(cx, account_id);
	bool found;

	if (!db_opt(cx, &Q_ACCOUNT_LOCK, row, row, &found))
		return false;
	return !found || account_judge(cx, account_id);
}

/* ---- from the snapshot of a person ---- */

static bool find_or_make(struct ctx *cx, const Archive__PersonSnapshot *in, Identity__AccountRow *a)
{
	char id[UUID_LEN + 1];
	bool found;

	a->person_id = in->person_id;
	if (!db_opt(cx, &Q_ACCOUNT_LOCK_PERSON, a, a, &found) || found)
		return !cx->fault.def;
	uuid7(id);
	a->id = arena_strdup(cx->arena, id);
	return db_one(cx, &Q_ACCOUNT_INSERT, a, a);
}

/* employment: anything with the fields of an EmploymentSpan. */
static bool put_span(struct ctx *cx, const Identity__AccountRow *a,
		     const ProtobufCMessage *employment)
{
	Archive__EmploymentSpan t = ARCHIVE__EMPLOYMENT_SPAN__INIT;
	Identity__SpanRow *row = (Identity__SpanRow *)msg_new(cx->arena, &RULE_IDENTITY_SPAN_ROW);

	msg_assign(employment, &t.base);
	if (t.annulled)
		return true;
	row->account_id = a->id;
	row->employee_id = t.employee_id;
	row->from_date = t.hire_date;
	row->to_date = t.end_date;
	return db_exec(cx, &Q_SPAN_PUT, row, NULL);
}

static bool put_name(struct ctx *cx, const Identity__AccountRow *a, char *number)
{
	Identity__SpanRow *row = (Identity__SpanRow *)msg_new(cx->arena, &RULE_IDENTITY_SPAN_ROW);

	row->account_id = a->id;
	row->name = number;
	return db_exec(cx, &Q_NAME_PUT, row, NULL);
}

/* The account's days as of this version: from here on nothing older moves them. */
static bool put_spans(struct ctx *cx, Identity__AccountRow *a, int64_t version,
		      const struct msg_list *employments)
{
	a->has_snapshot_version = true;
	a->snapshot_version = version;
	if (!db_exec(cx, &Q_ACCOUNT_SNAPSHOT_TAKEN, a, NULL) ||
	    !db_exec(cx, &Q_SPANS_CLEAR, a, NULL))
		return false;
	for (size_t i = 0; i < employments->n; i++)
		if (!put_span(cx, a, employments->items[i]))
			return false;
	return account_judge(cx, a->id);
}

static bool put_names(struct ctx *cx, const Archive__PersonSnapshot *in,
		      const Identity__AccountRow *a)
{
	if (!db_exec(cx, &Q_NAMES_CLEAR, a, NULL))
		return false;
	for (size_t i = 0; i < in->n_employments; i++)
		if (!in->employments[i]->annulled &&
		    !put_name(cx, a, in->employments[i]->employee_number))
			return false;
	return true;
}

/* Where an ending has come ahead of this snapshot, its days stand. */
bool identity_on_person(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg)
{
	const Archive__PersonSnapshot *in = (const Archive__PersonSnapshot *)msg;
	Identity__AccountRow *a = account_row(cx, NULL);
	struct msg_list employments;
	bool applied;

	(void)ev;
	if (!in)
		return true; /* a tombstone: erasure has an event of its own */
	if (!people_apply_person(cx, in, &applied) || !applied)
		return !cx->fault.def;
	if (!find_or_make(cx, in, a) || a->erased || !put_names(cx, in, a))
		return !cx->fault.def;
	employments = (struct msg_list){(ProtobufCMessage **)in->employments, in->n_employments};
	return in->version < a->snapshot_version || put_spans(cx, a, in->version, &employments);
}

/* An account that isn't there yet has nothing to end; its snapshots come with the end in them. */
bool identity_on_ending(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg)
{
	const Archive__PersonEnding *in = (const Archive__PersonEnding *)msg;
	Identity__AccountRow *a = account_row(cx, NULL);
	struct msg_list employments;
	bool found;

	(void)ev;
	if (!in)
		return true;
	a->person_id = in->person_id;
	if (!db_opt(cx, &Q_ACCOUNT_LOCK_PERSON, a, a, &found))
		return false;
	if (!found || a->erased || in->version <= a->snapshot_version)
		return true;
	employments = (struct msg_list){(ProtobufCMessage **)in->employments, in->n_employments};
	return put_spans(cx, a, in->version, &employments);
}
