/* Where the header stands, and what each column says. */
#include "import.h"

#define HEADER_WITHIN 10 /* rows: titles and notes may stand above */

struct planning {
	struct arena *arena;
	const struct sheet *sheet;
	const struct import_wish *wish;
	struct import_report *report;
	struct import_fields fields;
	struct import_plan *out;
};

static bool is_blank(struct arena *a, const struct sheet_row *r, unsigned i)
{
	return i >= r->n || !*import_trim(a, r->cells[i].text);
}

static const struct import_field *field_at(struct arena *a, const struct import_fields *f,
					   const struct sheet_row *r, unsigned i)
{
	return is_blank(a, r, i) ? NULL : import_field_by_header(a, f, r->cells[i].text);
}

/* ---- the row of the header, and the kind ---- */

static unsigned known_columns(struct arena *a, const struct import_fields *f,
			      const struct sheet_row *r)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->n; i++)
		n += field_at(a, f, r, i) != NULL;
	return n;
}

static bool has_column(struct arena *a, const struct import_fields *f, const struct sheet_row *r,
		       const char *name)
{
	for (unsigned i = 0; i < r->n; i++) {
		const struct import_field *found = field_at(a, f, r, i);

		if (found && !strcmp(found->name, name))
			return true;
	}
	return false;
}

static size_t best_row(struct arena *a, const struct sheet *s, const struct import_fields *f,
		       unsigned *most)
{
	size_t best = 0;

	*most = 0;
	for (size_t i = 0; i < s->n && i < HEADER_WITHIN; i++) {
		unsigned n = known_columns(a, f, &s->rows[i]);

		if (n > *most) {
			*most = n;
			best = i;
		}
	}
	return best;
}

/* A file with a day of effect and no day of hire moves people. */
static Archive__ImportKind kind_of(struct planning *p)
{
	struct import_fields hires, moves;
	unsigned most;
	const struct sheet_row *r;

	if (p->wish->kind)
		return p->wish->kind;
	hires = import_fields(p->arena, ARCHIVE__IMPORT_KIND__IMPORT_KIND_EMPLOYEES,
			      &p->wish->declared);
	moves = import_fields(p->arena, ARCHIVE__IMPORT_KIND__IMPORT_KIND_TRANSFERS,
			      &p->wish->declared);
	r = &p->sheet->rows[best_row(p->arena, p->sheet, &moves, &most)];
	if (most >= 2 && has_column(p->arena, &moves, r, "effective_date") &&
	    !has_column(p->arena, &hires, r, "hire_date"))
		return ARCHIVE__IMPORT_KIND__IMPORT_KIND_TRANSFERS;
	return ARCHIVE__IMPORT_KIND__IMPORT_KIND_EMPLOYEES;
}

/* ---- headers ---- */

static bool has_merged(const struct sheet_row *r)
{
	for (unsigned i = 0; i < r->n; i++)
		if (r->cells[i].marks & (SHEET_MERGED | SHEET_MERGE_HEAD))
			return true;
	return false;
}

/* The other row of a header of two: above or below, next to it, with merged cells in either. */
static const struct sheet_row *second_row(const struct planning *p, size_t at, int step)
{
	const struct sheet *s = p->sheet;
	const struct sheet_row *r;

	if ((step < 0 && at == 0) || (step > 0 && at + 1 >= s->n))
		return NULL;
	r = &s->rows[step < 0 ? at - 1 : at + 1];
	if (r->line != s->rows[at].line + step || (!has_merged(&s->rows[at]) && !has_merged(r)))
		return NULL;
	return r;
}

/* Takes the header of each column from the row, or from its other row where only that is known. */
static bool take_headers(struct planning *p, const struct sheet_row *r,
			 const struct sheet_row *other)
{
	bool used = false;

	for (unsigned i = 0; i < p->out->n; i++) {
		struct import_column *c = &p->out->columns[i];

		if (!c->header && !is_blank(p->arena, r, i))
			c->header = import_trim(p->arena, r->cells[i].text);
		if (!other || field_at(p->arena, &p->fields, r, i) ||
		    !field_at(p->arena, &p->fields, other, i))
			continue;
		c->header = import_trim(p->arena, other->cells[i].text);
		used = true;
	}
	return used;
}

