/* What the files of identity share. */
#ifndef RENHE_IDENTITY_H
#define RENHE_IDENTITY_H
#include "db.h"
#include "identity.gen.h"
#include "identity_sql.h"
#include "fault.h"
#include "row_list.h"
#include "service.h"

/* The platform's own tenant: its operator makes the others. */
#define PLATFORM_CODE "platform"

extern const struct service_def IDENTITY;

/* ---- keys.c ---- */
bool keys_start(struct service *svc);
struct signer *keys_signer(void);

/* ---- account.c ---- */
Identity__AccountRow *account_row(struct ctx *cx, const char *id);
/* Consumer of person snapshots: projection, then the account (decision 12). */
bool identity_on_person(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg);
/* Consumer: the person is erased. erasure.c */
bool identity_on_person_erased(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg);
/* Consumer of endings, which come ahead of their snapshots. */
bool identity_on_ending(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg);
/* Timer: a span of the account begins or ends. */
bool identity_account_due(struct ctx *cx, const char *account_id);
/* Judges anew whether the account is open today; opens, closes and revokes; sets the next timer. */
bool account_judge(struct ctx *cx, const char *account_id);

/* ---- revoke.c ---- */
/* Every token of the account, of an older generation, is refused from now on. */
bool revoke_account(struct ctx *cx, const char *account_id);
/* The same of a machine client, whose tokens name it where people's name their account. */
bool revoke_client(struct ctx *cx, const char *client_id, int64_t least_generation);
bool revoke_session(struct ctx *cx, const char *session_id, int64_t least_generation);
bool revoke_all_sessions(struct ctx *cx, const char *account_id);
void revoke_heartbeat_start(struct service *svc);

/* ---- throttle.c ---- */
/* Raises SIGN_IN_THROTTLED where (name, address) or the account has used up its guesses. */
bool throttle_check(struct ctx *cx, const char *name, const Identity__AccountRow *account);
/* Counts one failed guess; kept although the request is refused. */
bool throttle_count(struct ctx *cx, const char *name, const Identity__AccountRow *account);
bool throttle_clear(struct ctx *cx, const char *name, const Identity__AccountRow *account);

/* The same by address alone: for names whose secrets nobody can guess, so that a stranger can't
 * lock them out. */
bool throttle_check_address(struct ctx *cx, const char *name);
bool throttle_count_address(struct ctx *cx, const char *name);

/* ---- grant.c ---- */
/* Roles that an administrator gives; the others come of themselves. */
bool grant_may_be_given(Renhe__Role role);
bool grant_publish(struct ctx *cx, const char *account_id);
bool grant_put(struct ctx *cx, const char *account_id, Renhe__Role role);
/* May the caller widen rights now: policy_change under `p`, where a company's only administrator acts
 * alone. result: what the audit says of it. */
bool grant_judge(struct ctx *cx, const struct permission *p, const char **result);
/* ROLES_KEPT_APART where the roles may not be in one hand. */
bool grant_apart(struct ctx *cx, const Renhe__Role *roles, size_t n);

/* ---- activation.c ---- */
bool activation_issue(struct ctx *cx, const char *account_id, char **code, char **expire_time);

/* ---- password.c of identity ---- */
bool password_check(struct ctx *cx, const char *password, const char *tenant_code,
		    const char *name);

/* Operator's first activation code, made with the platform tenant. */
bool platform_start(struct service *svc);
#endif
