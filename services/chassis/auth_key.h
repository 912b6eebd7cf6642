/* Between auth*.c and their tests only. */
#ifndef RENHE_AUTH_KEY_H
#define RENHE_AUTH_KEY_H
#include <openssl/types.h>
#include "auth.h"
#include "json.h"

#define KID_MAX 64
#define ALG_RS256 "RS256"
#define RSA_LEAST_BITS 2048
#define TOKEN_MAX_BYTES 8192
#define TOKEN_ISSUER "renhe"
#define TOKEN_AUDIENCE "renhe"

/* ---- auth_keyring.c ---- */
struct live_key {
	EVP_PKEY *pkey;	 /* a reference of the caller's own */
	uint64_t serial; /* no two keys of a process have the same */
	char alg[8];
};
/* false: no such key, or it has ended. */
bool keyring_find(struct keyring *k, const char *kid, int64_t now_s, struct live_key *out);
void live_key_drop(struct live_key *k);
/* The key that is known by this id has this serial and holds yet. */
bool keyring_holds(struct keyring *k, const char *kid, uint64_t serial, int64_t now_s);
bool kid_valid(const char *kid); /* [A-Za-z0-9_-]{1,64} */
/* NULL: no RSA public key of 2048 bits or more. */
EVP_PKEY *public_key_parse(const char *pem);

/* ---- auth_anchor.c ---- */
bool anchor_verify(const char *public_b64, const char *kid, const char *alg, const char *pem,
		   int64_t not_after, const char *signature_b64);
/* Strict base64url: no padding, no blanks, no stray bits. The result in the arena, with a NUL
 * behind it that n does not count. */
bool base64url_decode(struct arena *a, struct str text, struct str *out);
const char *base64url_encode(struct arena *a, const void *p, size_t n);

/* ---- auth_jws.c ---- */
struct jws {
	const struct json_doc *header;
	struct str payload;
	const char *kid; /* of the key that fits, and its serial */
	uint64_t serial;
};
/* Split, header, key, algorithm, signature. Nothing of the payload is looked at. */
enum auth_result jws_open(struct keyring *k, struct arena *a, struct str token, int64_t now_s,
			  struct jws *out);
#define TOKEN_HASH_BYTES 32
void token_hash(struct str token, uint8_t out[TOKEN_HASH_BYTES]); /* SHA-256 */

/* ---- auth_seen.c: claims of tokens that were verified before ---- */
/* A caller's token comes with each of his requests; signature and claims are the same each time.
 * What changes is asked again: whether the key still holds, under the same serial, and (by the
 * caller of this) the times. role_names: those that the roles were mapped by. */
bool seen_find(struct keyring *k, struct arena *a, const uint8_t hash[TOKEN_HASH_BYTES], int64_t now_s,
	       const char *const *role_names, struct token_claims *out);
/* Claims that are too long for the table are left out of it. */
void seen_put(const uint8_t hash[TOKEN_HASH_BYTES], const struct jws *j, const char *const *role_names,
	      const struct token_claims *c);
#endif
