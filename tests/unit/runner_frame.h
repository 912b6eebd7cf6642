/* What the tests of jobs and timers share: one context of tenant A, counters of runs, a runner to start. A job or
 * timer that ran leaves a row in `note`. */
#ifndef RENHE_RUNNER_FRAME_H
#define RENHE_RUNNER_FRAME_H
#include <stdatomic.h>
#include "pg.h"
#include "fault.h"
#include "job.h"
#include "renhe.gen.h"

static struct ctx cx;
static atomic_int runs;

static const struct fault_def NOT_TODAY = {"NOT_TODAY", 422, "今天不行", "Not today"};

static inline bool note(struct ctx *c, const char *text)
{
	const char *params[] = {text, c->who.tenant_id};
	struct db_result none;

	return db_sql(c, "insert into note (text, tenant_id) values ($1, $2)", params, 2, &none);
}

static inline int setup(void **state)
{
	(void)state;
	pg_script("t", "super", "truncate job, timer, note, aggregate_sequence, subject_key");
	pg_ctx(&cx, "t_app", PG_TENANT_A);
	atomic_store(&runs, 0);
	return 0;
}
static inline int teardown(void **state)
{
	(void)state;
	pg_ctx_free(&cx);
	return 0;
}

static inline struct runner *start(void)
{
	struct db_settings app = pg_settings("t", "t_app"), relay = pg_settings("t", "t_relay");

	return runner_start(&pg_service, &app, &relay);
}

/* Waits until the statement, seen by the superuser, gives the value; 15 s at most. */
static inline void until(const char *sql, const char *value)
{
	int64_t end = clock_monotonic_ms() + 15000;

	while (strcmp(pg_see(sql), value) != 0)
		if (clock_monotonic_ms() > end)
			fail_msg("%s: %s, not %s", sql, pg_see(sql), value);
		else
			clock_sleep_ms(30);
}

#define ID "01900000-0000-7000-8000-0000000000aa"
static inline void add(const char *kind, const char *input)
{
	assert_true(db_begin(&cx) && job_add(&cx, kind, ID, str_of(input)));
	assert_true(cx.wake_runner);
	assert_true(db_commit(&cx));
}

#define PAST "2020-01-01T00:00:00Z"
#define NOTES "create table note (tenant_id uuid, text text); grant select, insert on note to ${app}"
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#endif
