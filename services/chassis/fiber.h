/* A function with a stack of its own, which can pause and be resumed (协程): what lets a straight-line handler wait
 * without a thread. A fiber never changes its thread. This file's owner, fiber.c, is the only one of ucontext. */
#ifndef RENHE_FIBER_H
#define RENHE_FIBER_H
#include <stdbool.h>
#include <stddef.h>

struct fiber;
#define FIBER_STACK_BYTES ((size_t)256 << 10) /* behind a page that can't be written: an overflow ends the process */

/* Aborts where no stack can be had. fn runs from the first fiber_resume on. */
struct fiber *fiber_new(void (*fn)(void *arg), void *arg);
/* From outside of it, on the thread of its first resume. Returns when it pauses or ends; false: it has ended. */
bool fiber_resume(struct fiber *f);
/* Inside: back to who resumed it. */
void fiber_pause(void);
/* On a fiber's stack? */
bool fiber_inside(void);
/* The most of its stack that was ever in use, by whole pages. */
size_t fiber_stack_used(const struct fiber *f);
/* One that has ended or never began. */
void fiber_free(struct fiber *f);
#endif
