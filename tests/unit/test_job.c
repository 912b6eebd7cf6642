/* Jobs: run once, retried, resumed, never mixed between tenants. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "runner_frame.h"
#include "value.h"

static atomic_bool hold;
static char seen[300];

/* ---- what runs ---- */

static bool plain_job(struct ctx *c, const struct job *job)
{
	atomic_fetch_add(&runs, 1);
	snprintf(seen, sizeof(seen), "%s %s %s %s %.*s %d %u", job->kind, c->who.tenant_id, c->who.account_id, c->lang,
		 (int)job->input.n, job->input.p, c->as_system, c->who.roles);
	return note(c, job->id);
}

static bool ending_job(struct ctx *c, const struct job *job)
{
	bool good = str_eq(job->input, "good");

	job_progress(c, 1, 2);
	job_progress(c, 2, 2);
	if (!job_end(c, good, "{\"rows\":2}"))
		return false;
	job_progress(c, 3, 3); /* too late: must neither wait nor change anything */
	return note(c, job->id);
}

static bool failing_job(struct ctx *c, const struct job *job)
{
	return note(c, job->id) && fail(c, &NOT_TODAY, "city");
}

/* The first run meets a fault that may pass. */
static bool passing_job(struct ctx *c, const struct job *job)
{
	if (atomic_fetch_add(&runs, 1) == 0)
		return fail(c, &FAULT_DATABASE_UNAVAILABLE, NULL);
	return note(c, job->id);
}

static bool slow_job(struct ctx *c, const struct job *job)
{
	struct db_result none;

	atomic_fetch_add(&runs, 1);
	if (!note(c, job->id))
		return false;
	job_progress(c, 3, 10);
	while (atomic_load(&hold))
		if (!db_sql(c, "select pg_sleep(0.05)", NULL, 0, &none))
			return false;
	return true;
}

/* Three parts, each committed; the second run finds what is done. What it holds in the job's arena
 * outlives its checkpoints. */
static bool parts_job(struct ctx *c, const struct job *job)
{
	const char *kept = arena_strdup(job->arena, "kept");
	struct db_result r;

	atomic_fetch_add(&runs, 1);
	if (!db_sql(c, "select count(*) from note", NULL, 0, &r))
		return false;
	for (int64_t i = r.rows[0][0][0] - '0'; i < 3; i++) {
		if (!note(c, kept) || !job_checkpoint(c, i + 1, 3))
			return false;
		while (atomic_load(&hold))
			if (!db_sql(c, "select pg_sleep(0.05)", NULL, 0, &r))
				return false;
	}
	return str_eq(str_of(kept), "kept");
}

/* What it wrote since the checkpoint goes, and its fault with it. */
static bool redoing_job(struct ctx *c, const struct job *job)
{
	if (!note(c, "stays") || !job_checkpoint(c, 1, 2) || !note(c, "goes"))
		return false;
	fail(c, &NOT_TODAY, NULL);
	return job_redo(c) && !c->fault.def && note(c, job->kind);
}

static const struct job_def JOBS[] = {{"plain", plain_job}, {"ending", ending_job}, {"failing", failing_job},
				      {"passing", passing_job}, {"slow", slow_job}, {"parts", parts_job}, {"redoing", redoing_job}};

static struct job get(const char *kind)
{
	struct job j;
	bool found;

	assert_true(db_begin(&cx) && job_get(&cx, kind, ID, &j, &found) && db_commit(&cx));
	assert_true(found);
	return j;
}

#define STATE "select state from job"

/* ---- jobs ---- */

static void a_job_runs_as_who_added_it(void **state)
{
	struct runner *r = start();

	(void)state;
	cx.lang = "zh-CN";
	cx.who.roles = 16;
	add("plain", "in\n'put");
	runner_wake(r);
	until(STATE, "SUCCEEDED");
	runner_stop(r);
	assert_string_equal(seen, "plain " PG_TENANT_A " " PG_ACCOUNT " zh-CN in\n'put 1 16");
	assert_string_equal(pg_see("select text from note"), ID);
	assert_int_equal(atomic_load(&runs), 1);
	struct job j = get("plain");
	assert_true(j.result == NULL && j.error == NULL && j.input.n == 0); /* input: only inside */
}

static void a_job_of_another_tenant_is_not_found(void **state)
{
	struct job j;
	bool found;

	(void)state;
	add("plain", "x");
	assert_true(db_begin(&cx) && job_get(&cx, "other", ID, &j, &found) && !found && db_commit(&cx));
	cx.who.tenant_id = PG_TENANT_B;
	assert_true(db_begin(&cx) && job_get(&cx, "plain", ID, &j, &found) && !found && db_commit(&cx));
}

