#include "employee_change.h"
#include <stdlib.h>
#include "config.h"
#include "custom.h"
#include "dated.h"
#include "employee.h"
#include "job.h"
#include "people.h"
#include "policy.h"
#include "private.h"
#include "request.h"
#include "search.h"
#include "snapshot.h"
#include "value.h"

static const struct message_rule *const RULE = &RULE_ARCHIVE_EMPLOYEE;

static Archive__EmployeeKey *key_of(struct ctx *cx, const char *employee_id, const char *person_id)
{
	Archive__EmployeeKey *key =
		(Archive__EmployeeKey *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE_KEY);

	key->id = employee_id ? arena_strdup(cx->arena, employee_id) : NULL;
	key->person_id = person_id ? arena_strdup(cx->arena, person_id) : NULL;
	return key;
}

static Archive__Employee *employee_new(struct ctx *cx)
{
	return (Archive__Employee *)msg_new(cx->arena, RULE);
}

bool change_read(struct ctx *cx, const char *employee_id, const char *day, Archive__Employee *out)
{
	Archive__GetEmployeeRequest *get = (Archive__GetEmployeeRequest *)msg_new(
		cx->arena, &RULE_ARCHIVE_GET_EMPLOYEE_REQUEST);

	get->id = arena_strdup(cx->arena, employee_id);
	get->effective_on = archive_effective_on(cx, day, NULL);
	return db_one(cx, &Q_EMPLOYEE_GET, get, out);
}

/* Rights are judged as of now (decision 4), whatever day the change is about. */
static bool may_change(struct ctx *cx, const char *employee_id, Archive__Employee *today)
{
	return change_read(cx, employee_id, NULL, today) &&
	       policy_change(cx, &PERMISSION_EMPLOYEE_CHANGE, RULE, &today->base);
}

bool change_begin(struct ctx *cx, const char *employee_id, const char *day, struct change *c)
{
	Archive__EmployeeKey *locked = key_of(cx, NULL, NULL);

	*c = (struct change){.before = employee_new(cx)};
	if (!db_one(cx, &Q_EMPLOYEE_LOCK, key_of(cx, employee_id, NULL), locked) ||
	    !may_change(cx, employee_id, c->before) || !version_check(cx, locked->version))
		return false;
	if (day && strcmp(day, cx->today) != 0 && !change_read(cx, employee_id, day, c->before))
		return false;
	c->after = (Archive__Employee *)msg_copy(cx->arena, &c->before->base);
	return true;
}

Archive__Employee *change_fact(struct ctx *cx, struct change *c, Archive__FactKind kind,
			       const char *date)
{
	c->fact = employee_new(cx);
	c->fact->has_fact_kind = true;
	c->fact->fact_kind = kind;
	c->fact->effective_date = arena_strdup(cx->arena, date);
	return c->fact;
}

bool change_check_places(struct ctx *cx, const Archive__Employee *fact)
{
	Archive__EmployeeKey *row = key_of(cx, NULL, NULL);
	bool found;

	if (fact->org_unit_id) {
		if (!db_opt(cx, &Q_UNIT_ON_DAY, fact, row, &found))
			return false;
		if (!found)
			return fail(cx, &FAULT_ORG_UNIT_UNKNOWN, "org_unit_id");
	}
	if (fact->post_id) {
		if (!db_opt(cx, &Q_POST_EXISTS, fact, row, &found))
			return false;
		if (!found)
			return fail(cx, &FAULT_POST_UNKNOWN, "post_id");
	}
	return true;
}

/* ---- stamp: the person's next version and instant ---- */

static void take_stamp(Archive__Employee *e, const Archive__EmployeeKey *stamp)
{
	e->has_version = true;
	e->version = stamp->version;
	e->update_time = stamp->at_time;
}

