/* Between consumer*.c and inbox*.c: what was seen, what comes next in each aggregate, what waits.
 * Everything inside the open transaction, for the tenant that is set. */
#ifndef RENHE_INBOX_H
#define RENHE_INBOX_H
#include "events.h"

/* Where a consumer stands in one aggregate of one source. */
struct aggregate {
	const char *source, *type, *id;
	int64_t last;
	bool parked;  /* events wait: behind a gap, or behind a dead letter with last + 1 */
	bool changed;
	bool healed;  /* by inbox_heal: what waits may go on */
};
struct inbox_item {
	const struct event *ev;
	const struct consumer_def *def; /* NULL: not handled here */
	const ProtobufCMessage *msg;    /* NULL: tombstone, or not handled */
	const char *poison;             /* why it can't be handled; NULL: it can */
	const char *aggregate_type;     /* NULL: unsequenced or of an unknown kind */
	/* by inbox_claim: */
	struct aggregate *aggregate;    /* NULL as above */
	bool fresh;                     /* its id was not seen before */
};
struct inbox {
	const char *consumer;
	struct aggregate *aggregates;
	size_t n, cap;
};

void inbox_init(struct inbox *in, struct arena *a, const char *consumer, size_t most);
/* Claims the ids of the sequenced items and locks their aggregates, in one round trip. */
bool inbox_claim(struct ctx *cx, struct inbox *in, struct inbox_item *items, size_t n);
/* Writes back the aggregates that moved. */
bool inbox_store(struct ctx *cx, const struct inbox *in);
/* The aggregate, read and locked where it wasn't yet. */
bool inbox_aggregate(struct ctx *cx, struct inbox *in, const char *source, const char *type, const char *id,
		     struct aggregate **out);

bool inbox_park(struct ctx *cx, const struct inbox *in, const struct inbox_item *it, const char *reason);
bool inbox_bury(struct ctx *cx, const struct inbox *in, const struct event *ev, const char *aggregate_type,
		const char *reason, int attempts);
/* Takes the waiting event with last + 1 out of the table; *found false where it isn't there. Lets
 * go of the aggregate where nothing waits at all. */
bool inbox_take_parked(struct ctx *cx, const struct inbox *in, struct aggregate *g, struct event *out, bool *found);
/* Forgets what waits or is dead up to g->last. */
bool inbox_forget(struct ctx *cx, const struct inbox *in, struct aggregate *g);
/* A dead letter, locked. */
bool inbox_dead(struct ctx *cx, const struct inbox *in, const char *id, struct event *out,
		const char **aggregate_type, bool *found);
bool inbox_dead_remove(struct ctx *cx, const char *id);

/* The inbox of the batch that this thread is in; for inbox_heal. NULL outside. */
void inbox_enter(struct inbox *in);
struct inbox *inbox_current(void);
#endif
