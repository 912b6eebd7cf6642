/* The rows of one worksheet part, as they are inflated. */
#include "sheet_internal.h"

#define COLUMNS_OF_FORMAT 16384
#define LINES_OF_FORMAT 1048576

enum cell_type { CELL_NUMBER, CELL_SHARED, CELL_TEXT, CELL_BOOLEAN, CELL_ERROR, CELL_ISO_DATE };

struct cells_reading {
	const struct sheet_book *book;
	struct sheet *out;
	size_t cap;
	/* the row that is read */
	int line;
	struct sheet_cell *cells;
	unsigned n, next_column;
	bool has_text;
	/* the cell that is read */
	bool in_cell, in_inline;
	unsigned column, aloud;
	enum cell_type type;
	long style;
	struct sheet_cell cell;
	/* ranges, which stand behind the rows */
	struct sheet_range *ranges;
	size_t n_ranges, ranges_cap;
};

bool sheet_cell_place(const char *text, const char **end, unsigned *column, int *line)
{
	long c = 0, l = 0;

	for (; *text >= 'A' && *text <= 'Z' && c <= COLUMNS_OF_FORMAT; text++)
		c = c * 26 + (*text - 'A' + 1);
	for (; *text >= '0' && *text <= '9' && l <= LINES_OF_FORMAT; text++)
		l = l * 10 + (*text - '0');
	if (c < 1 || c > COLUMNS_OF_FORMAT || l < 1 || l > LINES_OF_FORMAT)
		return false;
	*column = (unsigned)c - 1;
	*line = (int)l;
	*end = text;
	return true;
}

/* ---- rows ---- */

static void row_start(struct sheet_xml *x, struct cells_reading *r, const char **attributes)
{
	long line = xml_attribute(attributes, "r")
			    ? xml_attribute_number(attributes, "r", LINES_OF_FORMAT)
			    : r->line + 1;

	if (line <= r->line || line > LINES_OF_FORMAT) {
		sheet_fault(x->budget, "SHEET_SYNTAX"); /* backwards, twice or no number */
		return;
	}
	r->line = (int)line;
	r->next_column = r->n = 0;
	r->has_text = false;
}

static void grow_rows(struct sheet_budget *b, struct cells_reading *r)
{
	struct sheet_row *rows;

	if (r->out->n < r->cap)
		return;
	r->cap = r->cap * 2 + 64;
	rows = arena_alloc(b->arena, r->cap * sizeof(*rows));
	if (r->out->n)
		memcpy(rows, r->out->rows, r->out->n * sizeof(*rows));
	r->out->rows = rows;
}

static void row_end(struct sheet_budget *b, struct cells_reading *r)
{
	if (!r->has_text || !sheet_afford_row(b, &(struct sheet_row){r->line, r->cells, r->n}))
		return;
	if (r->out->n >= b->limits->rows) {
		sheet_fault(b, "SHEET_TOO_LARGE");
		return;
	}
	grow_rows(b, r);
	r->out->rows[r->out->n++] = (struct sheet_row){
		r->line, arena_dup(b->arena, r->cells, r->n * sizeof(*r->cells)), r->n};
}

/* ---- cells ---- */

static enum cell_type type_of(const char *name)
{
	static const struct {
		const char *name;
		enum cell_type type;
	} TYPES[] = {{"n", CELL_NUMBER},       {"s", CELL_SHARED},  {"str", CELL_TEXT},
		     {"inlineStr", CELL_TEXT}, {"b", CELL_BOOLEAN}, {"e", CELL_ERROR},
		     {"d", CELL_ISO_DATE}};

	for (size_t i = 0; name && i < sizeof(TYPES) / sizeof(TYPES[0]); i++)
		if (!strcmp(name, TYPES[i].name))
			return TYPES[i].type;
	return CELL_NUMBER;
}

static void cell_start(struct sheet_xml *x, struct cells_reading *r, const char **attributes)
{
	const char *place = xml_attribute(attributes, "r"), *end = "";
	int line = r->line;

	r->column = r->next_column;
	if (place && (!sheet_cell_place(place, &end, &r->column, &line) || *end || line != r->line))
		sheet_fault(x->budget, "SHEET_SYNTAX");
	if (!r->line || r->column >= COLUMNS_OF_FORMAT)
		sheet_fault(x->budget, "SHEET_SYNTAX");
	r->next_column = r->column + 1;
	r->type = type_of(xml_attribute(attributes, "t"));
	r->style = xml_attribute_number(attributes, "s", 1L << 20);
	r->cell = (struct sheet_cell){"", 0};
	r->in_cell = true;
}

static const char *shared(const struct cells_reading *r, const char *raw)
{
	size_t i = 0;

	for (; *raw >= '0' && *raw <= '9' && i < r->book->strings.n; raw++)
		i = i * 10 + (size_t)(*raw - '0');
	return *raw || i >= r->book->strings.n ? NULL : r->book->strings.of[i];
}

static const char *number(struct sheet_budget *b, struct cells_reading *r, const char *raw)
{
	const struct sheet_styles *s = &r->book->styles;
	int shows = r->style >= 0 && (size_t)r->style < s->n ? s->shows[r->style] : 0;

	return *raw ? sheet_number(b->arena, raw, shows, r->book->from_1904, &r->cell.marks) : "";
}

