#include "span.h"

#include <stdlib.h>

struct span span_meet(struct span a, struct span b)
{
	struct span m = {a.from_s > b.from_s ? a.from_s : b.from_s,
			 a.until_s < b.until_s ? a.until_s : b.until_s};

	return m.from_s < m.until_s ? m : (struct span){m.from_s, m.from_s};
}

static int by_from(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->from_s != y->from_s)
		return x->from_s < y->from_s ? -1 : 1;
	return (x->until_s > y->until_s) - (x->until_s < y->until_s);
}

void spans_normalise(struct spans *s)
{
	size_t kept = 0;

	if (s->n)
		qsort(s->list, s->n, sizeof(*s->list), by_from);
	for (size_t i = 0; i < s->n; i++) {
		struct span one = s->list[i], *last = kept ? &s->list[kept - 1] : NULL;

		if (one.from_s >= one.until_s)
			continue;
		if (!last || one.from_s > last->until_s)
			s->list[kept++] = one;
		else if (one.until_s > last->until_s)
			last->until_s = one.until_s;
	}
	s->n = kept;
}

bool spans_are_normal(const struct spans *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].from_s >= s->list[i].until_s ||
		    (i && s->list[i].from_s <= s->list[i - 1].until_s))
			return false;
	return true;
}

int64_t spans_total(const struct spans *s)
{
	int64_t sum = 0;

	for (size_t i = 0; i < s->n; i++)
		sum += span_length(s->list[i]);
	return sum;
}

bool spans_add(struct spans *s, struct span one)
{
	if (s->n == s->most)
		return false;
	s->list[s->n++] = one;
	return true;
}

/* ---- two sets at once: over all their edges, in order ---- */

/* Edge i of a set: even ones begin a stretch, odd ones end it, so that behind i edges one is inside
 * where i is odd. */
static instant_s edge(const struct spans *s, size_t i)
{
	if (i == 2 * s->n)
		return INT64_MAX;
	return i % 2 ? s->list[i / 2].until_s : s->list[i / 2].from_s;
}

static bool sweep(const struct spans *a, const struct spans *b, const bool keep[2][2],
		  struct spans *out)
{
	size_t i = 0, j = 0;
	bool open = false;
	instant_s since = 0;

	out->n = 0;
	while (i < 2 * a->n || j < 2 * b->n) {
		instant_s x = edge(a, i), y = edge(b, j), now = x < y ? x : y;

		i += x == now && i < 2 * a->n;
		j += y == now && j < 2 * b->n;
		if (open == keep[i % 2][j % 2])
			continue;
		if (open && !spans_add(out, (struct span){since, now}))
			return false;
		open = !open;
		since = now;
	}
	return true;
}

bool spans_union(const struct spans *a, const struct spans *b, struct spans *out)
{
	return sweep(a, b, (const bool[2][2]){{false, true}, {true, true}}, out);
}

bool spans_intersect(const struct spans *a, const struct spans *b, struct spans *out)
{
	return sweep(a, b, (const bool[2][2]){{false, false}, {false, true}}, out);
}

bool spans_subtract(const struct spans *a, const struct spans *b, struct spans *out)
{
	return sweep(a, b, (const bool[2][2]){{false, false}, {true, false}}, out);
}