/* A newcomer came with the first stamp; nobody else can have taken the next. */
static bool stamp_newcomer(struct ctx *cx, const struct change *c, Archive__EmployeeKey *out)
{
	char text[28];
	int64_t at;

	out->version = c->after->version + (c->before != NULL);
	out->at_time = c->after->update_time;
	if (!c->before)
		return true;
	if (!time_parse(c->after->update_time, &at))
		abort();
	time_format(at + 1, text);
	out->has_version = true;
	out->person_id = c->after->person_id;
	out->at_time = arena_strdup(cx->arena, text);
	return db_exec(cx, &Q_PERSON_STAMP_NEXT, out, NULL);
}

static bool ask_stamp(struct ctx *cx, const struct change *c, Archive__EmployeeKey *out)
{
	bool new_person = !c->before && !c->after->has_version;
	const struct query *q = new_person ? &Q_PERSON_INSERT : &Q_PERSON_STAMP;

	return db_one(cx, q, key_of(cx, NULL, c->after->person_id), out);
}

static bool stamp(struct ctx *cx, struct change *c)
{
	Archive__EmployeeKey *out = key_of(cx, NULL, NULL);

	if (!(c->newcomer ? stamp_newcomer(cx, c, out) : ask_stamp(cx, c, out)))
		return false;
	take_stamp(c->after, out);
	if (c->fact) {
		take_stamp(c->fact, out);
		c->fact->id = c->after->id;
		c->fact->person_id = c->after->person_id;
	}
	return true;
}

/* ---- slices ---- */

/* What every slice repeats of the employment's head. */
static void take_head(const Archive__Employee *head, Archive__Employee *slice, bool annulled)
{
	slice->id = head->id;
	slice->person_id = head->person_id;
	slice->update_time = head->update_time;
	slice->employee_number = head->employee_number;
	slice->hire_date = head->hire_date;
	slice->end_date = head->end_date;
	slice->has_end_reason = head->has_end_reason;
	slice->end_reason = head->end_reason;
	slice->has_state = annulled;
	slice->state = ARCHIVE__EMPLOYEE_STATE__EMPLOYEE_STATE_ANNULLED;
}

static bool facts_of(struct ctx *cx, const struct change *c, struct msg_list *out)
{
	if (!c->newcomer)
		return db_many(cx, &Q_EMPLOYEE_FACTS, key_of(cx, c->after->id, NULL), out);
	*out = c->newcomer->facts;
	return true;
}

static bool slices_of(struct ctx *cx, const struct change *c, struct msg_list *out)
{
	if (!c->newcomer)
		return db_many(cx, &Q_EMPLOYEE_SLICES, key_of(cx, c->after->id, NULL), out);
	*out = c->newcomer->slices;
	return true;
}

static bool wanted_slices(struct ctx *cx, const struct change *c, const struct msg_list *now,
			  struct msg_list *want)
{
	struct msg_list facts;

	if (c->annuls) {
		want->n = now->n;
		want->items = arena_alloc(cx->arena, (now->n + 1) * sizeof(*want->items));
		for (size_t i = 0; i < now->n; i++)
			want->items[i] = msg_copy(cx->arena, now->items[i]);
	} else {
		if (!facts_of(cx, c, &facts))
			return false;
		want->items = dated_fold(cx->arena, RULE, facts.items, facts.n, &want->n);
	}
	for (size_t i = 0; i < want->n; i++)
		take_head(c->after, (Archive__Employee *)want->items[i], c->annuls);
	return true;
}

static bool among(struct ctx *cx, const ProtobufCMessage *slice, const struct msg_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (dated_equal(cx->arena, RULE, slice, list->items[i], employee_is_slice_field))
			return true;
	return false;
}

/* Closes what is no longer believed, then adds what is new: the unique index allows one order only.
 */
static bool write_slices(struct ctx *cx, const struct change *c, const struct msg_list *now,
			 const struct msg_list *want)
{
	for (size_t i = 0; i < now->n; i++) {
		Archive__Employee *slice = (Archive__Employee *)now->items[i];

		slice->id = c->after->id;
		slice->update_time = c->after->update_time;
		if (!among(cx, now->items[i], want) &&
		    !db_exec(cx, &Q_EMPLOYEE_SLICE_CLOSE, slice, NULL))
			return false;
	}
	for (size_t i = 0; i < want->n; i++)
		if (!among(cx, want->items[i], now) &&
		    !db_exec(cx, &Q_EMPLOYEE_SLICE_INSERT, want->items[i], NULL))
			return false;
	return true;
}

