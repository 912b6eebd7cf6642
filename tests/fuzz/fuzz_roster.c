/* Instances and rosters for the verifier, one file behind the other with a NUL between. What must hold: there is
 * a refusal with its file and text, or a verdict, and the same again. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "arena.h"
#include "fuzz.h"
#include "verify.h"

#define FILES 5

static struct arena *arena;
static int fds[FILES];
static const char *paths[FILES];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	arena = arena_new();
	for (int i = 0; i < FILES; i++) {
		static char names[FILES][32];

		fds[i] = memfd_create("roster", 0);
		demand(fds[i] >= 0);
		snprintf(names[i], sizeof(names[i]), "/proc/self/fd/%d", fds[i]);
		paths[i] = names[i];
	}
	return 0;
}

static size_t lay_out(const uint8_t *data, size_t size)
{
	size_t n = 0;

	for (; n < FILES; n++) {
		const uint8_t *end = n + 1 < FILES ? memchr(data, 0, size) : NULL;
		size_t part = end ? (size_t)(end - data) : size;

		demand(ftruncate(fds[n], 0) == 0 && pwrite(fds[n], data, part, 0) == (ssize_t)part);
		if (!end)
			break;
		data = end + 1;
		size -= part + 1;
	}
	return n + 1;
}

static int64_t judge(size_t n)
{
	struct verify v;
	size_t breaches = 0;

	verify_begin(&v, arena);
	if (!verify_files(&v, paths, n)) {
		demand(v.refusal.file && v.refusal.line >= 0 && text_zh(arena, v.refusal.what) && text_en(arena, v.refusal.what));
		return -v.refusal.line - 1;
	}
	for (const struct verify_breach *b = v.breaches; b; b = b->next)
		breaches += b->who && b->when && text_zh(arena, b->rule) && text_en(arena, b->rule);
	demand(!v.refusal.file && breaches == v.n_breaches && verify_penalty(&v) >= 0);
	return verify_penalty(&v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!arena)
		LLVMFuzzerInitialize(NULL, NULL);
	size_t n = lay_out(data, size);

	if (n < 2)
		return 0;
	int64_t first = judge(n);

	demand(judge(n) == first);
	arena_reset(arena);
	return 0;
}
