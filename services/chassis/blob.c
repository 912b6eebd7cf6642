#include "blob.h"
#include <stdio.h>
#include <stdlib.h>
#include "blob_place.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "fault.h"
#include "job.h"
#include "seal.h"
#include "task.h"
#include "value.h"
#include "renhe.gen.h"

#define PIECE ((size_t)64 << 10)
#define NAME_COLUMN "blob.file_name"
#define ORPHAN_AGE_S 3600
#define DAY_S 86400

struct sealed_blob {
	const char *id, *subject; /* the person's key, or one of its own */
	size_t bytes, n;	  /* clear bytes, pieces */
};

/* Written to the first; what lies in the folder from before a bucket was named is found there. */
static unsigned places(const struct blob_place *out[2])
{
	unsigned n = 0;

	if (*config_str("RENHE_BLOB_S3_URL"))
		out[n++] = &BLOB_S3;
	out[n++] = &BLOB_FOLDER;
	return n;
}

static size_t pieces_of(size_t bytes)
{
	return bytes ? (bytes + PIECE - 1) / PIECE : 1;
}

/* The place of a piece is part of what is sealed: none can be swapped, dropped or taken elsewhere.
 */
static const char *piece_place(struct ctx *cx, const struct sealed_blob *b, size_t i)
{
	return arena_printf(cx->arena, "blob %s %zu/%zu", b->id, i, b->n);
}

static size_t piece_size(const struct sealed_blob *b, size_t i)
{
	return i + 1 < b->n ? PIECE : b->bytes - i * PIECE;
}

/* ---- put ---- */

static bool seal_pieces(struct ctx *cx, const struct sealed_blob *b, struct str bytes,
			struct str *pieces)
{
	for (size_t i = 0; i < b->n; i++) {
		struct str clear = {bytes.p + i * PIECE, piece_size(b, i)};

		if (!seal_piece(cx, piece_place(cx, b, i), b->subject, clear, &pieces[i]))
			return false;
	}
	return true;
}

static bool insert_row(struct ctx *cx, const struct blob *b, const char *person_id,
		       const char *name, const char *expire_time)
{
	char bytes[24];
	const char *params[] = {b->id, person_id, b->media_type, name,
				bytes, b->sha256, expire_time};

	snprintf(bytes, sizeof(bytes), "%lld", (long long)b->bytes);
	return db_sql(cx,
		      "insert into blob (id, person_id, media_type, file_name, bytes, sha256, "
		      "expire_time) values ($1, $2, $3, $4, $5, $6, $7)",
		      params, 7, NULL);
}

static const char *in_seconds(struct ctx *cx, int64_t s)
{
	char *text = arena_alloc(cx->arena, 28);

	time_format(cx->now_us + s * 1000000, text);
	return text;
}

/* The earlier of this and what is set; nothing is locked where that is early enough already. */
static bool sweep_by(struct ctx *cx, const char *due_time)
{
	const char *params[] = {BLOB_TIMER, cx->who.tenant_id, due_time, cx->who.tenant_id};

	return db_sql(
		cx,
		"insert into timer (kind, aggregate_id, due_time) "
		"select $1::text, $2::text, $3::timestamptz where not exists (select from timer "
		"where tenant_id = $4 and kind = $1 and aggregate_id = $2 and "
		"due_time <= $3) on conflict (tenant_id, kind, aggregate_id) "
		"do update set due_time = least(timer.due_time, excluded.due_time)",
		params, 4, NULL);
}

/* What is sealed and on its way. */
struct passage {
	struct blob made;
	struct str *pieces;
	size_t n;
	const char *name; /* sealed */
	struct str bytes;
	const char *person_id;
};

static bool seal_blob(struct ctx *cx, void *arg)
{
	struct passage *p = arg;
	struct str bytes = p->bytes;
	const char *person_id = p->person_id;
	struct blob *made = &p->made;
	char *sha256 = arena_alloc(cx->arena, 65);

	uuid7(made->id);
	struct sealed_blob b = {made->id, person_id ? person_id : made->id, bytes.n,
				pieces_of(bytes.n)};
	sha256_hex(bytes.p, bytes.n, sha256);
	made->sha256 = sha256;
	made->bytes = (int64_t)bytes.n;
	p->n = b.n;
	p->pieces = arena_alloc(cx->arena, b.n * sizeof(*p->pieces));
	return seal_pieces(cx, &b, bytes, p->pieces) &&
	       seal_value(cx, NAME_COLUMN, b.subject, made->file_name, &p->name);
}

