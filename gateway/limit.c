#include "limit.h"

#include <stdlib.h>

#include "address.h"
#include "bucket.h"
#include "seal.h"
#include "str.h"

#define WINDOW_S 60
#define ENTRIES 65536 /* 16 bytes each */
#define MOST 2	      /* buckets of one request */

/* As RateLimit-Policy calls them. */
static const char *const NAMES[N_LIMITS] = {
	[LIMIT_READS] = "reads",       [LIMIT_WRITES] = "writes", [LIMIT_HEAVY] = "heavy",
	[LIMIT_SIGN_INS] = "sign-ins", [LIMIT_OPEN] = "open",	  [LIMIT_TENANT] = "tenant",
};

struct limits {
	struct bucket_rule rule[N_LIMITS]; /* quota 0: none */
	struct buckets *buckets;
	uint64_t secret;
};

/* One bucket that a request takes from. */
struct ask {
	enum limit_kind kind;
	uint64_t key;
	struct bucket_state state;
};

enum limit_kind limit_kind_of(const struct route *r)
{
	if (r->auth != AUTH_JWT)
		return r->method == METHOD_GET ? LIMIT_OPEN : LIMIT_SIGN_INS;
	if (r->body != BODY_JSON || r->answer != ANSWER_JSON || r->status == 202)
		return LIMIT_HEAVY;
	return r->method == METHOD_GET ? LIMIT_READS : LIMIT_WRITES;
}

struct limits *limits_new(const int64_t per_minute[N_LIMITS])
{
	struct limits *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	for (int i = 0; i < N_LIMITS; i++)
		l->rule[i] = (struct bucket_rule){.quota = per_minute[i], .window_s = WINDOW_S};
	l->buckets = buckets_new(ENTRIES);
	random_bytes(&l->secret, sizeof(l->secret));
	return l;
}

void limits_free(struct limits *l)
{
	if (l)
		buckets_free(l->buckets);
	free(l);
}

/* FNV-1a from a secret start, then mixed (MurmurHash3's last step): addresses are the callers'
 * choice, and none of them may know which share a place. Never 0. */
static uint64_t key_of(const struct limits *l, unsigned kind, const char *whom)
{
	uint64_t h = l->secret ^ ((uint64_t)kind + 1) * 1099511628211u;

	for (; *whom; whom++)
		h = (h ^ (unsigned char)*whom) * 1099511628211u;
	h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
	h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
	h ^= h >> 33;
	return h ? h : 1;
}

static void add(const struct limits *l, struct ask ask[MOST], unsigned *n, enum limit_kind kind,
		const char *whom)
{
	if (l->rule[kind].quota > 0)
		ask[(*n)++] = (struct ask){.kind = kind, .key = key_of(l, kind, whom)};
}

static unsigned asks_of(const struct limits *l, struct ask ask[MOST], enum limit_kind kind,
			const struct token_claims *claims, const char *address)
{
	char network[ADDRESS_MAX];
	unsigned n = 0;

	if (claims) {
		add(l, ask, &n, kind, claims->account_id);
		add(l, ask, &n, LIMIT_TENANT, claims->tenant_id);
	} else {
		address_network(address, network);
		add(l, ask, &n, kind, network);
	}
	return n;
}

/* Two passes, so that what one bucket refuses costs nothing of the other. */
static int64_t take_all(struct limits *l, struct ask *ask, unsigned n, int64_t now_ns,
			enum limit_kind *by)
{
	int64_t wait_ms = 0;

	for (unsigned i = 0; i < n; i++) {
		ask[i].state = bucket_look(buckets_find(l->buckets, ask[i].key),
					   &l->rule[ask[i].kind], now_ns);
		if (ask[i].state.wait_ms > wait_ms) {
			wait_ms = ask[i].state.wait_ms;
			*by = ask[i].kind;
		}
	}
	for (unsigned i = 0; wait_ms == 0 && i < n; i++) {
		const struct bucket_rule *rule = &l->rule[ask[i].kind];
		struct bucket *b = buckets_find(l->buckets, ask[i].key);
		bucket_take(b, rule, now_ns);
		ask[i].state = bucket_look(b, rule, now_ns);
	}
	return wait_ms;
}

static long long seconds(int64_t ms)
{
	return (ms + 999) / 1000;
}

static const char *lines(const struct limits *l, struct arena *a, const struct ask *ask, unsigned n)
{
	struct buf policy, now;

	if (n == 0)
		return "";
	buf_init(&policy, a);
	buf_init(&now, a);
	for (unsigned i = 0; i < n; i++) {
		const char *name = NAMES[ask[i].kind], *comma = i ? ", " : "";
		buf_printf(&policy, "%s\"%s\";q=%lld;w=%d", comma, name,
			   (long long)l->rule[ask[i].kind].quota, WINDOW_S);
		buf_printf(&now, "%s\"%s\";r=%lld;t=%lld", comma, name,
			   (long long)ask[i].state.left, seconds(ask[i].state.reset_ms));
	}
	return arena_printf(a, "RateLimit-Policy: %s\r\nRateLimit: %s\r\n", policy.p, now.p);
}

struct limit_say limits_take(struct limits *l, struct arena *a, enum limit_kind kind,
			     const struct token_claims *claims, const char *address, int64_t now_us)
{
	struct ask ask[MOST];
	unsigned n = asks_of(l, ask, kind, claims, address);
	enum limit_kind by = kind;
	int64_t wait_ms = take_all(l, ask, n, now_us * 1000, &by);

	return (struct limit_say){
		.lines = lines(l, a, ask, n),
		.refused = wait_ms > 0,
		.by = by,
		.wait_s = (int)seconds(wait_ms),
	};
}

/* ---- what isn't there ---- */

static bool takes_one(struct limits *l, unsigned kind, const struct bucket_rule *rule,
		      const struct token_claims *claims, int64_t now_ns)
{
	struct bucket *b = buckets_find(l->buckets, key_of(l, kind, claims->account_id));

	if (bucket_look(b, rule, now_ns).wait_ms > 0)
		return false;
	bucket_take(b, rule, now_ns);
	return true;
}

bool limits_note_missing(struct limits *l, const struct token_claims *claims, int64_t now_us)
{
	static const struct bucket_rule missed = {LIMIT_MISSED, WINDOW_S}, told = {1, WINDOW_S};
	int64_t now_ns = now_us * 1000;

	return !takes_one(l, N_LIMITS, &missed, claims, now_ns) &&
	       takes_one(l, N_LIMITS + 1, &told, claims, now_ns);
}
