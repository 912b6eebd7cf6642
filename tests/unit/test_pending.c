/* Requests that wait for another person: stored sealed, run once by somebody else, or ended otherwise;
 * and the decision about them by the cells of the policy. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "pg.h"
#include "archive.gen.h"
#include "fault.h"
#include "pending.h"
#include "policy.h"
#include "row.h"
#include "renhe.gen.h"

#define DECIDER "01900000-0000-7000-8000-0000000000d1"
#define PERSON "01900000-0000-7000-8000-0000000000f1"
#define SECRET "11010519491231002X"

static struct ctx cx;
static unsigned ran;
static bool refuses;

/* The handler of the route: answers with the name it was given. */
static bool rename_post(struct ctx *c, const ProtobufCMessage *in, ProtobufCMessage *out)
{
	if (!db_sql(c, "insert into audit (id, account_id, person_id, session_id, act, resource, resource_id, result, "
		       "request_id, route, peer) values (gen_random_uuid(), '', '', '', 't', '', '', '', '', '', '')",
		    NULL, 0, NULL))
		return false;
	if (refuses)
		return fail(c, &FAULT_CONFLICT, NULL);
	assert_true(c->deciding);
	assert_ptr_equal(c->in, in);
	assert_int_equal(c->if_match, 7);
	ran++;
	msg_set_str(&RULE_ARCHIVE_POST, out, "name", msg_str(&RULE_ARCHIVE_POST, in, "name"));
	return true;
}
static struct route routes[] = {
	{.name = "t.RenamePost", .path = "/t", .in = &RULE_ARCHIVE_POST, .out = &RULE_ARCHIVE_POST, .handler = rename_post,
	 .permission = &PERMISSION_ORGANISATION_WRITE},
};

