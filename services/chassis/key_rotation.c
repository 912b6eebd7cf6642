#include "key_rotation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "seal.h"
#include "seal_key.h"
#include "value.h"

#define TIMER "key_rotation"
#define CHUNK "200" /* subjects in one transaction */
#define WAIT_US 1000000

/* Columns other than the contract's: sealed as bytes, by the chassis itself. */
static const struct sealed_column OWN[] = {
	{"idempotency.body", "idempotency", "body", "account_id", "text", "account_id <> ''"},
	{"idempotency.body", "idempotency", "body", "tenant_id", "uuid", "account_id = ''"},
	{"job.input", "job", "input", "id", "uuid", "octet_length(input) > 0"},
	{"pending_request.payload", "pending_request", "payload", "id", "uuid", "true"},
};
#define N_OWN (sizeof(OWN) / sizeof(OWN[0]))

struct rotation {
	const char *id, *level, *phase, *watermark; /* watermark NULL: from the beginning */
	int64_t keys, values;			    /* of this step */
};

/* ---- what is sealed where ---- */

static bool listed(const struct sealed_column *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return true;
	return false;
}

/* The subject stands in a column of the name that its field has. */
static struct sealed_column column_of(struct arena *a, const struct field_rule *f)
{
	const char *dot = strchr(f->seal, '.');

	return (struct sealed_column){f->seal, arena_strndup(a, f->seal, (size_t)(dot - f->seal)),
				      dot + 1, f->seal_subject,
				      "uuid",  "true"};
}

static bool is_own(const struct schema *s, const struct message_rule *m)
{
	const char *package = m->full_name + strlen("renhe.");

	return strncmp(package, s->service, strlen(s->service)) == 0 &&
	       package[strlen(s->service)] == '.';
}

const struct sealed_column *sealed_columns(struct ctx *cx, size_t *n)
{
	const struct schema *s = cx->svc->schema;
	struct sealed_column *list = NULL;
	size_t most = N_OWN;

	for (unsigned i = 0; i < s->n_messages; i++)
		most += s->messages[i]->pb->n_fields;
	list = arena_alloc(cx->arena, most * sizeof(*list));
	memcpy(list, OWN, sizeof(OWN));
	*n = N_OWN;
	for (unsigned i = 0; i < s->n_messages; i++) {
		const struct message_rule *m = s->messages[i];

		for (unsigned j = 0; is_own(s, m) && j < m->pb->n_fields; j++)
			if (m->fields[j].seal && !listed(list, *n, m->fields[j].seal))
				list[(*n)++] = column_of(cx->arena, &m->fields[j]);
	}
	return list;
}

/* ---- values of a chunk of subjects ---- */

struct resealed {
	const char **old, **new;
	size_t n;
};

static bool reseal_value(struct ctx *cx, const struct sealed_column *c, char **row,
			 struct resealed *w)
{
	const struct subject *s;
	struct bytes sealed;
	struct str clear;
	uint32_t id;

	if (!subject_get(cx, row[0], false, &s))
		return false;
	if (!s || s->destroyed || !bytea_bytes(cx->arena, row[1], &sealed) ||
	    !sealed_key_id(sealed, &id) || id == s->keys[0].id)
		return true;
	if (!seal_open_bytes(cx, c->name, row[0], row[1], &clear) ||
	    (clear.p && !seal_bytes(cx, c->name, row[0], clear, &w->new[w->n])))
		return false;
	w->old[w->n] = row[1];
	w->n += clear.p != NULL;
	return true;
}

/* The old bytes name the value: their nonce is nowhere else. One that was changed meanwhile is
 * under the new key already. */
static bool store_values(struct ctx *cx, const struct sealed_column *c, const char *ids,
			 const struct resealed *w)
{
	const char *params[] = {text_array(cx, w->old, w->n), text_array(cx, w->new, w->n), ids};
	const char *sql = arena_printf(
		cx->arena,
		"update %s t set %s = n.new from unnest($1::bytea[], $2::bytea[]) as n(old, new)"
		" where t.%s = any($3::%s[]) and t.%s = n.old",
		c->table, c->column, c->subject, c->type, c->column);

	return db_sql(cx, sql, params, 3, NULL);
}

