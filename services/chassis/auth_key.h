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
};
/* Split, header, key, algorithm, signature. Nothing of the payload is looked at. */
enum auth_result jws_open(struct keyring *k, struct arena *a, struct str token, int64_t now_s,
			  struct jws *out);
#endif