static bool reslice(struct ctx *cx, const struct change *c)
{
	struct msg_list now, want;

	if (!slices_of(cx, c, &now) || !wanted_slices(cx, c, &now, &want) ||
	    !write_slices(cx, c, &now, &want))
		return false;
	if (c->newcomer)
		c->newcomer->slices = want;
	return true;
}

static bool withdraw(struct ctx *cx, const struct change *c)
{
	Archive__Employee *fact = employee_new(cx);

	fact->id = c->after->id;
	fact->update_time = c->after->update_time;
	fact->has_fact_sequence = true;
	fact->fact_sequence = c->withdrawn->fact_sequence;
	return db_exec(cx, &Q_EMPLOYEE_FACT_ANNUL, fact, NULL);
}

/* As Q_EMPLOYEE_FACTS would give it. */
static void keep_fact(struct ctx *cx, const struct change *c)
{
	struct msg_list *facts = &c->newcomer->facts;
	ProtobufCMessage **items = arena_alloc(cx->arena, (facts->n + 1) * sizeof(*items));

	if (facts->n)
		memcpy(items, facts->items, facts->n * sizeof(*items));
	c->fact->has_fact_sequence = true;
	c->fact->fact_sequence = c->fact->version;
	items[facts->n++] = &c->fact->base;
	facts->items = items;
}

static bool write_facts(struct ctx *cx, const struct change *c)
{
	if (c->newcomer) {
		keep_fact(cx, c);
		return db_exec(cx, &Q_EMPLOYEE_FACT_INSERT, c->fact, NULL);
	}
	if (c->annuls && !db_exec(cx, &Q_EMPLOYEE_FACTS_ANNUL, c->after, NULL))
		return false;
	if (c->replaces_end && !db_exec(cx, &Q_EMPLOYEE_ENDS_ANNUL, c->after, NULL))
		return false;
	if (c->withdrawn && !withdraw(cx, c))
		return false;
	return !c->fact || db_exec(cx, &Q_EMPLOYEE_FACT_INSERT, c->fact, NULL);
}

/* ---- head and person ---- */

static bool write_head(struct ctx *cx, const struct change *c)
{
	if (!c->before)
		return db_exec(cx, &Q_EMPLOYEE_INSERT, c->after, NULL);
	if (c->annuls)
		return db_exec(cx, &Q_EMPLOYEE_ANNUL, key_of(cx, c->after->id, NULL), NULL);
	return !strcmp(c->before->employee_number, c->after->employee_number) ||
	       db_exec(cx, &Q_EMPLOYEE_RENUMBER, c->after, NULL);
}

static bool write_revision(struct ctx *cx, const struct change *c)
{
	bool first = c->newcomer && !c->before;

	return (first || db_exec(cx, &Q_PERSON_REVISION_CLOSE, c->after, NULL)) &&
	       db_exec(cx, &Q_PERSON_REVISION_INSERT, c->after, NULL) &&
	       (!c->annuls || db_exec(cx, &Q_PERSON_RELEASE, c->after, NULL));
}

/* Grams are of the name and the number alone; places are found through the slices. */
static bool write_search(struct ctx *cx, const struct change *c)
{
	if (c->before && !strcmp(c->before->name, c->after->name) &&
	    !strcmp(c->before->employee_number, c->after->employee_number))
		return true;
	return c->newcomer ? search_add_person(cx, c->after) : search_put_person(cx, c->after);
}

static bool set_timer(struct ctx *cx, const char *person_id, const char *day)
{
	char text[28];
	int64_t days, at;

	if (!date_parse(day, &days) || !zone_midnight(config_str("RENHE_TIME_ZONE"), days, &at))
		abort();
	time_format(at, text);
	cx->wake_runner = true;
	return timer_set(cx, "facts_due", person_id, text);
}

