/* Transactions. BEGIN and the settings go out with the first statement, so they cost no round trip
 * of their own; a transaction without a statement never reaches the server. */
#include "db_internal.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>
#include "clock.h"
#include "log.h"
#include "seal.h"
#include "sqlstate.h"
#include "value.h"
#include "renhe.gen.h"

#define SETTINGS                                                                                           \
	"select set_config('renhe.tenant_id', $1, true), set_config('renhe.account_id', $2, true), "       \
	"set_config('renhe.person_id', $3, true), set_config('renhe.scopes', $4, true), "                   \
	"set_config('renhe.today', $5, true), set_config('renhe.now', $6, true), "                          \
	"set_config('renhe.clock_shift', $7, true)"
#define TIMEOUT ", set_config('statement_timeout', $8, true)"
#define READ_ONLY ", set_config('transaction_read_only', 'on', true)"
/* The timeout only where it isn't the one that the connection started with. */
static const char *const SETTINGS_SQL[2][2] = {
	{SETTINGS, SETTINGS TIMEOUT},
	{SETTINGS READ_ONLY, SETTINGS READ_ONLY TIMEOUT},
};

static const char *text_or_empty(const char *s)
{
	return s ? s : "";
}

static void scopes_text(const struct ctx *cx, char *out, size_t size)
{
	static const char *const NAMES[] = {"self", "team", "store", "tenant"};
	size_t n = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < 4 && !cx->as_system; i++)
		if (cx->scopes & 1u << i)
			n += (size_t)snprintf(out + n, size - n, "%s%s", n ? "," : "", NAMES[i]);
	if (cx->as_system)
		snprintf(out, size, "tenant");
}

/* What is left of the request, when that is less than a statement may take. */
static int timeout_ms(const struct ctx *cx)
{
	int most = cx->db->settings.statement_timeout_ms;
	int64_t left = cx->deadline_ms - clock_monotonic_ms();

	if (cx->deadline_ms == 0 || (most && left >= most))
		return most;
	return left > 1 ? (int)left : 1;
}

void begin_texts(const struct ctx *cx, struct begin_texts *t)
{
	int timeout = timeout_ms(cx);
	bool usual = timeout == cx->db->settings.statement_timeout_ms;

	time_format(cx->now_us, t->now);
	scopes_text(cx, t->scopes, sizeof(t->scopes));
	snprintf(t->shift, sizeof(t->shift), "%lld", (long long)clock_shift_s());
	snprintf(t->timeout, sizeof(t->timeout), "%d", timeout);
	t->params[0] = text_or_empty(cx->who.tenant_id);
	t->params[1] = text_or_empty(cx->who.account_id);
	t->params[2] = text_or_empty(cx->who.person_id);
	t->params[3] = t->scopes;
	t->params[4] = cx->today;
	t->params[5] = t->now;
	t->params[6] = t->shift;
	t->params[7] = t->timeout;
	t->sql = SETTINGS_SQL[cx->db->reads][!usual];
	t->n_params = usual ? 7 : 8;
}

static bool begin_as(struct ctx *cx, bool reads)
{
	struct db *db = cx->db;

	if (db->state != DB_IDLE) {
		log_line(LOG_ERROR, "transaction left open", NULL);
		db_rollback(cx);
	}
	if (!db->conn)
		return db_lost(cx, "");
	db->state = DB_ASKED;
	db->reads = reads;
	db->savepoint = db->retryable = false;
	db->n_kept = 0;
	return true;
}

bool db_begin(struct ctx *cx)
{
	return begin_as(cx, false);
}

bool db_begin_read(struct ctx *cx)
{
	return begin_as(cx, true);
}

void db_writes(struct ctx *cx)
{
	if (cx->db->state == DB_ASKED)
		cx->db->reads = false;
}

static bool run_plain(struct ctx *cx, const char *const *sql, size_t n, const char *const *params, int n_params)
{
	struct db_command c[2];
	PGresult *r[2];

	for (size_t i = 0; i < n; i++)
		c[i] = (struct db_command){sql[i], params, n_params, NULL};
	if (!db_run(cx, c, n, r, NULL))
		return false;
	db_clear(r, n);
	return true;
}

bool db_tenant(struct ctx *cx, const char *tenant_id)
{
	const char *sql = "select set_config('renhe.tenant_id', $1, true)";

	if (!run_plain(cx, &sql, 1, &tenant_id, 1))
		return false;
	cx->who.tenant_id = arena_strdup(cx->arena, tenant_id);
	return true;
}

/* ---- the end ---- */

/* One command without parameters, outside of the statement cache: it must also go through in a
 * failed transaction. NULL: the connection is gone. */