static bool reseal_column(struct ctx *cx, const struct sealed_column *c, const char *ids,
			  int64_t *values)
{
	const char *sql = arena_printf(cx->arena,
				       "select %s::text, %s from %s where %s = any($1::%s[]) and "
				       "%s and %s is not null order by 1",
				       c->subject, c->column, c->table, c->subject, c->type,
				       c->more, c->column);
	struct resealed w = {0};
	struct db_result r;

	if (!db_sql(cx, sql, &ids, 1, &r))
		return false;
	w.old = arena_alloc(cx->arena, 2 * ((size_t)r.n_rows + 1) * sizeof(*w.old));
	w.new = w.old + r.n_rows + 1;
	for (int i = 0; i < r.n_rows; i++)
		if (!reseal_value(cx, c, r.rows[i], &w))
			return false;
	*values += (int64_t)w.n;
	return w.n == 0 || store_values(cx, c, ids, &w);
}

static bool reseal(struct ctx *cx, const char *const *ids, size_t n, struct rotation *r)
{
	size_t n_columns;
	const struct sealed_column *columns = sealed_columns(cx, &n_columns);
	const char *array = text_array(cx, ids, n);

	if (!seal_prefetch(cx, ids, n, false))
		return false;
	for (size_t i = 0; i < n_columns; i++)
		if (!reseal_column(cx, &columns[i], array, &r->values))
			return false;
	return true;
}

/* ---- phases ---- */

typedef bool chunk_fn(struct ctx *cx, const char *const *ids, size_t n, struct rotation *r);

static bool renew(struct ctx *cx, const char *const *ids, size_t n, struct rotation *r)
{
	return subjects_renew(cx, ids, n, &r->keys);
}

static bool rewrap(struct ctx *cx, const char *const *ids, size_t n, struct rotation *r)
{
	return subjects_rewrap(cx, ids, n, &r->values);
}

/* The next subjects behind the watermark; *done where there are none. */
static bool each_chunk(struct ctx *cx, struct rotation *r, chunk_fn *work, bool *done)
{
	struct db_result rows;

	if (!db_sql(cx,
		    "select distinct subject_id from subject_key where tenant_id = renhe_tenant()"
		    " and wrapped is not null and ($1::uuid is null or subject_id > $1::uuid)"
		    " order by subject_id limit " CHUNK,
		    &r->watermark, 1, &rows))
		return false;
	*done = rows.n_rows == 0;
	if (*done)
		return true;
	const char **ids = arena_alloc(cx->arena, (size_t)rows.n_rows * sizeof(*ids));
	for (int i = 0; i < rows.n_rows; i++)
		ids[i] = rows.rows[i][0];
	r->watermark = ids[rows.n_rows - 1];
	return work(cx, ids, (size_t)rows.n_rows, r);
}

static bool make_tenant(struct ctx *cx, struct rotation *r, bool *done)
{
	r->keys = 1;
	return *done = tenant_key_add(cx);
}

static bool make_persons(struct ctx *cx, struct rotation *r, bool *done)
{
	return each_chunk(cx, r, renew, done);
}

/* Nobody writes with the old key any more: caches are fresh, and all who began before that are gone
 * (sessions of one role see each other). */
static bool settle(struct ctx *cx, struct rotation *r, bool *done)
{
	struct db_result row;

	_Static_assert(TENANT_KEYS_FRESH_MS == 5000, "the interval below");
	if (!db_sql(cx,
		    "select clock_timestamp() > k.phase_time + interval '5 seconds' and not exists"
		    " (select 1 from pg_stat_activity a where a.datname = current_database()"
		    " and a.usename = current_user and a.pid <> pg_backend_pid()"
		    " and a.xact_start < k.phase_time + interval '5 seconds')"
		    " from key_rotation k where k.tenant_id = renhe_tenant() and k.id = $1",
		    &r->id, 1, &row))
		return false;
	*done = row.n_rows && row.rows[0][0][0] == 't';
	return true;
}

