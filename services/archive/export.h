/* The list of employees as a table of texts (导出花名册): columns and cells, without I/O. */
#ifndef RENHE_EXPORT_H
#define RENHE_EXPORT_H
#include "archive.h"
#include "json.h"
#include "typed_map.h"

#define EXPORT_KIND "employee_export"

enum export_shows { EXPORT_VALUE, EXPORT_CODE, EXPORT_NAME };
struct export_column {
	const char *title;
	const struct field_rule *field; /* of Employee; NULL where the tenant declared it */
	enum export_shows shows;	/* code or name of the unit or post that the field names */
	const Renhe__CustomField *custom;
};
/* In the order of ids. */
struct export_places {
	struct msg_list units, posts;
};
/* What has a title in the contract and can stand in an answer; ids are replaced by what they stand
 * for, or left out; then the active ones of the declared fields. Titles by the language of the ctx.
 */
unsigned export_columns(struct ctx *cx, const struct typed_fields *declared,
			const struct export_column **out);
/* Never NULL: "" where there is nothing, or nothing for this view. */
const char *export_cell(struct ctx *cx, const struct export_column *c, struct view view,
			const Archive__Employee *e, const struct export_places *places);

/* ---- what all jobs that leave a file for their maker share; export_api.c ---- */
/* The job as its maker reads it; that of another one is none. */
bool export_read(struct ctx *cx, const char *kind, const char *id, Archive__EmployeeExport *out);
/* Its file becomes the answer. */
bool export_fetch(struct ctx *cx, const Archive__EmployeeExport *e);
#endif
