/* Form bodies, Basic credentials, lists of scopes: what clients that are no browsers send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "auth.h"
#include "form.h"
#include "identity.gen.h"
#include "renhe.gen.h"

#include <cmocka.h>

#define FORM "application/x-www-form-urlencoded"

static void credentials_of_basic(void **state)
{
	static const struct {
		const char *head, *user, *password; /* user NULL: refused */
	} CASES[] = {
		{"Basic YTpi", "a", "b"},	{"basic YTpi", "a", "b"},
		{"Basic YTpiOmM=", "a", "b:c"}, {"Basic YSUzQWI6Yw==", "a:b", "c"}, /* a%3Ab:c */
		{"Basic Og==", "", ""},		{"Basic YTpi=", NULL, NULL},
		{"Basic YTpi\n", NULL, NULL},	{"Basic YT pi", NULL, NULL},
		{"Basic", NULL, NULL},		{"Basic YQ==", NULL, NULL}, /* no colon */
		{"Basic YSV6ejpi", NULL, NULL},				    /* a%zz:b */
		{"Basic /zpi", NULL, NULL},				    /* no UTF-8 */
		{"Bearer YTpi", NULL, NULL},	{"", NULL, NULL},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		const char *user = NULL, *password = NULL;
		bool good = basic_read(a, CASES[i].head, &user, &password);

		assert_int_equal(good, CASES[i].user != NULL);
		if (good) {
			assert_string_equal(user, CASES[i].user);
			assert_string_equal(password, CASES[i].password);
		}
	}
	arena_free(a);
}

static void words_of_a_scope(void **state)
{
	static const struct {
		const char *list, *word;
		bool held;
	} CASES[] = {
		{"A B C", "A", true}, {"A B C", "C", true}, {"A B C", "D", false},
		{"AB", "A", false},   {"A", "AB", false},   {"", "A", false},
		{"A  B", "B", true},  {"A:X", "A", false},  {"A:X A", "A", true},
		{"a", "A", false},    {"A:X", "A:X", true}, {" A", "A", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
		assert_int_equal(scope_holds(CASES[i].list, CASES[i].word), CASES[i].held);
}

static void pairs_of_a_body(void **state)
{
	static const struct {
		const char *type, *body;
		int pairs; /* -1: refused */
	} CASES[] = {
		{FORM, "grant_type=x&scope=y", 2},
		{FORM "; charset=utf-8", "grant_type=x", 1},
		{FORM, "grant_type=x&other=y", 1}, /* unknown ones are ignored */
		{FORM, "grant_type=&scope=y", 1},  /* without a value: not sent */
		{FORM, "&&scope=a+b%20c&", 1},
		{FORM, "", 0},
		{FORM, "scope", 0},
		{FORM, "scope=1&scope=2", 2}, /* told twice: for the decoder to refuse */
		{FORM, "scope=%zz", -1},
		{FORM, "scope=%00", -1},
		{FORM, "scope=%ff", -1},
		{FORM, "a=1&b=1&scope=1&scope=2&scope=3&scope=4",
		 -1}, /* more than there is room for */
		{FORM "x", "scope=1", -1},
		{"application/json", "scope=1", -1},
		{"", "scope=1", -1},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct ctx cx = {.arena = a, .content_type = CASES[i].type};
		struct json_param out[3];
		unsigned n = 0;
		bool good = form_read(&cx, &RULE_IDENTITY_CLIENT_TOKEN_REQUEST,
				      str_of(CASES[i].body), out, 3, &n);

		assert_int_equal(good, CASES[i].pairs >= 0);
		assert_int_equal(good, cx.fault.def == NULL);
		if (good)
			assert_int_equal(n, CASES[i].pairs);
		if (good && n == 1 && strstr(CASES[i].body, "a+b"))
			assert_string_equal(out[0].value, "a b c");
	}
	arena_free(a);
}

static void refusals_of_oauth(void **state)
{
	static const struct {
		const struct fault_def *def;
		int status;
		const char *error;
	} CASES[] = {
		{&FAULT_OAUTH_INVALID_CLIENT, 401, "\"invalid_client\""},
		{&FAULT_OAUTH_INVALID_SCOPE, 400, "\"invalid_scope\""},
		{&FAULT_OAUTH_UNSUPPORTED_GRANT_TYPE, 400, "\"unsupported_grant_type\""},
		{&FAULT_VALIDATION_FAILED, 400, "\"invalid_request\""},
		{&FAULT_UNSUPPORTED_MEDIA_TYPE, 400, "\"invalid_request\""},
		{&FAULT_SIGN_IN_THROTTLED, 429, "\"temporarily_unavailable\""},
		{&FAULT_DATABASE_UNAVAILABLE, 503, "\"temporarily_unavailable\""},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct ctx cx = {.arena = a, .fault = {.def = CASES[i].def}};

		assert_int_equal(oauth_fault_status(&cx), CASES[i].status);
		assert_non_null(strstr(oauth_fault_render(&cx).p, CASES[i].error));
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(credentials_of_basic),
		cmocka_unit_test(words_of_a_scope),
		cmocka_unit_test(pairs_of_a_body),
		cmocka_unit_test(refusals_of_oauth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
