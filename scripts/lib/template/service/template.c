#include "template.h"
#include "people.h"
#include "template_migrations.h"

/* Whom a caller may see follows from these; the projection can be rebuilt from the topics alone. */
static const struct consumer_def consumers[] = {
	{&EVENT_ARCHIVE_PERSON_SNAPSHOT, people_on_person},
	{&EVENT_ARCHIVE_ORG_UNIT_SNAPSHOT, people_on_unit},
	{&EVENT_IDENTITY_GRANT_SNAPSHOT, people_on_grants},
};

const struct service_def TEMPLATE = {
	.name = "template",
	.schema = &SCHEMA_TEMPLATE,
	.migrations = MIGRATIONS_TEMPLATE,
	.n_migrations = N_MIGRATIONS_TEMPLATE,
	.consumers = consumers,
	.n_consumers = sizeof(consumers) / sizeof(consumers[0]),
};
