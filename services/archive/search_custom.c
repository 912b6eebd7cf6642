/* What the search box finds by in declared fields (custom_gram): written with each value, and field
 * by field when a declaration changes. A writer of values holds the declarations, so none changes
 * under it; grams go with the value that they are of. */
#include "db.h"
#include "job.h"
#include "row_list.h"
#include "search.h"
#include "typed_map.h"

#define STEP_VALUES 500 /* of one statement, as search_field_values says */
#define FEW_VALUES                                                                                 \
	2000 /* in the request that changes the declaration; as employee_custom_few counts */
#define STEPS (FEW_VALUES / STEP_VALUES)
#define TIMER "search_field"

bool search_may_find_by(const Renhe__CustomField *f)
{
	bool is_text = f->type == RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_TEXT;
	bool is_choice = f->type == RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_CHOICE;

	return !typed_class(f) &&
	       (is_choice || (is_text && (!f->has_max_len || f->max_len <= SEARCH_VALUE_MOST)));
}

static bool searched(const Renhe__CustomField *f)
{
	return f->searchable && f->state == RENHE__CUSTOM_FIELD_STATE__CUSTOM_FIELD_STATE_ACTIVE;
}

static Archive__EmployeeCustomRow *row_new(struct ctx *cx, const Renhe__CustomField *f)
{
	Archive__EmployeeCustomRow *row =
		(Archive__EmployeeCustomRow *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE_CUSTOM_ROW);

	row->field_id = f->id;
	return row;
}

static const Renhe__CustomField *field_of(const struct typed_fields *f, const char *id)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->items[i]->id, id))
			return f->items[i];
	return NULL;
}

/* ---- values ---- */

static Archive__CustomGrams *grams_new(struct ctx *cx, size_t n)
{
	Archive__CustomGrams *to =
		(Archive__CustomGrams *)msg_new(cx->arena, &RULE_ARCHIVE_CUSTOM_GRAMS);
	char ***const lists[] = {&to->employee_ids, &to->person_ids, &to->field_ids, &to->grams};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		*lists[i] = arena_alloc(cx->arena, (n + 1) * sizeof(char *));
	return to;
}

static void grams_add(const Archive__EmployeeCustomRow *row, const Archive__SearchGrams *g,
		      Archive__CustomGrams *to)
{
	for (size_t i = 0; i < g->n_grams; i++) {
		size_t at = to->n_grams++;

		to->employee_ids[at] = row->employee_id;
		to->person_ids[at] = row->person_id;
		to->field_ids[at] = row->field_id;
		to->grams[at] = g->grams[i];
	}
	to->n_employee_ids = to->n_person_ids = to->n_field_ids = to->n_grams;
}

/* Those of searched fields; nothing stands there of them. */
static bool put_all(struct ctx *cx, const struct typed_fields *f,
		    const Archive__EmployeeCustomRow *const *rows, size_t n)
{
	Archive__SearchGrams *g = arena_alloc(cx->arena, (n + 1) * sizeof(*g));
	Archive__CustomGrams *to;
	size_t n_grams = 0;

	for (size_t i = 0; i < n; i++) {
		const Renhe__CustomField *field = field_of(f, rows[i]->field_id);

		g[i].n_grams = 0;
		if (field && searched(field))
			search_value(cx->arena, field, rows[i]->plain, &g[i]);
		n_grams += g[i].n_grams;
	}
	to = grams_new(cx, n_grams);
	for (size_t i = 0; i < n; i++)
		grams_add(rows[i], &g[i], to);
	return !to->n_grams || db_exec(cx, &Q_SEARCH_VALUES_PUT, to, NULL);
}

static bool put_of(struct ctx *cx, const Renhe__CustomField *f,
		   const Archive__EmployeeCustomRow *const *rows, size_t n)
{
	Renhe__CustomField *one[] = {(Renhe__CustomField *)(uintptr_t)f};
	const struct typed_fields fields = {one, 1};

	return put_all(cx, &fields, rows, n);
}

/* Of a field that nobody searches any more there may be some left. */
bool search_put_value(struct ctx *cx, const Renhe__CustomField *f,
		      const Archive__EmployeeCustomRow *row)
{
	Archive__EmployeeCustomRow *gone;

	if (!f->searchable && f->search_ready)
		return true;
	gone = row_new(cx, f);
	gone->ids = (char **)(uintptr_t)&row->employee_id;
	gone->n_ids = 1;
	return db_exec(cx, &Q_SEARCH_VALUES_CLEAR, gone, NULL) && put_of(cx, f, &row, 1);
}

