/* Signing keys and tokens at their edges: what attacks and honest use (test_auth.c, test_auth_keys.c) leave of the
 * branches of auth*.c. scripts/coverage counts that none is left. */
#include "auth_fixture.h"

#include <fcntl.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define N(x) (sizeof(x) / sizeof(*(x)))

static char *public_text(EVP_PKEY *key)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *p;

	assert_int_equal(PEM_write_bio_PUBKEY(b, key), 1);
	long n = BIO_get_mem_data(b, &p);
	char *out = arena_strndup(a, p, (size_t)n);
	BIO_free(b);
	EVP_PKEY_free(key);
	return out;
}

static char *private_text(EVP_PKEY *key)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *p;

	assert_int_equal(PEM_write_bio_PrivateKey(b, key, NULL, NULL, 0, NULL, NULL), 1);
	long n = BIO_get_mem_data(b, &p);
	char *out = arena_strndup(a, p, (size_t)n);
	BIO_free(b);
	EVP_PKEY_free(key);
	return out;
}

/* A public key of any numbers, sound or not. */
static char *rsa_of(BIGNUM *n, unsigned long exponent)
{
	BIGNUM *e = BN_new();
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *p = NULL;

	BN_set_word(e, exponent);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	assert_int_equal(EVP_PKEY_fromdata_init(c), 1);
	assert_int_equal(EVP_PKEY_fromdata(c, &p, EVP_PKEY_PUBLIC_KEY, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(c);
	BN_free(e);
	return public_text(p);
}

static BIGNUM *odd_number(int bits)
{
	BIGNUM *n = BN_new();

	assert_int_equal(BN_rand(n, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD), 1);
	return n;
}

static char *repeat(char c, size_t n)
{
	char *s = arena_alloc(a, n + 1);

	memset(s, c, n);
	return s;
}

/* ---- keys ---- */

static void keys_at_their_edges(void **state)
{
	BIGNUM *huge = odd_number(9000), *even = odd_number(2048);

	(void)state;
	BN_set_bit(even, 2048);
	BN_clear_bit(even, 0);
	assert_false(keyring_add(ring, "huge", "RS256", rsa_of(huge, 65537), NOW));
	assert_false(keyring_add(ring, "even", "RS256", rsa_of(even, 65537), NOW));
	assert_false(keyring_add(ring, "long", "RS256", repeat('-', 100000), NOW));
	assert_null(signer_new("k", private_text(EVP_EC_gen("P-256"))));
	assert_null(signer_new("k", private_text(EVP_RSA_gen(1024))));
	BN_free(huge);
	BN_free(even);
	keyring_free(NULL);
	signer_free(NULL);
}

/* A full ring gives the place of the key that ends first, wherever it stands. */
static void the_first_to_end_makes_room(void **state)
{
	struct live_key live;
	unsigned n = 0;

	(void)state;
	assert_true(keyring_add(ring, "soon", "RS256", public_pem, NOW + 5));
	do {
		n = keyring_count(ring);
		assert_true(keyring_add(ring, arena_printf(a, "k%u", n), "RS256", public_pem, NOW + 1000 - n));
	} while (keyring_count(ring) > n);
	assert_false(keyring_find(ring, "soon", NOW, &live));
	assert_true(keyring_find(ring, KID, NOW, &live)); /* the first of all, and the last to end */
	live_key_drop(&live);
	assert_true(keyring_add(ring, "next", "RS256", public_pem, NOW + 2000));
	assert_int_equal(keyring_count(ring), n);
	assert_true(keyring_find(ring, "next", NOW, &live));
	live_key_drop(&live);
}

static void signed_records_at_their_edges(void **state)
{
	char anchor[64], secret[128], s[128];
	const char *endless = repeat('x', 100000);

	(void)state;
	assert_true(anchor_generate(anchor, secret));
	assert_false(anchor_sign(secret, "k1", "RS256", endless, NOW, s));
	assert_false(anchor_sign("AAAA", "k1", "RS256", public_pem, NOW, s)); /* too short a secret */
	assert_false(anchor_sign("!", "k1", "RS256", public_pem, NOW, s));
	assert_true(anchor_sign(secret, "k1", "RS256", public_pem, NOW, s));
	assert_true(anchor_verify(anchor, "k1", "RS256", public_pem, NOW, s));
	assert_false(anchor_verify(anchor, "k1", "RS256", endless, NOW, s));
	assert_false(anchor_verify("AAAA", "k1", "RS256", public_pem, NOW, s));
	assert_false(anchor_verify(anchor, "k1", "RS256", public_pem, NOW, "AAAA"));
	assert_false(anchor_verify(anchor, "k1", "RS256", public_pem, NOW, "!"));
	struct str out;
	assert_true(base64_decode(a, STR("+/8="), &out) && out.n == 2);
	assert_false(base64_decode(a, STR("-_8="), &out) || base64_decode(a, STR("+/8"), &out));
	assert_false(keyring_add_signed(ring, "k1", "RS256", public_pem, NOW, repeat('A', 500), anchor));
	assert_true(anchor_sign(secret, "k/", "RS256", public_pem, NOW, s));
	assert_false(keyring_add_signed(ring, "k/", "RS256", public_pem, NOW, s, anchor));
	assert_true(anchor_sign(secret, "k1", "RS256", "no key", NOW, s)); /* well signed, and none */
	assert_false(keyring_add_signed(ring, "k1", "RS256", "no key", NOW, s, anchor));
	/* known without a signature: the record's end stands */
	assert_true(keyring_add(ring, "k2", "RS256", public_pem, NOW + 10));
	assert_true(anchor_sign(secret, "k2", "RS256", public_pem, NOW + 20, s));
	assert_true(keyring_add_signed(ring, "k2", "RS256", public_pem, NOW + 20, s, anchor));
	struct live_key live;
	assert_true(keyring_find(ring, "k2", NOW + 15, &live));
	live_key_drop(&live);
	assert_false(keyring_find(ring, "k3", NOW, &live));
}

/* ---- the file of keys ---- */

static void put(const char *file, const char *text, size_t n)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	fclose(f);
}

static void files_that_are_none(void **state)
{
	static const char *const TEXTS[] = {
		"", "x", "[]", "{}", "{\"keys\":7}", "{\"keys\":[7]}", "{\"keys\":[{}]}",
		"{\"keys\":[{\"kid\":\"k\"}]}", "{\"keys\":[{\"kid\":\"k\",\"alg\":\"RS256\"}]}",
		"{\"keys\":[{\"kid\":\"k\",\"alg\":\"RS256\",\"public_pem\":\"x\"}]}",
		"{\"keys\":[{\"kid\":\"k\",\"alg\":\"RS256\",\"public_pem\":\"x\",\"signature\":\"x\"}]}",
		"{\"keys\":[{\"kid\":\"k\",\"alg\":\"RS256\",\"public_pem\":\"x\",\"signature\":\"x\",\"not_after\":7}]}",
	};
	char dir[] = "/tmp/renhe-auth.XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(dir));
	const char *file = arena_printf(a, "%s/keys.json", dir);
	for (size_t i = 0; i < N(TEXTS); i++) {
		put(file, TEXTS[i], strlen(TEXTS[i]));
		if (keyring_load(ring, file, "x"))
			assert_string_equal(TEXTS[i], "{\"keys\":7}"); /* none to load */
		assert_int_equal(keyring_count(ring), 1);
	}
	char anchor[64], secret[128], s[128]; /* what can't be read is left out, and told; the rest is taken */
	assert_true(anchor_generate(anchor, secret));
	assert_true(anchor_sign(secret, "k1", "RS256", public_pem, NOW, s));
	struct keyring *signed_ring = keyring_new();
	assert_true(keyring_add_signed(signed_ring, "k1", "RS256", public_pem, NOW, s, anchor));
	const char *record = strchr(keyring_records(signed_ring, a).p, '[') + 1;
	const char *text = arena_printf(a, "{\"keys\":[{},%s", record);
	put(file, text, strlen(text));
	assert_false(keyring_load(ring, file, anchor));
	assert_int_equal(keyring_count(ring), 2);
	keyring_free(signed_ring);
	put(file, repeat(' ', (1 << 20) + 1), (1 << 20) + 1);
	assert_false(keyring_load(ring, file, "x"));
	assert_false(keyring_load(ring, dir, "x")); /* a folder opens, and can't be read */
	unlink(file);
	assert_int_equal(rmdir(dir), 0);
}

/* No room, or the place taken by a folder: what was there stays, and no draft is left. */
static void files_that_cannot_be_written(void **state)
{
	char anchor[64], secret[128], s[128], dir[] = "/tmp/renhe-auth.XXXXXX";
	struct rlimit was;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_true(anchor_generate(anchor, secret));
	assert_true(anchor_sign(secret, "k1", "RS256", public_pem, NOW, s));
	assert_true(keyring_add_signed(ring, "k1", "RS256", public_pem, NOW, s, anchor));
	const char *file = arena_printf(a, "%s/keys.json", dir), *folder = arena_printf(a, "%s/f", dir);
	assert_true(keyring_save(ring, file));
	getrlimit(RLIMIT_FSIZE, &was);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){10, was.rlim_max}), 0);
	bool saved = keyring_save(ring, file);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_false(saved);
	struct keyring *again = keyring_new();
	assert_true(keyring_load(again, file, anchor));
	keyring_free(again);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_false(keyring_save(ring, folder));
	assert_int_equal(rmdir(folder), 0);
	unlink(file);
	assert_int_equal(rmdir(dir), 0);
}

