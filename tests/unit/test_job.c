/* Jobs and timers: run once, retried, resumed, never mixed between tenants. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdatomic.h>
#include <cmocka.h>
#include "pg.h"
#include "fault.h"
#include "job.h"
#include "value.h"
#include "renhe.gen.h"

static struct ctx cx;
static atomic_int runs, refusals;
static atomic_bool hold;
static char seen[300];

static const struct fault_def NOT_TODAY = {"NOT_TODAY", 422, "今天不行", "Not today"};

/* ---- what runs ---- */

static bool note(struct ctx *c, const char *text)
{
	const char *params[] = {text, c->who.tenant_id};
	struct db_result none;

	return db_sql(c, "insert into note (text, tenant_id) values ($1, $2)", params, 2, &none);
}

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

static bool plain_timer(struct ctx *c, const char *aggregate_id)
{
	atomic_fetch_add(&runs, 1);
	return note(c, aggregate_id);
}

static bool failing_timer(struct ctx *c, const char *aggregate_id)
{
	if (atomic_fetch_add(&refusals, 1) == 0)
		return note(c, "undone") && fail(c, &NOT_TODAY, NULL);
	return note(c, aggregate_id);
}

static bool again_timer(struct ctx *c, const char *aggregate_id)
{
	atomic_fetch_add(&runs, 1);
	return timer_set(c, "again", aggregate_id, "2099-01-01T00:00:00Z") && note(c, aggregate_id);
}

/* Takes the aggregate's lock, as every handler of its timer does. */
static bool locking_timer(struct ctx *c, const char *aggregate_id)
{
	struct db_result r;

	atomic_fetch_add(&runs, 1);
	return db_sql(c, "select last from aggregate_sequence where aggregate_id = $1 for update", &aggregate_id, 1, &r);
}

static const struct job_def JOBS[] = {{"plain", plain_job}, {"ending", ending_job}, {"failing", failing_job},
				      {"passing", passing_job}, {"slow", slow_job}, {"parts", parts_job}, {"redoing", redoing_job}};
static const struct timer_def TIMERS[] = {{"plain", plain_timer}, {"failing", failing_timer}, {"again", again_timer},
					  {"locking", locking_timer}};

/* ---- frame ---- */

static int setup(void **state)
{
	(void)state;
	pg_script("t", "super", "truncate job, timer, note, aggregate_sequence, subject_key");
	pg_ctx(&cx, "t_app", PG_TENANT_A);
	atomic_store(&runs, 0);
	atomic_store(&refusals, 0);
	atomic_store(&hold, false);
	return 0;
}
static int teardown(void **state)
{
	(void)state;
	pg_ctx_free(&cx);
	return 0;
}

static struct runner *start(void)
{
	struct db_settings app = pg_settings("t", "t_app"), relay = pg_settings("t", "t_relay");

	return runner_start(&pg_service, &app, &relay);
}

/* Waits until the statement, seen by the superuser, gives the value; 15 s at most. */
static void until(const char *sql, const char *value)
{
	int64_t end = clock_monotonic_ms() + 15000;

	while (strcmp(pg_see(sql), value) != 0)
		if (clock_monotonic_ms() > end)
			fail_msg("%s: %s, not %s", sql, pg_see(sql), value);
		else
			clock_sleep_ms(30);
}

#define ID "01900000-0000-7000-8000-0000000000aa"
static void add(const char *kind, const char *input)
{
	assert_true(db_begin(&cx) && job_add(&cx, kind, ID, str_of(input)));
	assert_true(cx.wake_runner);
	assert_true(db_commit(&cx));
}

static struct job get(const char *kind)
{
	struct job j;
	bool found;

	assert_true(db_begin(&cx) && job_get(&cx, kind, ID, &j, &found) && db_commit(&cx));
	assert_true(found);
	return j;
}

static void set(const char *kind, const char *id, const char *due)
{
	assert_true(db_begin(&cx) && timer_set(&cx, kind, id, due) && db_commit(&cx));
}
#define PAST "2020-01-01T00:00:00Z"
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

/* ---- timers ---- */

