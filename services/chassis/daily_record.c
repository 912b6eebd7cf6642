#include "daily_record.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "log.h"

#define LOOK_MS 3600000
#define DAY_MS 86400000
#define PARTITIONS_MOST 128
#define IDS_MOST (2 * PARTITIONS_MOST)

static _Atomic int64_t sent_ms;

uint32_t daily_record_hash(const void *key, size_t n)
{
	const uint32_t m = 0x5bd1e995;
	const uint8_t *p = key;
	uint32_t h = 0x9747b28c ^ (uint32_t)n;

	for (; n >= 4; n -= 4, p += 4) {
		uint32_t k = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
			     (uint32_t)p[3] << 24;

		k *= m;
		k ^= k >> 24;
		h = (h * m) ^ (k * m);
	}
	for (size_t i = n; i > 0; i--)
		h ^= (uint32_t)p[i - 1] << (8 * (i - 1));
	if (n)
		h *= m;
	h ^= h >> 13;
	h *= m;
	return h ^ (h >> 15);
}

/* Whether the partition is a new one; counts it. */
static bool is_new(bool *seen, uint32_t hash, uint32_t partitions, unsigned *left)
{
	bool *one = &seen[(hash & 0x7fffffff) % partitions];

	if (*one)
		return false;
	*one = true;
	--*left;
	return true;
}

unsigned daily_record_ids(const struct topic_def *t, char ids[][UUID_LEN + 1], unsigned most)
{
	bool large[PARTITIONS_MOST] = {0}, small[PARTITIONS_MOST] = {0};
	unsigned left = t->partitions + t->small_partitions, n = 0;
	char key[2 * UUID_LEN + 2];

	if (t->partitions > PARTITIONS_MOST || t->small_partitions > PARTITIONS_MOST)
		return 0;
	for (unsigned i = 0; left && n < most; i++) {
		uint32_t hash;
		bool of_large, of_small;

		snprintf(ids[n], sizeof(ids[n]), "00000000-0000-7000-8000-%012x", i);
		snprintf(key, sizeof(key), "%s/%s", PLATFORM_TENANT, ids[n]);
		hash = daily_record_hash(key, strlen(key));
		of_large = is_new(large, hash, t->partitions, &left);
		of_small = is_new(small, hash, t->small_partitions, &left);
		n += of_large || of_small;
	}
	return n;
}

static const struct event_def *event_of(const struct schema *s, const struct topic_def *t)
{
	for (unsigned i = 0; i < s->n_events; i++)
		if (s->events[i]->topic == t)
			return s->events[i];
	return NULL;
}

static bool beat(struct ctx *cx, const struct event_def *ev)
{
	char ids[IDS_MOST][UUID_LEN + 1];
	unsigned n = daily_record_ids(ev->topic, ids, IDS_MOST);

	for (unsigned i = 0; i < n; i++)
		if (!outbox_tombstone(cx, ev, ids[i]))
			return false;
	return true;
}

static bool beat_all(struct ctx *cx, void *arg)
{
	const struct schema *s = cx->svc->schema;

	(void)arg;
	for (unsigned i = 0; i < s->n_topics; i++) {
		const struct topic_def *t = &s->topics[i];
		const struct event_def *ev = t->daily_record ? event_of(s, t) : NULL;

		if (ev && strcmp(t->writer, s->service) == 0 && !beat(cx, ev))
			return false;
	}
	atomic_store(&sent_ms, clock_monotonic_ms());
	return true;
}

static void look(void *arg)
{
	int64_t last = atomic_load(&sent_ms);

	if (!last || clock_monotonic_ms() - last > DAY_MS - LOOK_MS / 2)
		service_post(arg, PLATFORM_TENANT, beat_all, NULL);
}

static bool writes_any(const struct schema *s)
{
	for (unsigned i = 0; i < s->n_topics; i++)
		if (s->topics[i].daily_record && strcmp(s->topics[i].writer, s->service) == 0)
			return true;
	return false;
}

void daily_record_start(struct service *svc)
{
	if (!writes_any(svc->schema))
		return;
	look(svc);
	loop_every(svc->loop, LOOK_MS, look, svc);
}
