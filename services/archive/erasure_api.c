/* Erasure of a person (PIPL art. 47): keys destroyed, columns emptied, every service told and
 * heard. Facts of employments stay, under an id that is nobody's. */
#include "archive.h"
#include "audit.h"
#include "blob.h"
#include "fault.h"
#include "import_job.h"
#include "job.h"
#include "pending.h"
#include "people.h"
#include "policy.h"
#include "private.h"
#include "retention.h"
#include "seal.h"
#include "snapshot.h"
#include "value.h"
#include "archive_texts.h"

#define OBSERVER "observer" /* a principal for looking on; keeps nothing */

static Archive__PersonStanding *standing_new(struct ctx *cx, char *person_id)
{
	Archive__PersonStanding *s =
		(Archive__PersonStanding *)msg_new(cx->arena, &RULE_ARCHIVE_PERSON_STANDING);

	s->id = person_id;
	s->has_years = true;
	s->years = retention_longest()->years;
	return s;
}

/* ---- may it be ---- */

/* Locked, not erased. */
static bool lock_person(struct ctx *cx, char *person_id, Archive__PersonStanding **out)
{
	Archive__PersonStanding *s = standing_new(cx, person_id);

	*out = s;
	return db_one(cx, &Q_PERSON_STANDING, s, s) &&
	       (!s->erased || fail(cx, &FAULT_PERSON_ERASED, NULL));
}

static bool retained(struct ctx *cx, const Archive__PersonStanding *s)
{
	return fail_detail(cx, &FAULT_PERSON_RETAINED, NULL,
			   TEXT_KEPT_UNTIL(retention_longest()->source, s->retained_until));
}

static bool may_erase(struct ctx *cx, const Archive__PersonStanding *s)
{
	if (s->employed)
		return fail(cx, &FAULT_PERSON_EMPLOYED, NULL);
	if (s->held)
		return fail(cx, &FAULT_PERSON_ON_HOLD, NULL);
	return !s->retained_until || retained(cx, s);
}

/* ---- the act ---- */

/* Changes of the person's file that wait for a decision hold what was to be written there. */
static bool requests_forget(struct ctx *cx, char *person_id)
{
	Archive__EmployeeKey key = ARCHIVE__EMPLOYEE_KEY__INIT;
	struct msg_list employees;

	key.person_id = person_id;
	if (!pending_forget(cx, person_id) ||
	    !db_many(cx, &Q_PERSON_EMPLOYEES, &key, &employees))
		return false;
	for (size_t i = 0; i < employees.n; i++)
		if (!pending_forget(cx,
				    ((const Archive__EmployeeKey *)employees.items[i])->id))
			return false;
	return true;
}

/* Grams of the name go with it; places and days stay. */
static bool forget(struct ctx *cx, char *person_id, Archive__EmployeeKey *stamp)
{
	Archive__SearchGrams *grams =
		(Archive__SearchGrams *)msg_new(cx->arena, &RULE_ARCHIVE_SEARCH_GRAMS);

	stamp->person_id = grams->person_id = person_id;
	return seal_destroy(cx, person_id) && blob_drop_person(cx, person_id) &&
	       requests_forget(cx, person_id) && import_files_forget(cx, stamp) && db_one(cx, &Q_PERSON_ERASE, stamp, stamp) &&
	       db_exec(cx, &Q_PERSON_REVISIONS_FORGET, stamp, NULL) &&
	       db_exec(cx, &Q_EMPLOYEE_CUSTOM_FORGET, stamp, NULL) &&
	       db_exec(cx, &Q_SEARCH_PERSON_CLEAR, grams, NULL) && private_forget(cx, person_id) &&
	       timer_set(cx, "facts_due", person_id, NULL);
}

static bool publish(struct ctx *cx, const Archive__EmployeeKey *stamp, char *erasure_id)
{
	Archive__Employee *nameless =
		(Archive__Employee *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE);
	Archive__PersonErased ev = ARCHIVE__PERSON_ERASED__INIT;
	Archive__PersonSnapshot *snapshot;
	bool applied;

	nameless->person_id = ev.person_id = stamp->person_id;
	nameless->version = ev.version = stamp->version;
	ev.has_version = true;
	ev.erasure_id = erasure_id;
	return db_exec(cx, &Q_ERASURE_INSERT, &ev, NULL) &&
	       snapshot_person(cx, nameless, &snapshot) &&
	       emit_archive_person_snapshot(cx, snapshot) &&
	       people_apply_person(cx, snapshot, &applied) && emit_archive_person_erased(cx, &ev);
}

/* ---- the resource ---- */

static const Archive__ErasureAnswer *answer_of(const struct msg_list *answers, const char *service)
{
	for (size_t i = 0; i < answers->n; i++) {
		const Archive__ErasureAnswer *a = (const Archive__ErasureAnswer *)answers->items[i];

		if (!strcmp(a->service, service))
			return a;
	}
	return NULL;
}

