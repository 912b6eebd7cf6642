/* One import as a job: a chunk of rows at a time, each in a transaction of its own. */
#ifndef RENHE_IMPORT_JOB_H
#define RENHE_IMPORT_JOB_H
#include "custom.h"
#include "import.h"
#include "job.h"

#define IMPORT_CHUNK 100

struct import_run {
	const struct job *job;
	Archive__ImportRecord *record; /* in the job's arena, as the database has it */
	struct sheet sheet;
	struct import_plan plan;
	struct import_keys numbers, documents;
};
struct import_chunk {
	struct import_row rows[IMPORT_CHUNK];
	size_t n;
	struct import_report report;
	struct custom_batch custom; /* of the good rows */
};

/* import_open.c: bits of the classes that the caller may not write under that permission; what would
 * have to wait for another person can't come by a file. */
uint32_t import_forbidden(const struct ctx *cx, const struct permission *p);
/* What was asked for, what the tenant declared, and what the caller may not say. */
bool import_wish(struct ctx *cx, const Archive__ImportRecord *r, struct import_wish *out);
/* Sheet, plan and what stands twice, in `a`. false: it can't be loaded at all, as the report says;
 * run->sheet and run->plan are then as far as they were understood. */
bool import_open(struct arena *a, struct str bytes, const struct import_wish *wish,
		 struct import_run *run, struct import_report *report);
/* Columns that no longer say what they said when the file was checked: told, and it isn't fit. Of
 * one that goes on behind a kill or a stop IMPORT_FIELDS_CHANGED: the rows before them said it
 * otherwise. */
bool import_compare(struct ctx *cx, const struct import_run *run, struct import_report *report,
		    bool *fit);

/* ---- import_lookup.c: what the chunk asks the database, many rows at once ---- */
/* Units and posts by code or name, on the day of each row. */
bool import_find_places(struct ctx *cx, const struct import_plan *p, struct import_chunk *c);
/* Numbers taken, persons and employments that must be there. */
bool import_find_known(struct ctx *cx, const struct import_plan *p, struct import_chunk *c);

/* ---- import_new.c: rows of people whom nobody knew ---- */
/* Their persons and keys, many at once; what they are is for the rows to say. */
bool import_make_persons(struct ctx *cx, struct import_chunk *c);

/* ---- import_store.c: the import's own rows ---- */
/* Into the blob store, for RENHE_IMPORT_FILE_DAYS. */
bool import_file_put(struct ctx *cx, const Archive__ImportRecord *r, struct str bytes);
/* IMPORT_FILE_GONE where it has ended. */
bool import_file_get(struct ctx *cx, const char *import_id, struct str *bytes);
/* Files with which an erased person came. */
bool import_files_forget(struct ctx *cx, const Archive__EmployeeKey *person);
/* Faults of the chunk behind those that are stored, and the count. */
bool import_store_faults(struct ctx *cx, Archive__ImportRecord *r,
			 const struct import_report *report);
bool import_store_row(struct ctx *cx, const char *import_id, int line, const Archive__Employee *e,
		      int64_t before_version);
/* {"columns":[..]} as the answer has it. */
char *import_columns_json(struct ctx *cx, const struct import_plan *p);
#endif
