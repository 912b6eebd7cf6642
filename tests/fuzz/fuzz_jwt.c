/* Access tokens. Two ways of reading the input, by its first byte: as a whole token; or as a header and a payload,
 * divided by the first newline (without one, the right header), which are encoded and signed with a
 * key of the ring, so that the claims are reached. Held: no token is taken whose bytes were not
 * signed here; what is taken has all its claims; a second verdict is the same as the first, with
 * the signature table warm. */
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "auth_key.h"
#include "fuzz.h"

#define KID "k1"
#define NOW 1800000000LL

static const char *const ROLES[] = {"ROLE_UNSPECIFIED", "EMPLOYEE", "MANAGER", "HR", NULL};
static struct keyring *ring;
static EVP_PKEY *signing;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct arena *a = arena_new();
	char *private_pem, *public_pem;

	(void)argc;
	(void)argv;
	demand(rsa_generate(a, &private_pem, &public_pem));
	BIO *b = BIO_new_mem_buf(private_pem, -1);
	signing = PEM_read_bio_PrivateKey(b, NULL, NULL, NULL);
	BIO_free(b);
	ring = keyring_new();
	demand(signing && keyring_add(ring, KID, "RS256", public_pem, NOW + 1000));
	arena_free(a);
	return 0;
}

static struct str signed_token(struct arena *a, const char *p, size_t n)
{
	static const char HEAD[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"" KID "\"}";
	const char *newline = memchr(p, '\n', n), *body = newline ? newline + 1 : p;
	const char *head = newline ? base64url_encode(a, p, (size_t)(newline - p))
				   : base64url_encode(a, HEAD, sizeof(HEAD) - 1);
	const char *text =
		arena_printf(a, "%s.%s", head, base64url_encode(a, body, n - (size_t)(body - p)));
	unsigned char signature[256];
	size_t size = sizeof(signature);
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	demand(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, signing) == 1 &&
	     EVP_DigestSign(c, signature, &size, (const unsigned char *)text, strlen(text)) == 1);
	EVP_MD_CTX_free(c);
	return str_of(arena_printf(a, "%s.%s", text, base64url_encode(a, signature, size)));
}

static void hold_claims(const struct token_claims *c)
{
	demand(strlen(c->tenant_id) == UUID_LEN && strlen(c->account_id) == UUID_LEN &&
	     strlen(c->session_id) == UUID_LEN);
	demand(c->person_id[0] == '\0' || strlen(c->person_id) == UUID_LEN);
	demand(c->roles != 0 && (c->roles & ~0xeu) == 0);
	demand(c->exp > c->iat && c->exp - c->iat <= ACCESS_TOKEN_LIFE_S &&
	     NOW <= c->exp + CLOCK_SKEW_S);
	demand(c->iat <= NOW + CLOCK_SKEW_S && c->account_generation >= 0 &&
	     c->session_generation >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct token_claims c = {0}, again = {0};

	if (size == 0)
		return 0;
	struct arena *a = arena_new();
	bool own = data[0] & 1;
	const char *p = (const char *)data + 1;
	struct str token = own ? signed_token(a, p, size - 1) : (struct str){p, size - 1};
	enum auth_result r = token_verify(ring, a, token, NOW, ROLES, &c);
	demand(token_verify(ring, a, token, NOW, ROLES, &again) == r);
	if (r == AUTH_OK) {
		demand(own);
		hold_claims(&c);
	}
	demand(auth_result_name(r) != NULL);
	arena_free(a);
	return 0;
}
