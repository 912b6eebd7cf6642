/* What a chunk of rows asks the database, in one statement each. */
#include "import_job.h"
#include "db.h"
#include "row_list.h"
#include "seal.h"

/* ---- places ---- */

struct place_kind {
	const struct query *query;
	Archive__ImportFaultCode unknown, ambiguous;
	bool unit;
};
static const struct place_kind UNITS = {&Q_IMPORT_UNITS, IMPORT_CODE(ORG_UNIT_UNKNOWN),
					IMPORT_CODE(ORG_UNIT_AMBIGUOUS), true};
static const struct place_kind POSTS = {&Q_IMPORT_POSTS, IMPORT_CODE(POST_UNKNOWN),
					IMPORT_CODE(POST_AMBIGUOUS), false};

static const Archive__ImportPlace *place_at(const struct msg_list *places, size_t i)
{
	return (const Archive__ImportPlace *)places->items[i];
}

static bool holds_on(const Archive__ImportPlace *p, const char *day)
{
	if (p->closed)
		return false;
	return !day || !p->valid_from ||
	       (strcmp(p->valid_from, day) <= 0 && (!p->valid_to || strcmp(day, p->valid_to) < 0));
}

static const char *by_code(const struct msg_list *places, const char *text, const char *day)
{
	for (size_t i = 0; i < places->n; i++)
		if (!strcmp(place_at(places, i)->code, text) && holds_on(place_at(places, i), day))
			return place_at(places, i)->id;
	return NULL;
}

static const char *by_name(const struct msg_list *places, const char *text, const char *day,
			   bool *ambiguous)
{
	const char *found = NULL;

	*ambiguous = false;
	for (size_t i = 0; i < places->n; i++) {
		const Archive__ImportPlace *p = place_at(places, i);

		if (!p->name || strcmp(p->name, text) != 0 || !holds_on(p, day))
			continue;
		*ambiguous = *ambiguous || (found && strcmp(found, p->id) != 0);
		found = p->id;
	}
	return found;
}

static const char *nearest(struct arena *a, const struct msg_list *places, const char *text)
{
	const char **names = arena_alloc(a, (2 * places->n + 1) * sizeof(*names));
	size_t n = 0;

	for (size_t i = 0; i < places->n; i++) {
		names[n++] = place_at(places, i)->code;
		if (place_at(places, i)->name)
			names[n++] = place_at(places, i)->name;
	}
	return str_nearest(text, names);
}

static const char *day_of(const Archive__Employee *e)
{
	return e->effective_date ? e->effective_date : e->hire_date;
}

static void find_place(struct ctx *cx, const struct place_kind *kind, const struct msg_list *places,
		       struct import_row *row, struct import_report *report)
{
	const char *text = kind->unit ? row->unit : row->post, *id;
	bool ambiguous = false;

	if (!text)
		return;
	id = by_code(places, text, day_of(row->e));
	if (!id)
		id = by_name(places, text, day_of(row->e), &ambiguous);
	if (id && !ambiguous) {
		*(kind->unit ? &row->e->org_unit_id : &row->e->post_id) =
			arena_strdup(cx->arena, id);
		return;
	}
	import_tell(report, (struct import_fault){
				    .line = row->cells->line,
				    .column = kind->unit ? row->unit_column : row->post_column,
				    .code = ambiguous ? kind->ambiguous : kind->unknown,
				    .hint = ambiguous ? NULL : nearest(cx->arena, places, text)});
}

static bool find_places(struct ctx *cx, const struct place_kind *kind, struct import_chunk *c)
{
	struct msg_list places;

	if (!db_many(cx, kind->query, NULL, &places))
		return false;
	for (size_t i = 0; i < c->n; i++)
		find_place(cx, kind, &places, &c->rows[i], &c->report);
	return true;
}

bool import_find_places(struct ctx *cx, const struct import_plan *p, struct import_chunk *c)
{
	bool has_post = import_column_of(p, "post_id") >= 0;

	return find_places(cx, &UNITS, c) && (!has_post || find_places(cx, &POSTS, c));
}

/* ---- numbers and persons ---- */

struct found {
	struct msg_list rows;
};

static const Archive__ImportLookup *find(const struct found *f, const char *value)
{
	for (size_t i = 0; value && i < f->rows.n; i++) {
		const Archive__ImportLookup *l = (const Archive__ImportLookup *)f->rows.items[i];

		if (!strcmp(l->value, value))
			return l;
	}
	return NULL;
}

/* One statement for all values; `list` is the field of ImportLookup that carries them. */
static bool ask(struct ctx *cx, const struct query *q, const char *list, const char *const *values,
		struct found *out)
{
	ProtobufCMessage *in = msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_LOOKUP);
	const char **given = arena_alloc(cx->arena, (IMPORT_CHUNK + 1) * sizeof(*given));
	size_t n = 0;

	for (size_t i = 0; i < IMPORT_CHUNK; i++)
		if (values[i])
			given[n++] = values[i];
	*out = (struct found){0};
	msg_set_list(&RULE_ARCHIVE_IMPORT_LOOKUP, in, list, given, n);
	return n == 0 || db_many(cx, q, in, &out->rows);
}

