#include "auth_key.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "seal_crypto.h"

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
/* kid, alg, a number and a PEM text of an RSA key of 16384 bits */
#define CANONICAL_MAX 8192

bool base64url_decode(struct arena *a, struct str text, struct str *out)
{
	size_t n;
	char *p = arena_alloc(a, text.n + 1);

	crypto_ready();
	if (sodium_base642bin((unsigned char *)p, text.n, text.p, text.n, NULL, &n, NULL,
			      VARIANT) != 0)
		return false;
	p[n] = '\0';
	*out = (struct str){p, n};
	return true;
}

bool base64_decode(struct arena *a, struct str text, struct str *out)
{
	size_t n;
	char *p = arena_alloc(a, text.n + 1);

	crypto_ready();
	if (sodium_base642bin((unsigned char *)p, text.n, text.p, text.n, NULL, &n, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0)
		return false;
	p[n] = '\0';
	*out = (struct str){p, n};
	return true;
}

const char *base64url_encode(struct arena *a, const void *p, size_t n)
{
	size_t size = sodium_base64_encoded_len(n, VARIANT);

	return sodium_bin2base64(arena_alloc(a, size), size, p, n, VARIANT);
}

static bool decode_exactly(const char *text, unsigned char *out, size_t n)
{
	size_t got;

	return sodium_base642bin(out, n, text, strlen(text), NULL, &got, NULL, VARIANT) == 0 &&
	       got == n;
}

/* 0: too long. */
static size_t canonical(char out[CANONICAL_MAX], const char *kid, const char *alg, const char *pem,
			int64_t not_after)
{
	int n = snprintf(out, CANONICAL_MAX, "%s\n%s\n%" PRId64 "\n%s", kid, alg, not_after, pem);

	return (size_t)n < CANONICAL_MAX ? (size_t)n : 0;
}

bool anchor_generate(char public_b64[64], char secret_b64[128])
{
	unsigned char public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];

	crypto_ready();
	if (crypto_sign_keypair(public, secret) != 0)
		return false;
	sodium_bin2base64(public_b64, 64, public, sizeof(public), VARIANT);
	sodium_bin2base64(secret_b64, 128, secret, sizeof(secret), VARIANT);
	sodium_memzero(secret, sizeof(secret));
	return true;
}

bool anchor_sign(const char *secret_b64, const char *kid, const char *alg, const char *pem,
		 int64_t not_after, char out_b64[128])
{
	unsigned char secret[crypto_sign_SECRETKEYBYTES], signature[crypto_sign_BYTES];
	char text[CANONICAL_MAX];
	size_t n = canonical(text, kid, alg, pem, not_after);

	crypto_ready();
	if (n == 0 || !decode_exactly(secret_b64, secret, sizeof(secret)))
		return false;
	crypto_sign_detached(signature, NULL, (const unsigned char *)text, n, secret);
	sodium_memzero(secret, sizeof(secret));
	sodium_bin2base64(out_b64, 128, signature, sizeof(signature), VARIANT);
	return true;
}

bool anchor_verify(const char *public_b64, const char *kid, const char *alg, const char *pem,
		   int64_t not_after, const char *signature_b64)
{
	unsigned char public[crypto_sign_PUBLICKEYBYTES], signature[crypto_sign_BYTES];
	char text[CANONICAL_MAX];
	size_t n = canonical(text, kid, alg, pem, not_after);

	crypto_ready();
	return n > 0 && decode_exactly(public_b64, public, sizeof(public)) &&
	       decode_exactly(signature_b64, signature, sizeof(signature)) &&
	       crypto_sign_verify_detached(signature, (const unsigned char *)text, n, public) == 0;
}
