/* Buckets, whose they are, and the turn of those who wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "bucket.h"
#include "fair_queue.h"
#include "limit.h"

#include <cmocka.h>

#define S 1000000000LL
#define TENANT_A "0197a000-0000-7000-8000-00000000000a"
#define TENANT_B "0197a000-0000-7000-8000-00000000000b"

/* ---- one bucket ---- */

/* At an instant, `tries` are tried; so many pass, and then this is left and has to be waited for. */
struct step {
	int64_t at_ms;
	int tries, pass;
	int64_t left, wait_ms, reset_ms;
};

static int pass_of(struct bucket *b, const struct bucket_rule *r, const struct step *s)
{
	int n = 0;

	for (int i = 0; i < s->tries; i++)
		if (bucket_look(b, r, s->at_ms * 1000000).wait_ms == 0) {
			bucket_take(b, r, s->at_ms * 1000000);
			n++;
		}
	return n;
}

static void play(const struct bucket_rule *r, const struct step *steps, size_t n)
{
	struct bucket b = {.key = 1};

	for (size_t i = 0; i < n; i++) {
		const struct step *s = &steps[i];
		int passed = pass_of(&b, r, s);
		struct bucket_state now = bucket_look(&b, r, s->at_ms * 1000000);
		if (passed != s->pass || now.left != s->left || now.wait_ms != s->wait_ms ||
		    now.reset_ms != s->reset_ms)
			fail_msg("step %zu: %d passed, left %lld, wait %lld, reset %lld", i, passed,
				 (long long)now.left, (long long)now.wait_ms, (long long)now.reset_ms);
	}
}
#define PLAY(rule, ...)                                                                            \
	do {                                                                                       \
		const struct step list[] = {__VA_ARGS__};                                          \
		play(&(const struct bucket_rule)rule, list, sizeof(list) / sizeof(list[0]));       \
	} while (0)
#define RULE(q, w) {.quota = (q), .window_s = (w)}

static void a_bucket_fills_while_time_passes(void **state)
{
	(void)state;
	/* ten in ten seconds: all at once, then one a second */
	PLAY(RULE(10, 10), {5000, 0, 0, 10, 0, 0}, {5000, 4, 4, 6, 0, 4000}, {5000, 9, 6, 0, 1000, 10000},
	     {5999, 3, 0, 0, 1, 9001}, {6000, 3, 1, 0, 1000, 10000}, {8500, 5, 2, 0, 500, 9500},
	     {60000, 12, 10, 0, 1000, 10000}, {3600000, 0, 0, 10, 0, 0});
	/* never more than a full bucket, however long it was left alone */
	PLAY(RULE(1, 60), {0, 2, 1, 0, 60000, 60000}, {59999, 1, 0, 0, 1, 1}, {60000, 2, 1, 0, 60000, 60000});
	/* a step that is no whole number of ns still gives the whole quota, and no more */
	PLAY(RULE(7, 60), {100, 20, 7, 0, 8572, 60000}, {8672, 1, 1, 0, 8571, 60000});
	PLAY(RULE(100000000, 60), {1, 1000, 1000, 99999000, 0, 1});
}

static void what_was_refused_costs_nothing(void **state)
{
	(void)state;
	PLAY(RULE(2, 10), {0, 100000, 2, 0, 5000, 10000}, {4999, 100000, 0, 0, 1, 5001}, {5000, 1, 1, 0, 5000, 10000});
}

/* ---- the table ---- */

static void the_table_forgets_the_one_that_is_full_the_soonest(void **state)
{
	struct buckets *t = buckets_new(8);
	const struct bucket_rule r = RULE(100, 100);

	(void)state;
	for (uint64_t key = 1; key <= 8; key++)
		for (uint64_t i = 0; i <= key % 8; i++) /* key 8 has taken the least */
			bucket_take(buckets_find(t, key), &r, 1 * S);
	assert_int_equal(bucket_look(buckets_find(t, 9), &r, 1 * S).left, 100);
	for (uint64_t key = 1; key < 8; key++)
		assert_int_equal(bucket_look(buckets_find(t, key), &r, 1 * S).left, 99 - (int64_t)key);
	buckets_free(t);
}

static void a_storm_of_keys_stays_in_its_memory(void **state)
{
	struct buckets *t = buckets_new(64);
	const struct bucket_rule r = RULE(10, 10);
	int64_t left = 0;

	(void)state;
	for (uint64_t key = 1; key < 1000000; key++)
		bucket_take(buckets_find(t, key * 2654435761u), &r, (int64_t)key * 1000);
	for (uint64_t key = 999990; key < 1000000; key++)
		left += bucket_look(buckets_find(t, key * 2654435761u), &r, S).left; /* S = the last one's instant */
	assert_int_equal(left, 10 * 9); /* the last ones are known */
	buckets_free(t);
}

