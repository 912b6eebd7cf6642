#include "verify_source.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "roster_verify_texts.h"

bool source_refuse(const struct verify_source *s, struct text what)
{
	return verify_refuse(s->v, s->file, s->line, what);
}

const char *source_print(struct verify *v, struct str text)
{
	return arena_strndup(v->arena, text.p, text.n);
}

/* ---- the file ---- */

static bool read_all(struct verify_source *s, FILE *f)
{
	struct stat st;

	if (fstat(fileno(f), &st) != 0)
		return verify_refuse(s->v, s->file, 0, TEXT_FILE_CANNOT_READ(strerror(errno)));
	if (!S_ISREG(st.st_mode))
		return verify_refuse(s->v, s->file, 0, TEXT_FILE_NO_TEXT);
	if (st.st_size > SOURCE_BYTES_MOST)
		return verify_refuse(s->v, s->file, 0, TEXT_FILE_TOO_LARGE);
	char *text = arena_alloc(s->v->arena, (size_t)st.st_size + 1);
	size_t n = fread(text, 1, (size_t)st.st_size, f);

	if (ferror(f))
		return verify_refuse(s->v, s->file, 0, TEXT_FILE_CANNOT_READ(strerror(errno)));
	if (memchr(text, 0, n))
		return verify_refuse(s->v, s->file, 0, TEXT_FILE_NO_TEXT);
	s->rest = (struct str){text, n};
	for (size_t i = 0; i < n; i++)
		s->lines += text[i] == '\n';
	s->lines += 1;
	return s->lines <= SOURCE_LINES_MOST ||
	       verify_refuse(s->v, s->file, 0, TEXT_FILE_TOO_LARGE);
}

bool source_open(struct verify *v, const char *file, struct verify_source *out)
{
	FILE *f = fopen(file, "re");

	*out = (struct verify_source){.v = v, .file = file};
	if (!f)
		return verify_refuse(v, file, 0, TEXT_FILE_CANNOT_READ(strerror(errno)));
	bool fine = read_all(out, f);

	fclose(f);
	return fine;
}

bool source_line(struct verify_source *s, struct str *out)
{
	const char *end = memchr(s->rest.p, '\n', s->rest.n);
	size_t n = end ? (size_t)(end - s->rest.p) : s->rest.n;

	if (s->rest.n == 0)
		return false;
	*out = (struct str){s->rest.p, n};
	s->rest = (struct str){s->rest.p + n + (end ? 1 : 0), s->rest.n - n - (end ? 1 : 0)};
	s->line++;
	while (out->n && strchr("\r \t", out->p[out->n - 1]))
		out->n--;
	return true;
}

bool source_expect(struct verify_source *s, struct str *out)
{
	while (source_line(s, out))
		if (out->n)
			return true;
	return source_refuse(s, TEXT_FILE_ENDS_EARLY);
}

bool source_has(const struct verify_source *s, const char *line)
{
	struct verify_source copy = *s;
	struct str each;

	while (source_line(&copy, &each))
		if (str_eq(each, line))
			return true;
	return false;
}

/* ---- fields ---- */

static struct str trimmed(struct str s)
{
	for (; s.n && *s.p == ' '; s.p++)
		s.n--;
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

static size_t split_words(struct str line, struct str *out, size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < line.n;) {
		size_t from = i;

		while (i < line.n && line.p[i] != ' ' && line.p[i] != '\t')
			i++;
		if (i > from && n == most)
			return most + 1;
		if (i > from)
			out[n++] = (struct str){line.p + from, i - from};
		else
			i++;
	}
	return n;
}

size_t source_split(struct str line, char by, struct str *out, size_t most)
{
	size_t n = 0, from = 0;

	if (by == ' ')
		return split_words(line, out, most);
	for (size_t i = 0; i <= line.n; i++) {
		if (i < line.n && line.p[i] != by)
			continue;
		if (n == most)
			return most + 1;
		out[n++] = trimmed((struct str){line.p + from, i - from});
		from = i + 1;
	}
	return n;
}

bool source_fields(const struct verify_source *s, struct str line, char by, struct str *out,
		   size_t n)
{
	return source_split(line, by, out, n) == n ||
	       source_refuse(s, TEXT_FILE_FIELDS((int64_t)n));
}

bool source_number(const struct verify_source *s, struct str text, int least, int most, int *out)
{
	int v = 0;
	bool fine = text.n >= 1 && text.n <= 9;

	for (size_t i = 0; fine && i < text.n; i++) {
		fine = text.p[i] >= '0' && text.p[i] <= '9';
		v = v * 10 + (text.p[i] - '0');
	}
	if (!fine || v < least || v > most)
		return source_refuse(s, TEXT_FILE_NUMBER(source_print(s->v, text), least, most));
	*out = v;
	return true;
}

bool source_name(const struct verify_source *s, struct str text)
{
	bool fine = text.n >= 1 && text.n <= SOURCE_NAME_MOST;

	for (size_t i = 0; fine && i < text.n; i++)
		fine = (unsigned char)text.p[i] > ' ' && text.p[i] != 127;
	return fine || source_refuse(s, TEXT_FILE_NAME(SOURCE_NAME_MOST));
}

int name_index(const void *things, size_t size, int n, struct str name)
{
	const char *p = things;

	for (int i = 0; i < n; i++, p += size) {
		const struct str *each = (const struct str *)(const void *)p;

		if (each->n == name.n && memcmp(each->p, name.p, name.n) == 0)
			return i;
	}
	return -1;
}

bool source_known(const struct verify_source *s, const void *things, size_t size, int n,
		  struct str name, int *out)
{
	int i = name_index(things, size, n, name);

	if (i < 0)
		return source_refuse(s, TEXT_FILE_UNKNOWN(source_print(s->v, name)));
	*out = i;
	return true;
}

/* ---- sections ---- */

static bool begin(struct verify_source *s, const struct section *list, struct str name, int *at)
{
	for (int i = 0; list[i].name; i++)
		if (str_eq(name, list[i].name)) {
			if (i <= *at)
				return source_refuse(s, TEXT_FILE_SECTION_ORDER(list[i].name));
			*at = i;
			return true;
		}
	return source_refuse(s, TEXT_FILE_SECTION_UNKNOWN(source_print(s->v, name)));
}

static bool finish(struct verify_source *s, const struct section *one, void *into)
{
	return !one || !one->close || one->close(s, into);
}

static bool missing(struct verify_source *s, const struct section *list, const bool *seen)
{
	for (int i = 0; list[i].name; i++)
		if (list[i].required && !seen[i])
			return !source_refuse(s, TEXT_FILE_SECTION_MISSING(list[i].name));
	return false;
}

bool section_read(struct verify_source *s, const struct section *list, void *into)
{
	const struct section *now = NULL;
	bool seen[SECTIONS_MOST] = {false};
	struct str line;
	int at = -1;

	while (source_line(s, &line)) {
		if (line.n && line.p[0] == '#')
			continue;
		if (now && line.n) {
			if (!now->take(s, into, line))
				return false;
		} else if (line.n) {
			if (!begin(s, list, line, &at))
				return false;
			now = &list[at];
			seen[at] = true;
		} else {
			if (!finish(s, now, into))
				return false;
			now = NULL;
		}
	}
	return finish(s, now, into) && !missing(s, list, seen);
}

bool run_next(const int *line, int n, struct run *r)
{
	if (r->until >= n)
		return false;
	r->from = r->until;
	r->value = line[r->from];
	while (r->until < n && line[r->until] == r->value)
		r->until++;
	return true;
}