static int setup(void **state)
{
	(void)state;
	pg_script("t", "super", "truncate pending_request, audit, timer");
	pg_ctx(&cx, "t_app", PG_TENANT_A);
	cx.route = &routes[0];
	cx.if_match = 7;
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

static const char *put(void)
{
	Archive__Post *s = (Archive__Post *)msg_new(cx.arena, &RULE_ARCHIVE_POST);
	Renhe__PendingRequest *row;

	s->code = arena_strdup(cx.arena, "P1");
	s->name = arena_strdup(cx.arena, SECRET);
	assert_true(db_begin(&cx) && pending_put(&cx, &s->base, &row));
	assert_int_equal(row->n_changes, 2);
	assert_true(db_commit(&cx));
	return row->id;
}

static bool decide(const char *id)
{
	Renhe__PendingRequest out = RENHE__PENDING_REQUEST__INIT;
	bool good = db_begin(&cx) && pending_approve(&cx, id, &out);

	if (good || cx.commit_on_fault) {
		struct fault_state kept = cx.fault;

		fault_clear(&cx);
		assert_true(db_commit(&cx));
		cx.fault = kept;
	} else {
		db_rollback(&cx);
	}
	return good;
}

static void another_person_runs_it(void **state)
{
	const char *id = put();

	(void)state;
	assert_string_equal(pg_see("select state from pending_request"), "PENDING");
	assert_string_equal(pg_see("select count(*) from timer"), "1");
	cx.who.account_id = DECIDER;
	assert_true(decide(id));
	assert_int_equal(ran, 1);
	assert_string_equal(pg_see("select state || ' ' || decide_account_id from pending_request"), "APPLIED " DECIDER);
	assert_string_equal(pg_see("select count(*) from timer"), "0");
}

static void it_runs_once(void **state)
{
	const char *id = put();

	(void)state;
	cx.who.account_id = DECIDER;
	assert_true(decide(id));
	assert_false(decide(id));
	assert_string_equal(cx.fault.def->code, FAULT_REQUEST_DECIDED.code);
	assert_int_equal(ran, 1);
}

static void its_maker_may_not_decide(void **state)
{
	const char *id = put();

	(void)state;
	assert_false(decide(id));
	assert_string_equal(cx.fault.def->code, FAULT_REQUEST_OF_ONE_PERSON.code);
	assert_int_equal(ran, 0);
	assert_string_equal(pg_see("select state from pending_request"), "PENDING");
}

/* The same human by a second account. */
static void nor_may_the_same_person(void **state)
{
	const char *id;

	(void)state;
	cx.who.person_id = PERSON;
	id = put();
	cx.who.account_id = DECIDER;
	assert_false(decide(id));
	assert_string_equal(cx.fault.def->code, FAULT_REQUEST_OF_ONE_PERSON.code);
}

static void another_tenant_does_not_see_it(void **state)
{
	const char *id = arena_strdup(cx.arena, put());

	(void)state;
	cx.who = (struct principal){.tenant_id = PG_TENANT_B, .account_id = DECIDER, .person_id = "", .session_id = ""};
	assert_false(decide(id));
	assert_string_equal(cx.fault.def->code, FAULT_RESOURCE_NOT_FOUND.code);
}

/* Row security alone: whoever has no tenant scope sees what he made. */
static void a_colleague_does_not_see_it(void **state)
{
	const char *id = put();

	(void)state;
	cx.scopes = 1;
	cx.who.account_id = DECIDER;
	assert_false(decide(id));
	assert_string_equal(cx.fault.def->code, FAULT_RESOURCE_NOT_FOUND.code);
}

static void what_it_holds_is_sealed_and_goes_with_the_decision(void **state)
{
	Renhe__RejectRequest in = RENHE__REJECT_REQUEST__INIT;
	Renhe__PendingRequest out = RENHE__PENDING_REQUEST__INIT;

	(void)state;
	in.id = arena_strdup(cx.arena, put());
	in.reason = arena_strdup(cx.arena, "no");
	assert_string_equal(pg_see("select position('" SECRET "'::bytea in payload) from pending_request"), "0");
	cx.who.account_id = DECIDER;
	assert_true(db_begin(&cx) && pending_reject(&cx, &in, &out) && db_commit(&cx));
	assert_string_equal(pg_see("select state || reason from pending_request"), "REJECTEDno");
	assert_string_equal(pg_see("select count(*) from subject_key where wrapped is not null and subject_id in "
				   "(select id from pending_request)"), "0");
	assert_int_equal(ran, 0);
}

/* Nothing of the try stays but its cause. */
static void a_refused_one_stays_and_says_why(void **state)
{
	const char *id = put();

	(void)state;
	refuses = true;
	cx.who.account_id = DECIDER;
	assert_false(decide(id));
	assert_string_equal(cx.fault.def->code, FAULT_REQUEST_NOT_APPLICABLE.code);
	assert_string_equal(cx.fault.items[0].code, FAULT_CONFLICT.code);
	assert_string_equal(pg_see("select state || ' ' || fault_code from pending_request"), "PENDING CONFLICT");
	assert_string_equal(pg_see("select count(*) from audit"), "0");
	fault_clear(&cx);
	cx.commit_on_fault = false;
	refuses = false;
	assert_true(decide(id));
	assert_int_equal(ran, 1);
}

static void a_route_that_is_gone_is_not_applicable(void **state)
{
	const char *id = put();

	(void)state;
	pg_schema.n_routes = 0;
	cx.who.account_id = DECIDER;
	assert_false(decide(id));
	assert_string_equal(cx.fault.def->code, FAULT_REQUEST_NOT_APPLICABLE.code);
}

static void time_ends_it(void **state)
{
	const char *id = put();

	(void)state;
	cx.who.account_id = "";
	assert_true(db_begin(&cx) && pending_expire(&cx, id) && db_commit(&cx));
	assert_string_equal(pg_see("select state || coalesce(decide_account_id, '-') from pending_request"), "EXPIRED-");
}

/* ---- the verdict ---- */

#define CONTACT 2u
#define PLAIN 1u
#define ROLES(a, b) (1u << RENHE__ROLE__##a | 1u << RENHE__ROLE__##b)

static void the_cells_judge(void **state)
{
	static const struct {
		uint32_t roles, classes;
		int scope, type;
		enum policy_verdict verdict;
	} cases[] = {
		{ROLES(EMPLOYEE, EMPLOYEE), CONTACT, 1, 1, POLICY_PENDS},
		{ROLES(EMPLOYEE, EMPLOYEE), PLAIN, 1, 1, POLICY_DENIES},
		{ROLES(EMPLOYEE, EMPLOYEE), PLAIN | CONTACT, 1, 1, POLICY_DENIES},
		{ROLES(EMPLOYEE, EMPLOYEE), CONTACT, 2, 1, POLICY_DENIES},
		{ROLES(EMPLOYEE, HR), PLAIN, 1 + 8, 1, POLICY_PENDS}, /* the own record, though HR sees all */
		{ROLES(EMPLOYEE, HR), PLAIN | CONTACT, 8, 1, POLICY_ALLOWS},
		{ROLES(EMPLOYEE, STORE_MANAGER), CONTACT, 4, 3, POLICY_PENDS},
		{ROLES(EMPLOYEE, STORE_MANAGER), CONTACT, 4, 1, POLICY_DENIES},
		{ROLES(EMPLOYEE, STORE_MANAGER), CONTACT, 2, 3, POLICY_DENIES},
		{ROLES(EMPLOYEE, STORE_MANAGER), PLAIN, 1 + 4, 3, POLICY_DENIES}, /* himself temporary */
		{ROLES(EMPLOYEE, AUDITOR), PLAIN, 8, 1, POLICY_DENIES},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		Archive__Employee e = ARCHIVE__EMPLOYEE__INIT;

		e.has_scope_match = e.has_employment_type = true;
		e.scope_match = cases[i].scope;
		e.employment_type = (Archive__EmploymentType)cases[i].type;
		cx.who.roles = cases[i].roles;
		print_message("case %zu\n", i);
		assert_int_equal(policy_judge(&cx, &PERMISSION_EMPLOYEE_CHANGE, &RULE_ARCHIVE_EMPLOYEE, &e.base,
					      cases[i].classes),
				 cases[i].verdict);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(another_person_runs_it),
		T(it_runs_once),
		T(its_maker_may_not_decide),
		T(nor_may_the_same_person),
		T(another_tenant_does_not_see_it),
		T(a_colleague_does_not_see_it),
		T(what_it_holds_is_sealed_and_goes_with_the_decision),
		T(a_refused_one_stays_and_says_why),
		T(a_route_that_is_gone_is_not_applicable),
		T(time_ends_it),
		T(the_cells_judge),
	};
	signal(SIGPIPE, SIG_IGN);
	pg_start(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
