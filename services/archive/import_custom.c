/* One cell into the value of a field that the tenant declared. What the value must be beyond its
 * type is judged with the row, as a request's would be (typed_judge). */
#include <stdlib.h>
#include "import.h"
#include "json.h"
#include "archive_texts.h"

#define CHOICES_TOLD 20
#define MOST_DIGITS 16 /* of JSON_MAX_INT */

struct reading {
	struct arena *arena;
	const Renhe__CustomField *field;
	const struct sheet_cell *cell;
	const char *text; /* trimmed */
	const char *hint;
};

/* ---- a reader for each type: the value as typed_text has it, or what is wrong with the cell ----
 */

/* Numbers of cards stand in texts too. */
static Archive__ImportFaultCode read_text(struct reading *r, const char **out)
{
	if (r->cell->marks & SHEET_PRECISION || import_is_scientific(r->text))
		return IMPORT_CODE(PRECISION_LOST);
	*out = r->text;
	return 0;
}

static const char *no_fraction(struct arena *a, const char *digits)
{
	size_t n = strspn(digits, "0123456789");

	if (digits[n] == '.' && digits[n + 1] && !digits[n + 1 + strspn(digits + n + 1, "0")])
		return arena_strndup(a, digits, n);
	return digits[n] ? "" : digits;
}

const char *import_integer(struct arena *a, const char *s)
{
	const char *folded = import_fold(a, s), *plain = folded + (*folded == '\'');
	bool negative = *plain == '-';
	const char *digits = no_fraction(a, plain + (negative || *plain == '+'));

	while (digits[0] == '0' && digits[1])
		digits++;
	if (!*digits || strlen(digits) > MOST_DIGITS || strtoll(digits, NULL, 10) > JSON_MAX_INT)
		return NULL;
	return negative && *digits != '0' ? arena_printf(a, "-%s", digits) : digits;
}

static Archive__ImportFaultCode read_integer(struct reading *r, const char **out)
{
	if (r->cell->marks & SHEET_PRECISION || import_is_scientific(r->text))
		return IMPORT_CODE(PRECISION_LOST);
	*out = import_integer(r->arena, r->text);
	return *out ? 0 : IMPORT_CODE(INTEGER);
}

static Archive__ImportFaultCode read_date(struct reading *r, const char **out)
{
	char *day = arena_alloc(r->arena, 11);

	*out = day;
	return import_date(r->arena, r->text, day) ? 0 : IMPORT_CODE(DATE);
}

static const char *told_as(struct arena *a, const Renhe__CustomField *f, size_t i)
{
	return arena_printf(a, "%s (%s)", f->choice_zh[i], f->choice_codes[i]);
}

/* "中 (M), 大 (L)". */
static const char *all_choices(struct arena *a, const Renhe__CustomField *f)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < f->n_choice_codes && i < CHOICES_TOLD; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", told_as(a, f, i));
	if (f->n_choice_codes > CHOICES_TOLD)
		buf_puts(&b, ", ...");
	return b.n ? b.p : "";
}

static bool names_choice(const Renhe__CustomField *f, size_t i, const char *plain)
{
	return !strcasecmp(plain, f->choice_codes[i]) || !strcmp(plain, f->choice_zh[i]) ||
	       (*f->choice_en[i] && !strcasecmp(plain, f->choice_en[i]));
}

/* As a fault told it. */
static bool says_told(struct reading *r, size_t i)
{
	size_t n = strlen(r->text);

	return n && r->text[n - 1] == ')' && !strcmp(r->text, told_as(r->arena, r->field, i));
}

/* Names are not folded where they were declared, so both spellings of the cell are asked for. */
static Archive__ImportFaultCode read_choice(struct reading *r, const char **out)
{
	const Renhe__CustomField *f = r->field;
	const char *plain = import_fold(r->arena, r->text);

	for (size_t i = 0; i < f->n_choice_codes; i++)
		if (names_choice(f, i, r->text) || names_choice(f, i, plain) || says_told(r, i)) {
			*out = f->choice_codes[i];
			return 0;
		}
	r->hint = all_choices(r->arena, f);
	return IMPORT_CODE(CHOICE_UNKNOWN);
}

static Archive__ImportFaultCode read_flag(struct reading *r, const char **out)
{
	const char *plain = import_fold(r->arena, r->text);

	for (size_t i = 0; i < N_IMPORT_FLAGS; i++)
		if (!strcasecmp(plain, IMPORT_FLAGS[i].word)) {
			*out = IMPORT_FLAGS[i].value;
			return 0;
		}
	r->hint = arena_printf(r->arena, "%s, %s", TEXT_DEF_YES.zh, TEXT_DEF_NO.zh);
	return IMPORT_CODE(CHOICE_UNKNOWN);
}

static Archive__ImportFaultCode (*const READERS[])(struct reading *r, const char **out) = {
	[RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_TEXT] = read_text,
	[RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_INTEGER] = read_integer,
	[RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_DATE] = read_date,
	[RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_CHOICE] = read_choice,
	[RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_BOOLEAN] = read_flag,
};

/* ---- the cell ---- */

/* Its list has room for a value of each column (import_row_read). */
static void add(struct arena *a, const Renhe__CustomField *f, const char *value,
		Archive__Employee *e)
{
	e->custom_fields[e->n_custom_fields++] = typed_value(a, f, value);
}

void import_custom_cell(struct arena *a, const Renhe__CustomField *f, const struct sheet_cell *cell,
			struct import_fault at, struct import_report *report, Archive__Employee *e)
{
	struct reading r = {a, f, cell, import_trim(a, cell->text), NULL};
	const char *value;

	if (import_cell_spoiled(cell, r.text, at, report) || !*r.text)
		return;
	at.code = READERS[f->type](&r, &value);
	at.hint = r.hint;
	if (at.code)
		import_tell(report, at);
	else
		add(a, f, value, e);
}
