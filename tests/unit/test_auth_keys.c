/* Signing keys: keyring, anchor, file, JWKS; and Wycheproof's JSON Web Signature rows, which stand
 * in tests/data/wycheproof. */
#include "auth_fixture.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <pthread.h>

#include "test_data.h"

/* Takes the key. */
static const char *public_text(EVP_PKEY *key)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *p;

	assert_int_equal(PEM_write_bio_PUBKEY(b, key), 1);
	long n = BIO_get_mem_data(b, &p);
	const char *out = arena_strndup(a, p, (size_t)n);
	BIO_free(b);
	EVP_PKEY_free(key);
	return out;
}

static void unfit_keys_are_refused(void **state)
{
	(void)state;
	assert_false(keyring_add(ring, "k", "RS256", public_text(EVP_RSA_gen(1024)), NOW));
	assert_false(keyring_add(ring, "k", "RS256", public_text(EVP_EC_gen("P-256")), NOW));
	assert_false(keyring_add(ring, "k", "RS256", private_pem, NOW));
	assert_false(keyring_add(ring, "k", "RS256", "", NOW));
	assert_false(keyring_add(ring, "k", "HS256", public_pem, NOW));
	assert_false(keyring_add(ring, "k", "rs256", public_pem, NOW));
	assert_false(keyring_add(ring, "k/", "RS256", public_pem, NOW));
	assert_false(keyring_add(ring, "", "RS256", public_pem, NOW));
	assert_false(keyring_add(ring, "k", "RS256", public_pem, 0));
	assert_true(keyring_add(ring, "k", "RS256", public_pem, NOW));
}

/* ---- the anchor ---- */
static void signed_records(void **state)
{
	char anchor[64], secret[128], other[64], other_secret[128], s[128], earlier[128];
	struct keyring *k = keyring_new();

	(void)state;
	assert_true(anchor_generate(anchor, secret) && anchor_generate(other, other_secret));
	assert_true(anchor_sign(secret, "k1", "RS256", public_pem, NOW + 100, s));
	assert_true(keyring_add_signed(k, "k1", "RS256", public_pem, NOW + 100, s, anchor));
	assert_true(keyring_add_signed(k, "k1", "RS256", public_pem, NOW + 100, s, anchor));
	assert_int_equal(keyring_count(k), 1);
	/* every part is covered */
	assert_false(keyring_add_signed(k, "k2", "RS256", public_pem, NOW + 100, s, anchor));
	assert_false(keyring_add_signed(k, "k1", "RS256", public_pem, NOW + 101, s, anchor));
	assert_false(keyring_add_signed(k, "k1", "RS256", other_public, NOW + 100, s, anchor));
	assert_false(keyring_add_signed(k, "k1", "RS512", public_pem, NOW + 100, s, anchor));
	assert_false(keyring_add_signed(k, "k1", "RS256", public_pem, NOW + 100, s, other));
	assert_false(keyring_add_signed(k, "k1", "RS256", public_pem, NOW + 100, "", anchor));
	assert_false(keyring_add_signed(k, "k1", "RS256", public_pem, NOW + 100, s, ""));
	assert_false(anchor_sign("short", "k1", "RS256", public_pem, NOW, s));
	/* ended earlier: stands, and the older record doesn't bring it back */
	struct live_key live;
	assert_true(anchor_sign(secret, "k1", "RS256", public_pem, NOW - 1, earlier));
	assert_true(keyring_find(k, "k1", NOW, &live));
	live_key_drop(&live);
	assert_true(keyring_add_signed(k, "k1", "RS256", public_pem, NOW - 1, earlier, anchor));
	assert_false(keyring_find(k, "k1", NOW, &live));
	assert_true(anchor_sign(secret, "k1", "RS256", public_pem, NOW + 100, s));
	assert_true(keyring_add_signed(k, "k1", "RS256", public_pem, NOW + 100, s, anchor));
	assert_false(keyring_find(k, "k1", NOW, &live));
	/* another key under the same id */
	assert_true(anchor_sign(secret, "k1", "RS256", other_public, NOW + 100, s));
	assert_false(keyring_add_signed(k, "k1", "RS256", other_public, NOW + 100, s, anchor));
	keyring_free(k);
}

