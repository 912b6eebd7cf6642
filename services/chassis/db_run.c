/* One round trip: statements go out in one pipeline, results come back in order, and the first
 * error becomes the fault. */
#include "db_internal.h"
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include "fault.h"
#include "log.h"
#include "service.h"
#include "sqlstate.h"
#include "renhe.gen.h"

/* ---- errors ---- */

static const char *label_of(const struct query *q)
{
	return q ? q->name : "sql";
}

bool db_defect(struct ctx *cx, const char *what, const char *query, const char *field)
{
	log_line(LOG_ERROR, "database defect", "what", what, "query", query, "field", field ? field : "",
		 "request_id", cx->request_id ? cx->request_id : "", NULL);
	return fail(cx, &FAULT_INTERNAL, NULL);
}

bool db_lost(struct ctx *cx, const char *state)
{
	struct db *db = cx->db;

	if (db->conn)
		log_line(LOG_ERROR, "database connection lost", "sqlstate", state ? state : "", NULL);
	db_disconnect(db);
	db->state = db->state == DB_IDLE ? DB_IDLE : DB_LOST;
	return fail(cx, &FAULT_DATABASE_UNAVAILABLE, NULL);
}

/* Class 42 speaks of names and types only, and without it a defect can't be found. 42501 is kept
 * out: it is raised by policies too. */
static const char *safe_message(const char *state, const PGresult *r)
{
	const char *m = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);

	return m && strncmp(state, "42", 2) == 0 && strcmp(state, "42501") != 0 ? m : "";
}

static void log_error(struct ctx *cx, enum log_level level, const PGresult *r, const char *state, const struct query *q)
{
	const char *constraint = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
	const char *table = PQresultErrorField(r, PG_DIAG_TABLE_NAME);

	log_line(level, "database error", "sqlstate", state, "query", label_of(q), "constraint",
		 constraint ? constraint : "", "table", table ? table : "", "message", safe_message(state, r),
		 "request_id", cx->request_id ? cx->request_id : "", NULL);
}

static const char *violation_code(const struct query *q, const char *constraint)
{
	for (const char *const *v = q->violations; v && *v; v += 2)
		if (strcmp(v[0], constraint) == 0)
			return v[1];
	return NULL;
}

/* A deferred constraint fails at the commit, where no query stands any more: then all are asked. */
static const struct fault_def *violation_fault(struct ctx *cx, const struct query *q, const char *constraint)
{
	const struct schema *s = cx->svc ? cx->svc->schema : NULL;
	const char *code = NULL;

	if (!s || !constraint)
		return NULL;
	if (q)
		code = violation_code(q, constraint);
	for (unsigned i = 0; !q && !code && i < s->n_queries; i++)
		code = violation_code(s->queries[i], constraint);
	return code ? fault_by_code(s, code) : NULL;
}

static bool failed_rule(struct ctx *cx, const PGresult *r, const char *state, const struct query *q)
{
	const struct sqlstate_rule *rule = sqlstate_rule(state);
	struct db *db = cx->db;
	const struct fault_def *f = NULL;

	db->state = db->state == DB_IDLE ? DB_IDLE : DB_FAILED;
	if (rule->kind == SQLSTATE_VIOLATION)
		f = violation_fault(cx, q, PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME));
	if (rule->kind == SQLSTATE_STALE)
		db->stale = true;
	if (rule->kind == SQLSTATE_RETRY || rule->kind == SQLSTATE_STALE)
		db->retryable = true;
	if (!f)
		log_error(cx, rule->kind == SQLSTATE_RETRY ? LOG_INFO : LOG_ERROR, r, state, q);
	return fail(cx, f ? f : rule->fault, NULL);
}

/* Somebody writes where only reading was announced: once more, as what it is. Elsewhere the same
 * state says that the server has become a standby. */
static bool announced_wrongly(struct ctx *cx, const char *state)
{
	struct db *db = cx->db;

	if (!db->reads || !state || strcmp(state, SQLSTATE_READ_ONLY) != 0)
		return false;
	db->state = DB_FAILED;
	db->retryable = true;
	return true;
}

