/* Sign-in, refresh, sign-out, step-up. Refresh tokens are opaque: tenant, session and counter under
 * a MAC of the installation, so that the database holds nothing worth stealing and the successor of
 * a token is the same for everyone who asks within the grace (decision 14). */
#include <stdio.h>
#include <stdlib.h>
#include "audit.h"
#include "auth.h"
#include "clock.h"
#include "identity.h"
#include "seal.h"
#include "value.h"

#define REFRESH_GRACE_MS 10000

static Identity__SessionRow *session_row(struct ctx *cx, const char *id)
{
	Identity__SessionRow *row =
		(Identity__SessionRow *)msg_new(cx->arena, &RULE_IDENTITY_SESSION_ROW);

	row->id = id ? arena_strdup(cx->arena, id) : NULL;
	return row;
}

/* ---- tokens ---- */

static bool roles_of(struct ctx *cx, Identity__AccountRow *a, uint32_t *roles)
{
	struct msg_list grants;

	*roles = a->person_id ? 1u << RENHE__ROLE__EMPLOYEE : 0;
	if (!db_many(cx, &Q_GRANTS_OF, a, &grants))
		return false;
	for (size_t i = 0; i < grants.n; i++)
		*roles |= 1u << ((const Identity__RoleGrant *)grants.items[i])->role;
	return true;
}

static char *refresh_token(struct ctx *cx, const Identity__SessionRow *s)
{
	char *payload = arena_printf(cx->arena, "%s|%s|%lld", cx->who.tenant_id, s->id,
				     (long long)s->counter);

	return token_seal(cx->arena, "refresh", str_of(payload));
}

