/* People from a file (批量导入): rules of the file, without I/O. */
#ifndef RENHE_IMPORT_H
#define RENHE_IMPORT_H
#include "archive.h"
#include "sheet.h"
#include "typed_map.h"

#define IMPORT_MAX_ROWS 20000
#define IMPORT_MAX_COLUMNS 200
#define IMPORT_MAX_FAULTS 10000 /* kept; further ones are counted */
#define IMPORT_CUSTOM_MAP "custom_fields"

/* ---- what is wrong: import_report.c ---- */
struct import_fault {
	int line;
	int column; /* index; -1 = the whole row, or a column that isn't there */
	Archive__ImportFaultCode code;
	int related_line;	 /* 0 none */
	const char *hint;	 /* never of the file: it is stored in clear */
	const char *column_name; /* of a column that isn't there, or NULL */
};
struct import_report {
	struct arena *arena;
	struct import_fault *items;
	size_t n, cap;
};
/* One fault for each cell: what is unknown needs not be called missing too. */
void import_tell(struct import_report *r, struct import_fault f);
bool import_told(const struct import_report *r, int line, int column);
bool import_is_bad(const struct import_report *r, int line);
/* By the names that value_check, json_validate and sheet_read use; INVALID where it is none. */
Archive__ImportFaultCode import_code(const char *name);
#define IMPORT_CODE(name) ARCHIVE__IMPORT_FAULT_CODE__IMPORT_FAULT_CODE_##name

/* ---- texts as people write them: import_text.c ---- */
/* Without blanks at both ends, wide ones included. */
const char *import_trim(struct arena *a, const char *s);
/* Full-width letters, digits and signs (U+FF01 to U+FF5E, U+3000) as plain ones, trimmed. */
const char *import_fold(struct arena *a, const char *s);
bool import_is_wide(const char *s);
/* What two spellings of a header have in common: folded, in lower case, without blanks, signs and
 * what stands in brackets. */
const char *import_header_key(struct arena *a, const char *s);
/* 2024-03-01, 2024/3/1, 2024.3.1, 2024年3月1日, 20240301, with or without 00:00 behind it. */
bool import_date(struct arena *a, const char *s, char out[11]);
/* 4.40308E+17 and its like. */
bool import_is_scientific(const char *s);

/* ---- columns: import_column.c ---- */
enum import_use {
	IMPORT_IGNORED,
	IMPORT_VALUE,
	IMPORT_LAST_DAY,  /* the end is the day after */
	IMPORT_CUSTOM,	  /* a field that the tenant declared */
	IMPORT_UNIT_CODE, /* a code, else a name; of two columns the code's says it */
	IMPORT_UNIT_NAME,
	IMPORT_POST_CODE,
	IMPORT_POST_NAME,
};
struct import_field {
	enum import_use use;
	const char *name;	       /* as the mapping and the answer have it */
	const struct field_rule *rule; /* of Employee: what it sets */
	const char *sets;	       /* its name, or custom_fields/<key> */
	const char *const *keys;       /* NULL-ended spellings, by import_header_key */
	const char *title;
	const char *key;     /* of a declared one, or NULL */
	uint8_t field_class; /* renhe.FieldClass of what it sets */
};
struct import_fields {
	struct import_field *items;
	size_t n;
};
/* What a file of that kind may hold. A transfer says nothing of declared fields. */
struct import_fields import_fields(struct arena *a, Archive__ImportKind kind,
				   const struct typed_fields *declared);
const struct import_field *import_field_by_header(struct arena *a, const struct import_fields *f,
						  const char *header);
/* Another one of the same name behind it, which a tenant declared; NULL none. */
const struct import_field *import_field_behind(struct arena *a, const struct import_fields *f,
					       const struct import_field *first,
					       const char *header);
/* A column of errors that we wrote into a file that we gave back. */
bool import_is_own(struct arena *a, const char *header);
/* The title of the nearest one, or NULL. */
const char *import_field_near(struct arena *a, const struct import_fields *f, const char *header);

/* ---- the plan of a file: import_plan.c ---- */
struct import_column {
	const char *header;
	struct import_field field;
	const char *suggestion;			/* of an ignored one, or NULL */
	const struct import_field *passed_over; /* another field of that name, or NULL */
	bool merged;				/* blank, inside of a merged header */
};
struct import_plan {
	Archive__ImportKind kind;
	int header_line;
	size_t first; /* index of the first row of data */
	struct import_column *columns;
	unsigned n;
	struct typed_fields declared; /* as they stand for the rows at hand */
};
struct import_wish {
	Archive__ImportKind kind; /* 0: by the headers */
	const char *mapping;	  /* lines header=field, or NULL */
	struct typed_fields declared;
	uint32_t forbidden; /* classes that the caller may not write */
};
/* The header is the row among the first ten that has the most known columns; with merged cells it
 * may be two rows. Everything that lives stays in `a`. false: the file can't be loaded at all. */
bool import_plan(struct arena *a, const struct sheet *s, const struct import_wish *wish,
		 struct import_report *report, struct import_plan *out);
/* Index of the column that sets that field of Employee, or custom_fields/<key>; -1 none. */
int import_column_of(const struct import_plan *p, const char *field);

/* ---- a row: import_row.c ---- */
struct import_row {
	const struct sheet_row *cells;
	Archive__Employee *e;
	const char *unit, *post; /* as written; NULL none */
	int unit_column, post_column;
	const char *employee_id;	   /* of a transfer: whose */
	const Archive__EmployeeKey *stamp; /* of a person made for this row, or NULL */
};
/* Cells to a message; faults of cells. */
void import_row_read(struct arena *a, const struct import_plan *p, const struct sheet_row *cells,
		     struct import_report *report, struct import_row *out);
/* The rules of the API and of the row as a whole, after places were looked up. */
void import_row_check(struct ctx *cx, const struct import_plan *p, struct import_row *row,
		      struct import_report *report);
/* A fault of a field of Employee, at its column. */
void import_row_tell(const struct import_plan *p, const struct import_row *row, const char *field,
		     Archive__ImportFaultCode code, struct import_report *report);
/* One cell into one field: import_cell.c. */
void import_cell(struct arena *a, const struct import_column *c, const struct sheet_cell *cell,
		 struct import_fault at, struct import_report *report, Archive__Employee *e);
/* One into the value of a declared field: import_custom.c. */
void import_custom_cell(struct arena *a, const Renhe__CustomField *f, const struct sheet_cell *cell,
			struct import_fault at, struct import_report *report, Archive__Employee *e);
/* A whole number in plain digits: full-width ones, a sign, zeroes behind the point, the apostrophe
 * that makes a text of it (as our own exports do); NULL it is none. */
const char *import_integer(struct arena *a, const char *s);
/* A cell that can't be read as what it seems to say; told, and true. */
bool import_cell_spoiled(const struct sheet_cell *cell, const char *text, struct import_fault at,
			 struct import_report *report);

/* ---- duplicates within the file: import_key.c ---- */
struct import_key {
	const char *value;
	int line;
};
struct import_keys {
	struct import_key *items;
	size_t n;
};
/* What may stand in a file once: the number of a hire, number and day of a transfer; ID numbers. */
struct import_keys import_keys(struct arena *a, const struct import_plan *p, const struct sheet *s,
			       const char *field);
const char *import_key_value(struct arena *a, const struct import_plan *p,
			     const struct sheet_row *cells, const char *field);
/* The first line that has it; 0 none. */
int import_key_line(const struct import_keys *k, const char *value);
#endif
