/* Calls that wait for a connection, in turn by tenant: who sends much waits behind himself, not
 * others behind him (P33). Within a tenant in the order they came. No I/O, no clock. */
#ifndef RENHE_GATEWAY_FAIR_QUEUE_H
#define RENHE_GATEWAY_FAIR_QUEUE_H
#include "upstream.h"

struct fair_lane; /* of one tenant; lives while a call waits in it */
struct fair_queue {
	struct fair_lane *turn; /* a ring; NULL = nobody waits */
	unsigned n;		/* calls */
	unsigned taken, rate;	/* in this second so far, within the one before */
	int64_t second_ms,
		stood_ms; /* when that began; when newcomers had to be refused last, or 0 */
};
/* A burst is taken, a queue that only stands is kept short. Newcomers are refused where a tenant's
 * calls have been waiting without a break for this long, */
#define FAIR_STANDS_MS 500
/* and the first of them for this long. */
#define FAIR_TARGET_MS 250
/* For this long after it nobody has more waiting than goes on within the target. */
#define FAIR_AFTER_MS 5000
/* Notes what it finds; asked before each fair_put. */
bool fair_stands(struct fair_queue *q, const char *tenant, int64_t now_ms);
/* By c->tenant; uses c->next and c->queued_ms. */
void fair_put(struct fair_queue *q, struct upstream_call *c);
struct upstream_call *fair_take(struct fair_queue *q); /* NULL: nobody waits */
/* The newest call of the tenant that has the most waiting, of several that of the last one to come:
 * goes where there is no room. */
struct upstream_call *fair_drop(struct fair_queue *q);
/* One whose deadline has passed, or NULL. */
struct upstream_call *fair_late(struct fair_queue *q, int64_t now_ms);
#endif
