/* Staff from a csv file (批量导入): rules of the file, without I/O. */
#ifndef RENHE_IMPORT_H
#define RENHE_IMPORT_H
#include "archive.h"
#include "csv_file.h"

#define IMPORT_MAX_ROWS 20000

struct import_column {
	const struct field_rule
		*field;	     /* of Employee; NULL = names a unit or post by code, or is unknown */
	const char *code_of; /* "org_unit" or "post" where field is NULL */
	const char *header;  /* as in the file */
};
struct import_plan {
	struct import_column *columns;
	unsigned n;
};
/* Header cells to columns: field name, its Chinese or English title, 部门编码/org_unit_code,
 * 岗位编码/post_code. Faults on unknown, double and missing headers. */
void import_plan(struct arena *a, const struct csv_row *header, struct import_plan *out,
		 Archive__ImportResult *faults);
/* Adds one fault; texts are kept. */
void import_fault(struct arena *a, Archive__ImportResult *r, int row, const char *column,
		  const char *code, const char *detail);
#endif
