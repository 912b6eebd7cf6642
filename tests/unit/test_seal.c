/* What seal.h stands on: AES-256-GCM and HMAC-SHA-256 against Wycheproof, HKDF against RFC 5869,
 * the sealed form, tokens and random texts. Keys in the database: test_seal_keys.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pthread.h>
#include <sodium.h>

#include "seal.h" /* before cmocka.h, which makes a macro of fail */
#include "seal_crypto.h"
#include "test_data.h"

#include <cmocka.h>

#define ROOT "8c1f4b7a905e2d3366aa17c4e0b95d82f7431e6dcb08a9524f7be6103d9c58a1"
#define ROOT2 "8c1f4b7a905e2d3366aa17c4e0b95d82f7431e6dcb08a9524f7be6103d9c58a2"

static struct arena *a;

static int setup(void **state)
{
	char err[128];

	(void)state;
	a = arena_new();
	return seal_init(ROOT, err, sizeof(err)) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static struct bytes hex(const char *text)
{
	size_t digits = strlen(text), n;
	uint8_t *p = arena_alloc(a, digits / 2 + 1);

	assert_int_equal(sodium_hex2bin(p, digits / 2 + 1, text, digits, NULL, &n, NULL), 0);
	assert_int_equal(n * 2, digits);
	return (struct bytes){p, n};
}

static struct bytes field(const struct json_doc *row, const char *name)
{
	return hex(json_get_str(row, name));
}

static bool is_valid(const struct json_doc *row)
{
	return strcmp(json_get_str(row, "result"), "valid") == 0;
}

/* ---- Wycheproof ---- */
static void gcm_row(const struct json_doc *row, unsigned count[2])
{
	struct bytes key = field(row, "key"), iv = field(row, "iv"), aad = field(row, "aad");
	struct bytes msg = field(row, "msg"), ct = field(row, "ct"), tag = field(row, "tag");
	uint8_t *out = arena_alloc(a, ct.n + 1), made_tag[TAG_BYTES];
	bool opened = gcm_open(key.p, iv.p, aad, ct, tag.p, out);

	assert_int_equal(opened, is_valid(row));
	count[opened]++;
	if (opened) {
		assert_memory_equal(out, msg.p, msg.n);
		gcm_seal(key.p, iv.p, aad, msg, out, made_tag);
		assert_memory_equal(out, ct.p, ct.n);
		assert_memory_equal(made_tag, tag.p, TAG_BYTES);
		return;
	}
	for (size_t i = 0; i < ct.n; i++) /* no part of the clear text is given out */
		assert_int_equal(out[i], 0);
	gcm_seal(key.p, iv.p, aad, msg, out, made_tag);
	assert_true(gcm_open(key.p, iv.p, aad, (struct bytes){out, msg.n}, made_tag, out));
}

/* The sizes that we use: 256-bit keys, 96-bit nonces, 128-bit tags. */
static void wycheproof_aes_gcm(void **state)
{
	struct json_doc *d = test_data(a, "wycheproof/aes_gcm_test.json");
	unsigned count[2] = {0};
	int64_t key, iv, tag;

	(void)state;
	assert_non_null(d);
	for (unsigned i = 0; i < json_count(d, "testGroups"); i++) {
		const struct json_doc *g = json_item(d, "testGroups", i);
		assert_true(json_get_int(g, "keySize", &key) && json_get_int(g, "ivSize", &iv) &&
			    json_get_int(g, "tagSize", &tag));
		for (unsigned j = 0;
		     key == 256 && iv == 96 && tag == 128 && j < json_count(g, "tests"); j++)
			gcm_row(json_item(g, "tests", j), count);
	}
	print_message("AES-256-GCM: %u taken, %u refused\n", count[1], count[0]);
	assert_true(count[0] >= 20 && count[1] >= 20);
}

static void wycheproof_hmac_sha256(void **state)
{
	struct json_doc *d = test_data(a, "wycheproof/hmac_sha256_test.json");
	unsigned count[2] = {0};

	(void)state;
	assert_non_null(d);
	for (unsigned i = 0; i < json_count(d, "testGroups"); i++) {
		const struct json_doc *g = json_item(d, "testGroups", i);
		for (unsigned j = 0; j < json_count(g, "tests"); j++) {
			const struct json_doc *row = json_item(g, "tests", j);
			struct bytes tag = field(row, "tag");
			uint8_t mac[MAC_BYTES];
			hmac_sha256(field(row, "key"), field(row, "msg"), mac);
			bool same = memcmp(mac, tag.p, tag.n) == 0;
			assert_int_equal(same, is_valid(row));
			count[same]++;
		}
	}
	assert_int_equal(count[0] + count[1], 174);
	assert_true(count[0] >= 50 && count[1] >= 50);
}

/* RFC 5869 A.3: no salt, no info; and the same with info from A.1 must differ. */
static void hkdf_of_rfc_5869(void **state)
{
	struct bytes ikm = hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
	struct bytes want = hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d"
				"201395faa4b61a96c8");
	uint8_t out[42];

	(void)state;
	hkdf_sha256(ikm, (struct bytes){(const uint8_t *)"", 0}, out, sizeof(out));
	assert_memory_equal(out, want.p, sizeof(out));
	hkdf_sha256(ikm, hex("f0f1f2f3f4f5f6f7f8f9"), out, sizeof(out));
	assert_memory_not_equal(out, want.p, sizeof(out));
}

