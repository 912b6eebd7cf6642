#include "seal_crypto.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define VERSION 1
#define SUITE_AES_256_GCM 1
#define AAD_MAX 1024

static EVP_CIPHER *aes_256_gcm;
static EVP_KDF *hkdf;
static pthread_key_t context_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_context(void *p)
{
	EVP_CIPHER_CTX_free(p);
}

/* A failure here is a machine without its cryptography: nothing may go on without it. */
static void must(bool good)
{
	if (!good)
		abort();
}

static void prepare(void)
{
	must(sodium_init() >= 0);
	aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	must(aes_256_gcm && hkdf);
	must(pthread_key_create(&context_key, free_context) == 0);
}

void crypto_ready(void)
{
	must(pthread_once(&once, prepare) == 0);
}

static EVP_CIPHER_CTX *context(void)
{
	crypto_ready();
	EVP_CIPHER_CTX *c = pthread_getspecific(context_key);

	if (!c) {
		c = EVP_CIPHER_CTX_new();
		must(c && pthread_setspecific(context_key, c) == 0);
	}
	return c;
}

static int length(size_t n)
{
	must(n <= INT32_MAX / 2);
	return (int)n;
}

/* Never NULL: EVP takes a NULL input for the end of the message. */
static const uint8_t *input(struct bytes b)
{
	static const uint8_t none[1];

	return b.n ? b.p : none;
}

void gcm_seal(const uint8_t key[KEY_BYTES], const uint8_t nonce[NONCE_BYTES], struct bytes aad,
	      struct bytes clear, uint8_t *out, uint8_t tag[TAG_BYTES])
{
	EVP_CIPHER_CTX *c = context();
	uint8_t none[TAG_BYTES];
	int n;

	must(EVP_EncryptInit_ex2(c, aes_256_gcm, key, nonce, NULL) == 1);
	must(EVP_EncryptUpdate(c, NULL, &n, input(aad), length(aad.n)) == 1);
	must(EVP_EncryptUpdate(c, out, &n, input(clear), length(clear.n)) == 1);
	must(EVP_EncryptFinal_ex(c, none, &n) == 1);
	must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, tag) == 1);
	EVP_CIPHER_CTX_reset(c);
}

bool gcm_open(const uint8_t key[KEY_BYTES], const uint8_t nonce[NONCE_BYTES], struct bytes aad,
	      struct bytes sealed, const uint8_t tag[TAG_BYTES], uint8_t *out)
{
	EVP_CIPHER_CTX *c = context();
	uint8_t expected[TAG_BYTES], none[TAG_BYTES];
	int n;

	memcpy(expected, tag, TAG_BYTES);
	must(EVP_DecryptInit_ex2(c, aes_256_gcm, key, nonce, NULL) == 1);
	must(EVP_DecryptUpdate(c, NULL, &n, input(aad), length(aad.n)) == 1);
	must(EVP_DecryptUpdate(c, out, &n, input(sealed), length(sealed.n)) == 1);
	must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, expected) == 1);
	bool good = EVP_DecryptFinal_ex(c, none, &n) == 1;
	EVP_CIPHER_CTX_reset(c);
	if (!good)
		sodium_memzero(out, sealed.n);
	return good;
}

void hmac_sha256(struct bytes key, struct bytes text, uint8_t out[MAC_BYTES])
{
	crypto_auth_hmacsha256_state s;

	crypto_auth_hmacsha256_init(&s, key.p, key.n);
	crypto_auth_hmacsha256_update(&s, text.p, text.n);
	crypto_auth_hmacsha256_final(&s, out);
	sodium_memzero(&s, sizeof(s));
}

void hkdf_sha256(struct bytes key, struct bytes info, uint8_t *out, size_t n)
{
	char digest[] = "SHA256";

	crypto_ready();
	EVP_KDF_CTX *c = EVP_KDF_CTX_new(hkdf);
	/* The parameters are only read; OSSL_PARAM has no const. */
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)key.p,
						  key.n),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info.p,
						  info.n),
		OSSL_PARAM_construct_end(),
	};
	must(c && EVP_KDF_derive(c, out, n, params) == 1);
	EVP_KDF_CTX_free(c);
}

static void put_u32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Lengths stand before the parts, so that "a|bc" and "ab|c" differ. */
static size_t aad_make(const struct binding *b, uint32_t key_id, uint8_t aad[AAD_MAX])
{
	size_t n = 0;

	for (int i = 0; i < SEALED_PARTS_MAX && b->parts[i]; i++) {
		size_t part = strlen(b->parts[i]);
		must(part <= AAD_MAX - 8 - n);
		put_u32(aad + n, (uint32_t)part);
		memcpy(aad + n + 4, b->parts[i], part);
		n += 4 + part;
	}
	must(n <= AAD_MAX - 4);
	put_u32(aad + n, key_id);
	return n + 4;
}

void sealed_make(const uint8_t key[KEY_BYTES], uint32_t key_id, const struct binding *b,
		 struct bytes clear, uint8_t *out)
{
	uint8_t aad[AAD_MAX];
	size_t n_aad = aad_make(b, key_id, aad);

	crypto_ready();
	out[0] = VERSION;
	out[1] = SUITE_AES_256_GCM;
	put_u32(out + 2, key_id);
	randombytes_buf(out + 6, NONCE_BYTES);
	gcm_seal(key, out + 6, (struct bytes){aad, n_aad}, clear, out + SEALED_HEAD,
		 out + SEALED_HEAD + clear.n);
}

bool sealed_key_id(struct bytes sealed, uint32_t *key_id)
{
	if (sealed.n < SEALED_EXTRA || sealed.p[0] != VERSION || sealed.p[1] != SUITE_AES_256_GCM)
		return false;
	*key_id = get_u32(sealed.p + 2);
	return true;
}

bool sealed_open(const uint8_t key[KEY_BYTES], const struct binding *b, struct bytes sealed,
		 uint8_t *out)
{
	uint8_t aad[AAD_MAX];
	uint32_t key_id;

	if (!sealed_key_id(sealed, &key_id))
		return false;
	size_t n = sealed.n - SEALED_EXTRA, n_aad = aad_make(b, key_id, aad);
	struct bytes text = {sealed.p + SEALED_HEAD, n};
	return gcm_open(key, sealed.p + 6, (struct bytes){aad, n_aad}, text,
			sealed.p + SEALED_HEAD + n, out);
}