static PGresult *send_plain(struct db *db, const char *sql)
{
	PGresult *r, *more;

	if (!PQsendQueryParams(db->conn, sql, 0, NULL, NULL, NULL, NULL, 0) || !PQpipelineSync(db->conn))
		return NULL;
	r = db_next(db);
	while (r && (more = db_next(db)))
		PQclear(more);
	more = r ? db_next(db) : NULL;
	if (r && PQresultStatus(more) != PGRES_PIPELINE_SYNC && PQresultStatus(r) == PGRES_COMMAND_OK)
		db_disconnect(db); /* answered, then gone: the answer stands */
	PQclear(more);
	return r;
}

/* Nobody can tell whether the server had committed before it went. */
static bool commit_unknown(struct ctx *cx, const char *state)
{
	log_line(LOG_ERROR, "commit unknown", "sqlstate", state ? state : "", "request_id",
		 text_or_empty(cx->request_id), NULL);
	db_disconnect(cx->db);
	cx->db->state = DB_IDLE;
	return fail(cx, &FAULT_COMMIT_UNKNOWN, NULL);
}

static bool commit_failed(struct ctx *cx, const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	if (sqlstate_rule(state)->kind == SQLSTATE_LOST)
		return commit_unknown(cx, state);
	db_failed(cx, r, NULL);
	if (cx->db->state != DB_IDLE && cx->db->state != DB_LOST)
		cx->db->state = DB_IDLE; /* the server has rolled back */
	return false;
}

static bool commit_open(struct ctx *cx)
{
	PGresult *r;
	bool good = false;

	r = send_plain(cx->db, "commit");
	if (!r)
		return commit_unknown(cx, "");
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		commit_failed(cx, r);
	else if (strcmp(PQcmdStatus(r), "COMMIT") != 0)
		db_defect(cx, "commit of a failed transaction", "", NULL);
	else
		good = true;
	if (PQresultStatus(r) == PGRES_COMMAND_OK)
		cx->db->state = DB_IDLE;
	PQclear(r);
	return good;
}

bool db_commit(struct ctx *cx)
{
	struct db *db = cx->db;
	bool good = true;

	if (!db_flush(cx)) {
		db_rollback(cx);
		return false;
	}
	switch (db->state) {
	case DB_IDLE:
		good = db_defect(cx, "commit without begin", "", NULL);
		break;
	case DB_ASKED:
		db->state = DB_IDLE;
		break;
	case DB_OPEN:
		good = commit_open(cx);
		break;
	case DB_FAILED:
	case DB_LOST:
		good = db_defect(cx, "commit after a failed statement", "", NULL);
		db_rollback(cx);
	}
	db->reads = false;
	seal_end(cx);
	return good;
}

void db_rollback(struct ctx *cx)
{
	struct db *db = cx->db;
	PGresult *r;

	if ((db->state == DB_OPEN || db->state == DB_FAILED) && db->conn && !db->reads) {
		r = send_plain(db, "rollback");
		if (PQresultStatus(r) != PGRES_COMMAND_OK)
			db_disconnect(db);
		PQclear(r);
	}
	db->state = DB_IDLE;
	db->reads = false;
	db->savepoint = false;
	db->n_kept = 0;
	seal_end(cx);
}

/* ---- the one savepoint ---- */

bool db_savepoint(struct ctx *cx)
{
	static const char *const SQL[] = {"release savepoint s", "savepoint s"};
	bool again = cx->db->savepoint;

	if (cx->db->reads)
		return db_defect(cx, "savepoint in a reading transaction", "", NULL);
	if (!run_plain(cx, again ? SQL : SQL + 1, again ? 2 : 1, NULL, 0))
		return false;
	cx->db->savepoint = true;
	cx->db->savepoint_tenant = cx->who.tenant_id;
	return true;
}

void db_rollback_savepoint(struct ctx *cx)
{
	struct db *db = cx->db;
	PGresult *r;

	db->n_kept = 0; /* all of it came behind the savepoint, which sent what was before */
	seal_end(cx);
	if (!db->savepoint || !db->conn || (db->state != DB_OPEN && db->state != DB_FAILED))
		return;
	r = send_plain(db, "rollback to savepoint s");
	if (PQresultStatus(r) == PGRES_COMMAND_OK) {
		db->state = DB_OPEN;
		db->retryable = false;
		cx->who.tenant_id = db->savepoint_tenant; /* as the setting now is */
	} else {
		db_disconnect(db);
		db->state = DB_LOST;
	}
	PQclear(r);
}

bool db_retryable(const struct ctx *cx)
{
	return cx->db->retryable;
}
