/* Sessions and the tokens that come of them. Refresh tokens are opaque: tenant, session and counter
 * under a MAC of the installation, so that the database holds nothing worth stealing and the
 * successor of a token is the same for everyone who asks within the grace (decision 14). */
#include "session.h"
#include "audit.h"
#include "auth.h"
#include "clock.h"
#include "config.h"
#include "seal.h"
#include "value.h"

Identity__SessionRow *session_row(struct ctx *cx, const char *id)
{
	Identity__SessionRow *row =
		(Identity__SessionRow *)msg_new(cx->arena, &RULE_IDENTITY_SESSION_ROW);

	row->id = id ? arena_strdup(cx->arena, id) : NULL;
	return row;
}

bool session_roles(struct ctx *cx, const Identity__AccountRow *a, uint32_t *roles)
{
	struct msg_list grants;

	*roles = a->person_id ? 1u << RENHE__ROLE__EMPLOYEE : 0;
	if (!db_many(cx, &Q_GRANTS_OF, a, &grants))
		return false;
	for (size_t i = 0; i < grants.n; i++)
		*roles |= 1u << ((const Identity__RoleGrant *)grants.items[i])->role;
	return true;
}

/* A token has some role: whoever is left with none may do what every employee may do to himself,
 * which is enough to enrol. */
static uint32_t roles_held(const Identity__SessionRow *s, uint32_t granted)
{
	uint32_t held = granted;

	if (s->factor_required && !s->second_factor)
		held &= ~PRIVILEGED;
	return held || !granted ? held : 1u << RENHE__ROLE__EMPLOYEE;
}

int64_t session_life_s(uint32_t roles)
{
	return config_int(roles & PRIVILEGED ? "RENHE_SESSION_PRIVILEGED_LIFE_S"
					     : "RENHE_SESSION_LIFE_S");
}

static char *refresh_token(struct ctx *cx, const Identity__SessionRow *s)
{
	char *payload = arena_printf(cx->arena, "%s|%s|%lld", cx->who.tenant_id, s->id,
				     (long long)s->counter);

	return token_seal(cx->arena, "refresh", str_of(payload));
}

static struct token_claims claims_of(struct ctx *cx, const Identity__AccountRow *a,
				     const Identity__SessionRow *s)
{
	int64_t now_s = clock_real_us() / 1000000;

	return (struct token_claims){
		.tenant_id = cx->who.tenant_id,
		.account_id = a->id,
		.person_id = a->person_id ? a->person_id : "",
		.session_id = s->id,
		.iat = now_s,
		.exp = now_s + ACCESS_TOKEN_LIFE_S,
		.auth_time = s->auth_time,
		.account_generation = a->generation,
		.session_generation = s->generation,
		.second_factor = s->second_factor,
	};
}

bool session_tokens(struct ctx *cx, const Identity__AccountRow *a, const Identity__SessionRow *s,
		    Identity__Tokens *out)
{
	struct token_claims claims = claims_of(cx, a, s);

	if (!session_roles(cx, a, &claims.roles))
		return false;
	claims.roles = roles_held(s, claims.roles);
	out->access_token =
		signer_issue(keys_signer(), cx->arena, &claims, cx->svc->schema->role_names);
	if (!out->access_token)
		return fail(cx, &FAULT_INTERNAL, NULL);
	out->token_type = arena_strdup(cx->arena, "Bearer");
	out->has_expires_in = true;
	out->expires_in = ACCESS_TOKEN_LIFE_S;
	out->refresh_token = refresh_token(cx, s);
	out->session_id = s->id;
	return true;
}

static bool remember_device(struct ctx *cx, Identity__SessionRow *s)
{
	return !s->device_id || db_exec(cx, &Q_DEVICE_PUT, s, NULL);
}

/* The password took its time to check: what ended all sessions meanwhile ends this one too. */
static bool still_the_same(struct ctx *cx, const Identity__AccountRow *a)
{
	Identity__AccountRow *row = account_row(cx, NULL);
	bool found;

	if (!db_opt(cx, &Q_ACCOUNT_STILL, a, row, &found))
		return false;
	return found || fail(cx, &FAULT_SIGN_IN_REFUSED, NULL);
}

bool session_open(struct ctx *cx, const Identity__AccountRow *a, bool second_factor,
		  Identity__Tokens *out)
{
	Identity__SessionRow *s = session_row(cx, NULL);
	char id[UUID_LEN + 1];

	uuid7(id);
	s->id = arena_strdup(cx->arena, id);
	s->account_id = a->id;
	s->has_auth_time = s->has_second_factor = true;
	s->auth_time = clock_real_us() / 1000000;
	s->second_factor = second_factor;
	s->device_id = cx->device_id[0] ? arena_strdup(cx->arena, cx->device_id) : NULL;
	if (!still_the_same(cx, a) || !remember_device(cx, s) ||
	    !db_one(cx, &Q_SESSION_INSERT, s, s))
		return false;
	return audit_put(cx, "session.open", "account", a->id, NULL, "ok") &&
	       session_tokens(cx, a, s, out);
}
