/* The route map: which path of which method is which route, and which is none. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "router.h" /* before cmocka.h, which makes a macro of fail */

#include <cmocka.h>

#define R(n, m, p)                                                                                 \
	{                                                                                          \
		.name = (n), .method = METHOD_##m, .path = (p)                                     \
	}
static const struct route ROUTES[] = {
	R("list", GET, "/api/v1/employees"),
	R("hire", POST, "/api/v1/employees"),
	R("reveal", POST, "/api/v1/employees:reveal"),
	R("get", GET, "/api/v1/employees/{id}"),
	R("change", PATCH, "/api/v1/employees/{id}"),
	R("transfer", POST, "/api/v1/employees/{id}:transfer"),
	R("transfer_undo", POST, "/api/v1/employees/{id}:transfer-undo"),
	R("by_number", GET, "/api/v1/employees/by-number/{employee_number}"),
	R("contracts", GET, "/api/v1/employees/{employee_id}/contracts"),
	R("contract", DELETE, "/api/v1/employees/{employee_id}/contracts/{id}"),
	R("sign_out", DELETE, "/api/v1/sessions/current"),
	R("session", GET, "/api/v1/sessions/{id}"),
	R("step_up", POST, "/api/v1/sessions/current:step-up"),
	R("jwks", GET, "/.well-known/jwks.json"),
};
#define N (sizeof(ROUTES) / sizeof(ROUTES[0]))

/* route: name, or NULL for none; params: "name=value;..." or the Allow text where route is NULL. */
struct row {
	const char *method, *path, *route, *rest;
};

static const struct row FOUND[] = {
	{"GET", "/api/v1/employees", "list", ""},
	{"POST", "/api/v1/employees", "hire", ""},
	{"POST", "/api/v1/employees:reveal", "reveal", ""},
	{"GET", "/api/v1/employees/7", "get", "id=7;"},
	{"PATCH", "/api/v1/employees/7", "change", "id=7;"},
	{"GET", "/api/v1/employees/%41b%20%E5%BC%A0", "get", "id=Ab 张;"},
	{"POST", "/api/v1/employees/7:transfer", "transfer", "id=7;"},
	{"POST", "/api/v1/employees/7:transfer-undo", "transfer_undo", "id=7;"},
	{"GET", "/api/v1/employees/by-number/D-1", "by_number", "employee_number=D-1;"},
	{"GET", "/api/v1/employees/7/contracts", "contracts", "employee_id=7;"},
	{"GET", "/api/v1/employees/by-number/contracts", "by_number", "employee_number=contracts;"},
	{"DELETE", "/api/v1/employees/7/contracts/8", "contract", "employee_id=7;id=8;"},
	{"DELETE", "/api/v1/sessions/current", "sign_out", ""},
	{"GET", "/api/v1/sessions/currents", "session", "id=currents;"},
	{"POST", "/api/v1/sessions/current:step-up", "step_up", ""},
	{"GET", "/.well-known/jwks.json", "jwks", ""},
};

static const struct row REFUSED[] = {
	{"GET", "/", NULL, NULL},
	{"GET", "", NULL, NULL},
	{"GET", "api/v1/employees", NULL, NULL},
	{"GET", "/api/v1", NULL, NULL},
	{"GET", "/api/v1/employees/", NULL, NULL},
	{"GET", "/api/v1/employees//contracts", NULL, NULL},
	{"GET", "/api/v1/Employees", NULL, NULL},
	{"GET", "/api/v1/%65mployees", NULL, NULL},
	{"POST", "/api/v1/employees%3Areveal", NULL, NULL},
	{"POST", "/api/v1/employees/:transfer", NULL, NULL},
	{"POST", "/api/v1/employees/7:", NULL, NULL},
	{"POST", "/api/v1/employees/7:trans", NULL, NULL},
	{"POST", "/api/v1/employees/7:transfers", NULL, NULL},
	{"POST", "/api/v1/employees/7:x:transfer", NULL, NULL},
	{"GET", "/api/v1/employees/7%3Atransfer", NULL, NULL},
	{"GET", "/api/v1/employees/7%2Fcontracts", NULL, NULL},
	{"GET", "/api/v1/employees/%00", NULL, NULL},
	{"GET", "/api/v1/employees/%2e%2e", NULL, NULL},
	{"GET", "/api/v1/employees/%zz", NULL, NULL},
	{"GET", "/api/v1/employees/%E5%BC", NULL, NULL},
	{"GET", "/api/v1/employees/7/contracts/8/9", NULL, NULL},
	{"GET", "/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9", NULL, NULL},
	{"GET", "/internal/v1/keys", NULL, NULL},
	{"PUT", "/api/v1/employees", NULL, "GET, POST"},
	{"get", "/api/v1/employees", NULL, "GET, POST"},
	{"HEAD", "/api/v1/employees/7", NULL, "GET, PATCH"},
	{"GET", "/api/v1/employees/7:transfer", NULL, "POST"},
	{"GET", "/api/v1/sessions/current", NULL, "DELETE"},
	{"GET", "/api/v1/employees:reveal", NULL, "POST"},
	{"", "/.well-known/jwks.json", NULL, "GET"},
};

