/* Reads the log and says what is wrong with it. Nothing here trusts what the sealer noted for
 * itself: every entry is hashed from its row anew, every root is worked out from the entries. */
#include "audit_verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "audit_log.h"
#include "config.h"
#include "json.h"
#include "key_rotation.h"
#include "log.h"
#include "seal.h"

#define CHUNK 2000
#define TEXT_OF(n) #n
#define TEXT(n) TEXT_OF(n)
#define KEYS_MOST 16

static const char TENANTS_SQL[] =
	"select tenant_id from audit_log union select tenant_id from audit_unsealed order by 1";
static const char ENTRIES_SQL[] = "select l.seq, " AUDIT_US(
	"l.seal_time") ", encode(l.leaf_hash, 'hex'), l.audit_id, " AUDIT_COLUMNS
		       " from audit_leaf l left join audit a on a.tenant_id = l.tenant_id and a.id "
		       "= l.audit_id "
		       "where l.seq >= $1::bigint order by l.seq limit " TEXT(CHUNK);
static const char HEADS_SQL[] = "select size, encode(root, 'hex'), former_size, " AUDIT_US(
	"head_time") ", encode(public_key, 'hex'), "
		     "encode(signature, 'hex') from audit_head order by size";
/* An act writes its row and the note that it waits in one transaction, the sealer makes a leaf of the note in one: a row that has
 * neither was planted, whatever its time says. One that waits is sealed long before ten minutes have passed. */
static const char ASTRAY_SQL[] = "select a.id from audit a where not exists (select from audit_leaf l where l.tenant_id = a.tenant_id "
				 "and l.audit_id = a.id) and (a.act_time < clock_timestamp() - interval '10 minutes' or not exists "
				 "(select from audit_unsealed u where u.tenant_id = a.tenant_id and u.id = a.id)) order by a.id limit 1";
/* What the sealer says it has signed: only ever taken as a reason to look for more. */
static const char SIGNED_SQL[] = "select head_size from audit_log";

enum { HEAD_SIZE, HEAD_ROOT, HEAD_FORMER, HEAD_TIME, HEAD_KEY, HEAD_SIGNATURE };

/* ---- what is known about the heads ---- */

struct keys {
	uint8_t key[KEYS_MOST][SIGN_KEY_BYTES];
	unsigned n;
};

static void keys_of_settings(struct keys *k)
{
	for (const char *p = config_str("RENHE_AUDIT_FORMER_KEYS"); *p && k->n < KEYS_MOST;) {
		size_t n = strcspn(p, ",");
		char hex[2 * SIGN_KEY_BYTES + 1] = "";

		if (n == 2 * SIGN_KEY_BYTES)
			memcpy(hex, p, n);
		k->n += audit_unhex(hex, k->key[k->n], SIGN_KEY_BYTES);
		p += n + (p[n] == ',');
	}
}

/* Never those that stand in the database. */
static struct keys trusted(void)
{
	struct keys k = {.n = 0};

	for (int second = 0; second < 2; second++)
		k.n += sign_key(second, AUDIT_SIGNS, k.key[k.n]);
	keys_of_settings(&k);
	return k;
}

static bool signed_by_us(struct arena *a, const struct audit_head *h, const char *key,
			 const char *signature)
{
	struct keys k = trusted();
	uint8_t by[SIGN_KEY_BYTES], s[SIGNATURE_BYTES];

	if (!audit_unhex(key, by, sizeof(by)) || !audit_unhex(signature, s, sizeof(s)))
		return false;
	for (unsigned i = 0; i < k.n; i++)
		if (memcmp(k.key[i], by, sizeof(by)) == 0)
			return sign_holds(by, audit_head_text(a, h), s);
	return false;
}

/* ---- one tenant ---- */

