/* The way in: a thread that takes what the broker has in batches, settles each in as few
 * transactions as its events allow, and only then moves the group on. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "consumer_batch.h"
#include "kafka.h"
#include "killpoint.h"
#include "log.h"
#include "metrics.h"

#define BATCH 500
#define FETCH_MS 100
#define LAG_MS 1000
#define BACK_OFF_MIN_MS 50
#define BACK_OFF_MAX_MS 2000

struct consumer {
	struct kafka_settings kafka;
	const char **topics;
	size_t n_topics;
	pthread_t thread;
	atomic_bool stopping;
	struct kafka_consumer *client;
	struct arena *arena; /* of the batch: records and messages */
	struct ctx cx;
	struct consumer_batch batch;
	int64_t lag_ms;
	size_t in_hand; /* taken from the broker and not settled yet */
	int back_off_ms;
	struct metric *handled, *skipped, *duplicate, *parked, *dead, *retries, *lag;
};

/* ---- settling a batch ---- */

static void pause_ms(struct consumer *c, int ms)
{
	for (; ms > 0 && !atomic_load(&c->stopping); ms -= 50)
		clock_sleep_ms(ms < 50 ? ms : 50);
}

/* What is in hand waits too: a batch that can't be settled must not look like none. */
static void note_lag(struct consumer *c)
{
	metric_set(c->lag, kafka_lag(c->client) + (int64_t)c->in_hand);
	c->lag_ms = clock_monotonic_ms() + LAG_MS;
}

static void back_off(struct consumer *c)
{
	metric_add(c->retries, 1);
	note_lag(c);
	pause_ms(c, c->back_off_ms);
	c->back_off_ms = c->back_off_ms * 2 > BACK_OFF_MAX_MS ? BACK_OFF_MAX_MS : c->back_off_ms * 2;
}

static void count(struct consumer *c)
{
	const struct consumer_counts *n = &c->batch.counts;

	metric_add(c->handled, n->handled);
	metric_add(c->skipped, n->skipped);
	metric_add(c->duplicate, n->duplicate);
	metric_add(c->parked, n->parked);
	metric_add(c->dead, n->dead);
	c->back_off_ms = BACK_OFF_MIN_MS;
}

/* Where the next attempt ends after item `failed` of n failed: before it, or with it alone. */
static size_t split(size_t failed, size_t n)
{
	if (failed >= n) /* the commit: nobody knows which */
		return n / 2;
	return failed ? failed : 1;
}

/* One item that failed by itself: some more times, then it is poison. */
static void single_failed(struct consumer *c, struct inbox_item *it, unsigned *tries, const char *code)
{
	log_line(LOG_WARN, "event_failed", "code", code, "type", it->ev->type, "id", it->ev->id, NULL);
	if (it->poison)
		back_off(c); /* not even the dead letter could be written */
	else if (++*tries >= CONSUMER_TRIES)
		it->poison = code;
	else
		back_off(c);
}

/* True when every item is settled; false only when asked to stop. */
static bool settle(struct consumer *c, struct inbox_item *items, size_t n)
{
	size_t i = 0, end = n, failed = 0;
	unsigned tries = 0;
	const char *code = "";

	while (i < n && !atomic_load(&c->stopping)) {
		switch (batch_attempt(&c->batch, items + i, end - i, &failed, &code)) {
		case ATTEMPT_DONE:
			count(c);
			i = end;
			end = n;
			tries = 0;
			break;
		case ATTEMPT_LATER:
			back_off(c);
			break;
		case ATTEMPT_FAILED:
			if (end - i > 1)
				end = i + split(failed, end - i);
			else
				single_failed(c, &items[i], &tries, code);
		}
	}
	return i == n;
}

/* ---- the thread ---- */

static void connect_group(struct consumer *c)
{
	char err[KAFKA_ERROR_MAX] = "";

	c->client = kafka_group_new(&c->kafka, c->topics, c->n_topics, err);
	if (!c->client) {
		log_line(LOG_ERROR, "kafka_settings", "text", err, NULL);
		abort();
	}
}

