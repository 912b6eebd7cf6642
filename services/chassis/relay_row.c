#include "relay_row.h"

#include <stdlib.h>
#include <string.h>

/* The order of COLUMNS below. */
enum { C_ID, C_TOPIC, C_KEY, C_PAYLOAD, C_FIRST_HEADER };

static const char *const HEADERS[] = {
	"ce_id", "ce_type", "ce_source", "ce_subject", "ce_tenant", "ce_time",
	"ce_sequence", "ce_actor", "ce_cause", "ce_traceparent",
};
#define N_HEADERS (sizeof(HEADERS) / sizeof(HEADERS[0]))
_Static_assert(N_HEADERS + 3 <= KAFKA_MAX_HEADERS, "more headers than a record has room for");

/* Few rows, and few bytes: a row may have 256 KiB. */
const char RELAY_READ_SQL[] =
	"select id, topic, key, payload, ce_id, ce_type, ce_source, ce_subject, tenant_id, "
	"to_char(ce_time at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), "
	"ce_sequence, ce_actor, ce_cause, ce_traceparent from ("
	"select *, sum(octet_length(payload)) over (order by id) - octet_length(payload) as before from ("
	"select * from outbox where lane = $1::smallint and shard = 0 and topic <> all($2::text[]) "
	"and ($4::bigint is null or id not between $4::bigint and $5::bigint) "
	"order by id limit $3::int) chunk) bounded where coalesce(before, 0) < 4194304 order by id";
const char RELAY_DELETE_SQL[] = "delete from outbox where lane = $1::smallint and id = any($2::bigint[])";

static unsigned digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10) & 15;
}

struct str relay_bytes(struct arena *a, const char *text)
{
	size_t n;
	char *p;

	if (!text)
		return (struct str){NULL, 0};
	if (text[0] != '\\' || text[1] != 'x')
		abort(); /* bytea_output is pinned to hex */
	n = strlen(text + 2) / 2;
	p = arena_alloc(a, n + 1);
	for (size_t i = 0; i < n; i++)
		p[i] = (char)(digit(text[2 + 2 * i]) << 4 | digit(text[3 + 2 * i]));
	return (struct str){p, n};
}

static const char *aggregate_of(const struct schema *s, const char *type)
{
	for (unsigned i = 0; i < s->n_events; i++)
		if (strcmp(s->events[i]->type, type) == 0)
			return s->events[i]->aggregate;
	return NULL;
}

static void add(struct kafka_record *r, const char *name, const char *value)
{
	if (value)
		r->headers[r->n_headers++] = (struct kafka_header){name, value};
}

static void fill(const struct schema *s, struct arena *a, char *const *c, struct relay_row *row)
{
	struct kafka_record *r = &row->record;

	row->id = c[C_ID];
	r->topic = c[C_TOPIC];
	r->key = str_of(c[C_KEY]);
	r->value = relay_bytes(a, c[C_PAYLOAD]);
	add(r, "ce_specversion", "1.0");
	for (size_t i = 0; i < N_HEADERS; i++)
		add(r, HEADERS[i], c[C_FIRST_HEADER + i]);
	/* The type of the aggregate, so that a reader who doesn't know the event counts it too. */
	add(r, "ce_aggregate", aggregate_of(s, c[C_FIRST_HEADER + 1]));
	add(r, "content-type", "application/protobuf");
}

struct relay_row *relay_rows(const struct schema *s, struct arena *a, const struct db_result *rows)
{
	struct relay_row *out = arena_alloc(a, ((size_t)rows->n_rows + 1) * sizeof(*out));

	for (int i = 0; i < rows->n_rows; i++)
		fill(s, a, rows->rows[i], &out[i]);
	return out;
}
