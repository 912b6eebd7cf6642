/* What test_auth.c and test_auth_keys.c share: a key pair, a keyring, tokens made by hand. */
#ifndef RENHE_AUTH_FIXTURE_H
#define RENHE_AUTH_FIXTURE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "auth_key.h" /* before cmocka.h, which makes a macro of fail */

#include <cmocka.h>

#define NOW 1800000000LL
#define KID "key-2026-11"
#define SUB "01935b6e-0000-7000-8000-000000000001"
#define TID "01935b6e-0000-7000-8000-000000000002"
#define SID "01935b6e-0000-7000-8000-000000000003"
#define PID "01935b6e-0000-7000-8000-000000000004"

static const char *const ROLES[] = {"ROLE_UNSPECIFIED", "EMPLOYEE", "MANAGER",
				    "STORE_MANAGER",	"HR",	    NULL};

static struct arena *a, *keys_arena;
static char *private_pem, *public_pem, *other_private, *other_public;
static EVP_PKEY *signing;
static struct keyring *ring;

#define HEAD "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"" KID "\"}"
#define WHO                                                                                        \
	"\"iss\":\"renhe\",\"aud\":\"renhe\",\"use\":\"access\",\"sub\":\"" SUB                    \
	"\",\"tid\":\"" TID "\",\"sid\":\"" SID "\""
#define TIMES "\"exp\":1800000300,\"iat\":1799999990,\"auth_time\":1799990000"
#define GENS "\"gen\":3,\"sgen\":1"
#define ROLE "\"roles\":[\"EMPLOYEE\"]"
#define BODY "{" WHO "," TIMES "," GENS "," ROLE "}"

static EVP_PKEY *private_key(const char *pem)
{
	BIO *b = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *p = PEM_read_bio_PrivateKey(b, NULL, NULL, NULL);

	BIO_free(b);
	assert_non_null(p);
	return p;
}

static int group_setup(void **state)
{
	(void)state;
	keys_arena = arena_new();
	if (!rsa_generate(keys_arena, &private_pem, &public_pem) ||
	    !rsa_generate(keys_arena, &other_private, &other_public))
		return -1;
	signing = private_key(private_pem);
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(signing);
	arena_free(keys_arena);
	return 0;
}

static bool ring_fill(void)
{
	ring = keyring_new();
	return keyring_add(ring, KID, "RS256", public_pem, NOW + 86400);
}

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	return ring_fill() ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	keyring_free(ring);
	arena_free(a);
	return 0;
}

/* ---- tokens made by hand ---- */
static const char *join(const char *head, const char *body)
{
	return arena_printf(a, "%s.%s", base64url_encode(a, head, strlen(head)),
			    base64url_encode(a, body, strlen(body)));
}

static const char *sign_text(const char *text, EVP_PKEY *key)
{
	unsigned char signature[1024];
	size_t n = sizeof(signature);
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	assert_int_equal(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key), 1);
	assert_int_equal(
		EVP_DigestSign(c, signature, &n, (const unsigned char *)text, strlen(text)), 1);
	EVP_MD_CTX_free(c);
	return arena_printf(a, "%s.%s", text, base64url_encode(a, signature, n));
}

static const char *made(const char *head, const char *body)
{
	return sign_text(join(head, body), signing);
}

#define check(token, result)                                                                       \
	do {                                                                                       \
		enum auth_result got_ = (token);                                                   \
		if (got_ != (result))                                                              \
			print_error("%s:%d: %s\n", __FILE__, __LINE__, auth_result_name(got_));    \
		assert_int_equal(got_, (result));                                                  \
	} while (0)

#endif
