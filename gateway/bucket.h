/* Token buckets in a table of fixed size: integers only, no clock, no I/O, no locks.
 *
 * A bucket is one number, the instant at which it is full again (GCRA, ITU-T I.371): so one that
 * has filled up is the same as none, and the table forgets nothing while there is room. Where there
 * is none, the one that is full again the soonest goes. */
#ifndef RENHE_GATEWAY_BUCKET_H
#define RENHE_GATEWAY_BUCKET_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bucket_rule {
	int64_t quota;	  /* of a full bucket; 1 or more */
	int64_t window_s; /* that an empty one takes to fill */
};
struct bucket_state {
	int64_t left;	  /* what may still be taken at once */
	int64_t reset_ms; /* until it is full again */
	int64_t wait_ms;  /* until one may be taken; 0 = now */
};

struct bucket {
	uint64_t key; /* 0 = free */
	int64_t full_ns;
};
struct buckets;
/* Room for `most` buckets, a power of two and 8 or more. */
struct buckets *buckets_new(size_t most);
void buckets_free(struct buckets *t);
/* The bucket of that key, else a place for it. Stays valid until the next call. */
struct bucket *buckets_find(struct buckets *t, uint64_t key);

/* What a look at it says; takes nothing. now_ns never goes back. */
struct bucket_state bucket_look(const struct bucket *b, const struct bucket_rule *r,
				int64_t now_ns);
/* Takes one, which bucket_look has said to be there. */
void bucket_take(struct bucket *b, const struct bucket_rule *r, int64_t now_ns);
#endif
