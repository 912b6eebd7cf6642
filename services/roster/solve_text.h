/* Strict reading of instance files: whole lines, separated fields, numbers in bounds. The first
 * fault stands with its line and nothing is read behind it. */
#ifndef RENHE_ROSTER_SOLVE_TEXT_H
#define RENHE_ROSTER_SOLVE_TEXT_H
#include <stdbool.h>
#include <stddef.h>
#include "roster_verify_texts.h"

enum { ROSTER_LINE = 8192, ROSTER_FIELDS = 512, ROSTER_FILE = 16 << 20 };

struct roster_text {
	const char *name;
	char *bytes; /* the file; NUL bytes are refused */
	size_t at, size;
	int line;
	char row[ROSTER_LINE]; /* the line read last, without its end */
	char *field[ROSTER_FIELDS];
	int fields;
	char fault[512]; /* in words, zh-CN and en; empty where there is none */
};

/* False with the fault where the file can't be read, is larger than ROSTER_FILE or holds a NUL. */
bool roster_text_open(struct roster_text *t, const char *name);
/* The same of bytes in memory. */
bool roster_text_of(struct roster_text *t, const char *name, const char *bytes, size_t size);
void roster_text_close(struct roster_text *t);
/* The next line; false at the end or where a fault stands. Trailing blanks and CR are cut. */
bool roster_text_next(struct roster_text *t);
/* The fields of the line between separators; in the second form blanks do, however many. */
bool roster_text_split(struct roster_text *t, char separator);
bool roster_text_words(struct roster_text *t);
/* Keeps the first fault with the line's number and what it is about; always false. */
bool roster_text_fault(struct roster_text *t, const struct text_def *what, const char *about);
/* A decimal number within bounds, the whole text of it. */
bool roster_text_number(struct roster_text *t, const char *text, int least, int most, int *out);
/* An identifier of printable bytes without blank, at most `size` with its end. */
bool roster_text_id(struct roster_text *t, const char *text, char *out, size_t size);
#endif
