#include "snapshot.h"
#include "db.h"
#include "employee.h"
#include "row_list.h"

static Archive__EmployeeKey *key_new(struct ctx *cx)
{
	return (Archive__EmployeeKey *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE_KEY);
}

/* Dated fields that the slice has no field of its own for, so that a field added to the contract
 * reaches the readers without a change here. Only plain ones: the snapshot is no sealed topic. */
static void other_fields(struct ctx *cx, const Archive__Employee *from,
			 Archive__AssignmentSlice *slice)
{
	const struct message_rule *rule = &RULE_ARCHIVE_EMPLOYEE;

	slice->fields = arena_alloc(cx->arena, rule->pb->n_fields * sizeof(*slice->fields));
	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];
		Archive__FieldChange *c;

		if (!f->dated || f->field_class || !msg_has(f, &from->base) ||
		    rule_field(&RULE_ARCHIVE_ASSIGNMENT_SLICE, f->name))
			continue;
		c = (Archive__FieldChange *)msg_new(cx->arena, &RULE_ARCHIVE_FIELD_CHANGE);
		c->field = arena_strdup(cx->arena, f->name);
		c->new_value = arena_strdup(cx->arena, row_param(cx->arena, f, &from->base));
		slice->fields[slice->n_fields++] = c;
	}
}

static Archive__AssignmentSlice *slice_of(struct ctx *cx, const Archive__Employee *from)
{
	Archive__AssignmentSlice *slice =
		(Archive__AssignmentSlice *)msg_new(cx->arena, &RULE_ARCHIVE_ASSIGNMENT_SLICE);

	msg_assign(&from->base, &slice->base);
	other_fields(cx, from, slice);
	return slice;
}

static Archive__EmploymentTimeline *timeline(struct ctx *cx, const char *employee_id,
					     const struct msg_list *rows)
{
	Archive__EmploymentTimeline *t = (Archive__EmploymentTimeline *)msg_new(
		cx->arena, &RULE_ARCHIVE_EMPLOYMENT_TIMELINE);
	const Archive__Employee *head = (const Archive__Employee *)rows->items[0];

	msg_assign(&head->base, &t->base);
	t->employee_id = arena_strdup(cx->arena, employee_id);
	t->has_annulled = true;
	t->annulled =
		head->has_state && head->state == ARCHIVE__EMPLOYEE_STATE__EMPLOYEE_STATE_ANNULLED;
	t->slices = arena_alloc(cx->arena, (rows->n + 1) * sizeof(*t->slices));
	for (size_t i = 0; i < rows->n; i++)
		t->slices[t->n_slices++] = slice_of(cx, (const Archive__Employee *)rows->items[i]);
	return t;
}

static bool add_timelines(struct ctx *cx, const struct msg_list *employees,
			  Archive__PersonSnapshot *out)
{
	out->employments = arena_alloc(cx->arena, (employees->n + 1) * sizeof(*out->employments));
	for (size_t i = 0; i < employees->n; i++) {
		const Archive__EmployeeKey *key = (const Archive__EmployeeKey *)employees->items[i];
		struct msg_list rows;

		if (!db_many(cx, &Q_EMPLOYEE_SLICES, key, &rows))
			return false;
		if (rows.n)
			out->employments[out->n_employments++] = timeline(cx, key->id, &rows);
	}
	return true;
}

static Archive__PersonSnapshot *snapshot_new(struct ctx *cx, const Archive__Employee *e)
{
	Archive__PersonSnapshot *s =
		(Archive__PersonSnapshot *)msg_new(cx->arena, &RULE_ARCHIVE_PERSON_SNAPSHOT);

	s->person_id = e->person_id;
	s->has_version = true;
	s->version = e->version;
	s->name = e->name;
	return s;
}

Archive__PersonSnapshot *snapshot_newcomer(struct ctx *cx, const Archive__Employee *e,
					   const struct msg_list *slices, int64_t sequence)
{
	Archive__PersonSnapshot *s = snapshot_new(cx, e);

	s->employments = arena_alloc(cx->arena, sizeof(*s->employments));
	s->employments[s->n_employments++] = timeline(cx, e->id, slices);
	s->has_included_sequence = true;
	s->included_sequence = sequence;
	return s;
}

bool snapshot_person(struct ctx *cx, const Archive__Employee *e, Archive__PersonSnapshot **out)
{
	Archive__PersonSnapshot *s = snapshot_new(cx, e);
	Archive__EmployeeKey *key = key_new(cx), *sequence = key_new(cx);
	struct msg_list employees;
	bool found;

	key->person_id = e->person_id;
	if (!db_many(cx, &Q_PERSON_EMPLOYEES, key, &employees) ||
	    !add_timelines(cx, &employees, s) ||
	    !db_opt(cx, &Q_AGGREGATE_SEQUENCE_OF, key, sequence, &found))
		return false;
	s->has_included_sequence = true;
	s->included_sequence = sequence->sequence;
	*out = s;
	return true;
}

bool snapshot_emit_ending(struct ctx *cx, const Archive__PersonSnapshot *s)
{
	Archive__PersonEnding *e =
		(Archive__PersonEnding *)msg_new(cx->arena, &RULE_ARCHIVE_PERSON_ENDING);

	msg_assign(&s->base, &e->base);
	e->employments = arena_alloc(cx->arena, (s->n_employments + 1) * sizeof(*e->employments));
	for (size_t i = 0; i < s->n_employments; i++) {
		Archive__EmploymentSpan *span = (Archive__EmploymentSpan *)msg_new(
			cx->arena, &RULE_ARCHIVE_EMPLOYMENT_SPAN);

		msg_assign(&s->employments[i]->base, &span->base);
		e->employments[e->n_employments++] = span;
	}
	return emit_archive_person_ending(cx, e);
}

bool snapshot_unit(struct ctx *cx, const Archive__OrgUnit *u, ProtobufCMessage *const *slices,
		   size_t n, Archive__OrgUnitSnapshot **out)
{
	Archive__OrgUnitSnapshot *s =
		(Archive__OrgUnitSnapshot *)msg_new(cx->arena, &RULE_ARCHIVE_ORG_UNIT_SNAPSHOT);
	Archive__EmployeeKey *sequence = key_new(cx);
	bool found;

	if (!db_opt(cx, &Q_UNIT_SEQUENCE_OF, u, sequence, &found))
		return false;
	msg_assign(&u->base, &s->base);
	s->org_unit_id = u->id;
	s->has_included_sequence = true;
	s->included_sequence = sequence->sequence;
	s->slices = arena_alloc(cx->arena, (n + 1) * sizeof(*s->slices));
	for (size_t i = 0; i < n; i++) {
		Archive__OrgUnitSlice *slice =
			(Archive__OrgUnitSlice *)msg_new(cx->arena, &RULE_ARCHIVE_ORG_UNIT_SLICE);

		msg_assign(slices[i], &slice->base);
		s->slices[s->n_slices++] = slice;
	}
	*out = s;
	return true;
}
