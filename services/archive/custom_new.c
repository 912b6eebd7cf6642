/* Values of employments that are new, of many people at once: a file. */
#include "custom.h"
#include <stdlib.h>
#include "audit.h"
#include "db.h"
#include "seal.h"
#include "search.h"

static char **texts(struct ctx *cx, size_t n)
{
	return arena_alloc(cx->arena, (n + 1) * sizeof(char *));
}

void custom_begin(struct ctx *cx, const struct typed_fields *f, size_t room, struct custom_batch *b)
{
	Archive__EmployeeCustomBatch *rows = (Archive__EmployeeCustomBatch *)msg_new(
		cx->arena, &RULE_ARCHIVE_EMPLOYEE_CUSTOM_BATCH);

	rows->employee_ids = texts(cx, room);
	rows->person_ids = texts(cx, room);
	rows->field_ids = texts(cx, room);
	rows->plains = texts(cx, room);
	rows->seals = texts(cx, room);
	rows->int_values = texts(cx, room);
	rows->date_values = texts(cx, room);
	*b = (struct custom_batch){f, rows, room};
}

/* An item of a list; what isn't there is empty. */
static char *item(struct ctx *cx, const char *text)
{
	return arena_strdup(cx->arena, text ? text : "");
}

static void add_row(struct ctx *cx, Archive__EmployeeCustomBatch *to,
		    const Archive__EmployeeCustomRow *row)
{
	to->employee_ids[to->n_employee_ids++] = row->employee_id;
	to->person_ids[to->n_person_ids++] = row->person_id;
	to->field_ids[to->n_field_ids++] = row->field_id;
	to->plains[to->n_plains++] = item(cx, row->plain);
	to->seals[to->n_seals++] = item(cx, row->sealed);
	to->int_values[to->n_int_values++] =
		row->has_int_value ? arena_printf(cx->arena, "%lld", (long long)row->int_value)
				   : item(cx, NULL);
	to->date_values[to->n_date_values++] = item(cx, row->date_value);
}

/* Under the person's key, as a row by itself would be. */
static bool seal(struct ctx *cx, Archive__EmployeeCustomRow *row)
{
	const struct field_rule *f = rule_field(&RULE_ARCHIVE_EMPLOYEE_CUSTOM_ROW, "sealed");
	const char *sealed;

	if (!row->sealed)
		return true;
	if (!seal_value(cx, f->seal, row->person_id, row->sealed, &sealed))
		return false;
	row->sealed = arena_strdup(cx->arena, sealed);
	return true;
}

static bool add_one(struct ctx *cx, struct custom_batch *b, const Archive__Employee *of,
		    const Renhe__TypedValue *v, struct buf *line)
{
	const Renhe__CustomField *f = typed_field(b->fields, v->key);
	const char *text = typed_text(cx->arena, v);
	Archive__EmployeeCustomRow row = ARCHIVE__EMPLOYEE_CUSTOM_ROW__INIT;

	if (b->rows->n_field_ids == b->room)
		abort();
	row.employee_id = of->id;
	row.person_id = of->person_id;
	row.field_id = f->id;
	custom_note(line, f, NULL, text);
	custom_take(f, v, text, &row);
	if (!seal(cx, &row))
		return false;
	add_row(cx, b->rows, &row);
	return true;
}

bool custom_add(struct ctx *cx, struct custom_batch *b, const Archive__Employee *in,
		const Archive__Employee *of)
{
	struct buf line;

	buf_init(&line, cx->arena);
	for (size_t i = 0; i < in->n_custom_fields; i++)
		if (!add_one(cx, b, of, in->custom_fields[i], &line))
			return false;
	return !line.n || audit_put(cx, "employee.custom_fields", "employee", of->id, line.p, "ok");
}

bool custom_put(struct ctx *cx, const struct custom_batch *b)
{
	return !b->rows->n_field_ids || (db_exec(cx, &Q_EMPLOYEE_CUSTOM_PUT_NEW, b->rows, NULL) &&
					 search_put_new_values(cx, b->fields, b->rows));
}
