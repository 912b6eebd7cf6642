/* Codes of authenticators and recovery codes: each is good once, whoever comes twice. */
#include "second_factor.h"
#include <ctype.h>
#include "audit.h"
#include "clock.h"
#include "otp.h"
#include "seal.h"

#define MISSES_IN_A_ROW 100 /* NIST SP 800-63B 5.2.2; throttle.c alone lets a guesser go on for months */
#define RECOVERY_CODES 10
#define RECOVERY_CHARACTERS 16 /* of 5 bits: 80 bits, so that a plain hash is enough */

static Identity__TotpRow *totp_row(struct ctx *cx, const char *account_id)
{
	Identity__TotpRow *row = (Identity__TotpRow *)msg_new(cx->arena, &RULE_IDENTITY_TOTP_ROW);

	row->account_id = arena_strdup(cx->arena, account_id);
	return row;
}

/* ---- authenticators ---- */

/* Another code of the enrolled secret that was wrong. */
static bool count_miss(struct ctx *cx, Identity__TotpRow *row)
{
	bool found;

	return db_opt(cx, &Q_TOTP_MISS, row, row, &found) &&
	       (!found || row->misses != MISSES_IN_A_ROW ||
		audit_put(cx, "second_factor.lock", "account", row->account_id, NULL, "ok"));
}

/* confirmed: the enrolled secret, else the one that waits for its first code. */
static bool take_totp(struct ctx *cx, const char *account_id, const char *code, bool confirmed,
		      bool *good)
{
	Identity__TotpRow *row = totp_row(cx, account_id);
	bool found;

	*good = false;
	if (!db_opt(cx, &Q_TOTP_GET, row, row, &found))
		return false;
	if (!found || row->confirmed != confirmed || !row->secret)
		return true;
	if (row->misses >= MISSES_IN_A_ROW)
		return fail(cx, &FAULT_SECOND_FACTOR_LOCKED, NULL);
	row->last_step =
		otp_accept(cx->arena, row->secret, code, clock_real_us() / 1000000, row->last_step);
	return row->last_step ? db_opt(cx, &Q_TOTP_TAKE_STEP, row, row, good) : count_miss(cx, row);
}

bool factor_enrol(struct ctx *cx, const char *account_id, const char *code, bool *good)
{
	return take_totp(cx, account_id, code, false, good);
}

/* ---- recovery codes ---- */

static Identity__RecoveryRow *recovery_row(struct ctx *cx, const char *account_id)
{
	Identity__RecoveryRow *row =
		(Identity__RecoveryRow *)msg_new(cx->arena, &RULE_IDENTITY_RECOVERY_ROW);

	row->account_id = arena_strdup(cx->arena, account_id);
	return row;
}

/* As people type it: dashes, blanks and case don't count. */
static char *recovery_hash(struct ctx *cx, const char *code)
{
	char *plain = arena_alloc(cx->arena, strlen(code) + 1), hash[65];
	size_t n = 0;

	for (const char *p = code; *p; p++)
		if (*p != '-' && *p != ' ')
			plain[n++] = (char)tolower((unsigned char)*p);
	sha256_hex(plain, n, hash);
	return arena_strdup(cx->arena, hash);
}

/* xxxx-xxxx-xxxx-xxxx without letters that look like digits. */
static char *recovery_code(struct ctx *cx)
{
	static const char ALPHABET[] = "abcdefghjkmnpqrstuvwxyz23456789z";
	unsigned char bytes[RECOVERY_CHARACTERS];
	struct buf b;

	buf_init(&b, cx->arena);
	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		if (i && i % 4 == 0)
			buf_puts(&b, "-");
		buf_add(&b, &ALPHABET[bytes[i] & 31], 1);
	}
	return b.p;
}

bool recovery_issue(struct ctx *cx, const char *account_id, Identity__RecoveryCodes *out)
{
	Identity__RecoveryRow *row = recovery_row(cx, account_id);

	out->codes = arena_alloc(cx->arena, RECOVERY_CODES * sizeof(*out->codes));
	if (!db_exec(cx, &Q_RECOVERY_CLEAR, row, NULL))
		return false;
	for (out->n_codes = 0; out->n_codes < RECOVERY_CODES; out->n_codes++) {
		out->codes[out->n_codes] = recovery_code(cx);
		row->code_hash = recovery_hash(cx, out->codes[out->n_codes]);
		if (!db_exec(cx, &Q_RECOVERY_PUT, row, NULL))
			return false;
	}
	return true;
}

static bool take_recovery(struct ctx *cx, const char *account_id, const char *code, bool *good)
{
	Identity__RecoveryRow *row = recovery_row(cx, account_id);

	row->code_hash = recovery_hash(cx, code);
	return db_opt(cx, &Q_RECOVERY_USE, row, row, good) &&
	       (!*good || db_exec(cx, &Q_TOTP_FORGIVE, totp_row(cx, account_id), NULL));
}

/* ---- both ---- */

bool factor_check(struct ctx *cx, const char *account_id, Identity__FactorMethod method,
		  const char *code, bool *good)
{
	if (method == IDENTITY__FACTOR_METHOD__FACTOR_METHOD_RECOVERY_CODE)
		return take_recovery(cx, account_id, code, good);
	return take_totp(cx, account_id, code, true, good);
}

bool factor_forget(struct ctx *cx, const char *account_id, bool *found)
{
	Identity__TotpRow *row = totp_row(cx, account_id);
	Identity__ChallengeRow *open =
		(Identity__ChallengeRow *)msg_new(cx->arena, &RULE_IDENTITY_CHALLENGE_ROW);

	open->account_id = row->account_id;
	if (!db_opt(cx, &Q_TOTP_DELETE, row, row, found))
		return false;
	*found = *found && row->confirmed;
	return db_exec(cx, &Q_RECOVERY_CLEAR, recovery_row(cx, account_id), NULL) &&
	       db_exec(cx, &Q_CHALLENGES_CLEAR, open, NULL);
}

/* ---- guesses ---- */

/* Codes are counted by account, apart from passwords, so that no number of challenges helps. */
static const char *bucket(struct ctx *cx, const char *account_id)
{
	return arena_printf(cx->arena, "code/%s", account_id);
}

bool factor_throttle(struct ctx *cx, const char *account_id)
{
	return throttle_check(cx, bucket(cx, account_id), account_row(cx, account_id));
}

bool factor_throttle_clear(struct ctx *cx, const char *account_id)
{
	return throttle_clear(cx, bucket(cx, account_id), account_row(cx, account_id));
}

bool factor_refuse(struct ctx *cx, const char *account_id, const struct fault_def *fault)
{
	if (!throttle_count(cx, bucket(cx, account_id), account_row(cx, account_id)))
		return false;
	cx->commit_on_fault = true;
	return fail(cx, fault, NULL);
}
