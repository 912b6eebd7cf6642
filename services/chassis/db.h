/* PostgreSQL (this file owns libpq): connections, transactions with settings for row security,
 * named queries bound and mapped by reflection. Blocking; a worker has one connection. */
#ifndef RENHE_DB_H
#define RENHE_DB_H
#include "ctx.h"

struct db_settings {
	const char *host;      /* socket folder or address */
	const char *port, *database, *user, *password;
	const char *application_name;
	int statement_timeout_ms;
};
/* Connects (or returns NULL with err). Prepares nothing yet. */
struct db *db_open(const struct db_settings *s, char *err, size_t err_size);
/* A connection object that connects at its first db_ready(). Never NULL. */
struct db *db_new(const struct db_settings *s);
void db_close(struct db *db);
/* Prepares and describes every query of the schema and holds it against the messages: a name that
 * is no field, a column that maps to none, a type that can't be bound. Prints each mismatch to the
 * log with file, line and field. */
bool db_verify(struct db *db, const struct schema *s);
/* Reconnects with jitter where the connection is gone; prepares again. false: DATABASE_UNAVAILABLE. */
bool db_ready(struct ctx *cx);

/* Opens a transaction. BEGIN, statement timeout (never beyond cx->deadline_ms) and the settings that
 * row security reads go out with the first statement, so that they cost no round trip of their own:
 * renhe.tenant_id, renhe.account_id, renhe.person_id, renhe.scopes ("self,team"), renhe.today,
 * renhe.now, renhe.clock_shift (whole seconds of the business clock against the real one, for
 * renhe_now() in SQL). Needs cx->who, cx->scopes. */
bool db_begin(struct ctx *cx);
/* The same for what only reads: each run is an implicit transaction of the server's, in one packet with its settings and its
 * end, so nothing is held in between; a statement that writes is refused there and makes the task retryable. For one
 * that knows that it will write: db_writes() before its first statement. */
bool db_begin_read(struct ctx *cx);
void db_writes(struct ctx *cx);
/* Changes tenant (and nothing else) inside the open transaction, also in cx->who: batches of events,
 * jobs. A rollback to a savepoint set before takes it back. */
bool db_tenant(struct ctx *cx, const char *tenant_id);
bool db_commit(struct ctx *cx);   /* false: fault raised; nothing is known to be written but after
				     COMMIT_UNKNOWN, which is 503 and to be retried with the key */
void db_rollback(struct ctx *cx);
/* After a failed statement nothing runs any more but these two and db_rollback. */
bool db_savepoint(struct ctx *cx);          /* one level: a second one lets the first stand */
void db_rollback_savepoint(struct ctx *cx); /* and goes on; the fault is the caller's to clear */
/* For whom the statements from now on are: once gone(caller) they are cancelled on the server, and fail as those that took
 * too long do. For what only reads. gone NULL: for nobody in particular. */
void db_caller(struct db *db, bool (*gone)(const void *caller), const void *caller);
/* The transaction failed on serialization or deadlock and may be run again. */
bool db_retryable(const struct ctx *cx);

/* Parameters by name from `in`: a field; "@today", "@now", "@tenant_id", "@account_id",
 * "@person_id", "@request_id" from the ctx; <field>_index the blind index of a sealed field. A
 * sealed field is sealed on the way in and opened on the way out. Nested fields by "a.b". */
/* Columns of the query replace fields of out, also by absence; other fields of it stay. A query is
 * called as the kind that its file says; anything else, and another message, aborts. */
bool db_one(struct ctx *cx, const struct query *q, const void *in, void *out);
bool db_opt(struct ctx *cx, const struct query *q, const void *in, void *out, bool *found);
struct msg_list {
	ProtobufCMessage **items;
	size_t n;
};
bool db_many(struct ctx *cx, const struct query *q, const void *in, struct msg_list *out);
bool db_exec(struct ctx *cx, const struct query *q, const void *in, int64_t *affected);
/* The same statement for many inputs, pipelined; stops at the first fault and says which. */
bool db_exec_all(struct ctx *cx, const struct query *q, ProtobufCMessage *const *in, size_t n, size_t *failed);

/* From now on this connection keeps statements whose effect nobody asks for (db_exec without
 * `affected`, db_sql without `out`) and sends them ahead of the next one that has a result, of a
 * savepoint or of the commit: a handler of events makes a third of the round trips. A fault of such
 * a statement is raised there, by a later call: for callers that judge the transaction as a whole. */
void db_gather(struct db *db, bool on);
/* Sends what is kept. */
bool db_flush(struct ctx *cx);

/* For the chassis itself (outbox, inbox, jobs): text parameters, text results in the arena. Prepared
 * once per connection by its text. Outside of db_begin it is a transaction of its own, without the
 * settings of row security: for the relay role. `out` of a batch may be NULL. */
struct db_result {
	char ***rows; /* rows[i][j], NULL = SQL null */
	int n_rows, n_cols;
	int64_t affected;
};
/* out NULL: the result is of no interest. */
bool db_sql(struct ctx *cx, const char *sql, const char *const *params, int n_params, struct db_result *out);
/* The same inside one pipeline: queue n statements, send once, read all. */
struct db_stmt {
	const char *sql;
	const char *const *params;
	int n_params;
};
bool db_sql_batch(struct ctx *cx, const struct db_stmt *stmts, size_t n, struct db_result *out);
#endif
