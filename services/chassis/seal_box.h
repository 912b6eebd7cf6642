/* Values of sealed topics (decision 7): packed messages closed for named consumers by libsodium's
 * crypto_box_seal, one renhe.SealedEnvelope each. The writer knows public keys alone, so it can't
 * open what it wrote. */
#ifndef RENHE_SEAL_BOX_H
#define RENHE_SEAL_BOX_H
#include "schema.h"
#include "str.h"

#define BOX_KEY_BYTES 32
#define BOX_KEYS_MAX 64

/* Public keys of consumers, the setting RENHE_CONSUMER_KEYS: a line "NAME KEY" each, the key as
 * base64url; blank lines and those that begin with # are skipped. A name may stand twice: both keys
 * get an envelope, so that a consumer can change. After seal_init and before any other thread runs;
 * again only in tests. false: err says which line is wrong. */
bool seal_box_keys(const char *text, char *err, size_t err_size);
/* Own secret key, base64url, the setting RENHE_CONSUMER_SECRET; "" = this service opens nothing. */
bool seal_box_secret(const char *consumer, const char *secret, char *err, size_t err_size);
/* Whether the consumer has a key. */
bool seal_box_known(const char *consumer);
/* Which keys the service's own sealed topics are closed with now, in an order of their own; "" = none. */
const char *seal_box_keys_of(struct arena *a, const struct schema *s);

/* A packed renhe.SealedValue; p = NULL where no consumer of the topic has a key. */
struct str seal_box_close(struct arena *a, const struct topic_def *t, struct str clear);
/* What is in the envelope for this service. NULL, or a code for dead letters. */
const char *seal_box_open(struct arena *a, struct str value, struct str *clear);
/* A new pair as base64url, each with room for its NUL. */
void seal_box_pair(char public[64], char secret[64]);

/* At start: a gauge for each consumer of an own sealed topic, 1 where it has no key, and a line in
 * the log: nothing is written for it until it has one. */
void seal_box_report(const struct schema *s);
#endif
