#include "people.h"
#include "row_list.h"
#include "people.gen.h"
#include "people_sql.h"

/* ---- persons ---- */

static People__Employment *employment_row(struct ctx *cx, const Archive__PersonSnapshot *in,
					  const Archive__EmploymentTimeline *t)
{
	People__Employment *row = (People__Employment *)msg_new(cx->arena, &RULE_PEOPLE_EMPLOYMENT);

	row->employee_id = t->employee_id;
	row->person_id = in->person_id;
	row->employee_number = t->employee_number;
	row->hire_date = t->hire_date;
	row->end_date = t->end_date;
	row->has_annulled = true;
	row->annulled = t->annulled;
	return row;
}

/* The part of a slice in which the employment is effective; NULL where there is none. */
static People__Assignment *assignment_row(struct ctx *cx, const Archive__PersonSnapshot *in,
					  const Archive__EmploymentTimeline *t,
					  const Archive__AssignmentSlice *s)
{
	People__Assignment *row = (People__Assignment *)msg_new(cx->arena, &RULE_PEOPLE_ASSIGNMENT);
	char *to = s->valid_to;

	if (t->end_date && (!to || strcmp(to, t->end_date) > 0))
		to = t->end_date;
	if (t->annulled || !s->org_unit_id || (to && strcmp(s->valid_from, to) >= 0))
		return NULL;
	row->employee_id = t->employee_id;
	row->person_id = in->person_id;
	row->valid_from = s->valid_from;
	row->valid_to = to;
	row->org_unit_id = s->org_unit_id;
	return row;
}

static bool put_employment(struct ctx *cx, const Archive__PersonSnapshot *in,
			   const Archive__EmploymentTimeline *t)
{
	if (!db_exec(cx, &Q_PEOPLE_EMPLOYMENT_PUT, employment_row(cx, in, t), NULL))
		return false;
	for (size_t i = 0; i < t->n_slices; i++) {
		People__Assignment *row = assignment_row(cx, in, t, t->slices[i]);

		if (row && !db_exec(cx, &Q_PEOPLE_ASSIGNMENT_PUT, row, NULL))
			return false;
	}
	return true;
}

static bool put_employments(struct ctx *cx, const Archive__PersonSnapshot *in)
{
	for (size_t i = 0; i < in->n_employments; i++)
		if (!put_employment(cx, in, in->employments[i]))
			return false;
	return true;
}

bool people_add_person(struct ctx *cx, const Archive__PersonSnapshot *in)
{
	return db_exec(cx, &Q_PEOPLE_PERSON_PUT, in, NULL) && put_employments(cx, in);
}

bool people_apply_person(struct ctx *cx, const Archive__PersonSnapshot *in, bool *applied)
{
	int64_t rows;

	*applied = false;
	if (!db_exec(cx, &Q_PEOPLE_PERSON_PUT, in, &rows))
		return false;
	if (!rows)
		return true;
	if (!db_exec(cx, &Q_PEOPLE_EMPLOYMENTS_CLEAR, in, NULL) ||
	    !db_exec(cx, &Q_PEOPLE_ASSIGNMENTS_CLEAR, in, NULL))
		return false;
	*applied = true;
	return put_employments(cx, in);
}

bool people_forget_person(struct ctx *cx, const Archive__PersonErased *in)
{
	return db_exec(cx, &Q_PEOPLE_PERSON_FORGET, in, NULL);
}

/* ---- units ---- */

static const char *unit_kind(Archive__OrgUnitKind kind)
{
	return enum_name(&archive__org_unit_kind__descriptor, (int)kind);
}

static People__Unit *unit_row(struct ctx *cx, const Archive__OrgUnitSnapshot *in,
			      const Archive__OrgUnitSlice *s)
{
	People__Unit *row = (People__Unit *)msg_new(cx->arena, &RULE_PEOPLE_UNIT);

	msg_assign(&s->base, &row->base);
	row->org_unit_id = in->org_unit_id;
	row->has_version = true;
	row->version = in->version;
	row->code = in->code;
	row->kind = arena_strdup(cx->arena, unit_kind(in->kind));
	return row;
}