static bool write_bytes(struct ctx *cx, void *arg)
{
	const struct passage *p = arg;
	const struct blob_place *of[2];

	places(of);
	return of[0]->write(cx, p->made.id, p->pieces, p->n);
}

struct trip {
	struct ctx *cx;
	bool (*fn)(struct ctx *cx, void *arg);
	void *arg;
	bool good;
};

static void go(void *arg)
{
	struct trip *t = arg;

	t->good = t->fn(t->cx, t->arg);
}

/* Disk and bucket block, and what is large takes long to seal and open: on a thread of their own where the task is one of the event loop's. */
static bool here(struct ctx *cx, bool (*fn)(struct ctx *cx, void *arg), void *arg)
{
	struct trip t = {cx, fn, arg, false};

	task_outside(go, &t);
	return t.good;
}

typedef bool way_fn(struct ctx *cx, bool (*fn)(struct ctx *cx, void *arg), void *arg);

static bool put_by(struct ctx *cx, way_fn *way, struct str bytes, const struct blob_about *about,
		   struct blob *out)
{
	struct passage p = {.made = {.media_type = arena_strdup(cx->arena, about->media_type),
				     .file_name = arena_strdup(cx->arena, about->file_name)},
			    .bytes = bytes,
			    .person_id = about->person_id};

	if (!here(cx, seal_blob, &p) || !way(cx, write_bytes, &p) ||
	    !insert_row(cx, &p.made, about->person_id, p.name, about->expire_time) ||
	    !sweep_by(cx, in_seconds(cx, ORPHAN_AGE_S)))
		return false;
	*out = p.made;
	return true;
}

bool blob_put(struct ctx *cx, struct str bytes, const char *media_type, const char *file_name,
	      const char *person_id, const char *expire_time, struct blob *out)
{
	const struct blob_about about = {media_type, file_name, person_id, expire_time};

	return put_by(cx, here, bytes, &about, out);
}

bool blob_put_outside(struct ctx *cx, struct str bytes, const struct blob_about *about,
		      struct blob *out)
{
	return put_by(cx, job_outside, bytes, about, out);
}

/* ---- get ---- */

/* What is damaged, gone or erased is the same to the caller; the log knows. Other faults stand. */
static bool gone(struct ctx *cx)
{
	if (cx->fault.def == &FAULT_INTERNAL)
		fault_clear(cx);
	return fail(cx, &FAULT_BLOB_GONE, NULL);
}

static bool open_pieces(struct ctx *cx, const struct sealed_blob *b, struct str file, char *out)
{
	for (size_t i = 0, at = 0; i < b->n; i++) {
		struct str piece = {file.p + at, piece_size(b, i) + SEAL_EXTRA}, clear;

		if (!seal_open_piece(cx, piece_place(cx, b, i), b->subject, piece, &clear) ||
		    !clear.p)
			return gone(cx);
		memcpy(out + i * PIECE, clear.p, clear.n);
		at += piece.n;
	}
	return true;
}

static bool read_row(struct ctx *cx, const char *id, char ***row)
{
	const char *params[] = {id, cx->who.tenant_id, in_seconds(cx, 0)};
	struct db_result r;

	if (!uuid_valid(id))
		return gone(cx);
	if (!db_sql(cx,
		    "select person_id, media_type, file_name, bytes, sha256 from blob where id = "
		    "$1 "
		    "and tenant_id = $2 and (expire_time is null or expire_time > $3)",
		    params, 3, &r))
		return false;
	if (!r.n_rows)
		return gone(cx);
	*row = r.rows[0];
	return true;
}

static bool describe(struct ctx *cx, const struct sealed_blob *b, char **row, struct blob *about)
{
	const char *name;

	if (!seal_open(cx, NAME_COLUMN, b->subject, row[2], &name) || !name)
		return gone(cx);
	memcpy(about->id, b->id, UUID_LEN + 1);
	about->media_type = row[1];
	about->file_name = name;
	about->bytes = (int64_t)b->bytes;
	about->sha256 = row[4];
	return true;
}

struct reading {
	const struct sealed_blob *of;
	struct str file;
	char *out;
};

static size_t sealed_size(const struct sealed_blob *b)
{
	return b->bytes + b->n * SEAL_EXTRA;
}

static bool read_bytes(struct ctx *cx, void *arg)
{
	struct reading *r = arg;
	const struct blob_place *of[2];
	unsigned n = places(of);

	for (unsigned i = 0; i < n && !r->file.p; i++)
		if (!of[i]->read(cx, r->of->id, sealed_size(r->of), &r->file))
			return false;
	if (!r->file.p || r->file.n != sealed_size(r->of))
		return gone(cx);
	return open_pieces(cx, r->of, r->file, r->out);
}

