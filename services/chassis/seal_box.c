#include "seal_box.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "log.h"
#include "metrics.h"
#include "seal_crypto.h"
#include "renhe.gen.h"

#define NAME_SIZE 32
#define ID_SIZE 17
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

_Static_assert(BOX_KEY_BYTES == crypto_box_PUBLICKEYBYTES, "keys of X25519");
_Static_assert(BOX_KEY_BYTES == crypto_box_SECRETKEYBYTES, "keys of X25519");

struct box_key {
	char consumer[NAME_SIZE], id[ID_SIZE];
	uint8_t key[BOX_KEY_BYTES];
};
/* Written at start only; others read. */
static struct box_key known[BOX_KEYS_MAX];
static size_t n_known;
static struct {
	struct box_key pair; /* the public half, whose id names envelopes */
	uint8_t secret[BOX_KEY_BYTES];
	bool given;
} own;

static bool key_bytes(const char *text, size_t length, uint8_t out[BOX_KEY_BYTES])
{
	size_t n;

	return sodium_base642bin(out, BOX_KEY_BYTES, text, length, NULL, &n, NULL, VARIANT) == 0 &&
	       n == BOX_KEY_BYTES;
}

static void key_id(struct box_key *k)
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, k->key, sizeof(k->key));
	sodium_bin2hex(k->id, sizeof(k->id), hash, (ID_SIZE - 1) / 2);
}

/* ---- settings ---- */

/* "NAME KEY" without more. A key that nothing could be closed for (of low order) is none. */
static bool take_line(const char *line, size_t n, struct box_key *k)
{
	static const uint8_t PROBE[1];
	uint8_t closed[sizeof(PROBE) + crypto_box_SEALBYTES];
	size_t name = 0;

	while (name < n && line[name] != ' ' && line[name] != '\t')
		name++;
	if (name == 0 || name >= sizeof(k->consumer) || name == n)
		return false;
	*k = (struct box_key){0};
	memcpy(k->consumer, line, name);
	while (name < n && (line[name] == ' ' || line[name] == '\t'))
		name++;
	if (!key_bytes(line + name, n - name, k->key))
		return false;
	key_id(k);
	return crypto_box_seal(closed, PROBE, sizeof(PROBE), k->key) == 0;
}

static size_t line_length(const char *line)
{
	size_t n = strcspn(line, "\n");

	while (n && (line[n - 1] == ' ' || line[n - 1] == '\t' || line[n - 1] == '\r'))
		n--;
	return n;
}

static int by_name(const void *x, const void *y)
{
	const struct box_key *a = x, *b = y;
	int names = strcmp(a->consumer, b->consumer);

	return names ? names : strcmp(a->id, b->id);
}

bool seal_box_keys(const char *text, char *err, size_t err_size)
{
	int number = 1;

	crypto_ready();
	n_known = 0;
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t n = line_length(line);

		if (n && line[0] != '#') {
			if (n_known == BOX_KEYS_MAX || !take_line(line, n, &known[n_known])) {
				snprintf(err, err_size, "line %d is no \"NAME KEY\", or one too many",
					 number);
				return false;
			}
			n_known++;
		}
		number++;
	}
	qsort(known, n_known, sizeof(known[0]), by_name);
	return true;
}

bool seal_box_secret(const char *consumer, const char *secret, char *err, size_t err_size)
{
	own.given = *secret != '\0';
	if (!own.given)
		return true;
	crypto_ready();
	snprintf(own.pair.consumer, sizeof(own.pair.consumer), "%s", consumer);
	if (!key_bytes(secret, strlen(secret), own.secret) ||
	    crypto_scalarmult_base(own.pair.key, own.secret) != 0) {
		snprintf(err, err_size, "is no secret key of 32 bytes as base64url");
		return false;
	}
	key_id(&own.pair);
	return true;
}

void seal_box_pair(char public[64], char secret[64])
{
	uint8_t p[BOX_KEY_BYTES], s[BOX_KEY_BYTES];

	crypto_ready();
	crypto_box_keypair(p, s);
	sodium_bin2base64(public, 64, p, sizeof(p), VARIANT);
	sodium_bin2base64(secret, 64, s, sizeof(s), VARIANT);
	sodium_memzero(s, sizeof(s));
}

/* ---- who has a key ---- */

bool seal_box_known(const char *consumer)
{
	for (size_t i = 0; i < n_known; i++)
		if (strcmp(known[i].consumer, consumer) == 0)
			return true;
	return false;
}

