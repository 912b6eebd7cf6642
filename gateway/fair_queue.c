#include "fair_queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TENANT_MAX 36

struct fair_lane {
	struct fair_lane *next, *prev; /* of the ring */
	struct upstream_call *first, **last;
	unsigned n;
	int64_t since_ms;	     /* never empty since */
	char tenant[TENANT_MAX + 1]; /* a copy: calls come and go */
};

static struct fair_lane *lane_new(struct fair_queue *q, const char *tenant, int64_t now_ms)
{
	struct fair_lane *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	snprintf(l->tenant, sizeof(l->tenant), "%s", tenant);
	l->last = &l->first;
	l->since_ms = now_ms;
	if (!q->turn) {
		q->turn = l->next = l->prev = l;
		return l;
	}
	l->next = q->turn; /* its turn comes after all others */
	l->prev = q->turn->prev;
	l->prev->next = l->next->prev = l;
	return l;
}

static void lane_end(struct fair_queue *q, struct fair_lane *l)
{
	if (q->turn == l)
		q->turn = l->next == l ? NULL : l->next;
	l->prev->next = l->next;
	l->next->prev = l->prev;
	free(l);
}

/* As many as there are tenants who wait, which is few; NULL: none of that tenant. */
static struct fair_lane *lane_of(const struct fair_queue *q, const char *tenant)
{
	struct fair_lane *l = q->turn;

	while (l && strncmp(l->tenant, tenant, TENANT_MAX) != 0)
		l = l->next == q->turn ? NULL : l->next;
	return l;
}

/* Takes the call that *at points to; the lane may be gone afterwards. */
static struct upstream_call *take(struct fair_queue *q, struct fair_lane *l,
				  struct upstream_call **at)
{
	struct upstream_call *c = *at;

	*at = c->next;
	if (!c->next)
		l->last = at;
	c->next = NULL;
	q->n--;
	if (--l->n == 0)
		lane_end(q, l);
	return c;
}

static void roll(struct fair_queue *q, int64_t now_ms)
{
	int64_t took_ms = now_ms - q->second_ms;

	if (took_ms < 1000)
		return;
	q->rate = (unsigned)(q->taken * 1000LL / took_ms);
	q->taken = 0;
	q->second_ms = now_ms;
}

static bool too_many(const struct fair_queue *q, const struct fair_lane *l, int64_t now_ms)
{
	return q->stood_ms && now_ms - q->stood_ms < FAIR_AFTER_MS &&
	       (uint64_t)l->n * 1000 >= (uint64_t)q->rate * FAIR_TARGET_MS;
}

bool fair_stands(struct fair_queue *q, const char *tenant, int64_t now_ms)
{
	const struct fair_lane *l = lane_of(q, tenant ? tenant : "");

	roll(q, now_ms);
	if (!l)
		return false;
	if (now_ms - l->since_ms >= FAIR_STANDS_MS &&
	    now_ms - l->first->queued_ms >= FAIR_TARGET_MS) {
		q->stood_ms = now_ms;
		return true;
	}
	return too_many(q, l, now_ms);
}

void fair_put(struct fair_queue *q, struct upstream_call *c)
{
	const char *tenant = c->tenant ? c->tenant : "";
	struct fair_lane *l = lane_of(q, tenant);

	if (!l)
		l = lane_new(q, tenant, c->queued_ms);
	c->next = NULL;
	*l->last = c;
	l->last = &c->next;
	l->n++;
	q->n++;
}

struct upstream_call *fair_take(struct fair_queue *q)
{
	struct fair_lane *l = q->turn;

	if (!l)
		return NULL;
	q->turn = l->next;
	q->taken++;
	return take(q, l, &l->first);
}

struct upstream_call *fair_drop(struct fair_queue *q)
{
	struct fair_lane *l = q->turn, *longest = l;

	if (!l)
		return NULL;
	for (l = l->next; l != q->turn; l = l->next)
		if (l->n >= longest->n)
			longest = l;
	struct upstream_call **at = &longest->first;
	while ((*at)->next)
		at = &(*at)->next;
	return take(q, longest, at);
}

/* Each lane is in order of arrival, and so nearly of deadlines. */
struct upstream_call *fair_late(struct fair_queue *q, int64_t now_ms)
{
	struct fair_lane *l = q->turn;

	while (l && l->first->deadline_ms > now_ms)
		l = l->next == q->turn ? NULL : l->next;
	return l ? take(q, l, &l->first) : NULL;
}