bool blob_get(struct ctx *cx, const char *id, struct blob *about, struct str *bytes)
{
	struct blob found;
	char **row;

	if (!read_row(cx, id, &row))
		return false;
	struct sealed_blob b = {id, row[0] ? row[0] : id, (size_t)strtoull(row[3], NULL, 10), 0};
	b.n = pieces_of(b.bytes);
	struct reading r = {.of = &b, .out = arena_alloc(cx->arena, b.bytes + 1)};
	if (!here(cx, read_bytes, &r) || !describe(cx, &b, row, &found))
		return false;
	*about = found;
	*bytes = (struct str){r.out, b.bytes};
	return true;
}

/* ---- drop and sweep ---- */

/* Rows go, and keys of their own with them: the bytes are unreadable from the commit on, whenever
 * their files follow. */
static bool drop_rows(struct ctx *cx, const char *sql, const char *param)
{
	const char *params[] = {cx->who.tenant_id, param};
	struct db_result r;

	if (!db_sql(cx, sql, params, 2, &r))
		return false;
	for (int i = 0; i < r.n_rows; i++)
		if (!r.rows[i][1] && !seal_destroy(cx, r.rows[i][0]))
			return false;
	return !r.n_rows || sweep_by(cx, in_seconds(cx, ORPHAN_AGE_S));
}

#define DROP "delete from blob where tenant_id = $1 and "
#define AND_SAY " returning id, person_id"

bool blob_drop(struct ctx *cx, const char *id)
{
	return drop_rows(cx, DROP "id = $2" AND_SAY, id);
}

bool blob_drop_person(struct ctx *cx, const char *person_id)
{
	return drop_rows(cx, DROP "person_id = $2" AND_SAY, person_id);
}

static const char *array_of(struct ctx *cx, const char *const *ids, size_t n)
{
	struct buf b;

	buf_init(&b, cx->arena);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i ? "," : "{", ids[i]);
	buf_puts(&b, n ? "}" : "{}");
	return b.p;
}

static bool remove_orphans(struct ctx *cx, const struct blob_place *of)
{
	struct blob_files f = {0};
	struct db_result r;

	if (!of->list(cx, ORPHAN_AGE_S, &f))
		return false;
	const char *params[] = {cx->who.tenant_id, array_of(cx, f.old, f.n_old)};
	if (!db_sql(cx,
		    "select f.id from unnest($2::uuid[]) as f(id) where not exists "
		    "(select from blob b where b.tenant_id = $1 and b.id = f.id)",
		    params, 2, &r))
		return false;
	for (int i = 0; i < r.n_rows; i++)
		of->remove(cx, r.rows[i][0]);
	return true;
}

static bool list_all(struct ctx *cx, struct blob_files *out)
{
	const struct blob_place *of[2];
	unsigned n = places(of);

	for (unsigned i = 0; i < n; i++)
		if (!of[i]->list(cx, ORPHAN_AGE_S, out))
			return false;
	return true;
}

/* Where there are files there is a next sweep: when the next one expires, within a day, or within
 * an hour while some are too young to be judged. */
static bool set_next(struct ctx *cx)
{
	struct blob_files young = {0};
	struct db_result r;

	if (!list_all(cx, &young))
		return false;
	if (!young.n)
		return true;
	const char *latest = in_seconds(cx, young.n > young.n_old ? ORPHAN_AGE_S : DAY_S);
	const char *params[] = {cx->who.tenant_id, latest};
	return db_sql(cx,
		      "select to_char(least($2::timestamptz, min(expire_time)) at time zone 'UTC', "
		      "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') from blob where tenant_id = $1",
		      params, 2, &r) &&
	       timer_set(cx, BLOB_TIMER, cx->who.tenant_id, r.rows[0][0]);
}

/* Files first, by the rows as they were: what expires now loses its row and key, and its file when
 * that is committed. */
bool blob_sweep(struct ctx *cx, const char *tenant_id)
{
	const struct blob_place *of[2];
	unsigned n = places(of);

	(void)tenant_id;
	for (unsigned i = 0; i < n; i++)
		if (!remove_orphans(cx, of[i]))
			return false;
	return drop_rows(cx, DROP "expire_time <= $2::timestamptz" AND_SAY, in_seconds(cx, 0)) &&
	       set_next(cx);
}