static bool is_among(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static bool is_own_sealed(const struct schema *s, const struct topic_def *t)
{
	return t->sealed_to && strcmp(t->writer, s->service) == 0;
}

/* Of any own topic; by name, as `known` is. */
const char *seal_box_keys_of(struct arena *a, const struct schema *s)
{
	struct buf b;

	buf_init(&b, a);
	buf_puts(&b, "");
	for (size_t i = 0; i < n_known; i++)
		for (unsigned j = 0; j < s->n_topics; j++)
			if (is_own_sealed(s, &s->topics[j]) &&
			    is_among(s->topics[j].sealed_to, known[i].consumer)) {
				buf_printf(&b, "%s%s:%s", b.n ? " " : "", known[i].consumer,
					   known[i].id);
				break;
			}
	return b.p;
}

static void report(const char *topic, const char *consumer)
{
	struct arena *a = arena_new();
	bool missing = !seal_box_known(consumer);

	metric_set(metric_get("renhe_sealed_key_missing",
			      arena_printf(a, "topic=\"%s\",consumer=\"%s\"", topic, consumer),
			      "1 where a consumer has no public key, so that nothing is written for it."),
		   missing);
	if (missing)
		log_line(LOG_WARN, "no key of a consumer: nothing is written for it", "topic", topic,
			 "consumer", consumer, NULL);
	arena_free(a);
}

void seal_box_report(const struct schema *s)
{
	for (unsigned i = 0; i < s->n_topics; i++) {
		const struct topic_def *t = &s->topics[i];

		for (unsigned j = 0; is_own_sealed(s, t) && t->sealed_to[j]; j++)
			report(t->name, t->sealed_to[j]);
	}
}

/* ---- values ---- */

static Renhe__SealedEnvelope *envelope(struct arena *a, struct box_key *k, struct str clear)
{
	Renhe__SealedEnvelope *e = arena_alloc(a, sizeof(*e));

	renhe__sealed_envelope__init(e);
	e->consumer = k->consumer;
	e->key_id = k->id;
	e->has_sealed = true;
	e->sealed.len = clear.n + crypto_box_SEALBYTES;
	e->sealed.data = arena_alloc(a, e->sealed.len);
	/* Fails for keys of low order alone, and those were refused. */
	if (crypto_box_seal(e->sealed.data, (const uint8_t *)clear.p, clear.n, k->key) != 0)
		abort();
	return e;
}

struct str seal_box_close(struct arena *a, const struct topic_def *t, struct str clear)
{
	Renhe__SealedValue v = RENHE__SEALED_VALUE__INIT;
	Renhe__SealedEnvelope *envelopes[BOX_KEYS_MAX];
	uint8_t *packed;

	for (size_t i = 0; i < n_known; i++)
		if (is_among(t->sealed_to, known[i].consumer))
			envelopes[v.n_envelopes++] = envelope(a, &known[i], clear);
	if (!v.n_envelopes)
		return (struct str){NULL, 0};
	v.envelopes = envelopes;
	packed = arena_alloc(a, renhe__sealed_value__get_packed_size(&v) + 1);
	return (struct str){(char *)packed, renhe__sealed_value__pack(&v, packed)};
}

static bool is_mine(const Renhe__SealedEnvelope *e)
{
	return e->consumer && e->key_id && e->has_sealed &&
	       strcmp(e->consumer, own.pair.consumer) == 0 && strcmp(e->key_id, own.pair.id) == 0;
}

static bool open_one(struct arena *a, const Renhe__SealedEnvelope *e, struct str *clear)
{
	uint8_t *out;
	size_t n;

	if (e->sealed.len < crypto_box_SEALBYTES)
		return false;
	n = e->sealed.len - crypto_box_SEALBYTES;
	out = arena_alloc(a, n + 1);
	if (crypto_box_seal_open(out, e->sealed.data, e->sealed.len, own.pair.key, own.secret) != 0)
		return false;
	*clear = (struct str){(char *)out, n};
	return true;
}

const char *seal_box_open(struct arena *a, struct str value, struct str *clear)
{
	const char *defect;
	const Renhe__SealedValue *v =
		(const Renhe__SealedValue *)event_unpack(a, &RULE_RENHE_SEALED_VALUE, value, &defect);

	if (!v)
		return defect;
	for (size_t i = 0; own.given && i < v->n_envelopes; i++)
		if (is_mine(v->envelopes[i]))
			return open_one(a, v->envelopes[i], clear) ? NULL : "SEAL_BROKEN";
	return "NOT_SEALED_TO_US";
}