static void a_job_that_was_rolled_back_never_runs(void **state)
{
	struct runner *r = start();

	(void)state;
	assert_true(db_begin(&cx) && job_add(&cx, "plain", ID, STR("x")));
	runner_wake(r);
	clock_sleep_ms(500);
	db_rollback(&cx);
	clock_sleep_ms(500);
	runner_stop(r);
	assert_int_equal(atomic_load(&runs), 0);
}

static void results_and_progress(void **state)
{
	struct runner *r = start();
	struct job j;

	(void)state;
	add("ending", "good");
	until(STATE, "SUCCEEDED");
	j = get("ending");
	assert_string_equal(j.result, "{\"rows\":2}");
	assert_int_equal(j.done, 2);
	assert_int_equal(j.total, 2);
	pg_script("t", "super", "truncate job, note, subject_key");
	add("ending", "bad");
	until(STATE, "FAILED");
	j = get("ending");
	assert_string_equal(j.result, "{\"rows\":2}");
	assert_null(j.error);
	assert_string_equal(pg_see("select count(*) from note"), "1"); /* ended so by itself: its work stands */
	runner_stop(r);
}

static void a_running_job_shows_how_far_it_is(void **state)
{
	struct runner *r = start();

	(void)state;
	atomic_store(&hold, true);
	add("slow", "x");
	until("select state || ' ' || done || '/' || total from job", "RUNNING 3/10");
	assert_string_equal(pg_see("select count(*) from note"), "0"); /* not committed */
	atomic_store(&hold, false);
	until(STATE, "SUCCEEDED");
	runner_stop(r);
}

static void a_failed_job_keeps_its_problem(void **state)
{
	struct runner *r = start();
	struct job j;

	(void)state;
	add("failing", "x");
	until(STATE, "FAILED");
	runner_stop(r);
	j = get("failing");
	assert_non_null(strstr(j.error, "\"code\":\"NOT_TODAY\""));
	assert_non_null(strstr(j.error, "/city"));
	assert_string_equal(pg_see("select count(*) from note"), "0");
	assert_string_equal(pg_see("select attempts from job"), "1");
	assert_string_equal(pg_see("select count(wrapped) || ' ' || count(*) from subject_key"), "0 1"); /* its input is gone */
}

static void a_job_whose_input_does_not_open_ends(void **state)
{
	struct runner *r;

	(void)state;
	add("plain", "x");
	pg_script("t", "super", "update job set input = set_byte(input, octet_length(input) - 1, (get_byte(input, octet_length(input) - 1) + 1) % 256)");
	r = start();
	until(STATE, "FAILED");
	runner_stop(r);
	assert_int_equal(atomic_load(&runs), 0);
	assert_string_equal(pg_see("select count(*) from note"), "0");
}

static void what_was_given_is_stored_sealed(void **state)
{
	(void)state;
	add("of_a_newer_program", "plain text of a file");
	assert_string_equal(pg_see("select position('plain'::bytea in input) from job"), "0");
	assert_string_equal(pg_see("select count(wrapped) from subject_key"), "1");
}

static void what_may_pass_is_tried_again(void **state)
{
	struct runner *r = start();

	(void)state;
	add("passing", "x");
	until(STATE, "SUCCEEDED");
	runner_stop(r);
	assert_int_equal(atomic_load(&runs), 2);
	assert_string_equal(pg_see("select attempts from job"), "2");
	assert_null(get("passing").error);
}

static void a_job_that_kills_its_process_ends(void **state)
{
	struct runner *r;

	(void)state;
	add("plain", "x");
	pg_script("t", "super", "update job set state = 'RUNNING', attempts = 5");
	r = start();
	until(STATE, "FAILED");
	runner_stop(r);
	assert_int_equal(atomic_load(&runs), 0);
	assert_non_null(strstr(get("plain").error, "INTERNAL"));
}