/* ---- claims ---- */

static struct token_claims taken;

static enum auth_result verify(const char *body, const char *const *roles)
{
	return token_verify(ring, a, str_of(made(HEAD, body)), NOW, roles, &taken);
}

static void claims_at_their_edges(void **state)
{
	(void)state;
	check(verify("{" WHO ",\"exp\":1099511627777,\"iat\":1800000000,\"auth_time\":1," GENS "," ROLE "}", ROLES), AUTH_BAD_CLAIMS);
	check(verify("{" WHO "," TIMES "," GENS "," ROLE ",\"amr\":[7,\"pwd\",\"otp\"]}", ROLES), AUTH_OK);
	assert_true(taken.second_factor);
	check(verify("{" WHO "," TIMES "," GENS "," ROLE ",\"amr\":[7,\"pwd\"]}", ROLES), AUTH_OK);
	assert_false(taken.second_factor);
	/* longer than a place of the table of seen tokens: verified each time anew */
	const char *body = arena_printf(a, "{" WHO "," TIMES "," GENS "," ROLE ",\"scope\":\"%s\"}", repeat('s', 500));
	for (int i = 0; i < 2; i++) {
		check(verify(body, ROLES), AUTH_OK);
		assert_int_equal(strlen(taken.scope), 500);
	}
}

