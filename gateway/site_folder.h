/* The files of the web app, read into memory: what was there at the start and at each reload, and
 * nothing else. A request is looked up by name among them, so no path of a caller's reaches the
 * file system.
 *
 * Left out, each with a line in the log: names that begin with a dot or hold control characters or
 * a backslash, symbolic links, and what is neither a file nor a folder. */
#ifndef RENHE_GATEWAY_SITE_FOLDER_H
#define RENHE_GATEWAY_SITE_FOLDER_H
#include "str.h"

#define SITE_FILES_MOST 4096
#define SITE_BYTES_MOST ((size_t)64 << 20)
#define SITE_DEPTH_MOST 16

struct site_file {
	const char *path; /* "/assets/app.js" */
	struct str body;
	char etag[35]; /* in quotes; of the content, so the same at each gateway */
};
struct site_folder;
/* NULL: err says what is wrong (no such folder, more than the bounds, a file that can't be read).
 */
struct site_folder *site_folder_read(const char *folder, char *err, size_t err_size);
void site_folder_free(struct site_folder *f);
/* By the whole path; NULL: no such file. */
const struct site_file *site_folder_find(const struct site_folder *f, const char *path);
size_t site_folder_count(const struct site_folder *f);
#endif
