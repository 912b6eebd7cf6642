/* One-time codes against RFC 4226 appendix D and RFC 6238 appendix B, and what must not be taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "otp.h" /* before cmocka.h, which makes a macro of fail */
#include "test_data.h"

#include <cmocka.h>

#define VECTORS "otp/rfc4226_rfc6238.json"
#define NOW 1700000000LL

static const char *const HASHES[] = {"sha1", "sha256", "sha512"};

static struct otp seeded(const struct json_doc *d, enum otp_hash hash, unsigned digits)
{
	const char *seed = json_get_str(json_sub(d, "seed_ascii"), HASHES[hash]);

	assert_non_null(seed);
	return (struct otp){str_of(seed), hash, digits};
}

static void hotp_of_rfc4226(void **state)
{
	struct arena *a = arena_new();
	struct json_doc *d = test_data(a, VECTORS);
	char code[OTP_DIGITS_MOST + 1];

	(void)state;
	assert_non_null(d);
	assert_int_equal(json_count(d, "hotp"), 10);
	struct otp o = seeded(d, OTP_SHA1, 6);
	for (unsigned i = 0; i < 10; i++) {
		const struct json_doc *row = json_item(d, "hotp", i);
		int64_t count;

		assert_true(json_get_int(row, "count", &count));
		assert_true(otp_code(&o, count, code));
		assert_string_equal(code, json_get_str(row, "hotp6"));
	}
	arena_free(a);
}

static enum otp_hash hash_of(const char *name)
{
	for (int i = 0; i < 3; i++)
		if (strcasecmp(name, HASHES[i]) == 0)
			return (enum otp_hash)i;
	fail_msg("unknown hash %s", name);
	return OTP_SHA1;
}

static void totp_of_rfc6238(void **state)
{
	struct arena *a = arena_new();
	struct json_doc *d = test_data(a, VECTORS);
	char code[OTP_DIGITS_MOST + 1];

	(void)state;
	assert_non_null(d);
	assert_int_equal(json_count(d, "totp"), 18);
	for (unsigned i = 0; i < 18; i++) {
		const struct json_doc *row = json_item(d, "totp", i);
		struct otp o = seeded(d, hash_of(json_get_str(row, "alg")), 8);
		int64_t unix_s;

		assert_true(json_get_int(row, "unix", &unix_s));
		assert_true(otp_code(&o, unix_s / OTP_STEP_S, code));
		assert_string_equal(code, json_get_str(row, "totp8"));
	}
	arena_free(a);
}

static void values_out_of_range(void **state)
{
	struct otp o = {STR("12345678901234567890"), OTP_SHA1, 6};
	char code[OTP_DIGITS_MOST + 1];

	(void)state;
	assert_false(otp_code(&o, -1, code));
	o.digits = 5;
	assert_false(otp_code(&o, 1, code));
	o.digits = 9;
	assert_false(otp_code(&o, 1, code));
}

static const char *code_at(struct arena *a, const char *base32, int64_t step)
{
	struct otp o = {.hash = OTP_SHA1, .digits = OTP_DIGITS};
	char code[OTP_DIGITS_MOST + 1];

	assert_true(otp_secret_read(a, base32, &o.secret));
	assert_int_equal(o.secret.n, OTP_SECRET_BYTES);
	assert_true(otp_code(&o, step, code));
	return arena_strdup(a, code);
}

/* A11: one step each way and no further; A10: a step once used is used up, with those before it. */
static void the_window_and_the_last_step(void **state)
{
	static const struct {
		int ahead, last;
		bool taken;
	} CASES[] = {
		{0, -99, true},	  {1, -99, true}, {-1, -99, true},  {2, -99, false},
		{-2, -99, false}, {0, 0, false},  {-1, 0, false},   {1, 0, true},
		{0, 1, false},	  {0, -1, true},  {10, -99, false}, {-10, -99, false},
	};
	struct arena *a = arena_new();
	const char *secret = otp_secret_new(a);
	int64_t now = NOW / OTP_STEP_S;

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		int64_t step = now + CASES[i].ahead;
		int64_t found =
			otp_accept(a, secret, code_at(a, secret, step), NOW, now + CASES[i].last);

		assert_int_equal(found, CASES[i].taken ? step : 0);
	}
	arena_free(a);
}

static void what_is_no_code(void **state)
{
	struct arena *a = arena_new();
	const char *secret = otp_secret_new(a);
	const char *good = code_at(a, secret, NOW / OTP_STEP_S);
	const char *const bad[] = {
		"",
		"0",
		arena_printf(a, "%s0", good),
		arena_printf(a, " %s", good),
		arena_strndup(a, good, 5),
		arena_printf(a, "%.5sx", good),
		"１２３４５６",
	};

	(void)state;
	assert_int_equal(otp_accept(a, secret, good, NOW, 0), NOW / OTP_STEP_S);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(otp_accept(a, secret, bad[i], NOW, 0), 0);
	assert_int_equal(otp_accept(a, "not base32 !", good, NOW, 0), 0);
	assert_int_equal(otp_accept(a, "", good, NOW, 0), 0);
	arena_free(a);
}

static void secrets_are_fresh(void **state)
{
	struct arena *a = arena_new();
	const char *one = otp_secret_new(a), *other = otp_secret_new(a);

	(void)state;
	assert_int_equal(strlen(one), 32);
	assert_int_equal(strspn(one, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), 32);
	assert_string_not_equal(one, other);
	arena_free(a);
}

static void names_are_escaped(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(otp_uri(a, "Renhe", "demo/a b?c&d:e", "ABC"),
			    "otpauth://totp/Renhe:demo%2Fa%20b%3Fc%26d%3Ae?secret=ABC&issuer=Renhe"
			    "&algorithm=SHA1&digits=6&period=30");
	assert_string_equal(otp_uri(a, "人", "x", "A"),
			    "otpauth://totp/%E4%BA%BA:x?secret=A&issuer=%E4%BA%BA"
			    "&algorithm=SHA1&digits=6&period=30");
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hotp_of_rfc4226),
		cmocka_unit_test(totp_of_rfc6238),
		cmocka_unit_test(values_out_of_range),
		cmocka_unit_test(the_window_and_the_last_step),
		cmocka_unit_test(what_is_no_code),
		cmocka_unit_test(secrets_are_fresh),
		cmocka_unit_test(names_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