static void lists_of_roles_of_any_length(void **state)
{
	static const char *const NONE[] = {NULL};
	const char *names[41] = {"ROLE_UNSPECIFIED"};

	(void)state;
	for (int i = 1; i < 40; i++)
		names[i] = arena_printf(a, "R%d", i);
	check(verify(BODY, NONE), AUTH_BAD_CLAIMS);
	check(verify("{" WHO "," TIMES "," GENS ",\"roles\":[\"R31\"]}", names), AUTH_OK);
	assert_int_equal(taken.roles, 1u << 31);
	check(verify("{" WHO "," TIMES "," GENS ",\"roles\":[\"R32\"]}", names), AUTH_BAD_CLAIMS);
	struct signer *s = signer_new(KID, private_pem); /* nor are they issued */
	struct token_claims c = taken;
	c.exp = NOW + 300, c.iat = c.auth_time = NOW, c.roles = 1u << 31 | 1u << 1;
	check(token_verify(ring, a, str_of(signer_issue(s, a, &c, names)), NOW, names, &taken), AUTH_OK);
	assert_int_equal(taken.roles, 1u << 31 | 1u << 1);
	signer_free(s);
}

static void what_is_issued_says_how(void **state)
{
	struct signer *s = signer_new(KID, private_pem);
	struct token_claims c;

	(void)state;
	check(verify(BODY, ROLES), AUTH_OK);
	c = taken;
	for (int i = 0; i < 5; i++) {
		c.scope = (const char *[]){NULL, "", "A B", NULL, ""}[i];
		c.second_factor = i >= 3;
		c.person_id = (const char *[]){NULL, "", PID, PID, NULL}[i];
		check(token_verify(ring, a, str_of(signer_issue(s, a, &c, ROLES)), NOW, ROLES, &taken), AUTH_OK);
		assert_string_equal(taken.scope, c.scope ? c.scope : "");
		assert_string_equal(taken.person_id, c.person_id ? c.person_id : "");
		assert_int_equal(taken.second_factor, c.second_factor);
	}
	c.exp = c.iat;
	assert_null(signer_issue(s, a, &c, ROLES));
	signer_free(s);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(keys_at_their_edges), T(the_first_to_end_makes_room), T(signed_records_at_their_edges),
		T(files_that_are_none), T(files_that_cannot_be_written),
		T(claims_at_their_edges), T(lists_of_roles_of_any_length), T(what_is_issued_says_how),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
