/* The second factor of an account, for sign-in, step-up and enrolment. */
#ifndef RENHE_IDENTITY_SECOND_FACTOR_H
#define RENHE_IDENTITY_SECOND_FACTOR_H
#include "identity.h"

/* Checks a code and uses it up: *good says whether it was right. Guesses are the caller's to count.
 */
bool factor_check(struct ctx *cx, const char *account_id, Identity__FactorMethod method,
		  const char *code, bool *good);
/* The first code of a secret that was just made enrols it; as above. */
bool factor_enrol(struct ctx *cx, const char *account_id, const char *code, bool *good);
/* Counts the wrong code and raises the fault; what was written stays. */
bool factor_refuse(struct ctx *cx, const char *account_id, const struct fault_def *fault);
/* SIGN_IN_THROTTLED where too many codes were tried. */
bool factor_throttle(struct ctx *cx, const char *account_id);
bool factor_throttle_clear(struct ctx *cx, const char *account_id);
/* Ten new codes in place of the old ones. */
bool recovery_issue(struct ctx *cx, const char *account_id, Identity__RecoveryCodes *out);
/* Secret, codes and open challenges; *found: there was an enrolled secret. */
bool factor_forget(struct ctx *cx, const char *account_id, bool *found);

/* A challenge between the password and the tokens of this account (challenge_api.c). */
bool challenge_open(struct ctx *cx, const Identity__AccountRow *a, Identity__SignInAnswer *out);
#endif
