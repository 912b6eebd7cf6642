#include "rebuild.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "arena.h"
#include "clock.h"
#include "consumer_batch.h"
#include "fault.h"
#include "installation.h"
#include "kafka.h"
#include "log.h"

#define BATCH 500
#define FETCH_MS 200
#define ASK_MS 10000
#define SILENCE_MS 60000 /* of the broker, before it is given up */
#define LOCKED_MS 5000	 /* the same while the consumer waits for our lock */
#define PROGRESS_MS 1000
#define TABLES_MOST 16

struct counts {
	int64_t rows, removed, added;
	uint64_t hash; /* of all rows, whatever their order */
};
struct rebuild {
	const struct service_def *def;
	const struct projection_def *of;
	struct service svc;
	struct ctx cx;
	struct consumer_batch batch;
	struct kafka_consumer *client;
	struct arena *records, *keep;
	const char **tenants; /* of the topics and of the database */
	size_t n_tenants, cap_tenants;
	int64_t total, taken, skipped, told_ms;
	struct counts counts[TABLES_MOST];
	bool compare_only;
};

static bool broker_failed(const struct rebuild *r, const char *err)
{
	fprintf(stderr, "%s: broker: %s\n", r->def->name, err);
	return false;
}

static bool database_failed(const struct rebuild *r)
{
	fprintf(stderr, "%s: database: %s\n", r->def->name, r->cx.fault.def ? r->cx.fault.def->code : "failed");
	return false;
}

/* ---- reading ---- */

static void tell(struct rebuild *r, bool now)
{
	int64_t left = 0;

	kafka_at_mark(r->client, &left);
	if (!now && clock_monotonic_ms() - r->told_ms < PROGRESS_MS)
		return;
	r->told_ms = clock_monotonic_ms();
	fprintf(stderr, "%s %s: %lld / %lld\n", r->def->name, r->of->name, (long long)(r->total - left), (long long)r->total);
}

static bool assign(struct rebuild *r)
{
	struct kafka_settings k = service_kafka(r->def, LANE_NORMAL);
	const char *topics[TABLES_MOST];
	char err[KAFKA_ERROR_MAX] = "";

	for (unsigned i = 0; i < r->of->n_from; i++)
		topics[i] = r->of->from[i].event->topic->name;
	r->client = kafka_reader_new(&k, err);
	if (!r->client || !kafka_assign_from(r->client, topics, r->of->n_from, -1, ASK_MS, err) ||
	    !kafka_mark_end(r->client, &r->total, err))
		return broker_failed(r, err);
	return true;
}

static void note_tenant(struct rebuild *r, const char *tenant)
{
	for (size_t i = 0; i < r->n_tenants; i++)
		if (strcmp(r->tenants[i], tenant) == 0)
			return;
	if (r->n_tenants == r->cap_tenants) {
		const char **more = arena_alloc(r->keep, (2 * r->cap_tenants + 64) * sizeof(*more));

		if (r->n_tenants)
			memcpy(more, r->tenants, r->n_tenants * sizeof(*more));
		r->tenants = more;
		r->cap_tenants = 2 * r->cap_tenants + 64;
	}
	r->tenants[r->n_tenants++] = arena_strdup(r->keep, tenant);
}

/* A record that the consumer would bury says nothing here either. */
static bool apply_one(struct rebuild *r, const struct inbox_item *it)
{
	if (it->poison || !it->def) {
		r->skipped++;
		return true;
	}
	r->cx.request_id = it->ev->id;
	return it->def->handler(&r->cx, it->ev, it->msg);
}

static bool apply_all(struct rebuild *r, struct inbox_item *items, size_t n)
{
	const char *tenant = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *its = items[i].ev->tenant_id;

		if (!items[i].poison && (!tenant || strcmp(tenant, its) != 0)) {
			note_tenant(r, its);
			if (!db_tenant(&r->cx, tenant = its))
				return false;
		}
		if (!apply_one(r, &items[i]))
			return false;
	}
	return true;
}

