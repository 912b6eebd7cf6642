/* Reads tests/data (or $RENHE_TEST_DATA) for unit tests. */
#ifndef RENHE_TEST_DATA_H
#define RENHE_TEST_DATA_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

/* NULL with a message where the file is missing or no JSON. At most 1 MiB. */
static inline struct json_doc *test_data(struct arena *arena, const char *name)
{
	char folder[1024] = __FILE__;
	const char *given = getenv("RENHE_TEST_DATA");
	char *slash = strrchr(folder, '/');

	*(slash ? slash : folder) = '\0';
	const char *path =
		given ? arena_printf(arena, "%s/%s", given, name)
		      : arena_printf(arena, "%s/../data/%s", folder[0] ? folder : ".", name);
	FILE *f = fopen(path, "re");
	char *text = arena_alloc(arena, 1 << 20);
	size_t n = f ? fread(text, 1, 1 << 20, f) : 0;
	struct json_doc *d = n ? json_parse(arena, (struct str){text, n}) : NULL;
	if (f)
		fclose(f);
	if (!d)
		fprintf(stderr, "cannot read %s\n", path);
	return d;
}
#endif
