/* What the tests of sheets share. What is read is compared as one text: "sheet!line:cell|cell", marks in braces
 * behind a cell. */
#ifndef RENHE_SHEET_FRAME_H
#define RENHE_SHEET_FRAME_H
#include <stdlib.h>
#include <string.h>
#include "sheet.h"

#define ROWS(t) (sizeof(t) / sizeof *(t))

static struct arena *arena;
static const struct sheet_limits USUAL_LIMITS = {1000, 50, (size_t)8 << 20};

static inline int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static inline void dump_cell(struct buf *b, const struct sheet_cell *c)
{
	static const char MARKS[] = "ndfemhbp"; /* in the order of enum sheet_mark */

	assert_non_null(c->text);
	buf_puts(b, c->text);
	if (!c->marks)
		return;
	buf_puts(b, "{");
	for (unsigned i = 0; i < 8; i++)
		if (c->marks & 1U << i)
			buf_add(b, &MARKS[i], 1);
	buf_puts(b, "}");
}

static inline const char *dump(const struct sheet *sheets, size_t n)
{
	struct buf b;

	buf_init(&b, arena);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sheets[i].n; k++) {
			const struct sheet_row *row = &sheets[i].rows[k];

			buf_printf(&b, "%s%s!%d:", b.n ? "\n" : "", sheets[i].name, row->line);
			for (unsigned c = 0; c < row->n; c++) {
				if (c)
					buf_puts(&b, "|");
				dump_cell(&b, &row->cells[c]);
			}
		}
	return b.p;
}

/* The dump, or the code. */
static inline const char *reading(struct str file, const struct sheet_limits *limits)
{
	struct sheet *sheets = NULL;
	size_t n = 0;
	/* In memory of its own size, so that a read beyond its end is seen. */
	char *exact = malloc(file.n ? file.n : 1);
	const char *code, *text;

	assert_non_null(exact);
	memcpy(exact, file.p, file.n);
	code = sheet_read(arena, (struct str){exact, file.n}, limits, &sheets, &n);
	text = code ? code : dump(sheets, n);
	free(exact);
	return text;
}
#endif