static void a_job_of_a_killed_process_is_resumed(void **state)
{
	struct runner *r;
	pid_t pid;
	int64_t killed;

	(void)state;
	atomic_store(&hold, true);
	add("slow", "x");
	pid = fork();
	if (pid == 0) {
		start();
		for (;;)
			pause();
	}
	until("select state || done from job", "RUNNING3");
	r = start(); /* a second process: must leave it to the first */
	clock_sleep_ms(600);
	assert_int_equal(atomic_load(&runs), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	killed = clock_monotonic_ms();
	while (atomic_load(&runs) == 0 && clock_monotonic_ms() - killed < 10000)
		clock_sleep_ms(5);
	print_message("resumed %d ms after the kill\n", (int)(clock_monotonic_ms() - killed));
	assert_int_equal(atomic_load(&runs), 1);
	atomic_store(&hold, false);
	until(STATE, "SUCCEEDED");
	runner_stop(r);
	assert_string_equal(pg_see("select count(*) || ' ' || (select attempts from job) from note"), "1 2");
}

static void stopping_cuts_a_long_job_off(void **state)
{
	struct runner *r = start();
	int64_t from;

	(void)state;
	atomic_store(&hold, true);
	add("slow", "x");
	until("select state || done from job", "RUNNING3");
	from = clock_monotonic_ms();
	runner_stop(r);
	assert_true(clock_monotonic_ms() - from < 8000);
	assert_string_equal(pg_see("select state || (select count(*) from note) from job"), "PENDING0");
	atomic_store(&hold, false);
	r = start();
	until(STATE, "SUCCEEDED");
	runner_stop(r);
}

static void a_lost_connection_is_not_the_end(void **state)
{
	struct runner *r = start();

	(void)state;
	atomic_store(&hold, true);
	add("slow", "x");
	until("select state || done from job", "RUNNING3");
	pg_see("select count(pg_terminate_backend(pid)) from pg_stat_activity where usename in ('t_app', 't_relay')");
	atomic_store(&hold, false);
	until(STATE, "SUCCEEDED");
	runner_stop(r);
	assert_string_equal(pg_see("select count(*) from note"), "1");
}

static void parts_stay_when_the_process_is_killed(void **state)
{
	struct runner *r;
	pid_t pid;

	(void)state;
	atomic_store(&hold, true);
	add("parts", "x");
	pg_script("t", "super", "update job set attempts = 4"); /* a checkpoint makes it a first start again */
	pid = fork();
	if (pid == 0) {
		start();
		for (;;)
			pause();
	}
	until("select state || done || attempts from job", "RUNNING10");
	assert_string_equal(pg_see("select count(*) from note"), "1");
	r = start(); /* a second process: the first still has its claim behind the commit */
	clock_sleep_ms(600);
	assert_int_equal(atomic_load(&runs), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	atomic_store(&hold, false);
	until(STATE, "SUCCEEDED");
	runner_stop(r);
	assert_int_equal(atomic_load(&runs), 1);
	assert_string_equal(pg_see("select count(*) from note"), "3");
}

static void a_job_in_parts_ends_at_its_checkpoint(void **state)
{
	struct runner *r = start();
	int64_t from;

	(void)state;
	atomic_store(&hold, true);
	add("parts", "x");
	until("select state || done from job", "RUNNING1");
	from = clock_monotonic_ms();
	runner_stop(r);
	assert_true(clock_monotonic_ms() - from < 8000);
	assert_string_equal(pg_see("select state || (select count(*) from note) from job"), "PENDING1");
	assert_string_equal(pg_see("select count(*) from pg_locks where locktype = 'advisory'"), "0");
	atomic_store(&hold, false);
	r = start();
	until(STATE, "SUCCEEDED");
	runner_stop(r);
	assert_string_equal(pg_see("select count(*) from note"), "3");
}

static void a_part_is_done_once_more(void **state)
{
	struct runner *r = start();

	(void)state;
	add("redoing", "x");
	until(STATE, "SUCCEEDED");
	runner_stop(r);
	assert_string_equal(pg_see("select string_agg(text, ' ' order by text) from note"), "redoing stays");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_job_runs_as_who_added_it),
		T(a_job_of_another_tenant_is_not_found),
		T(a_job_that_was_rolled_back_never_runs),
		T(results_and_progress),
		T(a_running_job_shows_how_far_it_is),
		T(a_failed_job_keeps_its_problem),
		T(a_job_whose_input_does_not_open_ends),
		T(what_was_given_is_stored_sealed),
		T(what_may_pass_is_tried_again),
		T(a_job_that_kills_its_process_ends),
		T(a_job_of_a_killed_process_is_resumed),
		T(stopping_cuts_a_long_job_off),
		T(a_lost_connection_is_not_the_end),
		T(parts_stay_when_the_process_is_killed),
		T(a_job_in_parts_ends_at_its_checkpoint),
		T(a_part_is_done_once_more),
	};
	signal(SIGPIPE, SIG_IGN);
	pg_service_def.jobs = JOBS;
	pg_service_def.n_jobs = sizeof(JOBS) / sizeof(JOBS[0]);
	pg_start(NOTES);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
