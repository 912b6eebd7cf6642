/* The start-up check of queries against messages: each class of mismatch is found, and named. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "db_sample.h"

static struct ctx cx;
static char said[4096];

static int setup(void **state)
{
	(void)state;
	pg_ctx(&cx, "t_app", PG_TENANT_A);
	return 0;
}
static int teardown(void **state)
{
	(void)state;
	pg_ctx_free(&cx);
	return 0;
}

/* What db_verify says of one query; `said` gets its log lines. */
static bool verify(const struct query *q)
{
	struct schema s = {.service = "t", .queries = &q, .n_queries = 1, .faults = DB_SAMPLE_FAULTS,
			   .n_faults = COUNT(DB_SAMPLE_FAULTS)};
	int pipe_of[2], kept = dup(2);
	bool good;

	assert_int_equal(pipe(pipe_of), 0);
	fcntl(pipe_of[0], F_SETFL, O_NONBLOCK);
	dup2(pipe_of[1], 2);
	good = db_verify(cx.db, &s);
	dup2(kept, 2);
	ssize_t n = read(pipe_of[0], said, sizeof(said) - 1);
	said[n > 0 ? n : 0] = '\0';
	close(pipe_of[0]);
	close(pipe_of[1]);
	close(kept);
	return good;
}

static void good_queries_pass(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(DB_SAMPLE_QUERIES); i++)
		if (!verify(DB_SAMPLE_QUERIES[i]))
			fail_msg("%s: %s", DB_SAMPLE_QUERIES[i]->name, said);
	assert_true(db_verify(cx.db, &pg_schema)); /* again, with all prepared */
}

#define IN .in = &sample_rule, PARAMS
#define OUT .out = &sample_rule, .text
#define Q(kind_, ...) {.name = "q", .file = "bad.sql", .line = 12, .kind = QUERY_##kind_, __VA_ARGS__}

struct bad {
	struct query q;
	const char *field, *what;
};

static void expect_bad(const struct bad *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (verify(&rows[i].q))
			fail_msg("%s passes", rows[i].q.text);
		if (!strstr(said, rows[i].what) || !strstr(said, "\"file\":\"bad.sql\",\"line\":12,\"query\":\"q\"") ||
		    !strstr(said, arena_printf(cx.arena, "\"field\":\"%s\"", rows[i].field)))
			fail_msg("%s: %s", rows[i].q.text, said);
	}
}

static void bad_parameters_are_found(void **state)
{
	const struct bad ROWS[] = {
		{Q(EXEC, IN("nmae"), .text = "select $1::text"), "nmae", "no such field"},
		{Q(EXEC, IN("name_index"), .text = "select $1::bytea"), "name_index", "no blind index"},
		{Q(EXEC, IN("place"), .text = "select $1::text"), "place", "a message is no parameter"},
		{Q(EXEC, IN("places.city"), .text = "select $1::text"), "places.city", "no such message"},
		{Q(EXEC, IN("name.city"), .text = "select $1::text"), "name.city", "no such message"},
		{Q(EXEC, IN("place.town"), .text = "select $1::text"), "place.town", "no such field"},
		{Q(EXEC, IN("@yesterday"), .text = "select $1::date"), "@yesterday", "no such value"},
		{Q(EXEC, PARAMS("name"), .text = "select $1::text"), "name", "takes no message"},
		{Q(EXEC, IN("name"), .text = "select $1::text, $2::text"), "", "another number of parameters"},
		{Q(EXEC, IN("name", "id"), .text = "select $1::text"), "", "another number of parameters"},
		{Q(EXEC, IN("name"), .text = "select $1::uuid"), "name", "does not take"},
		{Q(EXEC, IN("name"), .text = "select $1::int"), "name", "does not take"},
		{Q(EXEC, IN("name"), .text = "select $1::jsonb"), "name", "does not take"},
		{Q(EXEC, IN("birth_date"), .text = "select $1::timestamptz"), "birth_date", "does not take"},
		{Q(EXEC, IN("create_time"), .text = "select $1::timestamp"), "create_time", "does not take"},
		{Q(EXEC, IN("create_time"), .text = "select $1::text"), "create_time", "does not take"},
		{Q(EXEC, IN("id_number"), .text = "select $1::text"), "id_number", "does not take"},
		{Q(EXEC, IN("id_number_index"), .text = "select $1::text"), "id_number_index", "does not take"},
		{Q(EXEC, IN("amount_fen"), .text = "select $1::int"), "amount_fen", "does not take"},
		{Q(EXEC, IN("amount_fen"), .text = "select $1::numeric"), "amount_fen", "does not take"},
		{Q(EXEC, IN("tally"), .text = "select $1::int"), "tally", "does not take"},
		{Q(EXEC, IN("active"), .text = "select $1::text"), "active", "does not take"},
		{Q(EXEC, IN("sex"), .text = "select $1::int"), "sex", "does not take"},
		{Q(EXEC, IN("tags"), .text = "select $1::text"), "tags", "does not take"},
		{Q(EXEC, IN("tags"), .text = "select $1::uuid[]"), "tags", "does not take"},
		{Q(EXEC, IN("name"), .text = "select $1::text[]"), "name", "does not take"},
		{Q(EXEC, IN("@today"), .text = "select $1::timestamptz"), "@today", "does not take"},
		{Q(EXEC, IN("@now"), .text = "select $1::date"), "@now", "does not take"},
		{Q(EXEC, IN("@tenant_id"), .text = "select $1::bytea"), "@tenant_id", "does not take"},
	};
	(void)state;
	expect_bad(ROWS, COUNT(ROWS));
}

