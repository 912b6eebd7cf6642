/* Connections. Every one is in pipeline mode for all of its life; what waits, waits in db_next(). */
#include "db_internal.h"
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "clock.h"
#include "log.h"
#include "seal.h"
#include "task.h"
#include "renhe.gen.h"

#define CONNECT_TIMEOUT_S "5"
#define SILENCE_GRACE_MS 5000 /* above the statement timeout: the server, not the statement, hangs */
#define LOOK_MS 250           /* for an interruption */

/* Formats are pinned here and not trusted to the server's settings: row_text.c reads them. The
 * server looks every 2 s whether a client still waits, so that what a killed one held is let go.
 * Compiling a plan (jit) is off: estimates under row security are high, and what runs for 2 ms would
 * be compiled for seconds. */
#define OPTIONS                                                                                    \
	"-c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=iso_8601 -c bytea_output=hex "      \
	"-c client_connection_check_interval=2000 -c tcp_user_timeout=15000 "                      \
	"-c default_transaction_isolation=read\\ committed -c jit=off -c statement_timeout=%d"

static char *copy(const char *s)
{
	char *c = s ? strdup(s) : NULL;

	if (s && !c)
		abort();
	return c;
}

struct db *db_new(const struct db_settings *s)
{
	struct db *db = calloc(1, sizeof(*db));

	if (!db)
		abort();
	db->settings = (struct db_settings){
		.host = copy(s->host),
		.port = copy(s->port),
		.database = copy(s->database),
		.user = copy(s->user),
		.password = copy(s->password),
		.application_name = copy(s->application_name),
		.statement_timeout_ms = s->statement_timeout_ms,
	};
	return db;
}

struct db *db_open(const struct db_settings *s, char *err, size_t err_size)
{
	struct db *db = db_new(s);

	if (db_connect(db, err, err_size))
		return db;
	db_close(db);
	return NULL;
}

void db_close(struct db *db)
{
	const struct db_settings *s = &db->settings;
	const char *texts[] = {s->host, s->port, s->database, s->user, s->password, s->application_name};

	db_disconnect(db);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free((void *)texts[i]);
	free(db);
}

/* Notices may quote values and are dropped; what matters comes as an error, but for the server's last
 * words to a connection that nobody uses. */
static void on_notice(void *arg, const PGresult *r)
{
	struct db *db = arg;
	const char *severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);

	if (severity && strcmp(severity, "FATAL") == 0)
		db->stale = true;
}

struct connecting {
	const struct db_settings *settings;
	PGconn *conn;
};

/* Blocks: names, the handshake, a server that starts. */
static void start(void *arg)
{
	struct connecting *out = arg;
	const struct db_settings *s = out->settings;
	bool local = s->host && s->host[0] == '/';
	char options[sizeof(OPTIONS) + 16];
	const char *const names[] = {
		"host", "port", "dbname", "user", "password", "application_name", "options",
		"client_encoding", "connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval",
		"keepalives_count", "tcp_user_timeout", "sslmode", "gssencmode", NULL};
	const char *const values[] = {
		s->host, s->port, s->database, s->user, s->password, s->application_name, options,
		"UTF8", CONNECT_TIMEOUT_S, "1", "10", "5",
		"3", "15000", local ? "disable" : "prefer", "disable", NULL};

	snprintf(options, sizeof(options), OPTIONS, s->statement_timeout_ms);
	out->conn = PQconnectdbParams(names, values, 0);
}

/* Without the line breaks that libpq ends and fills its messages with. */
static void one_line(const char *text, char *err, size_t err_size)
{
	snprintf(err, err_size, "%s", text);
	for (char *p = err; *p; p++)
		if (*p == '\n')
			*p = p[1] ? ' ' : '\0';
}

/* On a loop the sending may not block either; db_next sends what is left. */
static bool set_up(struct db *db)
{
	return PQstatus(db->conn) == CONNECTION_OK && PQenterPipelineMode(db->conn) &&
	       (!task_on_loop() || PQsetnonblocking(db->conn, 1) == 0);
}

bool db_connect(struct db *db, char *err, size_t err_size)
{
	struct connecting c = {.settings = &db->settings};

	db_disconnect(db);
	task_outside(start, &c);
	db->conn = c.conn;
	db->stale = false;
	if (set_up(db)) {
		PQsetNoticeReceiver(db->conn, on_notice, db);
		db->cache = statement_cache_new();
		return true;
	}
	one_line(PQerrorMessage(db->conn), err, err_size);
	db_disconnect(db);
	return false;
}