static void the_file_keeps_signed_keys(void **state)
{
	char anchor[64], secret[128], s[128], dir[] = "/tmp/renhe-auth.XXXXXX";
	struct keyring *k = keyring_new(), *again = keyring_new();

	(void)state;
	assert_non_null(mkdtemp(dir));
	const char *file = arena_printf(a, "%s/keys.json", dir);
	assert_false(keyring_load(again, file, "x"));
	assert_true(anchor_generate(anchor, secret));
	for (int i = 0; i < 3; i++) {
		const char *kid = arena_printf(a, "k%d", i);
		assert_true(anchor_sign(secret, kid, "RS256", i % 2 ? public_pem : other_public,
					NOW + i, s));
		assert_true(keyring_add_signed(k, kid, "RS256", i % 2 ? public_pem : other_public,
					       NOW + i, s, anchor));
	}
	assert_true(keyring_add(k, "unsigned", "RS256", public_pem, NOW));
	assert_true(keyring_save(k, file));
	assert_true(keyring_load(again, file, anchor));
	assert_int_equal(keyring_count(again), 3);
	struct str text = keyring_records(again, a);
	assert_string_equal(text.p, keyring_records(k, a).p);
	/* a changed record is left out, the others are taken */
	char *mutable = arena_strndup(a, text.p, text.n);
	*strstr(mutable, "\"k1\"") = 'x';
	FILE *f = fopen(file, "w");
	fputs(mutable, f);
	fclose(f);
	keyring_free(again);
	again = keyring_new();
	assert_false(keyring_load(again, file, anchor));
	f = fopen(file, "w");
	fputs(text.p, f);
	fclose(f);
	char other[64], other_secret[128];
	assert_true(anchor_generate(other, other_secret));
	assert_false(keyring_load(again, file, other));
	assert_int_equal(keyring_count(again), 0);
	assert_false(keyring_save(k, "/nonexistent/keys.json"));
	unlink(file);
	assert_int_equal(rmdir(dir), 0); /* no draft is left behind */
	keyring_free(k);
	keyring_free(again);
}

/* Readers verify while keys come and end (J29): no valid token is refused, none is taken by an
 * ended key. Worth most under the thread sanitizer. */
static const char *racing[2];
static _Atomic bool racing_over;

static void *verify_on(void *arg)
{
	struct arena *own = arena_new();
	struct jws jws;
	bool good = true;

	(void)arg;
	while (good && !racing_over) {
		good = jws_open(ring, own, str_of(racing[0]), NOW, &jws) == AUTH_OK &&
		       jws_open(ring, own, str_of(racing[1]), NOW, &jws) == AUTH_UNKNOWN_KEY;
		arena_reset(own);
	}
	arena_free(own);
	return good ? racing : NULL;
}

static void readers_go_on_while_keys_change(void **state)
{
	pthread_t threads[3];
	void *good;

	(void)state;
	racing[0] = made(HEAD, "{}");
	racing[1] = made("{\"alg\":\"RS256\",\"kid\":\"ended\"}", "{}");
	racing_over = false;
	assert_true(keyring_add(ring, "ended", "RS256", public_pem, NOW - 1));
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, verify_on, NULL), 0);
	for (int i = 0; i < 300; i++) { /* 60 ids beside the two: replaced over and over */
		const char *kid = arena_printf(a, "k%d", i % 60);
		assert_true(keyring_add(ring, kid, "RS256", i % 2 ? public_pem : other_public,
					NOW + i));
		keyring_records(ring, a);
	}
	racing_over = true;
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], &good);
		assert_non_null(good);
	}
}

/* ---- JWKS and Wycheproof ---- */
static BIGNUM *number(const char *b64)
{
	struct str s;

	assert_true(base64url_decode(a, str_of(b64), &s));
	return BN_bin2bn((const unsigned char *)s.p, (int)s.n, NULL);
}