/* Some records, in the open transaction. *got: how many. */
static bool take_some(struct rebuild *r, size_t *got)
{
	struct event *evs;
	struct inbox_item *items;

	arena_reset(r->records);
	evs = arena_alloc(r->records, BATCH * sizeof(*evs));
	*got = kafka_fetch(r->client, r->records, evs, BATCH, FETCH_MS);
	items = arena_alloc(r->records, (*got + 1) * sizeof(*items));
	for (size_t i = 0; i < *got; i++)
		batch_prepare(&r->batch, r->records, &evs[i], &items[i]);
	batch_group(r->records, items, *got);
	r->taken += (int64_t)*got;
	return apply_all(r, items, *got) || database_failed(r);
}

/* Up to the mark, by steps that are transactions of their own or parts of the open one. */
static bool read_to_mark(struct rebuild *r, bool (*step)(struct rebuild *r, size_t *got), int64_t silence_ms)
{
	int64_t heard_ms = clock_monotonic_ms();
	size_t got;

	while (!kafka_at_mark(r->client, NULL)) {
		if (!step(r, &got))
			return false;
		if (got)
			heard_ms = clock_monotonic_ms();
		if (clock_monotonic_ms() - heard_ms > silence_ms)
			return broker_failed(r, "says nothing");
		tell(r, false);
	}
	return true;
}

static void fresh(struct rebuild *r)
{
	struct ctx *cx = &r->cx;

	arena_reset(cx->arena);
	*cx = (struct ctx){.svc = &r->svc, .arena = cx->arena, .db = cx->db, .as_system = true, .scopes = 8, .lang = "zh-CN",
			   .peer = "", .device_id = "", .request_id = "", .trace_id = "", .now_us = clock_business_us()};
	cx->who = (struct principal){.tenant_id = "", .account_id = "", .person_id = "", .session_id = ""};
	context_today(cx);
}

static bool take_batch(struct rebuild *r, size_t *got)
{
	fresh(r);
	if (!db_begin(&r->cx))
		return database_failed(r);
	if (take_some(r, got) && db_commit(&r->cx))
		return true;
	db_rollback(&r->cx);
	return false;
}

/* ---- beside ---- */

/* With row security, which the handlers' statements rely on. Unqualified names mean these from now on. */
static bool make_table(struct rebuild *r, const char *t)
{
	struct arena *a = r->cx.arena;
	const struct db_stmt stmts[] = {
		{arena_printf(a, "create temporary table %s (like public.%s including all)", t, t), NULL, 0},
		{arena_printf(a, "alter table pg_temp.%s enable row level security", t), NULL, 0},
		{arena_printf(a, "alter table pg_temp.%s force row level security", t), NULL, 0},
		{arena_printf(a, "create policy tenant on pg_temp.%s using (tenant_id = renhe_tenant()) "
				 "with check (tenant_id = renhe_tenant())", t), NULL, 0},
	};

	for (size_t i = 0; i < sizeof(stmts) / sizeof(stmts[0]); i++)
		if (!db_sql(&r->cx, stmts[i].sql, NULL, 0, NULL))
			return database_failed(r);
	return true;
}

static bool make_tables(struct rebuild *r)
{
	fresh(r);
	for (const char *const *t = r->of->tables; *t; t++)
		if (!make_table(r, *t))
			return false;
	return true;
}

/* ---- compared and put in its place ---- */

static bool lock_tables(struct rebuild *r)
{
	for (const char *const *t = r->of->tables; *t; t++)
		if (!db_sql(&r->cx, arena_printf(r->cx.arena, "lock table public.%s in share row exclusive mode", *t), NULL, 0,
			    NULL))
			return database_failed(r);
	return true;
}

