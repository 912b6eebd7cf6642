/* The decision: who may do what to which row, and what he is shown of it; every branch of policy.c by tables of values,
 * with cells made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#undef fail /* of cmocka; ours raises faults */
#include "archive.gen.h"
#include "arena.h"
#include "clock.h"
#include "fault.h"
#include "policy.h"
#include "renhe.gen.h"

enum { NOBODY = 0, CLERK = 1, BOSS = 2, GUEST = 3, OWNER = 4 }; /* roles of these tests */
enum { SELF = 1, TEAM = 2, STORE = 4, TENANT = 8 };
#define BIT(x) (1u << (x))
#define PLAIN 1u
#define CONTACT 2u
#define IDENTITY 4u
#define N(x) (sizeof(x) / sizeof(*(x)))

static const struct policy_cell CELLS[] = {
	{.role = CLERK, .scope = TEAM, .clear = PLAIN | CONTACT, .masked = IDENTITY, .change = CONTACT},
	{.role = CLERK, .scope = STORE, .where_field = "employment_type", .where_value = "TEMPORARY", .pending = true},
	{.role = BOSS, .scope = TENANT, .clear = PLAIN | CONTACT | IDENTITY, .step_up = true, .pending = true, .decides = true},
	{.role = OWNER, .scope = SELF, .masked = CONTACT, .pending = true, .change = CONTACT},
	{.role = OWNER, .scope = TENANT, .clear = PLAIN},
};
static const struct permission THING = {.name = "THING_READ", .cells = CELLS, .n_cells = N(CELLS), .denial = {[CLERK] = 1, [GUEST] = 1}};
static struct route route = {.name = "t.Thing", .path = "/api/v1/things/{id}", .permission = &THING};
static const struct message_rule *const KINDS[] = {&RULE_ARCHIVE_EMPLOYEE, &RULE_ARCHIVE_POST};
static const struct schema known = {.messages = KINDS, .n_messages = N(KINDS)}, nothing;
static struct service svc;
static struct ctx cx;
static Archive__Employee row;

static int setup(void **state)
{
	(void)state;
	svc = (struct service){.schema = &known};
	route.permission = &THING;
	cx = (struct ctx){.svc = &svc, .arena = arena_new(), .route = &route, .lang = "en"};
	cx.who = (struct principal){.account_id = "a", .auth_time = clock_real_us() / 1000000};
	archive__employee__init(&row);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(cx.arena);
	return 0;
}

static const char *fault_of(bool done)
{
	const char *code = cx.fault.def ? cx.fault.def->code : "";

	assert_int_equal(done, !*code);
	fault_clear(&cx);
	return code;
}

/* ---- scopes ---- */

