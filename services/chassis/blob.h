/* The one blob store (decision 27): what is too large for a row — imports, reports, documents — sealed
 * in pieces of 64 KiB under a key of its own or its person's, in the folder RENHE_BLOB_FOLDER or, where
 * RENHE_BLOB_S3_URL names one, in a bucket of an S3-compatible store, which sees nothing in clear; a row
 * of chassis table blob says what it is. Containers stay read-only but for that folder. */
#ifndef RENHE_BLOB_H
#define RENHE_BLOB_H
#include "ctx.h"

struct blob {
	char id[UUID_LEN + 1];
	const char *media_type, *file_name;
	int64_t bytes;
	const char *sha256; /* hex, of the clear bytes */
};
/* Written and flushed before the row is, so that a committed row always has its bytes; a file whose
 * transaction did not commit is swept after an hour. STORAGE_UNAVAILABLE where there is no room,
 * BLOB_STORE_UNAVAILABLE where the bucket can't be written now, which the open transaction waits for: put
 * before rows are locked. person_id: whose erasure takes the blob with it, or NULL. expire_time: when it is dropped, or NULL. */
bool blob_put(struct ctx *cx, struct str bytes, const char *media_type, const char *file_name,
	      const char *person_id, const char *expire_time, struct blob *out);
/* The same from inside a job, with no transaction open while the bytes are written: what the job has
 * written is committed before, as by job_outside(). */
struct blob_about {
	const char *media_type, *file_name, *person_id, *expire_time;
};
bool blob_put_outside(struct ctx *cx, struct str bytes, const struct blob_about *about,
		      struct blob *out);
/* False with BLOB_GONE where it is dropped, damaged or of another tenant (all alike);
 * BLOB_STORE_UNAVAILABLE where nobody can tell now. */
bool blob_get(struct ctx *cx, const char *id, struct blob *about, struct str *bytes);
/* With the transaction: the row at once, the bytes after the commit. */
bool blob_drop(struct ctx *cx, const char *id);
/* All that hang on a person, with the person's erasure. */
bool blob_drop_person(struct ctx *cx, const char *person_id);

/* For the table of timers of each service that has blobs: drops what has expired, and the files of
 * what was dropped or never committed. */
#define BLOB_TIMER "blob_sweep"
bool blob_sweep(struct ctx *cx, const char *tenant_id);
/* blob_s3.c: what is wrong with the settings of the bucket, in the arena; NULL where they can be meant. */
const char *blob_settings_fault(struct arena *a);
/* blob_s3.c: puts, gets and removes a blob of nobody's, for --check; true where there is no bucket. */
bool blob_check(struct ctx *cx);
#endif
