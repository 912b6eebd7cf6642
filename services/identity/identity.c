#include "identity.h"
#include "identity_migrations.h"
#include "key_rotation.h"
#include "pending.h"
#include "people.h"

static const struct consumer_def consumers[] = {
	{&EVENT_ARCHIVE_PERSON_SNAPSHOT, identity_on_person},
	{&EVENT_ARCHIVE_ORG_UNIT_SNAPSHOT, people_on_unit},
	{&EVENT_ARCHIVE_PERSON_ERASED, identity_on_person_erased},
	{&EVENT_ARCHIVE_PERSON_ENDING, identity_on_ending},
};
static const struct timer_def timers[] = {
	{"account_due", identity_account_due},
	{"key_rotation", key_rotation_step},
	{PENDING_TIMER, pending_expire},
};

static bool on_start(struct service *svc)
{
	if (!keys_start(svc) || !platform_start(svc))
		return false;
	revoke_heartbeat_start(svc);
	return true;
}

const struct service_def IDENTITY = {
	.name = "identity",
	.schema = &SCHEMA_IDENTITY,
	.migrations = MIGRATIONS_IDENTITY,
	.n_migrations = N_MIGRATIONS_IDENTITY,
	.consumers = consumers,
	.n_consumers = sizeof(consumers) / sizeof(consumers[0]),
	.projections = &PEOPLE_PROJECTION,
	.n_projections = 1,
	.timers = timers,
	.n_timers = sizeof(timers) / sizeof(timers[0]),
	.on_start = on_start,
};
