#include "idempotency.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "db.h"
#include "seal.h"
#include "renhe.gen.h"

#define BODY_COLUMN "idempotency.body"

/* The lock before the look: who gets it sees all that the holder before it had committed. The lock
 * goes with the transaction. Two keys with one hash only wait for each other once in 2^64. */
static const char LOCK_SQL[] =
	"select pg_try_advisory_xact_lock(hashtextextended(jsonb_build_array('idempotency', "
	"$1::text, $2::text, $3::text)::text, 0))";
static const char READ_SQL[] = "select request_hash, status, body, location, etag from idempotency "
			       "where tenant_id = $1 and account_id = $2 and key = $3";
static const char WRITE_SQL[] =
	"insert into idempotency (tenant_id, account_id, key, request_hash, status, body, "
	"location, etag) values ($1, $2, $3, $4, $5, $6, $7, $8)";

/* Without a tenant there is nobody to whom a key could belong, and nothing could be stored. */
static bool has_owner(const struct ctx *cx)
{
	return cx->idempotency_key && cx->who.tenant_id && *cx->who.tenant_id;
}

static const char *account_of(const struct ctx *cx)
{
	return cx->who.account_id ? cx->who.account_id : "";
}

/* The key under which the answer is sealed: the account's, else the tenant's. */
static const char *owner_of(const struct ctx *cx)
{
	return *account_of(cx) ? account_of(cx) : cx->who.tenant_id;
}

static bool replay_of(struct ctx *cx, char **row, struct stored_answer *out)
{
	out->status = (int)strtol(row[1], NULL, 10);
	out->body = (struct str){NULL, 0};
	out->location = row[3];
	out->etag = row[4];
	return !row[2] || seal_open_bytes(cx, BODY_COLUMN, owner_of(cx), row[2], &out->body);
}

bool idempotency_begin(struct ctx *cx, const char *hash, bool *replay, struct stored_answer *out)
{
	const char *params[] = {cx->who.tenant_id, account_of(cx), cx->idempotency_key};
	const struct db_stmt stmts[] = {{LOCK_SQL, params, 3}, {READ_SQL, params, 3}};
	struct db_result r[2];

	*replay = false;
	if (!has_owner(cx))
		return true;
	if (!db_sql_batch(cx, stmts, 2, r))
		return false;
	if (r[0].rows[0][0][0] != 't')
		return fail(cx, &FAULT_IDEMPOTENCY_IN_PROGRESS, NULL);
	if (r[1].n_rows == 0)
		return true;
	if (strcmp(r[1].rows[0][0], hash) != 0)
		return fail(cx, &FAULT_IDEMPOTENCY_KEY_REUSED, NULL);
	*replay = true;
	return replay_of(cx, r[1].rows[0], out);
}

bool idempotency_end(struct ctx *cx, const char *hash, const struct stored_answer *answer)
{
	const char *body = NULL;
	char status[16];
	struct db_result none;

	if (!has_owner(cx))
		return true;
	if (answer->body.n && !seal_bytes(cx, BODY_COLUMN, owner_of(cx), answer->body, &body))
		return false;
	const char *params[] = {
		cx->who.tenant_id, account_of(cx), cx->idempotency_key, hash, status, body,
		answer->location,  answer->etag};

	snprintf(status, sizeof(status), "%d", answer->status);
	return db_sql(cx, WRITE_SQL, params, 8, &none);
}
