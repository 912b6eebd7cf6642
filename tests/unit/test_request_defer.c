/* Requests that wait for another person: stored sealed, run once by somebody else, or dropped. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "pg.h"
#include "archive.gen.h"
#include "fault.h"
#include "request.h"
#include "row.h"
#include "renhe.gen.h"

#define DECIDER "01900000-0000-7000-8000-0000000000d1"
#define SECRET "11010519491231002X"

static struct ctx cx;
static unsigned ran;
static bool refuses;

/* The handler of the route: answers with the name it was given. */
static bool rename_post(struct ctx *c, const ProtobufCMessage *in, ProtobufCMessage *out)
{
	if (refuses)
		return fail_detail(c, &FAULT_CONFLICT, NULL, "", "");
	ran++;
	msg_set_str(&RULE_ARCHIVE_POST, out, "name", msg_str(&RULE_ARCHIVE_POST, in, "name"));
	return true;
}
static struct route routes[] = {
	{.name = "t.RenamePost", .in = &RULE_ARCHIVE_POST, .out = &RULE_ARCHIVE_POST, .handler = rename_post},
};

static int setup(void **state)
{
	(void)state;
	pg_script("t", "super", "truncate pending_request");
	pg_ctx(&cx, "t_app", PG_TENANT_A);
	pg_schema.routes = routes;
	pg_schema.n_routes = 1;
	ran = 0;
	refuses = false;
	return 0;
}
static int teardown(void **state)
{
	(void)state;
	pg_ctx_free(&cx);
	return 0;
}

static const char *defer(void)
{
	Archive__Post *s = (Archive__Post *)msg_new(cx.arena, &RULE_ARCHIVE_POST);
	const char *id;

	s->code = arena_strdup(cx.arena, "P1");
	s->name = arena_strdup(cx.arena, SECRET);
	assert_true(db_begin(&cx) && request_defer(&cx, &routes[0], &s->base, &id) && db_commit(&cx));
	return id;
}

static bool decide(const char *id, ProtobufCMessage **out)
{
	const struct message_rule *rule;

	bool good = db_begin(&cx) && request_run_deferred(&cx, id, out, &rule) && db_commit(&cx);

	for (unsigned i = 0; !good && i < cx.fault.n_items; i++)
		print_message("%s %s\n", cx.fault.items[i].pointer, cx.fault.items[i].code);
	return good;
}

static void another_person_runs_it(void **state)
{
	const char *id = defer();
	ProtobufCMessage *out;

	(void)state;
	assert_string_equal(pg_see("select state from pending_request"), "PENDING");
	cx.who.account_id = DECIDER;
	assert_true(decide(id, &out));
	assert_int_equal(ran, 1);
	assert_string_equal(msg_str(&RULE_ARCHIVE_POST, out, "name"), SECRET);
	assert_string_equal(pg_see("select state || ' ' || decide_account_id from pending_request"), "APPLIED " DECIDER);
}

static void it_runs_once(void **state)
{
	const char *id = defer();
	ProtobufCMessage *out;

	(void)state;
	cx.who.account_id = DECIDER;
	assert_true(decide(id, &out));
	assert_false(decide(id, &out));
	assert_string_equal(cx.fault.def->code, FAULT_RESOURCE_NOT_FOUND.code);
	assert_int_equal(ran, 1);
}

static void its_maker_may_not_decide(void **state)
{
	const char *id = defer();
	ProtobufCMessage *out;

	(void)state;
	assert_false(decide(id, &out));
	assert_string_equal(cx.fault.def->code, FAULT_ACCESS_DENIED.code);
	assert_int_equal(ran, 0);
	db_rollback(&cx);
	assert_string_equal(pg_see("select state from pending_request"), "PENDING");
}

static void another_tenant_does_not_see_it(void **state)
{
	const char *id = arena_strdup(cx.arena, defer());
	ProtobufCMessage *out;

	(void)state;
	cx.who = (struct principal){.tenant_id = PG_TENANT_B, .account_id = DECIDER, .person_id = "", .session_id = ""};
	assert_false(decide(id, &out));
	assert_string_equal(cx.fault.def->code, FAULT_RESOURCE_NOT_FOUND.code);
}

static void what_it_holds_is_sealed_and_goes_with_the_decision(void **state)
{
	const char *id = defer();

	(void)state;
	assert_string_equal(pg_see("select position('" SECRET "'::bytea in payload) from pending_request"), "0");
	cx.who.account_id = DECIDER;
	assert_true(db_begin(&cx) && request_drop_deferred(&cx, id) && db_commit(&cx));
	assert_string_equal(pg_see("select state from pending_request"), "DROPPED");
	assert_string_equal(pg_see("select count(*) from subject_key where wrapped is not null and subject_id in "
				   "(select id from pending_request)"), "0");
	assert_int_equal(ran, 0);
}

static void a_refused_one_stays(void **state)
{
	const char *id = defer();
	ProtobufCMessage *out;

	(void)state;
	refuses = true;
	cx.who.account_id = DECIDER;
	assert_false(decide(id, &out));
	assert_string_equal(cx.fault.def->code, FAULT_CONFLICT.code);
	db_rollback(&cx);
	fault_clear(&cx);
	refuses = false;
	assert_true(decide(id, &out));
	assert_int_equal(ran, 1);
}

static void a_route_that_is_gone_is_a_defect(void **state)
{
	const char *id = defer();
	ProtobufCMessage *out;

	(void)state;
	pg_schema.n_routes = 0;
	cx.who.account_id = DECIDER;
	assert_false(decide(id, &out));
	assert_int_equal(cx.fault.def->status, 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(another_person_runs_it),
		T(it_runs_once),
		T(its_maker_may_not_decide),
		T(another_tenant_does_not_see_it),
		T(what_it_holds_is_sealed_and_goes_with_the_decision),
		T(a_refused_one_stays),
		T(a_route_that_is_gone_is_a_defect),
	};
	signal(SIGPIPE, SIG_IGN);
	pg_start(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