/* ---- the sealed form ---- */
#define SECRET "11010519491231002X"

static struct bytes sealed(const uint8_t key[KEY_BYTES], uint32_t id, const struct binding *b)
{
	size_t n = sizeof(SECRET) - 1;
	uint8_t *out = arena_alloc(a, n + SEALED_EXTRA);

	sealed_make(key, id, b, (struct bytes){(const uint8_t *)SECRET, n}, out);
	return (struct bytes){out, n + SEALED_EXTRA};
}

static bool opens(const uint8_t key[KEY_BYTES], const struct binding *b, struct bytes s)
{
	char *out = arena_alloc(a, s.n + 1);
	bool good = sealed_open(key, b, s, (uint8_t *)out);

	assert_true(!good || strcmp(out, SECRET) == 0);
	return good;
}

static void sealed_value_has_its_form(void **state)
{
	struct bytes key = hex(ROOT);
	struct binding b = {{"t", "person.id_number", "s"}};
	struct bytes one = sealed(key.p, 0x01020304, &b), two = sealed(key.p, 0x01020304, &b);
	static const uint8_t HEAD[] = {1, 1, 1, 2, 3, 4};
	uint32_t id;

	(void)state;
	assert_int_equal(one.n, 1 + 1 + 4 + 12 + strlen(SECRET) + 16);
	assert_memory_equal(one.p, HEAD, sizeof(HEAD));
	assert_true(sealed_key_id(one, &id) && id == 0x01020304);
	assert_memory_not_equal(one.p, two.p, one.n); /* C02: another nonce, another text */
	assert_memory_not_equal(one.p + 6, two.p + 6, NONCE_BYTES);
	assert_true(opens(key.p, &b, one) && opens(key.p, &b, two));
	struct bytes empty = {arena_alloc(a, SEALED_EXTRA), SEALED_EXTRA};
	uint8_t nothing[1];
	sealed_make(key.p, 1, &b, (struct bytes){nothing, 0}, (uint8_t *)(uintptr_t)empty.p);
	assert_true(sealed_open(key.p, &b, empty, nothing));
}

/* C03: the place is part of the seal, and lengths keep neighbours apart. */
static void sealed_value_opens_in_its_place_only(void **state)
{
	static const struct binding OTHER[] = {
		{{"t2", "person.id_number", "s"}},
		{{"t", "person.mobile", "s"}},
		{{"t", "person.id_number", "s2"}},
		{{"t", "person.id_number"}},
		{{"t", "person.id_numbers", ""}},
		{{"tp", "erson.id_number", "s"}},
		{{"t", "person.id_number", "s", ""}},
		{{"", "tperson.id_number", "s"}},
		{{NULL}},
	};
	struct bytes key = hex(ROOT), other = hex(ROOT2);
	struct binding b = {{"t", "person.id_number", "s"}};
	struct bytes s = sealed(key.p, 1, &b);

	(void)state;
	assert_true(opens(key.p, &b, s));
	assert_false(opens(other.p, &b, s));
	for (size_t i = 0; i < sizeof(OTHER) / sizeof(OTHER[0]); i++) {
		assert_false(opens(key.p, &OTHER[i], s));
		struct bytes there = sealed(key.p, 1, &OTHER[i]);
		assert_true(opens(key.p, &OTHER[i], there));
		assert_false(opens(key.p, &b, there));
	}
}

/* C04: each bit flipped, each length cut; version, suite and key id are covered too. */
static void damaged_sealed_value_does_not_open(void **state)
{
	struct bytes key = hex(ROOT);
	struct binding b = {{"t", "c", "s"}};
	struct bytes s = sealed(key.p, 7, &b);

	(void)state;
	for (size_t bit = 0; bit < s.n * 8; bit++) {
		uint8_t *bad = arena_dup(a, s.p, s.n);
		bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(opens(key.p, &b, (struct bytes){bad, s.n}));
	}
	for (size_t n = 0; n < s.n; n++)
		assert_false(opens(key.p, &b, (struct bytes){arena_dup(a, s.p, n), n}));
	assert_true(opens(key.p, &b, s));
}

/* C05, in small: no nonce comes twice out of several threads. */
#define NONCES 20000
#define THREADS 4
static uint8_t nonces[THREADS * NONCES][NONCE_BYTES];

static void *make_nonces(void *arg)
{
	uint8_t key[KEY_BYTES] = {1}, out[SEALED_EXTRA];
	struct binding b = {{"t"}};

	for (size_t i = 0; i < NONCES; i++) {
		sealed_make(key, 1, &b, (struct bytes){out, 0}, out);
		memcpy(nonces[*(size_t *)arg * NONCES + i], out + 6, NONCE_BYTES);
	}
	return NULL;
}

