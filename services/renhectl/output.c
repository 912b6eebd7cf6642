#include "renhectl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

void put_record(const struct call *c, const struct cell *cells, size_t n)
{
	enum format f = c->format;

	if (f == FORMAT_AUTO)
		f = isatty(STDOUT_FILENO) ? FORMAT_TABLE : FORMAT_JSONL;
	if (f == FORMAT_TABLE)
		put_table(cells, n);
	else if (f == FORMAT_CSV)
		put_csv(cells, n);
	else
		put_json(c->arena, cells, n);
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