static void bad_columns_are_found(void **state)
{
	const struct bad ROWS[] = {
		{Q(ONE, OUT = "select 1 as nmae"), "nmae", "the column is no field"},
		{Q(ONE, OUT = "select name, name from sample"), "name", "comes twice"},
		{Q(ONE, OUT = "select id_number from sample"), "id_number", "without its subject"},
		{Q(ONE, .keys = "id", OUT = "select id, name, '' as subject_keys from sample"), "id", "no column is sealed for"},
		{Q(ONE, .keys = "name", OUT = "select id, id_number, '' as subject_keys from sample"), "name", "no column is sealed"},
		{Q(ONE, OUT = "select 'x' as id_number, id from sample"), "id_number", "does not take this column"},
		{Q(MANY, OUT = "select count(*) as head_count from sample"), "head_count", "does not take this column"},
		{Q(ONE, OUT = "select sum(amount_fen) as amount_fen from sample"), "amount_fen", "does not take this column"},
		{Q(ONE, OUT = "select create_time as note from sample"), "note", "does not take this column"},
		{Q(ONE, OUT = "select create_time::date as create_time from sample"), "create_time", "does not take"},
		{Q(ONE, OUT = "select 1 as sex"), "sex", "does not take this column"},
		{Q(ONE, OUT = "select 1 as active"), "active", "does not take this column"},
		{Q(ONE, OUT = "select '{}'::jsonb as note"), "note", "does not take this column"},
		{Q(ONE, OUT = "select tags as name from sample"), "name", "does not take this column"},
		{Q(ONE, OUT = "select name as tags from sample"), "tags", "does not take this column"},
		{Q(ONE, OUT = "select 'x' as place"), "place", "does not take this column"},
		{Q(OPT, OUT = "delete from sample"), "", "gives no rows"},
		{Q(OPT, .text = "select name from sample"), "name", "without out="},
		{Q(EXEC, OUT = "delete from sample"), "", ":exec gives no message"},
	};
	(void)state;
	expect_bad(ROWS, COUNT(ROWS));
}

static void bad_statements_are_found(void **state)
{
	const struct bad ROWS[] = {
		{Q(ONE, OUT = "select name frm sample"), "", "syntax error"},
		{Q(ONE, OUT = "select name from smaple"), "", "does not exist"},
		{Q(ONE, OUT = "select nmae from sample"), "", "does not exist"},
		{Q(EXEC, .text = "select 1", .violations = (const char *const[]){"no_such", "NAME_TAKEN", NULL}), "no_such",
		 "no such constraint"},
		{Q(EXEC, .text = "select 1", .violations = (const char *const[]){"sample_name", "NO_SUCH", NULL}), "NO_SUCH",
		 "no such fault"},
	};
	(void)state;
	expect_bad(ROWS, COUNT(ROWS));
}

static void one_bad_query_does_not_hide_the_next(void **state)
{
	const struct query bad = Q(ONE, OUT = "select nmae from sample"), worse = Q(ONE, OUT = "select 1 as nmae");
	const struct query *const both[] = {&bad, &sample_get, &worse};
	struct schema s = {.queries = both, .n_queries = 3};
	const struct query *good = &sample_get;
	struct schema fine = {.queries = &good, .n_queries = 1};

	(void)state;
	assert_false(db_verify(cx.db, &s));
	assert_true(db_verify(cx.db, &fine));
	db_disconnect(cx.db);
	assert_false(db_verify(cx.db, &fine)); /* nothing is good without a server */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(good_queries_pass),
		T(bad_parameters_are_found),
		T(bad_columns_are_found),
		T(bad_statements_are_found),
		T(one_bad_query_does_not_hide_the_next),
	};
	signal(SIGPIPE, SIG_IGN);
	db_sample_setup();
	pg_start(DB_SAMPLE_SQL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
