#include "payroll.h"
#include <stdio.h>
#include "key_rotation.h"
#include "law_pack.h"
#include "log.h"
#include "pay_run.h"
#include "payroll_migrations.h"
#include "people.h"
#include "period_fact.h"

static struct law_row rows[LAW_PACK_ROWS];
struct law payroll_law = {.rows = rows};

/* A pack that can't be read is a mistake of the build: nothing is answered on half of the law. */
static bool read_law(struct service *svc)
{
	struct law_error error;

	(void)svc;
	for (const struct law_pack *p = LAW_PACKS; p->name; p++)
		if (!law_read(p->text, LAW_PACK_ROWS, &payroll_law, &error)) {
			char line[16];

			snprintf(line, sizeof(line), "%d", error.line);
			log_line(LOG_ERROR, "law_pack", "pack", p->name, "#line", line, "what", error.what, NULL);
			return false;
		}
	return true;
}

static const struct consumer_def consumers[] = {
	{&EVENT_ARCHIVE_PERSON_SNAPSHOT, people_on_person},
	{&EVENT_ARCHIVE_ORG_UNIT_SNAPSHOT, people_on_unit},
	{&EVENT_SCHEDULING_PERIOD_SETTLED, period_fact_on_settled},
	{&EVENT_SCHEDULING_PERIOD_LINES_WITHDRAWN, period_fact_on_lines_withdrawn},
	{&EVENT_PERFORMANCE_RATING_PUBLISHED, period_fact_on_rating},
	{&EVENT_PERFORMANCE_RATING_WITHDRAWN, period_fact_on_rating_withdrawn},
};
static const struct job_def jobs[] = {
	{PAY_RUN_JOB, pay_run_calculate},
};
static const struct timer_def timers[] = {
	{"key_rotation", key_rotation_step},
};

const struct service_def PAYROLL = {
	.name = "payroll",
	.schema = &SCHEMA_PAYROLL,
	.migrations = MIGRATIONS_PAYROLL,
	.n_migrations = N_MIGRATIONS_PAYROLL,
	.consumers = consumers,
	.n_consumers = sizeof(consumers) / sizeof(consumers[0]),
	.projections = &PEOPLE_PROJECTION,
	.n_projections = 1,
	.jobs = jobs,
	.n_jobs = sizeof(jobs) / sizeof(jobs[0]),
	.timers = timers,
	.n_timers = sizeof(timers) / sizeof(timers[0]),
	.on_start = read_law,
};
