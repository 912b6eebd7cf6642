#include "inbox.h"

#include <stdlib.h>
#include <string.h>

#include "relay_row.h"

static _Thread_local struct inbox *current;

void inbox_enter(struct inbox *in)
{
	current = in;
}

struct inbox *inbox_current(void)
{
	return current;
}

void inbox_init(struct inbox *in, struct arena *a, const char *consumer, size_t most)
{
	*in = (struct inbox){.consumer = consumer, .cap = most};
	in->aggregates = arena_alloc(a, (most + 1) * sizeof(*in->aggregates));
}

/* ---- array literals ---- */

static void array_open(struct buf *b, struct arena *a)
{
	buf_init(b, a);
	buf_puts(b, "{");
}

static void array_add(struct buf *b, const char *text)
{
	buf_puts(b, b->n > 1 ? ",\"" : "\"");
	for (const char *p = text; *p; p++) {
		if (*p == '"' || *p == '\\')
			buf_puts(b, "\\");
		buf_add(b, p, 1);
	}
	buf_puts(b, "\"");
}

static const char *array_close(struct buf *b)
{
	buf_puts(b, "}");
	return b->p;
}

/* ---- claiming ---- */

static struct aggregate *find(struct inbox *in, const char *source, const char *type, const char *id)
{
	for (size_t i = 0; i < in->n; i++) {
		struct aggregate *g = &in->aggregates[i];
		if (strcmp(g->id, id) == 0 && strcmp(g->type, type) == 0 && strcmp(g->source, source) == 0)
			return g;
	}
	return NULL;
}

static struct aggregate *find_or_add(struct ctx *cx, struct inbox *in, const char *source, const char *type,
				     const char *id)
{
	struct aggregate *g = find(in, source, type, id), *more;

	if (g)
		return g;
	if (in->n == in->cap)
		return NULL;
	more = &in->aggregates[in->n++];
	*more = (struct aggregate){.source = arena_strdup(cx->arena, source), .type = arena_strdup(cx->arena, type),
				   .id = arena_strdup(cx->arena, id)};
	return more;
}

static const char CLAIM_SQL[] =
	"insert into inbox (tenant_id, consumer, event_id) select renhe_tenant(), $1, id "
	"from unnest($2::uuid[]) as id on conflict do nothing returning event_id";
static const char LOCK_SQL[] =
	"select s.source, s.aggregate_type, s.aggregate_id, s.last, s.parked "
	"from unnest($1::text[], $2::text[], $3::text[]) as w(source, type, id) "
	"join inbox_sequence s on s.tenant_id = renhe_tenant() and s.source = w.source "
	"and s.aggregate_type = w.type and s.aggregate_id = w.id for update of s";

static void take_states(struct inbox *in, const struct db_result *r)
{
	for (int i = 0; i < r->n_rows; i++) {
		char **c = r->rows[i];
		struct aggregate *g = find(in, c[0], c[1], c[2]);
		if (!g)
			abort();
		g->last = strtoll(c[3], NULL, 10);
		g->parked = c[4][0] == 't';
	}
}

/* What was claimed comes back in the order of the items, so an id that stands twice in the batch is
 * fresh the first time only. */
static void take_fresh(struct inbox_item *items, size_t n, const struct db_result *r)
{
	int next = 0;

	for (size_t i = 0; i < n && next < r->n_rows; i++)
		if (items[i].aggregate && strcmp(items[i].ev->id, r->rows[next][0]) == 0) {
			items[i].fresh = true;
			next++;
		}
	if (next != r->n_rows)
		abort();
}

static struct db_stmt lock_statement(struct arena *a, const struct inbox *in, size_t from, const char **params)
{
	struct buf source, type, id;

	array_open(&source, a);
	array_open(&type, a);
	array_open(&id, a);
	for (size_t i = from; i < in->n; i++) {
		array_add(&source, in->aggregates[i].source);
		array_add(&type, in->aggregates[i].type);
		array_add(&id, in->aggregates[i].id);
	}
	params[0] = array_close(&source);
	params[1] = array_close(&type);
	params[2] = array_close(&id);
	return (struct db_stmt){LOCK_SQL, params, 3};
}

bool inbox_claim(struct ctx *cx, struct inbox *in, struct inbox_item *items, size_t n)
{
	struct buf ids;
	const char *claim[2], *lock[3];
	struct db_stmt stmts[2];
	struct db_result out[2];

	array_open(&ids, cx->arena);
	for (size_t i = 0; i < n; i++) {
		items[i].fresh = false;
		items[i].aggregate = NULL;
		if (!items[i].aggregate_type)
			continue;
		items[i].aggregate = find_or_add(cx, in, items[i].ev->source, items[i].aggregate_type,
						 items[i].ev->subject);
		array_add(&ids, items[i].ev->id);
	}
	if (in->n == 0)
		return true;
	claim[0] = in->consumer;
	claim[1] = array_close(&ids);
	stmts[0] = (struct db_stmt){CLAIM_SQL, claim, 2};
	stmts[1] = lock_statement(cx->arena, in, 0, lock);
	if (!db_sql_batch(cx, stmts, 2, out))
		return false;
	take_fresh(items, n, &out[0]);
	take_states(in, &out[1]);
	return true;
}

bool inbox_aggregate(struct ctx *cx, struct inbox *in, const char *source, const char *type, const char *id,
		     struct aggregate **out)
{
	size_t before = in->n;
	const char *params[3];
	struct db_stmt lock;
	struct db_result r;

	*out = find_or_add(cx, in, source, type, id);
	if (!*out)
		abort(); /* the caller makes room for one per item and heal */
	if (in->n == before)
		return true;
	lock = lock_statement(cx->arena, in, before, params);
	if (!db_sql(cx, lock.sql, lock.params, lock.n_params, &r))
		return false;
	take_states(in, &r);
	return true;
}

/* ---- writing back ---- */

bool inbox_store(struct ctx *cx, const struct inbox *in)
{
	static const char SQL[] =
		"insert into inbox_sequence (tenant_id, source, aggregate_type, aggregate_id, last, parked) "
		"select renhe_tenant(), w.* from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], "
		"$5::boolean[]) as w(source, type, id, last, parked) "
		"on conflict (tenant_id, source, aggregate_type, aggregate_id) "
		"do update set last = excluded.last, parked = excluded.parked";
	struct buf b[5];
	const char *params[5];
	struct db_result none;
	unsigned changed = 0;

	for (int i = 0; i < 5; i++)
		array_open(&b[i], cx->arena);
	for (size_t i = 0; i < in->n; i++) {
		const struct aggregate *g = &in->aggregates[i];
		if (!g->changed)
			continue;
		changed++;
		array_add(&b[0], g->source);
		array_add(&b[1], g->type);
		array_add(&b[2], g->id);
		array_add(&b[3], arena_printf(cx->arena, "%lld", (long long)g->last));
		array_add(&b[4], g->parked ? "t" : "f");
	}
	for (int i = 0; i < 5; i++)
		params[i] = array_close(&b[i]);
	return changed == 0 || db_sql(cx, SQL, params, 5, &none);
}
