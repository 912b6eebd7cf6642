/* The issuing side; the only user of libjwt. */
#include "auth_key.h"

#include <jwt.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

struct signer {
	char kid[KID_MAX + 1];
	char *pem;
};

static bool private_key_good(const char *pem)
{
	BIO *b = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *p = b ? PEM_read_bio_PrivateKey(b, NULL, NULL, NULL) : NULL;
	bool good = p && EVP_PKEY_is_a(p, "RSA") && EVP_PKEY_get_bits(p) >= RSA_LEAST_BITS;

	EVP_PKEY_free(p);
	BIO_free(b);
	ERR_clear_error();
	return good;
}

struct signer *signer_new(const char *kid, const char *private_pem)
{
	if (!kid_valid(kid) || !private_key_good(private_pem))
		return NULL;
	struct signer *s = calloc(1, sizeof(*s));
	if (!s || !(s->pem = strdup(private_pem)))
		abort();
	strncpy(s->kid, kid, KID_MAX);
	return s;
}

void signer_free(struct signer *s)
{
	if (!s)
		return;
	explicit_bzero(s->pem, strlen(s->pem));
	free(s->pem);
	free(s);
}

static const char *lists_json(struct arena *a, const struct token_claims *c,
			      const char *const *role_names)
{
	struct buf b;
	const char *comma = "";

	buf_init(&b, a);
	buf_puts(&b, "{\"roles\":[");
	for (unsigned i = 1; i < 32 && role_names[i]; i++) {
		if (!(c->roles & 1u << i))
			continue;
		buf_puts(&b, comma);
		json_quote(&b, role_names[i], strlen(role_names[i]));
		comma = ",";
	}
	buf_puts(&b, "]");
	if (!c->scope || !c->scope[0]) /* people; RFC 8176 */
		buf_printf(&b, ",\"amr\":[\"pwd\"%s]", c->second_factor ? ",\"otp\"" : "");
	buf_puts(&b, "}");
	return b.p;
}

static bool add_if(jwt_t *jwt, const char *name, const char *value)
{
	return !value || !value[0] || jwt_add_grant(jwt, name, value) == 0;
}

static bool add_texts(jwt_t *jwt, const struct token_claims *c)
{
	const char *const pairs[][2] = {
		{"iss", TOKEN_ISSUER},	{"aud", TOKEN_AUDIENCE}, {"use", "access"},
		{"sub", c->account_id}, {"tid", c->tenant_id},	 {"sid", c->session_id},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (!pairs[i][1] || jwt_add_grant(jwt, pairs[i][0], pairs[i][1]) != 0)
			return false;
	return add_if(jwt, "person_id", c->person_id) && add_if(jwt, "scope", c->scope);
}

static bool add_numbers(jwt_t *jwt, const struct token_claims *c)
{
	return jwt_add_grant_int(jwt, "exp", (long)c->exp) == 0 &&
	       jwt_add_grant_int(jwt, "iat", (long)c->iat) == 0 &&
	       jwt_add_grant_int(jwt, "auth_time", (long)c->auth_time) == 0 &&
	       jwt_add_grant_int(jwt, "gen", (long)c->account_generation) == 0 &&
	       jwt_add_grant_int(jwt, "sgen", (long)c->session_generation) == 0;
}

static bool fill(const struct signer *s, jwt_t *jwt, struct arena *a, const struct token_claims *c,
		 const char *const *role_names)
{
	return jwt_set_alg(jwt, JWT_ALG_RS256, (const unsigned char *)s->pem,
			   (int)strlen(s->pem)) == 0 &&
	       jwt_add_header(jwt, "kid", s->kid) == 0 && add_texts(jwt, c) &&
	       add_numbers(jwt, c) && jwt_add_grants_json(jwt, lists_json(a, c, role_names)) == 0;
}

/* What no verifier would take is not issued. */
static bool worth_issuing(const struct token_claims *c)
{
	return c->roles != 0 && c->exp > c->iat && c->exp - c->iat <= ACCESS_TOKEN_LIFE_S;
}

char *signer_issue(struct signer *s, struct arena *a, const struct token_claims *c,
		   const char *const *role_names)
{
	jwt_t *jwt;
	char *text = NULL, *out = NULL;

	if (!worth_issuing(c) || jwt_new(&jwt) != 0)
		return NULL;
	if (fill(s, jwt, a, c, role_names) && (text = jwt_encode_str(jwt)))
		out = arena_strdup(a, text);
	free(text);
	jwt_free(jwt);
	return out;
}

static char *take_text(struct arena *a, BIO *b)
{
	char *p;
	long n = BIO_get_mem_data(b, &p);

	return n > 0 ? arena_strndup(a, p, (size_t)n) : NULL;
}

bool rsa_generate(struct arena *a, char **private_pem, char **public_pem)
{
	EVP_PKEY *p = EVP_RSA_gen(RSA_LEAST_BITS);
	BIO *secret = BIO_new(BIO_s_secmem()), *open = BIO_new(BIO_s_mem());
	bool good = p && secret && open &&
		    PEM_write_bio_PrivateKey(secret, p, NULL, NULL, 0, NULL, NULL) == 1 &&
		    PEM_write_bio_PUBKEY(open, p) == 1 && (*private_pem = take_text(a, secret)) &&
		    (*public_pem = take_text(a, open));

	BIO_free(secret);
	BIO_free(open);
	EVP_PKEY_free(p);
	return good;
}
