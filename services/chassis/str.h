/* Byte strings: a slice that owns nothing, and a buffer that grows in an arena. */
#ifndef RENHE_STR_H
#define RENHE_STR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "arena.h"

struct str {
	const char *p;
	size_t n;
};
#define STR(lit) ((struct str){(lit), sizeof(lit) - 1})

static inline struct str str_of(const char *s)
{
	return (struct str){s, s ? strlen(s) : 0};
}
bool str_eq(struct str a, const char *b);
bool str_ieq(struct str a, const char *b); /* ASCII case-blind */

struct buf {
	struct arena *arena;
	char *p; /* always ends in a NUL that n doesn't count */
	size_t n, cap;
};
void buf_init(struct buf *b, struct arena *a);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Edit distance bounded by `most`, for "nearest name" hints; most + 1 where it is more. */
unsigned str_distance(const char *a, const char *b, unsigned most);
/* The nearest of a NULL-ended list within distance 3 and half of the word's length, or NULL. */
const char *str_nearest(const char *word, const char *const *list);
#endif
