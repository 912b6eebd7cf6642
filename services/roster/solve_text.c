#include "solve_text.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool roster_text_fault(struct roster_text *t, const struct text_def *what, const char *about)
{
	if (!t->fault[0])
		snprintf(t->fault, sizeof(t->fault), "%.160s:%d: %s / %s: '%.60s'", t->name,
			 t->line, what->zh, what->en, about);
	return false;
}

bool roster_text_of(struct roster_text *t, const char *name, const char *bytes, size_t size)
{
	memset(t, 0, sizeof(*t));
	t->name = name;
	t->size = size;
	t->bytes = malloc(size + 1);
	if (!t->bytes)
		return roster_text_fault(t, &TEXT_DEF_SOLVE_MEMORY, "");
	memcpy(t->bytes, bytes, size);
	t->bytes[size] = 0;
	return memchr(bytes, 0, size) ? roster_text_fault(t, &TEXT_DEF_SOLVE_NUL, "") : true;
}

static bool text_slurp(struct roster_text *t, FILE *file)
{
	char *bytes = malloc(ROSTER_FILE + 1);

	if (!bytes)
		return roster_text_fault(t, &TEXT_DEF_SOLVE_MEMORY, "");
	t->bytes = bytes;
	t->size = fread(bytes, 1, ROSTER_FILE + 1, file);
	if (ferror(file))
		return roster_text_fault(t, &TEXT_DEF_SOLVE_UNREADABLE, strerror(errno));
	if (t->size > ROSTER_FILE)
		return roster_text_fault(t, &TEXT_DEF_SOLVE_LARGE, "");
	if (memchr(bytes, 0, t->size))
		return roster_text_fault(t, &TEXT_DEF_SOLVE_NUL, "");
	return true;
}

bool roster_text_open(struct roster_text *t, const char *name)
{
	memset(t, 0, sizeof(*t));
	t->name = name;

	FILE *file = fopen(name, "rb");
	if (!file)
		return roster_text_fault(t, &TEXT_DEF_SOLVE_UNREADABLE, strerror(errno));
	bool fine = text_slurp(t, file);
	fclose(file);
	return fine;
}

void roster_text_close(struct roster_text *t)
{
	free(t->bytes);
	t->bytes = NULL;
}

bool roster_text_next(struct roster_text *t)
{
	if (t->fault[0] || t->at >= t->size)
		return false;

	const char *start = t->bytes + t->at, *end = memchr(start, '\n', t->size - t->at);
	size_t n = end ? (size_t)(end - start) : t->size - t->at;

	t->line++;
	t->at += n + 1;
	if (n >= sizeof(t->row))
		return roster_text_fault(t, &TEXT_DEF_SOLVE_LONG_LINE, "");
	while (n && strchr(" \t\r", start[n - 1]))
		n--;
	memcpy(t->row, start, n);
	t->row[n] = 0;
	t->fields = 0;
	return true;
}

static bool text_field(struct roster_text *t, char *field)
{
	if (t->fields == ROSTER_FIELDS)
		return roster_text_fault(t, &TEXT_DEF_SOLVE_FIELDS, field);
	t->field[t->fields++] = field;
	return true;
}

bool roster_text_split(struct roster_text *t, char separator)
{
	t->fields = 0;
	for (char *at = t->row, *next; at; at = next) {
		next = strchr(at, separator);
		if (next)
			*next++ = 0;
		if (!text_field(t, at))
			return false;
	}
	return true;
}

bool roster_text_words(struct roster_text *t)
{
	char *at = t->row + strspn(t->row, " \t");

	for (t->fields = 0; *at; at += strspn(at, " \t")) {
		if (!text_field(t, at))
			return false;
		at += strcspn(at, " \t");
		if (*at)
			*at++ = 0;
	}
	return true;
}

bool roster_text_number(struct roster_text *t, const char *text, int least, int most, int *out)
{
	size_t n = strspn(text, "0123456789");
	long value = n && n < 10 && !text[n] ? strtol(text, NULL, 10) : -1;

	if (value < least || value > most)
		return roster_text_fault(t, &TEXT_DEF_SOLVE_NUMBER, text);
	*out = (int)value;
	return true;
}

bool roster_text_id(struct roster_text *t, const char *text, char *out, size_t size)
{
	size_t n = strlen(text);

	if (!n || n >= size)
		return roster_text_fault(t, &TEXT_DEF_SOLVE_ID, text);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 127)
			return roster_text_fault(t, &TEXT_DEF_SOLVE_ID, text);
	memcpy(out, text, n + 1);
	return true;
}
