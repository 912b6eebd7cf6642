#include "feed_note.h"

#include <stdlib.h>

#include "identity/identity.pb-c.h"
#include "value.h"

struct note *note_new(enum note_kind kind)
{
	struct note *n = calloc(1, sizeof(*n));

	if (!n)
		abort();
	n->kind = kind;
	return n;
}

static enum note_kind kind_of(const Identity__Revocation *m)
{
	switch (m->kind) {
	case IDENTITY__REVOCATION_KIND__REVOCATION_KIND_ACCOUNT: return NOTE_ACCOUNT;
	case IDENTITY__REVOCATION_KIND__REVOCATION_KIND_SESSION: return NOTE_SESSION;
	case IDENTITY__REVOCATION_KIND__REVOCATION_KIND_HEARTBEAT: return NOTE_HEARTBEAT;
	default: return NOTE_BAD;
	}
}

/* When it was said: by the message, else by the envelope. */
static bool time_of(const Identity__Revocation *m, const struct event *ev, int64_t *us)
{
	return (m->revoke_time && time_parse(m->revoke_time, us)) ||
	       (ev->time && time_parse(ev->time, us));
}

static void fill(struct note *n, const Identity__Revocation *m, const struct event *ev)
{
	n->partition = ev->partition;
	n->least = m->least_generation;
	n->kind = kind_of(m);
	if (n->kind == NOTE_HEARTBEAT) {
		if (!time_of(m, ev, &n->time_us))
			n->kind = NOTE_BAD;
		return;
	}
	if (!m->subject_id || !uuid_valid(m->subject_id) || !m->has_least_generation)
		n->kind = NOTE_BAD;
	else
		memcpy(n->subject_id, m->subject_id, UUID_LEN + 1);
}

struct note *note_of_revocation(const struct event *ev)
{
	struct note *n = note_new(NOTE_BAD);
	Identity__Revocation *m =
		identity__revocation__unpack(NULL, ev->value.n, (const uint8_t *)ev->value.p);

	if (m)
		fill(n, m, ev);
	identity__revocation__free_unpacked(m, NULL);
	return n;
}

struct note *note_of_key(const struct event *ev, struct keyring *keys, const char *anchor)
{
	struct note *n = note_new(NOTE_BAD);
	Identity__SigningKey *m =
		identity__signing_key__unpack(NULL, ev->value.n, (const uint8_t *)ev->value.p);

	if (m && m->kid && m->alg && m->public_pem && m->signature &&
	    keyring_add_signed(keys, m->kid, m->alg, m->public_pem, m->not_after, m->signature,
			       anchor))
		n->kind = NOTE_KEYS;
	identity__signing_key__free_unpacked(m, NULL);
	return n;
}

void beats_put(struct beats *b, int partition, int64_t time_us)
{
	if (partition >= 0 && partition < BEATS_MOST && b->us[partition] < time_us)
		b->us[partition] = time_us;
}

int64_t beats_age_s(const struct beats *b, int64_t now_us)
{
	int64_t oldest = 0;

	for (unsigned i = 0; i < BEATS_MOST; i++)
		if (b->us[i] && (!oldest || b->us[i] < oldest))
			oldest = b->us[i];
	if (!oldest)
		return -1;
	return now_us > oldest ? (now_us - oldest) / 1000000 : 0;
}
