/* What the tests of JSON share: a context per test, shared files, scan and decode of a Sample. */
#ifndef RENHE_SAMPLE_JSON_H
#define RENHE_SAMPLE_JSON_H
#include <stdio.h>
#include <stdlib.h>
#include "sample.h"

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

/* Of the shared papers: RENHE_SHARED, else ../shared. A file that isn't there fails the test. */
__attribute__((unused)) static struct str shared_file(const char *path)
{
	const char *root = getenv("RENHE_SHARED");
	char *full = arena_printf(cx.arena, "%s/%s", root ? root : "../shared", path);
	FILE *f = fopen(full, "rb");

	if (!f)
		fail_msg("%s is missing; set RENHE_SHARED", full);
	fseek(f, 0, SEEK_END);
	size_t n = (size_t)ftell(f);
	rewind(f);
	char *p = arena_alloc(cx.arena, n + 1);
	assert_int_equal(fread(p, 1, n, f), n);
	fclose(f);
	return (struct str){p, n};
}

/* A copy of exact size on the heap, so that ASan sees a step beyond the end. */
__attribute__((unused)) static const char *scan(const char *p, size_t n, size_t *offset, const char **pointer)
{
	char *exact = malloc(n ? n : 1);

	memcpy(exact, p, n);
	const char *code = json_scan(cx.arena, (struct str){exact, n}, offset, pointer);
	free(exact);
	return code;
}

__attribute__((unused)) static const char *items_text(void)
{
	struct buf b;

	buf_init(&b, cx.arena);
	for (unsigned i = 0; i < cx.fault.n_items; i++)
		buf_printf(&b, "%s%s %s", i ? "; " : "", cx.fault.items[i].pointer, cx.fault.items[i].code);
	return b.p;
}

static void clear_fault(void)
{
	cx.fault.def = NULL;
	cx.fault.n_items = 0;
}

__attribute__((unused)) static struct sample *decode(const char *body, bool is_patch, const char *const **cleared)
{
	ProtobufCMessage *m = NULL;

	clear_fault();
	bool ok = json_decode(&cx, &sample_rule, str_of(body), is_patch, NULL, 0, NULL, 0, &m, cleared);
	assert_int_equal(ok, cx.fault.def == NULL);
	assert_int_equal(ok, m != NULL);
	return (struct sample *)m;
}

#define GOOD_ID "110101199003078670"
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#endif
