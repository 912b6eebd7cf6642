/* Gives what waits its place in the log, and signs heads. One at a time per tenant, by a lock that
 * the transaction holds. */
#include <stdlib.h>

#include "audit_log.h"
#include "clock.h"
#include "config.h"
#include "fault.h"
#include "killpoint.h"
#include "log.h"
#include "seal.h"
#include "service.h"
#include "renhe.gen.h"

#define CHUNK 500
#define TEXT_OF(n) #n
#define TEXT(n) TEXT_OF(n)

static const char LOCK_SQL[] =
	"select pg_advisory_xact_lock(hashtextextended('audit log ' || renhe_tenant()::text, 0))";
static const char FIRST_SQL[] = "insert into audit_log (size) values (0) on conflict do nothing";
static const char STATE_SQL[] =
	"select size, encode(peaks, 'hex'), head_size, "
	"head_time < clock_timestamp() - make_interval(secs => $1::int) from audit_log";
/* In the order of their ids, which is that of time: rows that commit late come later. */
static const char ROWS_SQL[] =
	"select u.id, " AUDIT_COLUMNS
	" from (select tenant_id, id from audit_unsealed order by id limit " TEXT(
		CHUNK) ") u left join audit a on a.tenant_id = u.tenant_id and a.id = u.id order "
		       "by u.id";
static const char LEAVES_SQL[] =
	"with placed as (insert into audit_leaf (seq, audit_id, leaf_hash, seal_time) "
	"select seq, id, decode(hash, 'hex'), timestamptz 'epoch' + $4::bigint * interval '1 "
	"microsecond' "
	"from unnest($1::bigint[], $2::uuid[], $3::text[]) as t (seq, id, hash) returning "
	"audit_id) "
	"delete from audit_unsealed u using placed p where u.tenant_id = renhe_tenant() and u.id = "
	"p.audit_id";
static const char GROWN_SQL[] = "update audit_log set size = $1, peaks = decode($2, 'hex')";
static const char HEAD_SQL[] =
	"with head as (insert into audit_head (size, root, former_size, head_time, public_key, "
	"signature) "
	"values ($1, decode($2, 'hex'), $3, timestamptz 'epoch' + $4::bigint * interval '1 "
	"microsecond', "
	"decode($5, 'hex'), decode($6, 'hex')) returning size, head_time) "
	"update audit_log set head_size = head.size, head_time = head.head_time from head";

struct sealing {
	struct merkle tree;
	const char *head_size; /* as the database told it */
	bool head_due;
};

static bool damaged(struct ctx *cx)
{
	log_line(LOG_ERROR, "audit_log_damaged", "tenant_id", cx->who.tenant_id, NULL);
	return fail(cx, &FAULT_INTERNAL, NULL);
}

static bool read_peaks(struct ctx *cx, const char *hex, struct merkle *m)
{
	return audit_unhex(hex, m->peak, merkle_peaks(m) * sizeof(m->peak[0])) || damaged(cx);
}

static bool read_state(struct ctx *cx, struct sealing *s)
{
	const char *age[] = {
		arena_printf(cx->arena, "%lld", (long long)config_int("RENHE_AUDIT_HEAD_S"))};
	const struct db_stmt stmts[] = {
		{LOCK_SQL, NULL, 0}, {FIRST_SQL, NULL, 0}, {STATE_SQL, age, 1}};
	struct db_result r[3];

	if (!db_sql_batch(cx, stmts, 3, r))
		return false;
	s->tree.size = strtoull(r[2].rows[0][0], NULL, 10);
	s->head_size = r[2].rows[0][2];
	s->head_due = r[2].rows[0][3][0] == 't';
	return read_peaks(cx, r[2].rows[0][1], &s->tree);
}

/* Three arrays as PostgreSQL reads them; nothing in them needs quotes. */
struct places {
	struct buf seq, id, hash;
};

