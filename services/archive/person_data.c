#include "person_data.h"
#include "custom.h"
#include "employee_change.h"
#include "row_list.h"
#include "value.h"

static const struct message_rule *const RULE = &RULE_ARCHIVE_PERSON_DATA;

/* ---- lists that are a query each ---- */

static const struct part {
	const char *field;
	const struct query *query;
} PARTS[] = {
	{"person_records", &Q_PERSON_DATA_REVISIONS},
	{"employment_facts", &Q_PERSON_DATA_FACTS},
	{"employment_records", &Q_PERSON_DATA_SLICES},
	{"acts", &Q_PERSON_DATA_ACTS},
	{"requests", &Q_PERSON_DATA_REQUESTS},
	{"files", &Q_PERSON_DATA_FILES},
	{"legal_holds", &Q_PERSON_DATA_HOLDS},
};

/* Rows of facts, slices and revisions are employees; what the columns around them say goes beside. */
static void wrap(struct ctx *cx, struct msg_list *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		Archive__PersonRecord *r = (Archive__PersonRecord *)msg_new(
			cx->arena, &RULE_ARCHIVE_PERSON_RECORD);

		msg_assign(rows->items[i], &r->base);
		r->content = (Archive__Employee *)rows->items[i];
		rows->items[i] = &r->base;
	}
}

static bool take_part(struct ctx *cx, const struct part *p, Archive__PersonData *out)
{
	struct msg_list rows;

	if (!db_many(cx, p->query, out, &rows))
		return false;
	if (rule_field(RULE, p->field)->sub == &RULE_ARCHIVE_PERSON_RECORD)
		wrap(cx, &rows);
	msg_set_items(RULE, &out->base, p->field, rows.items, rows.n);
	return true;
}

/* ---- employments as one reads them today ---- */

static bool take_employments(struct ctx *cx, Archive__PersonData *out)
{
	Archive__EmployeeKey key = ARCHIVE__EMPLOYEE_KEY__INIT;
	struct msg_list rows;

	key.person_id = out->person_id;
	if (!db_many(cx, &Q_PERSON_EMPLOYEES, &key, &rows))
		return false;
	for (size_t i = 0; i < rows.n; i++) {
		const char *id = ((const Archive__EmployeeKey *)rows.items[i])->id;

		rows.items[i] = msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE);
		if (!change_read(cx, id, NULL, (Archive__Employee *)rows.items[i]) ||
		    !custom_read_all(cx, (Archive__Employee *)rows.items[i]))
			return false;
	}
	msg_set_items(RULE, &out->base, "employments", rows.items, rows.n);
	return true;
}

bool person_data_collect(struct ctx *cx, const Archive__CreatePersonDataExportRequest *asked,
			 Archive__PersonData *out)
{
	if (!db_one(cx, &Q_PERSON_DATA_SUBJECT, asked, out))
		return false;
	out->export_time = arena_alloc(cx->arena, 28);
	time_format(cx->now_us, out->export_time);
	for (size_t i = 0; i < sizeof(PARTS) / sizeof(PARTS[0]); i++)
		if (!take_part(cx, &PARTS[i], out))
			return false;
	return take_employments(cx, out);
}

int64_t person_data_count(const Archive__PersonData *d)
{
	int64_t n = 0;

	for (unsigned i = 0; i < RULE->pb->n_fields; i++)
		if (RULE->fields[i].sub)
			n += (int64_t)msg_count(&RULE->fields[i], &d->base);
	return n;
}