struct kept_head {
	uint64_t size;
	const char *service, *tenant_id, *root, *key, *signature, *former_size, *time_us;
	bool met;
};
struct finding {
	const char *code; /* NULL: nothing is wrong */
	uint64_t seq;
	const char *what; /* an id, a size */
};
struct reading {
	struct kept_head *kept;
	size_t n_kept;
	struct db_result heads;
	int next_head;
	struct merkle tree;
	struct finding first;
	uint64_t entries, faults, expected; /* the next place */
	bool any_fault;			    /* of any tenant */
};

/* The first one is told, all are counted. */
static void found(struct ctx *cx, struct reading *r, const char *code, uint64_t seq,
		  const char *what)
{
	if (!r->first.code)
		r->first = (struct finding){code, seq, arena_strdup(cx->arena, what ? what : "")};
	r->faults++;
}

static bool root_is(const struct reading *r, const char *hex)
{
	struct merkle_hash now = merkle_root(&r->tree), told;

	return audit_unhex(hex, told.p, sizeof(told.p)) && merkle_same(&now, &told);
}

/* A head of the database at the size that was reached. */
static void judge_head(struct ctx *cx, struct reading *r, char **row, const char *former)
{
	const struct audit_head h = {.service = cx->svc->def->name,
				     .tenant_id = cx->who.tenant_id,
				     .size = row[HEAD_SIZE],
				     .root = row[HEAD_ROOT],
				     .former_size = row[HEAD_FORMER],
				     .time_us = row[HEAD_TIME]};

	if (!signed_by_us(cx->arena, &h, row[HEAD_KEY], row[HEAD_SIGNATURE]))
		found(cx, r, "HEAD_NOT_OURS", r->tree.size, row[HEAD_SIZE]);
	else if (strcmp(row[HEAD_FORMER], former) != 0)
		found(cx, r, "HEAD_MISSING", r->tree.size, row[HEAD_FORMER]);
	else if (!root_is(r, row[HEAD_ROOT]))
		found(cx, r, "ROOT_DIFFERS", r->tree.size, row[HEAD_SIZE]);
}

static void judge_kept(struct ctx *cx, struct reading *r)
{
	for (size_t i = 0; i < r->n_kept; i++) {
		struct kept_head *k = &r->kept[i];
		const struct audit_head h = {
			k->service, k->tenant_id,   arena_printf(cx->arena, "%" PRIu64, k->size),
			k->root,    k->former_size, k->time_us};

		if (k->met || k->size != r->tree.size ||
		    strcmp(k->tenant_id, cx->who.tenant_id) != 0)
			continue;
		k->met = true;
		if (!signed_by_us(cx->arena, &h, k->key, k->signature))
			found(cx, r, "KEPT_HEAD_NOT_OURS", k->size, h.size);
		else if (!root_is(r, k->root))
			found(cx, r, "KEPT_HEAD_DIFFERS", k->size, h.size);
	}
}

static void at_this_size(struct ctx *cx, struct reading *r)
{
	judge_kept(cx, r);
	while (r->next_head < r->heads.n_rows) {
		char **row = r->heads.rows[r->next_head];
		if (strtoull(row[HEAD_SIZE], NULL, 10) != r->tree.size)
			return;
		judge_head(cx, r, row,
			   r->next_head ? r->heads.rows[r->next_head - 1][HEAD_SIZE] : "0");
		r->next_head++;
	}
}

/* A leaf and the row that it stands for. Where they differ the tree goes on with the leaf, so that
 * one changed row is one fault. */
static void judge_entry(struct ctx *cx, struct reading *r, char **row)
{
	uint64_t seq = strtoull(row[0], NULL, 10);
	struct merkle_hash leaf = {{0}}, now;
	char *gone[] = {row[3], NULL};

	if (seq != r->expected)
		found(cx, r, "ENTRIES_MISSING", r->expected, row[3]);
	r->expected = seq + 1;
	now = audit_leaf_of(cx, row[0], row[1], row[4] ? row + 4 : gone);
	if (!audit_unhex(row[2], leaf.p, sizeof(leaf.p)) || !merkle_same(&leaf, &now))
		found(cx, r, row[4] ? "ENTRY_CHANGED" : "ENTRY_DELETED", seq, row[3]);
	merkle_append(&r->tree, &leaf);
	r->entries++;
	at_this_size(cx, r);
}