bool people_apply_unit(struct ctx *cx, const Archive__OrgUnitSnapshot *in, bool *applied)
{
	Archive__OrgUnitSnapshot known = ARCHIVE__ORG_UNIT_SNAPSHOT__INIT;
	bool found;

	*applied = false;
	if (!db_opt(cx, &Q_PEOPLE_UNIT_VERSION, in, &known, &found))
		return false;
	if (found && known.version >= in->version)
		return true;
	if (!db_exec(cx, &Q_PEOPLE_UNIT_CLEAR, in, NULL))
		return false;
	for (size_t i = 0; i < in->n_slices; i++)
		if (!db_exec(cx, &Q_PEOPLE_UNIT_PUT, unit_row(cx, in, in->slices[i]), NULL))
			return false;
	*applied = true;
	return true;
}

/* ---- grants ---- */

static bool put_grant(struct ctx *cx, const Identity__GrantSnapshot *in,
		      const Identity__GrantItem *item, char *store_id)
{
	People__Grant *row = (People__Grant *)msg_new(cx->arena, &RULE_PEOPLE_GRANT);

	row->account_id = in->account_id;
	row->role = arena_strdup(cx->arena, enum_name(&renhe__role__descriptor, (int)item->role));
	row->store_id = store_id;
	return db_exec(cx, &Q_PEOPLE_GRANT_PUT, row, NULL);
}

static bool put_grant_item(struct ctx *cx, const Identity__GrantSnapshot *in,
			   const Identity__GrantItem *item)
{
	if (!item->n_store_ids)
		return put_grant(cx, in, item, NULL);
	for (size_t i = 0; i < item->n_store_ids; i++)
		if (!put_grant(cx, in, item, item->store_ids[i]))
			return false;
	return true;
}

bool people_apply_grants(struct ctx *cx, const Identity__GrantSnapshot *in, bool *applied)
{
	int64_t rows;

	*applied = false;
	if (!db_exec(cx, &Q_PEOPLE_GRANT_VERSION_PUT, in, &rows))
		return false;
	if (!rows)
		return true;
	if (!db_exec(cx, &Q_PEOPLE_GRANTS_CLEAR, in, NULL))
		return false;
	for (size_t i = 0; i < in->n_grants; i++)
		if (!put_grant_item(cx, in, in->grants[i]))
			return false;
	*applied = true;
	return true;
}

/* ---- consumers ---- */

bool people_on_person(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg)
{
	bool applied;

	(void)ev;
	return !msg || people_apply_person(cx, (const Archive__PersonSnapshot *)msg, &applied);
}

bool people_on_unit(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg)
{
	bool applied;

	(void)ev;
	return !msg || people_apply_unit(cx, (const Archive__OrgUnitSnapshot *)msg, &applied);
}

bool people_on_grants(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg)
{
	bool applied;

	(void)ev;
	return !msg || people_apply_grants(cx, (const Identity__GrantSnapshot *)msg, &applied);
}

/* ---- made again ---- */

static const char *const PEOPLE_TABLES[] = {"people_person", "people_employment", "people_assignment", "people_unit", NULL};
static const struct consumer_def PEOPLE_FROM[] = {
	{&EVENT_ARCHIVE_PERSON_SNAPSHOT, people_on_person},
	{&EVENT_ARCHIVE_ORG_UNIT_SNAPSHOT, people_on_unit},
};
const struct projection_def PEOPLE_PROJECTION = {"people", PEOPLE_TABLES, PEOPLE_FROM, 2};

static const char *const GRANT_TABLES[] = {"people_grant", "people_grant_version", NULL};
static const struct consumer_def GRANTS_FROM[] = {{&EVENT_IDENTITY_GRANT_SNAPSHOT, people_on_grants}};
const struct projection_def PEOPLE_GRANTS_PROJECTION = {"grants", GRANT_TABLES, GRANTS_FROM, 1};
