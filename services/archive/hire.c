#include "hire.h"
#include "employee.h"
#include "policy.h"
#include "row_list.h"
#include "value.h"
#include "archive_texts.h"

static char *new_id(struct ctx *cx)
{
	char *id = arena_alloc(cx->arena, UUID_LEN + 1);

	uuid7(id);
	return id;
}

/* A second employment changes the person's file: of one's own another person decides. */
static bool may_change(struct ctx *cx, Archive__Employee *known)
{
	known->has_scope_match = true;
	known->scope_match = strcmp(known->person_id, cx->who.person_id) ? 8 : 1;
	return policy_change(cx, &PERMISSION_EMPLOYEE_CHANGE, &RULE_ARCHIVE_EMPLOYEE, &known->base);
}

/* Of a rehire: the person's fields as known, those of the request over them. */
static bool known_person(struct ctx *cx, const Archive__Employee *in, Archive__Employee *e)
{
	Archive__EmployeeKey *key =
		(Archive__EmployeeKey *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE_KEY);
	Archive__Employee *known = (Archive__Employee *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE);
	const struct message_rule *rule = &RULE_ARCHIVE_EMPLOYEE;

	if (!db_one(cx, &Q_PERSON_LOCK, in, key) || !db_one(cx, &Q_PERSON_KNOWN, in, known))
		return false;
	if (!may_change(cx, known))
		return false;
	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];

		if (employee_is_person_field(f) && !msg_has(f, &in->base))
			msg_copy_field(cx->arena, f, &known->base, &e->base);
	}
	employee_forget_derived(in, e);
	e->has_version = true; /* the person is there: stamped, not inserted */
	e->version = key->version;
	return true;
}

static bool take_person(struct ctx *cx, const Archive__Employee *in, Archive__Employee *e)
{
	if (in->person_id)
		return known_person(cx, in, e);
	e->person_id = new_id(cx);
	return true;
}

static Archive__Employee *hired_fact(struct ctx *cx, struct change *c)
{
	Archive__Employee *fact =
		change_fact(cx, c, ARCHIVE__FACT_KIND__FACT_KIND_HIRED, c->after->hire_date);
	const struct message_rule *rule = &RULE_ARCHIVE_EMPLOYEE;

	for (unsigned i = 0; i < rule->pb->n_fields; i++)
		if (rule->fields[i].dated)
			msg_copy_field(cx->arena, &rule->fields[i], &c->after->base, &fact->base);
	return fact;
}

static bool either(const struct field_rule *f)
{
	return f->dated || employee_is_person_field(f);
}

static bool emit_hired(struct ctx *cx, const struct change *c)
{
	Archive__EmployeeHired ev = ARCHIVE__EMPLOYEE_HIRED__INIT;

	msg_assign(&c->after->base, &ev.base);
	ev.employee_id = c->after->id;
	ev.effective_date = c->after->hire_date;
	ev.n_changes = employee_changes(cx, NULL, c->after, either, &ev.changes);
	return emit_archive_employee_hired(cx, &ev);
}

static bool check(struct ctx *cx, const Archive__Employee *e)
{
	if (e->effective_date && strcmp(e->effective_date, e->hire_date) != 0)
		fault_add(cx, "/effective_date", "MISMATCH", TEXT_EFFECTIVE_ON_HIRE);
	return fault_none(cx, &FAULT_VALIDATION_FAILED);
}

static bool begin(struct ctx *cx, const Archive__Employee *in, struct change *c)
{
	*c = (struct change){.after = (Archive__Employee *)msg_copy(cx->arena, &in->base)};
	c->after->id = new_id(cx);
	return check(cx, c->after) && take_person(cx, in, c->after) &&
	       employee_check_document(cx, c->after);
}

bool hire(struct ctx *cx, const Archive__Employee *in, struct change *c)
{
	return begin(cx, in, c) && change_check_places(cx, hired_fact(cx, c)) &&
	       change_commit(cx, c, emit_hired);
}

bool hire_newcomer(struct ctx *cx, const Archive__Employee *in, const Archive__EmployeeKey *stamp,
		   struct change *c)
{
	Archive__Employee *e = (Archive__Employee *)msg_copy(cx->arena, &in->base);

	*c = (struct change){.after = e,
			     .newcomer = arena_alloc(cx->arena, sizeof(struct newcomer)),
			     .goes_on = in->end_date != NULL};
	e->end_date = NULL;
	e->has_end_reason = false;
	e->id = new_id(cx);
	e->person_id = stamp->person_id;
	e->has_version = true;
	e->version = stamp->version;
	e->update_time = stamp->at_time;
	return check(cx, e) && employee_check_document(cx, e) && hired_fact(cx, c) &&
	       change_commit(cx, c, emit_hired);
}

bool hire_to_known_place(struct ctx *cx, const Archive__Employee *in, struct change *c)
{
	return begin(cx, in, c) && hired_fact(cx, c) && change_commit(cx, c, emit_hired);
}