static void scopes_are_those_of_the_roles(void **state)
{
	static const struct {
		uint32_t roles;
		const char *scope;
		uint8_t all, contact, identity;
	} T[] = {
		{0, NULL, 0, 0, 0},
		{BIT(GUEST), NULL, 0, 0, 0},
		{BIT(CLERK), NULL, TEAM | STORE, TEAM, 0},
		{BIT(BOSS), "", TENANT, TENANT, TENANT},
		{BIT(CLERK) | BIT(BOSS), NULL, TEAM | STORE | TENANT, TEAM | TENANT, TENANT},
		/* a scope narrows, and never widens */
		{BIT(CLERK), "OTHER THING_READ", TEAM | STORE, TEAM, 0},
		{BIT(CLERK), "OTHER THING", 0, TEAM, 0},
		{BIT(GUEST), "THING_READ", 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < N(T); i++) {
		cx.who.roles = T[i].roles;
		cx.who.scope = T[i].scope;
		assert_int_equal(policy_scopes(&cx, &THING), T[i].all);
		assert_int_equal(policy_scopes_clear(&cx, 1), T[i].contact);
		assert_int_equal(policy_scopes_clear(&cx, 2), T[i].identity);
	}
	cx.who.roles = BIT(BOSS);
	route.permission = NULL;
	assert_int_equal(policy_scopes_clear(&cx, 1), 0);
	cx.route = NULL;
	assert_int_equal(policy_scopes_clear(&cx, 1), 0);
}

static void refusals_and_fresh_authentication(void **state)
{
	static const struct {
		uint32_t roles;
		int age_s;
		bool factor;
		const char *code, *method;
	} T[] = {
		{BIT(CLERK), 0, false, "", NULL},
		{BIT(CLERK), 100000, false, "", NULL}, /* its cells ask for no step-up */
		{BIT(BOSS), 299, false, "", NULL},
		{BIT(BOSS), 302, false, "STEP_UP_REQUIRED", "PASSWORD"},
		{BIT(BOSS), 302, true, "STEP_UP_REQUIRED", "TOTP"},
		{BIT(BOSS) | BIT(CLERK), 302, true, "", NULL}, /* one cell without is enough */
		{BIT(GUEST), 0, false, "RESOURCE_NOT_FOUND", NULL},
		{BIT(GUEST) | BIT(15), 0, false, "ACCESS_DENIED", NULL}, /* the most permissive speaks */
		{BIT(15), 0, false, "ACCESS_DENIED", NULL},
		{0, 0, false, "RESOURCE_NOT_FOUND", NULL},
	};

	(void)state;
	for (size_t i = 0; i < N(T); i++) {
		cx.who.roles = T[i].roles;
		cx.who.auth_time = clock_real_us() / 1000000 - T[i].age_s;
		cx.who.second_factor = T[i].factor;
		bool done = policy_check(&cx, &THING);
		if (T[i].method)
			assert_string_equal(cx.fault.method, T[i].method);
		assert_string_equal(fault_of(done), T[i].code);
	}
}

/* ---- changing ---- */

static void cells_judge_a_row(void **state)
{
	static const struct {
		uint32_t roles, classes;
		int match; /* -1: the row doesn't say */
		int type;  /* 0: no employment type */
		const char *scope;
		enum policy_verdict verdict;
	} T[] = {
		{BIT(CLERK), CONTACT, TEAM, 1, NULL, POLICY_ALLOWS},
		{BIT(CLERK), CONTACT | IDENTITY, TEAM, 1, NULL, POLICY_DENIES}, /* one class too many */
		{BIT(CLERK), CONTACT, TENANT, 1, NULL, POLICY_DENIES},
		{BIT(CLERK), IDENTITY, STORE, 3, NULL, POLICY_PENDS}, /* temporary: a cell of all classes */
		{BIT(CLERK), IDENTITY, STORE, 1, NULL, POLICY_DENIES},
		{BIT(CLERK), IDENTITY, STORE, 0, NULL, POLICY_DENIES},
		{BIT(CLERK), CONTACT, TEAM | STORE, 3, NULL, POLICY_ALLOWS}, /* the better one, whatever the order */
		{BIT(BOSS), IDENTITY, TENANT, 1, NULL, POLICY_DECIDES},
		{BIT(BOSS) | BIT(CLERK), IDENTITY, TENANT | STORE, 3, NULL, POLICY_DECIDES},
		{BIT(GUEST), PLAIN, TENANT, 1, NULL, POLICY_DENIES},
		{BIT(CLERK), CONTACT, -1, 1, NULL, POLICY_ALLOWS}, /* every scope where the row doesn't tell */
		/* the own record: SELF cells alone, where there are any */
		{BIT(OWNER), CONTACT, SELF | TENANT, 1, NULL, POLICY_PENDS},
		{BIT(OWNER), PLAIN, SELF | TENANT, 1, NULL, POLICY_DENIES},
		{BIT(OWNER), PLAIN, TENANT, 1, NULL, POLICY_ALLOWS},
		{BIT(OWNER) | BIT(CLERK), CONTACT, SELF | TEAM, 1, NULL, POLICY_PENDS},
		{BIT(CLERK), CONTACT, SELF | TEAM, 1, NULL, POLICY_ALLOWS},
		/* a machine client's scope */
		{BIT(CLERK), CONTACT, TEAM, 1, "THING_READ", POLICY_ALLOWS},
		{BIT(CLERK), CONTACT, TEAM, 1, "OTHER", POLICY_DENIES},
	};

	(void)state;
	for (size_t i = 0; i < N(T); i++) {
		cx.who.roles = T[i].roles;
		cx.who.scope = T[i].scope;
		row.has_scope_match = T[i].match >= 0;
		row.scope_match = T[i].match;
		row.has_employment_type = T[i].type > 0;
		row.employment_type = (Archive__EmploymentType)T[i].type;
		print_message("case %zu\n", i);
		assert_int_equal(policy_judge(&cx, &THING, &RULE_ARCHIVE_EMPLOYEE, &row.base, T[i].classes), T[i].verdict);
	}
}

/* Without a row it is the tenant's; a kind of row without scopes and conditions meets every scope and no condition. */
static void what_says_nothing(void **state)
{
	Archive__Post post = ARCHIVE__POST__INIT;

	(void)state;
	cx.who.roles = BIT(CLERK);
	assert_int_equal(policy_judge(&cx, &THING, &RULE_ARCHIVE_EMPLOYEE, NULL, CONTACT), POLICY_DENIES);
	assert_int_equal(policy_judge(&cx, &THING, &RULE_ARCHIVE_POST, &post.base, CONTACT), POLICY_ALLOWS);
	assert_int_equal(policy_judge(&cx, &THING, &RULE_ARCHIVE_POST, &post.base, IDENTITY), POLICY_DENIES);
	cx.who.roles = BIT(BOSS);
	assert_int_equal(policy_judge(&cx, &THING, &RULE_ARCHIVE_EMPLOYEE, NULL, IDENTITY), POLICY_DECIDES);
	static const struct policy_cell conditional[] = {{.role = BOSS, .scope = TENANT, .where_field = "employment_type", .where_value = "TEMPORARY"}};
	static const struct permission p = {.name = "P", .cells = conditional, .n_cells = 1};
	assert_int_equal(policy_judge(&cx, &p, &RULE_ARCHIVE_EMPLOYEE, NULL, PLAIN), POLICY_DENIES);
}

/* What a request is allowed by the classes that it touches. */
static void requests_are_held_against_the_cells(void **state)
{
	static const char *const cleared[] = {"address", "mobile", NULL};
	Renhe__TypedValue entry = RENHE__TYPED_VALUE__INIT, *entries[] = {&entry};
	Archive__Employee in = ARCHIVE__EMPLOYEE__INIT;
	char id[] = "x", mobile[] = "13800138000";

	(void)state;
#define CHANGE() fault_of(policy_change(&cx, &THING, &RULE_ARCHIVE_EMPLOYEE, &row.base))
	row.has_scope_match = true;
	row.scope_match = TEAM;
	cx.who.roles = BIT(CLERK);
	cx.in = &in.base;
	assert_string_equal(CHANGE(), "ACCESS_DENIED"); /* a verb alone is of class PLAIN */
	in.id = id;					/* stands in the path, so it is no change */
	in.mobile = mobile;
	assert_string_equal(CHANGE(), "");
	in.nationality = id;
	assert_string_equal(CHANGE(), "ACCESS_DENIED");
	in.nationality = in.mobile = NULL;
	cx.cleared = cleared;
	assert_string_equal(CHANGE(), "");
	cx.cleared = cleared + 2;
	assert_string_equal(CHANGE(), "ACCESS_DENIED");
	cx.cleared = NULL;
	in.n_custom_fields = 1; /* entries of a map are of the class that was declared */
	in.custom_fields = entries;
	entry.has_field_class = true;
	entry.field_class = 1;
	assert_string_equal(CHANGE(), "");
	entry.field_class = 2;
	assert_string_equal(CHANGE(), "ACCESS_DENIED");
	in.n_custom_fields = 0; /* emptied: of all classes */
	in.mobile = mobile;
	cx.cleared = (const char *const[]){"custom_fields", NULL};
	assert_string_equal(CHANGE(), "ACCESS_DENIED");
	cx.cleared = NULL;
	cx.who.account_id = ""; /* the service itself */
	cx.who.roles = 0;
	assert_string_equal(CHANGE(), "");
	assert_false(cx.pends);
}

static void requests_that_wait(void **state)
{
	Archive__Employee in = ARCHIVE__EMPLOYEE__INIT;
	char mobile[] = "13800138000";

	(void)state;
	in.mobile = mobile;
	cx.in = &in.base;
	row.has_scope_match = true;
	row.scope_match = TENANT;
	cx.who.roles = BIT(BOSS);
	assert_string_equal(CHANGE(), "");
	assert_true(cx.pends);
	cx.pends = false;
	cx.deciding = true; /* another one's: he may decide */
	assert_string_equal(CHANGE(), "");
	assert_false(cx.pends);
	row.scope_match = SELF;
	cx.who.roles = BIT(OWNER);
	assert_string_equal(CHANGE(), "ACCESS_DENIED"); /* may ask, not decide */
	cx.deciding = false;
	assert_string_equal(CHANGE(), "");
	assert_true(cx.pends);
	cx.pends = false;
	cx.route = NULL; /* a job can't ask */
	assert_string_equal(CHANGE(), "ACCESS_DENIED");
	cx.who.roles = BIT(BOSS);
	row.scope_match = TENANT;
	assert_string_equal(CHANGE(), "ACCESS_DENIED");
	cx.in = NULL; /* nobody says what it touches: all classes */
	cx.who.roles = BIT(CLERK);
	row.scope_match = TEAM;
	assert_string_equal(CHANGE(), "ACCESS_DENIED");
	assert_false(cx.pends);
}

/* ---- reading ---- */

static void a_view_is_the_sum_of_the_cells(void **state)
{
	static const struct {
		uint32_t roles;
		uint8_t granted;
		int match;
		const char *scope;
		uint32_t clear, masked;
	} T[] = {
		{BIT(CLERK), TEAM | STORE, TEAM, NULL, PLAIN | CONTACT, IDENTITY},
		{BIT(CLERK), TEAM | STORE, -1, NULL, PLAIN | CONTACT, IDENTITY},
		{BIT(CLERK), STORE, TEAM, NULL, PLAIN, 0}, /* what isn't granted shows nothing */
		{BIT(CLERK), TEAM, TENANT, NULL, PLAIN, 0},
		{BIT(CLERK) | BIT(BOSS), TEAM | TENANT, TEAM | TENANT, NULL, PLAIN | CONTACT | IDENTITY, 0}, /* clear wins */
		{BIT(OWNER), SELF | TENANT, SELF, NULL, PLAIN, CONTACT},
		{BIT(GUEST), 0, TENANT, NULL, PLAIN, 0},
		/* a scope names what comes in clear of what is masked, and nothing beside it */
		{BIT(CLERK), TEAM, TEAM, "THING_READ", PLAIN | CONTACT, IDENTITY},
		{BIT(CLERK), TEAM, TEAM, "THING_READ THING_READ:IDENTITY", PLAIN | CONTACT | IDENTITY, 0},
		{BIT(CLERK), TEAM, TEAM, "THING_READ THING_READ:PAY OTHER:IDENTITY", PLAIN | CONTACT, IDENTITY},
		{BIT(OWNER), SELF, SELF, "THING_READ:CONTACT", PLAIN | CONTACT, 0},
	};

	(void)state;
	for (size_t i = 0; i < N(T); i++) {
		cx.who.roles = T[i].roles;
		cx.who.scope = T[i].scope;
		cx.scopes = T[i].granted;
		row.has_scope_match = T[i].match >= 0;
		row.scope_match = T[i].match;
		print_message("case %zu\n", i);
		struct view v = policy_view(&cx, &row.base);
		assert_int_equal(v.clear, T[i].clear);
		assert_int_equal(v.masked, T[i].masked);
	}
}

static void views_without_a_permission(void **state)
{
	struct view v;

	(void)state;
	cx.who.roles = BIT(BOSS);
	cx.scopes = TENANT;
	svc.schema = &nothing; /* a kind that nobody described: the scopes that were granted */
	assert_int_equal(policy_view(&cx, &row.base).clear, PLAIN | CONTACT | IDENTITY);
	route.permission = NULL;
	v = policy_view(&cx, &row.base);
	assert_true(v.clear == PLAIN && v.masked == 0);
	cx.route = NULL;
	v = policy_view(&cx, &row.base);
	assert_true(v.clear == PLAIN && v.masked == 0);
	cx.as_system = true;
	assert_int_equal(policy_view(&cx, &row.base).clear, VIEW_ALL.clear);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(scopes_are_those_of_the_roles), T(refusals_and_fresh_authentication),
		T(cells_judge_a_row), T(what_says_nothing),
		T(requests_are_held_against_the_cells), T(requests_that_wait),
		T(a_view_is_the_sum_of_the_cells), T(views_without_a_permission),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
