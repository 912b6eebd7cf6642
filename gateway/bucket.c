#include "bucket.h"

#include <stdlib.h>

#define WAYS 8 /* places that a key may lie in */
#define NS_PER_S 1000000000LL
#define NS_PER_MS 1000000LL

struct buckets {
	size_t sets;
	struct bucket *at;
};

struct buckets *buckets_new(size_t most)
{
	struct buckets *t = calloc(1, sizeof(*t));

	if (!t || most < WAYS || (most & (most - 1)) != 0)
		abort();
	t->sets = most / WAYS;
	t->at = calloc(most, sizeof(*t->at));
	if (!t->at)
		abort();
	return t;
}

void buckets_free(struct buckets *t)
{
	if (t)
		free(t->at);
	free(t);
}

struct bucket *buckets_find(struct buckets *t, uint64_t key)
{
	struct bucket *set = &t->at[(key & (t->sets - 1)) * WAYS], *oldest = set;

	for (struct bucket *b = set; b < set + WAYS; b++) {
		if (b->key == key)
			return b;
		if (b->full_ns < oldest->full_ns)
			oldest = b;
	}
	*oldest = (struct bucket){.key = key};
	return oldest;
}

/* Time that one costs. */
static int64_t step_ns(const struct bucket_rule *r)
{
	return r->window_s * NS_PER_S / r->quota;
}

static int64_t owed_ns(const struct bucket *b, int64_t now_ns)
{
	return b->full_ns > now_ns ? b->full_ns - now_ns : 0;
}

static int64_t up(int64_t value, int64_t unit)
{
	return (value + unit - 1) / unit;
}

struct bucket_state bucket_look(const struct bucket *b, const struct bucket_rule *r, int64_t now_ns)
{
	int64_t step = step_ns(r), most = step * r->quota, owed = owed_ns(b, now_ns);
	int64_t room = most > owed ? most - owed : 0;

	return (struct bucket_state){
		.left = room / step,
		.reset_ms = up(owed, NS_PER_MS),
		.wait_ms = room < step ? up(owed + step - most, NS_PER_MS) : 0,
	};
}

void bucket_take(struct bucket *b, const struct bucket_rule *r, int64_t now_ns)
{
	b->full_ns = now_ns + owed_ns(b, now_ns) + step_ns(r);
}