/* Rows are compared as texts, all columns at once: none can be forgotten. */
static bool mend_table(struct rebuild *r, const char *table, struct counts *n)
{
	static const char GONE[] = "delete from public.%s t where t::text in (select o::text from public.%s o except "
				   "select s::text from pg_temp.%s s)",
			  CAME[] = "insert into public.%s select s.* from pg_temp.%s s where not exists "
				   "(select from public.%s t where t::text = s::text)";
	struct arena *a = r->cx.arena;
	struct db_result gone, came;

	if (!db_sql(&r->cx, arena_printf(a, GONE, table, table, table), NULL, 0, &gone) ||
	    !db_sql(&r->cx, arena_printf(a, CAME, table, table, table), NULL, 0, &came))
		return database_failed(r);
	n->removed += gone.affected;
	n->added += came.affected;
	return true;
}

static bool mend_tenant(struct rebuild *r, const char *tenant)
{
	if (!db_tenant(&r->cx, tenant))
		return database_failed(r);
	for (unsigned i = 0; r->of->tables[i]; i++)
		if (!mend_table(r, r->of->tables[i], &r->counts[i]))
			return false;
	return true;
}

/* Nothing is known of tables that were just filled: without this a nested loop over all pairs is planned. */
static bool mend_all(struct rebuild *r)
{
	if (!db_sql(&r->cx, "set local enable_nestloop = off", NULL, 0, NULL))
		return database_failed(r);
	for (size_t i = 0; i < r->n_tenants; i++)
		if (!mend_tenant(r, r->tenants[i]))
			return false;
	return true;
}

/* The consumer waits for the lock, so what it has written came from before the mark that is set behind it. */
static bool settle(struct rebuild *r)
{
	char err[KAFKA_ERROR_MAX] = "";
	bool good;

	fresh(r);
	if (!db_begin(&r->cx))
		return database_failed(r);
	if (!lock_tables(r))
		good = false;
	else if (!kafka_mark_end(r->client, NULL, err))
		good = broker_failed(r, err);
	else
		good = read_to_mark(r, take_some, LOCKED_MS) && mend_all(r);
	if (good && !r->compare_only)
		return db_commit(&r->cx) || database_failed(r);
	db_rollback(&r->cx);
	return good;
}

/* ---- hashes ---- */

static bool count_table(struct rebuild *r, const char *table, struct counts *n)
{
	struct db_result out;
	const char *sql = arena_printf(r->cx.arena,
				       "select count(*), coalesce(bit_xor(hashtextextended(t::text, 0)), 0) from public.%s t", table);

	if (!db_sql(&r->cx, sql, NULL, 0, &out))
		return database_failed(r);
	n->rows += strtoll(out.rows[0][0], NULL, 10);
	n->hash ^= (uint64_t)strtoll(out.rows[0][1], NULL, 10);
	return true;
}

/* Rows bear their tenant, so the hashes of tenants may be folded into one. */
static bool count_all(struct rebuild *r)
{
	fresh(r);
	if (!db_begin(&r->cx))
		return database_failed(r);
	for (size_t k = 0; k < r->n_tenants; k++) {
		if (!db_tenant(&r->cx, r->tenants[k]))
			return database_failed(r);
		for (unsigned i = 0; r->of->tables[i]; i++)
			if (!count_table(r, r->of->tables[i], &r->counts[i]))
				return false;
	}
	return db_commit(&r->cx) || database_failed(r);
}

static void put_counts(const struct rebuild *r, bool changes)
{
	printf("table\t#rows\thash%s\n", changes ? "\t#removed\t#added" : "");
	for (unsigned i = 0; r->of->tables[i]; i++) {
		const struct counts *n = &r->counts[i];

		printf("%s\t%lld\t%016llx", r->of->tables[i], (long long)n->rows, (unsigned long long)n->hash);
		if (changes)
			printf("\t%lld\t%lld", (long long)n->removed, (long long)n->added);
		putchar('\n');
	}
}

/* ---- verbs ---- */

static const struct projection_def *find(const struct service_def *def, const char *name)
{
	for (unsigned i = 0; name && i < def->n_projections; i++)
		if (strcmp(def->projections[i].name, name) == 0)
			return &def->projections[i];
	fprintf(stderr, "%s: no projection %s\n", def->name, name ? name : "");
	return NULL;
}

