/* One cell into one field of the employee. */
#include <ctype.h>
#include "import.h"
#include "value.h"
#include "archive_texts.h"

static void tell(struct import_report *r, struct import_fault at, Archive__ImportFaultCode code)
{
	at.code = code;
	import_tell(r, at);
}

bool import_cell_spoiled(const struct sheet_cell *cell, const char *text, struct import_fault at,
			 struct import_report *report)
{
	static const struct {
		unsigned mark;
		Archive__ImportFaultCode code;
	} SPOILED[] = {
		{SHEET_MERGED, IMPORT_CODE(MERGED_CELL)},
		{SHEET_BAD_BYTES, IMPORT_CODE(BAD_BYTES)},
		{SHEET_ERROR, IMPORT_CODE(CELL_ERROR)},
		{SHEET_FORMULA, IMPORT_CODE(FORMULA)},
	};

	for (size_t i = 0; i < sizeof(SPOILED) / sizeof(*SPOILED); i++)
		if (cell->marks & SPOILED[i].mark) {
			tell(report, at, SPOILED[i].code);
			return true;
		}
	if (*text == '=')
		tell(report, at, IMPORT_CODE(FORMULA));
	return *text == '=';
}

/* Numbers and codes: what a spreadsheet or an input method made of them can't be mended safely. */
static bool is_number(const struct field_rule *f)
{
	return f->blind_index || f->format == FORMAT_CODE || f->format == FORMAT_MOBILE ||
	       f->format == FORMAT_EMAIL || f->format == FORMAT_UUID;
}

static bool number_spoiled(const struct sheet_cell *cell, const char *text, struct import_fault at,
			   struct import_report *report)
{
	if (cell->marks & SHEET_PRECISION || import_is_scientific(text))
		tell(report, at, IMPORT_CODE(PRECISION_LOST));
	else if (import_is_wide(text))
		tell(report, at, IMPORT_CODE(FULL_WIDTH));
	else
		return false;
	return true;
}

/* ---- enums ---- */

static const char *word_of(const struct field_rule *f, const char *text)
{
	for (size_t i = 0; i < N_IMPORT_WORDS; i++)
		if (!strcmp(IMPORT_WORDS[i].field, f->name) &&
		    !strcasecmp(IMPORT_WORDS[i].word, text))
			return IMPORT_WORDS[i].value;
	return NULL;
}

static bool says(const struct enum_label *l, const char *name, const char *text)
{
	return (l && ((l->zh && !strcmp(text, l->zh)) || (l->en && !strcasecmp(text, l->en)))) ||
	       !strcasecmp(text, name);
}

static const char *value_of(const struct field_rule *f, const char *text)
{
	const ProtobufCEnumDescriptor *d = f->pb->descriptor;

	for (unsigned i = 0; i < d->n_values; i++) {
		int number = d->values[i].value;

		if (number && says(enum_label(d, number), enum_name(d, number), text))
			return enum_name(d, number);
	}
	return word_of(f, text);
}

static const char *nearest_label(struct arena *a, const struct field_rule *f, const char *text)
{
	const ProtobufCEnumDescriptor *d = f->pb->descriptor;
	const char **labels = arena_alloc(a, (d->n_values + 1) * sizeof(*labels));
	size_t n = 0;

	for (unsigned i = 0; i < d->n_values; i++) {
		const struct enum_label *l = enum_label(d, d->values[i].value);

		if (l && l->zh)
			labels[n++] = l->zh;
	}
	return str_nearest(text, labels);
}

static void set_enum(struct arena *a, const struct field_rule *f, const char *text,
		     struct import_fault at, struct import_report *report, Archive__Employee *e)
{
	const char *plain = import_fold(a, text), *name = value_of(f, plain);

	if (name) {
		row_set(a, f, &e->base, name);
		return;
	}
	at.hint = nearest_label(a, f, plain);
	tell(report, at, IMPORT_CODE(VALUE_UNKNOWN));
}

/* ---- the others ---- */

static void set_date(struct arena *a, const struct import_column *c, const char *text,
		     struct import_fault at, struct import_report *report, Archive__Employee *e)
{
	char date[11];
	int64_t days;

	if (!import_date(a, text, date)) {
		tell(report, at, IMPORT_CODE(DATE));
		return;
	}
	if (c->field.use == IMPORT_LAST_DAY && date_parse(date, &days))
		date_format(days + 1, date);
	row_set(a, c->field.rule, &e->base, date);
}

static void set_text(struct arena *a, const struct field_rule *f, const char *text,
		     struct import_fault at, struct import_report *report, Archive__Employee *e)
{
	const char *normal = text, *code = value_check(a, f->format, text, &normal);

	if (code)
		tell(report, at, import_code(code));
	else if (!row_set(a, f, &e->base, normal))
		tell(report, at, IMPORT_CODE(INVALID));
}

void import_cell(struct arena *a, const struct import_column *c, const struct sheet_cell *cell,
		 struct import_fault at, struct import_report *report, Archive__Employee *e)
{
	const struct field_rule *f = c->field.rule;
	const char *text = import_trim(a, cell->text);

	if (import_cell_spoiled(cell, text, at, report) || !*text)
		return;
	if (f->pb->type == PROTOBUF_C_TYPE_ENUM)
		set_enum(a, f, text, at, report, e);
	else if (f->format == FORMAT_DATE)
		set_date(a, c, text, at, report, e);
	else if (!is_number(f) || !number_spoiled(cell, text, at, report))
		set_text(a, f, text, at, report, e);
}
