/* Queries over the sample message (sample.h) and a table for it, for tests of the database layer. */
#ifndef RENHE_TEST_DB_SAMPLE_H
#define RENHE_TEST_DB_SAMPLE_H
#include "pg.h"
#undef TEXT
#include "sample.h"

static const char DB_SAMPLE_SQL[] =
	"create table sample (tenant_id uuid not null default renhe_tenant(), id uuid not null, name text not null,"
	" sex text, birth_date date, id_number bytea, id_number_index bytea, mobile bytea, head_count int,"
	" amount_fen bigint, active bool, photo bytea, tags text[], kinds text[], numbers bigint[], city text,"
	" create_time timestamptz not null default clock_timestamp(), primary key (tenant_id, id),"
	" constraint sample_name unique (tenant_id, name),"
	" constraint sample_head_count check (head_count < 500),"
	" constraint sample_amount unique (tenant_id, amount_fen) deferrable initially deferred);"
	"alter table sample enable row level security; alter table sample force row level security;"
	"create policy tenant on sample to ${app} using (tenant_id = renhe_tenant()) with check (tenant_id = renhe_tenant());"
	"grant select, insert, update, delete on sample to ${app};";

static const struct fault_def SAMPLE_NOT_FOUND = {"SAMPLE_NOT_FOUND", 404, "没有", "No sample"};
static const struct fault_def NAME_TAKEN = {"NAME_TAKEN", 409, "重名", "Taken"};
static const struct fault_def TOO_MANY = {"TOO_MANY", 422, "过多", "Too many"};
static const struct fault_def AMOUNT_TAKEN = {"AMOUNT_TAKEN", 409, "重复", "Taken"};
static const struct fault_def *const DB_SAMPLE_FAULTS[] = {&SAMPLE_NOT_FOUND, &NAME_TAKEN, &TOO_MANY, &AMOUNT_TAKEN};
static const char *const VIOLATIONS[] = {"sample_name", "NAME_TAKEN", "sample_head_count", "TOO_MANY",
					 "sample_amount", "AMOUNT_TAKEN", NULL};

#define PARAMS(...) .params = (const char *const[]){__VA_ARGS__}, .n_params = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)
#define QUERY(id, kind_, ...) static const struct query id = {.name = #id, .file = "sample.sql", .line = __LINE__, .kind = QUERY_##kind_, __VA_ARGS__}

#define COLUMNS "id, name, sex, birth_date, id_number, mobile, head_count, amount_fen, active, photo, tags, kinds, numbers, create_time"

QUERY(sample_insert, EXEC, .in = &sample_rule, .violations = VIOLATIONS,
      PARAMS("id", "name", "sex", "birth_date", "id_number", "id_number_index", "mobile", "head_count", "amount_fen",
	     "active", "photo", "tags", "kinds", "numbers", "place.city"),
      .text = "insert into sample (id, name, sex, birth_date, id_number, id_number_index, mobile, head_count, amount_fen,"
	      " active, photo, tags, kinds, numbers, city)"
	      " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)");
QUERY(sample_get, ONE, .in = &sample_rule, .out = &sample_rule, .none = &SAMPLE_NOT_FOUND, PARAMS("id"),
      .text = "select " COLUMNS " from sample where id = $1");
#define WITH_KEYS "select q.*, (select string_agg(k.key_id || ' ' || coalesce(k.wrapped::text, '-'), ',' order by k.key_id desc)" \
	" from subject_key k where k.tenant_id = renhe_tenant() and k.subject_id = q.id) as subject_keys from (" /* as sqlgen writes it */
QUERY(sample_get_with_keys, ONE, .in = &sample_rule, .out = &sample_rule, .none = &SAMPLE_NOT_FOUND, .keys = "id", PARAMS("id"),
      .text = WITH_KEYS "select " COLUMNS " from sample where id = $1) q");
QUERY(sample_find, OPT, .in = &sample_rule, .out = &sample_rule, PARAMS("id_number_index"),
      .text = "select id, name from sample where id_number_index = $1");
QUERY(sample_list, MANY, .in = NULL, .out = &sample_rule, .text = "select " COLUMNS " from sample order by name");
QUERY(sample_any, ONE, .out = &sample_rule, .text = "select id from sample");
QUERY(sample_any_opt, OPT, .out = &sample_rule, .text = "select id from sample");
QUERY(sample_none, ONE, .out = &sample_rule, .text = "select id from sample where false");
QUERY(sample_delete, EXEC, .in = NULL, .text = "delete from sample");
QUERY(sample_city, ONE, .out = &sample_rule, .text = "select coalesce(city, '-') as note from sample");
QUERY(sample_context, ONE, .out = &sample_rule, PARAMS("@today", "@now", "@tenant_id", "@account_id", "@person_id", "@request_id"),
      .text = "select $1::date as birth_date, $2::timestamptz as create_time, $3::uuid as id, "
	      "concat_ws(' ', $4::uuid, coalesce($5::text, '-'), $6::text) as note");

static const struct query *const DB_SAMPLE_QUERIES[] = {
	&sample_insert, &sample_get, &sample_get_with_keys, &sample_find, &sample_list, &sample_any, &sample_any_opt, &sample_none, &sample_delete,
	&sample_city, &sample_context};

static void db_sample_setup(void)
{
	sample_setup();
	sample_rules[4].seal = "sample.id_number"; /* id_number */
	sample_rules[4].seal_subject = "id";
	sample_rules[4].blind_index = true;
	sample_rules[5].seal = "sample.mobile";
	sample_rules[5].seal_subject = "id";
	pg_schema.faults = DB_SAMPLE_FAULTS;
	pg_schema.n_faults = COUNT(DB_SAMPLE_FAULTS);
	pg_schema.queries = DB_SAMPLE_QUERIES;
	pg_schema.n_queries = COUNT(DB_SAMPLE_QUERIES);
}
#endif
