/* May this token pass? Signature, claims and keys by auth.h; generations by the revocation table. */
#ifndef RENHE_GATEWAY_ACCESS_H
#define RENHE_GATEWAY_ACCESS_H
#include "auth.h"
#include "revocation.h"

struct access {
	struct keyring *keys;
	struct revocations *revocations;
	const char *const *role_names;
	bool complete;                    /* the revocations of the last day are known */
	void (*unknown_key)(void *arg);   /* a token named a key that isn't here; or NULL */
	void *arg;
};
/* NULL: the token is good and *claims set. Else the fault: TOKEN_MISSING, TOKEN_INVALID,
 * TOKEN_EXPIRED, TOKEN_STALE, SESSION_REVOKED, and UPSTREAM_UNAVAILABLE while the revocations are
 * not known, since a token can't be judged then. */
const struct fault_def *access_check(const struct access *x, struct arena *a, struct str token,
				     int64_t now_s, struct token_claims *claims);
#endif
