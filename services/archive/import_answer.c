#include "import_answer.h"
#include "db.h"
#include "json.h"
#include "row_list.h"
#include "archive_texts.h"

#define LETTERS 26

bool import_read(struct ctx *cx, const char *id, Archive__ImportRecord **out)
{
	Archive__ImportRecord *r =
		(Archive__ImportRecord *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_RECORD);

	*out = r;
	r->id = arena_strdup(cx->arena, id);
	return db_one(cx, &Q_IMPORT_GET, r, r);
}

/* ---- faults ---- */

static struct text hint_of(const Archive__ImportFaultRow *f)
{
	switch (f->code) {
	case IMPORT_CODE(CHOICE_UNKNOWN):
		return TEXT_CHOICES(f->hint);
	case IMPORT_CODE(COLUMN_DOUBLE):
		return TEXT_SAME_AS(f->hint);
	default:
		return TEXT_NEAREST(f->hint);
	}
}

char *import_detail(struct ctx *cx, const Archive__ImportFaultRow *f)
{
	const struct enum_label *l =
		enum_label(&archive__import_fault_code__descriptor, (int)f->code);
	struct buf b;

	buf_init(&b, cx->arena);
	buf_puts(&b, l ? text_choose(cx, l->zh, l->en) : "");
	if (f->has_related_line)
		buf_puts(&b, text_say(cx, TEXT_RELATED_ROW(f->related_line)));
	if (f->hint)
		buf_puts(&b, text_say(cx, hint_of(f)));
	return b.p;
}

/* A, B .. Z, AA: as spreadsheets call their columns. */
static char *letters(struct arena *a, int64_t index)
{
	char text[8], *p = text + sizeof(text);

	*--p = '\0';
	for (index++; index > 0 && p > text; index = (index - 1) / LETTERS)
		*--p = (char)('A' + (index - 1) % LETTERS);
	return arena_strdup(a, p);
}

char *import_fault_column(struct ctx *cx, const Archive__ImportResult *r,
			  const Archive__ImportFaultRow *f)
{
	if (!f->has_column_index)
		return f->column_name;
	if (f->column_index < (int64_t)r->n_columns && r->columns[f->column_index]->header &&
	    *r->columns[f->column_index]->header)
		return r->columns[f->column_index]->header;
	return letters(cx->arena, f->column_index);
}

static Archive__ImportFault *fault_of(struct ctx *cx, const Archive__ImportResult *r,
				      const Archive__ImportFaultRow *f)
{
	Archive__ImportFault *out =
		(Archive__ImportFault *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_FAULT);

	out->has_row = out->has_code = true;
	out->row = (int32_t)f->line;
	out->column = import_fault_column(cx, r, f);
	out->code = f->code;
	out->detail = import_detail(cx, f);
	out->has_related_row = f->has_related_line;
	out->related_row = (int32_t)f->related_line;
	out->hint = f->hint;
	return out;
}

static bool add_faults(struct ctx *cx, const Archive__ImportRecord *r, Archive__ImportResult *into)
{
	struct msg_list rows;

	if (!r->fault_count)
		return true;
	if (!db_many(cx, &Q_IMPORT_FAULTS, r, &rows))
		return false;
	into->faults = arena_alloc(cx->arena, (rows.n + 1) * sizeof(*into->faults));
	for (size_t i = 0; i < rows.n; i++)
		into->faults[into->n_faults++] =
			fault_of(cx, into, (const Archive__ImportFaultRow *)rows.items[i]);
	return true;
}

/* ---- the whole ---- */

bool import_columns(struct ctx *cx, const Archive__ImportRecord *r, Archive__ImportResult *into)
{
	ProtobufCMessage *stored;
	const Archive__ImportResult *found;

	if (!r->columns)
		return true;
	if (!json_decode_stored(cx, &RULE_ARCHIVE_IMPORT_RESULT, str_of(r->columns), &stored))
		return false;
	found = (const Archive__ImportResult *)stored;
	into->n_columns = found->n_columns;
	into->columns = found->columns;
	return true;
}

static void add_error(struct ctx *cx, const char *problem, Archive__EmployeeImport *out)
{
	struct json_doc *d = problem ? json_parse(cx->arena, str_of(problem)) : NULL;
	const char *code = d ? json_get_str(d, "code") : NULL,
		   *title = d ? json_get_str(d, "title") : NULL;

	if (!d)
		return;
	out->error_code = arena_strdup(cx->arena, code ? code : "INTERNAL");
	out->error_detail = arena_strdup(cx->arena, title ? title : "");
	json_done(d);
}

bool import_answer(struct ctx *cx, const Archive__ImportRecord *r, Archive__EmployeeImport *out)
{
	bool begun = r->rows || r->fault_count || r->columns;

	msg_assign(&r->base, &out->base);
	out->progress =
		(Archive__ImportProgress *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_PROGRESS);
	msg_assign(&r->base, &out->progress->base);
	add_error(cx, r->error, out);
	if (!begun)
		return true;
	out->result = (Archive__ImportResult *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_RESULT);
	msg_assign(&r->base, &out->result->base);
	out->result->n_columns = 0;
	return import_columns(cx, r, out->result) && add_faults(cx, r, out->result);
}
