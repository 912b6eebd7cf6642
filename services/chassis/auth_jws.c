#include "auth_key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

static EVP_MD *sha256;
static pthread_key_t context_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_context(void *p)
{
	EVP_MD_CTX_free(p);
}

static void prepare(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!sha256 || pthread_key_create(&context_key, free_context) != 0)
		abort();
}

/* One per thread, kept. */
static EVP_MD_CTX *context(void)
{
	if (pthread_once(&once, prepare) != 0)
		abort();
	EVP_MD_CTX *c = pthread_getspecific(context_key);

	if (!c && (!(c = EVP_MD_CTX_new()) || pthread_setspecific(context_key, c) != 0))
		abort();
	return c;
}

void token_hash(struct str token, uint8_t out[TOKEN_HASH_BYTES])
{
	EVP_MD_CTX *c = context();

	if (EVP_DigestInit_ex2(c, sha256, NULL) != 1 ||
	    EVP_DigestUpdate(c, token.p, token.n) != 1 || EVP_DigestFinal_ex(c, out, NULL) != 1)
		abort();
}

/* RSASSA-PKCS1-v1_5 with SHA-256, and nothing else, whatever the header says. */
static bool signature_good(EVP_PKEY *key, struct str text, struct str signature)
{
	EVP_MD_CTX *c = context();
	bool good = EVP_DigestVerifyInit(c, NULL, sha256, NULL, key) == 1 &&
		    EVP_DigestVerify(c, (const uint8_t *)signature.p, signature.n,
				     (const uint8_t *)text.p, text.n) == 1;

	EVP_MD_CTX_reset(c);
	ERR_clear_error();
	return good;
}

/* Exactly three parts, none empty. */
static bool split(struct str token, struct str part[3])
{
	const char *p = token.p, *end = token.p + token.n;

	for (int i = 0; i < 3; i++) {
		const char *dot = memchr(p, '.', (size_t)(end - p));
		if ((dot == NULL) != (i == 2))
			return false;
		part[i] = (struct str){p, (size_t)((dot ? dot : end) - p)};
		if (part[i].n == 0)
			return false;
		p = dot ? dot + 1 : end;
	}
	return true;
}

static enum auth_result check_signature(struct live_key *key, const char *alg, struct str token,
					const struct str part[3], struct str signature)
{
	struct str text = {token.p, (size_t)(part[2].p - 1 - token.p)};

	if (strcmp(alg, key->alg) != 0)
		return AUTH_BAD_ALGORITHM;
	return signature_good(key->pkey, text, signature) ? AUTH_OK : AUTH_BAD_SIGNATURE;
}

/* jku, x5u, jwk and x5c are never read: keys come from the keyring alone. Any crit is refused,
 * since no extension is understood (RFC 7515 4.1.11). */
enum auth_result jws_open(struct keyring *k, struct arena *a, struct str token, int64_t now_s,
			  struct jws *out)
{
	struct str part[3], head, signature;
	struct live_key key;

	if (token.n == 0)
		return AUTH_NO_TOKEN;
	if (token.n > TOKEN_MAX_BYTES || !split(token, part) ||
	    !base64url_decode(a, part[0], &head) || !base64url_decode(a, part[1], &out->payload) ||
	    !base64url_decode(a, part[2], &signature))
		return AUTH_MALFORMED;
	out->header = json_parse(a, head);
	if (!out->header || json_has(out->header, "crit"))
		return AUTH_MALFORMED;
	const char *kid = json_get_str(out->header, "kid"), *alg = json_get_str(out->header, "alg");
	if (!alg)
		return AUTH_BAD_ALGORITHM;
	if (!kid || !kid_valid(kid) || !keyring_find(k, kid, now_s, &key))
		return AUTH_UNKNOWN_KEY;
	enum auth_result r = check_signature(&key, alg, token, part, signature);
	out->kid = kid;
	out->serial = key.serial;
	live_key_drop(&key);
	return r;
}
