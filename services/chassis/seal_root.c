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
static struct root *root, *second;

static void derive(struct bytes key, const char *purpose, void *out, size_t n)
{
	hkdf_sha256(key, (struct bytes){(const uint8_t *)purpose, strlen(purpose)}, out, n);
}

static void derive_all(const uint8_t key[KEY_BYTES], struct root *out)
{
	struct bytes k = {key, KEY_BYTES};
	uint8_t id[4];

	derive(k, "renhe 1 wrap tenant keys", out->wrap, KEY_BYTES);
	derive(k, "renhe 1 tokens", out->token, KEY_BYTES);
	derive(k, "renhe 1 id of the root key", id, sizeof(id));
	out->id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
}

static bool take(const char *hex, struct root **out, char *err, size_t err_size)
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
	if (!*out && !(*out = sodium_malloc(sizeof(**out))))
		abort();
	sodium_mprotect_readwrite(*out);
	derive_all(key, *out);
	sodium_mprotect_readonly(*out);
	sodium_memzero(key, sizeof(key));
	return true;
}

bool root_set(const char *hex, char *err, size_t err_size)
{
	sodium_free(second);
	second = NULL;
	return take(hex, &root, err, err_size);
}

bool root_set_second(const char *hex, char *err, size_t err_size)
{
	return !*hex || take(hex, &second, err, err_size);
}

static const struct root *the_root(void)
{
	if (!root)
		abort(); /* seal_init was not called */
	return root;
}

bool root_token_key(bool of_second, const char *purpose, uint8_t out[MAC_BYTES])
{
	struct bytes text = {(const uint8_t *)purpose, strlen(purpose)};
	const struct root *r = of_second ? second : the_root();

	if (r)
		hmac_sha256((struct bytes){r->token, KEY_BYTES}, text, out);
	return r != NULL;
}

void root_wrap(const struct binding *b, const uint8_t key[KEY_BYTES], uint8_t out[WRAPPED_BYTES])
{
	sealed_make(the_root()->wrap, the_root()->id, b, (struct bytes){key, KEY_BYTES}, out);
}

uint32_t root_id(void)
{
	return the_root()->id;
}

static const struct root *root_by_id(uint32_t id)
{
	return the_root()->id == id ? root : second && second->id == id ? second : NULL;
}

bool root_unwrap(const struct binding *b, struct bytes wrapped, uint8_t key[KEY_BYTES])
{
	const struct root *r;
	uint32_t id;

	if (wrapped.n != WRAPPED_BYTES || !sealed_key_id(wrapped, &id) || !(r = root_by_id(id)))
		return false;
	return sealed_open(r->wrap, b, wrapped, key);
}
