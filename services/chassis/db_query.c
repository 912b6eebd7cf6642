/* Named queries from message to message, and plain SQL for the chassis. */
#include "db_internal.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include "row.h"
#include "seal.h"

#define CHUNK 200 /* statements of one round trip: bounds what both sides must keep */

/* ---- rows to messages ---- */

struct reading {
	struct ctx *cx;
	const struct query *q;
	const PGresult *result;
	const struct field_rule **columns;
	int n_columns;
	ProtobufCMessage **rows;
	int n_rows;
	unsigned n_sealed;
};

static const char *cell(const struct reading *r, int row, int column)
{
	return PQgetisnull(r->result, row, column) ? NULL : PQgetvalue(r->result, row, column);
}

static bool map_columns(struct reading *r)
{
	r->n_columns = PQnfields(r->result) - (r->q->keys != NULL);
	r->columns = arena_alloc(r->cx->arena, ((size_t)r->n_columns + 1) * sizeof(*r->columns));
	for (int i = 0; i < r->n_columns; i++) {
		r->columns[i] = rule_field(r->q->out, PQfname(r->result, i));
		if (!r->columns[i])
			return db_defect(r->cx, "column is no field", r->q->name, PQfname(r->result, i));
		r->n_sealed += r->columns[i]->seal != NULL;
	}
	return true;
}

static bool read_row(struct reading *r, int row)
{
	r->rows[row] = msg_new(r->cx->arena, r->q->out);
	for (int i = 0; i < r->n_columns; i++)
		if (!r->columns[i]->seal && !row_set(r->cx->arena, r->columns[i], r->rows[row], cell(r, row, i)))
			return db_defect(r->cx, "value does not fit", r->q->name, r->columns[i]->name);
	return true;
}

static const char *subject(const struct reading *r, int row, const struct field_rule *f)
{
	return msg_str(r->q->out, r->rows[row], f->seal_subject);
}

/* Keys that the statement brought along save asking for them. */
static bool take_keys(struct reading *r)
{
	for (int row = 0; row < r->n_rows && r->q->keys; row++)
		if (!seal_given(r->cx, msg_str(r->q->out, r->rows[row], r->q->keys), cell(r, row, r->n_columns)))
			return false;
	return true;
}

static bool prefetch(struct reading *r)
{
	size_t n = 0, most = (size_t)r->n_rows * r->n_sealed;
	const char **subjects = arena_alloc(r->cx->arena, (most + 1) * sizeof(*subjects));

	for (int row = 0; row < r->n_rows; row++)
		for (int i = 0; i < r->n_columns; i++) {
			const struct field_rule *f = r->columns[i];
			if (!f->seal || !cell(r, row, i))
				continue;
			const char *s = subject(r, row, f);
			if (!s || !*s)
				return db_defect(r->cx, "sealed column without its subject", r->q->name, f->name);
			if (n == 0 || subjects[n - 1] != s)
				subjects[n++] = s;
		}
	return n == 0 || seal_prefetch(r->cx, subjects, n, false);
}

/* A value whose key was destroyed stays absent. */
static bool open_cell(struct reading *r, int row, int column)
{
	const struct field_rule *f = r->columns[column];
	const char *clear = NULL, *sealed = cell(r, row, column);

	if (!f->seal || !sealed)
		return true;
	if (!seal_open(r->cx, f->seal, subject(r, row, f), sealed, &clear))
		return false;
	if (clear && !row_set(r->cx->arena, f, r->rows[row], clear))
		return db_defect(r->cx, "opened value does not fit", r->q->name, f->name);
	return true;
}

static bool open_sealed(struct reading *r)
{
	if (r->n_sealed == 0)
		return true;
	if (!take_keys(r) || !prefetch(r))
		return false;
	for (int row = 0; row < r->n_rows; row++)
		for (int i = 0; i < r->n_columns; i++)
			if (!open_cell(r, row, i))
				return false;
	return true;
}

static bool read_rows(struct reading *r)
{
	r->n_rows = PQntuples(r->result);
	r->rows = arena_alloc(r->cx->arena, ((size_t)r->n_rows + 1) * sizeof(ProtobufCMessage *));
	if (!map_columns(r))
		return false;
	for (int row = 0; row < r->n_rows; row++)
		if (!read_row(r, row))
			return false;
	return open_sealed(r);
}

/* ---- one statement ---- */

static void check_kind(const struct query *q, enum query_kind kind)
{
	if (q->kind == kind)
		return;
	fprintf(stderr, "%s:%d: %s called as another kind than the file says\n", q->file, q->line, q->name);
	abort();
}

static bool bind(struct ctx *cx, const struct query *q, const void *in, struct db_command *c)
{
	const char **texts;

	if (!binding_values(cx, q, in, &texts))
		return false;
	*c = (struct db_command){q->text, texts, (int)q->n_params, q};
	return true;
}

static bool run_query(struct ctx *cx, const struct query *q, const void *in, PGresult **out)
{
	struct db_command c;

	return bind(cx, q, in, &c) && db_run(cx, &c, 1, out, NULL);
}

static bool query_rows(struct ctx *cx, const struct query *q, const void *in, struct reading *r)
{
	PGresult *result;
	bool good = true;

	*r = (struct reading){.cx = cx, .q = q};
	if (!run_query(cx, q, in, &result))
		return false;
	r->result = result;
	if (q->out)
		good = read_rows(r);
	else
		r->n_rows = PQntuples(result);
	r->result = NULL;
	PQclear(result);
	return good;
}

