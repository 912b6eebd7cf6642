#include "renhectl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "json.h"

static const char *name_of(const struct cell *c)
{
	return c->name[0] == '#' ? c->name + 1 : c->name;
}

static void put_table(const struct cell *cells, size_t n)
{
	int width = 0;

	for (size_t i = 0; i < n; i++)
		if ((int)strlen(name_of(&cells[i])) > width)
			width = (int)strlen(name_of(&cells[i]));
	for (size_t i = 0; i < n; i++)
		printf("%-*s  %s\n", width, name_of(&cells[i]), cells[i].value);
}

static void put_json(struct arena *a, const struct cell *cells, size_t n)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < n; i++) {
		buf_puts(&b, i ? "," : "{");
		json_quote(&b, name_of(&cells[i]), strlen(name_of(&cells[i])));
		buf_puts(&b, ":");
		if (cells[i].name[0] == '#')
			buf_puts(&b, cells[i].value);
		else
			json_quote(&b, cells[i].value, strlen(cells[i].value));
	}
	printf("%s}\n", b.p);
}

/* RFC 4180. */
static void put_csv_value(const char *s, bool last)
{
	bool plain = strpbrk(s, ",\"\r\n") == NULL;

	if (!plain)
		putchar('"');
	for (; *s; s++) {
		if (*s == '"')
			putchar('"');
		putchar(*s);
	}
	fputs(plain ? "" : "\"", stdout);
	fputs(last ? "\r\n" : ",", stdout);
}

static void put_csv(const struct cell *cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_csv_value(name_of(&cells[i]), i + 1 == n);
	for (size_t i = 0; i < n; i++)
		put_csv_value(cells[i].value, i + 1 == n);
}

static enum format format_of(const struct call *c)
{
	if (c->format != FORMAT_AUTO)
		return c->format;
	return isatty(STDOUT_FILENO) ? FORMAT_TABLE : FORMAT_JSONL;
}

void put_record(const struct call *c, const struct cell *cells, size_t n)
{
	enum format f = format_of(c);

	if (f == FORMAT_TABLE)
		put_table(cells, n);
	else if (f == FORMAT_CSV)
		put_csv(cells, n);
	else
		put_json(c->arena, cells, n);
}

/* ---- lists ---- */

static const char *value_at(const struct list *l, size_t row, size_t column)
{
	return l->values[row * l->n_names + column];
}

static int width_of(const struct list *l, size_t column)
{
	struct cell head = {l->names[column], ""};
	size_t width = strlen(name_of(&head));

	for (size_t i = 0; i < l->n_rows; i++)
		if (strlen(value_at(l, i, column)) > width)
			width = strlen(value_at(l, i, column));
	return (int)width;
}

/* Numbers stand to the right. The last column ends its line without blanks. */
static void put_aligned(const struct list *l, const int *widths, size_t column, const char *value)
{
	bool last = column + 1 == l->n_names;
	int width = widths[column];

	if (l->names[column][0] == '#')
		printf("%*s", width, value);
	else
		printf("%-*s", last ? 0 : width, value);
	fputs(last ? "\n" : "  ", stdout);
}

static void put_list_table(struct arena *a, const struct list *l)
{
	int *widths = arena_alloc(a, (l->n_names + 1) * sizeof(*widths));

	for (size_t j = 0; j < l->n_names; j++)
		widths[j] = width_of(l, j);
	for (size_t j = 0; j < l->n_names; j++) {
		struct cell head = {l->names[j], ""};
		put_aligned(l, widths, j, name_of(&head));
	}
	for (size_t i = 0; i < l->n_rows; i++)
		for (size_t j = 0; j < l->n_names; j++)
			put_aligned(l, widths, j, value_at(l, i, j));
}

static void put_list_csv(const struct list *l)
{
	for (size_t j = 0; j < l->n_names; j++) {
		struct cell head = {l->names[j], ""};
		put_csv_value(name_of(&head), j + 1 == l->n_names);
	}
	for (size_t i = 0; i < l->n_rows; i++)
		for (size_t j = 0; j < l->n_names; j++)
			put_csv_value(value_at(l, i, j), j + 1 == l->n_names);
}

/* A number that is not there is null. */
static void put_list_row(const struct call *c, const struct list *l, size_t row)
{
	struct cell *cells = arena_alloc(c->arena, l->n_names * sizeof(*cells));

	for (size_t j = 0; j < l->n_names; j++) {
		const char *value = value_at(l, row, j);
		bool number = l->names[j][0] == '#';
		cells[j] = (struct cell){l->names[j], number && !*value ? "null" : value};
	}
	put_json(c->arena, cells, l->n_names);
}

static void put_list_json(const struct call *c, const struct list *l, bool array)
{
	if (array)
		puts("[");
	for (size_t i = 0; i < l->n_rows; i++) {
		if (array && i)
			fputs(",", stdout);
		put_list_row(c, l, i);
	}
	if (array)
		puts("]");
}

void put_list(const struct call *c, const struct list *l)
{
	enum format f = format_of(c);

	if (f == FORMAT_TABLE)
		put_list_table(c->arena, l);
	else if (f == FORMAT_CSV)
		put_list_csv(l);
	else
		put_list_json(c, l, f == FORMAT_JSON);
}

enum exit_code complain(enum exit_code code, const char *fmt, ...)
{
	va_list ap;

	fputs("renhectl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return code;
}