void db_disconnect(struct db *db)
{
	if (db->conn) {
		task_forget();
		PQfinish(db->conn);
	}
	db->conn = NULL;
	statement_cache_free(db->cache);
	db->cache = NULL;
	db->savepoint = false;
}

/* A connection that ended while nobody looked shows as readable: the server's last words, then the
 * end, which may come later. Notices and changed settings are readable too and do no harm. */
static bool alive(struct db *db)
{
	struct pollfd p = {.events = POLLIN};

	if (!db->conn || db->stale)
		return false;
	p.fd = PQsocket(db->conn);
	while (poll(&p, 1, 0) != 0) {
		if (!PQconsumeInput(db->conn) || PQstatus(db->conn) != CONNECTION_OK)
			return false;
		(void)PQisBusy(db->conn); /* reads what came */
	}
	return !db->stale;
}

/* So that the workers of all services do not come back in one wave. */
static int jitter_ms(int from, int to)
{
	unsigned char r;

	random_bytes(&r, sizeof(r));
	return from + (to - from) * r / 255;
}

static bool reconnect(struct db *db)
{
	char err[300];

	if (clock_monotonic_ms() < db->not_before_ms)
		return false;
	for (int tries = 0; tries < 2; tries++) {
		if (tries)
			task_sleep_ms(jitter_ms(20, 100));
		if (db_connect(db, err, sizeof(err)))
			return true;
	}
	/* libpq's text names host, role and database; no value of a row can be in it. */
	log_line(LOG_ERROR, "database unavailable", "reason", err, NULL);
	db->not_before_ms = clock_monotonic_ms() + jitter_ms(100, 400);
	return false;
}

bool db_ready(struct ctx *cx)
{
	struct db *db = cx->db;

	if (db->state != DB_IDLE)
		db_rollback(cx);
	if (alive(db) || reconnect(db))
		return true;
	return fail(cx, &FAULT_DATABASE_UNAVAILABLE, NULL);
}

static int64_t patience_until(const struct db *db)
{
	int timeout = db->settings.statement_timeout_ms;

	return timeout ? clock_monotonic_ms() + timeout + SILENCE_GRACE_MS : INT64_MAX;
}

static void cancel(void *arg)
{
	char err[256];

	PQcancel(arg, err, sizeof(err));
}

/* Blocks for a connection of its own; the statement ends with an error. */
static void cancel_statement(struct db *db)
{
	PGcancel *c = PQgetCancel(db->conn);

	db->cancelled = true;
	log_line(LOG_INFO, "statement cancelled: its caller is gone", NULL);
	task_outside(cancel, c);
	PQfreeCancel(c);
}

void db_caller(struct db *db, bool (*gone)(const void *caller), const void *caller)
{
	db->gone = gone;
	db->caller = caller;
	db->cancelled = false;
}

static bool wait_readable(struct db *db, int64_t until)
{
	int unsent = PQflush(db->conn);

	if (atomic_load(&db->interrupted) || clock_monotonic_ms() >= until)
		return false;
	if (db->gone && !db->cancelled && db->gone(db->caller))
		cancel_statement(db);
	task_wait(PQsocket(db->conn), unsent == 1, LOOK_MS);
	return true;
}

struct pg_result *db_next(struct db *db)
{
	int64_t until = 0;

	if (!db->conn)
		return NULL;
	while (PQisBusy(db->conn)) {
		until = until ? until : patience_until(db);
		if (!wait_readable(db, until)) {
			log_line(LOG_ERROR, "database wait given up", NULL);
			db_disconnect(db);
			return NULL;
		}
		if (!PQconsumeInput(db->conn))
			break; /* the reason comes as a result */
	}
	return PQgetResult(db->conn);
}

bool db_script(struct db *db, const char *sql, char *err, size_t err_size)
{
	PGresult *r;
	bool good;

	if (!db->conn || !PQexitPipelineMode(db->conn)) {
		snprintf(err, err_size, "no connection");
		return false;
	}
	r = PQexec(db->conn, sql);
	good = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;
	if (!good)
		one_line(PQresultErrorMessage(r), err, err_size);
	PQclear(r);
	return PQenterPipelineMode(db->conn) && good;
}

bool db_in_transaction(const struct db *db)
{
	return db->conn && PQtransactionStatus(db->conn) == PQTRANS_INTRANS;
}

const char *db_identifier(struct db *db, struct arena *a, const char *name)
{
	char *quoted = PQescapeIdentifier(db->conn, name, strlen(name));
	const char *out;

	if (!quoted)
		abort(); /* not UTF-8: names come from the settings */
	out = arena_strdup(a, quoted);
	PQfreemem(quoted);
	return out;
}
