/* What a program forgoes at its start: other programs, other processes, other file systems. Each try is made in a child
 * of its own, which the kernel ends. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "process.h"

/* Builds with sanitizers are let alone; tests/e2e/test_attack_door.py looks at the programs as they ship. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GUARDED false
#else
#define GUARDED true
#endif

static void *program(void *arg)
{
	execl("/bin/true", "true", (char *)NULL);
	return arg;
}
static void tries_program(void)
{
	program(NULL);
}
static void tries_program_in_thread(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, program, NULL) == 0)
		pthread_join(t, NULL);
}
static void tries_child_program(void)
{
	if (system("true") == -1)
		_exit(3);
}
static void tries_trace(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}
static void tries_memory_of_others(void)
{
	syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}
static void tries_mount(void)
{
	syscall(SYS_mount, NULL, NULL, NULL, 0, NULL); /* of nothing to nowhere: without the filter it does nothing */
}
static void tries_root(void)
{
	syscall(SYS_chroot, NULL);
}
static void works(void)
{
	int ends[2];

	if (pipe(ends) != 0 || write(ends[1], "x", 1) != 1 || !malloc(100000) || fork() < 0)
		_exit(3);
}

/* How a child ends that forgoes and then tries. */
static int end_of(void (*forgo)(void), void (*act)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		forgo();
		act();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}
static void nothing(void)
{
}

static void what_is_forgone_ends_the_process(void **state)
{
	static void (*const tries[])(void) = {tries_program, tries_program_in_thread, tries_trace, tries_memory_of_others, tries_mount,
					      tries_root};

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		int status = end_of(process_run_nothing, tries[i]);

		print_message("try %zu\n", i);
		assert_int_equal(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, GUARDED);
		assert_false(WIFSIGNALED(end_of(nothing, tries[i]))); /* it was the filter */
	}
	assert_int_equal(end_of(process_run_nothing, tries_child_program), 0); /* the child alone ends */
	assert_int_equal(end_of(process_run_nothing, works), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_forgone_ends_the_process)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