bool change_timer(struct ctx *cx, const char *person_id)
{
	Archive__DueFact *due = (Archive__DueFact *)msg_new(cx->arena, &RULE_ARCHIVE_DUE_FACT);
	bool found;

	if (!db_opt(cx, &Q_PERSON_FACT_NEXT, key_of(cx, NULL, person_id), due, &found))
		return false;
	return found ? set_timer(cx, person_id, due->effective_date)
		     : timer_set(cx, "facts_due", person_id, NULL);
}

/* The next fact that takes effect behind today, where there is one. */
static bool newcomer_timer(struct ctx *cx, const struct change *c)
{
	const struct msg_list *facts = &c->newcomer->facts;
	const char *next = NULL;

	for (size_t i = 0; i < facts->n; i++) {
		const char *day = ((const Archive__Employee *)facts->items[i])->effective_date;

		if (strcmp(day, cx->today) > 0 && (!next || strcmp(day, next) < 0))
			next = day;
	}
	return !next || set_timer(cx, c->after->person_id, next);
}

static bool ends(const struct change *c)
{
	return c->annuls || c->replaces_end ||
	       (c->fact && c->fact->fact_kind == ARCHIVE__FACT_KIND__FACT_KIND_ENDED);
}

static bool never_employed(const Archive__PersonSnapshot *s)
{
	for (size_t i = 0; i < s->n_employments; i++)
		if (!s->employments[i]->annulled)
			return false;
	return true;
}

/* Whose hires never were is nobody that other services may know. */
static bool publish_private(struct ctx *cx, const struct change *c,
			    const Archive__PersonSnapshot *snapshot)
{
	return never_employed(snapshot) ? private_forget(cx, c->after->person_id)
					: private_emit(cx, c->before, c->after);
}

static bool publish(struct ctx *cx, const struct change *c,
		    bool (*emit)(struct ctx *cx, const struct change *c))
{
	Archive__PersonSnapshot *snapshot;
	bool applied;

	return emit(cx, c) && snapshot_person(cx, c->after, &snapshot) &&
	       (!ends(c) || snapshot_emit_ending(cx, snapshot)) &&
	       emit_archive_person_snapshot(cx, snapshot) && publish_private(cx, c, snapshot) &&
	       people_apply_person(cx, snapshot, &applied);
}

static bool publish_newcomer(struct ctx *cx, const struct change *c,
			     bool (*emit)(struct ctx *cx, const struct change *c))
{
	struct newcomer *n = c->newcomer;
	Archive__PersonSnapshot *snapshot;

	n->sequence++;
	if (!emit(cx, c) || c->goes_on)
		return !cx->fault.def;
	snapshot = snapshot_newcomer(cx, c->after, &n->slices, n->sequence);
	return (!ends(c) || snapshot_emit_ending(cx, snapshot)) &&
	       emit_archive_person_snapshot(cx, snapshot) && private_emit(cx, NULL, c->after) &&
	       people_add_person(cx, snapshot) && newcomer_timer(cx, c);
}

bool change_commit(struct ctx *cx, struct change *c,
		   bool (*emit)(struct ctx *cx, const struct change *c))
{
	if (c->newcomer)
		return stamp(cx, c) && write_head(cx, c) && write_facts(cx, c) && reslice(cx, c) &&
		       write_revision(cx, c) && write_search(cx, c) &&
		       publish_newcomer(cx, c, emit);
	return stamp(cx, c) && write_head(cx, c) && write_facts(cx, c) && reslice(cx, c) &&
	       write_revision(cx, c) && write_search(cx, c) && publish(cx, c, emit) &&
	       change_timer(cx, c->after->person_id);
}

bool change_answer(struct ctx *cx, const struct change *c, Archive__Employee *out)
{
	return change_read(cx, c->after->id, NULL, out) && custom_read(cx, &out, 1);
}
