/* Facts recorded ahead take effect: one event each, in effective order, under the person's lock. */
#include <stdlib.h>
#include "employee_change.h"

static int by_day(const void *x, const void *y)
{
	const Archive__DueFact *a = *(const Archive__DueFact *const *)x,
			       *b = *(const Archive__DueFact *const *)y;
	int days = strcmp(a->effective_date, b->effective_date);

	return days ? days
		    : (a->fact_sequence > b->fact_sequence) - (a->fact_sequence < b->fact_sequence);
}

static bool announce(struct ctx *cx, const Archive__DueFact *due)
{
	Archive__EmployeeFactEffective ev = ARCHIVE__EMPLOYEE_FACT_EFFECTIVE__INIT;

	msg_assign(&due->base, &ev.base);
	ev.has_kind = true;
	ev.kind = due->fact_kind;
	return emit_archive_employee_fact_effective(cx, &ev);
}

bool archive_facts_due(struct ctx *cx, const char *person_id)
{
	Archive__EmployeeKey *key =
		(Archive__EmployeeKey *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE_KEY);
	Archive__Employee *person = (Archive__Employee *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE);
	struct msg_list due;

	key->person_id = person->person_id = arena_strdup(cx->arena, person_id);
	if (!db_one(cx, &Q_PERSON_LOCK, person, msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE_KEY)) ||
	    !db_many(cx, &Q_PERSON_FACTS_DUE, key, &due))
		return false;
	qsort(due.items, due.n, sizeof(*due.items), by_day);
	for (size_t i = 0; i < due.n; i++)
		if (!announce(cx, (const Archive__DueFact *)due.items[i]))
			return false;
	return change_timer(cx, person_id);
}