/* ---- whose ---- */

static const struct {
	struct route route;
	enum limit_kind kind;
} KINDS[] = {
	{{.method = METHOD_GET, .status = 200}, LIMIT_READS},
	{{.method = METHOD_POST, .status = 201}, LIMIT_WRITES},
	{{.method = METHOD_PATCH, .status = 200}, LIMIT_WRITES},
	{{.method = METHOD_DELETE, .status = 204}, LIMIT_WRITES},
	{{.method = METHOD_POST, .status = 202}, LIMIT_HEAVY},
	{{.method = METHOD_POST, .status = 201, .body = BODY_RAW}, LIMIT_HEAVY},
	{{.method = METHOD_GET, .status = 200, .answer = ANSWER_FILE}, LIMIT_HEAVY},
	{{.method = METHOD_GET, .auth = AUTH_PUBLIC}, LIMIT_OPEN},
	{{.method = METHOD_POST, .status = 201, .auth = AUTH_PUBLIC}, LIMIT_SIGN_INS},
	{{.method = METHOD_POST, .status = 200, .auth = AUTH_LINK_TOKEN}, LIMIT_SIGN_INS},
};

static void the_contract_says_the_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++)
		if (limit_kind_of(&KINDS[i].route) != KINDS[i].kind)
			fail_msg("row %zu is %d", i, (int)limit_kind_of(&KINDS[i].route));
}

static const int64_t FEW[N_LIMITS] = {[LIMIT_READS] = 3, [LIMIT_WRITES] = 2, [LIMIT_SIGN_INS] = 2,
				      [LIMIT_OPEN] = 4, [LIMIT_TENANT] = 5};

/* account or address; pass: whether it is let through */
struct request {
	enum limit_kind kind;
	const char *account, *tenant, *address;
	bool pass;
};

static void tell(struct limits *l, struct arena *a, const struct request *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct request *r = &rows[i];
		struct token_claims c = {.account_id = r->account, .tenant_id = r->tenant};
		struct limit_say say =
			limits_take(l, a, r->kind, r->account ? &c : NULL, r->address, 1000000);
		if (say.refused == r->pass)
			fail_msg("row %zu: %s", i, say.lines);
		assert_int_equal(say.wait_s > 0, say.refused);
	}
}
#define TELL(a, ...)                                                                               \
	do {                                                                                       \
		const struct request list[] = {__VA_ARGS__};                                       \
		struct limits *l = limits_new(FEW);                                                \
		tell(l, a, list, sizeof(list) / sizeof(list[0]));                                  \
		limits_free(l);                                                                    \
	} while (0)
#define READ LIMIT_READS
#define WRITE LIMIT_WRITES

static void each_counts_for_himself(void **state)
{
	/* reads beside writes, another account, another tenant */
	TELL(*state, {READ, "a", TENANT_A, "", true}, {READ, "a", TENANT_A, "", true},
	     {READ, "a", TENANT_A, "", true}, {READ, "a", TENANT_A, "", false},
	     {WRITE, "a", TENANT_A, "", true}, {READ, "b", TENANT_A, "", true},
	     /* the tenant's five are used up, by him and by his neighbour */
	     {READ, "b", TENANT_A, "", false}, {READ, "c", TENANT_A, "", false},
	     {READ, "d", TENANT_B, "", true});
	/* what the account refuses costs the tenant nothing, and the other way round */
	TELL(*state, {WRITE, "a", TENANT_A, "", true}, {WRITE, "a", TENANT_A, "", true},
	     {WRITE, "a", TENANT_A, "", false}, {WRITE, "a", TENANT_A, "", false},
	     {WRITE, "a", TENANT_A, "", false}, {READ, "b", TENANT_A, "", true},
	     {READ, "b", TENANT_A, "", true}, {READ, "b", TENANT_A, "", true},
	     {READ, "c", TENANT_A, "", false});
}

static void strangers_count_by_their_network(void **state)
{
	TELL(*state, {LIMIT_SIGN_INS, NULL, NULL, "192.0.2.1", true},
	     {LIMIT_SIGN_INS, NULL, NULL, "192.0.2.1", true},
	     {LIMIT_SIGN_INS, NULL, NULL, "192.0.2.1", false},
	     {LIMIT_OPEN, NULL, NULL, "192.0.2.1", true},
	     {LIMIT_SIGN_INS, NULL, NULL, "192.0.2.2", true},
	     {LIMIT_SIGN_INS, NULL, NULL, "", true});
	/* one subscriber has a /64 of IPv6 */
	TELL(*state, {LIMIT_SIGN_INS, NULL, NULL, "2001:db8:0:1::1", true},
	     {LIMIT_SIGN_INS, NULL, NULL, "2001:db8:0:1:ffff::", true},
	     {LIMIT_SIGN_INS, NULL, NULL, "2001:db8:0:1::2", false},
	     {LIMIT_SIGN_INS, NULL, NULL, "2001:db8:0:2::1", true});
}

