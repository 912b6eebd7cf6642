/* From the bytes of a file to its sheet and plan. */
#include "import_job.h"

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

static bool pick_sheet(struct import_run *run, const struct sheet *sheets, size_t n,
		       struct import_report *report)
{
	const char *name = run->record->sheet;

	if (!n)
		return refuse_file(report, "NO_ROWS");
	for (size_t i = 0; i < n; i++)
		if (!name || !strcmp(sheets[i].name, name)) {
			run->sheet = sheets[i];
			return true;
		}
	return refuse_file(report, "SHEET_UNKNOWN");
}

bool import_open(struct arena *a, struct str bytes, struct import_run *run,
		 struct import_report *report)
{
	static const struct sheet_limits limits = {IMPORT_MAX_ROWS + 20, IMPORT_MAX_COLUMNS,
						   MOST_INFLATED};
	const struct import_wish wish = {wished_kind(run->record), run->record->mapping};
	struct sheet *sheets;
	size_t n;
	const char *code = sheet_read(a, bytes, &limits, &sheets, &n);

	if (code)
		return refuse_file(report, code);
	if (!pick_sheet(run, sheets, n, report) ||
	    !import_plan(a, &run->sheet, &wish, report, &run->plan))
		return false;
	if (run->sheet.n - run->plan.first > IMPORT_MAX_ROWS)
		return refuse_file(report, "SHEET_TOO_LARGE");
	run->numbers = import_keys(a, &run->plan, &run->sheet, "employee_number");
	run->documents = import_keys(a, &run->plan, &run->sheet, "id_number");
	return true;
}
