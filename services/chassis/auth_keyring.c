#include "auth_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 64
#define RSA_MOST_BITS 8192
#define SIGNATURE_MAX 128
#define PEM_MAX 4096

struct key {
	char kid[KID_MAX + 1], alg[8], signature[SIGNATURE_MAX];
	char *pem;
	int64_t not_after;
	EVP_PKEY *pkey;
	uint64_t serial;
};

struct keyring {
	pthread_rwlock_t lock;
	struct key keys[KEYS_MAX];
	unsigned n;
};

static _Atomic uint64_t next_serial = 1;

struct keyring *keyring_new(void)
{
	struct keyring *k = calloc(1, sizeof(*k));

	if (!k || pthread_rwlock_init(&k->lock, NULL) != 0)
		abort();
	return k;
}

static void key_clear(struct key *key)
{
	EVP_PKEY_free(key->pkey);
	free(key->pem);
	memset(key, 0, sizeof(*key));
}

void keyring_free(struct keyring *k)
{
	if (!k)
		return;
	for (unsigned i = 0; i < k->n; i++)
		key_clear(&k->keys[i]);
	pthread_rwlock_destroy(&k->lock);
	free(k);
}

bool kid_valid(const char *kid)
{
	static const char ALLOWED[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t n = strspn(kid, ALLOWED);

	return n >= 1 && n <= KID_MAX && kid[n] == '\0';
}

static bool sound_rsa(EVP_PKEY *p)
{
	EVP_PKEY_CTX *c = NULL;
	bool good = EVP_PKEY_is_a(p, "RSA") && EVP_PKEY_get_bits(p) >= RSA_LEAST_BITS &&
		    EVP_PKEY_get_bits(p) <= RSA_MOST_BITS &&
		    (c = EVP_PKEY_CTX_new_from_pkey(NULL, p, NULL)) &&
		    EVP_PKEY_public_check(c) == 1;

	EVP_PKEY_CTX_free(c);
	return good;
}

EVP_PKEY *public_key_parse(const char *pem)
{
	size_t n = strnlen(pem, PEM_MAX + 1);
	BIO *b = n <= PEM_MAX ? BIO_new_mem_buf(pem, (int)n) : NULL;
	EVP_PKEY *p = b ? PEM_read_bio_PUBKEY(b, NULL, NULL, NULL) : NULL;

	BIO_free(b);
	if (p && !sound_rsa(p)) {
		EVP_PKEY_free(p);
		p = NULL;
	}
	ERR_clear_error();
	return p;
}

static struct key *find(struct keyring *k, const char *kid)
{
	for (unsigned i = 0; i < k->n; i++)
		if (strcmp(k->keys[i].kid, kid) == 0)
			return &k->keys[i];
	return NULL;
}

/* The place of a new key: a free one, or that of the key that ends first. */
static struct key *place(struct keyring *k)
{
	struct key *first = &k->keys[0];

	if (k->n < KEYS_MAX)
		return &k->keys[k->n++];
	for (unsigned i = 1; i < k->n; i++)
		if (k->keys[i].not_after < first->not_after)
			first = &k->keys[i];
	key_clear(first);
	return first;
}

static char *copy(const char *s)
{
	char *c = strdup(s);

	if (!c)
		abort();
	return c;
}

static void key_fill(struct key *key, const char *kid, const char *pem, int64_t not_after,
		     const char *signature, EVP_PKEY *pkey)
{
	strncpy(key->kid, kid, KID_MAX);
	strncpy(key->alg, ALG_RS256, sizeof(key->alg) - 1);
	strncpy(key->signature, signature, SIGNATURE_MAX - 1);
	key->pem = copy(pem);
	key->not_after = not_after;
	key->pkey = pkey;
	key->serial = atomic_fetch_add(&next_serial, 1);
}

static bool acceptable(const char *kid, const char *alg, int64_t not_after)
{
	return kid_valid(kid) && strcmp(alg, ALG_RS256) == 0 && not_after > 0;
}

bool keyring_add(struct keyring *k, const char *kid, const char *alg, const char *pem,
		 int64_t not_after)
{
	EVP_PKEY *pkey = acceptable(kid, alg, not_after) ? public_key_parse(pem) : NULL;

	if (!pkey)
		return false;
	pthread_rwlock_wrlock(&k->lock);
	struct key *key = find(k, kid);
	if (key)
		key_clear(key);
	else
		key = place(k);
	key_fill(key, kid, pem, not_after, "", pkey);
	pthread_rwlock_unlock(&k->lock);
	return true;
}

/* A key is never changed, only ended (topics.proto): the earlier end stands, in whatever order the
 * records come, so that an old record cannot bring back a key that was retired. Under the lock. */
static bool merge(struct key *key, const char *pem, int64_t not_after, const char *signature)
{
	if (strcmp(key->pem, pem) != 0)
		return false;
	if (not_after < key->not_after || key->signature[0] == '\0') {
		key->not_after = not_after;
		memset(key->signature, 0, sizeof(key->signature));
		strncpy(key->signature, signature, SIGNATURE_MAX - 1);
	}
	return true;
}

bool keyring_add_signed(struct keyring *k, const char *kid, const char *alg, const char *pem,
			int64_t not_after, const char *signature, const char *anchor_public)
{
	EVP_PKEY *pkey = NULL;

	if (strlen(signature) >= SIGNATURE_MAX || !acceptable(kid, alg, not_after) ||
	    !anchor_verify(anchor_public, kid, alg, pem, not_after, signature) ||
	    !(pkey = public_key_parse(pem)))
		return false;
	pthread_rwlock_wrlock(&k->lock);
	struct key *key = find(k, kid);
	bool good = !key || merge(key, pem, not_after, signature);
	if (!key) {
		key_fill(place(k), kid, pem, not_after, signature, pkey);
		pkey = NULL;
	}
	pthread_rwlock_unlock(&k->lock);
	EVP_PKEY_free(pkey);
	return good;
}

unsigned keyring_count(struct keyring *k)
{
	pthread_rwlock_rdlock(&k->lock);
	unsigned n = k->n;
	pthread_rwlock_unlock(&k->lock);
	return n;
}

bool keyring_find(struct keyring *k, const char *kid, int64_t now_s, struct live_key *out)
{
	pthread_rwlock_rdlock(&k->lock);
	const struct key *key = find(k, kid);
	bool live = key && now_s <= key->not_after && EVP_PKEY_up_ref(key->pkey) == 1;
	if (live) {
		*out = (struct live_key){.pkey = key->pkey, .serial = key->serial};
		memcpy(out->alg, key->alg, sizeof(out->alg));
	}
	pthread_rwlock_unlock(&k->lock);
	return live;
}

bool keyring_holds(struct keyring *k, const char *kid, uint64_t serial, int64_t now_s)
{
	pthread_rwlock_rdlock(&k->lock);
	const struct key *key = find(k, kid);
	bool holds = key && key->serial == serial && now_s <= key->not_after;
	pthread_rwlock_unlock(&k->lock);
	return holds;
}

void live_key_drop(struct live_key *k)
{
	EVP_PKEY_free(k->pkey);
	k->pkey = NULL;
}

static const char *number_text(struct arena *a, const EVP_PKEY *p, const char *which)
{
	BIGNUM *n = NULL;

	if (EVP_PKEY_get_bn_param(p, which, &n) != 1)
		abort();
	size_t size = (size_t)BN_num_bytes(n);
	unsigned char *bytes = arena_alloc(a, size);
	BN_bn2bin(n, bytes);
	BN_free(n);
	return base64url_encode(a, bytes, size);
}

struct str keyring_jwks(struct keyring *k, struct arena *a, int64_t now_s)
{
	struct buf b;
	const char *comma = "";

	buf_init(&b, a);
	buf_puts(&b, "{\"keys\":[");
	pthread_rwlock_rdlock(&k->lock);
	for (unsigned i = 0; i < k->n; i++) {
		const struct key *key = &k->keys[i];
		if (key->not_after < now_s)
			continue;
		buf_printf(&b,
			   "%s{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"%s\",\"kid\":\"%s\",\"n\":"
			   "\"%s\",\"e\":\"%s\"}",
			   comma, key->alg, key->kid,
			   number_text(a, key->pkey, OSSL_PKEY_PARAM_RSA_N),
			   number_text(a, key->pkey, OSSL_PKEY_PARAM_RSA_E));
		comma = ",";
	}
	pthread_rwlock_unlock(&k->lock);
	buf_puts(&b, "]}");
	return (struct str){b.p, b.n};
}

struct str keyring_records(struct keyring *k, struct arena *a)
{
	struct buf b;
	const char *comma = "";

	buf_init(&b, a);
	buf_puts(&b, "{\"keys\":[");
	pthread_rwlock_rdlock(&k->lock);
	for (unsigned i = 0; i < k->n; i++) {
		const struct key *key = &k->keys[i];
		if (!key->signature[0])
			continue;
		buf_printf(&b,
			   "%s\n{\"kid\":\"%s\",\"alg\":\"%s\",\"not_after\":%lld,\"signature\":\"%"
			   "s\",\"public_pem\":",
			   comma, key->kid, key->alg, (long long)key->not_after, key->signature);
		json_quote(&b, key->pem, strlen(key->pem));
		buf_puts(&b, "}");
		comma = ",";
	}
	pthread_rwlock_unlock(&k->lock);
	buf_puts(&b, "]}\n");
	return (struct str){b.p, b.n};
}