static bool seal_tenant(struct ctx *cx, struct rotation *r, bool *done)
{
	return each_chunk(cx, r, rewrap, done);
}

static bool seal_persons(struct ctx *cx, struct rotation *r, bool *done)
{
	return each_chunk(cx, r, reseal, done);
}

static const struct phase {
	const char *level, *name, *next;
	bool (*step)(struct ctx *cx, struct rotation *r, bool *done);
	bool waits;
} PHASES[] = {
	{"TENANT", "MAKE", "SETTLE", make_tenant, false},
	{"TENANT", "SETTLE", "SEAL", settle, true},
	{"TENANT", "SEAL", "DONE", seal_tenant, false},
	{"PERSON", "MAKE", "SETTLE", make_persons, false},
	{"PERSON", "SETTLE", "SEAL", settle, true},
	{"PERSON", "SEAL", "DONE", seal_persons, false},
};

static const struct phase *phase_of(const struct rotation *r)
{
	for (size_t i = 0; i < sizeof(PHASES) / sizeof(PHASES[0]); i++)
		if (!strcmp(PHASES[i].level, r->level) && !strcmp(PHASES[i].name, r->phase))
			return &PHASES[i];
	abort(); /* the table's checks allow no other */
}

static bool again(struct ctx *cx, const char *tenant_id, int64_t in_us)
{
	char at[28];

	time_format(cx->now_us + in_us, at);
	return timer_set(cx, TIMER, tenant_id, at);
}

static bool store(struct ctx *cx, const struct rotation *r, const char *next)
{
	char keys[24], values[24];
	const char *params[] = {r->id, next, r->watermark, keys, values};

	snprintf(keys, sizeof(keys), "%lld", (long long)r->keys);
	snprintf(values, sizeof(values), "%lld", (long long)r->values);
	return db_sql(cx,
		      "update key_rotation set phase = coalesce($2, phase), phase_time = case when"
		      " $2::text is null then phase_time else clock_timestamp() end,"
		      " watermark = case when $2::text is null then $3::uuid end,"
		      " keys_made = keys_made + $4::bigint,"
		      " values_sealed = values_sealed + $5::bigint,"
		      " end_time = case when $2 = 'DONE' then clock_timestamp() end"
		      " where tenant_id = renhe_tenant() and id = $1",
		      params, 5, NULL);
}

bool key_rotation_step(struct ctx *cx, const char *tenant_id)
{
	const struct phase *p;
	struct rotation r = {0};
	struct db_result row;
	bool done = false;

	if (!db_sql(cx,
		    "select id, level, phase, watermark from key_rotation"
		    " where tenant_id = renhe_tenant() and phase <> 'DONE' for update",
		    NULL, 0, &row))
		return false;
	if (row.n_rows == 0)
		return true;
	r = (struct rotation){row.rows[0][0], row.rows[0][1], row.rows[0][2], row.rows[0][3], 0, 0};
	p = phase_of(&r);
	if (!p->step(cx, &r, &done) || !store(cx, &r, done ? p->next : NULL))
		return false;
	return (done && !strcmp(p->next, "DONE")) ||
	       again(cx, tenant_id, p->waits && !done ? WAIT_US : 0);
}

bool key_rotation_begin(struct ctx *cx, const char *level, bool *begun)
{
	char id[UUID_LEN + 1];
	const char *params[] = {id, level};
	struct db_result r;

	uuid7(id);
	if (!db_sql(cx,
		    "insert into key_rotation (id, level) values ($1, $2)"
		    " on conflict (tenant_id) where phase <> 'DONE' do nothing",
		    params, 2, &r))
		return false;
	*begun = r.affected == 1;
	return !*begun || (again(cx, cx->who.tenant_id, 0) &&
			   audit_put(cx, "key.rotate", "tenant", cx->who.tenant_id, level, "ok"));
}