/* Whoever reads the topic has to answer. */
static void wait_for(struct ctx *cx, const struct msg_list *answers, Archive__Erasure *out)
{
	const char *const *readers = EVENT_ARCHIVE_PERSON_ERASED.topic->readers;
	size_t n = 0;

	while (readers[n])
		n++;
	out->waiting_for = arena_alloc(cx->arena, (n + 1) * sizeof(*out->waiting_for));
	for (; *readers; readers++)
		if (strcmp(*readers, OBSERVER) != 0 && !answer_of(answers, *readers))
			out->waiting_for[out->n_waiting_for++] = arena_strdup(cx->arena, *readers);
}

static bool read_erasure(struct ctx *cx, char *id, Archive__Erasure *out)
{
	Archive__GetErasureRequest get = ARCHIVE__GET_ERASURE_REQUEST__INIT;
	struct msg_list answers;

	get.id = id;
	if (!db_one(cx, &Q_ERASURE_GET, &get, out) ||
	    !db_many(cx, &Q_ERASURE_ANSWERS, &get, &answers))
		return false;
	out->answers = (Archive__ErasureAnswer **)answers.items;
	out->n_answers = answers.n;
	wait_for(cx, &answers, out);
	out->has_state = true;
	out->state = out->n_waiting_for ? ARCHIVE__ERASURE_STATE__ERASURE_STATE_RUNNING
					: ARCHIVE__ERASURE_STATE__ERASURE_STATE_DONE;
	return true;
}

bool archive_get_erasure(struct ctx *cx, const Archive__GetErasureRequest *in,
			 Archive__Erasure *out)
{
	return read_erasure(cx, in->id, out);
}

bool archive_erase_person(struct ctx *cx, const Archive__ErasePersonRequest *in,
			  Archive__Erasure *out)
{
	Archive__EmployeeKey *stamp =
		(Archive__EmployeeKey *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE_KEY);
	char *id = arena_alloc(cx->arena, UUID_LEN + 1);
	Archive__PersonStanding *s;

	uuid7(id);
	return lock_person(cx, in->id, &s) &&
	       policy_change(cx, &PERMISSION_PERSON_ERASE, NULL, NULL) && may_erase(cx, s) &&
	       forget(cx, in->id, stamp) && publish(cx, stamp, id) &&
	       audit_put(cx, "person.erase", "person", in->id, in->reason, "ok") &&
	       read_erasure(cx, id, out);
}

bool archive_on_erasure_answer(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg)
{
	const Identity__PersonErasureAnswered *in = (const Identity__PersonErasureAnswered *)msg;
	Archive__PersonStanding *s = standing_new(cx, NULL);

	if (!in)
		return true;
	s->erasure_id = in->erasure_id;
	s->service = arena_strdup(cx->arena, ev->source + strlen("/renhe/"));
	return db_exec(cx, &Q_ERASURE_ANSWER_PUT, s, NULL);
}

/* ---- legal holds ---- */

bool archive_hold_person(struct ctx *cx, const Archive__HoldPersonRequest *in,
			 Archive__LegalHold *out)
{
	Archive__PersonStanding *s;

	if (strcmp(in->end_date, cx->today) <= 0) {
		fault_add(cx, "/end_date", "TOO_SMALL", TEXT_DATE_NOT_AHEAD);
		return fault_none(cx, &FAULT_VALIDATION_FAILED);
	}
	return lock_person(cx, in->id, &s) && db_one(cx, &Q_LEGAL_HOLD_INSERT, in, out) &&
	       audit_put(cx, "person.hold", "person", in->id, in->reason, "ok");
}

static bool list_holds(struct ctx *cx, char *person_id, Archive__LegalHoldList *out)
{
	Archive__ListLegalHoldsRequest list = ARCHIVE__LIST_LEGAL_HOLDS_REQUEST__INIT;
	struct msg_list rows;

	list.id = person_id;
	if (!db_many(cx, &Q_LEGAL_HOLD_LIST, &list, &rows))
		return false;
	out->items = (Archive__LegalHold **)rows.items;
	out->n_items = rows.n;
	return true;
}

bool archive_release_person(struct ctx *cx, const Archive__ReleasePersonRequest *in,
			    Archive__LegalHoldList *out)
{
	Archive__PersonStanding *s = standing_new(cx, in->id);

	return db_one(cx, &Q_PERSON_STANDING, s, s) &&
	       db_exec(cx, &Q_LEGAL_HOLDS_RELEASE, in, NULL) &&
	       audit_put(cx, "person.release", "person", in->id, in->reason, "ok") &&
	       list_holds(cx, in->id, out);
}

bool archive_list_legal_holds(struct ctx *cx, const Archive__ListLegalHoldsRequest *in,
			      Archive__LegalHoldList *out)
{
	return db_one(cx, &Q_PERSON_THERE, in, standing_new(cx, NULL)) &&
	       list_holds(cx, in->id, out);
}
