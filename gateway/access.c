#include "access.h"

#include "renhe.gen.h"

static const struct fault_def *refusal(const struct access *x, enum auth_result r)
{
	if (r == AUTH_UNKNOWN_KEY && x->unknown_key)
		x->unknown_key(x->arg);
	if (r == AUTH_NO_TOKEN)
		return &FAULT_TOKEN_MISSING;
	return r == AUTH_EXPIRED ? &FAULT_TOKEN_EXPIRED : &FAULT_TOKEN_INVALID;
}

/* A session that ended stays ended; a stale account helps itself by a refresh, which is refused
 * where the account is closed. */
static const struct fault_def *revoked(const struct access *x, const struct token_claims *c)
{
	if (c->session_generation <
	    revocations_least(x->revocations, REVOCATION_SESSION, c->session_id))
		return &FAULT_SESSION_REVOKED;
	if (c->account_generation <
	    revocations_least(x->revocations, REVOCATION_ACCOUNT, c->account_id))
		return &FAULT_TOKEN_STALE;
	return NULL;
}

const struct fault_def *access_check(const struct access *x, struct arena *a, struct str token,
				     int64_t now_s, struct token_claims *claims)
{
	enum auth_result r = token_verify(x->keys, a, token, now_s, x->role_names, claims);

	if (r != AUTH_OK)
		return refusal(x, r);
	if (!x->complete)
		return &FAULT_UPSTREAM_UNAVAILABLE;
	return revoked(x, claims);
}
