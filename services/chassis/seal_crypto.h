/* Primitives of seal_*.c, token.c and their tests only: AES-256-GCM, HMAC-SHA-256, HKDF-SHA-256.
 * Algorithms are fetched once, contexts are kept per thread. */
#ifndef RENHE_SEAL_CRYPTO_H
#define RENHE_SEAL_CRYPTO_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEY_BYTES 32
#define NONCE_BYTES 12
#define TAG_BYTES 16
#define MAC_BYTES 32

struct bytes {
	const uint8_t *p;
	size_t n;
};

/* libsodium is ready; aborts where the machine has no randomness. */
void crypto_ready(void);
/* out: n bytes; tag: TAG_BYTES. Aborts where the library fails: there is no other reason. */
void gcm_seal(const uint8_t key[KEY_BYTES], const uint8_t nonce[NONCE_BYTES], struct bytes aad,
	      struct bytes clear, uint8_t *out, uint8_t tag[TAG_BYTES]);
/* false: the tag does not fit; out is zeroed then. */
bool gcm_open(const uint8_t key[KEY_BYTES], const uint8_t nonce[NONCE_BYTES], struct bytes aad,
	      struct bytes sealed, const uint8_t tag[TAG_BYTES], uint8_t *out);
void hmac_sha256(struct bytes key, struct bytes text, uint8_t out[MAC_BYTES]);
/* RFC 5869 without salt; info binds the purpose. */
void hkdf_sha256(struct bytes key, struct bytes info, uint8_t *out, size_t n);

/* The one format of everything sealed: version 1 | suite 1 | key id (4, big end first) | nonce |
 * ciphertext | tag. The AAD is the parts, each behind its length, then the key id. */
#define SEALED_HEAD (1 + 1 + 4 + NONCE_BYTES)
#define SEALED_EXTRA (SEALED_HEAD + TAG_BYTES)
#define SEALED_PARTS_MAX 4
struct binding {
	const char *parts[SEALED_PARTS_MAX]; /* NULL ends them early; together below 900 bytes */
};
/* out: clear.n + SEALED_EXTRA bytes. */
void sealed_make(const uint8_t key[KEY_BYTES], uint32_t key_id, const struct binding *b,
		 struct bytes clear, uint8_t *out);
/* false: too short, another version or suite. */
bool sealed_key_id(struct bytes sealed, uint32_t *key_id);
/* out: sealed.n - SEALED_EXTRA bytes. false: not what was sealed with this key for this place. */
bool sealed_open(const uint8_t key[KEY_BYTES], const struct binding *b, struct bytes sealed,
		 uint8_t *out);
#endif
