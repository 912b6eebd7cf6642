/* A PostgreSQL of one test's own: a folder under /tmp, a Unix socket, no port. Trusts everyone who
 * can reach the folder. Ends with the test. */
#ifndef RENHE_PG_PRIVATE_H
#define RENHE_PG_PRIVATE_H
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PG_BIN "/usr/lib/postgresql/15/bin"

struct pg_private {
	char folder[64];
};

/* As the user postgres where the test is root, who may not run a server. */
static inline bool pg_shell(const struct pg_private *pg, const char *command, const char *input)
{
	char line[4096];

	snprintf(line, sizeof(line), "cd %s && %s sh -c '%s' >>%s/out 2>&1", pg->folder,
		 geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --clear-groups" : "",
		 command, pg->folder);
	FILE *f = popen(line, "w");
	bool good = f != NULL;
	if (f && input)
		good = fputs(input, f) >= 0;
	good = f && pclose(f) == 0 && good;
	if (!good) {
		snprintf(line, sizeof(line), "tail -n 20 %s/out >&2", pg->folder);
		fprintf(stderr, "failed: %s\n", command);
		(void)!system(line);
	}
	return good;
}

static inline bool pg_sql(const struct pg_private *pg, const char *user, const char *sql)
{
	char line[512];

	snprintf(line, sizeof(line),
		 PG_BIN "/psql -X -q -v ON_ERROR_STOP=1 -h %s -U %s -d postgres -f -", pg->folder,
		 user);
	return pg_shell(pg, line, sql);
}

static inline bool pg_start(struct pg_private *pg, const char *name)
{
	char line[512];

	snprintf(pg->folder, sizeof(pg->folder), "/tmp/%s.XXXXXX", name);
	if (!mkdtemp(pg->folder) || chmod(pg->folder, 0777) != 0)
		return false;
	snprintf(
		line, sizeof(line),
		PG_BIN
		"/pg_ctl -w -s -D data -l log -o \"-k %s -c listen_addresses= -c fsync=off\" start",
		pg->folder);
	return pg_shell(pg, PG_BIN "/initdb -D data -A trust -U postgres --no-locale -E UTF8 -N",
			NULL) &&
	       pg_shell(pg, line, NULL);
}

static inline void pg_stop(struct pg_private *pg)
{
	char line[128];

	pg_shell(pg, PG_BIN "/pg_ctl -D data -m immediate -s stop", NULL);
	snprintf(line, sizeof(line), "rm -rf %s", pg->folder);
	if (strncmp(pg->folder, "/tmp/", 5) == 0)
		(void)!system(line);
}
#endif
