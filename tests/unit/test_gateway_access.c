/* Who passes: real tokens against revocations; and what the two topics may say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../gateway/access.c"
#include "../../gateway/feed_note.c"
#include "../../gateway/revocation.c"

#include <cmocka.h>

#define ACCOUNT "00000000-0000-7000-8000-00000000000a"
#define SESSION "00000000-0000-7000-8000-00000000000b"
#define TENANT "00000000-0000-7000-8000-00000000000c"
#define NOW 1800000000

struct world {
	struct arena *arena;
	struct access access;
	struct signer *signer;
	char *pem, anchor[64], secret[128];
	unsigned unknown;
};

static void on_unknown(void *arg)
{
	struct world *w = arg;

	w->unknown++;
}

static int setup(void **state)
{
	static struct world w;
	char *private_pem;

	w = (struct world){.arena = arena_new()};
	assert_true(rsa_generate(w.arena, &private_pem, &w.pem));
	assert_true(anchor_generate(w.anchor, w.secret));
	w.signer = signer_new("k1", private_pem);
	w.access = (struct access){
		.keys = keyring_new(),
		.revocations = revocations_new(),
		.role_names = ROLE_NAMES,
		.complete = true,
		.unknown_key = on_unknown,
		.arg = &w,
	};
	assert_true(keyring_add(w.access.keys, "k1", "RS256", w.pem, NOW + 100000));
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	keyring_free(w->access.keys);
	revocations_free(w->access.revocations);
	signer_free(w->signer);
	arena_free(w->arena);
	return 0;
}

static struct str token(struct world *w, int64_t gen, int64_t sgen)
{
	struct token_claims c = {
		.tenant_id = TENANT, .account_id = ACCOUNT, .person_id = "", .session_id = SESSION,
		.roles = 1u << 4, .iat = NOW, .exp = NOW + 600, .auth_time = NOW,
		.account_generation = gen, .session_generation = sgen,
	};
	char *text = signer_issue(w->signer, w->arena, &c, ROLE_NAMES);

	assert_non_null(text);
	return str_of(text);
}

static const char *judge(struct world *w, struct str t, int64_t now_s)
{
	struct token_claims c;
	const struct fault_def *f = access_check(&w->access, w->arena, t, now_s, &c);

	if (!f)
		assert_string_equal(c.account_id, ACCOUNT);
	return f ? f->code : "";
}

static void generations_decide(void **state)
{
	static const struct {
		int64_t account, session, gen, sgen;
		const char *code;
	} ROWS[] = {
		{0, 0, 0, 0, ""},
		{3, 0, 3, 0, ""},
		{3, 5, 4, 5, ""},
		{3, 0, 2, 0, "TOKEN_STALE"},
		{3, 5, 3, 4, "SESSION_REVOKED"},
		{3, 5, 2, 4, "SESSION_REVOKED"},
		{1, 0, 0, 99, "TOKEN_STALE"},
		{0, 1, 99, 0, "SESSION_REVOKED"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		revocations_expire(w->access.revocations, INT64_MAX);
		revocations_put(w->access.revocations, REVOCATION_ACCOUNT, ACCOUNT, ROWS[i].account, 1);
		revocations_put(w->access.revocations, REVOCATION_SESSION, SESSION, ROWS[i].session, 1);
		assert_string_equal(judge(w, token(w, ROWS[i].gen, ROWS[i].sgen), NOW), ROWS[i].code);
	}
}

static void others_are_left_alone(void **state)
{
	struct world *w = *state;

	revocations_put(w->access.revocations, REVOCATION_ACCOUNT, TENANT, 99, 1);
	revocations_put(w->access.revocations, REVOCATION_ACCOUNT, SESSION, 99, 1);
	revocations_put(w->access.revocations, REVOCATION_SESSION, ACCOUNT, 99, 1);
	assert_string_equal(judge(w, token(w, 1, 1), NOW), "");
}

static void tokens_are_judged_before_the_list(void **state)
{
	struct world *w = *state;
	struct str good = token(w, 1, 1);

	w->access.complete = false;
	assert_string_equal(judge(w, good, NOW), "UPSTREAM_UNAVAILABLE");
	assert_string_equal(judge(w, (struct str){"", 0}, NOW), "TOKEN_MISSING");
	assert_string_equal(judge(w, STR("a.b.c"), NOW), "TOKEN_INVALID");
	assert_string_equal(judge(w, good, NOW + 661), "TOKEN_EXPIRED");
	w->access.complete = true;
	assert_string_equal(judge(w, good, NOW + 660), "");
	assert_string_equal(judge(w, (struct str){good.p, good.n - 1}, NOW), "TOKEN_INVALID");
}

static void unknown_keys_are_told(void **state)
{
	struct world *w = *state;
	struct str good = token(w, 1, 1);
	struct keyring *keys = w->access.keys;

	assert_string_equal(judge(w, good, NOW), "");
	assert_int_equal(w->unknown, 0);
	w->access.keys = keyring_new();
	assert_string_equal(judge(w, good, NOW), "TOKEN_INVALID");
	assert_int_equal(w->unknown, 1);
	keyring_free(w->access.keys);
	w->access.keys = keys;
}

/* ---- records ---- */