/* Another process with the same RENHE_KAFKA_INSTANCE took our place: this one tries again, slowly,
 * so that a replaced process can end in peace. */
static void look_after_client(struct consumer *c)
{
	const char *fatal = kafka_consumer_fatal(c->client);

	if (fatal) {
		log_line(LOG_ERROR, "consumer_fenced", "reason", fatal, NULL);
		kafka_consumer_free(c->client);
		pause_ms(c, 5000);
		connect_group(c);
	}
	if (clock_monotonic_ms() >= c->lag_ms)
		note_lag(c);
}

static void one_batch(struct consumer *c)
{
	struct event *evs;
	struct inbox_item *items;
	size_t n;

	arena_reset(c->arena);
	evs = arena_alloc(c->arena, BATCH * sizeof(*evs));
	n = kafka_fetch(c->client, c->arena, evs, BATCH, FETCH_MS);
	if (n == 0)
		return;
	items = arena_alloc(c->arena, n * sizeof(*items));
	for (size_t i = 0; i < n; i++)
		batch_prepare(&c->batch, c->arena, &evs[i], &items[i]);
	batch_group(c->arena, items, n);
	c->in_hand = n;
	note_lag(c);
	bool settled = settle(c, items, n);
	killpoint("consumer.before_offset"); /* K7 */
	if (settled)
		kafka_commit(c->client, evs, n, atomic_load(&c->stopping));
	c->in_hand = 0;
	note_lag(c);
}

static void *consumer_run(void *arg)
{
	struct consumer *c = arg;

	connect_group(c);
	while (!atomic_load(&c->stopping)) {
		one_batch(c);
		look_after_client(c);
	}
	kafka_consumer_free(c->client);
	return NULL;
}

/* ---- start and stop ---- */

static void add_topic(struct consumer *c, const char *name)
{
	for (size_t i = 0; i < c->n_topics; i++)
		if (strcmp(c->topics[i], name) == 0)
			return;
	c->topics[c->n_topics++] = name;
}

static void register_metrics(struct consumer *c)
{
	static const char NAME[] = "renhe_events_in_total", HELP[] = "Events taken in, by what became of them.";

	c->handled = metric_get(NAME, "outcome=\"handled\"", HELP);
	c->skipped = metric_get(NAME, "outcome=\"skipped\"", HELP);
	c->duplicate = metric_get(NAME, "outcome=\"duplicate\"", HELP);
	c->parked = metric_get(NAME, "outcome=\"parked\"", HELP);
	c->dead = metric_get(NAME, "outcome=\"dead\"", HELP);
	c->retries = metric_get("renhe_events_retries_total", "", "Batches that were tried again.");
	c->lag = metric_get("renhe_consumer_lag", strcmp(c->kafka.group, c->kafka.principal) ? "lane=\"urgent\"" : "",
			    "Records that wait at the broker.");
}

struct consumer *consumer_start(struct service *svc, const struct kafka_settings *k, const struct db_settings *db,
				const struct consumer_def *defs, unsigned n)
{
	struct consumer *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->kafka = *k;
	c->topics = calloc(n + 1, sizeof(*c->topics));
	if (!c->topics)
		abort();
	for (unsigned i = 0; i < n; i++)
		add_topic(c, defs[i].event->topic->name);
	c->arena = arena_new();
	c->cx = (struct ctx){.arena = arena_new(), .db = db_new(db)};
	db_gather(c->cx.db, true);
	c->batch = (struct consumer_batch){.svc = svc, .consumer = k->principal, .defs = defs, .n_defs = n, .cx = &c->cx};
	c->back_off_ms = BACK_OFF_MIN_MS;
	register_metrics(c);
	if (pthread_create(&c->thread, NULL, consumer_run, c) != 0)
		abort();
	return c;
}

void consumer_stop(struct consumer *c)
{
	if (!c)
		return;
	atomic_store(&c->stopping, true);
	pthread_join(c->thread, NULL);
	db_close(c->cx.db);
	arena_free(c->cx.arena);
	arena_free(c->arena);
	free(c->topics);
	free(c);
}