static bool document_index(struct ctx *cx, const Archive__Employee *e, const char **out)
{
	const struct field_rule *f = rule_field(&RULE_ARCHIVE_EMPLOYEE, "id_number");

	return !e->id_number || seal_index(cx, f->seal, e->id_number, out);
}

struct asked {
	const char *numbers[IMPORT_CHUNK], *documents[IMPORT_CHUNK], *persons[IMPORT_CHUNK];
};

static bool collect(struct ctx *cx, const struct import_chunk *c, struct asked *out)
{
	*out = (struct asked){0};
	for (size_t i = 0; i < c->n; i++) {
		const Archive__Employee *e = c->rows[i].e;

		out->numbers[i] = e->employee_number;
		out->persons[i] = e->person_id;
		if (!document_index(cx, e, &out->documents[i]))
			return false;
	}
	return true;
}

/* Nobody changes his own record by a file either (decision 9): the row is refused, not the whole file. */
static bool is_own(const struct ctx *cx, const char *person_id)
{
	return person_id && cx->who.person_id[0] && !strcmp(person_id, cx->who.person_id);
}

static bool find_hires(struct ctx *cx, const struct import_plan *p, struct import_chunk *c)
{
	struct asked asked;
	struct found numbers, documents, persons;

	if (!collect(cx, c, &asked) ||
	    !ask(cx, &Q_IMPORT_NUMBERS_TAKEN, "numbers", asked.numbers, &numbers) ||
	    !ask(cx, &Q_IMPORT_DOCUMENTS_TAKEN, "indexes", asked.documents, &documents) ||
	    !ask(cx, &Q_IMPORT_PERSONS_KNOWN, "ids", asked.persons, &persons))
		return false;
	for (size_t i = 0; i < c->n; i++) {
		const struct import_row *row = &c->rows[i];
		const Archive__ImportLookup *holder = find(&documents, asked.documents[i]);

		if (find(&numbers, asked.numbers[i]))
			import_row_tell(p, row, "employee_number",
					IMPORT_CODE(EMPLOYEE_NUMBER_TAKEN), &c->report);
		if (holder &&
		    (!row->e->person_id || strcmp(row->e->person_id, holder->person_id) != 0))
			import_row_tell(p, row, "id_number", IMPORT_CODE(ID_NUMBER_TAKEN),
					&c->report);
		if (row->e->person_id && !find(&persons, row->e->person_id))
			import_row_tell(p, row, "person_id", IMPORT_CODE(PERSON_UNKNOWN),
					&c->report);
		if (is_own(cx, row->e->person_id))
			import_row_tell(p, row, "person_id", IMPORT_CODE(OWN_RECORD), &c->report);
	}
	return true;
}

/* ---- transfers ---- */

static bool is_known_transfer(const struct found *f, const Archive__Employee *e)
{
	for (size_t i = 0; i < f->rows.n; i++) {
		const Archive__ImportLookup *l = (const Archive__ImportLookup *)f->rows.items[i];

		if (!strcmp(l->value, e->employee_number) && e->effective_date &&
		    !strcmp(l->effective_date, e->effective_date) && e->org_unit_id &&
		    l->org_unit_id && !strcmp(l->org_unit_id, e->org_unit_id))
			return true;
	}
	return false;
}

/* NULL: it may be. */
static const char *wrong_field(const Archive__ImportLookup *l, const struct found *transfers,
			       const Archive__Employee *e, Archive__ImportFaultCode *code)
{
	const char *day = e->effective_date;

	*code = !l					       ? IMPORT_CODE(EMPLOYEE_UNKNOWN)
		: !day					       ? 0
		: strcmp(day, l->hire_date) < 0		       ? IMPORT_CODE(BEFORE_HIRE)
		: l->end_date && strcmp(day, l->end_date) >= 0 ? IMPORT_CODE(NOT_ACTIVE)
		: is_known_transfer(transfers, e)	       ? IMPORT_CODE(TRANSFER_KNOWN)
							       : 0;
	return *code ? l ? "effective_date" : "employee_number" : NULL;
}

static bool find_transfers(struct ctx *cx, const struct import_plan *p, struct import_chunk *c)
{
	struct asked asked;
	struct found employments, transfers;

	if (!collect(cx, c, &asked) ||
	    !ask(cx, &Q_IMPORT_EMPLOYMENTS, "numbers", asked.numbers, &employments) ||
	    !ask(cx, &Q_IMPORT_TRANSFERS_KNOWN, "numbers", asked.numbers, &transfers))
		return false;
	for (size_t i = 0; i < c->n; i++) {
		struct import_row *row = &c->rows[i];
		const Archive__ImportLookup *l = find(&employments, asked.numbers[i]);
		Archive__ImportFaultCode code;
		const char *field;

		if (!asked.numbers[i])
			continue;
		field = wrong_field(l, &transfers, row->e, &code);
		if (!field && is_own(cx, l->person_id)) {
			field = "employee_number";
			code = IMPORT_CODE(OWN_RECORD);
		}
		if (field)
			import_row_tell(p, row, field, code, &c->report);
		else
			row->employee_id = l->employee_id;
	}
	return true;
}

bool import_find_known(struct ctx *cx, const struct import_plan *p, struct import_chunk *c)
{
	return p->kind == ARCHIVE__IMPORT_KIND__IMPORT_KIND_TRANSFERS ? find_transfers(cx, p, c)
								      : find_hires(cx, p, c);
}
