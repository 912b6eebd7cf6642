/* Sessions and their tokens, for sign-in, refresh and step-up. */
#ifndef RENHE_IDENTITY_SESSION_H
#define RENHE_IDENTITY_SESSION_H
#include "identity.h"

/* What a tenant may keep from those who sign in without a second factor (decision 13). */
#define PRIVILEGED                                                                                 \
	(1u << RENHE__ROLE__HR | 1u << RENHE__ROLE__PAYROLL | 1u << RENHE__ROLE__AUDITOR |         \
	 1u << RENHE__ROLE__TENANT_ADMIN)

Identity__SessionRow *session_row(struct ctx *cx, const char *id);
/* A new session of an account as it was when its password was checked: SIGN_IN_REFUSED where its
 * generation has changed since. */
bool session_open(struct ctx *cx, const Identity__AccountRow *a, bool second_factor,
		  Identity__Tokens *out);
/* Tokens of a session as its row now is; roles that the tenant keeps for second factors are left
 * out where the session knows none. */
bool session_tokens(struct ctx *cx, const Identity__AccountRow *a, const Identity__SessionRow *s,
		    Identity__Tokens *out);
/* How long a session of these roles lives. */
int64_t session_life_s(uint32_t roles);
/* Roles granted to the account, with EMPLOYEE of who has an employment. */
bool session_roles(struct ctx *cx, const Identity__AccountRow *a, uint32_t *roles);
#endif