bool db_failed(struct ctx *cx, const struct pg_result *r, const struct query *q)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	if (announced_wrongly(cx, state))
		return fail(cx, &FAULT_CONFLICT_RETRY, NULL);
	if (sqlstate_rule(state)->kind == SQLSTATE_LOST || PQstatus(cx->db->conn) != CONNECTION_OK)
		return db_lost(cx, state);
	return failed_rule(cx, r, state, q);
}

/* ---- sending ---- */

/* What one result is the answer to. */
struct step {
	enum { STEP_BEGIN, STEP_PREPARE, STEP_EXECUTE } kind;
	size_t index;
	char name[STATEMENT_NAME_SIZE];
	const char *sql;
};
struct pipeline {
	struct ctx *cx;
	const struct db_command *commands;
	struct step *steps;
	size_t n_steps;
	PGresult *error;     /* the first */
	size_t error_index;
	bool lost;
};

static struct step *add_step(struct pipeline *p, int kind, size_t index, const char *sql)
{
	struct step *s = &p->steps[p->n_steps++];

	s->kind = kind;
	s->index = index;
	s->sql = sql;
	return s;
}

/* The same statement twice in one pipeline is prepared once. */
static const struct step *prepared_before(const struct pipeline *p, const char *sql)
{
	for (size_t i = p->n_steps; i-- > 0;)
		if (p->steps[i].kind == STEP_PREPARE && strcmp(p->steps[i].sql, sql) == 0)
			return &p->steps[i];
	return NULL;
}

static bool send_one(struct pipeline *p, size_t index, const char *sql, const char *const *params, int n, const char *label)
{
	struct db *db = p->cx->db;
	char name[STATEMENT_NAME_SIZE];
	const struct step *before;

	if (!statement_known(db->cache, sql, label, name)) {
		before = prepared_before(p, sql);
		if (before && *before->name) {
			memcpy(name, before->name, sizeof(name));
		} else {
			memcpy(add_step(p, STEP_PREPARE, index, sql)->name, name, sizeof(name));
			if (!PQsendPrepare(db->conn, name, sql, 0, NULL))
				return false;
		}
	}
	add_step(p, STEP_EXECUTE, index, sql);
	return PQsendQueryPrepared(db->conn, name, n, params, NULL, NULL, 0);
}

/* Its result is for nobody. */
static bool send_for_begin(struct pipeline *p, const char *sql, const char *const *params, int n)
{
	if (!send_one(p, 0, sql, params, n, "begin"))
		return false;
	p->steps[p->n_steps - 1].kind = STEP_BEGIN;
	return true;
}

/* What only reads needs no BEGIN: each run is an implicit transaction of the server's, which the Sync behind its statements
 * ends, so the settings go out with each. One packet there and one back: a Sync of its own, sent when the reader was done, woke
 * server and service once more for every request (a sixth of its CPU). Nothing is lost by it: under READ
 * COMMITTED each statement sees its own snapshot either way. */
static bool send_begin(struct pipeline *p)
{
	struct begin_texts t;

	begin_texts(p->cx, &t);
	return (p->cx->db->reads || send_for_begin(p, "begin", NULL, 0)) &&
	       send_for_begin(p, t.sql, t.params, t.n_params);
}

static bool send_all(struct pipeline *p, size_t n)
{
	const struct db_command *c = p->commands;

	if (p->cx->db->state == DB_ASKED && !send_begin(p))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!send_one(p, i, c[i].sql, c[i].params, c[i].n_params, label_of(c[i].query)))
			return false;
	return PQpipelineSync(p->cx->db->conn);
}

/* ---- receiving ---- */

/* One result and the NULL behind it. */
static PGresult *take(struct db *db)
{
	PGresult *r = db_next(db), *more;

	while (r && (more = db_next(db)))
		PQclear(more);
	return r;
}

static bool good(const PGresult *r)
{
	ExecStatusType s = PQresultStatus(r);

	return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK;
}

static void receive_step(struct pipeline *p, const struct step *s, PGresult **results)
{
	PGresult *r = take(p->cx->db);

	if (!r) {
		p->lost = true;
	} else if (!good(r)) {
		if (!p->error && PQresultStatus(r) != PGRES_PIPELINE_ABORTED) {
			p->error = r;
			p->error_index = s->index;
			return;
		}
		PQclear(r);
	} else if (s->kind == STEP_EXECUTE) {
		results[s->index] = r;
	} else {
		if (s->kind == STEP_PREPARE)
			statement_prepared(p->cx->db->cache, s->sql, s->name);
		PQclear(r);
	}
}

