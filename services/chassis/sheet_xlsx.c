/* An xlsx file: where its parts stand and which sheets people see (ECMA-376-1, 18.2; -2, 9.3). */
#include "sheet_internal.h"
#include <strings.h>

#define SHEETS_MOST 100

struct xlsx_sheet {
	const char *name, *relation, *part;
};
struct xlsx_book {
	struct sheet_budget *budget;
	struct sheet_zip *zip;
	const char *folder; /* of the workbook part, "xl" */
	const char *part, *strings, *styles;
	struct xlsx_sheet sheets[SHEETS_MOST];
	unsigned n;
	struct sheet_book cells;
};

/* ---- relations: <Relationship Id Type Target TargetMode> ---- */

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

/* Targets are relative to the part's folder, or absolute within the archive. Names that leave the
 * archive are simply no part of it. */
static const char *resolve(struct xlsx_book *x, const char *target)
{
	if (*target == '/')
		return arena_strdup(x->budget->arena, target + 1);
	return x->folder[0] ? arena_printf(x->budget->arena, "%s/%s", x->folder, target)
			    : arena_strdup(x->budget->arena, target);
}

static void none(struct sheet_xml *x, const char *name)
{
	(void)x;
	(void)name;
}

static const char *usable_target(const char *name, const char **attributes, const char **type)
{
	const char *mode = xml_attribute(attributes, "TargetMode");

	*type = xml_attribute(attributes, "Type");
	if (strcmp(name, "Relationship") != 0 || !*type || (mode && !strcasecmp(mode, "External")))
		return NULL;
	return xml_attribute(attributes, "Target");
}

static void root_relation(struct sheet_xml *p, const char *name, const char **attributes)
{
	struct xlsx_book *x = p->of;
	const char *type, *target = usable_target(name, attributes, &type);

	if (target && ends_with(type, "/officeDocument") && !x->part)
		x->part = resolve(x, target);
}

static void book_relation(struct sheet_xml *p, const char *name, const char **attributes)
{
	struct xlsx_book *x = p->of;
	const char *type, *target = usable_target(name, attributes, &type);
	const char *id = xml_attribute(attributes, "Id");

	if (!target)
		return;
	if (ends_with(type, "/sharedStrings"))
		x->strings = resolve(x, target);
	else if (ends_with(type, "/styles"))
		x->styles = resolve(x, target);
	else if (ends_with(type, "/vbaProject"))
		sheet_fault(x->budget, "SHEET_MACRO");
	for (unsigned i = 0; id && ends_with(type, "/worksheet") && i < x->n; i++)
		if (!strcmp(x->sheets[i].relation, id))
			x->sheets[i].part = resolve(x, target);
}

/* ---- the workbook: <workbookPr date1904>, <sheet name r:id state> ---- */

static void book_element(struct sheet_xml *p, const char *name, const char **attributes)
{
	struct xlsx_book *x = p->of;
	const char *state = xml_attribute(attributes, "state"), *relation, *title;

	if (!strcmp(name, "workbookPr"))
		x->cells.from_1904 = xml_attribute_true(attributes, "date1904");
	if (strcmp(name, "sheet") != 0 || (state && strcmp(state, "visible") != 0))
		return;
	if (x->n == SHEETS_MOST) {
		sheet_fault(x->budget, "SHEET_TOO_LARGE");
		return;
	}
	relation = xml_attribute(attributes, "id");
	title = xml_attribute(attributes, "name");
	x->sheets[x->n++] =
		(struct xlsx_sheet){arena_strdup(x->budget->arena, title ? title : ""),
				    arena_strdup(x->budget->arena, relation ? relation : ""), NULL};
}

static bool read_part(struct xlsx_book *x, const char *part,
		      void (*start)(struct sheet_xml *, const char *, const char **))
{
	struct sheet_xml p = {.budget = x->budget, .of = x, .start = start, .end = none};

	return sheet_zip_read(x->zip, part, &p);
}

/* "xl/workbook.xml" into its folder "xl" and its relations "xl/_rels/workbook.xml.rels". */
static const char *relations_of(struct xlsx_book *x)
{
	const char *slash = strrchr(x->part, '/');

	x->folder =
		slash ? arena_strndup(x->budget->arena, x->part, (size_t)(slash - x->part)) : "";
	return arena_printf(x->budget->arena, "%s%s_rels/%s.rels", x->folder, slash ? "/" : "",
			    slash ? slash + 1 : x->part);
}

static bool read_book(struct xlsx_book *x)
{
	if (!sheet_zip_has(x->zip, "[Content_Types].xml") || !sheet_zip_has(x->zip, "_rels/.rels"))
		return sheet_fault(x->budget, "SHEET_FORMAT"); /* some other archive */
	if (!read_part(x, "_rels/.rels", root_relation))
		return false;
	if (!x->part)
		return sheet_fault(x->budget, "SHEET_FORMAT");
	if (!ends_with(x->part, "workbook.xml"))
		return sheet_fault(x->budget, "SHEET_FORMAT"); /* a document, slides, binary xlsb */
	return read_part(x, x->part, book_element) &&
	       read_part(x, relations_of(x), book_relation) &&
	       (!x->strings ||
		sheet_strings_read(x->zip, x->budget, x->strings, &x->cells.strings)) &&
	       (!x->styles || sheet_styles_read(x->zip, x->budget, x->styles, &x->cells.styles));
}

static bool read_sheets(struct xlsx_book *x, struct sheet **out, size_t *n)
{
	*out = arena_alloc(x->budget->arena, (x->n + 1) * sizeof(**out));
	*n = 0;
	for (unsigned i = 0; i < x->n; i++) {
		struct sheet *s = &(*out)[*n];

		*s = (struct sheet){.format = "xlsx", .encoding = "", .name = x->sheets[i].name};
		if (x->sheets[i].part && /* a chart has no cells */
		    !sheet_cells_read(x->zip, x->budget, x->sheets[i].part, &x->cells, s))
			return false;
		*n += s->n > 0;
	}
	return true;
}

bool sheet_read_xlsx(struct sheet_budget *b, struct str file, struct sheet **out, size_t *n)
{
	struct xlsx_book *x = arena_alloc(b->arena, sizeof(*x));
	bool good;

	x->budget = b;
	x->folder = "";
	x->zip = sheet_zip_open(b, file);
	if (!x->zip)
		return false;
	good = read_book(x) && read_sheets(x, out, n);
	sheet_zip_close(x->zip);
	return good;
}
