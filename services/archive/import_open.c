/* From the bytes of a file to its sheet and plan. */
#include "import_answer.h"
#include "import_job.h"
#include "policy.h"

#define MOST_INFLATED ((size_t)256 << 20)

static Archive__ImportKind wished_kind(const Archive__ImportRecord *r)
{
	return r->has_asked_kind ? r->asked_kind : ARCHIVE__IMPORT_KIND__IMPORT_KIND_UNSPECIFIED;
}

static bool refuse_file(struct import_report *report, const char *code)
{
	import_tell(report,
		    (struct import_fault){.line = 1, .column = -1, .code = import_code(code)});
	return false;
}

#define SHEETS_LOOKED_AT 20

/* The first whose header is understood: instructions often stand before it. */
static const char *likely_sheet(struct arena *a, const struct sheet *sheets, size_t n,
				const struct import_wish *wish)
{
	for (size_t i = 0; i < n && i < SHEETS_LOOKED_AT; i++) {
		struct import_report scratch = {.arena = a};
		struct import_plan plan;

		if (import_plan(a, &sheets[i], wish, &scratch, &plan))
			return sheets[i].name;
	}
	return sheets[0].name;
}

static bool pick_sheet(struct arena *a, struct import_run *run, const struct sheet *sheets,
		       size_t n, const struct import_wish *wish, struct import_report *report)
{
	const char *name = run->record->sheet;

	if (!n)
		return refuse_file(report, "NO_ROWS");
	if (!name)
		name = likely_sheet(a, sheets, n, wish);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(sheets[i].name, name)) {
			run->sheet = sheets[i];
			return true;
		}
	return refuse_file(report, "SHEET_UNKNOWN");
}

uint32_t import_forbidden(const struct ctx *cx, const struct permission *p)
{
	uint32_t forbidden = 0;

	for (unsigned c = 1; c < 32; c++)
		if (policy_judge(cx, p, &RULE_ARCHIVE_EMPLOYEE, NULL, 1u << c) != POLICY_ALLOWS)
			forbidden |= 1u << c;
	return forbidden;
}

bool import_wish(struct ctx *cx, const Archive__ImportRecord *r, struct import_wish *out)
{
	*out = (struct import_wish){.kind = wished_kind(r),
				    .mapping = r->mapping,
				    .forbidden = import_forbidden(cx, &PERMISSION_EMPLOYEE_IMPORT)};
	return custom_fields(cx, &out->declared);
}

static bool is_blank(const struct sheet_row *r, const struct import_plan *p)
{
	for (unsigned i = 0; i < r->n; i++)
		if ((i >= p->n || p->columns[i].field.rule) && r->cells[i].text[0])
			return false;
	return true;
}

/* Rows that say nothing but in columns that nobody reads, as a running number that was filled in beforehand. */
static void drop_blank(struct sheet *s, const struct import_plan *p)
{
	size_t kept = p->first;

	for (size_t i = p->first; i < s->n; i++)
		if (!is_blank(&s->rows[i], p))
			s->rows[kept++] = s->rows[i];
	if (p->first < s->n)
		s->n = kept;
}

bool import_open(struct arena *a, struct str bytes, const struct import_wish *wish,
		 struct import_run *run, struct import_report *report)
{
	static const struct sheet_limits limits = {IMPORT_MAX_ROWS + 20, IMPORT_MAX_COLUMNS,
						   MOST_INFLATED};
	struct sheet *sheets;
	size_t n;
	const char *code = sheet_read(a, bytes, &limits, &sheets, &n);

	if (code)
		return refuse_file(report, code);
	if (!pick_sheet(a, run, sheets, n, wish, report) ||
	    !import_plan(a, &run->sheet, wish, report, &run->plan))
		return false;
	drop_blank(&run->sheet, &run->plan);
	if (run->sheet.n - run->plan.first > IMPORT_MAX_ROWS)
		return refuse_file(report, "SHEET_TOO_LARGE");
	run->numbers = import_keys(a, &run->plan, &run->sheet, "employee_number");
	run->documents = import_keys(a, &run->plan, &run->sheet, "id_number");
	return true;
}

/* ---- what its columns said before ---- */

static bool says_other(const char *was, const struct import_column *c, bool goes_on)
{
	const char *now = c->field.rule ? c->field.name : NULL;

	if (!was || !now)
		return was || (now && goes_on);
	return strcmp(was, now) != 0;
}

static void tell_changed(struct import_report *report, const struct import_plan *p, int column)
{
	import_tell(report, (struct import_fault){.line = p->header_line,
						  .column = column,
						  .code = IMPORT_CODE(COLUMN_CHANGED)});
}

bool import_compare(struct ctx *cx, const struct import_run *run, struct import_report *report,
		    bool *fit)
{
	Archive__ImportResult *was =
		(Archive__ImportResult *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_RESULT);
	const struct import_plan *p = &run->plan;
	bool goes_on = run->record->done_line > 0;
	size_t before = report->n;

	if (!import_columns(cx, run->record, was))
		return false;
	for (unsigned i = 0; i < p->n && i < was->n_columns; i++)
		if (says_other(was->columns[i]->field, &p->columns[i], goes_on))
			tell_changed(report, p, (int)i);
	if (was->n_columns && was->n_columns != p->n)
		tell_changed(report, p, -1);
	*fit = *fit && report->n == before;
	return *fit || !goes_on || fail(cx, &FAULT_IMPORT_FIELDS_CHANGED, NULL);
}
