/* Records of the two topics as notes for the loop. Functions of values; no state but what is given. */
#ifndef RENHE_GATEWAY_FEED_NOTE_H
#define RENHE_GATEWAY_FEED_NOTE_H
#include "auth.h"
#include "events.h"

enum note_kind {
	NOTE_BAD,       /* a record that could not be read or verified */
	NOTE_ACCOUNT, NOTE_SESSION, NOTE_HEARTBEAT,
	NOTE_KEYS,      /* the keyring has taken a key */
	NOTE_END,       /* all that stood in the topic at the start was read */
};
struct note {
	enum note_kind kind;
	void *feed;
	char subject_id[UUID_LEN + 1];
	int64_t least, time_us;
	int partition;
};
/* From malloc, for the receiver to free. Never NULL. */
struct note *note_new(enum note_kind kind);
struct note *note_of_revocation(const struct event *ev);
struct note *note_of_key(const struct event *ev, struct keyring *keys, const char *anchor);

/* The newest heartbeat of each partition. A partition is known once it has spoken. */
#define BEATS_MOST 64
struct beats {
	int64_t us[BEATS_MOST];
};
void beats_put(struct beats *b, int partition, int64_t time_us);
/* Seconds since the newest heartbeat of the most silent partition; -1 before the first. */
int64_t beats_age_s(const struct beats *b, int64_t now_us);
#endif
