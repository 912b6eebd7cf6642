/* The text of a file, line by line, with the place for what is refused. Bounded: what is longer,
 * wider or more than any instance of the families is refused, not read. */
#ifndef RENHE_ROSTER_VERIFY_SOURCE_H
#define RENHE_ROSTER_VERIFY_SOURCE_H
#include "str.h"
#include "verify.h"

#define SOURCE_BYTES_MOST (8 << 20)
#define SOURCE_LINES_MOST 200000
#define SOURCE_NAME_MOST 64
#define SOURCE_NUMBER_MOST 1000000 /* of any number in a file */

struct verify_source {
	struct verify *v;
	const char *file;
	struct str rest;
	int line, lines; /* of what was read last; of the whole */
};

/* The whole file, from its beginning. */
bool source_open(struct verify *v, const char *file, struct verify_source *out);
/* The next line without its end (LF or CR LF) and the blanks before that; false at the end. */
bool source_line(struct verify_source *s, struct str *out);
/* The next that is not empty; false with a refusal at the end. */
bool source_expect(struct verify_source *s, struct str *out);
/* Whether a line is exactly this; where it reads now stays. */
bool source_has(const struct verify_source *s, const char *line);
bool source_refuse(const struct verify_source *s, struct text what); /* false */

/* Parts between separators, or words between blanks (by == ' '): how many, `most` + 1 where there
 * are more. */
size_t source_split(struct str line, char by, struct str *out, size_t most);
/* Exactly n of them, else refused. */
bool source_fields(const struct verify_source *s, struct str line, char by, struct str *out,
		   size_t n);
bool source_number(const struct verify_source *s, struct str text, int least, int most, int *out);
/* Visible characters, at most SOURCE_NAME_MOST bytes. */
bool source_name(const struct verify_source *s, struct str text);
const char *source_print(struct verify *v, struct str text);

/* Among things whose first member is their struct str name. -1: not there, which is no refusal. */
int name_index(const void *things, size_t size, int n, struct str name);
/* The same where absence is refused. */
bool source_known(const struct verify_source *s, const void *things, size_t size, int n,
		  struct str name, int *out);

/* ---- files of sections: SECTION_X, lines, an empty line; # begins comments ---- */
struct section {
	const char *name;
	bool required;
	bool (*take)(struct verify_source *s, void *into, struct str line);
	bool (*close)(struct verify_source *s, void *into); /* NULL: nothing to do */
};
#define SECTIONS_MOST 8
/* The list ends in a name of NULL. Each at most once; in the order of the list, for they name each
 * other. */
bool section_read(struct verify_source *s, const struct section *list, void *into);

/* ---- runs of equal values in a line of days ---- */
struct run {
	int value, from, until;
};
/* The next one; begin with {0}. */
bool run_next(const int *line, int n, struct run *r);
#endif
