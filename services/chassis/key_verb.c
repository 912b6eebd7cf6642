/* What an operator says about keys, as one-shot verbs of each service's own program: it has the
 * settings and the root key already. A table on stdout, one row per tenant and place. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "arena.h"
#include "config.h"
#include "db.h"
#include "installation.h"
#include "key_rotation.h"
#include "log.h"
#include "seal_key.h"
#include "value.h"

static bool rewrap(struct ctx *cx, char **row, int *n)
{
	struct binding b = tenant_key_place(row[0]);
	uint8_t key[KEY_BYTES], wrapped[WRAPPED_BYTES];
	char text[BYTEA_SIZE(WRAPPED_BYTES)];
	const char *params[] = {row[0], row[1], row[2], text};
	struct bytes old;
	uint32_t id;

	if (!bytea_bytes(cx->arena, row[2], &old) || !sealed_key_id(old, &id))
		return seal_defect(cx, "tenant key has no known form", "tenant_key.wrapped", "");
	if (id == root_id())
		return true;
	if (!root_unwrap(&b, old, key))
		return seal_defect(cx, "tenant key of a third root key", "tenant_key.wrapped", "");
	root_wrap(&b, key, wrapped);
	explicit_bzero(key, sizeof(key));
	bytea_text(wrapped, sizeof(wrapped), text);
	(*n)++;
	return db_sql(cx,
		      "update tenant_key set wrapped = $4 where tenant_id = $1 and key_id = $2"
		      " and wrapped = $3",
		      params, 4, NULL);
}

static bool rewrap_all(struct ctx *cx)
{
	struct db_result r;
	char count[16];
	int n = 0;

	cx->who.tenant_id = "";
	if (!db_sql(cx, "select tenant_id, key_id, wrapped from tenant_key order by 1, 2", NULL, 0,
		    &r))
		return false;
	for (int i = 0; i < r.n_rows; i++)
		if (!rewrap(cx, r.rows[i], &n))
			return false;
	snprintf(count, sizeof(count), "%d", n);
	log_line(LOG_INFO, "tenant keys under the root key of now", "#rewrapped", count, NULL);
	return true;
}

bool key_root_rewrap(const struct service_def *def)
{
	if (!*config_str("RENHE_ROOT_KEY_SECOND"))
		return true;
	struct installation a = installation_open(def, "keys");
	bool good = a.good && rewrap_all(&a.cx);

	installation_close(&a);
	return good;
}

/* ---- each tenant ---- */

bool key_each_tenant(const struct service_def *def, const struct db_stmt *tenants,
		     bool (*fn)(struct ctx *cx, void *arg), void *arg, int *seen)
{
	struct service svc = {.def = def, .schema = def->schema};
	struct installation a = installation_open(def, "keys");
	struct db_result r = {0};
	bool good = a.good && db_sql_batch(&a.cx, tenants, 1, &r);

	for (int i = 0; good && i < r.n_rows; i++)
		good = service_task(&svc, r.rows[i][0], fn, arg);
	*seen = r.n_rows;
	installation_close(&a);
	return good;
}

static int for_tenants(const struct service_def *def, const char *only,
		       bool (*fn)(struct ctx *cx, void *arg), void *arg)
{
	struct db_stmt tenants = {"select distinct tenant_id from tenant_key where $1::text is null"
				  " or tenant_id::text = $1 order by 1",
				  &only, 1};
	int seen = 0;
	bool good = key_each_tenant(def, &tenants, fn, arg, &seen);

	if (good && only && !seen)
		fprintf(stderr, "%s: no keys of a tenant %s\n", def->name, only);
	return !good ? EX_UNAVAILABLE : only && !seen ? EX_DATAERR : 0;
}

static void put_row(const struct ctx *cx, const char *place, char **cells)
{
	printf("%s\t%s\t%s\t%s\n", cx->who.tenant_id, place, cells[0], cells[1]);
}

static bool show(struct ctx *cx, const char *place, const char *sql, const char *const *params,
		 int n)
{
	struct db_result r;

	if (!db_sql(cx, sql, params, n, &r))
		return false;
	for (int i = 0; i < r.n_rows; i++)
		put_row(cx, place, r.rows[i]);
	return true;
}

static bool show_column(struct ctx *cx, const struct sealed_column *c)
{
	const char *sql = arena_printf(
		cx->arena,
		"select count(*), count(*) filter (where substring(t.%s from 3 for 4) <>"
		" int4send(k.newest)) from %s t join (select subject_id, max(key_id) as newest"
		" from subject_key where tenant_id = renhe_tenant() and wrapped is not null"
		" group by 1) k on k.subject_id::%s = t.%s where t.%s is not null and %s",
		c->column, c->table, c->type, c->subject, c->column, c->more);

	return show(cx, c->name, sql, NULL, 0);
}

static bool show_tenant(struct ctx *cx, void *arg)
{
	char *root = arena_printf(cx->arena, "\\x%08x", root_id());
	const char *params[] = {root};
	size_t n;
	const struct sealed_column *columns = sealed_columns(cx, &n);
	bool good =
		show(cx, "tenant_key",
		     "select count(*), count(*) filter (where substring(wrapped from 3 for 4) <>"
		     " $1::bytea) from tenant_key where tenant_id = renhe_tenant()",
		     params, 1) &&
		show(cx, "subject_key",
		     "select count(*), count(*) filter (where substring(wrapped from 3 for 4) <>"
		     " int4send((select max(key_id) from tenant_key where tenant_id ="
		     " renhe_tenant()))) from subject_key where tenant_id = renhe_tenant()"
		     " and wrapped is not null",
		     NULL, 0);

	(void)arg;
	for (size_t i = 0; good && i < n; i++)
		good = show_column(cx, &columns[i]);
	return good && show(cx, "rotation",
			    "select level || ' ' || phase, values_sealed from key_rotation"
			    " where tenant_id = renhe_tenant() order by create_time",
			    NULL, 0);
}

int key_verb_show(const struct service_def *def)
{
	puts("tenant\tplace\ttotal\told");
	return for_tenants(def, NULL, show_tenant, NULL);
}

static bool rotate_tenant(struct ctx *cx, void *arg)
{
	bool begun;

	if (!key_rotation_begin(cx, arg, &begun))
		return false;
	printf("%s\t%s\n", cx->who.tenant_id, begun ? "begun" : "under way already");
	return true;
}

int key_verb_rotate(const struct service_def *def, const char *level, const char *tenant_id)
{
	const char *name = !strcmp(level, "tenant")   ? "TENANT"
			   : !strcmp(level, "person") ? "PERSON"
						      : NULL;

	if (!name) {
		fprintf(stderr, "%s: --rotate-keys=tenant|person\n", def->name);
		return EX_USAGE;
	}
	return for_tenants(def, tenant_id, rotate_tenant, (void *)(uintptr_t)name);
}