static size_t find_header(struct planning *p)
{
	unsigned most;
	size_t at = best_row(p->arena, p->sheet, &p->fields, &most);
	const struct sheet_row *r = &p->sheet->rows[at], *below = second_row(p, at, 1);

	p->out->n = below && below->n > r->n ? below->n : r->n;
	p->out->columns = arena_alloc(p->arena, (p->out->n + 1) * sizeof(*p->out->columns));
	p->out->header_line = r->line;
	take_headers(p, r, second_row(p, at, -1));
	p->out->first = at + 1 + (below && take_headers(p, r, below));
	for (unsigned i = 0; i < p->out->n; i++) {
		struct import_column *c = &p->out->columns[i];

		c->merged = !c->header && i < r->n && (r->cells[i].marks & SHEET_MERGED);
		c->header = c->header ? c->header : "";
	}
	return at;
}

/* ---- columns ---- */

static void tell(struct planning *p, int column, const char *name, Archive__ImportFaultCode code)
{
	import_tell(p->report, (struct import_fault){.line = p->out->header_line,
						     .column = column,
						     .code = code,
						     .column_name = name});
}

static void map_columns(struct planning *p)
{
	for (unsigned i = 0; i < p->out->n; i++) {
		struct import_column *c = &p->out->columns[i];
		const struct import_field *f =
			import_field_by_header(p->arena, &p->fields, c->header);

		if (!f)
			continue;
		c->field = *f;
		c->passed_over = import_field_behind(p->arena, &p->fields, f, c->header);
	}
}

static int column_by_header(const struct planning *p, const char *header, size_t n)
{
	for (unsigned i = 0; i < p->out->n; i++)
		if (strlen(p->out->columns[i].header) == n &&
		    !strncmp(p->out->columns[i].header, header, n))
			return (int)i;
	return -1;
}

static void map_as_asked(struct planning *p, const char *line, size_t n)
{
	const char *sign = memchr(line, '=', n), *name;
	int column = sign ? column_by_header(p, line, (size_t)(sign - line)) : -1;
	struct import_field *to = column < 0 ? NULL : &p->out->columns[column].field;

	if (!to) {
		tell(p, -1, NULL, IMPORT_CODE(MAPPING_UNKNOWN));
		return;
	}
	name = arena_strndup(p->arena, sign + 1, n - (size_t)(sign + 1 - line));
	*to = (struct import_field){.use = IMPORT_IGNORED};
	p->out->columns[column].passed_over = NULL;
	if (!*name)
		return;
	for (size_t i = 0; i < p->fields.n; i++)
		if (!strcmp(p->fields.items[i].name, name))
			*to = p->fields.items[i];
	if (!to->rule)
		tell(p, column, NULL, IMPORT_CODE(MAPPING_UNKNOWN));
}

static void map_wishes(struct planning *p)
{
	const char *line = p->wish->mapping, *end;

	for (; line && *line; line = *end ? end + 1 : end) {
		end = strchr(line, '\n');
		end = end ? end : line + strlen(line);
		map_as_asked(p, line, (size_t)(end - line));
	}
}

static void suggest(struct planning *p)
{
	for (unsigned i = 0; i < p->out->n; i++) {
		struct import_column *c = &p->out->columns[i];

		if (!c->field.rule)
			c->suggestion = import_field_near(p->arena, &p->fields, c->header);
	}
}

/* ---- what is wrong with it ---- */

