/* Access tokens: what is issued verifies, and everything of attack group J is refused. */
#include "auth_fixture.h"

#include <openssl/hmac.h>

static const char *hmac_token(const char *head, const char *key, size_t n)
{
	const char *text = join(head, BODY);
	unsigned char mac[32];
	unsigned size = 32;

	HMAC(EVP_sha256(), key, (int)n, (const unsigned char *)text, strlen(text), mac, &size);
	return arena_printf(a, "%s.%s", text, base64url_encode(a, mac, size));
}

static enum auth_result verify_at(const char *token, int64_t now)
{
	struct token_claims c;

	return token_verify(ring, a, str_of(token), now, ROLES, &c);
}

static enum auth_result verify(const char *token)
{
	return verify_at(token, NOW);
}

static struct token_claims claims(void)
{
	return (struct token_claims){
		.tenant_id = TID,
		.account_id = SUB,
		.person_id = PID,
		.session_id = SID,
		.roles = 1u << 1 | 1u << 4,
		.exp = NOW + 600,
		.iat = NOW,
		.auth_time = NOW - 5,
		.account_generation = 7,
		.session_generation = 2,
	};
}

/* ---- what is issued verifies ---- */
static void issued_token_carries_its_claims(void **state)
{
	struct signer *s = signer_new(KID, private_pem);
	struct token_claims in = claims(), out;

	(void)state;
	const char *token = signer_issue(s, a, &in, ROLES);
	assert_non_null(token);
	for (int i = 0; i < 2; i++) { /* the second time from the table of seen tokens */
		memset(&out, 0, sizeof(out));
		check(token_verify(ring, a, str_of(token), NOW, ROLES, &out), AUTH_OK);
		assert_string_equal(out.tenant_id, TID);
		assert_string_equal(out.account_id, SUB);
		assert_string_equal(out.person_id, PID);
		assert_string_equal(out.session_id, SID);
		assert_int_equal(out.roles, in.roles);
		assert_int_equal(out.exp, in.exp);
		assert_int_equal(out.iat, in.iat);
		assert_int_equal(out.auth_time, in.auth_time);
		assert_int_equal(out.account_generation, 7);
		assert_int_equal(out.session_generation, 2);
	}
	in.person_id = "";
	check(token_verify(ring, a, str_of(signer_issue(s, a, &in, ROLES)), NOW, ROLES, &out),
	      AUTH_OK);
	assert_string_equal(out.person_id, "");
	signer_free(s);
}

static void unfit_claims_are_not_issued(void **state)
{
	struct signer *s = signer_new(KID, private_pem);
	struct token_claims c = claims();

	(void)state;
	c.roles = 0;
	assert_null(signer_issue(s, a, &c, ROLES));
	c = claims();
	c.exp = c.iat + ACCESS_TOKEN_LIFE_S + 1;
	assert_null(signer_issue(s, a, &c, ROLES));
	c = claims();
	c.session_id = NULL;
	assert_null(signer_issue(s, a, &c, ROLES));
	signer_free(s);
	assert_null(signer_new("a b", private_pem));
	assert_null(signer_new(KID, public_pem));
	assert_null(signer_new(KID, ""));
}

