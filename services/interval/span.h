/* Sets of half-open stretches of time [from, until) in UTC. A normal set is in order, its stretches
 * neither empty nor touching, so that equal sets are equal lists. The caller brings the room. Pure.
 */
#ifndef RENHE_SPAN_H
#define RENHE_SPAN_H
#include "zone.h"

struct span {
	instant_s from_s, until_s;
};
struct spans {
	struct span *list;
	size_t n, most;
};

static inline int64_t span_length(struct span s)
{
	return s.until_s > s.from_s ? s.until_s - s.from_s : 0;
}
struct span span_meet(struct span a, struct span b); /* empty where they don't */
/* Sorts, joins what overlaps or touches, drops what is empty. */
void spans_normalise(struct spans *s);
bool spans_are_normal(const struct spans *s);
int64_t spans_total(const struct spans *s);
bool spans_add(struct spans *s, struct span one); /* at the end; false: no room */

/* Of normal sets into another, normal again, that has room for a.n + b.n; false where it hasn't. */
bool spans_union(const struct spans *a, const struct spans *b, struct spans *out);
bool spans_intersect(const struct spans *a, const struct spans *b, struct spans *out);
bool spans_subtract(const struct spans *a, const struct spans *b, struct spans *out);
#endif