static void find_doubles(struct planning *p)
{
	for (unsigned i = 0; i < p->out->n; i++)
		for (unsigned k = 0; k < i && p->out->columns[i].field.rule; k++) {
			const struct import_field *x = &p->out->columns[i].field,
						  *y = &p->out->columns[k].field;

			if (y->rule && !strcmp(x->sets, y->sets) && x->use == y->use)
				import_tell(p->report, (struct import_fault){
							       .line = p->out->header_line,
							       .column = (int)i,
							       .code = IMPORT_CODE(COLUMN_DOUBLE),
							       .hint = p->out->columns[k].header});
		}
}

/* Names of declared fields may be any; what the contract names goes before them. */
static void find_ambiguous(struct planning *p)
{
	for (unsigned i = 0; i < p->out->n; i++)
		if (p->out->columns[i].field.key && p->out->columns[i].passed_over)
			tell(p, (int)i, NULL, IMPORT_CODE(COLUMN_AMBIGUOUS));
}

static void find_forbidden(struct planning *p)
{
	for (unsigned i = 0; i < p->out->n; i++)
		if (p->wish->forbidden & (1u << p->out->columns[i].field.field_class))
			tell(p, (int)i, NULL, IMPORT_CODE(COLUMN_FORBIDDEN));
}

static bool is_needed(const struct planning *p, const struct field_rule *f)
{
	if (p->out->kind != ARCHIVE__IMPORT_KIND__IMPORT_KIND_TRANSFERS)
		return f->required && !f->output_only;
	return !strcmp(f->name, "employee_number") || !strcmp(f->name, "effective_date") ||
	       !strcmp(f->name, "org_unit_id");
}

static void find_missing(struct planning *p)
{
	const struct message_rule *rule = &RULE_ARCHIVE_EMPLOYEE;

	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];

		if (is_needed(p, f) && import_column_of(p->out, f->name) < 0)
			tell(p, -1, f->title_zh ? f->title_zh : f->name,
			     IMPORT_CODE(COLUMN_MISSING));
	}
}

static void find_missing_declared(struct planning *p)
{
	const struct typed_fields *d = &p->wish->declared;

	for (size_t i = 0; i < p->fields.n; i++) {
		const struct import_field *f = &p->fields.items[i];
		const Renhe__CustomField *declared = f->key ? typed_field(d, f->key) : NULL;

		if (declared && declared->required && import_column_of(p->out, f->sets) < 0)
			tell(p, -1, f->title, IMPORT_CODE(COLUMN_MISSING));
	}
}

static bool has_data(const struct planning *p, unsigned column)
{
	for (size_t i = p->out->first; i < p->sheet->n; i++)
		if (!is_blank(p->arena, &p->sheet->rows[i], column))
			return true;
	return false;
}

static void find_merged(struct planning *p)
{
	for (unsigned i = 0; i < p->out->n; i++)
		if (p->out->columns[i].merged && !p->out->columns[i].field.rule && has_data(p, i))
			tell(p, (int)i, NULL, IMPORT_CODE(HEADER_MERGED));
}

int import_column_of(const struct import_plan *p, const char *field)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->columns[i].field.rule && !strcmp(p->columns[i].field.sets, field))
			return (int)i;
	return -1;
}

bool import_plan(struct arena *a, const struct sheet *s, const struct import_wish *wish,
		 struct import_report *report, struct import_plan *out)
{
	struct planning p = {.arena = a, .sheet = s, .wish = wish, .report = report, .out = out};
	size_t before = report->n;

	*out = (struct import_plan){.kind = kind_of(&p), .declared = wish->declared};
	p.fields = import_fields(a, out->kind, &wish->declared);
	find_header(&p);
	map_columns(&p);
	map_wishes(&p);
	suggest(&p);
	find_doubles(&p);
	find_ambiguous(&p);
	find_forbidden(&p);
	find_missing(&p);
	find_missing_declared(&p);
	if (report->n == before && out->first >= s->n)
		import_tell(report, (struct import_fault){.line = out->header_line,
							  .column = -1,
							  .code = IMPORT_CODE(NO_ROWS)});
	if (report->n != before)
		return false;
	find_merged(&p);
	return true;
}
