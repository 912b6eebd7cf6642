/* What the files of archive share. */
#ifndef RENHE_ARCHIVE_H
#define RENHE_ARCHIVE_H
#include "archive.gen.h"
#include "archive_sql.h"
#include "row.h"
#include "service.h"

extern const struct service_def ARCHIVE;

/* Timer: the next due fact of a person (decision 5). */
bool archive_facts_due(struct ctx *cx, const char *person_id);
/* Consumer: a service has erased a person. erasure_api.c */
bool archive_on_erasure_answer(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg);
/* Timer: private records anew, for a consumer's new key. private.c */
bool archive_fill_private(struct ctx *cx, const char *tenant_id);
/* Jobs: one import, and taking it back. */
bool archive_run_import(struct ctx *cx, const struct job *job);
bool archive_undo_import(struct ctx *cx, const struct job *job);
/* Job: one export. */
bool archive_run_export(struct ctx *cx, const struct job *job);
/* Job: what is held of one person. */
bool archive_run_person_data(struct ctx *cx, const struct job *job);
/* effective_on where the caller named none: the business date, or that of the instant as_of. */
char *archive_effective_on(struct ctx *cx, const char *given, const char *as_of);
#endif
