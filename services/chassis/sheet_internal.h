/* Shared by sheet*.c: the XML of one part of an xlsx file, read as it is inflated. */
#ifndef RENHE_SHEET_INTERNAL_H
#define RENHE_SHEET_INTERNAL_H
#include "sheet.h"

/* What the reading of one file may still take, and what went wrong first. */
#define SHEET_CELL_MOST ((size_t)4 * 32767) /* bytes of a cell: Excel's characters, in UTF-8 */
struct sheet_budget {
	const struct sheet_limits *limits;
	struct arena *arena;
	size_t inflated;      /* bytes so far */
	size_t used_at_start; /* of the arena */
	size_t text;          /* bytes of all cells, of a shared text as often as it stands there */
	const char *code;     /* NULL = well so far */
};
/* Keeps the first code; always false. */
bool sheet_fault(struct sheet_budget *b, const char *code);
/* False with SHEET_TOO_LARGE where the arena has grown beyond what a file may cost. */
bool sheet_afford(struct sheet_budget *b);
/* The same, with the texts of one more row: whoever reads on copies them. */
bool sheet_afford_row(struct sheet_budget *b, const struct sheet_row *row);

/* ---- sheet_xml.c ---- */
/* Names come without their prefix; attributes as expat gives them: name, value, …, NULL. */
struct sheet_xml {
	struct sheet_budget *budget;
	void *of; /* the reader's own */
	void (*start)(struct sheet_xml *x, const char *name, const char **attributes);
	void (*end)(struct sheet_xml *x, const char *name);
	bool keep; /* text between tags is gathered while this is set */
	struct buf text;
};
struct xml_feed;
struct xml_feed *xml_feed_new(struct sheet_xml *x);
bool xml_feed_more(struct xml_feed *f, const char *bytes, size_t n, bool last);
void xml_feed_end(struct xml_feed *f);
const char *xml_attribute(const char **attributes,
			  const char *name);			    /* NULL where it isn't there */
bool xml_attribute_true(const char **attributes, const char *name); /* "1" or "true" */
/* A decimal attribute from 0 to `most`; -1 where it is missing or no such number. */
long xml_attribute_number(const char **attributes, const char *name, long most);
/* What was gathered, with _xHHHH_ as its character (ECMA-376-1, 22.9.2.19); forgets it. */
const char *xml_take_text(struct sheet_xml *x);

/* ---- sheet_zip.c ---- */
struct sheet_zip;
struct sheet_zip *sheet_zip_open(struct sheet_budget *b, struct str file); /* NULL: code is set */
void sheet_zip_close(struct sheet_zip *z);
bool sheet_zip_has(struct sheet_zip *z, const char *part);
/* Feeds the part to x. False where a code is set. */
bool sheet_zip_read(struct sheet_zip *z, const char *part, struct sheet_xml *x);

/* ---- sheet_parts.c ---- */
struct sheet_strings {
	const char **of;
	size_t n, cap;
};
bool sheet_strings_read(struct sheet_zip *z, struct sheet_budget *b, const char *part,
			struct sheet_strings *out);
#define SHEET_SHOWS_DAY (-1)
struct sheet_styles { /* by the number of a cell's style */
	signed char *shows; /* SHEET_SHOWS_DAY, or the least digits of a format of zeros, else 0 */
	size_t n, cap;
};
bool sheet_styles_read(struct sheet_zip *z, struct sheet_budget *b, const char *part,
		       struct sheet_styles *out);

/* ---- sheet_cells.c ---- */
struct sheet_book {
	struct sheet_strings strings;
	struct sheet_styles styles;
	bool from_1904;
};
bool sheet_cells_read(struct sheet_zip *z, struct sheet_budget *b, const char *part,
		      const struct sheet_book *book, struct sheet *out);
/* "BC12" from 0, 0; false where it is none of the format's 16,384 × 1,048,576 cells. */
bool sheet_cell_place(const char *text, const char **end, unsigned *column, int *line);
/* ---- sheet_number.c ---- */
/* The number of a cell as text, with SHEET_NUMBER or SHEET_DATE and SHEET_PRECISION added to
 * *marks; NULL where it is none. */
const char *sheet_number(struct arena *a, const char *raw, int shows, bool from_1904,
			 unsigned *marks);
/* What a number format lets one see: as `shows` of a style. */
int sheet_format_shows(const char *format);
/* Does a number format (ECMA-376-1, 18.8.31) show a day? */
bool sheet_format_is_date(const char *format);
bool sheet_format_id_is_date(long id);

/* ---- sheet_merge.c ---- */
struct sheet_range {
	unsigned first_column, last_column;
	int first_line, last_line;
};
/* Marks what the range covers. `work` counts down the visits that the file's ranges may cost. */
bool sheet_merge(struct sheet_budget *b, struct sheet *s, const struct sheet_range *r,
		 size_t *work);

/* ---- sheet_xlsx.c, sheet_csv.c ---- */
bool sheet_read_xlsx(struct sheet_budget *b, struct str file, struct sheet **out, size_t *n);
bool sheet_read_csv(struct sheet_budget *b, struct str file, struct sheet **out, size_t *n);
#endif
