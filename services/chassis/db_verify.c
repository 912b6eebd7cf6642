/* Start-up check: every named query is prepared and described by the server, and what it says is
 * held against the messages. Nothing is run. */
#include "db_internal.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "log.h"
#include "row.h"
#include "renhe.gen.h"

/* pg_type.dat; these numbers never change. */
enum {
	T_BOOL = 16, T_BYTEA = 17, T_NAME = 19, T_INT8 = 20, T_INT2 = 21, T_INT4 = 23, T_TEXT = 25,
	T_BOOL_A = 1000, T_INT2_A = 1005, T_INT4_A = 1007, T_TEXT_A = 1009, T_VARCHAR_A = 1015,
	T_INT8_A = 1016, T_BPCHAR = 1042, T_VARCHAR = 1043, T_DATE = 1082, T_TIMESTAMPTZ = 1184,
	T_DATE_A = 1182, T_TIMESTAMPTZ_A = 1185, T_UUID = 2950, T_UUID_A = 2951, T_BYTEA_A = 1001,
};

static const char *type_name(Oid t, char buf[24])
{
	static const struct {
		Oid oid;
		const char *name;
	} NAMES[] = {
		{T_BOOL, "bool"}, {T_BYTEA, "bytea"}, {T_INT8, "int8"}, {T_INT2, "int2"}, {T_INT4, "int4"},
		{T_TEXT, "text"}, {T_VARCHAR, "varchar"}, {T_DATE, "date"}, {T_TIMESTAMPTZ, "timestamptz"},
		{T_UUID, "uuid"}, {T_TEXT_A, "text[]"}, {T_UUID_A, "uuid[]"}, {T_INT4_A, "int4[]"},
		{T_INT8_A, "int8[]"}, {T_DATE_A, "date[]"}, {3802, "jsonb"}, {114, "json"}, {1700, "numeric"},
		{1114, "timestamp"}, {701, "float8"}, {700, "float4"}, {1186, "interval"}, {705, "unknown"},
	};

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		if (NAMES[i].oid == t)
			return NAMES[i].name;
	snprintf(buf, 24, "type %u", t);
	return buf;
}

/* ---- which SQL types a field goes with ---- */

static bool is_text(Oid t)
{
	return t == T_TEXT || t == T_VARCHAR || t == T_BPCHAR || t == T_NAME;
}

/* Values that only our own code writes need no format to be trusted with. */
static bool ours(const struct field_rule *f)
{
	return f->output_only || f->internal;
}

static bool string_fits(const struct field_rule *f, Oid t, bool in)
{
	switch (f->format) {
	case FORMAT_UUID:
		return t == T_UUID || is_text(t);
	case FORMAT_DATE:
		return t == T_DATE || is_text(t);
	case FORMAT_TIME:
		return t == T_TIMESTAMPTZ;
	default: /* text of a uuid or date is itself; of an instant it is not what the API says */
		return is_text(t) || ((t == T_UUID || t == T_DATE) && (!in || ours(f)));
	}
}

static bool bounded(const struct field_rule *f, int64_t most)
{
	return ours(f) || (f->has_min && f->has_max && f->min >= -most - 1 && f->max <= most);
}

/* In: the column must take every value of the field; out: the field every value of the column. */
static bool int_fits(const struct field_rule *f, Oid t, bool in, bool wide)
{
	if (t == T_INT8)
		return in || wide;
	if (t == T_INT4)
		return !in || !wide || bounded(f, INT32_MAX);
	return t == T_INT2 && (!in || bounded(f, INT16_MAX));
}

static bool value_fits(const struct field_rule *f, Oid t, bool in)
{
	switch (f->pb->type) {
	case PROTOBUF_C_TYPE_STRING:
		return string_fits(f, t, in);
	case PROTOBUF_C_TYPE_ENUM:
		return is_text(t);
	case PROTOBUF_C_TYPE_BYTES:
		return t == T_BYTEA;
	case PROTOBUF_C_TYPE_BOOL:
		return t == T_BOOL;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		return int_fits(f, t, in, false);
	case PROTOBUF_C_TYPE_MESSAGE:
		return false;
	default: /* uint32 too: half of it is beyond int4 */
		return int_fits(f, t, in, true);
	}
}

static Oid element_of(Oid array)
{
	static const Oid PAIRS[][2] = {{T_TEXT_A, T_TEXT}, {T_VARCHAR_A, T_VARCHAR}, {T_UUID_A, T_UUID},
				       {T_DATE_A, T_DATE}, {T_INT4_A, T_INT4}, {T_INT8_A, T_INT8},
				       {T_INT2_A, T_INT2}, {T_BOOL_A, T_BOOL}, {T_BYTEA_A, T_BYTEA},
				       {T_TIMESTAMPTZ_A, T_TIMESTAMPTZ}};

	for (size_t i = 0; i < sizeof(PAIRS) / sizeof(PAIRS[0]); i++)
		if (PAIRS[i][0] == array)
			return PAIRS[i][1];
	return 0;
}

