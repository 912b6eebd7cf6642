#include "zone.h"

#include <string.h>
#include "zone_tail.h"

#define DAY_S 86400
/* Wall time less UTC is within -16 and +16 hours in every zone there was. */
#define OFFSET_MOST_S (16 * 3600)

/* ---- reading ---- */

struct bytes {
	const unsigned char *p;
	size_t n;
};

static int64_t number(const unsigned char *p, size_t n)
{
	uint64_t v = p[0] & 0x80 ? UINT64_MAX : 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

static bool take(struct bytes *b, size_t n, const unsigned char **out)
{
	if (b->n < n)
		return false;
	*out = b->p;
	*b = (struct bytes){b->p + n, b->n - n};
	return true;
}

struct counts {
	size_t utc, standard, leaps, changes, types, chars;
};

static bool take_header(struct bytes *b, struct counts *out)
{
	size_t *const fields[] = {&out->utc,	 &out->standard, &out->leaps,
				  &out->changes, &out->types,	 &out->chars};
	const unsigned char *p;

	if (!take(b, 44, &p) || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
		return false;
	for (size_t i = 0; i < 6; i++) {
		int64_t v = number(p + 20 + 4 * i, 4);
		if (v < 0 || v > ZONE_BYTES_MOST)
			return false;
		*fields[i] = (size_t)v;
	}
	return true;
}

static size_t block_size(const struct counts *c, size_t time_size)
{
	return c->changes * (time_size + 1) + c->types * 6 + c->chars + c->leaps * (time_size + 4) +
	       c->standard + c->utc;
}

static bool likely(int64_t offset_s)
{
	return offset_s >= -OFFSET_MOST_S && offset_s <= OFFSET_MOST_S;
}

static bool take_changes(const unsigned char *p, const struct counts *c, struct zone *z)
{
	const unsigned char *kinds = p + c->changes * 8, *types = kinds + c->changes;

	if (c->changes > ZONE_CHANGES_MOST || c->types == 0 || c->leaps != 0)
		return false;
	z->first_offset_s = (int32_t)number(types, 4);
	for (z->n = 0; z->n < c->changes; z->n++) {
		size_t i = z->n;
		if (kinds[i] >= c->types)
			return false;
		z->changes[i].at_s = number(p + 8 * i, 8);
		z->changes[i].offset_s = (int32_t)number(types + 6 * kinds[i], 4);
		if ((i && z->changes[i].at_s <= z->changes[i - 1].at_s) ||
		    !likely(z->changes[i].offset_s))
			return false;
	}
	return likely(z->first_offset_s);
}

bool zone_read(const void *bytes, size_t n, struct zone *out)
{
	struct bytes b = {bytes, n};
	const unsigned char *p, *end;
	struct counts c;
	struct zone z = {0};

	/* The first block is for readers of 32 bits. */
	if (!take_header(&b, &c) || !take(&b, block_size(&c, 4), &p) || !take_header(&b, &c) ||
	    !take(&b, block_size(&c, 8), &p) || !take_changes(p, &c, &z))
		return false;
	if (!take(&b, 1, &p) || *p != '\n' || !(end = memchr(b.p, '\n', b.n)) ||
	    !zone_tail_read((const char *)b.p, (size_t)(end - b.p), &z.tail))
		return false;
	if (!likely(z.tail.offset_s) || !likely(z.tail.summer_offset_s))
		return false;
	*out = z;
	return true;
}

/* ---- asking ---- */

/* How many changes are at or before t. */
static size_t changes_until(const struct zone *z, instant_s t)
{
	size_t low = 0, high = z->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (z->changes[middle].at_s <= t)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int32_t zone_offset(const struct zone *z, instant_s t)
{
	size_t n = changes_until(z, t);

	if (n == z->n && z->tail.there)
		return zone_tail_offset(&z->tail, t);
	return n ? z->changes[n - 1].offset_s : z->first_offset_s;
}

/* The first instant of (from, until] that has not the offset of `from`. */
static instant_s change_between(const struct zone *z, instant_s from, instant_s until)
{
	int32_t before = zone_offset(z, from);

	while (until - from > 1) {
		instant_s middle = from + (until - from) / 2;
		if (zone_offset(z, middle) == before)
			from = middle;
		else
			until = middle;
	}
	return until;
}

/* A clock is changed at most once within these 32 hours. */
enum zone_clock zone_instants(const struct zone *z, civil_day d, int second, instant_s out[2])
{
	instant_s wall = (instant_s)d * DAY_S + second;
	instant_s from = wall - OFFSET_MOST_S, until = wall + OFFSET_MOST_S;
	int32_t before = zone_offset(z, from), after = zone_offset(z, until);
	bool old = zone_offset(z, wall - before) == before,
	     new = zone_offset(z, wall - after) == after;

	out[0] = wall - (old ? before : after);
	out[1] = wall - (new ? after : before);
	if (!old && !new)
		out[0] = out[1] = change_between(z, from, until);
	return out[0] != out[1] ? CLOCK_TWICE : old || new ? CLOCK_ONCE : CLOCK_NEVER;
}

instant_s zone_instant(const struct zone *z, civil_day d, int second)
{
	instant_s at[2];

	zone_instants(z, d, second, at);
	return at[0];
}

instant_s zone_day_start(const struct zone *z, civil_day d)
{
	return zone_instant(z, d, 0);
}

civil_day zone_day(const struct zone *z, instant_s t)
{
	instant_s wall = t + zone_offset(z, t);
	civil_day d = (civil_day)((wall - (((wall % DAY_S) + DAY_S) % DAY_S)) / DAY_S);

	while (t >= zone_day_start(z, d + 1))
		d++;
	return d;
}