static int by_bytes(const void *x, const void *y)
{
	return memcmp(x, y, NONCE_BYTES);
}

static void no_nonce_comes_twice(void **state)
{
	pthread_t threads[THREADS];
	size_t numbers[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++) {
		numbers[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, make_nonces, &numbers[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	qsort(nonces, THREADS * NONCES, NONCE_BYTES, by_bytes);
	for (size_t i = 1; i < THREADS * NONCES; i++)
		assert_true(memcmp(nonces[i - 1], nonces[i], NONCE_BYTES) < 0);
}

/* C09 */
static void root_key_must_be_64_hex_digits(void **state)
{
	static const char *const BAD[] = {
		"",
		"00",
		"8c1f4b7a905e2d3366aa17c4e0b95d82f7431e6dcb08a9524f7be6103d9c58a",
		ROOT "00",
		ROOT "\n",
		"zz1f4b7a905e2d3366aa17c4e0b95d82f7431e6dcb08a9524f7be6103d9c58a1",
		"8c:1f4b7a905e2d3366aa17c4e0b95d82f7431e6dcb08a9524f7be6103d9c58a",
	};
	char err[128];

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		err[0] = '\0';
		assert_false(seal_init(BAD[i], err, sizeof(err)));
		assert_non_null(strstr(err, "64 hex"));
		assert_true(strlen(BAD[i]) < 3 || !strstr(err, BAD[i]));
	}
	assert_true(seal_init(ROOT2, err, sizeof(err)));
	assert_true(seal_init("8C1F4B7A905E2D3366AA17C4E0B95D82F7431E6DCB08A9524F7BE6103D9C58A1",
			      err, sizeof(err)));
}

/* ---- tokens ---- */
static void token_opens_for_its_purpose_only(void **state)
{
	static const struct str PAYLOADS[] = {
		{"", 0},    {"a", 1},	     {"ab", 2},
		{"abc", 3}, {"\0\xff\n", 3}, {"{\"after\":\"张三\"}", 18},
	};
	struct str out;
	char err[128];

	(void)state;
	for (size_t i = 0; i < sizeof(PAYLOADS) / sizeof(PAYLOADS[0]); i++) {
		char *t = token_seal(a, "page", PAYLOADS[i]);
		assert_true(token_open(a, "page", t, &out));
		assert_int_equal(out.n, PAYLOADS[i].n);
		assert_memory_equal(out.p, PAYLOADS[i].p, out.n);
		assert_false(token_open(a, "pages", t, &out));
		assert_false(token_open(a, "", t, &out));
		assert_true(seal_init(ROOT2, err, sizeof(err)));
		assert_false(token_open(a, "page", t, &out));
		assert_true(seal_init(ROOT, err, sizeof(err)));
	}
}

static void changed_token_does_not_open(void **state)
{
	char *t = token_seal(a, "page", STR("name=x"));
	size_t n = strlen(t);
	struct str out;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char *bad = arena_strdup(a, t);
		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		assert_false(token_open(a, "page", bad, &out));
		assert_false(token_open(a, "page", arena_strndup(a, t, i), &out));
	}
	assert_false(token_open(a, "page", arena_printf(a, "%s=", t), &out));
	assert_false(token_open(a, "page", arena_printf(a, "%sA", t), &out));
	assert_false(token_open(a, "page", arena_printf(a, " %s", t), &out));
	char *huge = arena_alloc(a, 100001);
	memset(huge, 'A', 100000);
	assert_false(token_open(a, "page", huge, &out));
	assert_true(token_open(a, "page", t, &out));
}

static void small_things(void **state)
{
	char hash[65], one[44], two[44], tiny[1] = {'x'};

	(void)state;
	sha256_hex("abc", 3, hash);
	assert_string_equal(hash,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256_hex("", 0, hash);
	assert_string_equal(hash,
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	random_token(one, sizeof(one));
	random_token(two, sizeof(two));
	random_token(tiny, 1);
	assert_int_equal(tiny[0], 0);
	assert_int_equal(strlen(one), 43);
	assert_int_equal(
		strspn(one, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
		43);
	assert_string_not_equal(one, two);
	assert_true(secret_equal("", "") && secret_equal("abc", "abc"));
	assert_false(secret_equal("abc", "abd") || secret_equal("abc", "ab") ||
		     secret_equal("", "a"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(wycheproof_aes_gcm),
		T(wycheproof_hmac_sha256),
		T(hkdf_of_rfc_5869),
		T(sealed_value_has_its_form),
		T(sealed_value_opens_in_its_place_only),
		T(damaged_sealed_value_does_not_open),
		T(no_nonce_comes_twice),
		T(root_key_must_be_64_hex_digits),
		T(token_opens_for_its_purpose_only),
		T(changed_token_does_not_open),
		T(small_things),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
