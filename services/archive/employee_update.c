/* PATCH of an employee: fields of the person at once, dated fields as a fact. */
#include "custom.h"
#include "employee.h"
#include "employee_change.h"
#include "request.h"
#include "row_list.h"
#include "archive_texts.h"

static bool named(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

static bool head_check(struct ctx *cx, const Archive__Employee *now, const Archive__Employee *in,
		       const char *const *cleared)
{
	static const char *const required[] = {"name",	    "employee_number", "hire_date",
					       "person_id", "org_unit_id",     "employment_type"};

	for (size_t i = 0; i < sizeof(required) / sizeof(*required); i++)
		if (named(required[i], cleared))
			fault_add(cx, arena_printf(cx->arena, "/%s", required[i]), "REQUIRED",
				  TEXT_FIELD_KEPT);
	if (!fault_none(cx, &FAULT_VALIDATION_FAILED))
		return false;
	if (now->state == ARCHIVE__EMPLOYEE_STATE__EMPLOYEE_STATE_ANNULLED)
		return fail(cx, &FAULT_EMPLOYEE_ANNULLED, NULL);
	if (in->hire_date && strcmp(in->hire_date, now->hire_date) != 0)
		return fail(cx, &FAULT_HIRE_DATE_FIXED, "hire_date");
	if (in->person_id && strcmp(in->person_id, now->person_id) != 0)
		return fail(cx, &FAULT_BAD_REQUEST, "person_id");
	return true;
}

/* The person's fields and the number of the request over what is known. */
static void overlay(struct ctx *cx, const Archive__Employee *in, const char *const *cleared,
		    Archive__Employee *after)
{
	const struct message_rule *rule = &RULE_ARCHIVE_EMPLOYEE;

	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];

		if (!employee_is_person_field(f) && strcmp(f->name, "employee_number") != 0)
			continue;
		if (msg_has(f, &in->base))
			msg_copy_field(cx->arena, f, &in->base, &after->base);
		else if (named(f->name, cleared))
			msg_clear(f, &after->base);
	}
}

static void dated_part(struct ctx *cx, const Archive__Employee *in, const char *const *cleared,
		       struct change *c)
{
	const struct message_rule *rule = &RULE_ARCHIVE_EMPLOYEE;
	const char **names = arena_alloc(cx->arena, rule->pb->n_fields * sizeof(*names));
	size_t n = 0;

	change_fact(cx, c, ARCHIVE__FACT_KIND__FACT_KIND_CHANGED, in->effective_date);
	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];

		if (!f->dated)
			continue;
		msg_copy_field(cx->arena, f, &in->base, &c->fact->base);
		if (named(f->name, cleared))
			names[n++] = f->name;
	}
	msg_set_list(rule, &c->fact->base, "cleared_fields", names, n);
}

static bool record_dated(struct ctx *cx, const Archive__Employee *in, const char *const *cleared,
			 struct change *c)
{
	if (!employee_has_dated(in, cleared))
		return true;
	if (!in->effective_date)
		return fail(cx, &FAULT_EFFECTIVE_DATE_REQUIRED, "effective_date");
	if (!employee_check_span(cx, c->before, in->effective_date))
		return false;
	dated_part(cx, in, cleared, c);
	return change_check_places(cx, c->fact);
}

static bool person_or_number(const struct field_rule *f)
{
	return employee_is_person_field(f) || !strcmp(f->name, "employee_number");
}

static bool dated_field(const struct field_rule *f)
{
	return f->dated;
}

static void add_changes(Archive__EmployeeChanged *ev, Archive__FieldChange **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ev->changes[ev->n_changes++] = list[i];
}

static void clear_named(const Archive__Employee *fact, Archive__Employee *e)
{
	for (size_t i = 0; i < fact->n_cleared_fields; i++)
		msg_clear(rule_field(&RULE_ARCHIVE_EMPLOYEE, fact->cleared_fields[i]), &e->base);
}

static bool emit_changed(struct ctx *cx, const struct change *c)
{
	Archive__EmployeeChanged ev = ARCHIVE__EMPLOYEE_CHANGED__INIT;
	Archive__FieldChange **list;
	Archive__Employee *dated = (Archive__Employee *)msg_copy(cx->arena, &c->before->base);
	size_t n;

	ev.person_id = c->after->person_id;
	ev.employee_id = c->after->id;
	ev.effective_date = c->fact ? c->fact->effective_date : NULL;
	ev.changes = arena_alloc(cx->arena,
				 2 * RULE_ARCHIVE_EMPLOYEE.pb->n_fields * sizeof(*ev.changes));
	n = employee_changes(cx, c->before, c->after, person_or_number, &list);
	add_changes(&ev, list, n);
	if (c->fact) {
		msg_merge(&c->fact->base, &dated->base);
		clear_named(c->fact, dated);
		n = employee_changes(cx, c->before, dated, dated_field, &list);
		add_changes(&ev, list, n);
	}
	return emit_archive_employee_changed(cx, &ev);
}

bool archive_update_employee(struct ctx *cx, const Archive__Employee *in, Archive__Employee *out)
{
	const char *const *cleared = request_cleared(cx);
	struct custom custom;
	struct change c;

	if (!custom_open(cx, in, false, &custom) ||
	    !change_begin(cx, in->id, in->effective_date, &c))
		return false;
	custom_judge(cx, &custom, false);
	if (!head_check(cx, c.before, in, cleared))
		return false;
	overlay(cx, in, cleared, c.after);
	employee_forget_derived(in, c.after);
	return employee_check_document(cx, c.after) && record_dated(cx, in, cleared, &c) &&
	       change_commit(cx, &c, emit_changed) && custom_write(cx, &custom, c.after) &&
	       change_answer(cx, &c, out);
}
