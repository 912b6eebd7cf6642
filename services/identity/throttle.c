/* Guesses (decision 15): 10 in 15 minutes for a name from one address, 50 for an account from
 * devices that have not signed in before; a stranger cannot lock out a known device. */
#include <ctype.h>
#include "identity.h"

#define PER_ADDRESS 10
#define PER_ACCOUNT 50

static Identity__AttemptRow *bucket(struct ctx *cx, const char *kind, const char *name,
				    const char *more)
{
	Identity__AttemptRow *row =
		(Identity__AttemptRow *)msg_new(cx->arena, &RULE_IDENTITY_ATTEMPT_ROW);

	row->bucket = arena_printf(cx->arena, "%s|%s|%s", kind, name, more);
	for (char *p = row->bucket; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return row;
}

static bool full(struct ctx *cx, Identity__AttemptRow *row, int64_t limit)
{
	bool found;

	if (!db_opt(cx, &Q_ATTEMPT_READ, row, row, &found))
		return false;
	if (!found || row->count < limit)
		return true;
	cx->fault.retry_after_s = (int)row->retry_after_s;
	return fail(cx, &FAULT_SIGN_IN_THROTTLED, NULL);
}

static bool device_known(struct ctx *cx, const Identity__AccountRow *account, bool *known)
{
	Identity__SessionRow *row =
		(Identity__SessionRow *)msg_new(cx->arena, &RULE_IDENTITY_SESSION_ROW);

	*known = false;
	if (!account || !cx->device_id[0])
		return true;
	row->account_id = account->id;
	row->device_id = arena_strdup(cx->arena, cx->device_id);
	return db_opt(cx, &Q_DEVICE_KNOWN, row, row, known);
}

bool throttle_check_address(struct ctx *cx, const char *name)
{
	return full(cx, bucket(cx, "address", name, cx->peer), PER_ADDRESS);
}

bool throttle_count_address(struct ctx *cx, const char *name)
{
	return db_exec(cx, &Q_ATTEMPT_COUNT, bucket(cx, "address", name, cx->peer), NULL);
}

bool throttle_check(struct ctx *cx, const char *name, const Identity__AccountRow *account)
{
	bool known;

	return throttle_check_address(cx, name) && device_known(cx, account, &known) &&
	       (known || full(cx, bucket(cx, "account", name, ""), PER_ACCOUNT));
}

bool throttle_count(struct ctx *cx, const char *name, const Identity__AccountRow *account)
{
	bool known;

	return throttle_count_address(cx, name) && device_known(cx, account, &known) &&
	       (known || db_exec(cx, &Q_ATTEMPT_COUNT, bucket(cx, "account", name, ""), NULL));
}

bool throttle_clear(struct ctx *cx, const char *name, const Identity__AccountRow *account)
{
	(void)account;
	return db_exec(cx, &Q_ATTEMPT_CLEAR, bucket(cx, "address", name, cx->peer), NULL);
}
