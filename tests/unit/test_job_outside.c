/* A job that calls outside: no transaction is open meanwhile, and nobody calls within one. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdatomic.h>
#include <cmocka.h>
#include "pg.h"
#include "config.h"
#include "fault.h"
#include "job.h"
#include "outbound.h"
#include "renhe.gen.h"

#define ID "01900000-0000-7000-8000-0000000000aa"

static atomic_bool was_open, was_refused, was_committed;
static atomic_int runs;

static bool note(struct ctx *c, const char *text)
{
	return db_sql(c, "insert into note (text) values ($1)", &text, 1, NULL);
}

static bool call(struct ctx *c)
{
	static const struct outbound_request RQ = {.method = "GET", .url = "https://127.0.0.1/", .most_bytes = 10, .deadline_ms = 500};
	struct outbound_answer a;

	return outbound_send(c, &RQ, &a);
}

static bool call_outside(struct ctx *c, void *arg)
{
	atomic_store(&was_open, db_in_transaction(c->db));
	atomic_store(&was_committed, strcmp(pg_see("select text from note"), "before") == 0);
	call(c);
	atomic_store(&was_refused, c->fault.def == &FAULT_OUTBOUND_REFUSED);
	fault_clear(c);
	if (atomic_fetch_add(&runs, 1) == 0)
		return fail(c, &FAULT_OUTBOUND_UNAVAILABLE, NULL);
	return strcmp(arg, "kept") == 0;
}

/* The first run ends outside, and the second one begins again. */
static bool outside_job(struct ctx *c, const struct job *job)
{
	const char *kept = arena_strdup(c->arena, "kept");
	struct db_result r;

	(void)job;
	return db_sql(c, "delete from note", NULL, 0, NULL) && note(c, "before") && job_outside(c, call_outside, (void *)kept) &&
	       db_sql(c, "select current_setting('renhe.tenant_id')", NULL, 0, &r) && note(c, r.rows[0][0]);
}

static const struct job_def JOBS[] = {{"outside", outside_job}};

static void a_job_steps_outside(void **state)
{
	struct db_settings app = pg_settings("t", "t_app"), relay = pg_settings("t", "t_relay");
	struct runner *r = runner_start(&pg_service, &app, &relay);
	int64_t end = clock_monotonic_ms() + 15000;
	struct ctx cx;

	(void)state;
	pg_ctx(&cx, "t_app", PG_TENANT_A);
	assert_true(db_begin(&cx) && job_add(&cx, "outside", ID, STR("x")) && db_commit(&cx));
	while (strcmp(pg_see("select state from job"), "SUCCEEDED") != 0 && clock_monotonic_ms() < end)
		clock_sleep_ms(30);
	runner_stop(r);
	assert_string_equal(pg_see("select state from job"), "SUCCEEDED");
	assert_false(atomic_load(&was_open));
	assert_true(atomic_load(&was_committed));
	assert_true(atomic_load(&was_refused));
	assert_int_equal(atomic_load(&runs), 2);
	assert_string_equal(pg_see("select string_agg(text, ' ' order by text) from note"), PG_TENANT_A " before");
	pg_ctx_free(&cx);
}

static int ended_by(bool open)
{
	struct ctx cx;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		pg_ctx(&cx, "t_app", PG_TENANT_A);
		if (open && (!db_begin(&cx) || !db_sql(&cx, "select 1", NULL, 0, NULL)))
			_exit(2);
		signal(SIGABRT, SIG_DFL);
		call(&cx);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void within_a_transaction_it_is_a_slip_of_the_pen(void **state)
{
	(void)state;
	assert_int_equal(ended_by(false), 0);
	assert_int_equal(ended_by(true), SIGABRT);
}

int main(void)
{
	static const char *const GIVEN[] = {"RENHE_PG_DATABASE", "RENHE_PG_USER", "RENHE_PG_RELAY_USER",
					     "RENHE_ROOT_KEY", "RENHE_KEY_ANCHOR", "RENHE_INTERNAL_TOKEN"};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_steps_outside),
		cmocka_unit_test(within_a_transaction_it_is_a_slip_of_the_pen),
	};
	char err[200];

	for (size_t i = 0; i < sizeof(GIVEN) / sizeof(GIVEN[0]); i++)
		setenv(GIVEN[i], "unused", 1);
	pg_must(config_load("t") && outbound_start(err, sizeof(err)), "settings");
	pg_start("create table note (tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid, "
		 "text text not null); grant select, insert, delete on note to t_app;");
	pg_service_def.jobs = JOBS;
	pg_service_def.n_jobs = 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