static void progress(const struct reading *r, const char *tenant_id)
{
	if (isatty(STDERR_FILENO) && r->entries >= CHUNK)
		fprintf(stderr, "\r%s %" PRIu64 " ", tenant_id, r->entries);
}

static bool read_entries(struct ctx *cx, struct reading *r)
{
	struct db_result rows;
	struct arena *all = cx->arena;
	uint64_t from = 0;
	bool good;

	do { /* what a chunk needs goes with it */
		cx->arena = arena_new();
		const char *params[] = {arena_printf(cx->arena, "%" PRIu64, from)};
		good = db_sql(cx, ENTRIES_SQL, params, 1, &rows);
		for (int i = 0; good && i < rows.n_rows; i++) {
			judge_entry(cx, r, rows.rows[i]);
			from = strtoull(rows.rows[i][0], NULL, 10) + 1;
		}
		if (r->first.what)
			r->first.what = arena_strdup(all, r->first.what);
		arena_free(cx->arena);
		cx->arena = all;
		progress(r, cx->who.tenant_id);
	} while (good && rows.n_rows == CHUNK);
	return good;
}

static bool look_astray(struct ctx *cx, struct reading *r)
{
	struct db_result rows;

	if (!db_sql(cx, ASTRAY_SQL, NULL, 0, &rows))
		return false;
	if (rows.n_rows)
		found(cx, r, "NEVER_SEALED", r->tree.size, rows.rows[0][0]);
	return true;
}

/* Heads beyond the end: the tail was cut. */
static void look_beyond(struct ctx *cx, struct reading *r)
{
	if (r->next_head < r->heads.n_rows)
		found(cx, r, "TAIL_MISSING", r->tree.size, r->heads.rows[r->next_head][HEAD_SIZE]);
	for (size_t i = 0; i < r->n_kept; i++)
		if (!r->kept[i].met && strcmp(r->kept[i].tenant_id, cx->who.tenant_id) == 0) {
			r->kept[i].met = true;
			found(cx, r, "TAIL_MISSING", r->tree.size,
			      arena_printf(cx->arena, "%" PRIu64, r->kept[i].size));
		}
}

/* All heads behind the last one were taken away. */
static bool look_for_heads(struct ctx *cx, struct reading *r)
{
	uint64_t last = r->heads.n_rows ? strtoull(r->heads.rows[r->heads.n_rows - 1][HEAD_SIZE], NULL, 10) : 0;
	struct db_result rows;

	if (!db_sql(cx, SIGNED_SQL, NULL, 0, &rows))
		return false;
	if (rows.n_rows && strtoull(rows.rows[0][0], NULL, 10) > last)
		found(cx, r, "HEAD_MISSING", r->tree.size, rows.rows[0][0]);
	return true;
}

static void tell(const struct ctx *cx, const struct reading *r)
{
	const struct finding *f = &r->first;

	printf("%s\t%" PRIu64 "\t%d\t%s\t%" PRIu64 "\t", cx->who.tenant_id, r->entries,
	       r->heads.n_rows, f->code ? f->code : "OK", r->faults);
	if (f->code)
		printf("%" PRIu64 "\t%s\n", f->seq, f->what);
	else
		printf("\t\n");
}

static bool verify_tenant(struct ctx *cx, void *arg)
{
	struct reading *r = arg;

	r->next_head = 0;
	r->tree.size = 0;
	r->first = (struct finding){0};
	r->entries = r->faults = r->expected = 0;
	if (!db_sql(cx, HEADS_SQL, NULL, 0, &r->heads) || !read_entries(cx, r) ||
	    !look_astray(cx, r) || !look_for_heads(cx, r))
		return false;
	look_beyond(cx, r);
	tell(cx, r);
	r->any_fault |= r->faults > 0;
	return true;
}

/* ---- heads that were kept ---- */

