/* Who may ask how often: which buckets a request takes from, and what its answer says of them
 * (RFC 6585, draft-ietf-httpapi-ratelimit-headers-10). Each gateway counts by itself. */
#ifndef RENHE_GATEWAY_LIMIT_H
#define RENHE_GATEWAY_LIMIT_H
#include "auth.h"
#include "schema.h"

/* Kinds of work, each with a setting of its own: RENHE_<NAME>_PER_MINUTE. The first three count per
 * account, whichever of its tokens comes (so a machine client counts as one), the next two per
 * address, an IPv6 one by its /64. */
enum limit_kind {
	LIMIT_READS,
	LIMIT_WRITES,
	LIMIT_HEAVY,	/* files in and out, and work that answers 202 */
	LIMIT_SIGN_INS, /* public routes that write */
	LIMIT_OPEN,	/* public reads, unknown paths, refused tokens */
	LIMIT_TENANT,	/* all that is asked with tokens of one tenant */
	N_LIMITS,
};
enum limit_kind limit_kind_of(const struct route *r);

struct limits;
struct limits *limits_new(const int64_t per_minute[N_LIMITS]); /* 0 = no limit */
void limits_free(struct limits *l);

/* What became of one request. */
struct limit_say {
	const char *lines;  /* "RateLimit-Policy: ...\r\nRateLimit: ...\r\n", or "" */
	bool refused;
	enum limit_kind by; /* of a refusal: whose bucket has to fill the longest */
	int wait_s; /* of a refusal: Retry-After */
};
/* Takes one of each bucket that holds for the request, or none where one of them is empty. With a
 * token by its account and tenant; `claims` NULL: by the address. Texts in the arena. */
struct limit_say limits_take(struct limits *l, struct arena *a, enum limit_kind kind,
			     const struct token_claims *claims, const char *address,
			     int64_t now_us);

#define LIMIT_MISSED 50
/* Notes that what a token asked for isn't there (404). true, and then not again for a minute: its
 * account met LIMIT_MISSED of them within a minute before, as somebody does who walks ids. */
bool limits_note_missing(struct limits *l, const struct token_claims *claims, int64_t now_us);
#endif
