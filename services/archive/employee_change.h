/* One change to a person's file, inside the open transaction: lock, stamp, fact, slices, revision,
 * events, snapshot, timer. Every command on employments is: begin, its own rules, commit. */
#ifndef RENHE_EMPLOYEE_CHANGE_H
#define RENHE_EMPLOYEE_CHANGE_H
#include "archive.h"
#include "db.h"

/* A person who was made in this transaction, with one employment: all that is known of them, so
 * that a change asks the database nothing and its statements go out many at once. */
struct newcomer {
	struct msg_list facts, slices; /* as they were written; of the slices those believed */
	int64_t sequence;	       /* of the person's events */
};

struct change {
	Archive__Employee
		*before;	  /* what is believed of the day of change_begin; NULL for a hire */
	Archive__Employee *after; /* the head and the person's fields after the change */
	Archive__Employee *fact;  /* the dated fact, or NULL where none is recorded */
	bool replaces_end;	  /* earlier ends are taken back */
	bool annuls;		  /* the whole employment never was */
	const Archive__Employee *withdrawn; /* a dated fact that is taken back, or NULL */
	struct newcomer *newcomer;	    /* or NULL */
	bool goes_on; /* another change of the newcomer follows, whose snapshot tells of this one
			 too */
};

/* Locks the person, asks the policy about the record as it stands today (policy_change), holds
 * If-Match, loads what is believed of `day`: that from which a dated fact is to hold, so that an
 * event's old values are those that it replaces; NULL is today. The state of `before` is that of
 * the day too. */
bool change_begin(struct ctx *cx, const char *employee_id, const char *day, struct change *c);
/* A new fact for c->after: kind and the day from which it holds. */
Archive__Employee *change_fact(struct ctx *cx, struct change *c, Archive__FactKind kind,
			       const char *date);
/* Writes everything but the event of the command, which `emit` puts: it gets its place before the
 * snapshot, so that the snapshot says that it includes it. */
bool change_commit(struct ctx *cx, struct change *c,
		   bool (*emit)(struct ctx *cx, const struct change *c));
/* Units and posts that a fact names must be there on its day. */
bool change_check_places(struct ctx *cx, const Archive__Employee *fact);
/* What is believed of the employment on that day. */
bool change_read(struct ctx *cx, const char *employee_id, const char *day, Archive__Employee *out);
/* Reads the result for the answer. */
bool change_answer(struct ctx *cx, const struct change *c, Archive__Employee *out);
/* The next due fact of the person, as its one timer. */
bool change_timer(struct ctx *cx, const char *person_id);
#endif
