/* The XML of a part by expat, piece by piece. A document type, and with it every entity, is
 * refused: no writer of xlsx needs one (attacks U04). */
#include "sheet_internal.h"
#include <expat.h>
#include "value.h"

/* Excel ends a cell at 32,767 characters. */

struct xml_feed {
	struct sheet_xml *x;
	XML_Parser parser;
};

static const char *local(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

static void stop(struct xml_feed *f, const char *code)
{
	sheet_fault(f->x->budget, code);
	XML_StopParser(f->parser, XML_FALSE);
}

static void on_start(void *arg, const char *name, const char **attributes)
{
	struct xml_feed *f = arg;

	if (f->x->budget->code)
		return;
	f->x->start(f->x, local(name), attributes);
	if (f->x->budget->code)
		XML_StopParser(f->parser, XML_FALSE);
}

static void on_end(void *arg, const char *name)
{
	struct xml_feed *f = arg;

	if (f->x->budget->code)
		return;
	f->x->end(f->x, local(name));
	if (f->x->budget->code)
		XML_StopParser(f->parser, XML_FALSE);
}

static void on_text(void *arg, const char *text, int n)
{
	struct xml_feed *f = arg;

	if (!f->x->keep || f->x->budget->code)
		return;
	if (f->x->text.n + (size_t)n > SHEET_CELL_MOST)
		stop(f, "SHEET_TOO_LARGE");
	else
		buf_add(&f->x->text, text, (size_t)n);
}

static void on_doctype(void *arg, const char *name, const char *system, const char *public, int has)
{
	(void)name;
	(void)system;
	(void)public;
	(void)has;
	stop(arg, "SHEET_SYNTAX");
}

struct xml_feed *xml_feed_new(struct sheet_xml *x)
{
	struct xml_feed *f = arena_alloc(x->budget->arena, sizeof(*f));

	f->x = x;
	f->parser = XML_ParserCreate(NULL);
	if (!f->parser)
		abort();
	buf_init(&x->text, x->budget->arena);
	XML_SetUserData(f->parser, f);
	XML_SetElementHandler(f->parser, on_start, on_end);
	XML_SetCharacterDataHandler(f->parser, on_text);
	XML_SetStartDoctypeDeclHandler(f->parser, on_doctype);
	return f;
}

bool xml_feed_more(struct xml_feed *f, const char *bytes, size_t n, bool last)
{
	if (XML_Parse(f->parser, bytes, (int)n, last) == XML_STATUS_ERROR)
		sheet_fault(f->x->budget, "SHEET_SYNTAX");
	return !f->x->budget->code;
}

void xml_feed_end(struct xml_feed *f)
{
	XML_ParserFree(f->parser);
}

const char *xml_attribute(const char **attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (!strcmp(local(*attributes), name))
			return attributes[1];
	return NULL;
}

bool xml_attribute_true(const char **attributes, const char *name)
{
	const char *v = xml_attribute(attributes, name);

	return v && (!strcmp(v, "1") || !strcmp(v, "true"));
}

long xml_attribute_number(const char **attributes, const char *name, long most)
{
	const char *v = xml_attribute(attributes, name);
	long n = 0;

	if (!v || !*v)
		return -1;
	for (; *v; v++) {
		if (*v < '0' || *v > '9' || n > most)
			return -1;
		n = n * 10 + (*v - '0');
	}
	return n <= most ? n : -1;
}

static int hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

/* The unit of "_x000D_" at p, -1 where p is no such thing. */
static int32_t escaped(const char *p)
{
	int32_t unit = 0;

	if (p[0] != '_' || p[1] != 'x')
		return -1;
	for (int i = 2; i < 6; i++) {
		if (hex(p[i]) < 0)
			return -1;
		unit = unit << 4 | hex(p[i]);
	}
	return p[6] == '_' ? unit : -1;
}

/* A unit below U+0800 or of a whole character; halves of pairs and NUL become U+FFFD. */
static size_t put_unit(char *to, int32_t c)
{
	if (c == 0 || (c >= 0xD800 && c < 0xE000) || c >= 0xFFFE)
		c = 0xFFFD;
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xC0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	to[0] = (char)(0xE0 | c >> 12);
	to[1] = (char)(0x80 | (c >> 6 & 0x3F));
	to[2] = (char)(0x80 | (c & 0x3F));
	return 3;
}

const char *xml_take_text(struct sheet_xml *x)
{
	char *text, *to, *p;

	if (!x->text.n)
		return "";
	text = arena_strndup(x->budget->arena, x->text.p, x->text.n);
	x->text.n = 0;
	x->text.p[0] = '\0';
	for (p = to = text; *p;) {
		int32_t unit = escaped(p);

		if (unit < 0) {
			*to++ = *p++;
			continue;
		}
		to += put_unit(to, unit);
		p += 7;
	}
	*to = '\0';
	return text;
}
