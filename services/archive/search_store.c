/* Grams in the database, and the page of a list by them. */
#include "fault.h"
#include "job.h"
#include "policy.h"
#include "row_list.h"
#include "search.h"
#include "archive_texts.h"

#define FILL_MOST 500 /* persons of one run of the timer, as the query says */

static Archive__SearchGrams *grams_new(struct ctx *cx)
{
	return (Archive__SearchGrams *)msg_new(cx->arena, &RULE_ARCHIVE_SEARCH_GRAMS);
}

/* ---- writing ---- */

bool search_add_person(struct ctx *cx, const Archive__Employee *e)
{
	Archive__SearchGrams *g = grams_new(cx);

	g->person_id = e->person_id;
	search_name(cx->arena, e->name, g);
	return db_exec(cx, &Q_SEARCH_PERSON_PUT, g, NULL);
}

bool search_put_person(struct ctx *cx, const Archive__Employee *e)
{
	Archive__SearchGrams *g = grams_new(cx);

	g->person_id = e->person_id;
	return db_exec(cx, &Q_SEARCH_PERSON_CLEAR, g, NULL) && search_add_person(cx, e);
}

static bool put_place(struct ctx *cx, Archive__SearchGrams *g)
{
	search_place(cx->arena, g->code, g->name, g);
	return db_exec(cx, &Q_SEARCH_PLACE_PUT, g, NULL);
}

/* People may be hired into a unit before its first day: its first name is that of the days before.
 */
bool search_put_unit(struct ctx *cx, const Archive__OrgUnit *u, ProtobufCMessage *const *slices,
		     size_t n)
{
	Archive__SearchGrams *g = grams_new(cx);

	g->id = u->id;
	if (!db_exec(cx, &Q_SEARCH_PLACE_CLEAR, g, NULL))
		return false;
	for (size_t i = 0; i < n; i++) {
		const Archive__OrgUnit *slice = (const Archive__OrgUnit *)slices[i];

		g->code = u->code;
		g->name = slice->name;
		g->valid_from = i ? slice->valid_from : NULL;
		g->valid_to = slice->valid_to;
		if (!put_place(cx, g))
			return false;
	}
	return true;
}

bool search_put_post(struct ctx *cx, const Archive__Post *p)
{
	Archive__SearchGrams *g = grams_new(cx);

	msg_assign(&p->base, &g->base);
	return put_place(cx, g);
}

/* ---- what was there before ---- */

static bool fill_places(struct ctx *cx)
{
	struct msg_list rows;
	const char *last = "";

	if (!db_many(cx, &Q_SEARCH_FILL_PLACES, NULL, &rows))
		return false;
	for (size_t i = 0; i < rows.n; i++) {
		Archive__SearchGrams *g = (Archive__SearchGrams *)rows.items[i];

		if (strcmp(last, g->id) != 0)
			g->valid_from = NULL;
		last = g->id;
		if (!put_place(cx, g))
			return false;
	}
	return true;
}

static bool fill_persons(struct ctx *cx, size_t *n)
{
	struct msg_list rows;

	if (!db_many(cx, &Q_SEARCH_FILL_PERSONS, grams_new(cx), &rows))
		return false;
	for (size_t i = 0; i < rows.n; i++) {
		Archive__SearchGrams *g = (Archive__SearchGrams *)rows.items[i];

		search_name(cx->arena, g->name, g);
		if (!db_exec(cx, &Q_SEARCH_PERSON_CLEAR, g, NULL) ||
		    !db_exec(cx, &Q_SEARCH_PERSON_PUT, g, NULL))
			return false;
	}
	*n = rows.n;
	return true;
}

bool search_fill(struct ctx *cx, const char *aggregate_id)
{
	size_t n;

	if (!fill_places(cx) || !fill_persons(cx, &n))
		return false;
	return n < FILL_MOST || timer_set(cx, "search_fill", aggregate_id, "1970-01-01T00:00:00Z");
}

/* ---- the list ---- */

static bool read_box(struct ctx *cx, const Archive__ListEmployeesRequest *list,
		     Archive__SearchEmployees *s)
{
	msg_assign(&list->base, &s->base);
	search_words(cx->arena, list->q, s);
	if (s->n_words > SEARCH_WORDS_MOST)
		fault_add(cx, "?q", "TOO_MANY_WORDS", TEXT_SEARCH_WORDS);
	s->has_contact_scopes = true;
	s->contact_scopes =
		policy_scopes_clear(cx, rule_field(&RULE_ARCHIVE_EMPLOYEE, "mobile")->field_class);
	return fault_none(cx, &FAULT_VALIDATION_FAILED);
}

/* In one packet: the first read of a transaction may end it with its packet, and a setting made in
 * a packet of its own would be gone before the statement it is for. */
static bool search_planned_once(struct ctx *cx, Archive__SearchEmployees *s, struct msg_list *rows)
{
	bool set;

	db_gather(cx->db, true);
	set = db_exec(cx, &Q_SEARCH_PLAN_ONCE, NULL, NULL);
	db_gather(cx->db, false);
	return set && db_many(cx, &Q_EMPLOYEE_SEARCH, s, rows);
}

bool search_employees(struct ctx *cx, const Archive__ListEmployeesRequest *list,
		      struct msg_list *rows)
{
	Archive__SearchEmployees *s =
		(Archive__SearchEmployees *)msg_new(cx->arena, &RULE_ARCHIVE_SEARCH_EMPLOYEES);

	if (!read_box(cx, list, s))
		return false;
	if (!s->n_words) /* an empty box */
		return db_many(cx, &Q_EMPLOYEE_LIST, list, rows);
	return search_planned_once(cx, s, rows);
}
