#include "employee.h"
#include "dated.h"
#include "value.h"
#include "archive_texts.h"

/* ---- ID document ---- */

static void document_fault(struct ctx *cx, const char *pointer, const char *code)
{
	fault_add(cx, pointer, code, value_explain(code, FORMAT_ID_DOCUMENT));
}

/* GB 11643-1999: digits 7 to 14 are the birth date, digit 17 is odd for men. */
static void take_birth_date(struct ctx *cx, Archive__Employee *e)
{
	const char *n = e->id_number;
	char *date = arena_printf(cx->arena, "%.4s-%.2s-%.2s", n + 6, n + 10, n + 12);

	if (e->birth_date && strcmp(e->birth_date, date) != 0)
		fault_add(cx, "/birth_date", "DOCUMENT_MISMATCH", TEXT_BIRTH_DATE_MISMATCH);
	e->birth_date = date;
}

static void take_sex(struct ctx *cx, Archive__Employee *e)
{
	Archive__Sex sex =
		(e->id_number[16] - '0') % 2 ? ARCHIVE__SEX__SEX_MALE : ARCHIVE__SEX__SEX_FEMALE;

	if (e->has_sex && e->sex != sex)
		fault_add(cx, "/sex", "DOCUMENT_MISMATCH", TEXT_SEX_MISMATCH);
	e->has_sex = true;
	e->sex = sex;
}

bool employee_check_document(struct ctx *cx, Archive__Employee *e)
{
	const char *normal, *code;

	if (e->id_number && !e->has_id_type)
		fault_add(cx, "/id_type", "REQUIRED", TEXT_ID_TYPE_MISSING);
	if (!e->id_number || !e->has_id_type || e->id_type != ARCHIVE__ID_TYPE__ID_TYPE_RESIDENT_ID)
		return fault_none(cx, &FAULT_VALIDATION_FAILED);
	code = value_check(cx->arena, FORMAT_ID_DOCUMENT, e->id_number, &normal);
	if (code) {
		document_fault(cx, "/id_number", code);
		return fault_none(cx, &FAULT_VALIDATION_FAILED);
	}
	e->id_number = arena_strdup(cx->arena, normal);
	take_birth_date(cx, e);
	take_sex(cx, e);
	return fault_none(cx, &FAULT_VALIDATION_FAILED);
}

void employee_forget_derived(const Archive__Employee *in, Archive__Employee *e)
{
	if (!in->id_number || !e->has_id_type ||
	    e->id_type != ARCHIVE__ID_TYPE__ID_TYPE_RESIDENT_ID)
		return;
	if (!in->birth_date)
		e->birth_date = NULL;
	if (!in->has_sex)
		e->has_sex = false;
}

/* ---- spans ---- */

bool employee_check_span(struct ctx *cx, const Archive__Employee *now, const char *date)
{
	if (now->state == ARCHIVE__EMPLOYEE_STATE__EMPLOYEE_STATE_ANNULLED)
		return fail(cx, &FAULT_EMPLOYEE_ANNULLED, NULL);
	if (strcmp(date, now->hire_date) < 0)
		return fail(cx, &FAULT_EFFECTIVE_DATE_BEFORE_HIRE, "effective_date");
	if (now->end_date && strcmp(date, now->end_date) >= 0)
		return fail(cx, &FAULT_EMPLOYEE_NOT_ACTIVE, "effective_date");
	return true;
}

/* ---- which field is what ---- */

static bool one_of(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

bool employee_is_person_field(const struct field_rule *f)
{
	static const char *const head[] = {"person_id", "employee_number", "hire_date",
					   "effective_date", NULL};

	return !f->dated && !f->output_only && !f->internal && !f->typed_map && !one_of(f->name, head);
}

bool employee_is_slice_field(const struct field_rule *f)
{
	static const char *const repeated[] = {"valid_from", "valid_to", "employee_number",
					       "hire_date",  "end_date", "end_reason",
					       "state",	     NULL};

	return f->dated || one_of(f->name, repeated);
}

bool employee_has_dated(const Archive__Employee *change, const char *const *cleared)
{
	const struct message_rule *rule = &RULE_ARCHIVE_EMPLOYEE;

	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];

		if (f->dated && (msg_has(f, &change->base) || one_of(f->name, cleared)))
			return true;
	}
	return false;
}

/* ---- changes for events ---- */

static Archive__FieldChange *change_of(struct ctx *cx, const struct field_rule *f, const char *old,
				       const char *new)
{
	Archive__FieldChange *c =
		(Archive__FieldChange *)msg_new(cx->arena, &RULE_ARCHIVE_FIELD_CHANGE);
	bool open = f->dated && f->field_class == 0; /* names and contacts stay inside */

	c->field = arena_strdup(cx->arena, f->name);
	c->old_value = old && open ? arena_strdup(cx->arena, old) : NULL;
	c->new_value = new &&open ? arena_strdup(cx->arena, new) : NULL;
	return c;
}

size_t employee_changes(struct ctx *cx, const Archive__Employee *before,
			const Archive__Employee *after, bool (*which)(const struct field_rule *f),
			Archive__FieldChange ***out)
{
	const struct message_rule *rule = &RULE_ARCHIVE_EMPLOYEE;
	size_t n = 0;

	*out = arena_alloc(cx->arena, rule->pb->n_fields * sizeof(**out));
	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];
		const char *old, *new;

		if (!which(f))
			continue;
		old = before ? row_param(cx->arena, f, &before->base) : NULL;
		new = row_param(cx->arena, f, &after->base);
		if ((!old != !new) || (old && strcmp(old, new) != 0))
			(*out)[n++] = change_of(cx, f, old, new);
	}
	return n;
}
