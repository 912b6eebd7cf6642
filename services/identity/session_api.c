/* Sign-in, refresh, sign-out, step-up. */
#include <stdlib.h>
#include "audit.h"
#include "clock.h"
#include "config.h"
#include "seal.h"
#include "second_factor.h"
#include "session.h"
#include "identity_texts.h"

#define REFRESH_GRACE_MS 10000

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

/* Where a second factor is enrolled the password earns a challenge only. */
static bool let_in(struct ctx *cx, const Identity__AccountRow *a, Identity__SignInAnswer *out)
{
	Identity__Tokens tokens = IDENTITY__TOKENS__INIT;

	if (a->second_factor)
		return challenge_open(cx, a, out);
	if (!session_open(cx, a, false, &tokens))
		return false;
	msg_assign(&tokens.base, &out->base);
	return true;
}

bool identity_sign_in(struct ctx *cx, const Identity__SignInRequest *in,
		      Identity__SignInAnswer *out)
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
	return throttle_clear(cx, bucket, a) && let_in(cx, a, out);
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

/* Idle for too long, or older than its roles allow (ASVS 7.3.1, 7.3.2). */
static bool still_alive(struct ctx *cx, const Identity__AccountRow *a,
			const Identity__SessionRow *s)
{
	uint32_t roles;

	if (!session_roles(cx, a, &roles))
		return false;
	if (s->idle_s > config_int("RENHE_SESSION_IDLE_S") || s->age_s > session_life_s(roles))
		return fail(cx, &FAULT_REFRESH_REFUSED, NULL);
	return true;
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
	if (!db_opt(cx, &Q_ACCOUNT_BY_ID, a, a, &found))
		return false;
	if (!found || a->locked || !a->open_today)
		return fail(cx, &FAULT_REFRESH_REFUSED, NULL);
	return still_alive(cx, a, s) && rotate(cx, s, counter) && session_tokens(cx, a, s, out);
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

bool identity_delete_session(struct ctx *cx, const Identity__DeleteSessionRequest *in,
			     Renhe__Empty *out)
{
	Identity__SessionRow *s = session_row(cx, in->id);
	bool found;

	(void)out;
	s->account_id = arena_strdup(cx->arena, cx->who.account_id);
	if (!db_opt(cx, &Q_SESSION_OF, s, s, &found))
		return false;
	if (!found)
		return fail(cx, &FAULT_SESSION_NOT_FOUND, NULL);
	return db_opt(cx, &Q_SESSION_END, s, s, &found) &&
	       revoke_session(cx, s->id, s->generation) &&
	       audit_put(cx, "session.end", "session", s->id, NULL, "ok");
}

bool identity_list_my_sessions(struct ctx *cx, const Renhe__Empty *in, Identity__SessionList *out)
{
	Identity__Session by = IDENTITY__SESSION__INIT;
	struct msg_list rows;

	(void)in;
	by.id = arena_strdup(cx->arena, cx->who.session_id);
	by.account_id = arena_strdup(cx->arena, cx->who.account_id);
	by.has_idle_s = by.has_life_s = true;
	by.idle_s = config_int("RENHE_SESSION_IDLE_S");
	by.life_s = session_life_s(cx->who.roles);
	if (!db_many(cx, &Q_SESSION_LIST, &by, &rows))
		return false;
	out->items = (Identity__Session **)rows.items;
	out->n_items = rows.n;
	return true;
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

static bool wrong_password(struct ctx *cx, const char *bucket, const Identity__AccountRow *a)
{
	if (!throttle_count(cx, bucket, a))
		return false;
	cx->commit_on_fault = true;
	return fail(cx, &FAULT_STEP_UP_REFUSED, NULL);
}

static bool by_password(struct ctx *cx, const Identity__AccountRow *a, const char *password)
{
	const char *bucket = arena_printf(cx->arena, "step-up/%s", cx->who.account_id);

	if (!password)
		return fault_add(cx, "/password", "REQUIRED", TEXT_PASSWORD_MISSING),
		       fault_none(cx, &FAULT_VALIDATION_FAILED);
	return throttle_check(cx, bucket, a) &&
	       (password_good(a, password) || wrong_password(cx, bucket, a));
}

static bool by_code(struct ctx *cx, const Identity__AccountRow *a, const char *code)
{
	bool good;

	if (!code)
		return fault_add(cx, "/code", "REQUIRED", TEXT_CODE_MISSING),
		       fault_none(cx, &FAULT_VALIDATION_FAILED);
	if (!factor_throttle(cx, a->id) ||
	    !factor_check(cx, a->id, IDENTITY__FACTOR_METHOD__FACTOR_METHOD_TOTP, code, &good))
		return false;
	return good ? factor_throttle_clear(cx, a->id)
		    : factor_refuse(cx, a->id, &FAULT_SECOND_FACTOR_REFUSED);
}

bool identity_step_up(struct ctx *cx, const Identity__StepUpRequest *in, Identity__Tokens *out)
{
	Identity__AccountRow *a = account_row(cx, cx->who.account_id);
	Identity__SessionRow *s = session_row(cx, cx->who.session_id);
	bool found;

	if (!db_opt(cx, &Q_ACCOUNT_BY_ID, a, a, &found))
		return false;
	if (!found || a->locked || !a->open_today)
		return fail(cx, &FAULT_SESSION_REVOKED, NULL);
	if (!(a->second_factor ? by_code(cx, a, in->code) : by_password(cx, a, in->password)))
		return false;
	s->has_auth_time = s->has_second_factor = true;
	s->auth_time = clock_real_us() / 1000000;
	s->second_factor = a->second_factor;
	return db_one(cx, &Q_SESSION_STEP_UP, s, s) &&
	       audit_put(cx, "session.step_up", "session", s->id, NULL, "ok") &&
	       session_tokens(cx, a, s, out);
}