static void place_one(struct ctx *cx, struct sealing *s, struct places *p, const char *seal_us,
		      char **row)
{
	const char *comma = p->seq.n > 1 ? "," : "",
		   *seq = arena_printf(cx->arena, "%llu", (unsigned long long)s->tree.size);
	char *gone[] = {row[0], NULL};
	struct merkle_hash h = audit_leaf_of(cx, seq, seal_us, row[1] ? row + 1 : gone);

	merkle_append(&s->tree, &h);
	buf_printf(&p->seq, "%s%s", comma, seq);
	buf_printf(&p->id, "%s%s", comma, row[0]);
	buf_printf(&p->hash, "%s%s", comma, audit_hex(cx->arena, h.p, sizeof(h.p)));
}

static const char *size_text(struct ctx *cx, const struct merkle *m)
{
	return arena_printf(cx->arena, "%llu", (unsigned long long)m->size);
}

static bool write_places(struct ctx *cx, struct sealing *s, struct places *p, const char *seal_us)
{
	const char *leaves[] = {p->seq.p, p->id.p, p->hash.p, seal_us};
	const char *grown[] = {size_text(cx, &s->tree),
			       audit_hex(cx->arena, s->tree.peak,
					 merkle_peaks(&s->tree) * sizeof(s->tree.peak[0]))};
	killpoint("audit.before_leaves");
	const struct db_stmt stmts[] = {{LEAVES_SQL, leaves, 4}, {GROWN_SQL, grown, 2}};
	struct db_result r[2];

	return db_sql_batch(cx, stmts, 2, r);
}

static bool place(struct ctx *cx, struct sealing *s, const struct db_result *waiting)
{
	const char *seal_us = arena_printf(cx->arena, "%lld", (long long)clock_real_us());
	struct places p;
	struct buf *const arrays[] = {&p.seq, &p.id, &p.hash};

	if (waiting->n_rows == 0)
		return true;
	for (int i = 0; i < 3; i++) {
		buf_init(arrays[i], cx->arena);
		buf_puts(arrays[i], "{");
	}
	for (int i = 0; i < waiting->n_rows; i++)
		place_one(cx, s, &p, seal_us, waiting->rows[i]);
	for (int i = 0; i < 3; i++)
		buf_puts(arrays[i], "}");
	return write_places(cx, s, &p, seal_us);
}

static bool sign_head(struct ctx *cx, const struct sealing *s)
{
	struct merkle_hash root = merkle_root(&s->tree);
	uint8_t key[SIGN_KEY_BYTES], signature[SIGNATURE_BYTES];
	const struct audit_head h = {
		.service = cx->svc->def->name,
		.tenant_id = cx->who.tenant_id,
		.size = size_text(cx, &s->tree),
		.root = audit_hex(cx->arena, root.p, sizeof(root.p)),
		.former_size = s->head_size,
		.time_us = arena_printf(cx->arena, "%lld", (long long)clock_real_us()),
	};

	sign_key(false, AUDIT_SIGNS, key);
	sign_text(AUDIT_SIGNS, audit_head_text(cx->arena, &h), signature);
	const char *params[] = {h.size,
				h.root,
				h.former_size,
				h.time_us,
				audit_hex(cx->arena, key, sizeof(key)),
				audit_hex(cx->arena, signature, sizeof(signature))};
	return db_sql(cx, HEAD_SQL, params, 6, NULL);
}

bool audit_seal(struct ctx *cx, bool now, bool *more)
{
	struct db_result waiting;
	struct sealing s = {.head_due = false};

	if (!read_state(cx, &s) || !db_sql(cx, ROWS_SQL, NULL, 0, &waiting) ||
	    !place(cx, &s, &waiting))
		return false;
	*more = waiting.n_rows == CHUNK;
	bool grown = s.tree.size > strtoull(s.head_size, NULL, 10);
	return !grown || *more || !(now || s.head_due) || sign_head(cx, &s);
}