static void due_timers_fire_once_under_two_runners(void **state)
{
	struct runner *a, *b;

	(void)state;
	assert_true(db_begin(&cx));
	for (int i = 0; i < 100; i++)
		assert_true(timer_set(&cx, "plain", arena_printf(cx.arena, "%d", i), PAST));
	assert_true(timer_set(&cx, "plain", "later", "2099-01-01T00:00:00Z"));
	assert_true(db_tenant(&cx, PG_TENANT_B) && timer_set(&cx, "plain", "b", PAST) && db_commit(&cx));
	a = start();
	b = start();
	until("select count(*) from timer", "1");
	runner_stop(a);
	runner_stop(b);
	assert_int_equal(atomic_load(&runs), 101);
	assert_string_equal(pg_see("select count(distinct text) || ' ' || count(*) from note"), "101 101");
	assert_string_equal(pg_see("select aggregate_id from timer"), "later");
	assert_string_equal(pg_see("select tenant_id from note where text = 'b'"), PG_TENANT_B);
}

static void set_again_replaces_and_null_removes(void **state)
{
	(void)state;
	set("plain", "1", PAST);
	set("plain", "1", "2099-01-01T00:00:00Z");
	set("plain", "2", PAST);
	set("plain", "2", NULL);
	set("plain", "3", NULL);
	assert_string_equal(pg_see("select string_agg(aggregate_id || extract(year from due_time), ' ') from timer"), "12099");
}

static void a_failed_timer_is_tried_again_later(void **state)
{
	struct runner *r = start();
	int64_t from = clock_monotonic_ms();

	(void)state;
	set("failing", "1", PAST);
	until("select attempts || ' ' || last_error || ' ' || (next_try_time > clock_timestamp()) from timer", "1 NOT_TODAY true");
	until("select count(*) from timer", "0");
	runner_stop(r);
	assert_true(clock_monotonic_ms() - from >= 900);
	assert_int_equal(atomic_load(&refusals), 2);
	assert_string_equal(pg_see("select string_agg(text, ' ') from note"), "1");
}

static void a_timer_that_sets_itself_stays(void **state)
{
	struct runner *r = start();

	(void)state;
	set("again", "1", PAST);
	until("select extract(year from due_time) from timer", "2099");
	clock_sleep_ms(500);
	runner_stop(r);
	assert_int_equal(atomic_load(&runs), 1);
}

/* The request holds the aggregate and sets its timer while the timer's handler waits for the
 * aggregate: no deadlock, and what the request set is not lost. */
static void a_request_and_its_timer_do_not_cross(void **state)
{
	struct runner *r;
	struct db_result none;

	(void)state;
	set("locking", "p", PAST);
	assert_true(db_begin(&cx) && db_sql(&cx, "insert into aggregate_sequence (aggregate_type, aggregate_id, last) values ('p', 'p', 1)",
					    NULL, 0, &none) && db_commit(&cx));
	assert_true(db_begin(&cx) && db_sql(&cx, "select last from aggregate_sequence for update", NULL, 0, &none));
	r = start();
	until("select count(*) from pg_stat_activity where wait_event_type = 'Lock'", "1");
	assert_true(timer_set(&cx, "locking", "p", "2099-01-01T00:00:00Z"));
	assert_true(db_commit(&cx));
	until("select count(*) from pg_stat_activity where wait_event_type = 'Lock'", "0");
	clock_sleep_ms(300);
	runner_stop(r);
	assert_int_equal(atomic_load(&runs), 1);
	assert_string_equal(pg_see("select extract(year from due_time) || ' ' || coalesce(last_error, '-') from timer"), "2099 -");
}

static void unknown_kinds_are_left_alone(void **state)
{
	struct runner *r = start();

	(void)state;
	set("of_a_newer_program", "1", PAST);
	add("of_a_newer_program", "x");
	clock_sleep_ms(600);
	runner_stop(r);
	assert_string_equal(pg_see("select attempts from timer"), "0");
	assert_string_equal(pg_see("select state || attempts from job"), "PENDING0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
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
		T(due_timers_fire_once_under_two_runners),
		T(set_again_replaces_and_null_removes),
		T(a_failed_timer_is_tried_again_later),
		T(a_timer_that_sets_itself_stays),
		T(a_request_and_its_timer_do_not_cross),
		T(unknown_kinds_are_left_alone),
	};
	signal(SIGPIPE, SIG_IGN);
	pg_service_def.jobs = JOBS;
	pg_service_def.n_jobs = sizeof(JOBS) / sizeof(JOBS[0]);
	pg_service_def.timers = TIMERS;
	pg_service_def.n_timers = sizeof(TIMERS) / sizeof(TIMERS[0]);
	pg_start("create table note (tenant_id uuid, text text); grant select, insert on note to ${app}");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
