/* What the tests of transactions share: one context of tenant A on tables emptied before each. */
#ifndef RENHE_DB_FRAME_H
#define RENHE_DB_FRAME_H
#include "pg.h"
#include "fault.h"
#include "renhe.gen.h"

static struct ctx cx;
static struct db_result r;

static inline int setup(void **state)
{
	(void)state;
	pg_script("t", "super", "truncate audit, timer, outbox, tenant_key");
	pg_ctx(&cx, "t_app", PG_TENANT_A);
	return 0;
}
static inline int teardown(void **state)
{
	(void)state;
	pg_ctx_free(&cx);
	return 0;
}

static inline bool sql(struct ctx *c, const char *text)
{
	return db_sql(c, text, NULL, 0, &r);
}

static inline const char *one(const char *text)
{
	assert_true(sql(&cx, text));
	assert_int_equal(r.n_rows, 1);
	return r.rows[0][0] ? r.rows[0][0] : "null";
}

static inline void expect_fault(struct ctx *c, const struct fault_def *f)
{
	assert_non_null(c->fault.def);
	assert_string_equal(c->fault.def->code, f->code);
}

/* The statement must fail with the fault, after which the transaction is over. */
static inline void refused(struct ctx *c, const char *text, const struct fault_def *f)
{
	assert_true(db_begin(c));
	assert_false(sql(c, text));
	expect_fault(c, f);
	db_rollback(c);
	fault_clear(c);
}

#define TIMER(kind) "insert into timer (kind, aggregate_id, due_time) values ('" kind "', '1', now())"
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#endif
