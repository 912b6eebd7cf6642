#include "custom.h"
#include <stdlib.h>
#include "audit.h"
#include "request.h"
#include "row_list.h"
#include "search.h"

#define MAP "custom_fields"

static bool cleared(struct ctx *cx)
{
	for (const char *const *name = request_cleared(cx); *name; name++)
		if (!strcmp(*name, MAP))
			return true;
	return false;
}

bool custom_open(struct ctx *cx, const Archive__Employee *in, bool is_new, struct custom *c)
{
	*c = (struct custom){.in = in, .empties = cleared(cx)};
	if (!is_new && !in->n_custom_fields && !c->empties)
		return true;
	if (!custom_hold(cx, &c->fields))
		return false;
	typed_classify(&c->fields, in->custom_fields, in->n_custom_fields);
	return true;
}

/* Null for the whole map would remove what is required too. */
void custom_judge(struct ctx *cx, const struct custom *c, bool is_new)
{
	typed_judge(cx, &c->fields, MAP, c->in->custom_fields, c->in->n_custom_fields);
	if (is_new || c->empties)
		typed_require(cx, &c->fields, MAP, c->in->custom_fields, c->in->n_custom_fields);
}

/* ---- rows ---- */

static Archive__EmployeeCustomRow *row_new(struct ctx *cx)
{
	return (Archive__EmployeeCustomRow *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE_CUSTOM_ROW);
}

static bool rows_of(struct ctx *cx, Archive__Employee *const *items, size_t n,
		    struct msg_list *rows)
{
	Archive__EmployeeCustomRow *asked = row_new(cx);

	asked->ids = arena_alloc(cx->arena, n * sizeof(*asked->ids));
	for (size_t i = 0; i < n; i++)
		asked->ids[asked->n_ids++] = items[i]->id;
	return db_many(cx, &Q_EMPLOYEE_CUSTOM_LIST, asked, rows);
}

static const Archive__EmployeeCustomRow *row_at(const struct msg_list *rows, size_t i)
{
	return (const Archive__EmployeeCustomRow *)rows->items[i];
}