static const char *iso_date(struct sheet_budget *b, struct cells_reading *r, const char *raw)
{
	r->cell.marks |= SHEET_DATE;
	return strlen(raw) > 10 ? arena_strndup(b->arena, raw, 10) : raw;
}

/* <v> by the cell's type; NULL where it makes no sense. */
static const char *value(struct sheet_budget *b, struct cells_reading *r, const char *raw)
{
	switch (r->type) {
	case CELL_SHARED:
		return shared(r, raw);
	case CELL_BOOLEAN:
		return !strcmp(raw, "1") || !strcmp(raw, "true") ? "TRUE" : "FALSE";
	case CELL_ERROR:
		r->cell.marks |= SHEET_ERROR;
		return raw;
	case CELL_ISO_DATE:
		return iso_date(b, r, raw);
	case CELL_NUMBER:
		return number(b, r, raw);
	case CELL_TEXT:
		break;
	}
	return raw;
}

static void cell_value(struct sheet_xml *x, struct cells_reading *r)
{
	const char *text = value(x->budget, r, xml_take_text(x));

	if (text)
		r->cell.text = text;
	else
		sheet_fault(x->budget, "SHEET_SYNTAX");
}

/* Cells between are empty; empty ones at the end of the row are none, but formulas that whoever wrote
 * the file left without a value. */
static void cell_end(struct sheet_xml *x, struct cells_reading *r)
{
	if (r->in_inline)
		r->cell.text = xml_take_text(x);
	r->in_cell = r->in_inline = false;
	if (!r->cell.text[0] && !(r->cell.marks & SHEET_FORMULA))
		return;
	if (r->column >= x->budget->limits->columns) {
		sheet_fault(x->budget, "SHEET_TOO_LARGE");
		return;
	}
	for (; r->n <= r->column; r->n++)
		r->cells[r->n] = (struct sheet_cell){"", 0};
	r->cells[r->column] = r->cell;
	r->has_text = r->has_text || r->cell.text[0];
}

/* ---- ranges ---- */

static void add_range(struct sheet_xml *x, struct cells_reading *r, const char **attributes)
{
	const char *p = xml_attribute(attributes, "ref");
	struct sheet_range *ranges, to = {0};

	if (!p || !sheet_cell_place(p, &p, &to.first_column, &to.first_line) || *p != ':' ||
	    !sheet_cell_place(p + 1, &p, &to.last_column, &to.last_line) || *p ||
	    to.last_column < to.first_column || to.last_line < to.first_line) {
		sheet_fault(x->budget, "SHEET_SYNTAX");
		return;
	}
	if (r->n_ranges == r->ranges_cap) {
		r->ranges_cap = r->ranges_cap * 2 + 16;
		ranges = arena_alloc(x->budget->arena, r->ranges_cap * sizeof(*ranges));
		if (r->n_ranges)
			memcpy(ranges, r->ranges, r->n_ranges * sizeof(*ranges));
		r->ranges = ranges;
	}
	r->ranges[r->n_ranges++] = to;
}

static bool merge(struct sheet_budget *b, struct cells_reading *r)
{
	size_t work = 1000000;

	for (size_t i = 0; i < r->out->n; i++)
		work += r->out->rows[i].n;
	for (size_t i = 0; i < r->n_ranges; i++)
		if (!sheet_merge(b, r->out, &r->ranges[i], &work))
			return false;
	return true;
}

/* ---- the part ---- */

static void cells_start(struct sheet_xml *x, const char *name, const char **attributes)
{
	struct cells_reading *r = x->of;

	if (!strcmp(name, "row"))
		row_start(x, r, attributes);
	else if (!strcmp(name, "c"))
		cell_start(x, r, attributes);
	else if (!strcmp(name, "mergeCell"))
		add_range(x, r, attributes);
	else if (r->in_cell && !strcmp(name, "f"))
		r->cell.marks |= SHEET_FORMULA;
	else if (r->in_cell && !strcmp(name, "is"))
		r->in_inline = true;
	r->aloud += r->in_inline && !strcmp(name, "rPh");
	x->keep = r->in_cell &&
		  (!strcmp(name, "v") || (r->in_inline && !r->aloud && !strcmp(name, "t")));
}

static void cells_end(struct sheet_xml *x, const char *name)
{
	struct cells_reading *r = x->of;

	x->keep = false;
	if (!strcmp(name, "rPh") && r->aloud)
		r->aloud--;
	else if (r->in_cell && !strcmp(name, "v"))
		cell_value(x, r);
	else if (r->in_cell && !strcmp(name, "c"))
		cell_end(x, r);
	else if (!strcmp(name, "row"))
		row_end(x->budget, r);
}

bool sheet_cells_read(struct sheet_zip *z, struct sheet_budget *b, const char *part,
		      const struct sheet_book *book, struct sheet *out)
{
	struct cells_reading r = {.book = book, .out = out};
	struct sheet_xml x = {.budget = b, .of = &r, .start = cells_start, .end = cells_end};

	r.cells = arena_alloc(b->arena, (b->limits->columns + 1) * sizeof(*r.cells));
	return sheet_zip_read(z, part, &x) && merge(b, &r);
}
