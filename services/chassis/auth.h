/* Access tokens: issued through libjwt (this file owns it), verified by our own steps: split,
 * strict base64url, algorithm pinned per key id, EVP_DigestVerify with parsed keys, claims. */
#ifndef RENHE_AUTH_H
#define RENHE_AUTH_H
#include "ctx.h"

#define ACCESS_TOKEN_LIFE_S 600
#define CLOCK_SKEW_S 60

/* A public signing key; kept parsed. Thread-safe; readers never block for long. */
struct keyring;
struct keyring *keyring_new(void);
void keyring_free(struct keyring *k);
/* Adds or replaces. pem: RSA public key of 2048 bits or more; alg must be "RS256"; kid
 * [A-Za-z0-9_-]{1,64}; not_after: unix seconds, the last one at which the key holds. */
bool keyring_add(struct keyring *k, const char *kid, const char *alg, const char *pem, int64_t not_after);
/* Signed record of the key topic or file: Ed25519 signature of the anchor over the canonical text
 * "kid\nalg\nnot_after\npem"; anchor_public and signature base64url. A key is never changed, only
 * ended: of several records of one kid the least not_after stands, another pem is refused. */
bool keyring_add_signed(struct keyring *k, const char *kid, const char *alg, const char *pem, int64_t not_after,
			const char *signature, const char *anchor_public);
bool keyring_save(struct keyring *k, const char *file); /* atomically; with signatures */
/* Adds what verifies; false where the file is missing, malformed, or holds a record that doesn't. */
bool keyring_load(struct keyring *k, const char *file, const char *anchor_public);
struct str keyring_records(struct keyring *k, struct arena *a); /* what keyring_save writes */
unsigned keyring_count(struct keyring *k);

struct token_claims {
	const char *tenant_id, *account_id, *person_id, *session_id;
	uint32_t roles;
	int64_t exp, iat, auth_time;
	int64_t nbf; /* 0: none */
	int64_t account_generation, session_generation;
	bool second_factor; /* "amr" (RFC 8176) names otp */
	const char *scope;  /* of machine clients: permissions, blanks between; "" of people */
};
/* Base64 of RFC 4648 section 4, padded; strict. In the arena, with a NUL behind it. */
bool base64_decode(struct arena *a, struct str text, struct str *out);
enum auth_result {
	AUTH_OK, AUTH_NO_TOKEN, AUTH_MALFORMED, AUTH_BAD_ALGORITHM, AUTH_UNKNOWN_KEY,
	AUTH_BAD_SIGNATURE, AUTH_EXPIRED, AUTH_BAD_CLAIMS,
};
/* Verifies one compact token against real time `now_s`. Role names are mapped by role_names. */
enum auth_result token_verify(struct keyring *k, struct arena *a, struct str token, int64_t now_s,
			      const char *const *role_names, struct token_claims *out);
const char *auth_result_name(enum auth_result r);

/* Issuing side, identity only. private_pem: RSA of 2048 bits or more, else NULL. */
struct signer;
struct signer *signer_new(const char *kid, const char *private_pem);
void signer_free(struct signer *s);
/* NULL on failure, and for claims that no verifier takes: no role, a life above
 * ACCESS_TOKEN_LIFE_S. */
char *signer_issue(struct signer *s, struct arena *a, const struct token_claims *c, const char *const *role_names);
/* Makes a 2048-bit RSA pair; PEM texts in the arena. */
bool rsa_generate(struct arena *a, char **private_pem, char **public_pem);
bool anchor_generate(char public_b64[64], char secret_b64[128]);
bool anchor_sign(const char *secret_b64, const char *kid, const char *alg, const char *pem, int64_t not_after, char out_b64[128]);
/* JWKS document of the keys that have not ended. */
struct str keyring_jwks(struct keyring *k, struct arena *a, int64_t now_s);
#endif