static void what_has_no_limit_says_nothing(void **state)
{
	struct limits *l = limits_new((const int64_t[N_LIMITS]){0});
	struct token_claims c = {.account_id = "a", .tenant_id = TENANT_A};

	for (int i = 0; i < 1000; i++) {
		struct limit_say say = limits_take(l, *state, READ, &c, "", 0);
		assert_false(say.refused);
		assert_string_equal(say.lines, "");
	}
	limits_free(l);
}

static void the_answer_says_what_is_left(void **state)
{
	struct limits *l = limits_new(FEW);
	struct token_claims c = {.account_id = "a", .tenant_id = TENANT_A};
	struct limit_say say = limits_take(l, *state, READ, &c, "", 0);

	assert_string_equal(say.lines, "RateLimit-Policy: \"reads\";q=3;w=60, \"tenant\";q=5;w=60\r\n"
				       "RateLimit: \"reads\";r=2;t=20, \"tenant\";r=4;t=12\r\n");
	limits_take(l, *state, READ, &c, "", 0);
	limits_take(l, *state, READ, &c, "", 0);
	say = limits_take(l, *state, READ, &c, "", 500000);
	assert_true(say.refused);
	assert_int_equal(say.by, LIMIT_READS);
	assert_int_equal(say.wait_s, 20); /* 19.5, told so that it is true */
	assert_non_null(strstr(say.lines, "RateLimit: \"reads\";r=0;t=60, \"tenant\";r=2;t=36\r\n"));
	assert_false(limits_take(l, *state, READ, &c, "", 20000000).refused);
	limits_free(l);
}

/* ---- the turn ---- */

/* R01: a burst is taken whatever its size; where the queue only stands, newcomers are told at once. */
static void a_queue_that_stands_takes_no_more(void **state)
{
	struct fair_queue q = {0};
	struct upstream_call a[3] = {{.tenant = "a"}, {.tenant = "a", .queued_ms = 900}, {.tenant = "a", .queued_ms = 9100}};
	struct upstream_call b = {.tenant = "b", .queued_ms = 1200};

	(void)state;
	fair_put(&q, &a[0]);
	fair_put(&q, &a[1]);
	assert_false(fair_stands(&q, "a", FAIR_STANDS_MS - 1)); /* a burst that drains slowly */
	assert_true(fair_stands(&q, "a", FAIR_STANDS_MS));
	assert_false(fair_stands(&q, "b", FAIR_STANDS_MS)); /* somebody else's */
	assert_false(fair_stands(&q, NULL, FAIR_STANDS_MS));
	fair_put(&q, &b);
	assert_ptr_equal(fair_take(&q), &a[0]);
	assert_true(fair_stands(&q, "a", 900 + FAIR_TARGET_MS));
	assert_ptr_equal(fair_take(&q), &b);
	assert_ptr_equal(fair_take(&q), &a[1]);
	assert_false(fair_stands(&q, "a", 9100));
	fair_put(&q, &a[2]); /* long after: a new burst */
	assert_false(fair_stands(&q, "a", 9100 + FAIR_STANDS_MS - 1));
	assert_true(fair_stands(&q, "a", 9100 + FAIR_STANDS_MS));
	assert_ptr_equal(fair_take(&q), &a[2]);
	assert_null(fair_take(&q));
}

/* Soon after it has stood, no more may wait than go on within the target: 40 a second, a quarter of them. */
static void after_that_it_stays_short(void **state)
{
	struct fair_queue q = {.rate = 40, .second_ms = 10000, .stood_ms = 10000};
	struct upstream_call c[12] = {0};
	unsigned n = 0;

	(void)state;
	while (n < 12 && !fair_stands(&q, "", 10100)) {
		c[n].queued_ms = 10100;
		fair_put(&q, &c[n++]);
	}
	assert_int_equal(n, 10);
	assert_false(fair_stands(&q, "other", 10100));
	for (; n; n--)
		assert_non_null(fair_take(&q));
	assert_false(fair_stands(&q, "", 11000));
	assert_int_equal(q.rate, 10); /* ten went within the second */
}

/* Calls "a1", "a2", ... of tenant a come in this order and go in that one. */
static void turn(struct arena *a, const char *in, const char *drop, const char *out)
{
	struct fair_queue q = {0};
	struct buf went, dropped;

	buf_init(&went, a);
	buf_init(&dropped, a);
	for (const char *p = in; *p; p += 2) {
		struct upstream_call *c = arena_alloc(a, sizeof(*c));
		*c = (struct upstream_call){.arg = arena_strndup(a, p, 2), .tenant = arena_strndup(a, p, 1)};
		fair_put(&q, c);
	}
	assert_int_equal(q.n, strlen(in) / 2);
	for (size_t i = 0; i < strlen(drop) / 2; i++)
		buf_puts(&dropped, fair_drop(&q)->arg);
	assert_string_equal(dropped.p, drop);
	for (struct upstream_call *c; (c = fair_take(&q)) != NULL;)
		buf_puts(&went, c->arg);
	assert_string_equal(went.p, out);
	assert_int_equal(q.n, 0);
	assert_null(fair_drop(&q));
}

