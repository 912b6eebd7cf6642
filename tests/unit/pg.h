/* A PostgreSQL of the test's own: a cluster in /tmp/renhe-db.*, reached by its socket only, with the
 * three roles of a service and the chassis tables. It ends with the test, also when that crashes.
 * Needs the server's programs in $RENHE_PG_BIN or /usr/lib/postgresql/15/bin. */
#ifndef RENHE_TEST_PG_H
#define RENHE_TEST_PG_H
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#undef fail /* of cmocka, which comes first, as its fail_msg; ours raises faults */
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))
#include "clock.h"
#include "db_internal.h"
#include "migrate.h"
#include "seal.h"

#define PG_PORT "21300" /* names the socket; nothing listens on the network */
#define PG_TENANT_A "0a000000-0000-7000-8000-00000000000a"
#define PG_TENANT_B "0b000000-0000-7000-8000-00000000000b"
#define PG_ACCOUNT "0c000000-0000-7000-8000-00000000000c"

static char pg_dir[] = "/tmp/renhe-db.XXXXXX";
static pid_t pg_pid;

/* In the child: postgres refuses root. Dies with the parent. */
static void pg_become_postgres(void)
{
	const struct passwd *p = getuid() == 0 ? getpwnam("postgres") : NULL;

	if (p && (initgroups(p->pw_name, p->pw_gid) != 0 || setgid(p->pw_gid) != 0 || setuid(p->pw_uid) != 0))
		_exit(126);
	prctl(PR_SET_PDEATHSIG, SIGQUIT);
	if (chdir(pg_dir) != 0)
		_exit(126);
	int log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(log, 1);
	dup2(log, 2);
}

static const char *pg_bin(const char *program)
{
	static char path[512];
	const char *folder = getenv("RENHE_PG_BIN");

	snprintf(path, sizeof(path), "%s/%s", folder ? folder : "/usr/lib/postgresql/15/bin", program);
	return path;
}

static void pg_must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s failed; see %s/log\n", what, pg_dir);
	exit(1);
}

static void pg_initdb(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		pg_become_postgres();
		execl(pg_bin("initdb"), pg_bin("initdb"), "-D", "data", "-A", "trust", "-U", "super", "-E", "UTF8", "--locale=C.UTF-8",
		      "--no-sync", "--no-instructions", NULL);
		_exit(127);
	}
	pg_must(waitpid(pid, &status, 0) == pid && status == 0, "initdb");
}

static void pg_run(void)
{
	pg_pid = fork();
	if (pg_pid == 0) {
		pg_become_postgres();
		execl(pg_bin("postgres"), pg_bin("postgres"), "-D", "data", "-k", pg_dir, "-p", PG_PORT, "-c", "listen_addresses=", "-c",
		      "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=16MB", "-c", "max_connections=60", NULL);
		_exit(127);
	}
}

static struct db_settings pg_settings(const char *database, const char *user)
{
	return (struct db_settings){.host = pg_dir, .port = PG_PORT, .database = database, .user = user, .password = "",
				    .application_name = user, .statement_timeout_ms = 5000};
}

/* A connection that must come within 30 s. */
static struct db *pg_connect(const char *database, const char *user)
{
	struct db_settings s = pg_settings(database, user);
	struct db *db = NULL;
	char err[300];

	for (int i = 0; i < 300 && !(db = db_open(&s, err, sizeof(err))); i++)
		clock_sleep_ms(100);
	pg_must(db != NULL, err);
	return db;
}

static void pg_script(const char *database, const char *user, const char *sql)
{
	struct db *db = pg_connect(database, user);
	char err[500] = "";

	pg_must(db_script(db, sql, err, sizeof(err)), err);
	db_close(db);
}

/* Ends the server at once, as kill -9 of all of it would, and starts it again. */
static __attribute__((unused)) void pg_crash(void)
{
	kill(pg_pid, SIGQUIT);
	waitpid(pg_pid, NULL, 0);
}