static bool take_kept(struct arena *a, struct str line, struct kept_head *k)
{
	const struct json_doc *d = json_parse(a, line);
	int64_t size = 0;

	if (!d || !json_get_int(d, "size", &size) || size < 0)
		return false;
	*k = (struct kept_head){(uint64_t)size,
				json_get_str(d, "service"),
				json_get_str(d, "tenant_id"),
				json_get_str(d, "root"),
				json_get_str(d, "public_key"),
				json_get_str(d, "signature"),
				json_get_str(d, "former_size"),
				json_get_str(d, "head_us"),
				false};
	return k->service && k->tenant_id && k->root && k->key && k->signature && k->former_size &&
	       k->time_us;
}

/* A line each. false: the file can't be read, or a line of it is no head. */
static bool read_kept(struct arena *a, const char *path, struct reading *r)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	bool good = f != NULL;

	while (good && (n = getline(&line, &room, f)) > 0) {
		struct kept_head *more = arena_alloc(a, (r->n_kept + 1) * sizeof(*more));

		if (r->n_kept)
			memcpy(more, r->kept, r->n_kept * sizeof(*more));
		r->kept = more;
		good = take_kept(a, (struct str){arena_strndup(a, line, (size_t)n), (size_t)n},
				 &more[r->n_kept]);
		r->n_kept++;
	}
	free(line);
	if (f)
		fclose(f);
	return good;
}

/* Of another service, or of a tenant that has no log any more. */
static unsigned unmet(const struct service_def *def, const struct reading *r)
{
	unsigned n = 0;

	for (size_t i = 0; i < r->n_kept; i++)
		if (!r->kept[i].met) {
			printf("%s\t0\t0\t%s\t1\t0\t%" PRIu64 "\n", r->kept[i].tenant_id,
			       strcmp(r->kept[i].service, def->name) ? "KEPT_HEAD_OF_ANOTHER"
								     : "TAIL_MISSING",
			       r->kept[i].size);
			n++;
		}
	return n;
}

int audit_verify(const struct service_def *def, const char *kept)
{
	const struct db_stmt tenants = {TENANTS_SQL, NULL, 0};
	struct arena *a = arena_new();
	struct reading r = {.kept = NULL};
	int seen, code = EX_UNAVAILABLE;

	if (kept && !read_kept(a, kept, &r)) {
		fprintf(stderr, "%s: %s: no file of heads\n", def->name, kept);
		code = EX_USAGE;
	} else {
		puts("tenant_id\t#entries\t#heads\tstate\t#faults\t#first_at\tfirst_id");
		if (key_each_tenant(def, &tenants, verify_tenant, &r, &seen))
			code = unmet(def, &r) || r.any_fault ? EX_DATAERR : 0;
	}
	arena_free(a);
	return code;
}

/* ---- heads ---- */

static bool seal_all(struct ctx *cx, void *arg)
{
	struct db_result r;
	bool more = true;

	(void)arg;
	while (more)
		if (!audit_seal(cx, true, &more))
			return false;
	if (!db_sql(cx,
		    "select size, encode(root, 'hex'), former_size, " AUDIT_US(
			    "head_time") ", "
					 "encode(public_key, 'hex'), encode(signature, 'hex') from "
					 "audit_head order by size desc limit 1",
		    NULL, 0, &r))
		return false;
	for (int i = 0; i < r.n_rows; i++)
		printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", cx->svc->def->name, cx->who.tenant_id,
		       r.rows[i][HEAD_SIZE], r.rows[i][HEAD_ROOT], r.rows[i][HEAD_FORMER],
		       r.rows[i][HEAD_TIME], r.rows[i][HEAD_KEY], r.rows[i][HEAD_SIGNATURE]);
	return true;
}

int audit_heads(const struct service_def *def, const char *none)
{
	const struct db_stmt tenants = {TENANTS_SQL, NULL, 0};
	int seen;

	(void)none;
	puts("service\ttenant_id\t#size\troot\tformer_size\thead_us\tpublic_key\tsignature");
	return key_each_tenant(def, &tenants, seal_all, NULL, &seen) ? 0 : EX_UNAVAILABLE;
}
