/* Where the sealed bytes of the blob store lie: whole contents under ids, per tenant. Of blob*.c only. */
#ifndef RENHE_BLOB_PLACE_H
#define RENHE_BLOB_PLACE_H
#include "ctx.h"

/* Ids of the tenant's blobs that were last written at least so long ago (real clock), and how many
 * there are at all. */
struct blob_files {
	const char **old;
	size_t n_old, n;
};
struct blob_place {
	/* Makes the blob. Safely there, with its name, when true. */
	bool (*write)(struct ctx *cx, const char *id, const struct str *pieces, size_t n);
	/* out->p = NULL where there is none; false where nobody can tell. bytes: as many as are expected. */
	bool (*read)(struct ctx *cx, const char *id, size_t bytes, struct str *out);
	/* What can't be removed now is found by the next sweep. */
	void (*remove)(struct ctx *cx, const char *id);
	/* Adds to *out, which begins as zeroes. */
	bool (*list)(struct ctx *cx, int64_t age_s, struct blob_files *out);
};
extern const struct blob_place BLOB_FOLDER; /* blob_file.c: RENHE_BLOB_FOLDER */
extern const struct blob_place BLOB_S3;	    /* blob_s3.c: RENHE_BLOB_S3_URL */

/* blob_file.c; for each place's list. */
void blob_files_add(struct ctx *cx, struct blob_files *f, const char *id, bool old);

/* blob_s3_answer.c: what a store says in XML. What isn't there is NULL. */
struct s3_answer {
	const char *code;  /* of an error: "NoSuchKey" */
	const char *token; /* where the next page begins */
	struct s3_object {
		const char *key, *time;
	} *objects;
	size_t n;
};
/* False where it is no XML; *out is good for nothing then. */
bool s3_answer_read(struct ctx *cx, struct str body, struct s3_answer *out);
#endif
