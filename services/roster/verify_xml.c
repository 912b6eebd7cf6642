#include "verify_xml.h"

#include "roster_verify_texts.h"

static bool bad(struct xml *x)
{
	return source_refuse(&x->source, TEXT_FILE_XML);
}

static bool starts(const struct xml *x, const char *with)
{
	size_t n = strlen(with);

	return x->source.rest.n >= n && memcmp(x->source.rest.p, with, n) == 0;
}

/* Moves on by n bytes, counting lines. */
static struct str take(struct xml *x, size_t n)
{
	struct str *rest = &x->source.rest, got = {rest->p, n};

	for (size_t i = 0; i < n; i++)
		x->source.line += rest->p[i] == '\n';
	*rest = (struct str){rest->p + n, rest->n - n};
	return got;
}

/* To the mark and over it; false where it doesn't come. */
static bool take_until(struct xml *x, const char *mark, struct str *out)
{
	struct str rest = x->source.rest;
	const char *at = memmem(rest.p, rest.n, mark, strlen(mark));

	if (!at)
		return bad(x);
	*out = take(x, (size_t)(at - rest.p));
	take(x, strlen(mark));
	return true;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct str trimmed(struct str s)
{
	for (; s.n && blank(*s.p); s.p++)
		s.n--;
	while (s.n && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool take_tag(struct xml *x)
{
	struct str tag;
	size_t n = 0;

	take(x, 1);
	if (starts(x, "!") || !take_until(x, ">", &tag))
		return bad(x);
	x->kind = tag.n && *tag.p == '/' ? XML_CLOSE : XML_OPEN;
	if (x->kind == XML_CLOSE)
		tag = (struct str){tag.p + 1, tag.n - 1};
	x->empty = x->kind == XML_OPEN && tag.n && tag.p[tag.n - 1] == '/';
	tag.n -= x->empty;
	while (n < tag.n && !blank(tag.p[n]))
		n++;
	x->name = (struct str){tag.p, n};
	x->attributes = trimmed((struct str){tag.p + n, tag.n - n});
	if (memchr(tag.p, '<', tag.n) || memchr(tag.p, '&', tag.n) ||
	    (x->kind == XML_CLOSE && x->attributes.n))
		return bad(x);
	return source_name(&x->source, x->name);
}

static bool take_text(struct xml *x)
{
	const char *at = memchr(x->source.rest.p, '<', x->source.rest.n);
	size_t n = at ? (size_t)(at - x->source.rest.p) : x->source.rest.n;

	x->text = trimmed(take(x, n));
	x->kind = XML_TEXT;
	return !memchr(x->text.p, '&', x->text.n) || bad(x);
}

bool xml_open(struct verify *v, const char *file, struct xml *out)
{
	*out = (struct xml){0};
	if (!source_open(v, file, &out->source))
		return false;
	out->source.line = 1;
	return true;
}

bool xml_next(struct xml *x)
{
	struct str skipped;

	if (x->empty) {
		x->empty = false;
		x->kind = XML_CLOSE;
		return true;
	}
	while (x->source.rest.n) {
		if (starts(x, "<?") || starts(x, "<!--")) {
			if (!take_until(x, starts(x, "<?") ? "?>" : "-->", &skipped))
				return false;
		} else if (starts(x, "<")) {
			return take_tag(x);
		} else if (!take_text(x)) {
			return false;
		} else if (x->text.n) {
			return true;
		}
	}
	x->kind = XML_END;
	return true;
}

bool xml_take_attribute(const struct xml *x, const char *name, struct str *out)
{
	struct str rest = x->attributes;

	while (rest.n) {
		const char *is = memchr(rest.p, '=', rest.n);
		size_t n = is ? (size_t)(is - rest.p) : rest.n;
		const char *end = n + 1 < rest.n && strchr("\"'", is[1])
					  ? memchr(is + 2, is[1], rest.n - n - 2)
					  : NULL;

		if (!end)
			return false;
		if (str_eq(trimmed((struct str){rest.p, n}), name)) {
			*out = (struct str){is + 2, (size_t)(end - is - 2)};
			return true;
		}
		rest = trimmed((struct str){end + 1, rest.n - (size_t)(end + 1 - rest.p)});
	}
	return false;
}

bool xml_plain(struct xml *x, struct str *out)
{
	struct str name = x->name;

	*out = (struct str){"", 0};
	if (!xml_next(x))
		return false;
	if (x->kind == XML_TEXT) {
		*out = x->text;
		if (!xml_next(x))
			return false;
	}
	if (x->kind != XML_CLOSE || x->name.n != name.n || memcmp(x->name.p, name.p, name.n) != 0)
		return bad(x);
	return true;
}
