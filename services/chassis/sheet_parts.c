/* Shared strings and cell styles of a workbook. */
#include "sheet_internal.h"

/* ---- shared strings: <sst><si>, with runs <r><t>; <rPh> is how it is read aloud, not what it says
 * ---- */

struct strings_reading {
	struct sheet_strings *out;
	unsigned aloud; /* depth within <rPh> */
};

static void strings_start(struct sheet_xml *x, const char *name, const char **attributes)
{
	struct strings_reading *r = x->of;

	(void)attributes;
	r->aloud += !strcmp(name, "rPh");
	x->keep = !strcmp(name, "t") && !r->aloud;
}

static void add_string(struct sheet_xml *x, struct sheet_strings *s)
{
	if (s->n == s->cap) {
		const char **of = arena_alloc(x->budget->arena, (s->cap * 2 + 64) * sizeof(*of));

		if (s->n)
			memcpy(of, s->of, s->n * sizeof(*of));
		s->of = of;
		s->cap = s->cap * 2 + 64;
	}
	s->of[s->n++] = xml_take_text(x);
}

static void strings_end(struct sheet_xml *x, const char *name)
{
	struct strings_reading *r = x->of;

	x->keep = false;
	if (!strcmp(name, "rPh") && r->aloud)
		r->aloud--;
	if (!strcmp(name, "si"))
		add_string(x, r->out);
}

bool sheet_strings_read(struct sheet_zip *z, struct sheet_budget *b, const char *part,
			struct sheet_strings *out)
{
	struct strings_reading r = {.out = out};
	struct sheet_xml x = {.budget = b, .of = &r, .start = strings_start, .end = strings_end};

	return sheet_zip_read(z, part, &x);
}

/* ---- styles: <numFmts> names the workbook's own formats, <cellXfs> the format of each style ----
 */

#define FORMATS_MOST 4096

struct styles_reading {
	struct sheet_styles *out;
	bool in_cell_formats;
	struct {
		long id;
		int shows;
	} * own;
	unsigned n_own;
};

static void add_own(struct sheet_xml *x, struct styles_reading *r, const char **attributes)
{
	const char *code = xml_attribute(attributes, "formatCode");
	long id = xml_attribute_number(attributes, "numFmtId", 1L << 30);

	if (id < 0 || !code)
		return;
	if (!r->own)
		r->own = arena_alloc(x->budget->arena, FORMATS_MOST * sizeof(*r->own));
	if (r->n_own == FORMATS_MOST) {
		sheet_fault(x->budget, "SHEET_TOO_LARGE");
		return;
	}
	r->own[r->n_own].id = id;
	r->own[r->n_own++].shows = sheet_format_shows(code);
}

/* The last of many, as the workbook's own may name a number anew. */
static int shows(const struct styles_reading *r, long id)
{
	for (unsigned i = r->n_own; i-- > 0;)
		if (r->own[i].id == id)
			return r->own[i].shows;
	return sheet_format_id_is_date(id) ? SHEET_SHOWS_DAY : 0;
}

static void add_style(struct sheet_xml *x, struct sheet_styles *s, int shown)
{
	if (s->n == 65536) { /* more than any Excel has */
		sheet_fault(x->budget, "SHEET_TOO_LARGE");
		return;
	}
	if (s->n == s->cap) {
		signed char *of = arena_alloc(x->budget->arena, s->cap * 2 + 64);

		if (s->n)
			memcpy(of, s->shows, s->n);
		s->shows = of;
		s->cap = s->cap * 2 + 64;
	}
	s->shows[s->n++] = (signed char)shown;
}

static void styles_start(struct sheet_xml *x, const char *name, const char **attributes)
{
	struct styles_reading *r = x->of;

	if (!strcmp(name, "cellXfs"))
		r->in_cell_formats = true;
	else if (!strcmp(name, "numFmt"))
		add_own(x, r, attributes);
	else if (r->in_cell_formats && !strcmp(name, "xf"))
		add_style(x, r->out,
			  shows(r, xml_attribute_number(attributes, "numFmtId", 1L << 30)));
}

static void styles_end(struct sheet_xml *x, const char *name)
{
	struct styles_reading *r = x->of;

	if (!strcmp(name, "cellXfs"))
		r->in_cell_formats = false;
}

bool sheet_styles_read(struct sheet_zip *z, struct sheet_budget *b, const char *part,
		       struct sheet_styles *out)
{
	struct styles_reading r = {.out = out};
	struct sheet_xml x = {.budget = b, .of = &r, .start = styles_start, .end = styles_end};

	return sheet_zip_read(z, part, &x);
}
