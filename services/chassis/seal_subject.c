#include "seal_key.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "db.h"
#include "seal.h"
#include "value.h"

#define FIRST_KEY_ID "1"
#define LEAST_BUCKETS 64

/* One tenant of the task; most tasks have one, batches of events some. */
struct room {
	struct room *next;
	struct tenant_keys keys;
	struct subject **buckets;
	size_t n_buckets, n;
};

static struct room *room_get(struct ctx *cx)
{
	const char *tenant = cx->who.tenant_id ? cx->who.tenant_id : "";
	struct room *r = cx->keys;

	while (r && strcmp(r->keys.tenant, tenant) != 0)
		r = r->next;
	if (r)
		return r;
	r = arena_alloc(cx->arena, sizeof(*r));
	strncpy(r->keys.tenant, tenant, sizeof(r->keys.tenant) - 1);
	r->n_buckets = LEAST_BUCKETS;
	r->buckets = arena_alloc(cx->arena, r->n_buckets * sizeof(*r->buckets));
	r->next = cx->keys;
	cx->keys = r;
	return r;
}

static void room_forget(struct room *r)
{
	for (size_t i = 0; i < r->n_buckets; i++)
		for (struct subject *s = r->buckets[i]; s; s = s->next)
			if (s->n)
				sodium_memzero(s->keys, s->n * sizeof(*s->keys));
	sodium_memzero(&r->keys, sizeof(r->keys));
}

void seal_end(struct ctx *cx)
{
	for (struct room *r = cx->keys; r; r = r->next)
		room_forget(r);
	cx->keys = NULL;
}

bool task_tenant_keys(struct ctx *cx, bool create, const struct tenant_keys **out)
{
	struct room *r = room_get(cx);

	if (r->keys.n == 0 && !tenant_keys_load(cx, create, &r->keys))
		return false;
	*out = &r->keys;
	return true;
}

static size_t hash(const char *id)
{
	size_t h = 1469598103934665603u;

	for (; *id; id++)
		h = (h ^ (uint8_t)*id) * 1099511628211u;
	return h ^ h >> 29;
}

static void grow(struct ctx *cx, struct room *r)
{
	size_t n = r->n_buckets * 4;
	struct subject **buckets = arena_alloc(cx->arena, n * sizeof(struct subject *)), *next;

	for (size_t i = 0; i < r->n_buckets; i++)
		for (struct subject *s = r->buckets[i]; s; s = next) {
			next = s->next;
			s->next = buckets[hash(s->id) % n];
			buckets[hash(s->id) % n] = s;
		}
	r->buckets = buckets;
	r->n_buckets = n;
}

static struct subject *find(const struct room *r, const char *id)
{
	struct subject *s = r->buckets[hash(id) % r->n_buckets];

	while (s && strcmp(s->id, id) != 0)
		s = s->next;
	return s;
}

static struct subject *find_or_add(struct ctx *cx, struct room *r, const char *id)
{
	struct subject *s = find(r, id);

	if (s)
		return s;
	if (r->n >= r->n_buckets)
		grow(cx, r);
	s = arena_alloc(cx->arena, sizeof(*s));
	memcpy(s->id, id, UUID_LEN);
	s->next = r->buckets[hash(id) % r->n_buckets];
	r->buckets[hash(id) % r->n_buckets] = s;
	r->n++;
	return s;
}

/* In the normal form (lower case) in which the database writes them back. */
static bool check_id(struct ctx *cx, const char *id)
{
	return (id && uuid_valid(id)) ||
	       seal_defect(cx, "sealing for a subject that is no UUID", "", "");
}

struct binding subject_key_place(const char *tenant, const char *subject)
{
	return (struct binding){{"subject_key", tenant, subject}};
}

