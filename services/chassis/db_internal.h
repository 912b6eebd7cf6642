/* Of the db*.c files (which alone know libpq) and of migrate.c, job.c and runner.c where said. */
#ifndef RENHE_DB_INTERNAL_H
#define RENHE_DB_INTERNAL_H
#include <stdatomic.h>
#include "db.h"

struct pg_conn;
struct pg_result;
struct statement_cache;

enum db_state {
	DB_IDLE,   /* no transaction */
	DB_ASKED,  /* BEGIN goes out with the first statement; what only reads stays so, see send_begin */
	DB_OPEN,
	DB_FAILED, /* a statement failed: only rollback helps */
	DB_LOST,   /* the connection went away inside the transaction */
};
/* One statement of a pipeline; query NULL for plain SQL. */
struct db_command {
	const char *sql;
	const char *const *params;
	int n_params;
	const struct query *query;
};
#define KEPT_MOST 64
struct db {
	struct db_settings settings; /* texts are our own */
	struct pg_conn *conn;        /* NULL: not connected; always in pipeline mode */
	struct statement_cache *cache;
	enum db_state state;
	bool reads;                  /* see db_begin_read */
	bool savepoint, retryable;
	const char *savepoint_tenant;
	bool stale;                  /* connect anew before the next transaction */
	int64_t not_before_ms;       /* no attempt to connect before */
	bool gathers;                /* see db_gather */
	struct db_command kept[KEPT_MOST]; /* texts in the arena of the task */
	size_t n_kept;
	bool (*gone)(const void *caller); /* see db_caller; NULL: there is none */
	const void *caller;
	bool cancelled;
	atomic_bool interrupted;     /* by another thread: what runs or comes is as if the connection was lost */
};

/* ---- db.c ---- */
bool db_connect(struct db *db, char *err, size_t err_size);
void db_disconnect(struct db *db);
/* The next result of the pipeline, or NULL at the end of one command. Gives up (and disconnects)
 * when the server is silent for longer than any statement may take. */
struct pg_result *db_next(struct db *db);
/* Text with several statements in the simple protocol, outside of the pipeline; for migrations. err
 * gets the server's message. */
bool db_script(struct db *db, const char *sql, char *err, size_t err_size);
/* Whether a transaction is open on the server; false also where it has failed. */
bool db_in_transaction(const struct db *db);
/* Quoted as an identifier, in the arena. */
const char *db_identifier(struct db *db, struct arena *a, const char *name);

/* ---- db_statement.c: statements prepared once per connection ---- */
#define STATEMENT_NAME_SIZE 64
struct statement_cache *statement_cache_new(void);
void statement_cache_free(struct statement_cache *c);
/* Name under which sql is prepared, or false with a new name in `name`: prepare it, then say so.
 * A full cache (plain SQL made at run time) gives "". */
bool statement_known(struct statement_cache *c, const char *sql, const char *label, char name[STATEMENT_NAME_SIZE]);
void statement_prepared(struct statement_cache *c, const char *sql, const char *name);

/* ---- db_run.c ---- */
/* Runs n statements in the open transaction, in one round trip with the BEGIN that was asked for.
 * results: n of them, to be cleared by the caller, only where true. *failed: index of the first that
 * failed; may be NULL. */
bool db_run(struct ctx *cx, const struct db_command *commands, size_t n, struct pg_result **results, size_t *failed);
void db_clear(struct pg_result **results, size_t n);
/* Keeps the command for the next db_run. */
bool db_keep(struct ctx *cx, const struct db_command *c);
/* The fault of a result that is an error; logs without values. Sets the state of db. */
bool db_failed(struct ctx *cx, const struct pg_result *r, const struct query *q);
/* Connection lost: disconnects, raises DATABASE_UNAVAILABLE. */
bool db_lost(struct ctx *cx, const char *state);
/* Logs a defect of ours and raises INTERNAL. */
bool db_defect(struct ctx *cx, const char *what, const char *query, const char *field);

/* ---- db_begin.c ---- */
static inline bool db_open_still(const struct db *db)
{
	return db->state == DB_OPEN;
}
struct begin_texts {
	const char *sql;
	const char *params[8];
	int n_params;
	char now[28], shift[24], scopes[40], timeout[16];
};
void begin_texts(const struct ctx *cx, struct begin_texts *t);

/* ---- db_bind.c ---- */
struct binding {
	enum binding_kind { BIND_NONE, BIND_CONTEXT, BIND_FIELD, BIND_SEALED, BIND_INDEX } kind;
	const struct field_rule *field;
	const struct field_rule *subject;       /* BIND_SEALED */
	bool subject_above;                     /* in the message above, not in the field's own */
	const struct field_rule *path[4];       /* sub-messages on the way */
	unsigned n_path;
	const char *context;
};
/* What a parameter name of the query means; NULL, or what is wrong with it. */
const char *binding_find(const struct query *q, const char *param, struct binding *out);
/* Texts of all parameters. */
bool binding_values(struct ctx *cx, const struct query *q, const ProtobufCMessage *in, const char ***out);
/* Makes the keys of all subjects of n inputs in one go. */
bool binding_prefetch(struct ctx *cx, const struct query *q, ProtobufCMessage *const *in, size_t n);
#endif
