/* Memory of one request: everything is freed at once, nothing one by one.
 * Allocation never fails for the caller: out of memory ends the request by abort(), as any other
 * programmer or machine error does. A cap bounds what one request may take.
 */
#ifndef RENHE_ARENA_H
#define RENHE_ARENA_H
#include <stdarg.h>
#include <stddef.h>
#include <protobuf-c/protobuf-c.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a);
/* Frees all but the first block, which is kept for the next request. */
void arena_reset(struct arena *a);
/* Zeroed, 16-byte aligned. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_dup(struct arena *a, const void *p, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap);
/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);
/* For protobuf-c: its free does nothing. Lives inside the arena. */
ProtobufCAllocator *arena_allocator(struct arena *a);

#endif