/* The task's keys may be older than the one that wraps; then they are read again, in their place. */
static const struct data_key *wrapping_key(struct ctx *cx, uint32_t id)
{
	struct tenant_keys *t = &room_get(cx)->keys;
	const struct data_key *k = tenant_key_by_id(t, id);

	return k || !tenant_keys_read(cx, t) ? k : tenant_key_by_id(t, id);
}

static bool unwrap(struct ctx *cx, const struct tenant_keys *t, const struct subject *s,
		   const char *text, uint8_t key[KEY_BYTES])
{
	struct binding b = subject_key_place(t->tenant, s->id);
	const struct data_key *k;
	struct bytes wrapped;
	uint32_t id;

	if (!bytea_bytes(cx->arena, text, &wrapped) || wrapped.n != WRAPPED_BYTES ||
	    !sealed_key_id(wrapped, &id) || !(k = wrapping_key(cx, id)) ||
	    !sealed_open(k->key, &b, wrapped, key))
		return seal_defect(cx, "subject key does not open", "subject_key.wrapped", s->id);
	return true;
}

/* Rows come with the highest key id first. */
static bool take_row(struct ctx *cx, const struct tenant_keys *t, char **row)
{
	struct room *r = room_get(cx);
	struct subject *s = find_or_add(cx, r, row[0]);
	struct data_key k;

	s->loaded = true;
	if (!row[2]) {
		s->destroyed = s->n == 0;
		return true;
	}
	k.id = (uint32_t)strtoul(row[1], NULL, 10);
	if (!unwrap(cx, t, s, row[2], k.key))
		return false;
	struct data_key *keys = arena_alloc(cx->arena, (s->n + 1) * sizeof(*keys));
	if (s->n) {
		memcpy(keys, s->keys, s->n * sizeof(*keys));
		sodium_memzero(s->keys, s->n * sizeof(*keys));
	}
	keys[s->n++] = k;
	s->keys = keys;
	s->destroyed = false;
	sodium_memzero(&k, sizeof(k));
	return true;
}

/* Of several keys none counts once the subject was read: they are all of one statement. */
bool seal_given(struct ctx *cx, const char *subject, const char *keys)
{
	const struct tenant_keys *t;
	char *rest, *one;
	const struct subject *s;

	if (!keys || !subject || !check_id(cx, subject))
		return !keys || !subject;
	s = find(room_get(cx), subject);
	if (s && s->loaded)
		return true;
	if (!task_tenant_keys(cx, false, &t))
		return false;
	for (rest = arena_strdup(cx->arena, keys); (one = strsep(&rest, ",")) != NULL;) {
		char *wrapped = one, *id = strsep(&wrapped, " ");
		char *row[] = {arena_strdup(cx->arena, subject), id, strcmp(wrapped, "-") ? wrapped : NULL};

		if (!take_row(cx, t, row))
			return false;
	}
	return true;
}

static const char *array_of(struct ctx *cx, struct subject *const *list, size_t n)
{
	struct buf b;

	buf_init(&b, cx->arena);
	buf_puts(&b, "{");
	for (size_t i = 0; i < n; i++) {
		buf_puts(&b, i ? "," : "");
		buf_add(&b, list[i]->id, UUID_LEN);
	}
	buf_puts(&b, "}");
	return b.p;
}

#define READ_KEYS "select subject_id, key_id, wrapped from subject_key where tenant_id = $1 and subject_id = "
#define IN_ORDER " order by subject_id, key_id desc"
/* One person's by a statement of its own: the server plans it once, that with a list each time. */
static bool read_keys(struct ctx *cx, const struct tenant_keys *t, struct subject *const *list,
		      size_t n)
{
	const char *params[] = {t->tenant, n == 1 ? list[0]->id : array_of(cx, list, n)};
	struct db_result r;

	if (!db_sql(cx, n == 1 ? READ_KEYS "$2" IN_ORDER : READ_KEYS "any($2)" IN_ORDER, params, 2, &r))
		return false;
	for (int i = 0; i < r.n_rows; i++)
		if (!take_row(cx, t, r.rows[i]))
			return false;
	return true;
}

