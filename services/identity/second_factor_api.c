/* Enrolling an authenticator, taking it away, and what HR does for somebody who has lost theirs. */
#include "audit.h"
#include "clock.h"
#include "otp.h"
#include "seal.h"
#include "second_factor.h"
#include "session.h"

#define ISSUER "Renhe"

/* ---- one's own ---- */

/* "demo/D0001": what tells one entry of an authenticator from another. */
static bool entry_name(struct ctx *cx, char **out)
{
	Identity__AccountRow *a = account_row(cx, cx->who.account_id);
	Identity__Tenant *t = (Identity__Tenant *)msg_new(cx->arena, &RULE_IDENTITY_TENANT);
	bool found;

	t->id = arena_strdup(cx->arena, cx->who.tenant_id);
	if (!db_opt(cx, &Q_ME, a, a, &found) || !db_opt(cx, &Q_TENANT_BY_ID, t, t, &found))
		return false;
	*out = arena_printf(cx->arena, "%s/%s", t->code ? t->code : "",
			    a->n_sign_in_names ? a->sign_in_names[0] : "");
	return true;
}

static bool not_enrolled(struct ctx *cx)
{
	Identity__AccountRow *a = account_row(cx, cx->who.account_id);
	bool found;

	if (!db_opt(cx, &Q_ACCOUNT_BY_ID, a, a, &found))
		return false;
	return !a->second_factor || fail(cx, &FAULT_TOTP_ENROLLED, NULL);
}

bool identity_start_totp(struct ctx *cx, const Renhe__Empty *in, Identity__TotpSecret *out)
{
	Identity__TotpRow *row = (Identity__TotpRow *)msg_new(cx->arena, &RULE_IDENTITY_TOTP_ROW);
	char *name;

	(void)in;
	row->account_id = arena_strdup(cx->arena, cx->who.account_id);
	row->subject_id =
		cx->who.person_id[0] ? arena_strdup(cx->arena, cx->who.person_id) : row->account_id;
	row->secret = otp_secret_new(cx->arena);
	if (!not_enrolled(cx) || !entry_name(cx, &name) || !db_exec(cx, &Q_TOTP_PUT, row, NULL))
		return false;
	out->secret = row->secret;
	out->otpauth_uri = otp_uri(cx->arena, ISSUER, name, row->secret);
	return audit_put(cx, "second_factor.start", "account", row->account_id, NULL, "ok");
}

/* Whoever signed in elsewhere by the password alone is out; this session has shown both. */
static bool keep_only_this(struct ctx *cx)
{
	Identity__SessionRow *own = session_row(cx, cx->who.session_id);
	struct msg_list others;

	own->account_id = arena_strdup(cx->arena, cx->who.account_id);
	if (!db_exec(cx, &Q_SESSION_PROVE, own, NULL) ||
	    !db_many(cx, &Q_SESSIONS_END_OTHERS, own, &others))
		return false;
	for (size_t i = 0; i < others.n; i++) {
		const Identity__SessionRow *s = (const Identity__SessionRow *)others.items[i];

		if (!revoke_session(cx, s->id, s->generation))
			return false;
	}
	return true;
}

static bool waits_for_code(struct ctx *cx)
{
	Identity__TotpRow *row = (Identity__TotpRow *)msg_new(cx->arena, &RULE_IDENTITY_TOTP_ROW);
	bool found;

	row->account_id = arena_strdup(cx->arena, cx->who.account_id);
	if (!db_opt(cx, &Q_TOTP_GET, row, row, &found))
		return false;
	if (!found)
		return fail(cx, &FAULT_TOTP_NOT_STARTED, NULL);
	return !row->confirmed || fail(cx, &FAULT_TOTP_ENROLLED, NULL);
}

bool identity_confirm_totp(struct ctx *cx, const Identity__ConfirmTotpRequest *in,
			   Identity__RecoveryCodes *out)
{
	const char *id = cx->who.account_id;
	bool good;

	if (!waits_for_code(cx) || !factor_throttle(cx, id) ||
	    !factor_enrol(cx, id, in->code, &good))
		return false;
	if (!good)
		return factor_refuse(cx, id, &FAULT_SECOND_FACTOR_REFUSED);
	return factor_throttle_clear(cx, id) && keep_only_this(cx) && recovery_issue(cx, id, out) &&
	       audit_put(cx, "second_factor.enrol", "account", id, NULL, "ok");
}

bool identity_remove_totp(struct ctx *cx, const Renhe__Empty *in, Renhe__Empty *out)
{
	bool found;

	(void)in;
	(void)out;
	if (!factor_forget(cx, cx->who.account_id, &found))
		return false;
	if (!found)
		return fail(cx, &FAULT_SECOND_FACTOR_MISSING, NULL);
	return audit_put(cx, "second_factor.remove", "account", cx->who.account_id, NULL, "ok");
}

bool identity_renew_recovery_codes(struct ctx *cx, const Renhe__Empty *in,
				   Identity__RecoveryCodes *out)
{
	Identity__AccountRow *a = account_row(cx, cx->who.account_id);
	bool found;

	(void)in;
	if (!db_opt(cx, &Q_ACCOUNT_BY_ID, a, a, &found))
		return false;
	if (!found || !a->second_factor)
		return fail(cx, &FAULT_SECOND_FACTOR_MISSING, NULL);
	return recovery_issue(cx, a->id, out) &&
	       audit_put(cx, "second_factor.recovery_codes", "account", a->id, NULL, "ok");
}

/* ---- for somebody else ---- */

/* HR could else become an administrator whose password it has seen. */
static bool may_reset(struct ctx *cx, Identity__AccountRow *a)
{
	bool by_admin = cx->who.roles & (1u << RENHE__ROLE__TENANT_ADMIN);
	struct msg_list grants;

	if (!strcmp(a->id, cx->who.account_id))
		return fail(cx, &FAULT_SECOND_FACTOR_RESET_REFUSED, NULL);
	if (!db_many(cx, &Q_GRANTS_OF, a, &grants))
		return false;
	for (size_t i = 0; i < grants.n && !by_admin; i++)
		if (((const Identity__RoleGrant *)grants.items[i])->role ==
		    RENHE__ROLE__TENANT_ADMIN)
			return fail(cx, &FAULT_SECOND_FACTOR_RESET_REFUSED, NULL);
	return true;
}

bool identity_reset_second_factor(struct ctx *cx, const Identity__ResetSecondFactorRequest *in,
				  Renhe__Empty *out)
{
	Identity__AccountRow *a = account_row(cx, in->id);
	bool found;

	(void)out;
	if (!db_opt(cx, &Q_ACCOUNT_LOCK, a, a, &found))
		return false;
	if (!found)
		return fail(cx, &FAULT_ACCOUNT_NOT_FOUND, NULL);
	return may_reset(cx, a) && factor_forget(cx, a->id, &found) && revoke_account(cx, a->id) &&
	       revoke_all_sessions(cx, a->id) &&
	       audit_put(cx, "second_factor.reset", "account", a->id, in->reason, "ok");
}
