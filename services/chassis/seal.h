/* Field encryption, blind index, page-token MAC, password hashing (this file owns OpenSSL's EVP
 * and libsodium). Value = version 1 | suite 1 | key id (4 bytes) | nonce 12 | ciphertext | tag 16;
 * AAD = tenant | "table.column" | subject | key id. Envelope: root key wraps tenant key, tenant key
 * wraps subject (person) key. Tables subject_key and tenant_key of each service (chassis migration). */
#ifndef RENHE_SEAL_H
#define RENHE_SEAL_H
#include "ctx.h"

/* Root key: 32 bytes as 64 hex digits (setting RENHE_ROOT_KEY). Before any other thread runs;
 * again only in tests. false: err says what is wrong, without the key. */
bool seal_init(const char *root_key_hex, char *err, size_t err_size);
/* A second root key whose seals and tokens are taken too: the one of before, or the one to come
 * (RENHE_ROOT_KEY_SECOND). After seal_init, which forgets it; "" = none. */
bool seal_init_second(const char *root_key_hex, char *err, size_t err_size);
/* Sealed bytes as PostgreSQL bytea text "\\x...". Makes the subject's key where it is missing. */
bool seal_value(struct ctx *cx, const char *column, const char *subject_id, const char *clear, const char **bytea);
/* *clear = NULL where the subject's key was destroyed (erased). */
bool seal_open(struct ctx *cx, const char *column, const char *subject_id, const char *bytea, const char **clear);
/* The same for any bytes; clear->p = NULL where the key was destroyed. What is opened has a NUL behind. */
bool seal_bytes(struct ctx *cx, const char *column, const char *subject_id, struct str clear, const char **bytea);
bool seal_open_bytes(struct ctx *cx, const char *column, const char *subject_id, const char *bytea, struct str *clear);
/* The same outside of the database: sealed bytes as they are. `place` binds them like a column. */
bool seal_piece(struct ctx *cx, const char *place, const char *subject_id, struct str clear, struct str *sealed);
bool seal_open_piece(struct ctx *cx, const char *place, const char *subject_id, struct str sealed, struct str *clear);
/* Bytes that sealing adds. */
#define SEAL_EXTRA ((size_t)34)
/* Loads keys of many subjects in one query, before many seal_open or seal_value. */
bool seal_prefetch(struct ctx *cx, const char *const *subjects, size_t n, bool create);
/* Keys of a subject as a query with keys= brings them, "2 \\x..,1 \\x.."; NULL: there are none. */
bool seal_given(struct ctx *cx, const char *subject, const char *keys);
/* HMAC-SHA-256, first 128 bits, under the index key of tenant + column, of the normal form. */
bool seal_index(struct ctx *cx, const char *column, const char *normal, const char **bytea);
/* Destroys the subject's key: what was sealed is unreadable from the commit on. */
bool seal_destroy(struct ctx *cx, const char *subject_id);
/* Zeroes and forgets the keys of the task. db.c calls it after commit, rollback and rollback to a
 * savepoint: a key made in what was rolled back must not be used again. Cheap when there is none. */
void seal_end(struct ctx *cx);

/* Opaque token bound to a purpose: base64url(payload | MAC). NULL where it doesn't verify. */
char *token_seal(struct arena *a, const char *purpose, struct str payload);
bool token_open(struct arena *a, const char *purpose, const char *token, struct str *payload);
/* Purpose-bound secret of the installation, hex. */
void sha256_of(const struct str *pieces, size_t n, uint8_t out[32]); /* of the pieces as one text */
void sha256_hex(const void *p, size_t n, char out[65]);
void sha256_hex_of(const struct str *pieces, size_t n, char out[65]); /* as of one text */
void random_token(char *out, size_t size);   /* base64url characters, size includes the NUL */
void random_bytes(void *p, size_t n);
bool secret_equal(const char *a, const char *b); /* constant time in the contents */

/* argon2id, 19 MiB, t=2, PHC string; concurrency bounded to half the cores + 1. */
bool password_hash(const char *password, char out[128]);
bool password_verify(const char *hash, const char *password);
/* Costs what password_verify costs and is always false: for unknown users. */
bool password_verify_dummy(const char *password);

/* Ed25519 under a key of its own for each purpose, derived from the root key: whoever has the database
 * alone signs nothing. second: of the root key before (RENHE_ROOT_KEY_SECOND); false: there is none. */
#define SIGN_KEY_BYTES 32
#define SIGNATURE_BYTES 64
bool sign_key(bool second, const char *purpose, uint8_t public[SIGN_KEY_BYTES]);
void sign_text(const char *purpose, struct str text, uint8_t signature[SIGNATURE_BYTES]);
bool sign_holds(const uint8_t public[SIGN_KEY_BYTES], struct str text, const uint8_t signature[SIGNATURE_BYTES]);
#endif