/* New keys as a text array of bytea: backslashes doubled inside quotes. */
static const char *new_keys(struct ctx *cx, const struct tenant_keys *t,
			    struct subject *const *list, size_t n)
{
	const struct data_key *wrapping = &t->keys[t->n - 1];
	uint8_t key[KEY_BYTES], wrapped[WRAPPED_BYTES];
	char text[BYTEA_SIZE(WRAPPED_BYTES)];
	struct buf b;

	buf_init(&b, cx->arena);
	for (size_t i = 0; i < n; i++) {
		struct binding where = subject_key_place(t->tenant, list[i]->id);
		randombytes_buf(key, sizeof(key));
		sealed_make(wrapping->key, wrapping->id, &where, (struct bytes){key, sizeof(key)},
			    wrapped);
		bytea_text(wrapped, sizeof(wrapped), text);
		buf_puts(&b, i ? ",\"\\" : "{\"\\");
		buf_puts(&b, text);
		buf_puts(&b, "\"");
	}
	sodium_memzero(key, sizeof(key));
	buf_puts(&b, "}");
	return b.p;
}

/* In the order of ids, so that two batches never wait for each other crosswise. */
static bool make_keys(struct ctx *cx, const struct tenant_keys *t, struct subject *const *list,
		      size_t n)
{
	const char *params[] = {t->tenant, array_of(cx, list, n), new_keys(cx, t, list, n)};
	struct db_result r;

	return db_sql(cx,
		      "insert into subject_key (tenant_id, subject_id, key_id, wrapped)"
		      " select $1::uuid, n.s, " FIRST_KEY_ID ", n.w"
		      " from unnest($2::uuid[], $3::bytea[]) as n(s, w) order by n.s"
		      " on conflict do nothing",
		      params, 3, &r);
}

static size_t keep_unloaded(struct subject **list, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!list[i]->loaded)
			list[kept++] = list[i];
	return kept;
}

static bool load_missing(struct ctx *cx, struct subject **list, size_t n, bool create)
{
	const struct tenant_keys *t;

	if (n == 0)
		return true;
	if (!task_tenant_keys(cx, create, &t) || !read_keys(cx, t, list, n))
		return false;
	n = keep_unloaded(list, n);
	if (n == 0 || !create)
		return true;
	if (!make_keys(cx, t, list, n) || !read_keys(cx, t, list, n))
		return false;
	n = keep_unloaded(list, n);
	return n == 0 ||
	       seal_defect(cx, "subject key cannot be made", "subject_key.wrapped", list[0]->id);
}

/* The same subject may stand twice in ids: the database copes, and a key made for it twice meets
 * its own conflict. */
bool subjects_load(struct ctx *cx, const char *const *ids, size_t n, bool create)
{
	struct subject **list = arena_alloc(cx->arena, n * sizeof(struct subject *));
	struct room *r = room_get(cx);

	for (size_t i = 0; i < n; i++) {
		if (!check_id(cx, ids[i]))
			return false;
		list[i] = find_or_add(cx, r, ids[i]);
	}
	return load_missing(cx, list, keep_unloaded(list, n), create);
}

bool subject_get(struct ctx *cx, const char *id, bool create, const struct subject **out)
{
	if (!subjects_load(cx, &id, 1, create))
		return false;
	const struct subject *s = find(room_get(cx), id);
	*out = s->loaded ? s : NULL;
	return true;
}

const struct data_key *subject_key_by_id(const struct subject *s, uint32_t id)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->keys[i].id == id)
			return &s->keys[i];
	return NULL;
}

bool subject_again(struct ctx *cx, const char *id, const struct subject **out)
{
	struct subject *s = find(room_get(cx), id);

	sodium_memzero(s->keys, s->n * sizeof(*s->keys));
	s->n = 0;
	s->loaded = s->destroyed = false;
	*out = s;
	return load_missing(cx, &s, 1, false);
}
