/* Begun by ucontext, switched by setjmp and longjmp, which leave the signal mask alone: swapcontext is two calls of the
 * kernel for each switch, and AddressSanitizer doesn't follow it. The fortified longjmp refuses another stack. */
#undef _FORTIFY_SOURCE
#include "fiber.h"
#include <setjmp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

struct fiber {
	ucontext_t entry;
	jmp_buf own, back;
	void (*fn)(void *arg);
	void *arg;
	char *stack; /* its lowest page is the guard */
	bool begun, ended;
	struct fiber *outer; /* who was running when it was resumed */
	/* of the sanitizers, which must be told whose stack it is */
	void *shadow, *shadow_back;
	const void *back_bottom;
	size_t back_size;
};
static _Thread_local struct fiber *running;

static size_t page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* ---- sanitizers ---- */

#if defined(__SANITIZE_ADDRESS__)
/* kept: where the state of the stack that is left is put, NULL of one that ends. */
static void leave(void **kept, const void *bottom, size_t size)
{
	__sanitizer_start_switch_fiber(kept, bottom, size);
}
static void arrive(void *kept, const void **from_bottom, size_t *from_size)
{
	__sanitizer_finish_switch_fiber(kept, from_bottom, from_size);
}
#else
static void leave(void **kept, const void *bottom, size_t size)
{
	(void)kept, (void)bottom, (void)size;
}
static void arrive(void *kept, const void **from_bottom, size_t *from_size)
{
	(void)kept, (void)from_bottom, (void)from_size;
}
#endif

#if defined(__SANITIZE_THREAD__)
static void thread_made(struct fiber *f)
{
	f->shadow = __tsan_create_fiber(0);
}
static void thread_to(struct fiber *f)
{
	f->shadow_back = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(f->shadow, 0);
}
static void thread_back(struct fiber *f)
{
	__tsan_switch_to_fiber(f->shadow_back, 0);
}
static void thread_gone(struct fiber *f)
{
	__tsan_destroy_fiber(f->shadow);
}
#else
static void thread_made(struct fiber *f)
{
	(void)f;
}
static void thread_to(struct fiber *f)
{
	(void)f;
}
static void thread_back(struct fiber *f)
{
	(void)f;
}
static void thread_gone(struct fiber *f)
{
	(void)f;
}
#endif

/* ---- switching ---- */

static void leave_for(struct fiber *f)
{
	running = f->outer;
	leave(f->ended ? NULL : &f->shadow, f->back_bottom, f->back_size);
	thread_back(f);
	_longjmp(f->back, 1);
}

/* The sanitizers must hear of the switch between setjmp and longjmp: each belongs to its stack. */
static void back(struct fiber *f)
{
	if (_setjmp(f->own) == 0)
		leave_for(f);
	arrive(f->shadow, &f->back_bottom, &f->back_size);
}

static void begin(void)
{
	struct fiber *f = running;

	arrive(NULL, &f->back_bottom, &f->back_size);
	f->fn(f->arg);
	f->ended = true;
	leave_for(f);
}

struct fiber *fiber_new(void (*fn)(void *arg), void *arg)
{
	struct fiber *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	f->stack = mmap(NULL, FIBER_STACK_BYTES + page(), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
	if (f->stack == MAP_FAILED || mprotect(f->stack, page(), PROT_NONE) != 0 || getcontext(&f->entry) != 0)
		abort();
	f->entry.uc_stack.ss_sp = f->stack + page();
	f->entry.uc_stack.ss_size = FIBER_STACK_BYTES;
	makecontext(&f->entry, begin, 0);
	f->fn = fn;
	f->arg = arg;
	thread_made(f);
	return f;
}

static void enter(struct fiber *f, void **kept)
{
	f->outer = running;
	running = f;
	leave(kept, f->stack + page(), FIBER_STACK_BYTES);
	thread_to(f);
	if (f->begun)
		_longjmp(f->own, 1);
	f->begun = true;
	setcontext(&f->entry);
	abort();
}

bool fiber_resume(struct fiber *f)
{
	void *kept = NULL;

	if (f->ended)
		return false;
	if (_setjmp(f->back) == 0)
		enter(f, &kept);
	arrive(kept, NULL, NULL);
	return !f->ended;
}

void fiber_pause(void)
{
	back(running);
}

bool fiber_inside(void)
{
	return running != NULL;
}

size_t fiber_stack_used(const struct fiber *f)
{
	size_t pages = FIBER_STACK_BYTES / page(), used = 0;
	unsigned char *there = calloc(pages, 1);

	if (!there)
		abort();
	if (mincore(f->stack + page(), FIBER_STACK_BYTES, there) == 0)
		for (size_t i = 0; i < pages; i++)
			used += there[i] & 1;
	free(there);
	return used * page();
}

void fiber_free(struct fiber *f)
{
	thread_gone(f);
	munmap(f->stack, FIBER_STACK_BYTES + page());
	free(f);
}
