/* A person was erased in archive: what identity holds of that person goes, and it says so. */
#include "identity.h"
#include "people.h"
#include "seal.h"

static bool erase_account(struct ctx *cx, Identity__AccountRow *a)
{
	return db_exec(cx, &Q_SPANS_CLEAR, a, NULL) && account_judge(cx, a->id) &&
	       db_exec(cx, &Q_ACCOUNT_ERASE, a, NULL) &&
	       db_exec(cx, &Q_ACCOUNT_ATTEMPTS_ERASE, a, NULL) &&
	       db_exec(cx, &Q_ACCOUNT_PARTS_ERASE, a, NULL) && grant_publish(cx, a->id) &&
	       seal_destroy(cx, a->id);
}

static bool answer(struct ctx *cx, const Archive__PersonErased *in)
{
	Identity__PersonErasureAnswered ev = IDENTITY__PERSON_ERASURE_ANSWERED__INIT;

	msg_assign(&in->base, &ev.base);
	return emit_identity_person_erasure_answered(cx, &ev);
}

bool identity_on_person_erased(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg)
{
	const Archive__PersonErased *in = (const Archive__PersonErased *)msg;
	Identity__AccountRow *a = account_row(cx, NULL);
	bool found;

	(void)ev;
	if (!in)
		return true;
	a->person_id = in->person_id;
	return people_forget_person(cx, in) && db_opt(cx, &Q_ACCOUNT_LOCK_PERSON, a, a, &found) &&
	       (!found || a->erased || erase_account(cx, a)) &&
	       db_exec(cx, &Q_PERSON_LETTERS_ERASE, a, NULL) && seal_destroy(cx, in->person_id) &&
	       answer(cx, in);
}
