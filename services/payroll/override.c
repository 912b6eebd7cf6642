#include "override.h"

/* The row as a line of a pack, so that one reader judges both. It holds on every day of the question. */
static char *line_of(struct calculation *c, const Payroll__LawOverride *row)
{
	struct buf line;
	enum law_scheme s = law_scheme_of(row->scheme);
	bool local = s != LAW_SCHEMES && law_scheme_local(s);
	const char *place = row->place ? row->place : local ? c->rules.place : LAW_NATIONAL;

	buf_init(&line, c->cx->arena);
	buf_printf(&line, "%s\t%s\t%s\t1900-01-01\t-", row->scheme, place, row->item);
	for (size_t i = 0; i < row->n_values; i++)
		buf_printf(&line, "\t%s", row->values[i]);
	buf_puts(&line, "\tK\t-");
	return line.p;
}

struct reason {
	const char *what, *member, *code;
	const struct text_def *text;
};
static const struct reason REASONS[] = {
	{"SCHEME", "/scheme", "SCHEME_UNKNOWN", &TEXT_DEF_SCHEME_UNKNOWN},
	{"OVERLAP", "", "LAW_TWICE", &TEXT_DEF_LAW_TWICE},
	{"VALUE", "/values", "LAW_VALUES", &TEXT_DEF_LAW_VALUE},
	{"FIELDS", "/values", "LAW_VALUES", &TEXT_DEF_LAW_VALUES},
};

static void refuse(struct calculation *c, size_t i, const char *what)
{
	const struct reason *r = REASONS;

	while (strcmp(r->what, what) != 0)
		r++; /* a line made by line_of has no other fault */
	calculation_wrong(c, arena_printf(c->cx->arena, "/basis/law/%zu%s", i, r->member), r->code, (struct text){.def = r->text});
}

/* NULL where the row alone can be read. */
static const char *row_wrong(struct calculation *c, const Payroll__LawOverride *row)
{
	struct law_row one;
	struct law alone = {.rows = &one};
	struct law_error error = {0};

	return law_read(line_of(c, row), 1, &alone, &error) ? NULL : error.what;
}

static struct law room_for(struct calculation *c, size_t n)
{
	return (struct law){.rows = arena_alloc(c->cx->arena, n * sizeof(struct law_row))};
}

void override_law(struct calculation *c, const Payroll__Basis *basis)
{
	struct law given = room_for(c, basis->n_law), *out = arena_alloc(c->cx->arena, sizeof(*out));
	struct law_error error = {0};
	unsigned before = c->cx->fault.n_items;

	for (size_t i = 0; i < basis->n_law; i++) {
		const char *what = row_wrong(c, basis->law[i]);

		if (!what && c->cx->fault.n_items == before &&
		    !law_read(line_of(c, basis->law[i]), basis->n_law, &given, &error))
			what = error.what;
		if (what)
			refuse(c, i, what);
	}
	if (c->cx->fault.n_items > before)
		return;
	*out = room_for(c, c->rules.law->n + given.n);
	law_override(c->rules.law, &given, out);
	c->rules.law = out;
}