static bool answer(struct ctx *cx, Identity__AccountRow *a, const Identity__SessionRow *s,
		   Identity__Tokens *out)
{
	int64_t now_s = clock_real_us() / 1000000;
	struct token_claims claims = {
		.tenant_id = cx->who.tenant_id,
		.account_id = a->id,
		.person_id = a->person_id ? a->person_id : "",
		.session_id = s->id,
		.iat = now_s,
		.exp = now_s + ACCESS_TOKEN_LIFE_S,
		.auth_time = s->auth_time,
		.account_generation = a->generation,
		.session_generation = s->generation,
	};

	if (!roles_of(cx, a, &claims.roles))
		return false;
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

bool session_open(struct ctx *cx, const Identity__AccountRow *account, Identity__Tokens *out)
{
	Identity__AccountRow *a = account_row(cx, account->id);
	Identity__SessionRow *s = session_row(cx, NULL);
	char id[UUID_LEN + 1];

	uuid7(id);
	msg_assign(&account->base, &a->base);
	s->id = arena_strdup(cx->arena, id);
	s->account_id = a->id;
	s->has_auth_time = true;
	s->auth_time = clock_real_us() / 1000000;
	s->device_id = cx->device_id[0] ? arena_strdup(cx->arena, cx->device_id) : NULL;
	if (!still_the_same(cx, a) || !remember_device(cx, s) || !db_one(cx, &Q_SESSION_INSERT, s, s))
		return false;
	return audit_put(cx, "session.open", "account", a->id, NULL, "ok") && answer(cx, a, s, out);
}

/* ---- sign-in ---- */

/* The refusal is the same for every cause, and costs the same; the count of the guess stays. */
static bool refuse(struct ctx *cx, const char *name, const Identity__AccountRow *account)
{
	if (!throttle_count(cx, name, account) ||
	    !audit_put(cx, "session.refuse", "account", account ? account->id : NULL, NULL,
		       "refused"))
		return false;
	cx->commit_on_fault = true;
	return fail(cx, &FAULT_SIGN_IN_REFUSED, NULL);
}

static bool find_tenant(struct ctx *cx, const Identity__SignInRequest *in, bool *found)
{
	Identity__Tenant *t = (Identity__Tenant *)msg_new(cx->arena, &RULE_IDENTITY_TENANT);

	if (!db_opt(cx, &Q_TENANT_BY_CODE, in, t, found))
		return false;
	return db_tenant(cx, *found ? t->id : PLATFORM_TENANT);
}

static bool find_account(struct ctx *cx, const char *name, Identity__AccountRow **out)
{
	Identity__AccountRow *a = account_row(cx, NULL);
	bool found;

	a->sign_in_name = arena_strdup(cx->arena, name);
	if (!db_opt(cx, &Q_ACCOUNT_BY_NAME, a, a, &found))
		return false;
	*out = found ? a : NULL;
	return true;
}

static bool password_good(const Identity__AccountRow *a, const char *password)
{
	bool same = a && a->password_hash ? password_verify(a->password_hash, password)
					  : password_verify_dummy(password);

	return same && a && a->password_hash && a->open_today && !a->locked;
}

bool identity_sign_in(struct ctx *cx, const Identity__SignInRequest *in, Identity__Tokens *out)
{
	Identity__AccountRow *a = NULL;
	/* Unknown tenants are guessed at too: they share the platform's buckets, by their code. */
	const char *bucket = arena_printf(cx->arena, "%s/%s", in->tenant, in->sign_in_name);
	bool known;

	if (!find_tenant(cx, in, &known) || (known && !find_account(cx, in->sign_in_name, &a)) ||
	    !throttle_check(cx, bucket, a))
		return false;
	if (!password_good(a, in->password))
		return refuse(cx, bucket, a);
	return throttle_clear(cx, bucket, a) && session_open(cx, a, out);
}

/* ---- refresh ---- */

static bool read_refresh(struct ctx *cx, const char *token, char **tenant, char **session,
			 int64_t *counter)
{
	struct str payload;
	char *text, *rest;

	if (!token_open(cx->arena, "refresh", token, &payload))
		return fail(cx, &FAULT_REFRESH_REFUSED, NULL);
	rest = text = arena_strndup(cx->arena, payload.p, payload.n);
	*tenant = strsep(&rest, "|");
	*session = strsep(&rest, "|");
	if (!rest)
		return fail(cx, &FAULT_REFRESH_REFUSED, NULL);
	*counter = strtoll(rest, NULL, 10);
	return true;
}

static bool end_family(struct ctx *cx, Identity__SessionRow *s)
{
	bool found;

	if (!db_opt(cx, &Q_SESSION_END, s, s, &found) ||
	    (found && !revoke_session(cx, s->id, s->generation)) ||
	    !audit_put(cx, "session.reuse", "session", s->id, NULL, "revoked"))
		return false;
	cx->commit_on_fault = true;
	return fail(cx, &FAULT_REFRESH_REUSED, NULL);
}

static bool rotate(struct ctx *cx, Identity__SessionRow *s, int64_t counter)
{
	if (counter == s->counter)
		return db_one(cx, &Q_SESSION_ROTATE, s, s);
	if (counter == s->counter - 1 && s->rotated_ms_ago <= REFRESH_GRACE_MS)
		return true;
	return end_family(cx, s);
}

bool identity_refresh_session(struct ctx *cx, const Identity__RefreshRequest *in,
			      Identity__Tokens *out)
{
	Identity__SessionRow *s;
	Identity__AccountRow *a;
	char *tenant = NULL, *session = NULL;
	int64_t counter = 0;
	bool found;

	if (!read_refresh(cx, in->refresh_token, &tenant, &session, &counter) ||
	    !db_tenant(cx, tenant))
		return false;
	s = session_row(cx, session);
	if (!db_opt(cx, &Q_SESSION_LOCK, s, s, &found))
		return false;
	if (!found || s->ended)
		return fail(cx, &FAULT_REFRESH_REFUSED, NULL);
	a = account_row(cx, s->account_id);
	if (!rotate(cx, s, counter) || !db_opt(cx, &Q_ACCOUNT_BY_ID, a, a, &found))
		return false;
	if (!found || a->locked || !a->open_today)
		return fail(cx, &FAULT_REFRESH_REFUSED, NULL);
	return answer(cx, a, s, out);
}

/* ---- sign-out ---- */

bool identity_sign_out(struct ctx *cx, const Renhe__Empty *in, Renhe__Empty *out)
{
	Identity__SessionRow *s = session_row(cx, cx->who.session_id);
	bool found;

	(void)in;
	(void)out;
	return db_opt(cx, &Q_SESSION_END, s, s, &found) &&
	       (!found || revoke_session(cx, s->id, s->generation)) &&
	       audit_put(cx, "session.end", "session", cx->who.session_id, NULL, "ok");
}

bool identity_revoke_all_sessions(struct ctx *cx, const Renhe__Empty *in, Renhe__Empty *out)
{
	(void)in;
	(void)out;
	return revoke_account(cx, cx->who.account_id) &&
	       revoke_all_sessions(cx, cx->who.account_id) &&
	       audit_put(cx, "session.end_all", "account", cx->who.account_id, NULL, "ok");
}

/* ---- step-up ---- */

bool identity_step_up(struct ctx *cx, const Identity__StepUpRequest *in, Identity__Tokens *out)
{
	Identity__AccountRow *a = account_row(cx, cx->who.account_id);
	Identity__SessionRow *s = session_row(cx, cx->who.session_id);
	const char *bucket = arena_printf(cx->arena, "step-up/%s", cx->who.account_id);
	bool found;

	if (!db_opt(cx, &Q_ACCOUNT_BY_ID, a, a, &found) || !throttle_check(cx, bucket, a))
		return false;
	if (!password_good(found ? a : NULL, in->password)) {
		if (!throttle_count(cx, bucket, a))
			return false;
		cx->commit_on_fault = true;
		return fail(cx, &FAULT_STEP_UP_REFUSED, NULL);
	}
	s->has_auth_time = true;
	s->auth_time = clock_real_us() / 1000000;
	return db_one(cx, &Q_SESSION_STEP_UP, s, s) &&
	       audit_put(cx, "session.step_up", "session", s->id, NULL, "ok") &&
	       answer(cx, a, s, out);
}
