/* What identity says to all gateways: signing keys and revocations, by Kafka and, where that is
 * silent, by HTTP (decision 11). Keeps struct access and the keyring current. Lives on the loop;
 * the readers' threads only hand notes over. */
#ifndef RENHE_GATEWAY_FEED_H
#define RENHE_GATEWAY_FEED_H
#include "access.h"
#include "events.h"
#include "http.h"
#include "upstream.h"

#define FEED_SILENT_S 15 /* without a heartbeat: identity is asked, and again after as long */

struct feed_settings {
	struct event_base *loop;
	struct access *access;
	struct upstream *identity;
	struct kafka_settings kafka;
	const char *anchor;         /* public, of the signing keys */
	const char *internal_token;
	const char *state_dir;      /* takes keys.json */
};
struct feed;
struct feed *feed_new(const struct feed_settings *s);
/* Loads the key file, then begins to listen and to ask. */
void feed_start(struct feed *f);
/* Before the loop is freed. */
void feed_free(struct feed *f);
/* The revocations are complete by either way, and some key is known. */
bool feed_ready(const struct feed *f);
/* Asks identity for keys, at most once a minute. */
void feed_want_keys(void *feed);
#endif
