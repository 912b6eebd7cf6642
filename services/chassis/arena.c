#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

#define FIRST_BLOCK ((size_t)16 << 10)
#define LARGEST_STEP ((size_t)1 << 20)
/* An import of 50 MiB, its tree and its messages fit; a runaway loop does not. */
#define CAP ((size_t)1 << 30)

struct block {
	struct block *next; /* the older one */
	size_t size, used;
	alignas(16) unsigned char data[];
};

struct arena {
	struct block *top;
	size_t used, total;
	ProtobufCAllocator allocator;
};

static struct block *block_new(size_t size, struct block *next)
{
	if (size > CAP)
		abort();
	struct block *b = malloc(sizeof(*b) + size);
	if (!b)
		abort();
	b->next = next;
	b->size = size;
	b->used = 0;
	POISON(b->data, size);
	return b;
}

static void block_free(struct block *b)
{
	UNPOISON(b->data, b->size);
	free(b);
}

static void *pb_alloc(void *data, size_t size)
{
	return arena_alloc(data, size);
}

static void pb_free(void *data, void *p)
{
	(void)data;
	(void)p;
}

struct arena *arena_new(void)
{
	struct arena *a = calloc(1, sizeof(*a));
	if (!a)
		abort();
	a->top = block_new(FIRST_BLOCK, NULL);
	a->total = FIRST_BLOCK;
	a->allocator = (ProtobufCAllocator){pb_alloc, pb_free, a};
	return a;
}

static void drop_to_first(struct arena *a)
{
	while (a->top->next) {
		struct block *b = a->top;
		a->top = b->next;
		block_free(b);
	}
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	drop_to_first(a);
	block_free(a->top);
	free(a);
}

void arena_reset(struct arena *a)
{
	drop_to_first(a);
	POISON(a->top->data, a->top->size);
	a->top->used = 0;
	a->used = 0;
	a->total = a->top->size;
}

/* Blocks double up to 1 MiB, so that a large request costs few calls of malloc. */
static void grow(struct arena *a, size_t need)
{
	size_t size = a->top->size * 2;

	if (size > LARGEST_STEP)
		size = LARGEST_STEP;
	if (size < need)
		size = need;
	if (size > CAP - a->total)
		abort();
	a->top = block_new(size, a->top);
	a->total += size;
}

void *arena_alloc(struct arena *a, size_t size)
{
	if (size > CAP)
		abort();
	size_t need = (size + 15) & ~(size_t)15;
	if (need == 0)
		need = 16;
	if (need > a->top->size - a->top->used)
		grow(a, need);
	void *p = a->top->data + a->top->used;
	a->top->used += need;
	a->used += need;
	UNPOISON(p, size);
	memset(p, 0, size);
	return p;
}

void *arena_dup(struct arena *a, const void *p, size_t size)
{
	void *copy = arena_alloc(a, size);

	if (size)
		memcpy(copy, p, size);
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *copy = arena_alloc(a, n + 1);

	if (n)
		memcpy(copy, s, n);
	return copy;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		abort();
	char *s = arena_alloc(a, (size_t)n + 1);
	vsnprintf(s, (size_t)n + 1, fmt, again);
	va_end(again);
	return s;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}

ProtobufCAllocator *arena_allocator(struct arena *a)
{
	return &a->allocator;
}
