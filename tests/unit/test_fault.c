/* Faults and their problem+json. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "sample.h"
#include "fault.h"

static const struct fault_def TAKEN = {"NUMBER_TAKEN", 409, "工号已被使用", "The number is taken"};
static const struct fault_def INVALID = {"VALIDATION", 422, "内容未通过校验", "The content breaks a rule"};
static const struct fault_def BROKEN = {"BROKEN_INSIDE", 500, "系统内部错误", "Internal error"};

static struct ctx cx;

static int setup(void **state)
{
	(void)state;
	sample_ctx(&cx, arena_new());
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(cx.arena);
	return 0;
}

static void the_first_fault_stands(void **state)
{
	char zh[] = "甲", en[] = "first";

	(void)state;
	assert_true(fault_none(&cx, &INVALID));
	assert_null(cx.fault.def);
	assert_false(fail_detail(&cx, &TAKEN, "employee_number", text_pair(zh, en)));
	en[0] = zh[0] = '?'; /* texts were copied */
	assert_false(fail(&cx, &BROKEN, NULL));
	fault_add(&cx, "/x", "LATE", text_pair("迟", "late"));
	assert_false(fault_none(&cx, &INVALID));
	assert_ptr_equal(cx.fault.def, &TAKEN);
	assert_string_equal(cx.fault.detail_en, "first");
	assert_int_equal(cx.fault.n_items, 1);
	assert_string_equal(cx.fault.items[0].pointer, "/employee_number");
	assert_string_equal(cx.fault.items[0].code, "NUMBER_TAKEN");
	assert_string_equal(cx.fault.items[0].zh, "甲");
	fault_clear(&cx);
	assert_null(cx.fault.def);
	assert_true(fault_none(&cx, &INVALID));
}

static void items_are_collected(void **state)
{
	(void)state;
	for (int i = 0; i < FAULT_MAX_ITEMS + 20; i++)
		fault_add(&cx, "/a", "CODE", text_pair("零", "zero"));
	assert_int_equal(cx.fault.n_items, FAULT_MAX_ITEMS);
	assert_false(fault_none(&cx, &INVALID));
	assert_ptr_equal(cx.fault.def, &INVALID);
	assert_int_equal(cx.fault.n_items, FAULT_MAX_ITEMS);
}

static void pointers(void **state)
{
	static const char *const row[][2] = {
		{"name", "/name"}, {"/a/b", "/a/b"}, {"?page_size", "?page_size"}, {"", ""}};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		fail(&cx, &TAKEN, row[i][0]);
		assert_string_equal(cx.fault.items[0].pointer, row[i][1]);
		fault_clear(&cx);
	}
	fail(&cx, &TAKEN, NULL);
	assert_int_equal(cx.fault.n_items, 0);
}

static void renders_english(void **state)
{
	(void)state;
	fault_add(&cx, "/name", "TOO_LONG", text_pair("太长", "is \"too\" long"));
	fault_add(&cx, "?page_size", "TYPE", text_pair("应为整数", "must be an integer"));
	fault_none(&cx, &INVALID);
	struct str s = fault_render(&cx);
	assert_int_equal(s.p[s.n], 0);
	assert_string_equal(
		s.p, "{\"type\":\"/problems/validation\",\"title\":\"The content breaks a rule\","
		     "\"status\":422,\"detail\":\"The content breaks a rule\","
		     "\"instance\":\"urn:uuid:01900000-0000-7000-8000-000000000001\",\"code\":\"VALIDATION\","
		     "\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\",\"errors\":["
		     "{\"pointer\":\"/name\",\"code\":\"TOO_LONG\",\"detail\":\"is \\\"too\\\" long\"},"
		     "{\"pointer\":\"?page_size\",\"code\":\"TYPE\",\"detail\":\"must be an integer\"}]}");
}

static void renders_chinese(void **state)
{
	(void)state;
	cx.lang = "zh-CN";
	cx.trace_id = NULL;
	fail_detail(&cx, &TAKEN, "employee_number", text_pair("请换一个", "choose another"));
	assert_string_equal(
		fault_render(&cx).p,
		"{\"type\":\"/problems/number-taken\",\"title\":\"工号已被使用\",\"status\":409,"
		"\"detail\":\"请换一个\",\"instance\":\"urn:uuid:01900000-0000-7000-8000-000000000001\","
		"\"code\":\"NUMBER_TAKEN\",\"errors\":[{\"pointer\":\"/employee_number\","
		"\"code\":\"NUMBER_TAKEN\",\"detail\":\"请换一个\"}]}");
	cx.lang = NULL; /* Chinese where nothing was asked for */
	assert_non_null(strstr(fault_render(&cx).p, "工号已被使用"));
}

static void own_failures_tell_no_cause(void **state)
{
	(void)state;
	fail_detail(&cx, &BROKEN, "name",
		    text_pair("密码 hunter2", "relation hunter2 does not exist"));
	const char *s = fault_render(&cx).p;
	assert_null(strstr(s, "hunter2"));
	assert_null(strstr(s, "errors"));
	assert_non_null(strstr(s, "\"detail\":\"Internal error\""));
}

static void finds_by_code(void **state)
{
	const struct fault_def *all[] = {&TAKEN, &INVALID};
	const struct schema s = {.faults = all, .n_faults = 2};

	(void)state;
	assert_ptr_equal(fault_by_code(&s, "VALIDATION"), &INVALID);
	assert_null(fault_by_code(&s, "VALID"));
	assert_null(fault_by_code(&s, "BROKEN_INSIDE"));
}

static void rendering_nothing_aborts(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		fclose(stderr);
		fault_render(&cx);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_first_fault_stands), T(items_are_collected),	   T(pointers),
		T(renders_english),	   T(renders_chinese),		   T(own_failures_tell_no_cause),
		T(finds_by_code),	   T(rendering_nothing_aborts),
	};
	sample_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