/* ---- bodies and heads: a table of what is taken and what is not ---- */
static void bodies(void **state)
{
	static const struct {
		const char *body;
		enum auth_result want;
	} T[] = {
		/* taken */
		{BODY, AUTH_OK},
		{"{" WHO "," TIMES "," GENS ",\"roles\":[\"HR\",\"MANAGER\"]}", AUTH_OK},
		{"{" WHO "," TIMES "," GENS "," ROLE ",\"nbf\":1800000060}", AUTH_OK},
		{"{" WHO "," TIMES "," GENS "," ROLE ",\"person_id\":\"" PID "\"}", AUTH_OK},
		{"{" WHO "," TIMES "," GENS "," ROLE ",\"jti\":\"x\",\"more\":{\"a\":[1]}}",
		 AUTH_OK},
		{" {" WHO "," TIMES "," GENS "," ROLE "} ", AUTH_OK},
		{"{" WHO ",\"exp\":1800000060,\"iat\":1800000059,\"auth_time\":1800000060," GENS
		 "," ROLE "}",
		 AUTH_OK},
		{"{" WHO ",\"exp\":1800000600,\"iat\":1800000000,\"auth_time\":0," GENS "," ROLE
		 "}",
		 AUTH_OK},
		{"{" WHO "," TIMES ",\"gen\":0,\"sgen\":9007199254740991," ROLE "}", AUTH_OK},
		/* J13: whose and what for */
		{"{\"iss\":\"renhe\",\"aud\":\"other\",\"use\":\"access\",\"sub\":\"" SUB
		 "\",\"tid\":\"" TID "\",\"sid\":\"" SID "\"," TIMES "," GENS "," ROLE "}",
		 AUTH_BAD_CLAIMS},
		{"{\"iss\":\"renhe\",\"aud\":[\"renhe\"],\"use\":\"access\",\"sub\":\"" SUB
		 "\",\"tid\":\"" TID "\",\"sid\":\"" SID "\"," TIMES "," GENS "," ROLE "}",
		 AUTH_BAD_CLAIMS},
		{"{\"iss\":\"renhe.\",\"aud\":\"renhe\",\"use\":\"access\",\"sub\":\"" SUB
		 "\",\"tid\":\"" TID "\",\"sid\":\"" SID "\"," TIMES "," GENS "," ROLE "}",
		 AUTH_BAD_CLAIMS},
		{"{\"iss\":\"Renhe\",\"aud\":\"renhe\",\"use\":\"access\",\"sub\":\"" SUB
		 "\",\"tid\":\"" TID "\",\"sid\":\"" SID "\"," TIMES "," GENS "," ROLE "}",
		 AUTH_BAD_CLAIMS},
		{"{\"iss\":\"renhe\",\"aud\":\"renhe\",\"use\":\"refresh\",\"sub\":\"" SUB
		 "\",\"tid\":\"" TID "\",\"sid\":\"" SID "\"," TIMES "," GENS "," ROLE "}",
		 AUTH_BAD_CLAIMS},
		{"{\"iss\":\"renhe\",\"aud\":\"renhe\",\"sub\":\"" SUB "\",\"tid\":\"" TID
		 "\",\"sid\":\"" SID "\"," TIMES "," GENS "," ROLE "}",
		 AUTH_BAD_CLAIMS},
		/* ids */
		{"{\"iss\":\"renhe\",\"aud\":\"renhe\",\"use\":\"access\",\"sub\":\"x\",\"tid\":"
		 "\"" TID "\",\"sid\":\"" SID "\"," TIMES "," GENS "," ROLE "}",
		 AUTH_BAD_CLAIMS},
		{"{\"iss\":\"renhe\",\"aud\":\"renhe\",\"use\":\"access\",\"sub\":\"" SUB
		 "\",\"tid\":null,\"sid\":\"" SID "\"," TIMES "," GENS "," ROLE "}",
		 AUTH_BAD_CLAIMS},
		{"{\"iss\":\"renhe\",\"aud\":\"renhe\",\"use\":\"access\",\"sub\":\"" SUB
		 "\",\"tid\":\"" TID "\"," TIMES "," GENS "," ROLE "}",
		 AUTH_BAD_CLAIMS},
		{"{" WHO "," TIMES "," GENS "," ROLE ",\"person_id\":7}", AUTH_BAD_CLAIMS},
		{"{" WHO "," TIMES "," GENS "," ROLE ",\"person_id\":\"\"}", AUTH_BAD_CLAIMS},
		/* times */
		{"{" WHO ",\"iat\":1799999990,\"auth_time\":1," GENS "," ROLE "}", AUTH_BAD_CLAIMS},
		{"{" WHO ",\"exp\":\"1800000300\",\"iat\":1799999990,\"auth_time\":1," GENS "," ROLE
		 "}",
		 AUTH_BAD_CLAIMS},
		{"{" WHO ",\"exp\":1800000300.5,\"iat\":1799999990,\"auth_time\":1," GENS "," ROLE
		 "}",
		 AUTH_BAD_CLAIMS},
		{"{" WHO ",\"exp\":18e8,\"iat\":1799999990,\"auth_time\":1," GENS "," ROLE "}",
		 AUTH_BAD_CLAIMS},
		{"{" WHO ",\"exp\":9223372036854775807,\"iat\":1799999990,\"auth_time\":1," GENS
		 "," ROLE "}",
		 AUTH_BAD_CLAIMS},
		{"{" WHO ",\"exp\":-1,\"iat\":1799999990,\"auth_time\":1," GENS "," ROLE "}",
		 AUTH_BAD_CLAIMS},
		{"{" WHO ",\"exp\":1800000300,\"auth_time\":1," GENS "," ROLE "}", AUTH_BAD_CLAIMS},
		{"{" WHO ",\"exp\":1800000300,\"iat\":1800000061,\"auth_time\":1," GENS "," ROLE
		 "}",
		 AUTH_BAD_CLAIMS},
		{"{" WHO ",\"exp\":1800000600,\"iat\":1799999999,\"auth_time\":1," GENS "," ROLE
		 "}",
		 AUTH_BAD_CLAIMS},
		{"{" WHO ",\"exp\":1800000000,\"iat\":1800000000,\"auth_time\":1," GENS "," ROLE
		 "}",
		 AUTH_BAD_CLAIMS},
		{"{" WHO ",\"exp\":1800000300,\"iat\":1799999990," GENS "," ROLE "}",
		 AUTH_BAD_CLAIMS},
		{"{" WHO ",\"exp\":1800000300,\"iat\":1799999990,\"auth_time\":1800000061," GENS
		 "," ROLE "}",
		 AUTH_BAD_CLAIMS},
		{"{" WHO "," TIMES "," GENS "," ROLE ",\"nbf\":1800000061}", AUTH_BAD_CLAIMS},
		{"{" WHO "," TIMES "," GENS "," ROLE ",\"nbf\":\"1\"}", AUTH_BAD_CLAIMS},
		/* generations */
		{"{" WHO "," TIMES ",\"sgen\":1," ROLE "}", AUTH_BAD_CLAIMS},
		{"{" WHO "," TIMES ",\"gen\":1," ROLE "}", AUTH_BAD_CLAIMS},
		{"{" WHO "," TIMES ",\"gen\":-1,\"sgen\":1," ROLE "}", AUTH_BAD_CLAIMS},
		{"{" WHO "," TIMES ",\"gen\":9007199254740992,\"sgen\":1," ROLE "}",
		 AUTH_BAD_CLAIMS},
		{"{" WHO "," TIMES ",\"gen\":true,\"sgen\":1," ROLE "}", AUTH_BAD_CLAIMS},
		/* roles */
		{"{" WHO "," TIMES "," GENS "}", AUTH_BAD_CLAIMS},
		{"{" WHO "," TIMES "," GENS ",\"roles\":[]}", AUTH_BAD_CLAIMS},
		{"{" WHO "," TIMES "," GENS ",\"roles\":\"HR\"}", AUTH_BAD_CLAIMS},
		{"{" WHO "," TIMES "," GENS ",\"roles\":[\"hr\"]}", AUTH_BAD_CLAIMS},
		{"{" WHO "," TIMES "," GENS ",\"roles\":[\"HR\",\"HR\"]}", AUTH_BAD_CLAIMS},
		{"{" WHO "," TIMES "," GENS ",\"roles\":[\"HR\",4]}", AUTH_BAD_CLAIMS},
		{"{" WHO "," TIMES "," GENS ",\"roles\":[\"ROLE_UNSPECIFIED\"]}", AUTH_BAD_CLAIMS},
		{"{" WHO "," TIMES "," GENS ",\"roles\":[\"ROOT\"]}", AUTH_BAD_CLAIMS},
		/* J09, J18 and no object at all */
		{"{" WHO ",\"sub\":\"" PID "\"," TIMES "," GENS "," ROLE "}", AUTH_MALFORMED},
		{"{" WHO ",\"\\u0073ub\":\"" PID "\"," TIMES "," GENS "," ROLE "}", AUTH_MALFORMED},
		{"{" WHO "," TIMES "," GENS "," ROLE ",\"x\":\"\\u0000\"}", AUTH_MALFORMED},
		{"{" WHO "," TIMES "," GENS "," ROLE "} x", AUTH_MALFORMED},
		{"{" WHO "," TIMES "," GENS "," ROLE ",\"x\":\"\xff\"}", AUTH_MALFORMED},
		{"[" BODY "]", AUTH_BAD_CLAIMS},
		{"\"renhe\"", AUTH_BAD_CLAIMS},
		{"null", AUTH_BAD_CLAIMS},
		{"x", AUTH_MALFORMED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(T) / sizeof(T[0]); i++) {
		enum auth_result r = verify(made(HEAD, T[i].body));
		if (r != T[i].want)
			print_error("row %zu: %s: %s\n", i, auth_result_name(r), T[i].body);
		assert_int_equal(r, T[i].want);
	}
}

static void heads(void **state)
{
#define H(more) "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"" KID "\"" more "}"
	static const struct {
		const char *head;
		enum auth_result want;
	} T[] = {
		{H(""), AUTH_OK},
		{" { \"kid\" : \"" KID "\" , \"typ\":\"JWT\", \"alg\"\t:\n\"RS256\" }", AUTH_OK},
		/* J07: ignored */
		{H(",\"jku\":\"http://127.0.0.1/k\""), AUTH_OK},
		{H(",\"x5u\":\"http://127.0.0.1/k\",\"x5c\":[\"AA==\"]"), AUTH_OK},
		{H(",\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\"}"), AUTH_OK},
		{"{\"\\u0061lg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"" KID "\"}", AUTH_OK},
		/* J08 */
		{H(",\"crit\":[\"exp\"]"), AUTH_MALFORMED},
		{H(",\"crit\":[]"), AUTH_MALFORMED},
		{H(",\"b64\":false,\"crit\":[\"b64\"]"), AUTH_MALFORMED},
		/* J09 */
		{H(",\"alg\":\"none\""), AUTH_MALFORMED},
		{"{\"alg\":\"none\",\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"" KID "\"}",
		 AUTH_MALFORMED},
		{H(",\"kid\":\"" KID "\""), AUTH_MALFORMED},
		/* algorithm */
		{"{\"alg\":\"rs256\",\"typ\":\"JWT\",\"kid\":\"" KID "\"}", AUTH_BAD_ALGORITHM},
		{"{\"alg\":\"RS256 \",\"typ\":\"JWT\",\"kid\":\"" KID "\"}", AUTH_BAD_ALGORITHM},
		{"{\"alg\":\"RS512\",\"typ\":\"JWT\",\"kid\":\"" KID "\"}", AUTH_BAD_ALGORITHM},
		{"{\"alg\":\"PS256\",\"typ\":\"JWT\",\"kid\":\"" KID "\"}", AUTH_BAD_ALGORITHM},
		{"{\"alg\":\"\",\"typ\":\"JWT\",\"kid\":\"" KID "\"}", AUTH_BAD_ALGORITHM},
		{"{\"alg\":[\"RS256\"],\"typ\":\"JWT\",\"kid\":\"" KID "\"}", AUTH_BAD_ALGORITHM},
		{"{\"typ\":\"JWT\",\"kid\":\"" KID "\"}", AUTH_BAD_ALGORITHM},
		/* J13 */
		{"{\"alg\":\"RS256\",\"typ\":\"jwt\",\"kid\":\"" KID "\"}", AUTH_BAD_CLAIMS},
		{"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"" KID "\"}", AUTH_BAD_CLAIMS},
		{"{\"alg\":\"RS256\",\"kid\":\"" KID "\"}", AUTH_BAD_CLAIMS},
		/* J06 */
		{"{\"alg\":\"RS256\",\"typ\":\"JWT\"}", AUTH_UNKNOWN_KEY},
		{"{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"\"}", AUTH_UNKNOWN_KEY},
		{"{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":7}", AUTH_UNKNOWN_KEY},
		{"{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"key-2026-1\"}", AUTH_UNKNOWN_KEY},
		{"{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"KEY-2026-11\"}", AUTH_UNKNOWN_KEY},
		{"{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"../../etc/passwd\"}",
		 AUTH_UNKNOWN_KEY},
		{"{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"' or 1=1 --\"}", AUTH_UNKNOWN_KEY},
		{"{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"" KID "\\u0000\"}", AUTH_MALFORMED},
		{"[]", AUTH_BAD_ALGORITHM},
		{"{", AUTH_MALFORMED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(T) / sizeof(T[0]); i++) {
		enum auth_result r = verify(made(T[i].head, BODY));
		if (r != T[i].want)
			print_error("row %zu: %s: %s\n", i, auth_result_name(r), T[i].head);
		assert_int_equal(r, T[i].want);
	}
}

/* J01, J02 */
static void other_algorithms_are_refused(void **state)
{
	static const char *const NONE[] = {"none", "nOnE", "NONE", "None", ""};
	size_t n = strlen(public_pem);

	(void)state;
	for (size_t i = 0; i < sizeof(NONE) / sizeof(NONE[0]); i++) {
		const char *text =
			join(arena_printf(a, "{\"alg\":\"%s\",\"typ\":\"JWT\",\"kid\":\"" KID "\"}",
					  NONE[i]),
			     BODY);
		check(verify(arena_printf(a, "%s.", text)), AUTH_MALFORMED);
		check(verify(arena_printf(a, "%s.AA", text)), AUTH_BAD_ALGORITHM);
		check(verify(sign_text(text, signing)), AUTH_BAD_ALGORITHM);
	}
	const char *hs = "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"" KID "\"}";
	check(verify(hmac_token(hs, public_pem, n)), AUTH_BAD_ALGORITHM);
	check(verify(hmac_token(hs, public_pem, n - 1)), AUTH_BAD_ALGORITHM);
	check(verify(hmac_token(HEAD, public_pem, n)), AUTH_BAD_SIGNATURE);
	check(verify(hmac_token(HEAD, public_pem, n - 1)), AUTH_BAD_SIGNATURE);
	check(verify(hmac_token(HEAD, "", 0)), AUTH_BAD_SIGNATURE);
}

/* J11 */
static void the_end_has_sixty_seconds_of_grace(void **state)
{
	const char *token = made(HEAD, BODY); /* ends at 1800000300 */

	(void)state;
	check(verify_at(token, 1800000299), AUTH_OK);
	check(verify_at(token, 1800000301), AUTH_OK);
	check(verify_at(token, 1800000360), AUTH_OK);
	check(verify_at(token, 1800000361), AUTH_EXPIRED);
	check(verify_at(token, 1900000000), AUTH_UNKNOWN_KEY); /* the key has ended too */
	check(verify_at(token, 1799999930), AUTH_OK);
	check(verify_at(token, 1799999929), AUTH_BAD_CLAIMS); /* issued in the future */
}

/* J15: every bit of the signature, every truncation, and what may stand around a token. */
static void damaged_tokens_are_refused(void **state)
{
	const char *token = made(HEAD, BODY);
	size_t n = strlen(token), dot = (size_t)(strrchr(token, '.') - token);
	char *bad = arena_alloc(a, n + 8);

	(void)state;
	check(verify(token), AUTH_OK);
	for (size_t i = 0; i < n; i++) { /* one character changed to another of the alphabet */
		memcpy(bad, token, n + 1);
		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		assert_int_not_equal(verify(bad), AUTH_OK);
		assert_int_not_equal(token_verify(ring, a, (struct str){token, i}, NOW, ROLES,
						  &(struct token_claims){0}),
				     AUTH_OK);
	}
	struct str signature;
	assert_true(base64url_decode(a, str_of(token + dot + 1), &signature));
	for (size_t bit = 0; bit < signature.n * 8; bit++) {
		char *s = arena_dup(a, signature.p, signature.n);
		s[bit / 8] = (char)(s[bit / 8] ^ 1 << bit % 8);
		const char *t = arena_printf(a, "%.*s.%s", (int)dot, token,
					     base64url_encode(a, s, signature.n));
		check(verify(t), AUTH_BAD_SIGNATURE);
	}
	static const char *const AROUND[] = {"%s=", "%s==", "%s.", "%s.AA",  "%s\n",
					     "%s ", " %s",  ".%s", "%s\r\n", "Bearer %s"};
	for (size_t i = 0; i < sizeof(AROUND) / sizeof(AROUND[0]); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		check(verify(arena_printf(a, AROUND[i], token)), AUTH_MALFORMED);
#pragma GCC diagnostic pop
	}
	check(token_verify(ring, a, (struct str){token, n + 1}, NOW, ROLES,
			   &(struct token_claims){0}),
	      AUTH_MALFORMED);
	check(verify(""), AUTH_NO_TOKEN);
	check(verify("."), AUTH_MALFORMED);
	check(verify(".."), AUTH_MALFORMED);
	check(verify("a.b"), AUTH_MALFORMED);
}

/* The last character of a part of 1 or 2 bytes beyond a multiple of 3 has bits that decode to
 * nothing; a second spelling of the same token is refused. */
static void stray_bits_are_refused(void **state)
{
	struct str out;

	(void)state;
	assert_true(base64url_decode(a, STR("AA"), &out));
	assert_true(base64url_decode(a, STR("Zm8"), &out));
	assert_true(base64url_decode(a, STR("Zm9v"), &out));
	assert_true(base64url_decode(a, STR("-_-_"), &out));
	assert_false(base64url_decode(a, STR("AB"), &out));
	assert_false(base64url_decode(a, STR("Zm9"), &out));
	assert_false(base64url_decode(a, STR("Zm9v="), &out));
	assert_false(base64url_decode(a, STR("A"), &out));
	assert_false(base64url_decode(a, STR("+/+/"), &out));
}

/* J18 */
static void large_tokens_are_refused(void **state)
{
	char *pad = arena_alloc(a, 70000);

	(void)state;
	memset(pad, 'x', 69999);
	check(verify(arena_printf(a, "%s%.*s", made(HEAD, BODY), 64000, pad)), AUTH_MALFORMED);
	const char *body = "{" WHO "," TIMES "," GENS "," ROLE ",\"x\":\"%.*s\"}";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	check(verify(made(HEAD, arena_printf(a, body, 4000, pad))), AUTH_OK);
	check(verify(made(HEAD, arena_printf(a, body, 6000, pad))), AUTH_MALFORMED);
#pragma GCC diagnostic pop
	struct buf b;
	buf_init(&b, a);
	buf_puts(&b, "{" WHO "," TIMES "," GENS "," ROLE ",\"x\":");
	for (int i = 0; i < 200; i++)
		buf_puts(&b, "[");
	for (int i = 0; i < 200; i++)
		buf_puts(&b, "]");
	buf_puts(&b, "}");
	check(verify(made(HEAD, b.p)), AUTH_MALFORMED);
	check(verify(made(arena_printf(a, "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"%.*s\"}",
				       5000, pad),
			  "{}")),
	      AUTH_UNKNOWN_KEY);
	check(verify(made(arena_printf(a, "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"%.*s\"}",
				       65, pad),
			  "{}")),
	      AUTH_UNKNOWN_KEY);
}

/* J21: the payload changed under an old signature, also when the old token was seen before. */
static void a_changed_payload_is_refused(void **state)
{
	const char *token = made(HEAD, BODY), *dot = strrchr(token, '.');

	(void)state;
	check(verify(token), AUTH_OK);
	const char *body = "{" WHO "," TIMES "," GENS ",\"roles\":[\"HR\"]}";
	check(verify(arena_printf(a, "%s%s", join(HEAD, body), dot)), AUTH_BAD_SIGNATURE);
	check(verify(token), AUTH_OK);
}

/* Whoever is remembered comes back whole, or is read anew where he doesn't fit; another service's
 * roles are other bits. */
static void the_second_time_is_as_the_first(void **state)
{
	static const char *const OTHERS[] = {"ROLE_UNSPECIFIED", "HR", "EMPLOYEE", NULL};
	struct token_claims first, second;
	char pad[256];

	(void)state;
	memset(pad, 'p', sizeof(pad));
	for (int n = 0; n < (int)sizeof(pad); n += 85) {
		const char *token =
			made(HEAD, arena_printf(a,
						"{" WHO "," TIMES "," GENS "," ROLE
						",\"nbf\":1799999980,\"amr\":[\"pwd\",\"otp\"],"
						"\"scope\":\"%.*s\",\"person_id\":\"" PID "\"}",
						n, pad));
		check(token_verify(ring, a, str_of(token), NOW, ROLES, &first), AUTH_OK);
		check(token_verify(ring, a, str_of(token), NOW, ROLES, &second), AUTH_OK);
		assert_true(second.second_factor);
		assert_int_equal(second.nbf, 1799999980);
		assert_int_equal(strlen(second.scope), n);
		assert_string_equal(second.person_id, PID);
		check(verify_at(token, 1799999919), AUTH_BAD_CLAIMS); /* nbf */
		check(token_verify(ring, a, str_of(token), NOW, OTHERS, &second), AUTH_OK);
		assert_int_equal(first.roles, 1u << 1);
		assert_int_equal(second.roles, 1u << 2);
	}
}

/* J05 and the table of seen tokens: it remembers claims, not verdicts. */
static void an_ended_or_replaced_key_is_refused(void **state)
{
	const char *token = made(HEAD, BODY);

	(void)state;
	check(verify(token), AUTH_OK);
	assert_true(keyring_add(ring, KID, "RS256", public_pem, NOW - 1));
	check(verify(token), AUTH_UNKNOWN_KEY);
	assert_true(keyring_add(ring, KID, "RS256", public_pem, NOW));
	check(verify(token), AUTH_OK);
	assert_true(keyring_add(ring, KID, "RS256", other_public, NOW + 600));
	check(verify(token), AUTH_BAD_SIGNATURE);
	assert_int_equal(keyring_count(ring), 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(issued_token_carries_its_claims),
		T(unfit_claims_are_not_issued),
		T(bodies),
		T(heads),
		T(other_algorithms_are_refused),
		T(the_end_has_sixty_seconds_of_grace),
		T(damaged_tokens_are_refused),
		T(stray_bits_are_refused),
		T(large_tokens_are_refused),
		T(a_changed_payload_is_refused),
		T(the_second_time_is_as_the_first),
		T(an_ended_or_replaced_key_is_refused),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
