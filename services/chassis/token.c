#include "seal.h"

#include <sodium.h>
#include <string.h>

#include "seal_crypto.h"
#include "seal_key.h"

#define TOKEN_MAC 16
#define TOKEN_MAX 8192

static bool token_mac(bool second, const char *purpose, struct bytes b, uint8_t mac[MAC_BYTES])
{
	uint8_t key[MAC_BYTES];

	if (!root_token_key(second, purpose, key))
		return false;
	hmac_sha256((struct bytes){key, sizeof(key)}, b, mac);
	sodium_memzero(key, sizeof(key));
	return true;
}

/* Under the root key of now, or the second one. */
static bool token_fits(const char *purpose, struct bytes b, const uint8_t *given)
{
	uint8_t mac[MAC_BYTES];

	for (int second = 0; second < 2; second++)
		if (token_mac(second, purpose, b, mac) && sodium_memcmp(mac, given, TOKEN_MAC) == 0)
			return true;
	return false;
}

char *token_seal(struct arena *a, const char *purpose, struct str payload)
{
	uint8_t mac[MAC_BYTES];
	size_t n = payload.n + TOKEN_MAC;
	size_t size = sodium_base64_encoded_len(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	uint8_t *raw = arena_alloc(a, n);
	char *out = arena_alloc(a, size);

	if (payload.n)
		memcpy(raw, payload.p, payload.n);
	token_mac(false, purpose, (struct bytes){raw, payload.n}, mac);
	memcpy(raw + payload.n, mac, TOKEN_MAC);
	return sodium_bin2base64(out, size, raw, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool token_open(struct arena *a, const char *purpose, const char *token, struct str *payload)
{
	size_t length = strnlen(token, TOKEN_MAX + 1), n;

	if (length > TOKEN_MAX)
		return false;
	uint8_t *raw = arena_alloc(a, length + 1);
	/* Strict: no padding, no blanks, no stray bits in the last character. */
	if (sodium_base642bin(raw, length, token, length, NULL, &n, NULL,
			      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
	    n < TOKEN_MAC)
		return false;
	if (!token_fits(purpose, (struct bytes){raw, n - TOKEN_MAC}, raw + n - TOKEN_MAC))
		return false;
	raw[n - TOKEN_MAC] = '\0';
	*payload = (struct str){(const char *)raw, n - TOKEN_MAC};
	return true;
}

void sha256_hex(const void *p, size_t n, char out[65])
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, p, n);
	sodium_bin2hex(out, 65, hash, sizeof(hash));
}

void sha256_of(const struct str *pieces, size_t n, uint8_t out[32])
{
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	for (size_t i = 0; i < n; i++)
		crypto_hash_sha256_update(&state, (const uint8_t *)pieces[i].p, pieces[i].n);
	crypto_hash_sha256_final(&state, out);
}

void sha256_hex_of(const struct str *pieces, size_t n, char out[65])
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	sha256_of(pieces, n, hash);
	sodium_bin2hex(out, 65, hash, sizeof(hash));
}

void random_bytes(void *p, size_t n)
{
	crypto_ready();
	randombytes_buf(p, n);
}

void random_token(char *out, size_t size)
{
	static const char ALPHABET[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	if (size == 0)
		return;
	random_bytes(out, size);
	for (size_t i = 0; i + 1 < size; i++)
		out[i] = ALPHABET[(unsigned char)out[i] & 63];
	out[size - 1] = '\0';
}

bool secret_equal(const char *a, const char *b)
{
	size_t n = strlen(a);

	return n == strlen(b) && sodium_memcmp(a, b, n) == 0;
}
