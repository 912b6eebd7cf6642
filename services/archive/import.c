#include "import.h"
#include "row.h"

#define FAULTS_SHOWN 10000

void import_fault(struct arena *a, Archive__ImportResult *r, int row, const char *column,
		  const char *code, const char *detail)
{
	Archive__ImportFault *f;

	r->has_fault_count = true;
	r->fault_count++;
	if (r->n_faults == FAULTS_SHOWN)
		return;
	if (!r->faults)
		r->faults = arena_alloc(a, FAULTS_SHOWN * sizeof(*r->faults));
	f = (Archive__ImportFault *)msg_new(a, &RULE_ARCHIVE_IMPORT_FAULT);
	f->has_row = true;
	f->row = row;
	f->column = column ? arena_strdup(a, column) : NULL;
	f->code = arena_strdup(a, code);
	f->detail = arena_strdup(a, detail);
	r->faults[r->n_faults++] = f;
}

static bool says(const char *cell, const char *a, const char *b, const char *c)
{
	return (a && !strcmp(cell, a)) || (b && !strcmp(cell, b)) || (c && !strcmp(cell, c));
}

static bool loadable(const struct field_rule *f)
{
	return !f->output_only && !f->internal && strcmp(f->name, "effective_date") != 0 &&
	       strcmp(f->name, "org_unit_id") != 0 && strcmp(f->name, "post_id") != 0;
}

static bool find_column(const char *cell, struct import_column *c)
{
	const struct message_rule *rule = &RULE_ARCHIVE_EMPLOYEE;

	c->field = NULL;
	c->code_of = says(cell, "org_unit_code", "部门编码", "门店编码") ? "org_unit"
		     : says(cell, "post_code", "岗位编码", NULL)	 ? "post"
									 : NULL;
	for (unsigned i = 0; !c->code_of && i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];

		if (loadable(f) && says(cell, f->name, f->title_zh, f->title_en))
			c->field = f;
	}
	return c->field || c->code_of;
}

static bool doubled(const struct import_plan *p, const struct import_column *c)
{
	for (unsigned i = 0; i < p->n; i++)
		if (c->field ? p->columns[i].field == c->field
			     : p->columns[i].code_of && !strcmp(p->columns[i].code_of, c->code_of))
			return true;
	return false;
}

static bool has_field(const struct import_plan *p, const char *name)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->columns[i].field ? !strcmp(p->columns[i].field->name, name)
					: p->columns[i].code_of && !strcmp(name, "org_unit_id") &&
						  !strcmp(p->columns[i].code_of, "org_unit"))
			return true;
	return false;
}

static void missing_headers(struct arena *a, const struct import_plan *p,
			    Archive__ImportResult *faults)
{
	const struct message_rule *rule = &RULE_ARCHIVE_EMPLOYEE;

	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];

		if (f->required && !f->output_only && !has_field(p, f->name))
			import_fault(a, faults, 1, f->title_zh ? f->title_zh : f->name,
				     "COLUMN_MISSING",
				     "缺少必需的列 (a required column is missing)");
	}
}

void import_plan(struct arena *a, const struct csv_row *header, struct import_plan *out,
		 Archive__ImportResult *faults)
{
	out->columns = arena_alloc(a, (header->n + 1) * sizeof(*out->columns));
	out->n = 0;
	for (unsigned i = 0; i < header->n; i++) {
		struct import_column c = {.header = header->cells[i]};

		if (!find_column(c.header, &c))
			import_fault(a, faults, header->line, c.header, "COLUMN_UNKNOWN",
				     "不认识的列名 (unknown column)");
		else if (doubled(out, &c))
			import_fault(a, faults, header->line, c.header, "COLUMN_DOUBLE",
				     "列名重复 (the column stands twice)");
		out->columns[out->n++] = c;
	}
	missing_headers(a, out, faults);
}
