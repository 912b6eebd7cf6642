#include "metrics_process.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static void put_head(struct buf *b, const char *name, const char *kind, const char *help)
{
	buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

static void put(struct buf *b, const char *name, const char *help, int64_t value)
{
	put_head(b, name, "gauge", help);
	buf_printf(b, "%s %" PRId64 "\n", name, value);
}

/* The number behind "name:" in /proc/self/FILE, whose size is in kB; -1: none. */
static int64_t kilobytes(const char *file, const char *name)
{
	char line[256];
	int64_t found = -1;
	FILE *f = fopen(file, "re");

	while (f && found < 0 && fgets(line, sizeof(line), f))
		if (strncmp(line, name, strlen(name)) == 0)
			found = strtoll(line + strlen(name), NULL, 10);
	if (f)
		fclose(f);
	return found;
}

static int64_t open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int64_t n = -3; /* ".", ".." and the folder's own */

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

static void put_cpu(struct buf *b)
{
	static const char NAME[] = "process_cpu_seconds_total";
	struct rusage use;

	if (getrusage(RUSAGE_SELF, &use) != 0)
		return;
	int64_t us = (int64_t)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000 +
		     use.ru_utime.tv_usec + use.ru_stime.tv_usec;
	put_head(b, NAME, "counter", "CPU time, user and system");
	buf_printf(b, "%s %" PRId64 ".%06" PRId64 "\n", NAME, us / 1000000, us % 1000000);
}

void process_metrics(struct buf *b)
{
	int64_t resident = kilobytes("/proc/self/status", "VmRSS:"),
		private = kilobytes("/proc/self/smaps_rollup", "Private_Dirty:");
	int64_t files = open_files();
	struct rlimit most;

	if (resident >= 0)
		put(b, "process_resident_memory_bytes", "Resident memory", resident * 1024);
	if (private >= 0)
		put(b, "renhe_process_private_bytes", "Memory that no other process shares",
		    private * 1024);
	if (files >= 0)
		put(b, "process_open_fds", "Open file descriptors", files);
	if (getrlimit(RLIMIT_NOFILE, &most) == 0)
		put(b, "process_max_fds", "File descriptors that may be open",
		    (int64_t)most.rlim_cur);
	put_cpu(b);
}