static bool field_fits(const struct field_rule *f, Oid t, bool in)
{
	if (f->seal)
		return t == T_BYTEA;
	if (f->pb->label == PROTOBUF_C_LABEL_REPEATED) {
		Oid e = element_of(t);
		/* instants in an array would keep PostgreSQL's spelling */
		return e && (e != T_TIMESTAMPTZ || in) && value_fits(f, e, in);
	}
	return value_fits(f, t, in);
}

static bool context_fits(const char *name, Oid t)
{
	if (strcmp(name, "@today") == 0)
		return t == T_DATE || is_text(t);
	if (strcmp(name, "@now") == 0)
		return t == T_TIMESTAMPTZ;
	return t == T_UUID || is_text(t);
}

/* ---- one query ---- */

struct check {
	struct db *db;
	const struct schema *schema;
	const struct query *q;
	const PGresult *r;
	bool good;
};

static void refuse(struct check *c, const char *name, const char *what, const char *type)
{
	char line[16];

	snprintf(line, sizeof(line), "%d", c->q->line);
	log_line(LOG_ERROR, "query mismatch", "file", c->q->file, "#line", line, "query", c->q->name, "field",
		 name, "what", what, "type", type, NULL);
	c->good = false;
}

static void check_param(struct check *c, unsigned i)
{
	const char *name = c->q->params[i], *wrong;
	Oid t = PQparamtype(c->r, (int)i);
	struct binding b;
	char buf[24];
	bool fits;

	wrong = binding_find(c->q, name, &b);
	if (wrong) {
		refuse(c, name, wrong, type_name(t, buf));
		return;
	}
	if (b.kind == BIND_CONTEXT)
		fits = context_fits(name, t);
	else
		fits = b.kind == BIND_INDEX ? t == T_BYTEA : field_fits(b.field, t, true);
	if (!fits)
		refuse(c, name, "the parameter does not take this field", type_name(t, buf));
}

static bool has_column(const struct check *c, const char *name, int below)
{
	for (int i = 0; i < below; i++)
		if (strcmp(PQfname(c->r, i), name) == 0)
			return true;
	return false;
}

static void check_column(struct check *c, int i)
{
	const char *name = PQfname(c->r, i);
	const struct field_rule *f = rule_field(c->q->out, name);
	char buf[24];
	const char *type = type_name(PQftype(c->r, i), buf);

	if (!f)
		refuse(c, name, "the column is no field", type);
	else if (has_column(c, name, i))
		refuse(c, name, "the column comes twice", type);
	else if (!field_fits(f, PQftype(c->r, i), false))
		refuse(c, name, "the field does not take this column", type);
	else if (f->seal && !has_column(c, f->seal_subject, PQnfields(c->r)))
		refuse(c, name, "sealed column without its subject", type);
}

static bool seals_for(const struct check *c, int i)
{
	const struct field_rule *f = rule_field(c->q->out, PQfname(c->r, i));

	return f && f->seal && strcmp(f->seal_subject, c->q->keys) == 0;
}

/* Keys are only brought for what is opened by them. */
static void check_keys(struct check *c, int columns)
{
	for (int i = 0; i < columns; i++)
		if (seals_for(c, i))
			return;
	refuse(c, c->q->keys, "keys= of a subject that no column is sealed for", "");
}

static void check_shape(struct check *c)
{
	const struct query *q = c->q;
	int columns = PQnfields(c->r);

	if (PQnparams(c->r) != (int)q->n_params) {
		refuse(c, "", "another number of parameters", "");
		return;
	}
	for (unsigned i = 0; i < q->n_params; i++)
		check_param(c, i);
	if (q->kind == QUERY_EXEC) {
		if (q->out)
			refuse(c, "", ":exec gives no message", "");
		return; /* columns of a function called for its effect are dropped */
	}
	if (columns == 0)
		refuse(c, "", "the statement gives no rows", "");
	else if (!q->out)
		refuse(c, PQfname(c->r, 0), "columns without out=", "");
	columns -= q->keys != NULL;
	for (int i = 0; i < columns && q->out; i++)
		check_column(c, i);
	if (q->keys)
		check_keys(c, columns);
}

/* ---- talking to the server ---- */

static PGresult *ask(struct db *db)
{
	PGresult *r = db_next(db), *more;

	while (r && (more = db_next(db)))
		PQclear(more);
	return r;
}

/* A query on its way: many are under way at once, so that a start waits for the server's work and not for round trips. */
#define WINDOW 16
struct asked {
	struct check check;
	char name[STATEMENT_NAME_SIZE];
	bool known, sent;
};

