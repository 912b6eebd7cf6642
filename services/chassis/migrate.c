#include "migrate.h"
#include <stdio.h>
#include <string.h>
#include "db_internal.h"
#include "killpoint.h"
#include "log.h"

/* One number for all programs of a database; "RENHE" in ASCII. */
#define LOCK_SQL "select pg_advisory_lock(353889863749)"
#define PREPARE_SQL                                                                                \
	"set client_min_messages = warning; set statement_timeout = 0; set lock_timeout = '60s'; " \
	"create table if not exists schema_migration (room text not null, number int not null, "   \
	"name text not null, sha256 text not null, "                                               \
	"apply_time timestamptz not null default clock_timestamp(), primary key (room, number))"
#define APPLIED_SQL "select room, number, sha256 from schema_migration order by room, number"
#define INSERT_SQL "insert into schema_migration (room, number, name, sha256) values ($1, $2, $3, $4)"

struct run {
	struct ctx cx;
	const struct service_def *def;
	const char *app, *relay;
	struct db_result applied;
	char err[500];
};

static void number_text(const struct migration *m, char out[16])
{
	snprintf(out, 16, "%d", m->number);
}

static bool complain(const struct migration *m, const char *what, const char *reason)
{
	char number[16];

	number_text(m, number);
	log_line(LOG_ERROR, "migration", "room", m->room, "#number", number, "name", m->name, "what", what, "reason",
		 reason, NULL);
	return false;
}

/* ---- what stands, against what this build has ---- */

static bool same(char *const *row, const struct migration *m)
{
	char number[16];

	number_text(m, number);
	return strcmp(row[0], m->room) == 0 && strcmp(row[1], number) == 0;
}

static const char *applied_sha256(const struct db_result *r, const struct migration *m)
{
	for (int i = 0; i < r->n_rows; i++)
		if (same(r->rows[i], m))
			return r->rows[i][2];
	return NULL;
}

static bool check_known(const struct service_def *def, const struct db_result *r)
{
	for (int i = 0; i < r->n_rows; i++) {
		unsigned j = 0;
		while (j < def->n_migrations && !same(r->rows[i], &def->migrations[j]))
			j++;
		if (j < def->n_migrations)
			continue;
		log_line(LOG_ERROR, "migration", "room", r->rows[i][0], "number", r->rows[i][1], "what",
			 "the database is newer than this program", NULL);
		return false;
	}
	return true;
}

static bool check_unchanged(const struct service_def *def, const struct db_result *r)
{
	for (unsigned i = 0; i < def->n_migrations; i++) {
		const struct migration *m = &def->migrations[i];
		const char *sha256 = applied_sha256(r, m);
		if (sha256 && strcmp(sha256, m->sha256) != 0)
			return complain(m, "changed since it was applied", "");
	}
	return true;
}

/* Forward only: what is missing lies behind all that stands in its room. */
static bool check_order(const struct service_def *def, const struct db_result *r)
{
	for (unsigned i = 0; i < def->n_migrations; i++) {
		const struct migration *m = &def->migrations[i], *next;
		if (applied_sha256(r, m))
			continue;
		for (unsigned j = i + 1; j < def->n_migrations; j++) {
			next = &def->migrations[j];
			if (strcmp(next->room, m->room) == 0 && applied_sha256(r, next))
				return complain(m, "a later one of its room was applied before it", "");
		}
	}
	return true;
}

/* ---- applying ---- */

static const char *filled(struct run *r, const char *sql)
{
	static const char APP[] = "${app}", RELAY[] = "${relay}";
	struct db *db = r->cx.db;
	struct buf b;

	buf_init(&b, r->cx.arena);
	while (*sql) {
		size_t n = strcspn(sql, "$");
		buf_add(&b, sql, n);
		sql += n;
		if (strncmp(sql, APP, sizeof(APP) - 1) == 0) {
			buf_puts(&b, db_identifier(db, r->cx.arena, r->app));
			sql += sizeof(APP) - 1;
		} else if (strncmp(sql, RELAY, sizeof(RELAY) - 1) == 0) {
			buf_puts(&b, db_identifier(db, r->cx.arena, r->relay));
			sql += sizeof(RELAY) - 1;
		} else if (*sql) {
			buf_add(&b, sql++, 1);
		}
	}
	return b.p;
}

static bool script(struct run *r, const char *sql)
{
	return db_script(r->cx.db, sql, r->err, sizeof(r->err));
}

static bool note(struct run *r, const struct migration *m)
{
	char number[16];
	const char *params[] = {m->room, number, m->name, m->sha256};
	struct db_result none;

	number_text(m, number);
	return db_sql(&r->cx, INSERT_SQL, params, 4, &none);
}

static bool apply(struct run *r, const struct migration *m)
{
	if (!script(r, "begin") || !script(r, filled(r, m->sql)))
		return complain(m, "failed", r->err);
	if (!db_in_transaction(r->cx.db))
		return complain(m, "failed", "the file ends the transaction");
	killpoint("migration.before_commit"); /* K12 */
	if (!note(r, m) || !script(r, "commit"))
		return complain(m, "failed", r->err);
	killpoint("migration.after_commit");
	log_line(LOG_INFO, "migrated", "room", m->room, "name", m->name, NULL);
	return true;
}

static bool apply_missing(struct run *r)
{
	for (unsigned i = 0; i < r->def->n_migrations; i++)
		if (!applied_sha256(&r->applied, &r->def->migrations[i]) && !apply(r, &r->def->migrations[i])) {
			script(r, "rollback");
			return false;
		}
	return true;
}

static bool locked_run(struct run *r)
{
	struct db_result none;

	if (!db_sql(&r->cx, LOCK_SQL, NULL, 0, &none))
		return false;
	if (!script(r, PREPARE_SQL)) {
		log_line(LOG_ERROR, "migration", "what", "schema_migration", "reason", r->err, NULL);
		return false;
	}
	return db_sql(&r->cx, APPLIED_SQL, NULL, 0, &r->applied) && check_known(r->def, &r->applied) &&
	       check_unchanged(r->def, &r->applied) && check_order(r->def, &r->applied) && apply_missing(r);
}

bool migrate_run(const struct db_settings *owner, const struct service_def *def, const char *app_role, const char *relay_role)
{
	struct run r = {.def = def, .app = app_role, .relay = relay_role};
	bool good;

	r.cx.db = db_open(owner, r.err, sizeof(r.err));
	if (!r.cx.db) {
		log_line(LOG_ERROR, "migration", "what", "no connection", "reason", r.err, NULL);
		return false;
	}
	r.cx.arena = arena_new();
	good = locked_run(&r);
	db_close(r.cx.db); /* and with it the lock */
	arena_free(r.cx.arena);
	return good;
}

/* A database that is newer than the program is right in a rolling update: migrations only add. */
static bool all_applied(struct ctx *cx, const struct service_def *def)
{
	struct db_result r;

	if (!db_sql(cx, APPLIED_SQL, NULL, 0, &r) || !check_unchanged(def, &r))
		return false;
	for (unsigned i = 0; i < def->n_migrations; i++)
		if (!applied_sha256(&r, &def->migrations[i]))
			return complain(&def->migrations[i], "not applied", "");
	return true;
}

bool migrate_current(struct db *db, const struct service_def *def)
{
	struct ctx cx = {.db = db, .arena = arena_new()};
	bool good = all_applied(&cx, def);

	arena_free(cx.arena);
	return good;
}
