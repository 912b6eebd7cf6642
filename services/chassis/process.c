#include "process.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

void process_keep_memory(void)
{
#ifndef __SANITIZE_ADDRESS__
	/* The limit alone does not hold where cores are piped to a program. */
	if (setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		abort();
#endif
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "the number of this machine's calls is to be said here"
#endif
#define OTHER_NUMBERS 0x40000000 /* of x32, which would name the same calls otherwise */

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define SAY(verdict) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_##verdict)
#define UNLESS(test, value) BPF_JUMP(BPF_JMP | test | BPF_K, value, 1, 0)
#define WHERE(test, value) BPF_JUMP(BPF_JMP | test | BPF_K, value, 0, 1)
#define NEVER(call) WHERE(BPF_JEQ, SYS_##call), SAY(KILL_PROCESS)

/* Looks at the number of the call alone, so the kernel keeps the answer by number and asks no more. */
static struct sock_filter NO_PROGRAMS[] = {
	LOAD(arch),
	UNLESS(BPF_JEQ, ARCH),
	SAY(KILL_PROCESS),
	LOAD(nr),
	WHERE(BPF_JGE, OTHER_NUMBERS),
	SAY(KILL_PROCESS),
	/* other programs, other processes, other file systems, other kernels */
	NEVER(execve), NEVER(execveat),
	NEVER(ptrace), NEVER(process_vm_readv), NEVER(process_vm_writev),
	NEVER(mount), NEVER(umount2), NEVER(pivot_root), NEVER(chroot), NEVER(setns), NEVER(unshare),
	NEVER(init_module), NEVER(finit_module), NEVER(kexec_load), NEVER(bpf), NEVER(perf_event_open),
	SAY(ALLOW),
};

void process_run_nothing(void)
{
	const struct sock_fprog filter = {sizeof(NO_PROGRAMS) / sizeof(NO_PROGRAMS[0]), NO_PROGRAMS};

	/* All threads that are there already; without the brake on speculation that a filter once brought. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		     SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter) != 0 &&
	     errno != ENOSYS && errno != EINVAL)) /* a kernel that was built without them */
		abort();
}
#else
void process_run_nothing(void)
{
}
#endif

void process_open_files(void)
{
	struct rlimit most;

	if (getrlimit(RLIMIT_NOFILE, &most) != 0)
		return;
	most.rlim_cur = most.rlim_max;
	setrlimit(RLIMIT_NOFILE, &most); /* where it fails, accepting pauses at the lower limit */
}