static const char *pem_of(const struct json_doc *jwk)
{
	BIGNUM *n = number(json_get_str(jwk, "n")), *e = number(json_get_str(jwk, "e"));
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *p = NULL;

	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	assert_int_equal(EVP_PKEY_fromdata_init(c), 1);
	assert_int_equal(EVP_PKEY_fromdata(c, &p, EVP_PKEY_PUBLIC_KEY, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(c);
	BN_free(n);
	BN_free(e);
	return public_text(p);
}

static void jwks_shows_the_living_keys(void **state)
{
	(void)state;
	assert_true(keyring_add(ring, "old", "RS256", other_public, NOW - 1));
	struct json_doc *d = json_parse(a, keyring_jwks(ring, a, NOW));
	assert_non_null(d);
	assert_int_equal(json_count(d, "keys"), 1);
	const struct json_doc *key = json_item(d, "keys", 0);
	assert_string_equal(json_get_str(key, "kty"), "RSA");
	assert_string_equal(json_get_str(key, "use"), "sig");
	assert_string_equal(json_get_str(key, "alg"), "RS256");
	assert_string_equal(json_get_str(key, "kid"), KID);
	assert_string_equal(json_get_str(key, "e"), "AQAB");
	assert_string_equal(pem_of(key), public_pem);
	assert_null(strstr(keyring_jwks(ring, a, NOW).p, "\"d\""));
	json_done(d);
}

/* Why a row that Wycheproof calls valid is none here; NULL where it must be taken. */
static const char *other_rule(const struct json_doc *jwk, const struct json_doc *row)
{
	const char *alg = json_get_str(jwk, "alg"), *kid = json_get_str(jwk, "kid");

	if (!alg || strcmp(alg, "RS256") != 0)
		return "another algorithm than the pinned one";
	if (!kid || !kid_valid(kid))
		return "a key id outside of our alphabet";
	return strstr(json_get_str(row, "jws"), "..") ? "a payload that is empty" : NULL;
}

static void wycheproof_row(const struct json_doc *jwk, const struct json_doc *row,
			   unsigned count[2])
{
	bool valid = strcmp(json_get_str(row, "result"), "valid") == 0;
	bool want = valid && !other_rule(jwk, row);
	struct jws jws;
	enum auth_result r = jws_open(ring, a, str_of(json_get_str(row, "jws")), NOW, &jws);

	if ((r == AUTH_OK) != want)
		print_error("%s: %s\n", json_get_str(row, "comment"), auth_result_name(r));
	assert_int_equal(r == AUTH_OK, want);
	count[want]++;
	if (want)
		return;
	/* for each one refused, one of our own that must be taken */
	const char *token = made(HEAD, arena_printf(a, "%u", count[0]));
	check(jws_open(ring, a, str_of(token), NOW, &jws), AUTH_OK);
}

static void wycheproof_json_web_signature(void **state)
{
	struct json_doc *d = test_data(a, "wycheproof/json_web_signature_test.json");
	unsigned count[2] = {0};

	(void)state;
	assert_non_null(d);
	for (unsigned i = 0; i < json_count(d, "testGroups"); i++) {
		const struct json_doc *g = json_item(d, "testGroups", i);
		keyring_free(ring);
		assert_true(ring_fill());
		const struct json_doc *jwk =
			json_sub(g, "public") ? json_sub(g, "public") : json_sub(g, "private");
		const char *alg = json_get_str(jwk, "alg"), *kid = json_get_str(jwk, "kid");
		/* keys of other use never come into a keyring: it takes signed records only */
		if (alg && strcmp(alg, "RS256") == 0 && kid_valid(kid))
			assert_true(keyring_add(ring, kid, alg, pem_of(jwk), NOW));
		for (unsigned j = 0; j < json_count(g, "tests"); j++)
			wycheproof_row(jwk, json_item(g, "tests", j), count);
	}
	assert_int_equal(count[0] + count[1], json_count(d, "testGroups") ? 401 : 0);
	assert_int_equal(count[1], 5);
	json_done(d);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(unfit_keys_are_refused),     T(signed_records),
		T(the_file_keeps_signed_keys), T(readers_go_on_while_keys_change),
		T(jwks_shows_the_living_keys), T(wycheproof_json_web_signature),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
