#include "csv_file.h"
#include <csv.h>
#include "value.h"

#define MAX_CELLS 200 /* of csv_read */

struct csv_reading {
	struct arena *arena;
	struct csv_table *out;
	const struct csv_limits *limits;
	size_t cap;
	const char *cells[CSV_MAX_COLUMNS];
	unsigned n;
	int line, ended_by; /* ended_by: the character behind the last row */
	bool too_large;
};

static void on_cell(void *text, size_t n, void *arg)
{
	struct csv_reading *r = arg;

	if (r->n >= r->limits->columns || (r->limits->cell_bytes && n > r->limits->cell_bytes))
		r->too_large = true;
	if (!r->too_large)
		r->cells[r->n++] = n ? arena_strndup(r->arena, text, n) : "";
}

static void grow(struct csv_reading *r)
{
	struct csv_row *rows;

	if (r->out->n < r->cap)
		return;
	r->cap = r->cap ? r->cap * 2 : 256;
	rows = arena_alloc(r->arena, r->cap * sizeof(*rows));
	if (r->out->n)
		memcpy(rows, r->out->rows, r->out->n * sizeof(*rows));
	r->out->rows = rows;
}

static bool is_empty(const struct csv_reading *r)
{
	for (unsigned i = 0; i < r->n; i++)
		if (r->cells[i][0])
			return false;
	return true;
}

/* libcsv says each of CR and LF; as a pair they end one row. */
static void on_row(int c, void *arg)
{
	struct csv_reading *r = arg;
	bool pair = c == '\n' && r->ended_by == '\r' && !r->n;

	r->ended_by = pair ? 0 : c;
	if (pair)
		return;
	r->line++;
	if (!is_empty(r) && r->out->n >= r->limits->rows)
		r->too_large = true;
	if (!is_empty(r) && !r->too_large) {
		grow(r);
		r->out->rows[r->out->n++] = (struct csv_row){
			r->line, arena_dup(r->arena, r->cells, r->n * sizeof(*r->cells)), r->n};
	}
	r->n = 0;
}

static int no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static const char *read_by(struct csv_parser *p, struct str bytes, struct csv_reading *r)
{
	bool good = csv_parse(p, bytes.p, bytes.n, on_cell, on_row, r) == bytes.n &&
		    csv_fini(p, on_cell, on_row, r) == 0;

	csv_free(p);
	return r->too_large ? "CSV_TOO_LARGE" : good ? NULL : "CSV_SYNTAX";
}

#define OPTIONS (CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL | CSV_EMPTY_IS_NULL | CSV_REPALL_NL)

const char *csv_read_bytes(struct arena *a, struct str bytes, const struct csv_limits *limits,
			   struct csv_table *out)
{
	struct csv_reading *r = arena_alloc(a, sizeof(*r));
	struct csv_parser p;

	*out = (struct csv_table){0};
	*r = (struct csv_reading){.arena = a, .out = out, .limits = limits};
	if (csv_init(&p, OPTIONS) != 0)
		return "CSV_SYNTAX";
	csv_set_delim(&p, (unsigned char)limits->delimiter);
	csv_set_space_func(&p, no_space);
	return read_by(&p, bytes, r);
}

const char *csv_read(struct arena *a, struct str text, size_t most, struct csv_table *out)
{
	const struct csv_limits limits = {most, MAX_CELLS, ',', 0};
	struct csv_reading r = {.arena = a, .out = out, .limits = &limits};
	struct csv_parser p;

	*out = (struct csv_table){0};
	if (text.n >= 3 && !memcmp(text.p, "\xef\xbb\xbf", 3))
		text = (struct str){text.p + 3, text.n - 3};
	if (!utf8_valid(text.p, text.n))
		return "CSV_UTF8";
	if (csv_init(&p, OPTIONS) != 0)
		return "CSV_SYNTAX";
	return read_by(&p, text, &r);
}

void csv_put_cell(struct buf *out, const char *text)
{
	buf_puts(out, "\"");
	for (size_t n; (n = strcspn(text, "\"")), text[n]; text += n + 1) {
		buf_add(out, text, n);
		buf_puts(out, "\"\"");
	}
	buf_puts(out, text);
	buf_puts(out, "\"");
}
