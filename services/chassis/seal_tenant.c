#include "seal_key.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "value.h"

#define SLOTS 256

/* Direct-mapped; a tenant that meets another one's slot replaces it. Asked for anew after
 * TENANT_KEYS_FRESH_MS, so that every process writes with a new key soon after it was made. */
struct slot {
	struct tenant_keys keys;
	int64_t read_ms;
};
static struct slot cache[SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct slot *slot_of(const char *tenant)
{
	uint32_t h = 2166136261u;

	for (const char *p = tenant; *p; p++)
		h = (h ^ (uint8_t)*p) * 16777619u;
	return &cache[h % SLOTS];
}

static bool cache_get(const char *tenant, struct tenant_keys *out)
{
	pthread_mutex_lock(&lock);
	const struct slot *s = slot_of(tenant);
	bool hit = s->keys.n > 0 && strcmp(s->keys.tenant, tenant) == 0 &&
		   clock_monotonic_ms() - s->read_ms < TENANT_KEYS_FRESH_MS;
	if (hit)
		*out = s->keys;
	pthread_mutex_unlock(&lock);
	return hit;
}

static void cache_put(const struct tenant_keys *t, int64_t read_ms)
{
	pthread_mutex_lock(&lock);
	*slot_of(t->tenant) = (struct slot){*t, read_ms};
	pthread_mutex_unlock(&lock);
}

struct binding tenant_key_place(const char *tenant)
{
	return (struct binding){{"tenant_key", tenant}};
}

static bool take_row(struct ctx *cx, char **row, struct tenant_keys *t)
{
	struct binding b = tenant_key_place(t->tenant);
	struct bytes wrapped;
	struct data_key *k = &t->keys[t->n];

	if (!row[1] || !bytea_bytes(cx->arena, row[1], &wrapped) ||
	    !root_unwrap(&b, wrapped, k->key))
		return seal_defect(cx, "tenant key does not open; another root key?",
				   "tenant_key.wrapped", "");
	k->id = (uint32_t)strtoul(row[0], NULL, 10);
	t->n++;
	return true;
}

/* Only rows of finished transactions go into the cache of the process: a key of an open one, ours
 * or not, may yet be rolled back, and values sealed under it would be lost. A row of our own
 * transaction or a later one has no xmin below the snapshot's. */
bool tenant_keys_read(struct ctx *cx, struct tenant_keys *t)
{
	static const char SQL[] = "select key_id, wrapped, age(xmin) > "
				  "age(pg_snapshot_xmin(pg_current_snapshot())::xid)"
				  " from tenant_key where tenant_id = $1 order by key_id";
	const char *params[] = {t->tenant};
	struct db_result r;
	int64_t asked_ms = clock_monotonic_ms();
	bool settled = true;

	if (!db_sql(cx, SQL, params, 1, &r))
		return false;
	if (r.n_rows > TENANT_KEYS_MAX)
		return seal_defect(cx, "too many tenant keys", "tenant_key.key_id", "");
	t->n = 0;
	for (int i = 0; i < r.n_rows; i++) {
		if (!take_row(cx, r.rows[i], t))
			return false;
		settled = settled && r.rows[i][2] && r.rows[i][2][0] == 't';
	}
	if (t->n > 0 && settled)
		cache_put(t, asked_ms);
	return true;
}

/* Two tasks may come here at once: the second insert waits for the first and does nothing; both
 * read the one row that stands. */
static bool insert_key(struct ctx *cx, const char *tenant, const char *sql)
{
	uint8_t key[KEY_BYTES], wrapped[WRAPPED_BYTES];
	char text[BYTEA_SIZE(WRAPPED_BYTES)];
	const char *params[] = {tenant, text};
	struct binding b = tenant_key_place(tenant);
	struct db_result r;

	crypto_ready();
	randombytes_buf(key, sizeof(key));
	root_wrap(&b, key, wrapped);
	sodium_memzero(key, sizeof(key));
	bytea_text(wrapped, sizeof(wrapped), text);
	return db_sql(cx, sql, params, 2, &r);
}

static bool make_key(struct ctx *cx, const char *tenant)
{
	return insert_key(cx, tenant,
			  "insert into tenant_key (tenant_id, key_id, wrapped) values ($1, 1, $2)"
			  " on conflict do nothing");
}

bool tenant_key_add(struct ctx *cx)
{
	return insert_key(cx, cx->who.tenant_id,
			  "insert into tenant_key (tenant_id, key_id, wrapped)"
			  " select $1::uuid, max(key_id) + 1, $2 from tenant_key"
			  " where tenant_id = $1::uuid having count(*) > 0");
}

bool tenant_keys_load(struct ctx *cx, bool create, struct tenant_keys *out)
{
	const char *tenant = cx->who.tenant_id;

	if (!tenant || !uuid_valid(tenant))
		return seal_defect(cx, "sealing outside of a tenant", "", "");
	if (cache_get(tenant, out))
		return true;
	memcpy(out->tenant, tenant, sizeof(out->tenant));
	out->n = 0;
	if (!tenant_keys_read(cx, out))
		return false;
	if (out->n > 0 || !create)
		return true;
	if (!make_key(cx, tenant) || !tenant_keys_read(cx, out))
		return false;
	return out->n > 0 || seal_defect(cx, "tenant key cannot be made", "tenant_key.wrapped", "");
}

const struct data_key *tenant_key_by_id(const struct tenant_keys *t, uint32_t id)
{
	for (unsigned i = 0; i < t->n; i++)
		if (t->keys[i].id == id)
			return &t->keys[i];
	return NULL;
}
