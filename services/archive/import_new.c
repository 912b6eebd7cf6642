/* People whom nobody knew, which most rows of a first file are: persons and keys of a chunk are
 * made in one statement each, so that writing the rows asks the database nothing. */
#include "import_job.h"
#include "db.h"
#include "row_list.h"
#include "seal.h"
#include "value.h"

static bool is_new(const struct import_chunk *c, size_t i)
{
	const struct import_row *row = &c->rows[i];

	return !row->employee_id && !row->e->person_id &&
	       !import_is_bad(&c->report, row->cells->line);
}

static Archive__EmployeeKey *ids_for(struct ctx *cx, const struct import_chunk *c)
{
	Archive__EmployeeKey *key =
		(Archive__EmployeeKey *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE_KEY);

	key->ids = arena_alloc(cx->arena, (c->n + 1) * sizeof(*key->ids));
	for (size_t i = 0; i < c->n; i++)
		if (is_new(c, i)) {
			key->ids[key->n_ids] = arena_alloc(cx->arena, UUID_LEN + 1);
			uuid7(key->ids[key->n_ids++]);
		}
	return key;
}

bool import_make_persons(struct ctx *cx, struct import_chunk *c)
{
	Archive__EmployeeKey *key = ids_for(cx, c);
	struct msg_list made;
	size_t n = 0;

	if (!key->n_ids)
		return true;
	if (!seal_prefetch(cx, (const char *const *)key->ids, key->n_ids, true) ||
	    !db_many(cx, &Q_PERSONS_INSERT, key, &made))
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (is_new(c, i))
			c->rows[i].stamp = (const Archive__EmployeeKey *)made.items[n++];
	return true;
}
