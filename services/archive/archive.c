#include "archive.h"
#include "archive_migrations.h"
#include "blob.h"
#include "config.h"
#include "export.h"
#include "pending.h"
#include "key_rotation.h"
#include "people.h"
#include "person_data.h"
#include "sealed_fill.h"
#include "search.h"
#include "value.h"

static const struct consumer_def consumers[] = {
	{&EVENT_IDENTITY_GRANT_SNAPSHOT, people_on_grants},
	{&EVENT_IDENTITY_PERSON_ERASURE_ANSWERED, archive_on_erasure_answer},
};
static const struct timer_def timers[] = {
	{"facts_due", archive_facts_due},
	{PENDING_TIMER, pending_expire},
	{"search_fill", search_fill},
	{"search_field", search_field_step},
	{"key_rotation", key_rotation_step},
	{BLOB_TIMER, blob_sweep},
	{SEALED_FILL_TIMER, archive_fill_private},
};
static const struct job_def jobs[] = {
	{"employee_import", archive_run_import},
	{EXPORT_KIND, archive_run_export},
	{PERSON_DATA_KIND, archive_run_person_data},
	{"employee_import_undo", archive_undo_import},
};

const struct service_def ARCHIVE = {
	.name = "archive",
	.schema = &SCHEMA_ARCHIVE,
	.migrations = MIGRATIONS_ARCHIVE,
	.n_migrations = N_MIGRATIONS_ARCHIVE,
	.consumers = consumers,
	.n_consumers = sizeof(consumers) / sizeof(consumers[0]),
	.projections = &PEOPLE_GRANTS_PROJECTION,
	.n_projections = 1,
	.jobs = jobs,
	.n_jobs = sizeof(jobs) / sizeof(jobs[0]),
	.timers = timers,
	.n_timers = sizeof(timers) / sizeof(timers[0]),
};

char *archive_effective_on(struct ctx *cx, const char *given, const char *as_of)
{
	char *day = arena_alloc(cx->arena, 11);
	int64_t at, days;

	if (given)
		return arena_strdup(cx->arena, given);
	memcpy(day, cx->today, sizeof(cx->today));
	if (as_of && time_parse(as_of, &at) && zone_date(config_str("RENHE_TIME_ZONE"), at, &days))
		date_format(days, day);
	return day;
}
