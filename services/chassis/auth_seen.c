#include "auth_key.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* By the hash of the whole token; a later token of the same place takes it. */
#define SEEN_SLOTS 4096
#define ID_ROOM 37
#define SCOPE_ROOM 128

struct seen {
	uint8_t hash[TOKEN_HASH_BYTES];
	uint64_t serial;
	const char *const *role_names;
	struct token_claims claims; /* its texts are NULL: they stand below */
	char kid[KID_MAX + 1];
	char tenant_id[ID_ROOM], account_id[ID_ROOM], person_id[ID_ROOM], session_id[ID_ROOM];
	char scope[SCOPE_ROOM];
};
static struct seen seen[SEEN_SLOTS];
static pthread_mutex_t seen_lock = PTHREAD_MUTEX_INITIALIZER;

static struct seen *slot_of(const uint8_t hash[TOKEN_HASH_BYTES])
{
	return &seen[((unsigned)hash[0] << 8 | hash[1]) % SEEN_SLOTS];
}

/* Copies of the texts in the arena: the place may be taken by another token at any time. */
static void claims_of(const struct seen *s, struct arena *a, struct token_claims *out)
{
	*out = s->claims;
	out->tenant_id = arena_strdup(a, s->tenant_id);
	out->account_id = arena_strdup(a, s->account_id);
	out->person_id = arena_strdup(a, s->person_id);
	out->session_id = arena_strdup(a, s->session_id);
	out->scope = arena_strdup(a, s->scope);
}

bool seen_find(struct keyring *k, struct arena *a, const uint8_t hash[TOKEN_HASH_BYTES],
	       int64_t now_s, const char *const *role_names, struct token_claims *out)
{
	char kid[KID_MAX + 1];
	uint64_t serial = 0;

	pthread_mutex_lock(&seen_lock);
	const struct seen *s = slot_of(hash);
	bool hit = s->serial && s->role_names == role_names &&
		   memcmp(s->hash, hash, TOKEN_HASH_BYTES) == 0;
	if (hit) {
		claims_of(s, a, out);
		memcpy(kid, s->kid, sizeof(kid));
		serial = s->serial;
	}
	pthread_mutex_unlock(&seen_lock);
	return hit && keyring_holds(k, kid, serial, now_s);
}

static bool copy(char *out, size_t size, const char *text)
{
	return (size_t)snprintf(out, size, "%s", text) < size;
}

void seen_put(const uint8_t hash[TOKEN_HASH_BYTES], const struct jws *j,
	      const char *const *role_names, const struct token_claims *c)
{
	struct seen s = {.serial = j->serial, .role_names = role_names, .claims = *c};

	s.claims.tenant_id = s.claims.account_id = s.claims.person_id = NULL;
	s.claims.session_id = s.claims.scope = NULL;
	memcpy(s.hash, hash, TOKEN_HASH_BYTES);
	if (!copy(s.kid, sizeof(s.kid), j->kid) ||
	    !copy(s.tenant_id, sizeof(s.tenant_id), c->tenant_id) ||
	    !copy(s.account_id, sizeof(s.account_id), c->account_id) ||
	    !copy(s.person_id, sizeof(s.person_id), c->person_id) ||
	    !copy(s.session_id, sizeof(s.session_id), c->session_id) ||
	    !copy(s.scope, sizeof(s.scope), c->scope))
		return;
	pthread_mutex_lock(&seen_lock);
	*slot_of(hash) = s;
	pthread_mutex_unlock(&seen_lock);
}
