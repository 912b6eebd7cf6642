/* New keys under traffic: a tenant's key, or the key of each of its subjects with all that is
 * sealed under it. Work goes on in chunks behind a watermark (timer "key_rotation", table
 * key_rotation); writing takes the new key at once, reading takes both. Older subject keys stay,
 * wrapped: sealed bytes outside of the columns below may name them. Blind indexes stay under the
 * tenant's first key. */
#ifndef RENHE_KEY_ROTATION_H
#define RENHE_KEY_ROTATION_H
#include "db.h"
#include "service.h"

/* level: "TENANT" or "PERSON". *begun false: one is under way already. */
bool key_rotation_begin(struct ctx *cx, const char *level, bool *begun);
/* The timer's function; the aggregate is the tenant. */
bool key_rotation_step(struct ctx *cx, const char *tenant_id);

/* Where sealed values are: of the contract, and the chassis's own. */
struct sealed_column {
	const char *name; /* "table.column", as in the seal */
	const char *table, *column;
	const char *subject; /* column that holds the subject */
	const char *type;    /* of that column */
	const char *more;    /* SQL condition or "true" */
};
/* An array in the arena, of the service of cx. */
const struct sealed_column *sealed_columns(struct ctx *cx, size_t *n);

/* The verbs --keys and --rotate-keys=LEVEL [TENANT_ID] of every service; level "tenant" or
 * "person", NULL = every tenant. A sysexits code. */
int key_verb_show(const struct service_def *def);
int key_verb_rotate(const struct service_def *def, const char *level, const char *tenant_id);
/* fn in a transaction of its own for each tenant that the statement names, which runs as the relay's
 * role and sees all of them. Before the service serves: on connections of its own. */
bool key_each_tenant(const struct service_def *def, const struct db_stmt *tenants,
		     bool (*fn)(struct ctx *cx, void *arg), void *arg, int *seen);
/* At start, where a second root key is given: tenant keys under it are wrapped by the first. */
bool key_root_rewrap(const struct service_def *def);
#endif
