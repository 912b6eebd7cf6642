#include "seal_key.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOT_HEX 64

/* What the root key is used for, derived from it; the key itself is not kept. In guarded memory,
 * which stays out of core files and swap. */
struct root {
	uint8_t wrap[KEY_BYTES], token[KEY_BYTES];
	uint32_t id;
};
static struct root *root;

static void derive(struct bytes key, const char *purpose, void *out, size_t n)
{
	hkdf_sha256(key, (struct bytes){(const uint8_t *)purpose, strlen(purpose)}, out, n);
}

static void derive_all(const uint8_t key[KEY_BYTES])
{
	struct bytes k = {key, KEY_BYTES};
	uint8_t id[4];

	derive(k, "renhe 1 wrap tenant keys", root->wrap, KEY_BYTES);
	derive(k, "renhe 1 tokens", root->token, KEY_BYTES);
	derive(k, "renhe 1 id of the root key", id, sizeof(id));
	root->id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
}

bool root_set(const char *hex, char *err, size_t err_size)
{
	uint8_t key[KEY_BYTES];
	size_t n = 0;

	crypto_ready();
	if (strlen(hex) != ROOT_HEX ||
	    sodium_hex2bin(key, sizeof(key), hex, ROOT_HEX, NULL, &n, NULL) != 0 ||
	    n != KEY_BYTES) {
		snprintf(err, err_size, "the root key must be %d hex digits", ROOT_HEX);
		return false;
	}
	if (!root && !(root = sodium_malloc(sizeof(*root))))
		abort();
	sodium_mprotect_readwrite(root);
	derive_all(key);
	sodium_mprotect_readonly(root);
	sodium_memzero(key, sizeof(key));
	return true;
}

static const struct root *the_root(void)
{
	if (!root)
		abort(); /* seal_init was not called */
	return root;
}

void root_token_key(const char *purpose, uint8_t out[MAC_BYTES])
{
	struct bytes text = {(const uint8_t *)purpose, strlen(purpose)};

	hmac_sha256((struct bytes){the_root()->token, KEY_BYTES}, text, out);
}

void root_wrap(const struct binding *b, const uint8_t key[KEY_BYTES], uint8_t out[WRAPPED_BYTES])
{
	sealed_make(the_root()->wrap, the_root()->id, b, (struct bytes){key, KEY_BYTES}, out);
}

bool root_unwrap(const struct binding *b, struct bytes wrapped, uint8_t key[KEY_BYTES])
{
	uint32_t id;

	if (wrapped.n != WRAPPED_BYTES || !sealed_key_id(wrapped, &id) || id != the_root()->id)
		return false;
	return sealed_open(the_root()->wrap, b, wrapped, key);
}
