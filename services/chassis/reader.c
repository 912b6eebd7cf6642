/* Whole topics without a group and without a database: keys, revocations. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "kafka.h"
#include "log.h"

#define BATCH 200
#define FETCH_MS 100
#define ASK_MS 3000
#define RETRY_MS 250

struct reader {
	struct kafka_settings kafka;
	char **topics;
	size_t n_topics;
	int64_t from_ms_ago, started_ms;
	reader_fn *fn;
	void *arg;
	pthread_t thread;
	atomic_bool stopping, caught_up;
	struct arena *arena;
};

/* As of the reader's start, however long the broker was away. */
static int64_t from_now(const struct reader *r)
{
	return r->from_ms_ago < 0 ? -1 : r->from_ms_ago + clock_monotonic_ms() - r->started_ms;
}

static bool assign(struct reader *r, struct kafka_consumer *c)
{
	char err[KAFKA_ERROR_MAX] = "";
	unsigned tries = 0;

	while (!atomic_load(&r->stopping)) {
		if (kafka_assign_from(c, (const char *const *)r->topics, r->n_topics, from_now(r), ASK_MS, err))
			return true;
		if (tries++ % 40 == 0)
			log_line(LOG_WARN, "reader_waits", "text", err, NULL);
		clock_sleep_ms(RETRY_MS);
	}
	return false;
}

static void take(struct reader *r, struct kafka_consumer *c)
{
	struct event *evs;
	size_t n;

	arena_reset(r->arena);
	evs = arena_alloc(r->arena, BATCH * sizeof(*evs));
	n = kafka_fetch(c, r->arena, evs, BATCH, FETCH_MS);
	for (size_t i = 0; i < n; i++) {
		if (evs[i].defect)
			log_line(LOG_WARN, "reader_skips", "topic", evs[i].topic, "header", evs[i].defect, NULL);
		else
			r->fn(r->arg, &evs[i]);
	}
	if (!atomic_load(&r->caught_up) && kafka_at_end(c))
		atomic_store(&r->caught_up, true);
}

static void *reader_run(void *arg)
{
	struct reader *r = arg;
	char err[KAFKA_ERROR_MAX] = "";
	struct kafka_consumer *c = kafka_reader_new(&r->kafka, err);

	if (!c) {
		log_line(LOG_ERROR, "kafka_settings", "text", err, NULL);
		abort();
	}
	if (assign(r, c))
		while (!atomic_load(&r->stopping))
			take(r, c);
	kafka_consumer_free(c);
	return NULL;
}

static char **copy_topics(const char *const *topics, size_t *n)
{
	char **copy;

	for (*n = 0; topics[*n]; (*n)++)
		;
	copy = calloc(*n + 1, sizeof(*copy));
	if (!copy)
		abort();
	for (size_t i = 0; i < *n; i++)
		if (!(copy[i] = strdup(topics[i])))
			abort();
	return copy;
}

struct reader *reader_start(const struct kafka_settings *k, const char *const *topics, int64_t from_ms_ago,
			    reader_fn *fn, void *arg)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	r->kafka = *k;
	r->topics = copy_topics(topics, &r->n_topics);
	r->from_ms_ago = from_ms_ago;
	r->started_ms = clock_monotonic_ms();
	r->fn = fn;
	r->arg = arg;
	r->arena = arena_new();
	if (pthread_create(&r->thread, NULL, reader_run, r) != 0)
		abort();
	return r;
}

bool reader_caught_up(struct reader *r)
{
	return r && atomic_load(&r->caught_up);
}

void reader_stop(struct reader *r)
{
	if (!r)
		return;
	atomic_store(&r->stopping, true);
	pthread_join(r->thread, NULL);
	for (size_t i = 0; i < r->n_topics; i++)
		free(r->topics[i]);
	free(r->topics);
	arena_free(r->arena);
	free(r);
}
