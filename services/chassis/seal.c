#include "seal.h"

#include <sodium.h>
#include <string.h>

#include "db.h"
#include "renhe.gen.h"
#include "seal_key.h"

#define INDEX_BYTES 16

bool seal_init(const char *root_key_hex, char *err, size_t err_size)
{
	return root_set(root_key_hex, err, err_size);
}

bool seal_init_second(const char *root_key_hex, char *err, size_t err_size)
{
	return root_set_second(root_key_hex, err, err_size);
}

static struct binding place(const struct ctx *cx, const char *column, const struct subject *s)
{
	return (struct binding){{cx->who.tenant_id, column, s->id}};
}

bool seal_value(struct ctx *cx, const char *column, const char *subject_id, const char *clear,
		const char **bytea)
{
	return seal_bytes(cx, column, subject_id, str_of(clear), bytea);
}

_Static_assert(SEAL_EXTRA == SEALED_EXTRA, "as the format has it");

bool seal_piece(struct ctx *cx, const char *column, const char *subject_id, struct str clear,
		struct str *sealed)
{
	const struct subject *s;
	size_t n = clear.n + SEALED_EXTRA;

	if (!subject_get(cx, subject_id, true, &s))
		return false;
	if (s->n == 0) /* erased: a person who is gone gets no new private data */
		return fail(cx, &FAULT_CONFLICT, NULL);
	struct binding b = place(cx, column, s);
	uint8_t *out = arena_alloc(cx->arena, n);
	sealed_make(s->keys[0].key, s->keys[0].id, &b,
		    (struct bytes){(const uint8_t *)clear.p, clear.n}, out);
	*sealed = (struct str){(const char *)out, n};
	return true;
}

bool seal_bytes(struct ctx *cx, const char *column, const char *subject_id, struct str clear,
		const char **bytea)
{
	struct str sealed;

	if (!seal_piece(cx, column, subject_id, clear, &sealed))
		return false;
	char *text = arena_alloc(cx->arena, BYTEA_SIZE(sealed.n));
	bytea_text((const uint8_t *)sealed.p, sealed.n, text);
	*bytea = text;
	return true;
}

static bool open_with(struct ctx *cx, const char *column, const struct subject *s,
		      struct bytes sealed, struct str *clear)
{
	struct binding b = place(cx, column, s);
	const struct data_key *k;
	uint32_t id;

	if (!sealed_key_id(sealed, &id))
		return seal_defect(cx, "sealed value has no known form", column, s->id);
	k = subject_key_by_id(s, id);
	if (!k && !subject_again(cx, s->id, &s))
		return false;
	if (!k && s->destroyed) {
		*clear = (struct str){NULL, 0};
		return true;
	}
	if (!k && !(k = subject_key_by_id(s, id)))
		return seal_defect(cx, "sealed value names an unknown key", column, s->id);
	uint8_t *out = arena_alloc(cx->arena, sealed.n - SEALED_EXTRA + 1);
	if (!sealed_open(k->key, &b, sealed, out))
		return seal_defect(cx, "sealed value does not open here", column, s->id);
	*clear = (struct str){(const char *)out, sealed.n - SEALED_EXTRA};
	return true;
}

bool seal_open(struct ctx *cx, const char *column, const char *subject_id, const char *bytea,
	       const char **clear)
{
	struct str bytes;

	if (!seal_open_bytes(cx, column, subject_id, bytea, &bytes))
		return false;
	*clear = bytes.p;
	return true;
}

bool seal_open_piece(struct ctx *cx, const char *column, const char *subject_id, struct str sealed,
		     struct str *clear)
{
	const struct subject *s;

	if (!subject_get(cx, subject_id, false, &s))
		return false;
	if (!s)
		return seal_defect(cx, "sealed value without a key of its subject", column,
				   subject_id);
	if (s->destroyed) {
		*clear = (struct str){NULL, 0};
		return true;
	}
	return open_with(cx, column, s, (struct bytes){(const uint8_t *)sealed.p, sealed.n}, clear);
}

bool seal_open_bytes(struct ctx *cx, const char *column, const char *subject_id, const char *bytea,
		     struct str *clear)
{
	struct bytes sealed;

	if (!bytea_bytes(cx->arena, bytea, &sealed))
		return seal_defect(cx, "sealed value has no known form", column, subject_id);
	return seal_open_piece(cx, column, subject_id,
			       (struct str){(const char *)sealed.p, sealed.n}, clear);
}

bool seal_prefetch(struct ctx *cx, const char *const *subjects, size_t n, bool create)
{
	return subjects_load(cx, subjects, n, create);
}

/* From the tenant's first key for ever: a new key for writing must not make stored indexes blind.
 */
static bool index_key(struct ctx *cx, const char *column, uint8_t key[KEY_BYTES])
{
	const struct tenant_keys *t;
	struct buf info;

	if (!task_tenant_keys(cx, true, &t))
		return false;
	buf_init(&info, cx->arena);
	buf_puts(&info, "renhe 1 blind index ");
	buf_puts(&info, column);
	hkdf_sha256((struct bytes){t->keys[0].key, KEY_BYTES},
		    (struct bytes){(const uint8_t *)info.p, info.n}, key, KEY_BYTES);
	return true;
}

bool seal_index(struct ctx *cx, const char *column, const char *normal, const char **bytea)
{
	uint8_t key[KEY_BYTES], mac[MAC_BYTES];
	char *text = arena_alloc(cx->arena, BYTEA_SIZE(INDEX_BYTES));

	if (!index_key(cx, column, key))
		return false;
	hmac_sha256((struct bytes){key, sizeof(key)},
		    (struct bytes){(const uint8_t *)normal, strlen(normal)}, mac);
	sodium_memzero(key, sizeof(key));
	bytea_text(mac, INDEX_BYTES, text);
	*bytea = text;
	return true;
}

/* A row without a key is left behind, also for a subject that had none: nothing may be sealed for
 * it again. The insert waits for a task that makes the key at this moment, the lock for a
 * rotation that adds one; the update sees both. */
bool seal_destroy(struct ctx *cx, const char *subject_id)
{
	const char *params[] = {cx->who.tenant_id, subject_id};
	struct db_result r;

	if (!db_sql(cx,
		    "insert into subject_key (tenant_id, subject_id, key_id, wrapped)"
		    " values ($1, $2, 1, null) on conflict do nothing",
		    params, 2, &r) ||
	    !db_sql(cx,
		    "select key_id from subject_key where tenant_id = $1 and subject_id = $2"
		    " for update",
		    params, 2, &r) ||
	    !db_sql(cx,
		    "update subject_key set wrapped = null where tenant_id = $1 and subject_id = $2"
		    " and wrapped is not null",
		    params, 2, &r))
		return false;
	seal_end(cx); /* the keys at hand are of before */
	return true;
}
