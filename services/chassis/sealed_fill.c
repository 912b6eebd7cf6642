#include "sealed_fill.h"

#include <stdio.h>
#include <string.h>

#include "key_rotation.h"
#include "log.h"
#include "seal_box.h"
#include "value.h"

static bool go_on(struct ctx *cx, const char *tenant_id)
{
	char now[28];

	time_format(cx->now_us, now);
	return timer_set(cx, SEALED_FILL_TIMER, tenant_id, now);
}

/* ---- at start ---- */

static bool begin(struct ctx *cx, void *arg)
{
	const char *keys = arg;

	return db_sql(cx,
		      "insert into sealed_fill (keys) values ($1) on conflict (tenant_id) do update"
		      " set keys = excluded.keys, watermark = null, records = 0,"
		      " begin_time = clock_timestamp(), end_time = null",
		      &keys, 1, NULL) &&
	       go_on(cx, cx->who.tenant_id);
}

static bool has_timer(const struct service_def *def)
{
	for (unsigned i = 0; i < def->n_timers; i++)
		if (strcmp(def->timers[i].kind, SEALED_FILL_TIMER) == 0)
			return true;
	return false;
}

bool sealed_fill_begin(const struct service_def *def)
{
	struct arena *a = arena_new();
	const char *keys = seal_box_keys_of(a, def->schema);
	/* A tenant without keys of its own has nothing to seal. */
	struct db_stmt behind = {"select distinct k.tenant_id from tenant_key k left join sealed_fill f"
				 " on f.tenant_id = k.tenant_id where coalesce(f.keys, '') <> $1",
				 &keys, 1};
	char count[16];
	int seen = 0;
	bool good = !has_timer(def) ||
		    key_each_tenant(def, &behind, begin, (void *)(uintptr_t)keys, &seen);

	snprintf(count, sizeof(count), "%d", seen);
	if (seen)
		log_line(LOG_INFO, "sealed records are written anew", "#tenants", count, NULL);
	arena_free(a);
	return good;
}

/* ---- the timer ---- */

static bool store(struct ctx *cx, const char *last, int64_t n)
{
	char count[24];
	const char *params[] = {last, count};

	snprintf(count, sizeof(count), "%lld", (long long)n);
	return db_sql(cx,
		      "update sealed_fill set watermark = $1::uuid, records = records + $2::bigint,"
		      " end_time = case when $1::uuid is null then clock_timestamp() end"
		      " where tenant_id = renhe_tenant()",
		      params, 2, NULL);
}

bool sealed_fill_step(struct ctx *cx, const char *tenant_id, sealed_chunk_fn *chunk)
{
	const char *last = NULL;
	struct db_result row;
	int64_t n = 0;

	if (!db_sql(cx,
		    "select watermark from sealed_fill where tenant_id = renhe_tenant()"
		    " and end_time is null for update",
		    NULL, 0, &row))
		return false;
	if (row.n_rows == 0)
		return true;
	return chunk(cx, row.rows[0][0], &last, &n) && store(cx, last, n) &&
	       (!last || go_on(cx, tenant_id));
}
