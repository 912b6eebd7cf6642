/* An import as the caller reads it. */
#ifndef RENHE_IMPORT_ANSWER_H
#define RENHE_IMPORT_ANSWER_H
#include "import.h"

/* The row of that id with its job. */
bool import_read(struct ctx *cx, const char *id, Archive__ImportRecord **out);
/* Words of faults are those of the reader's language, not of who began it. */
bool import_answer(struct ctx *cx, const Archive__ImportRecord *r, Archive__EmployeeImport *out);
/* Columns of the file, from the stored text. */
bool import_columns(struct ctx *cx, const Archive__ImportRecord *r, Archive__ImportResult *into);
/* What is told of one stored fault: 与文件中前面的行重复（第 12 行）. */
char *import_detail(struct ctx *cx, const Archive__ImportFaultRow *f);
/* The header above a fault; letters where it has none. */
char *import_fault_column(struct ctx *cx, const Archive__ImportResult *r,
			  const Archive__ImportFaultRow *f);
#endif
