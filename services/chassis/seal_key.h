/* The envelope behind seal.h; between seal*.c and token.c only. The root key wraps tenant keys, a
 * tenant key wraps subject keys. Keys live in the task's arena until seal_end zeroes them; settled
 * tenant keys also in a cache of the process. */
#ifndef RENHE_SEAL_KEY_H
#define RENHE_SEAL_KEY_H
#include "ctx.h"
#include "seal_crypto.h"

#define WRAPPED_BYTES (KEY_BYTES + SEALED_EXTRA)
/* "\\x" and two digits a byte, with the NUL */
#define BYTEA_SIZE(n) (2 * (n) + 3)
#define TENANT_KEYS_MAX 16

struct data_key {
	uint32_t id;
	uint8_t key[KEY_BYTES];
};

/* ---- seal_root.c ---- */
bool root_set(const char *hex, char *err, size_t err_size);
bool root_set_second(const char *hex, char *err, size_t err_size);
/* false: there is no second root key. */
bool root_token_key(bool second, const char *purpose, uint8_t out[MAC_BYTES]);
void root_wrap(const struct binding *b, const uint8_t key[KEY_BYTES], uint8_t out[WRAPPED_BYTES]);
/* Wrapped by either root key. */
bool root_unwrap(const struct binding *b, struct bytes wrapped, uint8_t key[KEY_BYTES]);
uint32_t root_id(void);

/* ---- seal_tenant.c ---- */
struct tenant_keys {
	char tenant[UUID_LEN + 1];
	unsigned n; /* in the order of their ids; the last one is for writing */
	struct data_key keys[TENANT_KEYS_MAX];
};
/* Makes the first key where there is none and `create` is set; n = 0 where there is none else. */
bool tenant_keys_load(struct ctx *cx, bool create, struct tenant_keys *out);
const struct data_key *tenant_key_by_id(const struct tenant_keys *t, uint32_t id);
/* As the database has them now, past the cache of the process. */
bool tenant_keys_read(struct ctx *cx, struct tenant_keys *out);
/* One more, for writing from now on; others go on with the old one for up to TENANT_KEYS_FRESH_MS.
 */
bool tenant_key_add(struct ctx *cx);
#define TENANT_KEYS_FRESH_MS 5000
struct binding tenant_key_place(const char *tenant);

/* ---- seal_subject.c ---- */
struct subject {
	char id[UUID_LEN + 1];
	bool loaded;	/* the database was asked and knows it */
	bool destroyed; /* rows without keys: erased */
	unsigned n;
	struct data_key *keys; /* highest id first */
	struct subject *next;
};
/* Tenant keys and subjects of the tenant that the task is at, with its own tenant keys loaded. */
bool task_tenant_keys(struct ctx *cx, bool create, const struct tenant_keys **out);
bool subjects_load(struct ctx *cx, const char *const *ids, size_t n, bool create);
/* The loaded subject. *out = NULL: it has no key and `create` is not set. */
bool subject_get(struct ctx *cx, const char *id, bool create, const struct subject **out);
const struct data_key *subject_key_by_id(const struct subject *s, uint32_t id);
/* Asks the database again: a value may be under a key that is newer than the task. */
bool subject_again(struct ctx *cx, const char *id, const struct subject **out);
struct binding subject_key_place(const char *tenant, const char *subject);

/* ---- seal_renew.c ---- */
/* One more key for each that has one and isn't erased; *made counts them. Locks their rows. */
bool subjects_renew(struct ctx *cx, const char *const *ids, size_t n, int64_t *made);
/* Wraps the keys that are under an older tenant key under the newest one. */
bool subjects_rewrap(struct ctx *cx, const char *const *ids, size_t n, int64_t *rewrapped);
/* Texts without quotes or backslashes but the one in front of bytea, as an array literal. */
const char *text_array(struct ctx *cx, const char *const *texts, size_t n);

/* ---- seal_text.c ---- */
/* out: BYTEA_SIZE(n) bytes. */
void bytea_text(const uint8_t *p, size_t n, char *out);
/* Bytes of "\\x..." in the arena; false where it is no such text. */
bool bytea_bytes(struct arena *a, const char *text, struct bytes *out);
/* A defect of ours or a damaged row: one log line, INTERNAL. Always false. */
bool seal_defect(struct ctx *cx, const char *what, const char *column, const char *subject);
#endif