static void receive_all(struct pipeline *p, PGresult **results)
{
	PGresult *sync;

	for (size_t i = 0; i < p->n_steps && !p->lost; i++)
		receive_step(p, &p->steps[i], results);
	if (p->lost)
		return;
	sync = db_next(p->cx->db);
	p->lost = PQresultStatus(sync) != PGRES_PIPELINE_SYNC;
	PQclear(sync);
}

void db_clear(struct pg_result **results, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		PQclear(results[i]);
		results[i] = NULL;
	}
}

/* ---- a run ---- */

static bool may_run(struct ctx *cx)
{
	struct db *db = cx->db;

	if (db->state == DB_FAILED)
		return db_defect(cx, "statement after a failed one", "", NULL);
	if (db->state == DB_LOST || !db->conn || atomic_load(&db->interrupted))
		return db_lost(cx, "");
	return true;
}

static bool conclude(struct pipeline *p, size_t n, PGresult **results, size_t *failed)
{
	struct ctx *cx = p->cx;
	bool error = p->error || p->lost;

	if (p->error)
		db_failed(cx, p->error, p->commands[p->error_index].query);
	else if (p->lost)
		db_lost(cx, "");
	else if (cx->db->state == DB_ASKED && !cx->db->reads)
		cx->db->state = DB_OPEN;
	if (error) {
		if (failed)
			*failed = p->error_index;
		db_clear(results, n);
	}
	PQclear(p->error);
	return !error;
}

static bool run(struct ctx *cx, const struct db_command *commands, size_t n, PGresult **results, size_t *failed)
{
	struct pipeline p = {.cx = cx, .commands = commands};

	if (!may_run(cx))
		return false;
	p.steps = arena_alloc(cx->arena, (2 * n + 4) * sizeof(*p.steps));
	memset(results, 0, n * sizeof(PGresult *));
	cx->sql_count += (unsigned)n;
	if (send_all(&p, n))
		receive_all(&p, results);
	else
		p.lost = true;
	return conclude(&p, n, results, failed);
}

/* What was kept goes first; its results are of no interest, its faults are. */
bool db_run(struct ctx *cx, const struct db_command *commands, size_t n, struct pg_result **results, size_t *failed)
{
	struct db *db = cx->db;
	size_t kept = db->n_kept, at = 0;
	struct db_command *all;
	PGresult **got;

	if (!kept)
		return run(cx, commands, n, results, failed);
	all = arena_alloc(cx->arena, (kept + n) * sizeof(*all));
	got = arena_alloc(cx->arena, (kept + n) * sizeof(PGresult *));
	memcpy(all, db->kept, kept * sizeof(*all));
	if (n)
		memcpy(all + kept, commands, n * sizeof(*all));
	db->n_kept = 0;
	if (!run(cx, all, kept + n, got, &at)) {
		if (failed)
			*failed = at < kept ? 0 : at - kept;
		return false;
	}
	db_clear(got, kept);
	if (n)
		memcpy(results, got + kept, n * sizeof(PGresult *));
	return true;
}

/* ---- what nobody waits for ---- */

void db_gather(struct db *db, bool on)
{
	db->gathers = on;
}

bool db_flush(struct ctx *cx)
{
	return cx->db->n_kept == 0 || db_run(cx, NULL, 0, NULL, NULL);
}

/* The caller's texts may live on its stack. */
bool db_keep(struct ctx *cx, const struct db_command *c)
{
	struct db *db = cx->db;
	const char **params = arena_alloc(cx->arena, ((size_t)c->n_params + 1) * sizeof(*params));

	if (!may_run(cx) || (db->n_kept == KEPT_MOST && !db_flush(cx)))
		return false;
	for (int i = 0; i < c->n_params; i++)
		params[i] = c->params[i] ? arena_strdup(cx->arena, c->params[i]) : NULL;
	db->kept[db->n_kept] = *c;
	db->kept[db->n_kept++].params = params;
	return true;
}