static void send_query(struct asked *a)
{
	struct check *c = &a->check;
	PGconn *conn = c->db->conn;

	if (!conn)
		return;
	a->known = statement_known(c->db->cache, c->q->text, c->q->name, a->name);
	a->sent = (a->known || PQsendPrepare(conn, a->name, c->q->text, 0, NULL)) && PQsendDescribePrepared(conn, a->name) &&
		  PQpipelineSync(conn);
}

/* Results of prepare and describe: that of the first that failed. NULL: the server is gone. */
static PGresult *described(struct asked *a)
{
	struct db *db = a->check.db;
	PGresult *prepared = a->known || !a->sent ? NULL : ask(db);
	PGresult *shape = a->sent ? ask(db) : NULL;

	if (a->sent)
		PQclear(db_next(db)); /* the sync */
	if (PQresultStatus(shape) == PGRES_COMMAND_OK)
		statement_prepared(db->cache, a->check.q->text, a->name);
	if (!prepared || PQresultStatus(prepared) == PGRES_COMMAND_OK) {
		PQclear(prepared);
		return shape;
	}
	PQclear(shape);
	return prepared;
}

static void check_query(struct asked *a)
{
	struct check *c = &a->check;
	PGresult *r = described(a);

	if (!r) {
		refuse(c, "", "the connection was lost", "");
		return;
	}
	c->r = r;
	if (PQresultStatus(r) == PGRES_COMMAND_OK) {
		check_shape(c);
	} else {
		const char *m = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
		refuse(c, "", m ? m : "the server refuses the statement", "");
	}
	PQclear(r);
}

/* ---- constraint names ---- */

/* "{a,b}" of all that the queries name: words of SQL, nothing to be quoted in them. */
static const char *constraint_names(struct arena *a, const struct schema *s)
{
	struct buf b;

	buf_init(&b, a);
	for (unsigned i = 0; i < s->n_queries; i++)
		for (const char *const *v = s->queries[i]->violations; v && *v; v += 2) {
			buf_puts(&b, b.n ? "," : "{");
			buf_puts(&b, v[0]);
		}
	buf_puts(&b, b.n ? "}" : "{}");
	return b.p;
}

/* Those that there are; NULL where the server did not say. */
static PGresult *known_constraints(struct db *db, const struct schema *s)
{
	static const char SQL[] = "select conname from pg_constraint where conname = any($1::name[]) union "
				  "select relname from pg_class where relname = any($1::name[]) and relkind in ('i', 'I')";
	struct arena *a = arena_new();
	const char *params[] = {constraint_names(a, s)};
	PGresult *r = NULL;

	if (db->conn && PQsendQueryParams(db->conn, SQL, 1, NULL, params, NULL, NULL, 0) && PQpipelineSync(db->conn)) {
		r = ask(db);
		PQclear(db_next(db));
	}
	arena_free(a);
	return r;
}

static bool is_listed(const PGresult *r, const char *name)
{
	for (int i = 0; i < PQntuples(r); i++)
		if (strcmp(PQgetvalue(r, i, 0), name) == 0)
			return true;
	return false;
}

static bool known_fault(const struct schema *s, const char *code)
{
	for (unsigned i = 0; i < s->n_faults; i++)
		if (strcmp(s->faults[i]->code, code) == 0)
			return true;
	return false;
}

static void check_violations(struct check *c, const PGresult *constraints)
{
	for (const char *const *v = c->q->violations; v && *v; v += 2) {
		if (!is_listed(constraints, v[0]))
			refuse(c, v[0], "no such constraint", "");
		if (!known_fault(c->schema, v[1]))
			refuse(c, v[1], "no such fault", "");
	}
}

static bool verify_window(struct db *db, const struct schema *s, unsigned from, unsigned n, const PGresult *constraints)
{
	struct asked asked[WINDOW] = {0};
	bool good = true;

	for (unsigned i = 0; i < n; i++) {
		asked[i].check = (struct check){.db = db, .schema = s, .q = s->queries[from + i], .good = true};
		send_query(&asked[i]);
	}
	for (unsigned i = 0; i < n; i++) {
		check_query(&asked[i]);
		check_violations(&asked[i].check, constraints);
		good = good && asked[i].check.good;
	}
	return good;
}

bool db_verify(struct db *db, const struct schema *s)
{
	PGresult *constraints = known_constraints(db, s);
	bool good = true;

	for (unsigned i = 0; i < s->n_queries; i += WINDOW)
		good = verify_window(db, s, i, s->n_queries - i < WINDOW ? s->n_queries - i : WINDOW, constraints) && good;
	PQclear(constraints);
	return good;
}
