/* Spreadsheets. The first byte chooses: the file as it is (zip or csv), or the rest as the XML of one part of a good
 * workbook, which is reached behind checksums only so. What must hold: nothing is read or written out
 * of bounds; a file that is taken has texts of valid UTF-8, rows with text, lines that rise, and no
 * more than the limits; the same file is read the same again. */
#include "fuzz.h"
#include "sheet.h"
#include "value.h"
#include "xlsx_build.h"

static const struct sheet_limits LIMITS = {200, 40, (size_t)1 << 20};

static void check_row(const struct sheet_row *row, int before)
{
	bool has_text = false, covered = false;

	demand(row->line > before && row->n <= LIMITS.columns);
	for (unsigned i = 0; i < row->n; i++) {
		const struct sheet_cell *c = &row->cells[i];

		demand(utf8_valid(c->text, strlen(c->text)));
		has_text |= *c->text != '\0';
		covered |= (c->marks & SHEET_MERGED) != 0;
	}
	demand(has_text || covered);
}

static void check(const struct sheet *s)
{
	demand(s->n > 0 && s->n <= LIMITS.rows);
	for (size_t i = 0; i < s->n; i++)
		check_row(&s->rows[i], i ? s->rows[i - 1].line : 0);
}

static struct str file_of(struct arena *a, const uint8_t *data, size_t size)
{
	static const char *const PARTS[] = {"xl/worksheets/sheet1.xml", "xl/sharedStrings.xml",
					    "xl/styles.xml", "xl/workbook.xml",
					    "xl/_rels/workbook.xml.rels", "_rels/.rels"};
	struct package p = {0};

	if (data[0] >= 6)
		return (struct str){(const char *)data + 1, size - 1};
	p.parts[0] = (struct part){PARTS[data[0]],
				   arena_strndup(a, (const char *)data + 1, size - 1)};
	if (data[0])
		p.parts[1] = (struct part){PARTS[0], ROWS_OF("<row><c t=\"s\"><v>0</v></c><c "
							     "s=\"0\"><v>46348</v></c></row>")};
	return xlsx_build(a, &p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a;
	struct sheet *s, *again;
	size_t n, m;

	if (!size)
		return 0;
	a = arena_new();
	struct str file = file_of(a, data, size);
	const char *code = sheet_read(a, file, &LIMITS, &s, &n);
	const char *twice = sheet_read(a, file, &LIMITS, &again, &m);
	demand(code == twice || (code && twice && !strcmp(code, twice)));
	for (size_t i = 0; !code && i < n; i++)
		check(&s[i]);
	demand(code || n == m);
	arena_free(a);
	return 0;
}
