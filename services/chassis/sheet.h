/* Spreadsheets in and out: xlsx, and csv in whatever encoding a customer's desk wrote it. Owner of
 * libzip, expat and libxlsxwriter; libcsv stays in csv_file.c, encodings in charset.c. */
#ifndef RENHE_SHEET_H
#define RENHE_SHEET_H
#include "arena.h"
#include "str.h"

/* What stands in a cell besides its text. Several may hold at once. */
enum sheet_mark {
	SHEET_NUMBER = 1,  /* xlsx number; text is its shortest decimal form, dates excepted */
	SHEET_DATE = 2,	   /* xlsx number with a date format; text is YYYY-MM-DD (1900 and 1904) */
	SHEET_FORMULA = 4, /* text is the cached value */
	SHEET_ERROR = 8,   /* #N/A and its like */
	SHEET_MERGED = 16, /* belongs to a merged range and isn't its first cell; text is "" */
	SHEET_MERGE_HEAD = 32, /* first cell of a merged range */
	SHEET_BAD_BYTES =
		64, /* csv: bytes that aren't of the file's encoding; text has U+FFFD there, or
		     * in a UTF-8 file the characters of GB18030 where the cell is good GB18030 */
	SHEET_PRECISION = 128, /* a number of more than 15 digits: what was typed is lost */
};
struct sheet_cell {
	const char *text; /* UTF-8, never NULL, blanks at both ends kept */
	unsigned marks;	  /* enum sheet_mark */
};
struct sheet_row {
	int line; /* as a person counts rows in the file, from 1 */
	struct sheet_cell *cells;
	unsigned n;
};
struct sheet {
	const char *format;	/* "xlsx" or "csv" */
	const char *encoding;	/* of csv: "UTF-8", "GB18030", "UTF-16LE", "UTF-16BE"; of xlsx "" */
	const char *name;	/* of the xlsx sheet, "" of csv */
	struct sheet_row *rows; /* rows without any text are left out */
	size_t n;
};
struct sheet_limits {
	size_t rows, columns, inflated_bytes;
};
/* The sheets of a file with rows in them, in order; csv has one. NULL where all is well, else a
 * stable code: SHEET_FORMAT (neither xlsx nor text), SHEET_ENCODING, SHEET_SYNTAX, SHEET_TOO_LARGE,
 * SHEET_ENCRYPTED (a password stands before it), SHEET_OLD_XLS (the format before 2007),
 * SHEET_MACRO (a program rides along). */
const char *sheet_read(struct arena *a, struct str file, const struct sheet_limits *limits,
		       struct sheet **out, size_t *n);

/* ---- writing: rows come one by one; texts only, so that nothing turns into a number ---- */
struct sheet_writer;
/* format: "xlsx" or "csv" (UTF-8 with BOM, CRLF). Text that a spreadsheet would take for a formula
 * (= + - @ and their full-width forms, tab, CR, LF first) is written as text in xlsx and behind an
 * apostrophe in csv. */
struct sheet_writer *sheet_writer_new(struct arena *a, const char *format, const char *sheet_name);
void sheet_write_header(struct sheet_writer *w, const char *const *titles, unsigned n);
/* marks: per cell, true paints it as a fault; NULL none. */
void sheet_write_row(struct sheet_writer *w, const char *const *cells, const bool *marks,
		     unsigned n);
/* The whole file in the arena; {NULL, 0} where it could not be made: a cell of more than 32,767
 * characters, no room in /dev/shm. The writer is gone. Every writer must be ended: it holds memory
 * and files that are no part of the arena. */
struct str sheet_writer_end(struct sheet_writer *w);
#endif
