/* Newer keys for subjects, and their keys under a newer tenant key. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "db.h"
#include "seal.h"
#include "seal_key.h"

const char *text_array(struct ctx *cx, const char *const *texts, size_t n)
{
	struct buf b;

	buf_init(&b, cx->arena);
	buf_puts(&b, "{");
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s\"%s%s\"", i ? "," : "", texts[i][0] == '\\' ? "\\" : "",
			   texts[i]);
	buf_puts(&b, "}");
	return b.p;
}

static const struct data_key *newest(const struct tenant_keys *t)
{
	return &t->keys[t->n - 1];
}

/* The subject's key under the newest tenant key, as text in the arena. */
static const char *wrap(struct ctx *cx, const struct tenant_keys *t, const char *subject,
			const uint8_t key[KEY_BYTES])
{
	struct binding b = subject_key_place(t->tenant, subject);
	char *text = arena_alloc(cx->arena, BYTEA_SIZE(WRAPPED_BYTES));
	uint8_t wrapped[WRAPPED_BYTES];

	sealed_make(newest(t)->key, newest(t)->id, &b, (struct bytes){key, KEY_BYTES}, wrapped);
	bytea_text(wrapped, sizeof(wrapped), text);
	return text;
}

static const char *fresh_keys(struct ctx *cx, const struct tenant_keys *t, const char *const *ids,
			      size_t n)
{
	const char **texts = arena_alloc(cx->arena, (n + 1) * sizeof(*texts));
	uint8_t key[KEY_BYTES];

	for (size_t i = 0; i < n; i++) {
		randombytes_buf(key, sizeof(key));
		texts[i] = wrap(cx, t, ids[i], key);
	}
	sodium_memzero(key, sizeof(key));
	return text_array(cx, texts, n);
}

/* The rows are locked first, so that an erasure at the same moment sees the new key or prevents
 * it. */
bool subjects_renew(struct ctx *cx, const char *const *ids, size_t n, int64_t *made)
{
	const struct tenant_keys *t;
	struct db_result r;

	if (!task_tenant_keys(cx, false, &t))
		return false;
	const char *params[] = {t->tenant, text_array(cx, ids, n), fresh_keys(cx, t, ids, n)};
	if (!db_sql(cx,
		    "select key_id from subject_key where tenant_id = $1 and subject_id = any($2)"
		    " order by subject_id, key_id for update",
		    params, 2, &r) ||
	    !db_sql(cx,
		    "insert into subject_key (tenant_id, subject_id, key_id, wrapped)"
		    " select $1::uuid, n.s, k.last + 1, n.w"
		    " from unnest($2::uuid[], $3::bytea[]) as n(s, w) join lateral (select"
		    " max(key_id) as last from subject_key where tenant_id = $1::uuid"
		    " and subject_id = n.s and wrapped is not null) k on k.last is not null"
		    " order by n.s",
		    params, 3, &r))
		return false;
	*made = r.affected;
	seal_end(cx); /* the keys at hand are of before */
	return true;
}

/* ---- another tenant key ---- */

struct rewrap {
	const struct tenant_keys *tenant;
	const char **subjects, **key_ids, **wrapped;
	size_t n;
};

static bool rewrap_row(struct ctx *cx, struct rewrap *w, char **row)
{
	struct binding b = subject_key_place(w->tenant->tenant, row[0]);
	const struct data_key *k;
	struct bytes old;
	uint8_t key[KEY_BYTES];
	uint32_t id;

	if (!bytea_bytes(cx->arena, row[2], &old) || old.n != WRAPPED_BYTES ||
	    !sealed_key_id(old, &id) || !(k = tenant_key_by_id(w->tenant, id)))
		return seal_defect(cx, "subject key of no known tenant key", "subject_key.wrapped",
				   row[0]);
	if (k == newest(w->tenant))
		return true;
	if (!sealed_open(k->key, &b, old, key))
		return seal_defect(cx, "subject key does not open", "subject_key.wrapped", row[0]);
	w->subjects[w->n] = row[0];
	w->key_ids[w->n] = row[1];
	w->wrapped[w->n++] = wrap(cx, w->tenant, row[0], key);
	sodium_memzero(key, sizeof(key));
	return true;
}

static bool rewrap_store(struct ctx *cx, const struct rewrap *w)
{
	const char *params[] = {
		w->tenant->tenant,
		text_array(cx, w->subjects, w->n),
		text_array(cx, w->key_ids, w->n),
		text_array(cx, w->wrapped, w->n),
	};

	return db_sql(cx,
		      "update subject_key k set wrapped = n.w"
		      " from unnest($2::uuid[], $3::int[], $4::bytea[]) as n(s, i, w)"
		      " where k.tenant_id = $1 and k.subject_id = n.s and k.key_id = n.i",
		      params, 4, NULL);
}

bool subjects_rewrap(struct ctx *cx, const char *const *ids, size_t n, int64_t *rewrapped)
{
	struct tenant_keys *t = arena_alloc(cx->arena, sizeof(*t));
	struct rewrap w = {.tenant = t};
	struct db_result r;
	bool good;

	memcpy(t->tenant, cx->who.tenant_id, UUID_LEN);
	const char *params[] = {t->tenant, text_array(cx, ids, n)};
	if (!tenant_keys_read(cx, t) ||
	    !db_sql(cx,
		    "select subject_id, key_id, wrapped from subject_key where tenant_id = $1"
		    " and subject_id = any($2) and wrapped is not null"
		    " order by subject_id, key_id for update",
		    params, 2, &r))
		return false;
	w.subjects = arena_alloc(cx->arena, 3 * ((size_t)r.n_rows + 1) * sizeof(*w.subjects));
	w.key_ids = w.subjects + r.n_rows + 1;
	w.wrapped = w.key_ids + r.n_rows + 1;
	good = true;
	for (int i = 0; good && i < r.n_rows; i++)
		good = rewrap_row(cx, &w, r.rows[i]);
	sodium_memzero(t->keys, sizeof(t->keys));
	*rewrapped = (int64_t)w.n;
	return good && (w.n == 0 || rewrap_store(cx, &w));
}