/* Columns of the query replace the fields of out, also by absence; other fields stay. */
static void give(const struct reading *r, ProtobufCMessage *out)
{
	if (!r->q->out || !out)
		return;
	if (out->descriptor != r->q->out->pb)
		abort();
	for (int i = 0; i < r->n_columns; i++)
		msg_clear(r->columns[i], out);
	msg_merge(r->rows[0], out);
}

bool db_one(struct ctx *cx, const struct query *q, const void *in, void *out)
{
	struct reading r;

	check_kind(q, QUERY_ONE);
	if (!query_rows(cx, q, in, &r))
		return false;
	if (r.n_rows > 1)
		return db_defect(cx, "more than one row", q->name, NULL);
	if (r.n_rows == 0)
		return q->none ? fail(cx, q->none, NULL) : db_defect(cx, "no row", q->name, NULL);
	give(&r, out);
	return true;
}

bool db_opt(struct ctx *cx, const struct query *q, const void *in, void *out, bool *found)
{
	struct reading r;

	check_kind(q, QUERY_OPT);
	if (!query_rows(cx, q, in, &r))
		return false;
	if (r.n_rows > 1)
		return db_defect(cx, "more than one row", q->name, NULL);
	*found = r.n_rows == 1;
	if (*found)
		give(&r, out);
	return true;
}

bool db_many(struct ctx *cx, const struct query *q, const void *in, struct msg_list *out)
{
	struct reading r;

	check_kind(q, QUERY_MANY);
	if (!query_rows(cx, q, in, &r))
		return false;
	*out = (struct msg_list){r.rows, (size_t)r.n_rows};
	return true;
}

static int64_t affected_by(PGresult *r)
{
	return strtoll(PQcmdTuples(r), NULL, 10);
}

bool db_exec(struct ctx *cx, const struct query *q, const void *in, int64_t *affected)
{
	struct db_command c;
	PGresult *r;

	check_kind(q, QUERY_EXEC);
	if (!bind(cx, q, in, &c))
		return false;
	if (!affected && cx->db->gathers)
		return db_keep(cx, &c);
	if (!db_run(cx, &c, 1, &r, NULL))
		return false;
	if (affected)
		*affected = affected_by(r);
	PQclear(r);
	return true;
}

/* ---- many statements ---- */

static bool exec_chunk(struct ctx *cx, const struct query *q, ProtobufCMessage *const *in, size_t n, size_t *failed)
{
	struct db_command *c = arena_alloc(cx->arena, (n + 1) * sizeof(*c));
	PGresult *results[CHUNK];

	for (size_t i = 0; i < n; i++) {
		const char **texts;
		if (!binding_values(cx, q, in[i], &texts)) {
			*failed = i;
			return false;
		}
		c[i] = (struct db_command){q->text, texts, (int)q->n_params, q};
	}
	if (!db_run(cx, c, n, results, failed))
		return false;
	db_clear(results, n);
	return true;
}

bool db_exec_all(struct ctx *cx, const struct query *q, ProtobufCMessage *const *in, size_t n, size_t *failed)
{
	size_t at, which = 0;

	check_kind(q, QUERY_EXEC);
	if (n && !binding_prefetch(cx, q, in, n))
		return false;
	for (at = 0; at < n; at += CHUNK) {
		size_t size = n - at < CHUNK ? n - at : CHUNK;
		if (!exec_chunk(cx, q, in + at, size, &which)) {
			if (failed)
				*failed = at + which;
			return false;
		}
	}
	return true;
}

/* ---- plain SQL ---- */

static void copy_result(struct arena *a, PGresult *r, struct db_result *out)
{
	size_t rows = (size_t)PQntuples(r), cols = (size_t)PQnfields(r);

	out->n_rows = (int)rows;
	out->n_cols = (int)cols;
	out->affected = affected_by(r);
	out->rows = arena_alloc(a, (rows + 1) * sizeof(*out->rows));
	for (size_t i = 0; i < rows; i++) {
		out->rows[i] = arena_alloc(a, (cols + 1) * sizeof(**out->rows));
		for (size_t j = 0; j < cols; j++)
			if (!PQgetisnull(r, (int)i, (int)j))
				out->rows[i][j] = arena_strdup(a, PQgetvalue(r, (int)i, (int)j));
	}
}

static bool batch_chunk(struct ctx *cx, const struct db_stmt *s, size_t n, struct db_result *out)
{
	struct db_command *c = arena_alloc(cx->arena, (n + 1) * sizeof(*c));
	PGresult *results[CHUNK];

	for (size_t i = 0; i < n; i++)
		c[i] = (struct db_command){s[i].sql, s[i].params, s[i].n_params, NULL};
	if (!db_run(cx, c, n, results, NULL))
		return false;
	for (size_t i = 0; i < n && out; i++)
		copy_result(cx->arena, results[i], &out[i]);
	db_clear(results, n);
	return true;
}

bool db_sql_batch(struct ctx *cx, const struct db_stmt *stmts, size_t n, struct db_result *out)
{
	for (size_t at = 0; at < n; at += CHUNK)
		if (!batch_chunk(cx, stmts + at, n - at < CHUNK ? n - at : CHUNK, out ? out + at : NULL))
			return false;
	return true;
}

bool db_sql(struct ctx *cx, const char *sql, const char *const *params, int n_params, struct db_result *out)
{
	struct db_stmt s = {sql, params, n_params};

	if (!out && cx->db->gathers)
		return db_keep(cx, &(struct db_command){sql, params, n_params, NULL});
	return db_sql_batch(cx, &s, 1, out);
}