/* Those that stand in the tables, also where the topics say nothing of them. */
static bool find_tenants(struct rebuild *r)
{
	struct installation in = installation_open(r->def, "rebuild");
	struct db_result found;
	bool good = in.good;

	for (const char *const *t = r->of->tables; good && *t; t++) {
		good = db_sql(&in.cx, arena_printf(in.cx.arena, "select distinct tenant_id from %s", *t), NULL, 0, &found);
		for (int i = 0; good && i < found.n_rows; i++)
			note_tenant(r, found.rows[i][0]);
	}
	installation_close(&in);
	return good;
}

static bool take_turn(struct rebuild *r)
{
	struct db_result out;

	fresh(r);
	if (!db_sql(&r->cx, "select pg_try_advisory_lock(hashtext('renhe.rebuild'))", NULL, 0, &out))
		return database_failed(r);
	if (out.rows[0][0][0] == 't')
		return true;
	fprintf(stderr, "%s: a rebuild is under way\n", r->def->name);
	return false;
}

static bool open_all(struct rebuild *r)
{
	struct db_settings s = service_database(r->def);
	char err[300];

	s.application_name = "rebuild";
	s.statement_timeout_ms = 0;
	r->svc = (struct service){.def = r->def, .schema = r->def->schema};
	r->records = arena_new();
	r->keep = arena_new();
	r->cx.arena = arena_new();
	r->batch = (struct consumer_batch){.svc = &r->svc, .consumer = r->def->name, .defs = r->of->from, .n_defs = r->of->n_from,
					   .cx = &r->cx};
	r->cx.db = db_open(&s, err, sizeof(err));
	if (!r->cx.db)
		fprintf(stderr, "%s: database: %s\n", r->def->name, err);
	if (!r->cx.db)
		return false;
	return find_tenants(r);
}

static void close_all(struct rebuild *r)
{
	kafka_consumer_free(r->client);
	if (r->cx.db)
		db_close(r->cx.db);
	arena_free(r->cx.arena);
	arena_free(r->records);
	arena_free(r->keep);
}

static int build(struct rebuild *r)
{
	bool read;

	if (!make_tables(r) || !assign(r))
		return EX_UNAVAILABLE;
	db_gather(r->cx.db, true);
	read = read_to_mark(r, take_batch, SILENCE_MS);
	db_gather(r->cx.db, false);
	if (!read)
		return EX_UNAVAILABLE;
	tell(r, true);
	if (r->taken == r->skipped) {
		fprintf(stderr, "%s: the topics hold nothing of %s; what stands is left as it is\n", r->def->name, r->of->name);
		return EX_DATAERR;
	}
	return settle(r) && count_all(r) ? 0 : EX_UNAVAILABLE;
}

static int run(const struct service_def *def, const char *name, bool compare_only)
{
	struct rebuild r = {.def = def, .of = find(def, name), .compare_only = compare_only};
	int rc;

	if (!r.of)
		return EX_NOINPUT;
	if (!open_all(&r))
		rc = EX_UNAVAILABLE;
	else
		rc = take_turn(&r) ? build(&r) : EX_TEMPFAIL;
	if (rc == 0)
		put_counts(&r, true);
	close_all(&r);
	return rc;
}

int projection_rebuild(const struct service_def *def, const char *name)
{
	return run(def, name, false);
}

int projection_compare(const struct service_def *def, const char *name)
{
	return run(def, name, true);
}

int projection_hash(const struct service_def *def, const char *name)
{
	struct rebuild r = {.def = def, .of = find(def, name)};
	bool good;

	if (!r.of)
		return EX_NOINPUT;
	good = open_all(&r) && count_all(&r);
	if (good)
		put_counts(&r, false);
	close_all(&r);
	return good ? 0 : EX_UNAVAILABLE;
}