static void tenants_take_turns(void **state)
{
	static const struct {
		const char *in, *drop, *out;
	} rows[] = {
		{"", "", ""},
		{"a1a2a3", "", "a1a2a3"},
		{"a1a2a3a4b1", "", "a1b1a2a3a4"},
		{"a1a2a3a4b1b2c1", "", "a1b1c1a2b2a3a4"},
		{"a1b1b2b3a2", "", "a1b1a2b2b3"},
		{"a1a2a3b1", "a3", "a1b1a2"},     /* not the one who came last */
		{"a1a2a3b1", "a3a2", "a1b1"},
		{"a1b1", "b1", "a1"},             /* of equals the newcomer */
		{"a1a2b1b2c1", "b2a2c1b1a1", ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		turn(*state, rows[i].in, rows[i].drop, rows[i].out);
}

static void those_without_tenant_share_a_turn(void **state)
{
	struct upstream_call c[4] = {{.tenant = NULL}, {.tenant = ""}, {.tenant = TENANT_A}, {.tenant = NULL}};
	struct fair_queue q = {0};

	(void)state;
	for (int i = 0; i < 4; i++)
		fair_put(&q, &c[i]);
	assert_ptr_equal(fair_take(&q), &c[0]);
	assert_ptr_equal(fair_take(&q), &c[2]);
	assert_ptr_equal(fair_take(&q), &c[1]);
	assert_ptr_equal(fair_take(&q), &c[3]);
}

static void the_late_go_first(void **state)
{
	struct upstream_call c[4] = {{.tenant = "a", .deadline_ms = 50}, {.tenant = "b", .deadline_ms = 10},
				     {.tenant = "b", .deadline_ms = 20}, {.tenant = "b", .deadline_ms = 60}};
	struct fair_queue q = {0};

	(void)state;
	for (int i = 0; i < 4; i++)
		fair_put(&q, &c[i]);
	assert_null(fair_late(&q, 9));
	assert_ptr_equal(fair_late(&q, 20), &c[1]);
	assert_ptr_equal(fair_late(&q, 20), &c[2]);
	assert_null(fair_late(&q, 20));
	assert_int_equal(q.n, 2);
	assert_ptr_equal(fair_late(&q, 100), &c[0]);
	assert_ptr_equal(fair_late(&q, 100), &c[3]);
	assert_null(fair_late(&q, 100));
}

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
/* ---- what isn't there ---- */

/* The 51st of a minute is told, once a minute as long as it goes on; each account for itself, and what costs its tenant
 * and its own quota nothing. */
static void walks_are_told_once_a_minute(void **state)
{
	const int64_t per_minute[N_LIMITS] = {0};
	struct limits *l = limits_new(per_minute);
	const struct token_claims walker = {.account_id = "w", .tenant_id = "t"}, other = {.account_id = "o", .tenant_id = "t"};
	unsigned told = 0;
	int64_t now = 1000000;

	(void)state;
	for (int i = 0; i < 50; i++)
		assert_false(limits_note_missing(l, &walker, now));
	assert_true(limits_note_missing(l, &walker, now));
	assert_false(limits_note_missing(l, &walker, now));
	assert_false(limits_note_missing(l, &other, now));
	for (int s = 1; s <= 180; s++) /* three minutes of ten a second */
		for (int i = 0; i < 10; i++)
			told += limits_note_missing(l, &walker, now + (int64_t)s * 1000000);
	assert_int_equal(told, 3);
	for (int s = 300; s < 400; s += 2) /* as often as somebody at work meets them */
		assert_false(limits_note_missing(l, &walker, now + (int64_t)s * 1000000));
	limits_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_bucket_fills_while_time_passes),
		T(what_was_refused_costs_nothing),
		T(the_table_forgets_the_one_that_is_full_the_soonest),
		T(a_storm_of_keys_stays_in_its_memory),
		T(the_contract_says_the_kind),
		T(each_counts_for_himself),
		T(strangers_count_by_their_network),
		T(what_has_no_limit_says_nothing),
		T(the_answer_says_what_is_left),
		T(tenants_take_turns),
		T(those_without_tenant_share_a_turn),
		T(the_late_go_first),
		T(a_queue_that_stands_takes_no_more),
		T(after_that_it_stays_short),
		T(walks_are_told_once_a_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
