/* Arena and byte strings. */
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
#include "str.h"

static void gives_zeroed_aligned_memory(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t n = 0; n < 5000; n = n * 3 / 2 + 1) {
			unsigned char *p = arena_alloc(a, n);
			assert_int_equal((uintptr_t)p % 16, 0);
			for (size_t i = 0; i < n; i++)
				assert_int_equal(p[i], 0);
			memset(p, 0xA5, n);
		}
		arena_reset(a);
		assert_int_equal(arena_used(a), 0);
	}
	arena_free(a);
	arena_free(NULL);
}

static void pieces_do_not_overlap(void **state)
{
	struct arena *a = arena_new();
	unsigned char *p[2000];

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		p[i] = arena_alloc(a, i);
		memset(p[i], (int)(i & 0xFF), i);
	}
	for (unsigned i = 0; i < 2000; i++)
		for (unsigned j = 0; j < i; j++)
			assert_int_equal(p[i][j], i & 0xFF);
	assert_true(arena_used(a) >= 1999 * 1000);
	arena_free(a);
}

static void copies_texts(void **state)
{
	struct arena *a = arena_new();
	char big[5000];

	(void)state;
	assert_string_equal(arena_strdup(a, "张三"), "张三");
	assert_string_equal(arena_strndup(a, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(a, NULL, 0), "");
	assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
	assert_memory_equal(arena_dup(a, "a\0b", 3), "a\0b", 3);
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	assert_string_equal(arena_printf(a, "%s", big), big);
	ProtobufCAllocator *al = arena_allocator(a);
	char *p = al->alloc(al->allocator_data, 10);
	al->free(al->allocator_data, p);
	assert_int_equal(p[9], 0); /* its free does nothing */
	arena_free(a);
}

/* Whether a child that runs fn dies of abort(). */
static bool aborts(void (*fn)(struct arena *a))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		fclose(stderr);
		fn(arena_new());
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void ask_too_much(struct arena *a)
{
	arena_alloc(a, (size_t)2 << 30);
}

static void ask_the_impossible(struct arena *a)
{
	arena_alloc(a, SIZE_MAX - 3);
}

static void ask_for_ever(struct arena *a)
{
	for (int i = 0; i < 3000; i++)
		arena_alloc(a, (size_t)1 << 20);
}

static void ask_a_little(struct arena *a)
{
	arena_alloc(a, 1000);
}

static void the_cap_ends_the_process(void **state)
{
	(void)state;
	assert_true(aborts(ask_too_much));
	assert_true(aborts(ask_the_impossible));
	assert_true(aborts(ask_for_ever));
	assert_false(aborts(ask_a_little));
}

static void buffers_grow(void **state)
{
	struct arena *a = arena_new();
	struct buf b;

	(void)state;
	buf_init(&b, a);
	assert_string_equal(b.p, "");
	for (int i = 0; i < 10000; i++) {
		buf_printf(&b, "%04d", i);
		assert_int_equal(b.p[b.n], 0);
	}
	assert_int_equal(b.n, 40000);
	assert_memory_equal(b.p + 39996, "9999", 5);
	buf_add(&b, "\0x", 2);
	assert_int_equal(b.n, 40002);
	buf_puts(&b, "");
	assert_int_equal(b.n, 40002);
	arena_free(a);
}

static void strings_compare(void **state)
{
	(void)state;
	assert_true(str_eq(STR("abc"), "abc"));
	assert_true(str_eq(str_of(NULL), ""));
	assert_false(str_eq(STR("abc"), "ab"));
	assert_false(str_eq(STR("abc"), "abC"));
	assert_true(str_ieq(STR("Content-Type"), "content-TYPE"));
	assert_false(str_ieq(STR("Content-Typ"), "content-type"));
	assert_false(str_ieq(STR("\xC3\x84"), "\xC3\xA4")); /* ASCII only */
}

static void distances(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned most, expected;
	} row[] = {
		{"", "", 3, 0},	     {"abc", "abc", 3, 0},   {"", "abc", 3, 3},	     {"hire_dat", "hire_date", 3, 1},
		{"kitten", "sitting", 3, 3}, {"kitten", "sitting", 2, 3}, {"abcd", "efgh", 3, 4},
		{"a", "abcdef", 3, 4},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_int_equal(str_distance(row[i].a, row[i].b, row[i].most), row[i].expected);
		assert_int_equal(str_distance(row[i].b, row[i].a, row[i].most), row[i].expected);
	}
	static const char *const names[] = {"page_size", "page_token", "state", NULL};
	assert_string_equal(str_nearest("page_siez", names), "page_size");
	assert_string_equal(str_nearest("staet", names), "state");
	assert_null(str_nearest("org_unit_id", names));
	assert_string_equal(str_nearest("statexx", names), "state");
	assert_string_equal(str_nearest("qx", (const char *const[]){"state", "q", NULL}), "q");
	assert_null(str_nearest("xq", (const char *const[]){"state", "q", NULL}));
	char *endless = malloc(100000);
	memset(endless, 'x', 99999);
	endless[99999] = '\0';
	assert_null(str_nearest(endless, names));
	free(endless);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_zeroed_aligned_memory), cmocka_unit_test(pieces_do_not_overlap),
		cmocka_unit_test(copies_texts),		       cmocka_unit_test(the_cap_ends_the_process),
		cmocka_unit_test(buffers_grow),		       cmocka_unit_test(strings_compare),
		cmocka_unit_test(distances),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