static void check(const struct router *r, const struct row *row)
{
	struct arena *a = arena_new();
	struct json_param p[ROUTER_MAX_PARAMS];
	const char *allow = "unset";
	unsigned n = 99;
	char got[256] = "";
	const struct route *m =
		router_match(r, str_of(row->method), str_of(row->path), a, p, &n, &allow);

	for (unsigned i = 0; i < n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s=%s;", p[i].name, p[i].value);
	if (row->route) {
		if (!m || strcmp(m->name, row->route) != 0)
			fail_msg("%s %s: %s", row->method, row->path, m ? m->name : "none");
		assert_string_equal(got, row->rest);
		assert_null(allow);
	} else {
		if (m)
			fail_msg("%s %s is taken as %s", row->method, row->path, m->name);
		assert_int_equal(n, 0);
		if (row->rest)
			assert_string_equal(allow, row->rest);
		else
			assert_null(allow);
	}
	arena_free(a);
}

static void finds(void **state)
{
	for (size_t i = 0; i < sizeof(FOUND) / sizeof(FOUND[0]); i++)
		check(*state, &FOUND[i]);
}

static void refuses(void **state)
{
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++)
		check(*state, &REFUSED[i]);
}

/* The order of the table must not matter. */
static void finds_in_reverse_order(void **state)
{
	struct route turned[N];

	(void)state;
	for (size_t i = 0; i < N; i++)
		turned[i] = ROUTES[N - 1 - i];
	struct router *r = router_new(turned, N);
	for (size_t i = 0; i < sizeof(FOUND) / sizeof(FOUND[0]); i++)
		check(r, &FOUND[i]);
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++)
		check(r, &REFUSED[i]);
	router_free(r);
}

static void empty_table_finds_nothing(void **state)
{
	struct router *r = router_new(NULL, 0);

	(void)state;
	check(r, &(struct row){"GET", "/api/v1/employees", NULL, NULL});
	router_free(r);
}

static bool aborts_on(const struct route *routes, unsigned n)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		signal(SIGABRT, SIG_DFL);
		router_new(routes, n);
		_exit(0);
	}
	assert_true(waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void defects_stop_the_start(void **state)
{
	static const struct route TWICE[] = {R("a", GET, "/x/{id}"), R("b", GET, "/x/{other}")};
	static const struct route BAD[] = {
		R("no slash", GET, "x"),	     R("empty", GET, "/x//y"),
		R("trailing", GET, "/x/"),	     R("no name", GET, "/x/{}"),
		R("open", GET, "/x/{id"),	     R("middle", GET, "/x/a{id}"),
		R("verb inside", GET, "/{id}:v/y"), R("tail", GET, "/x/{id}v"),
		R("bare colon", GET, "/x/{id}:"),   R("closed", GET, "/x/id}"),
	};

	(void)state;
	assert_true(aborts_on(TWICE, 2));
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		if (!aborts_on(&BAD[i], 1))
			fail_msg("template taken: %s", BAD[i].path);
	assert_false(aborts_on(ROUTES, N));
}

static int setup(void **state)
{
	*state = router_new(ROUTES, N);
	return 0;
}

static int teardown(void **state)
{
	router_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),
		cmocka_unit_test(refuses),
		cmocka_unit_test(finds_in_reverse_order),
		cmocka_unit_test(empty_table_finds_nothing),
		cmocka_unit_test(defects_stop_the_start),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