static struct note *note_from(struct world *w, const Identity__Revocation *m, int partition)
{
	size_t n = identity__revocation__get_packed_size(m);
	uint8_t *p = arena_alloc(w->arena, n + 1);
	struct event ev = {.partition = partition, .time = "2026-11-22T10:00:01.000000Z"};

	identity__revocation__pack(m, p);
	ev.value = (struct str){(const char *)p, n};
	return note_of_revocation(&ev);
}

static void revocations_are_read(void **state)
{
	static const struct {
		int kind;
		const char *id;
		bool generation;
		enum note_kind want;
	} ROWS[] = {
		{1, ACCOUNT, true, NOTE_ACCOUNT}, {2, SESSION, true, NOTE_SESSION},
		{3, NULL, false, NOTE_HEARTBEAT}, {0, ACCOUNT, true, NOTE_BAD},
		{1, NULL, true, NOTE_BAD},	  {1, "7", true, NOTE_BAD},
		{2, SESSION, false, NOTE_BAD},	  {1, ACCOUNT "0", true, NOTE_BAD},
	};

	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		Identity__Revocation m = IDENTITY__REVOCATION__INIT;
		char id[64] = "";
		m.has_kind = 1;
		m.kind = ROWS[i].kind;
		if (ROWS[i].id) {
			snprintf(id, sizeof(id), "%s", ROWS[i].id);
			m.subject_id = id;
		}
		m.has_least_generation = ROWS[i].generation;
		m.least_generation = 7;
		struct note *n = note_from(*state, &m, 3);
		assert_int_equal(n->kind, ROWS[i].want);
		if (n->kind == NOTE_ACCOUNT || n->kind == NOTE_SESSION)
			assert_true(n->least == 7 && strcmp(n->subject_id, ROWS[i].id) == 0);
		if (n->kind == NOTE_HEARTBEAT)
			assert_true(n->partition == 3 && n->time_us == 1795341601000000);
		free(n);
	}
}

static void garbage_is_no_record(void **state)
{
	static const struct str BAD[] = {{"\xff\xff", 2}, {"\x0a\x05" "a", 3}, {"", 0}};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct event ev = {.value = BAD[i]};
		struct note *n = note_of_revocation(&ev), *k = note_of_key(&ev, w->access.keys, w->anchor);
		assert_int_equal(n->kind, NOTE_BAD);
		assert_int_equal(k->kind, NOTE_BAD);
		free(n);
		free(k);
	}
}

static enum note_kind say_key(struct world *w, struct keyring *keys, char *kid, char *signature)
{
	char alg[] = "RS256";
	Identity__SigningKey m = IDENTITY__SIGNING_KEY__INIT;

	m.kid = kid;
	m.alg = alg;
	m.public_pem = w->pem;
	m.has_not_after = 1;
	m.not_after = NOW;
	m.signature = signature;
	size_t n = identity__signing_key__get_packed_size(&m);
	uint8_t *p = arena_alloc(w->arena, n);
	identity__signing_key__pack(&m, p);
	struct event ev = {.value = {(const char *)p, n}};
	struct note *note = note_of_key(&ev, keys, w->anchor);
	enum note_kind kind = note->kind;
	free(note);
	return kind;
}

static void keys_need_the_anchor(void **state)
{
	struct world *w = *state;
	struct keyring *keys = keyring_new();
	char signature[128], kid[] = "k7", other[] = "k8", forged[128];

	assert_true(anchor_sign(w->secret, kid, "RS256", w->pem, NOW, signature));
	memcpy(forged, signature, sizeof(forged));
	forged[3] = forged[3] == 'A' ? 'B' : 'A';
	assert_int_equal(say_key(w, keys, other, signature), NOTE_BAD);
	assert_int_equal(say_key(w, keys, kid, forged), NOTE_BAD);
	assert_int_equal(say_key(w, keys, kid, NULL), NOTE_BAD);
	assert_int_equal(keyring_count(keys), 0);
	assert_int_equal(say_key(w, keys, kid, signature), NOTE_KEYS);
	assert_int_equal(keyring_count(keys), 1);
	keyring_free(keys);
}

static void the_most_silent_partition_counts(void **state)
{
	struct beats b = {{0}};

	(void)state;
	assert_int_equal(beats_age_s(&b, 100000000), -1);
	beats_put(&b, 0, 90000000);
	assert_int_equal(beats_age_s(&b, 100000000), 10);
	beats_put(&b, 1, 60000000);
	assert_int_equal(beats_age_s(&b, 100000000), 40);
	beats_put(&b, 1, 50000000); /* late: the newest stays */
	assert_int_equal(beats_age_s(&b, 100000000), 40);
	beats_put(&b, 1, 99000000);
	assert_int_equal(beats_age_s(&b, 100000000), 10);
	beats_put(&b, BEATS_MOST, 1);
	beats_put(&b, -1, 1);
	assert_int_equal(beats_age_s(&b, 100000000), 10);
	assert_int_equal(beats_age_s(&b, 80000000), 0); /* a clock ahead of ours */
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(generations_decide),	 T(others_are_left_alone), T(tokens_are_judged_before_the_list),
		T(unknown_keys_are_told), T(revocations_are_read), T(garbage_is_no_record),
		T(keys_need_the_anchor),
		cmocka_unit_test(the_most_silent_partition_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
