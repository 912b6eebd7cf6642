/* Between the password and the tokens: who has passed the first shows the second from the same
 * device, within five minutes and five tries (decision 13). */
#include "audit.h"
#include "request.h"
#include "seal.h"
#include "second_factor.h"
#include "session.h"
#include "value.h"

#define TRIES 5

static Identity__ChallengeRow *challenge_row(struct ctx *cx, const char *id)
{
	Identity__ChallengeRow *row =
		(Identity__ChallengeRow *)msg_new(cx->arena, &RULE_IDENTITY_CHALLENGE_ROW);

	row->id = arena_strdup(cx->arena, id);
	return row;
}

/* Clients that name no device are known by their address. */
static char *device_of(struct ctx *cx)
{
	return cx->device_id[0] ? arena_printf(cx->arena, "device/%s", cx->device_id)
				: arena_printf(cx->arena, "address/%s", cx->peer);
}

static void offer(struct ctx *cx, const Identity__ChallengeRow *row, Identity__SignInAnswer *out)
{
	char *payload = arena_printf(cx->arena, "%s|%s", cx->who.tenant_id, row->id);

	out->challenge_id = token_seal(cx->arena, "challenge", str_of(payload));
	out->expire_time = row->expire_time;
	out->methods = arena_alloc(cx->arena, 2 * sizeof(*out->methods));
	out->methods[out->n_methods++] = IDENTITY__FACTOR_METHOD__FACTOR_METHOD_TOTP;
	out->methods[out->n_methods++] = IDENTITY__FACTOR_METHOD__FACTOR_METHOD_RECOVERY_CODE;
}

bool challenge_open(struct ctx *cx, const Identity__AccountRow *a, Identity__SignInAnswer *out)
{
	char id[UUID_LEN + 1];
	Identity__ChallengeRow *row;

	uuid7(id);
	row = challenge_row(cx, id);
	row->account_id = a->id;
	row->has_generation = true;
	row->generation = a->generation;
	row->device = device_of(cx);
	if (!db_exec(cx, &Q_CHALLENGE_TRIM, row, NULL) || !db_one(cx, &Q_CHALLENGE_PUT, row, row))
		return false;
	offer(cx, row, out);
	request_accepted(cx);
	return audit_put(cx, "session.challenge", "account", a->id, NULL, "ok");
}

/* ---- completing it ---- */

static bool read_id(struct ctx *cx, const char *token, char **tenant, char **id)
{
	struct str payload;
	char *rest;

	if (!token_open(cx->arena, "challenge", token, &payload))
		return fail(cx, &FAULT_CHALLENGE_REFUSED, NULL);
	rest = arena_strndup(cx->arena, payload.p, payload.n);
	*tenant = strsep(&rest, "|");
	*id = rest;
	return rest != NULL;
}

/* Locked until the end of the transaction, so that of parallel tries one comes after the other. */
static bool find_open(struct ctx *cx, Identity__ChallengeRow *row)
{
	bool found;

	if (!db_opt(cx, &Q_CHALLENGE_LOCK, row, row, &found))
		return false;
	if (!found || row->ended || row->tries >= TRIES ||
	    !secret_equal(row->device, device_of(cx)))
		return fail(cx, &FAULT_CHALLENGE_REFUSED, NULL);
	return true;
}

/* Closed, locked or revoked since the password was right: as if it had never been. */
static bool find_account(struct ctx *cx, const Identity__ChallengeRow *row, Identity__AccountRow *a)
{
	bool found;

	if (!db_opt(cx, &Q_ACCOUNT_BY_ID, a, a, &found))
		return false;
	if (!found || !a->open_today || a->locked || a->generation != row->generation)
		return fail(cx, &FAULT_CHALLENGE_REFUSED, NULL);
	return true;
}

static bool refuse(struct ctx *cx, Identity__ChallengeRow *row)
{
	return db_exec(cx, &Q_CHALLENGE_TRY, row, NULL) &&
	       audit_put(cx, "session.challenge", "account", row->account_id, NULL, "refused") &&
	       factor_refuse(cx, row->account_id, &FAULT_SECOND_FACTOR_REFUSED);
}

static bool said_how(struct ctx *cx, const Identity__AccountRow *a, Identity__FactorMethod method)
{
	return method != IDENTITY__FACTOR_METHOD__FACTOR_METHOD_RECOVERY_CODE ||
	       audit_put(cx, "second_factor.recovery_code", "account", a->id, NULL, "ok");
}

bool identity_complete_sign_in(struct ctx *cx, const Identity__CompleteSignInRequest *in,
			       Identity__Tokens *out)
{
	Identity__ChallengeRow *row;
	Identity__AccountRow *a;
	char *tenant = NULL, *id = NULL;
	bool good;

	if (!read_id(cx, in->challenge_id, &tenant, &id) || !db_tenant(cx, tenant))
		return false;
	row = challenge_row(cx, id);
	if (!find_open(cx, row))
		return false;
	a = account_row(cx, row->account_id);
	if (!find_account(cx, row, a) || !factor_throttle(cx, a->id) ||
	    !factor_check(cx, a->id, in->method, in->code, &good))
		return false;
	if (!good)
		return refuse(cx, row);
	return db_exec(cx, &Q_CHALLENGE_USE, row, NULL) && factor_throttle_clear(cx, a->id) &&
	       said_how(cx, a, in->method) && session_open(cx, a, true, out);
}
