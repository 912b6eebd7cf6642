/* Revocation by generation (decision 11): readers keep the maximum, so late, repeated and reordered
 * records do no harm. */
#include "clock.h"
#include "identity.h"
#include "log.h"
#include "task.h"
#include "value.h"

#define HEARTBEAT_MS 5000

static Identity__Revocation *revocation(struct ctx *cx, Identity__RevocationKind kind,
					const char *subject, int64_t least)
{
	Identity__Revocation *r =
		(Identity__Revocation *)msg_new(cx->arena, &RULE_IDENTITY_REVOCATION);

	r->tenant_id = arena_strdup(cx->arena, cx->who.tenant_id);
	r->has_kind = true;
	r->kind = kind;
	r->subject_id = arena_strdup(cx->arena, subject);
	r->has_least_generation = true;
	r->least_generation = least;
	r->revoke_time = arena_alloc(cx->arena, 28);
	time_format(clock_real_us(), r->revoke_time);
	return r;
}

static bool put(struct ctx *cx, Identity__RevocationKind kind, const char *subject, int64_t least)
{
	Identity__Revocation *r = revocation(cx, kind, subject, least);

	return db_exec(cx, &Q_REVOCATION_PUT, r, NULL) && emit_identity_revocation(cx, r);
}

bool revoke_client(struct ctx *cx, const char *client_id, int64_t least_generation)
{
	return put(cx, IDENTITY__REVOCATION_KIND__REVOCATION_KIND_ACCOUNT, client_id,
		   least_generation);
}

bool revoke_account(struct ctx *cx, const char *account_id)
{
	Identity__AccountRow *a = account_row(cx, account_id);

	return db_one(cx, &Q_ACCOUNT_RAISE, a, a) &&
	       put(cx, IDENTITY__REVOCATION_KIND__REVOCATION_KIND_ACCOUNT, account_id,
		   a->generation);
}

bool revoke_session(struct ctx *cx, const char *session_id, int64_t least_generation)
{
	return put(cx, IDENTITY__REVOCATION_KIND__REVOCATION_KIND_SESSION, session_id,
		   least_generation);
}

bool revoke_all_sessions(struct ctx *cx, const char *account_id)
{
	Identity__SessionRow *s =
		(Identity__SessionRow *)msg_new(cx->arena, &RULE_IDENTITY_SESSION_ROW);

	s->account_id = arena_strdup(cx->arena, account_id);
	return db_exec(cx, &Q_SESSIONS_END_ALL, s, NULL);
}

/* ---- heartbeat: through the outbox, so that it proves the whole path ---- */

/* The key picks the partition (murmur2 of "tenant/subject"): of the topic's two, each of these ids
 * falls into another; a test computes it. Of one partition each beat is one too many, no more. */
static const char *const BEATS[] = {
	"00000000-0000-7000-8000-000000000001",
	"00000000-0000-7000-8000-000000000003",
};

static bool beat(struct ctx *cx, void *arg)
{
	(void)arg;
	for (size_t i = 0; i < sizeof(BEATS) / sizeof(BEATS[0]); i++)
		if (!emit_identity_revocation(
			    cx, revocation(cx, IDENTITY__REVOCATION_KIND__REVOCATION_KIND_HEARTBEAT,
					   BEATS[i], 0)))
			return false;
	return true;
}

static void beat_later(void *arg)
{
	service_post(arg, PLATFORM_TENANT, beat, NULL);
}

void revoke_heartbeat_start(struct service *svc)
{
	loop_every(svc->loop, HEARTBEAT_MS, beat_later, svc);
}
