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
	const char *given = getenv("RENHE_TEST_DATA");
	const char *path = arena_printf(arena, "%s/%s", given ? given : RENHE_SOURCE_DIR "/tests/data", name);
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
