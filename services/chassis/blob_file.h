/* Files of the blob store: whole contents under ids, per tenant. Of blob*.c only. */
#ifndef RENHE_BLOB_FILE_H
#define RENHE_BLOB_FILE_H
#include "ctx.h"

/* Makes the file; one that is there already is a defect. On the disk, with its name, when true. */
bool blob_file_write(struct ctx *cx, const char *id, const struct str *pieces, size_t n);
/* p = NULL where there is none. */
struct str blob_file_read(struct ctx *cx, const char *id);
void blob_file_remove(struct ctx *cx, const char *id);
/* Ids of the tenant's files that were last written at least age_s ago (real clock), and how many
 * files there are at all. */
struct blob_files {
	const char **old;
	size_t n_old, n;
};
struct blob_files blob_files_list(struct ctx *cx, int64_t age_s);
#endif
