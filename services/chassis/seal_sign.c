#include "seal.h"

#include <sodium.h>

#include "seal_key.h"

static bool pair_of(bool second, const char *purpose, uint8_t public[SIGN_KEY_BYTES],
		    uint8_t secret[crypto_sign_SECRETKEYBYTES])
{
	uint8_t seed[MAC_BYTES];

	crypto_ready();
	if (!root_token_key(second, purpose, seed))
		return false;
	crypto_sign_seed_keypair(public, secret, seed);
	sodium_memzero(seed, sizeof(seed));
	return true;
}

bool sign_key(bool second, const char *purpose, uint8_t public[SIGN_KEY_BYTES])
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	bool there = pair_of(second, purpose, public, secret);

	sodium_memzero(secret, sizeof(secret));
	return there;
}

void sign_text(const char *purpose, struct str text, uint8_t signature[SIGNATURE_BYTES])
{
	uint8_t public[SIGN_KEY_BYTES], secret[crypto_sign_SECRETKEYBYTES];

	pair_of(false, purpose, public, secret);
	crypto_sign_detached(signature, NULL, (const uint8_t *)text.p, text.n, secret);
	sodium_memzero(secret, sizeof(secret));
}

bool sign_holds(const uint8_t public[SIGN_KEY_BYTES], struct str text,
		const uint8_t signature[SIGNATURE_BYTES])
{
	crypto_ready();
	return crypto_sign_verify_detached(signature, (const uint8_t *)text.p, text.n, public) == 0;
}
