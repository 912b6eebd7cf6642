#include "str.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned char lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

bool str_eq(struct str a, const char *b)
{
	size_t n = strlen(b);

	return a.n == n && (n == 0 || memcmp(a.p, b, n) == 0);
}

bool str_ieq(struct str a, const char *b)
{
	if (a.n != strlen(b))
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower((unsigned char)a.p[i]) != lower((unsigned char)b[i]))
			return false;
	return true;
}

void buf_init(struct buf *b, struct arena *a)
{
	b->arena = a;
	b->n = 0;
	b->cap = 256;
	b->p = arena_alloc(a, b->cap);
}

/* Doubling: the arena keeps the older halves until it is reset, at most as much again. */
static void reserve(struct buf *b, size_t more)
{
	if (more > SIZE_MAX / 4 || b->n > SIZE_MAX / 4)
		abort();
	if (b->n + more < b->cap)
		return;
	size_t cap = b->cap * 2;
	while (cap <= b->n + more)
		cap *= 2;
	char *p = arena_alloc(b->arena, cap);
	memcpy(p, b->p, b->n);
	b->p = p;
	b->cap = cap;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	reserve(b, n);
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	reserve(b, (size_t)n);
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
	va_end(again);
	b->n += (size_t)n;
}

#define LONGEST_WORD 64

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

unsigned str_distance(const char *a, const char *b, unsigned most)
{
	size_t na = strlen(a), nb = strlen(b);
	size_t gap = na > nb ? na - nb : nb - na;
	unsigned row[LONGEST_WORD + 1];

	if (gap > most || na > LONGEST_WORD || nb > LONGEST_WORD)
		return most + 1;
	for (unsigned j = 0; j <= nb; j++)
		row[j] = j;
	for (unsigned i = 1; i <= na; i++) {
		unsigned diagonal = row[0], least = row[0] = i;
		for (unsigned j = 1; j <= nb; j++) {
			unsigned up = row[j];
			row[j] = min3(up + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = up;
			least = row[j] < least ? row[j] : least;
		}
		if (least > most)
			return most + 1;
	}
	return row[nb] > most ? most + 1 : row[nb];
}

const char *str_nearest(const char *word, const char *const *list)
{
	const char *best = NULL;
	unsigned least = 4;
	size_t n = strlen(word);

	for (; *list; list++) {
		unsigned d = str_distance(word, *list, 3);
		/* A short name with something behind it is a slip too. */
		bool longer = !strncmp(word, *list, strlen(*list));
		if (d < least && (longer || 2 * (size_t)d < n)) {
			least = d;
			best = *list;
		}
	}
	return best;
}
