#include "sheet.h"
#include "sheet_internal.h"

/* Of the arena: what one file may cost, whatever its cells are. */
#define MEMORY_MOST ((size_t)512 << 20)
/* Of all cells as a reader sees them: a text of 100 kB that 15,000 cells share is 1.5 GB there. */
#define TEXT_MOST ((size_t)64 << 20)

bool sheet_fault(struct sheet_budget *b, const char *code)
{
	if (!b->code)
		b->code = code;
	return false;
}

bool sheet_afford(struct sheet_budget *b)
{
	return arena_used(b->arena) - b->used_at_start <= MEMORY_MOST ||
	       sheet_fault(b, "SHEET_TOO_LARGE");
}

bool sheet_afford_row(struct sheet_budget *b, const struct sheet_row *row)
{
	for (unsigned i = 0; i < row->n; i++)
		b->text += strlen(row->cells[i].text);
	return b->text <= TEXT_MOST ? sheet_afford(b) : sheet_fault(b, "SHEET_TOO_LARGE");
}

/* The format before 2007, and what a password makes of the one after: both are OLE files, and the
 * latter names its stream so, in UTF-16. */
static const char *ole_code(struct str file)
{
	static const char STREAM[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";

	return memmem(file.p, file.n, STREAM, sizeof(STREAM)) ? "SHEET_ENCRYPTED" : "SHEET_OLD_XLS";
}

static bool begins(struct str file, const char *with, size_t n)
{
	return file.n >= n && !memcmp(file.p, with, n);
}

const char *sheet_read(struct arena *a, struct str file, const struct sheet_limits *limits,
		       struct sheet **out, size_t *n)
{
	struct sheet_budget b = {.limits = limits, .arena = a, .used_at_start = arena_used(a)};
	struct sheet *sheets = NULL;
	size_t found = 0;

	if (begins(file, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8))
		return ole_code(file);
	if (begins(file, "PK\3\4", 4) ? sheet_read_xlsx(&b, file, &sheets, &found)
				      : sheet_read_csv(&b, file, &sheets, &found)) {
		*out = sheets;
		*n = found;
	}
	return b.code;
}
