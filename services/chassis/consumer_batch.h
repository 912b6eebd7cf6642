/* Between consumer.c and consumer_batch.c: one attempt at some events in one transaction. */
#ifndef RENHE_CONSUMER_BATCH_H
#define RENHE_CONSUMER_BATCH_H
#include "inbox.h"

#define CONSUMER_TRIES 3

struct consumer_counts {
	int64_t handled, skipped, duplicate, parked, dead;
};
struct consumer_batch {
	struct service *svc;
	const char *consumer;
	const struct consumer_def *defs;
	unsigned n_defs;
	struct ctx *cx; /* its arena is emptied by every attempt */
	struct consumer_counts counts; /* of the last attempt that was committed */
};
enum attempt {
	ATTEMPT_DONE,
	ATTEMPT_LATER,  /* the database: the same again, after a while */
	ATTEMPT_FAILED, /* item *failed, or some item where *failed == n (the commit) */
};
/* What the record is to this consumer; messages go into the arena a. */
void batch_prepare(const struct consumer_batch *b, struct arena *a, const struct event *ev, struct inbox_item *it);
/* Stable: events of one tenant stand together afterwards. */
void batch_group(struct arena *a, struct inbox_item *items, size_t n);
/* *code: the fault's code, static. */
enum attempt batch_attempt(struct consumer_batch *b, struct inbox_item *items, size_t n, size_t *failed,
			   const char **code);
#endif
