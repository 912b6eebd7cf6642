/* Proofs for somebody who has heads of the log, but not the log. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "audit_log.h"
#include "audit_verify.h"
#include "key_rotation.h"
#include "value.h"

#define CHUNK 5000
#define TEXT_OF(n) #n
#define TEXT(n) TEXT_OF(n)

static const char TENANTS_SQL[] =
	"select tenant_id from audit_log where $1 = '' or tenant_id::text = $1 order by 1";
static const char LAST_SQL[] =
	"select size, encode(root, 'hex') from audit_head order by size desc limit 1";
static const char LEAVES_SQL[] = "select encode(leaf_hash, 'hex') from audit_leaf where seq >= "
				 "$1::bigint and seq < $2::bigint "
				 "order by seq limit " TEXT(CHUNK);
static const char PLACE_SQL[] = "select seq from audit_leaf where audit_id = $1::uuid";

/* What is asked, and what there is under the last head. */
struct proving {
	const char *id; /* of a row */
	uint64_t size;	/* of the earlier log */
	struct merkle_hash *leaves;
	uint64_t n;
	struct merkle_hash root;
	bool done, wrong;
};

static uint64_t number(const char *text)
{
	return strtoull(text, NULL, 10);
}

static bool read_leaves(struct ctx *cx, struct proving *p)
{
	struct arena *all = cx->arena;
	struct db_result rows = {.n_rows = 1};
	uint64_t at = 0;
	bool good = true;

	p->leaves = arena_alloc(all, (p->n + 1) * sizeof(*p->leaves));
	while (good && at < p->n && rows.n_rows) {
		cx->arena = arena_new();
		const char *params[] = {arena_printf(cx->arena, "%" PRIu64, at),
					arena_printf(cx->arena, "%" PRIu64, p->n)};
		good = db_sql(cx, LEAVES_SQL, params, 2, &rows);
		for (int i = 0; good && i < rows.n_rows; i++, at++)
			p->wrong |= !audit_unhex(rows.rows[i][0], p->leaves[at].p, MERKLE_HASH);
		arena_free(cx->arena);
		cx->arena = all;
	}
	p->wrong |= at < p->n;
	return good;
}

static bool read_last(struct ctx *cx, struct proving *p)
{
	struct db_result r;

	p->n = 0;
	if (!db_sql(cx, LAST_SQL, NULL, 0, &r))
		return false;
	if (r.n_rows == 0)
		return true;
	p->n = number(r.rows[0][0]);
	p->wrong |= !audit_unhex(r.rows[0][1], p->root.p, MERKLE_HASH);
	return read_leaves(cx, p);
}

static void put_proof(struct ctx *cx, const struct proving *p, uint64_t first,
		      const struct merkle_hash *proof, unsigned n)
{
	const char *root = audit_hex(cx->arena, p->root.p, MERKLE_HASH);

	for (unsigned i = 0; i < n; i++)
		printf("%s\t%" PRIu64 "\t%" PRIu64 "\t%s\t%u\t%s\n", cx->who.tenant_id, first, p->n,
		       root, i, audit_hex(cx->arena, proof[i].p, MERKLE_HASH));
	if (n == 0)
		printf("%s\t%" PRIu64 "\t%" PRIu64 "\t%s\t0\t\n", cx->who.tenant_id, first, p->n,
		       root);
}

static bool prove_row(struct ctx *cx, void *arg)
{
	struct proving *p = arg;
	struct merkle_hash proof[MERKLE_MOST];
	struct db_result r;

	if (!db_sql(cx, PLACE_SQL, &p->id, 1, &r))
		return false;
	if (r.n_rows == 0 || p->done)
		return true;
	uint64_t seq = number(r.rows[0][0]);
	if (!read_last(cx, p))
		return false;
	if (seq >= p->n)
		return true; /* no head yet */
	unsigned n = merkle_inclusion(p->leaves, p->n, seq, proof);
	p->wrong |= !merkle_included(&p->leaves[seq], seq, p->n, proof, n, &p->root);
	put_proof(cx, p, seq, proof, n);
	p->done = true;
	return true;
}

static bool prove_extends(struct ctx *cx, void *arg)
{
	struct proving *p = arg;
	struct merkle_hash proof[MERKLE_MOST];

	if (!read_last(cx, p))
		return false;
	if (p->size == 0 || p->size > p->n)
		return true;
	unsigned n = merkle_consistency(p->leaves, p->n, p->size, proof);
	struct merkle_hash first = merkle_root_of(p->leaves, p->size);
	p->wrong |= !merkle_consistent(p->size, &first, p->n, &p->root, proof, n);
	put_proof(cx, p, p->size, proof, n);
	p->done = true;
	return true;
}

static int prove(const struct service_def *def, const char *tenant,
		 bool (*fn)(struct ctx *cx, void *arg), struct proving *p)
{
	const struct db_stmt tenants = {TENANTS_SQL, &tenant, 1};
	int seen;

	puts("tenant_id\t#first\t#size\troot\t#step\thash");
	if (!key_each_tenant(def, &tenants, fn, p, &seen))
		return EX_UNAVAILABLE;
	return !p->done ? EX_NOINPUT : p->wrong ? EX_DATAERR : 0;
}

static int not_understood(const struct service_def *def, const char *what)
{
	fprintf(stderr, "%s: %s is not understood\n", def->name, what);
	return EX_USAGE;
}

int audit_prove(const struct service_def *def, const char *id)
{
	struct proving p = {.id = id};

	return uuid_valid(id) ? prove(def, "", prove_row, &p) : not_understood(def, id);
}

int audit_extends(const struct service_def *def, const char *at)
{
	char tenant[UUID_LEN + 1] = "";
	struct proving p = {.size = 0};

	if (strnlen(at, UUID_LEN + 2) < UUID_LEN + 2 || at[UUID_LEN] != '/')
		return not_understood(def, at);
	memcpy(tenant, at, UUID_LEN);
	p.size = number(at + UUID_LEN + 1);
	return uuid_valid(tenant) ? prove(def, tenant, prove_extends, &p) : not_understood(def, at);
}