/* Of an employee; rows come in the order of employees. */
static size_t first_row(const struct msg_list *rows, const char *employee_id)
{
	size_t low = 0, high = rows->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(row_at(rows, middle)->employee_id, employee_id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const char *held(const struct msg_list *rows, const char *employee_id, const char *field_id)
{
	for (size_t i = first_row(rows, employee_id);
	     i < rows->n && !strcmp(row_at(rows, i)->employee_id, employee_id); i++)
		if (!strcmp(row_at(rows, i)->field_id, field_id))
			return row_at(rows, i)->sealed ? row_at(rows, i)->sealed
						       : row_at(rows, i)->plain;
	return NULL;
}

struct reading {
	struct typed_fields fields;
	struct msg_list rows;
};

static bool declared(struct ctx *cx, const struct query *q, struct typed_fields *out)
{
	struct msg_list rows;

	if (!db_many(cx, q, NULL, &rows))
		return false;
	*out = (struct typed_fields){(Renhe__CustomField **)rows.items, rows.n};
	return true;
}

bool custom_fields(struct ctx *cx, struct typed_fields *out)
{
	return declared(cx, &Q_EMPLOYEE_FIELD_LIST, out);
}

bool custom_hold(struct ctx *cx, struct typed_fields *out)
{
	return declared(cx, &Q_EMPLOYEE_FIELD_HOLD, out);
}

static bool read_begin(struct ctx *cx, Archive__Employee **items, size_t n, struct reading *r)
{
	return custom_fields(cx, &r->fields) && rows_of(cx, items, n, &r->rows);
}

static void fill(struct ctx *cx, const struct reading *r, bool retired, Archive__Employee *e)
{
	const struct typed_fields *f = &r->fields;

	e->custom_fields = arena_alloc(cx->arena, (f->n + 1) * sizeof(*e->custom_fields));
	for (size_t i = 0; i < f->n; i++)
		if (retired || typed_field(f, f->items[i]->key))
			e->custom_fields[e->n_custom_fields++] = typed_value(
				cx->arena, f->items[i], held(&r->rows, e->id, f->items[i]->id));
}

bool custom_read(struct ctx *cx, Archive__Employee **items, size_t n)
{
	struct reading r;

	if (!n || !items[0]->customised)
		return true;
	if (!read_begin(cx, items, n, &r))
		return false;
	for (size_t i = 0; i < n; i++)
		fill(cx, &r, false, items[i]);
	return true;
}

bool custom_read_all(struct ctx *cx, Archive__Employee *e)
{
	struct reading r;

	if (!read_begin(cx, &e, 1, &r))
		return false;
	fill(cx, &r, true, e);
	return true;
}

/* ---- writing ---- */

void custom_take(const Renhe__CustomField *f, const Renhe__TypedValue *v, const char *text,
		 Archive__EmployeeCustomRow *row)
{
	char *value = (char *)(uintptr_t)text;

	if (typed_class(f)) {
		row->sealed = value;
		return;
	}
	row->plain = value;
	row->has_int_value = v->has_integer;
	row->int_value = v->integer;
	if (f->type == RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_DATE)
		row->date_value = value;
}

struct writing {
	const struct custom *c;
	const Archive__Employee *of;
	struct msg_list before;
	struct buf audit;
};

void custom_note(struct buf *line, const Renhe__CustomField *f, const char *old, const char *new)
{
	buf_printf(line, "%s%s", line->n ? "; " : "", f->key);
	if (!typed_class(f))
		buf_printf(line, ": %s -> %s", old ? old : "", new ? new : "");
}

static bool write_one(struct ctx *cx, struct writing *w, const Renhe__TypedValue *v)
{
	const Renhe__CustomField *f = typed_field(&w->c->fields, v->key);
	const char *old = held(&w->before, w->of->id, f->id);
	const char *new = v->removed ? NULL : typed_text(cx->arena, v);
	Archive__EmployeeCustomRow *row = row_new(cx);

	if (!old == !new && (!old || !strcmp(old, new)))
		return true;
	row->employee_id = w->of->id;
	row->person_id = w->of->person_id;
	row->field_id = f->id;
	custom_note(&w->audit, f, old, new);
	if (!new)
		return db_exec(cx, &Q_EMPLOYEE_CUSTOM_DROP, row, NULL);
	custom_take(f, v, new, row);
	return db_exec(cx, &Q_EMPLOYEE_CUSTOM_PUT, row, NULL) && search_put_value(cx, f, row);
}

static bool empty(struct ctx *cx, struct writing *w)
{
	const struct typed_fields *f = &w->c->fields;

	for (size_t i = 0; i < f->n; i++) {
		Renhe__TypedValue gone = RENHE__TYPED_VALUE__INIT;

		gone.key = f->items[i]->key;
		gone.removed = true;
		if (typed_field(f, gone.key) && !write_one(cx, w, &gone))
			return false;
	}
	return true;
}

bool custom_write(struct ctx *cx, const struct custom *c, const Archive__Employee *of)
{
	Archive__Employee *one[] = {(Archive__Employee *)(uintptr_t)of};
	struct writing w = {.c = c, .of = of};

	if (!c->in->n_custom_fields && !c->empties)
		return true;
	buf_init(&w.audit, cx->arena);
	if (!rows_of(cx, one, 1, &w.before) || (c->empties && !empty(cx, &w)))
		return false;
	for (size_t i = 0; i < c->in->n_custom_fields; i++)
		if (!write_one(cx, &w, c->in->custom_fields[i]))
			return false;
	return !w.audit.n ||
	       audit_put(cx, "employee.custom_fields", "employee", of->id, w.audit.p, "ok");
}