static void pg_stop(void)
{
	char command[100];

	if (pg_pid > 0) {
		kill(pg_pid, SIGQUIT);
		waitpid(pg_pid, NULL, 0);
		pg_pid = 0;
	}
	snprintf(command, sizeof(command), "%s", pg_dir);
	pid_t pid = fork();
	if (pid == 0) {
		execlp("rm", "rm", "-rf", command, NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

static char *pg_read(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = calloc(1, 1 << 18);

	pg_must(f && text, path);
	size_t n = fread(text, 1, (1 << 18) - 1, f);
	pg_must(n > 0, path);
	fclose(f);
	return text;
}

#define PG_MIGRATIONS 64

/* Every migration of the chassis in order, for the caller to free; the number of them. */
static unsigned pg_chassis(struct migration m[PG_MIGRATIONS])
{
	glob_t found;
	unsigned n = 0;

	pg_must(glob(RENHE_SOURCE_DIR "/services/chassis/migrations/*.sql", 0, NULL, &found) == 0, "migrations");
	for (; n < found.gl_pathc; n++) {
		const char *file = strrchr(found.gl_pathv[n], '/') + 1;

		pg_must(n + 1 < PG_MIGRATIONS, "room for migrations");
		m[n] = (struct migration){"chassis", (int)strtol(file, NULL, 10), "chassis", pg_read(found.gl_pathv[n]), "a"};
	}
	globfree(&found);
	return n;
}

/* Cluster, roles t_owner, t_app, t_relay, database t with the chassis tables and `extra`. */
static __attribute__((unused)) void pg_start(const char *extra)
{
	struct migration m[PG_MIGRATIONS];
	unsigned n = pg_chassis(m);
	struct service_def def = {.name = "t", .migrations = m, .n_migrations = extra ? n + 1 : n};
	const struct passwd *p = getpwnam("postgres");
	char err[200];

	m[n] = (struct migration){"sample", 1, "sample", extra, "b"};
	pg_must(mkdtemp(pg_dir) != NULL, "mkdtemp");
	pg_must(getuid() != 0 || (p && chown(pg_dir, p->pw_uid, p->pw_gid) == 0), "chown");
	pg_initdb();
	pg_run();
	atexit(pg_stop);
	pg_must(seal_init("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", err, sizeof(err)), "root key");
	pg_script("postgres", "super", "create role t_owner login; create role t_app login; create role t_relay login;");
	pg_script("postgres", "super", "create database t owner t_owner");
	struct db_settings owner = pg_settings("t", "t_owner");
	owner.statement_timeout_ms = 0;
	pg_must(migrate_run(&owner, &def, "t_app", "t_relay"), "migrate");
	while (n--)
		free((void *)m[n].sql);
}

/* ---- contexts ---- */

static struct schema pg_schema = {.service = "t"};
static struct service_def pg_service_def = {.name = "t", .schema = &pg_schema};
static struct service pg_service = {.def = &pg_service_def, .schema = &pg_schema};

/* A context of the tenant on its own connection as the role. */
static __attribute__((unused)) void pg_ctx(struct ctx *cx, const char *role, const char *tenant)
{
	struct db_settings s = pg_settings("t", role);

	*cx = (struct ctx){.svc = &pg_service, .arena = arena_new(), .db = db_new(&s), .lang = "en", .scopes = 8,
			   .request_id = "01900000-0000-7000-8000-000000000001", .peer = "", .trace_id = "",
			   .now_us = clock_business_us()};
	cx->who = (struct principal){.tenant_id = tenant, .account_id = PG_ACCOUNT, .person_id = "", .session_id = ""};
	memcpy(cx->today, "2026-11-22", 11);
	pg_must(db_ready(cx), "connect");
}

static __attribute__((unused)) void pg_ctx_free(struct ctx *cx)
{
	db_rollback(cx);
	db_close(cx->db);
	arena_free(cx->arena);
}

/* First cell of a statement as the superuser, who sees all rows; "" where none. Memory of the thread. */
static __attribute__((unused)) const char *pg_see(const char *sql)
{
	static _Thread_local char out[2000];
	struct ctx cx = {.svc = &pg_service, .arena = arena_new(), .db = pg_connect("t", "super")};
	struct db_result r;

	pg_must(db_sql(&cx, sql, NULL, 0, &r), sql);
	snprintf(out, sizeof(out), "%s", r.n_rows && r.n_cols && r.rows[0][0] ? r.rows[0][0] : "");
	db_close(cx.db);
	arena_free(cx.arena);
	return out;
}
#endif
