/* CSV (RFC 4180) by libcsv (csv_file.c owns it). */
#ifndef RENHE_CSV_FILE_H
#define RENHE_CSV_FILE_H
#include "str.h"

struct csv_row {
	int line; /* row of the file, the first is 1 */
	const char **cells;
	unsigned n;
};
struct csv_table {
	struct csv_row *rows;
	size_t n;
};
/* The whole file into the arena; a BOM is skipped; empty rows are left out but counted. NULL where
 * read, else a code: CSV_SYNTAX, CSV_UTF8, CSV_TOO_LARGE (rows above `most`). */
const char *csv_read(struct arena *a, struct str text, size_t most, struct csv_table *out);

/* Rows of bytes in any encoding whose commas, quotes and line ends are those of ASCII. */
struct csv_limits {
	size_t rows;
	unsigned columns; /* at most CSV_MAX_COLUMNS */
	char delimiter;
	size_t cell_bytes; /* of one cell; 0 = as long as it is */
};
#define CSV_MAX_COLUMNS 1000
/* The same codes but CSV_UTF8; cells hold no NUL and keep the blanks at their ends. */
const char *csv_read_bytes(struct arena *a, struct str bytes, const struct csv_limits *limits,
			   struct csv_table *out);
/* A cell in quotes. */
void csv_put_cell(struct buf *out, const char *text);
#endif
