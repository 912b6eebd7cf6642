#include "feed.h"

#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "feed_note.h"
#include "json.h"
#include "log.h"
#include "metrics.h"

#define TICK_MS 250
#define START_RETRY_MS 1000
#define ASK_DEADLINE_MS 5000
#define LIST_LIMIT ((size_t)64 << 20)
#define WANT_KEYS_MS 60000
#define KEEP_S (25 * 3600) /* the topic keeps 24 h */
#define EXPIRE_EVERY_MS 600000
#define REVOCATION_TOPIC "renhe.identity.revocation.v1"
#define KEY_TOPIC "renhe.identity.key.v1"
#define FROM_START (-1) /* revocations are kept for a day only, keys for ever */

enum question { ASK_REVOCATIONS, ASK_KEYS, N_QUESTIONS };

/* One question to identity; one at a time of each kind. */
struct ask {
	struct feed *feed;
	const char *path;
	void (*take)(void *feed, const struct json_doc *item);
	bool open;
	int64_t next_ms;
	struct arena *arena;
	struct upstream_call call;
};

struct feed {
	struct feed_settings s;
	char key_file[512];
	struct ask ask[N_QUESTIONS];
	struct reader *reader; /* of both topics; one client, so that stopping waits once */
	struct beats beats;
	int64_t wanted_keys_ms, expired_ms;
	bool caught_up, posted_end;
	struct metric *entries, *age, *refused;
};

static void answered(struct upstream_call *c, enum upstream_outcome o);

/* ---- what is said ---- */

static void take_revocation(struct feed *f, enum revocation_kind kind, const char *id, int64_t least)
{
	if (!revocations_put(f->s.access->revocations, kind, id, least, clock_real_us() / 1000000))
		metric_add(f->refused, 1);
	metric_set(f->entries, (int64_t)revocations_count(f->s.access->revocations));
}

static void take_note(void *arg)
{
	struct note *n = arg;
	struct feed *f = n->feed;

	switch (n->kind) {
	case NOTE_ACCOUNT: take_revocation(f, REVOCATION_ACCOUNT, n->subject_id, n->least); break;
	case NOTE_SESSION: take_revocation(f, REVOCATION_SESSION, n->subject_id, n->least); break;
	case NOTE_HEARTBEAT: beats_put(&f->beats, n->partition, n->time_us); break;
	case NOTE_END: f->caught_up = true; break;
	case NOTE_KEYS:
		if (!keyring_save(f->s.access->keys, f->key_file))
			log_line(LOG_WARN, "keys_not_saved", "file", f->key_file, NULL);
		break;
	case NOTE_BAD: metric_add(f->refused, 1); break;
	}
	free(n);
}

static void post(struct feed *f, struct note *n)
{
	n->feed = f;
	loop_post(f->s.loop, take_note, n);
}

/* On the reader's thread; the keyring has a lock of its own. */
static void on_record(void *arg, const struct event *ev)
{
	struct feed *f = arg;

	if (strcmp(ev->topic, REVOCATION_TOPIC) == 0)
		post(f, note_of_revocation(ev));
	else
		post(f, note_of_key(ev, f->s.access->keys, f->s.anchor));
}

static void take_revocation_item(void *arg, const struct json_doc *d)
{
	const char *kind = json_get_str(d, "kind"), *id = json_get_str(d, "subject_id");
	struct feed *f = arg;
	int64_t least = 0;

	if (!kind || !id || !json_get_int(d, "least_generation", &least))
		metric_add(f->refused, 1);
	else if (strcmp(kind, "ACCOUNT") == 0)
		take_revocation(f, REVOCATION_ACCOUNT, id, least);
	else if (strcmp(kind, "SESSION") == 0)
		take_revocation(f, REVOCATION_SESSION, id, least);
}

static void take_key_item(void *arg, const struct json_doc *d)
{
	const char *kid = json_get_str(d, "kid"), *alg = json_get_str(d, "alg");
	const char *pem = json_get_str(d, "public_pem"), *signature = json_get_str(d, "signature");
	struct feed *f = arg;
	int64_t end = 0;

	if (!kid || !alg || !pem || !signature || !json_get_int(d, "not_after", &end) ||
	    !keyring_add_signed(f->s.access->keys, kid, alg, pem, end, signature, f->s.anchor))
		metric_add(f->refused, 1);
}

/* ---- asking identity ---- */

static void ask(struct feed *f, enum question q)
{
	struct ask *k = &f->ask[q];

	k->open = true;
	k->arena = arena_new();
	k->call = (struct upstream_call){
		.arena = k->arena,
		.head = str_of(arena_printf(k->arena,
					    "GET %s HTTP/1.1\r\nHost: identity\r\n"
					    "Accept: application/json\r\n"
					    "X-Renhe-Internal-Token: %s\r\n\r\n",
					    k->path, f->s.internal_token)),
		.replayable = true,
		.deadline_ms = clock_monotonic_ms() + ASK_DEADLINE_MS,
		.answer_limit = LIST_LIMIT,
		.done = answered,
		.arg = k,
	};
	upstream_send(f->s.identity, &k->call);
}

