/* csv in whatever encoding and with whatever separator. Bytes are cut into cells before they are
 * decoded: commas, quotes and line ends are no part of a character in UTF-8 or GB18030, so that one
 * broken cell stays one broken cell. */
#include "sheet_internal.h"
#include "charset.h"
#include "csv_file.h"

/* The separator that the first line has most of, outside quotes. */
static char separator_of(struct str s)
{
	static const char SEPARATORS[] = ",;\t";
	size_t count[3] = {0}, best = 0;
	bool quoted = false;

	for (size_t i = 0; i < s.n && (quoted || (s.p[i] != '\n' && s.p[i] != '\r')); i++) {
		const char *is = s.p[i] ? strchr(SEPARATORS, s.p[i]) : NULL;

		quoted ^= s.p[i] == '"';
		if (is && !quoted)
			count[is - SEPARATORS]++;
	}
	for (size_t i = 1; i < 3; i++)
		if (count[i] > count[best])
			best = i;
	return SEPARATORS[best];
}

/* "sep=;" in a line of its own is Excel's way to name it; 0 where the file has no such line. */
static char named_separator(struct str *s, int *lines)
{
	char separator;

	if (s->n < 6 || memcmp(s->p, "sep=", 4) != 0 || !strchr(",;\t", s->p[4]) ||
	    (s->p[5] != '\r' && s->p[5] != '\n'))
		return 0;
	separator = s->p[4];
	*lines = 1;
	*s = (struct str){s->p + 5, s->n - 5};
	if (s->n && *s->p == '\r')
		*s = (struct str){s->p + 1, s->n - 1};
	if (s->n && *s->p == '\n')
		*s = (struct str){s->p + 1, s->n - 1};
	return separator;
}

static void decode_row(struct sheet_budget *b, const struct csv_row *from, enum charset c,
		       struct sheet_row *to)
{
	to->cells = arena_alloc(b->arena, from->n * sizeof(*to->cells));
	for (unsigned i = 0; i < from->n; i++) {
		bool bad;

		to->cells[i].text = charset_text(b->arena, str_of(from->cells[i]), c, &bad);
		to->cells[i].marks = bad ? SHEET_BAD_BYTES : 0;
		if (to->cells[i].text[0])
			to->n = i + 1;
	}
}

static bool decode(struct sheet_budget *b, const struct csv_table *t, enum charset c,
		   int lines_before, struct sheet *out)
{
	out->rows = arena_alloc(b->arena, (t->n + 1) * sizeof(*out->rows));
	for (out->n = 0; out->n < t->n; out->n++) {
		struct sheet_row *row = &out->rows[out->n];

		row->line = t->rows[out->n].line + lines_before;
		decode_row(b, &t->rows[out->n], c, row);
		if (!sheet_afford_row(b, row))
			return false;
	}
	return true;
}

static bool read_rows(struct sheet_budget *b, struct str text, enum charset c, struct sheet *out)
{
	int lines_before = 0;
	char separator = named_separator(&text, &lines_before);
	size_t columns = b->limits->columns;
	struct csv_limits limits = {
		.rows = b->limits->rows,
		.columns = columns < CSV_MAX_COLUMNS ? (unsigned)columns : CSV_MAX_COLUMNS,
		.cell_bytes = SHEET_CELL_MOST,
		.delimiter = separator ? separator : separator_of(text),
	};
	struct csv_table t;
	const char *code = csv_read_bytes(b->arena, text, &limits, &t);

	if (code)
		return sheet_fault(b, !strcmp(code, "CSV_TOO_LARGE") ? "SHEET_TOO_LARGE"
								     : "SHEET_SYNTAX");
	return decode(b, &t, c, lines_before, out);
}

/* Web pages and XML that call themselves a spreadsheet, and what has zero bytes but is no UTF-16.
 */
static bool is_text(struct str text)
{
	size_t i = 0;

	while (i < text.n && strchr(" \t\r\n", text.p[i]) && text.p[i])
		i++;
	return !(i < text.n && text.p[i] == '<') && (!text.n || !memchr(text.p, '\0', text.n));
}

bool sheet_read_csv(struct sheet_budget *b, struct str file, struct sheet **out, size_t *n)
{
	size_t bom;
	enum charset c = charset_guess(file, &bom), as = c;
	struct str text = {file.p + bom, file.n - bom};
	struct sheet *s = arena_alloc(b->arena, sizeof(*s));

	if (file.n > b->limits->inflated_bytes)
		return sheet_fault(b, "SHEET_TOO_LARGE");
	if (c == CHARSET_UTF16LE || c == CHARSET_UTF16BE) {
		text = charset_from_utf16(b->arena, text, c == CHARSET_UTF16BE);
		as = CHARSET_UTF8;
	}
	if (!is_text(text))
		return sheet_fault(b, "SHEET_FORMAT");
	if (c == CHARSET_UNKNOWN)
		return sheet_fault(b, "SHEET_ENCODING");
	*s = (struct sheet){.format = "csv", .encoding = charset_name(c), .name = ""};
	*out = s;
	if (!read_rows(b, text, as, s))
		return false;
	*n = s->n > 0;
	return true;
}