bool search_put_new_values(struct ctx *cx, const struct typed_fields *f,
			   const Archive__EmployeeCustomBatch *values)
{
	size_t n = values->n_field_ids;
	Archive__EmployeeCustomRow *row = arena_alloc(cx->arena, (n + 1) * sizeof(*row));
	const Archive__EmployeeCustomRow **rows = arena_alloc(cx->arena, (n + 1) * sizeof(*rows));

	for (size_t i = 0; i < n; i++) {
		archive__employee_custom_row__init(&row[i]);
		row[i].employee_id = values->employee_ids[i];
		row[i].person_id = values->person_ids[i];
		row[i].field_id = values->field_ids[i];
		row[i].plain = values->plains[i];
		rows[i] = &row[i];
	}
	return put_all(cx, f, rows, n);
}

/* ---- all values of a field ---- */

static bool same_names(const Renhe__CustomField *a, const Renhe__CustomField *b)
{
	if (a->n_choice_codes != b->n_choice_codes)
		return false;
	for (size_t i = 0; i < a->n_choice_codes; i++)
		if (strcmp(a->choice_codes[i], b->choice_codes[i]) != 0 ||
		    strcmp(a->choice_zh[i], b->choice_zh[i]) != 0 ||
		    strcmp(a->choice_en[i], b->choice_en[i]) != 0)
			return false;
	return true;
}

bool search_field_judge(struct ctx *cx, const Renhe__CustomField *was, Renhe__CustomField *now,
			bool *walk)
{
	Archive__EmployeeCustomRow *count = row_new(cx, now);

	*walk = searched(was) != searched(now) || (searched(now) && !same_names(was, now));
	if (!*walk)
		return true;
	if (!db_one(cx, &Q_EMPLOYEE_CUSTOM_FEW, now, count))
		return false;
	now->has_search_ready = true;
	now->search_ready = count->int_value <= FEW_VALUES;
	now->search_after = NULL;
	return true;
}

/* The values behind *after; that is then the last of them, or NULL where none is left. */
static bool step(struct ctx *cx, const Renhe__CustomField *f, char **after)
{
	Archive__EmployeeCustomRow *asked = row_new(cx, f);
	const Archive__EmployeeCustomRow *const *values;
	struct msg_list rows;

	asked->employee_id = *after;
	if (!db_many(cx, &Q_SEARCH_FIELD_VALUES, asked, &rows))
		return false;
	values = (const Archive__EmployeeCustomRow *const *)rows.items;
	asked->ids = arena_alloc(cx->arena, (rows.n + 1) * sizeof(char *));
	while (asked->n_ids < rows.n) {
		asked->ids[asked->n_ids] = values[asked->n_ids]->employee_id;
		asked->n_ids++;
	}
	*after = rows.n == STEP_VALUES ? asked->ids[rows.n - 1] : NULL;
	return db_exec(cx, &Q_SEARCH_VALUES_CLEAR, asked, NULL) && put_of(cx, f, values, rows.n);
}

static bool steps(struct ctx *cx, const Renhe__CustomField *f, char **after)
{
	for (unsigned i = 0; i <= STEPS; i++)
		if (!step(cx, f, after))
			return false;
		else if (!*after)
			break;
	return true;
}

static bool go_on(struct ctx *cx, const char *field_id)
{
	return timer_set(cx, TIMER, field_id, "1970-01-01T00:00:00Z");
}

bool search_field_walk(struct ctx *cx, const Renhe__CustomField *f)
{
	char *after = NULL;

	return f->search_ready ? steps(cx, f, &after) : go_on(cx, f->id);
}

bool search_field_step(struct ctx *cx, const char *field_id)
{
	Renhe__CustomField *f = (Renhe__CustomField *)msg_new(cx->arena, &RULE_RENHE_CUSTOM_FIELD);
	Renhe__IdRequest asked = RENHE__ID_REQUEST__INIT;
	bool found;

	asked.id = arena_strdup(cx->arena, field_id);
	if (!db_opt(cx, &Q_SEARCH_FIELD_LOCK, &asked, f, &found))
		return false;
	if (!found)
		return true;
	if (!steps(cx, f, &f->search_after))
		return false;
	f->search_ready = !f->search_after;
	return db_exec(cx, &Q_SEARCH_FIELD_WALKED, f, NULL) &&
	       (f->search_ready || go_on(cx, field_id));
}