static bool take_answer(struct ask *k)
{
	struct json_doc *d = NULL;

	if (k->call.answer->status == 200)
		d = json_parse(k->arena, k->call.answer_body);
	if (!d || !json_has(d, "items"))
		return false;
	json_each(d, "items", k->take, k->feed);
	json_done(d);
	return true;
}

static void answered(struct upstream_call *c, enum upstream_outcome o)
{
	struct ask *k = c->arg;
	struct feed *f = k->feed;
	bool good = o == UPSTREAM_ANSWERED && take_answer(k);

	if (!good)
		log_line(LOG_WARN, "identity_not_asked", "path", k->path, NULL);
	k->next_ms = clock_monotonic_ms() + (good ? FEED_SILENT_S * 1000 : START_RETRY_MS);
	if (good && k == &f->ask[ASK_REVOCATIONS])
		f->s.access->complete = true;
	if (good && k == &f->ask[ASK_KEYS] && keyring_count(f->s.access->keys))
		keyring_save(f->s.access->keys, f->key_file);
	arena_free(k->arena);
	k->arena = NULL;
	k->open = false;
}

void feed_want_keys(void *feed)
{
	struct feed *f = feed;
	int64_t now = clock_monotonic_ms();

	if (f->ask[ASK_KEYS].open || now < f->wanted_keys_ms)
		return;
	f->wanted_keys_ms = now + WANT_KEYS_MS;
	ask(f, ASK_KEYS);
}

/* ---- time ---- */

/* What the reader posted before it had caught up is taken in before this note is. */
static void watch_end(struct feed *f)
{
	if (f->posted_end || !reader_caught_up(f->reader))
		return;
	f->posted_end = true;
	post(f, note_new(NOTE_END));
}

static void expire(struct feed *f, int64_t now_ms)
{
	if (now_ms - f->expired_ms < EXPIRE_EVERY_MS)
		return;
	f->expired_ms = now_ms;
	revocations_expire(f->s.access->revocations, clock_real_us() / 1000000 - KEEP_S);
	metric_set(f->entries, (int64_t)revocations_count(f->s.access->revocations));
}

static void on_tick(void *arg)
{
	struct feed *f = arg;
	int64_t now = clock_monotonic_ms(), age = beats_age_s(&f->beats, clock_real_us());
	bool silent = age < 0 || age > FEED_SILENT_S;
	bool keyless = keyring_count(f->s.access->keys) == 0;

	watch_end(f);
	if (f->caught_up)
		f->s.access->complete = true;
	metric_set(f->age, age);
	if ((silent || !f->s.access->complete) && !f->ask[ASK_REVOCATIONS].open &&
	    now >= f->ask[ASK_REVOCATIONS].next_ms)
		ask(f, ASK_REVOCATIONS);
	if ((silent || keyless) && !f->ask[ASK_KEYS].open && now >= f->ask[ASK_KEYS].next_ms)
		ask(f, ASK_KEYS);
	expire(f, now);
}

/* ---- life ---- */

struct feed *feed_new(const struct feed_settings *s)
{
	struct feed *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	f->s = *s;
	snprintf(f->key_file, sizeof(f->key_file), "%s/keys.json", s->state_dir);
	f->ask[ASK_REVOCATIONS] = (struct ask){
		.feed = f, .path = "/internal/v1/revocations", .take = take_revocation_item};
	f->ask[ASK_KEYS] =
		(struct ask){.feed = f, .path = "/internal/v1/keys", .take = take_key_item};
	f->entries = metric_get("renhe_gateway_revocations", "", "Known revocations");
	f->age = metric_get("renhe_gateway_feed_age_seconds", "",
			    "Seconds since the last heartbeat of revocations; -1 = none yet");
	f->refused = metric_get("renhe_gateway_feed_refused_total", "",
				"Records of keys and revocations that could not be taken");
	f->expired_ms = clock_monotonic_ms();
	return f;
}

void feed_start(struct feed *f)
{
	static const char *const TOPICS[] = {REVOCATION_TOPIC, KEY_TOPIC, NULL};

	if (!keyring_load(f->s.access->keys, f->key_file, f->s.anchor))
		log_line(LOG_INFO, "no_key_file", "file", f->key_file, NULL);
	f->reader = reader_start(&f->s.kafka, TOPICS, FROM_START, on_record, f);
	on_tick(f);
	loop_every(f->s.loop, TICK_MS, on_tick, f);
}

void feed_free(struct feed *f)
{
	if (!f)
		return;
	if (f->reader)
		reader_stop(f->reader);
	free(f);
}

bool feed_ready(const struct feed *f)
{
	return f->s.access->complete && keyring_count(f->s.access->keys) > 0;
}
