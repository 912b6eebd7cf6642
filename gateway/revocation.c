#include "revocation.h"

#include <stdlib.h>
#include <string.h>

#define ID_LEN 36
#define FIRST_SIZE 1024 /* a power of two */

struct entry {
	char id[ID_LEN]; /* id[0] = 0: free */
	uint8_t kind;
	int64_t least, said_s;
};
struct revocations {
	struct entry *at;
	size_t size, n;
};

static struct entry *entries_new(size_t n)
{
	struct entry *e = calloc(n, sizeof(*e));

	if (!e)
		abort();
	return e;
}

struct revocations *revocations_new(void)
{
	struct revocations *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	t->size = FIRST_SIZE;
	t->at = entries_new(t->size);
	return t;
}

void revocations_free(struct revocations *t)
{
	if (t)
		free(t->at);
	free(t);
}

/* FNV-1a. The ids are made by identity, not by callers: no one can aim at one chain. */
static size_t hash(unsigned kind, const char *id)
{
	uint64_t h = 14695981039346656037u ^ kind;

	for (size_t i = 0; i < ID_LEN; i++)
		h = (h ^ (unsigned char)id[i]) * 1099511628211u;
	return (size_t)(h ^ (h >> 32));
}

/* The entry of the subject, or the free one where it would stand. */
static struct entry *find(const struct revocations *t, unsigned kind, const char *id)
{
	size_t i = hash(kind, id) & (t->size - 1);

	while (t->at[i].id[0] && (t->at[i].kind != kind || memcmp(t->at[i].id, id, ID_LEN) != 0))
		i = (i + 1) & (t->size - 1);
	return &t->at[i];
}

/* Into a table of that size, without what was said before the instant. */
static void rebuild(struct revocations *t, size_t size, int64_t before_s)
{
	struct entry *old = t->at;
	size_t old_size = t->size;

	t->at = entries_new(size);
	t->size = size;
	t->n = 0;
	for (size_t i = 0; i < old_size; i++) {
		if (!old[i].id[0] || old[i].said_s < before_s)
			continue;
		*find(t, old[i].kind, old[i].id) = old[i];
		t->n++;
	}
	free(old);
}

bool revocations_put(struct revocations *t, enum revocation_kind kind, const char *subject_id,
		     int64_t least_generation, int64_t now_s)
{
	if (!subject_id || strlen(subject_id) != ID_LEN)
		return false;
	if (t->n * 2 >= t->size)
		rebuild(t, t->size * 2, INT64_MIN);
	struct entry *e = find(t, kind, subject_id);
	if (!e->id[0]) {
		memcpy(e->id, subject_id, ID_LEN);
		e->kind = (uint8_t)kind;
		e->least = 0;
		t->n++;
	}
	if (e->least < least_generation)
		e->least = least_generation;
	e->said_s = now_s;
	return true;
}

int64_t revocations_least(const struct revocations *t, enum revocation_kind kind,
			  const char *subject_id)
{
	if (!subject_id || strlen(subject_id) != ID_LEN)
		return 0;
	const struct entry *e = find(t, kind, subject_id);
	return e->id[0] ? e->least : 0;
}

size_t revocations_count(const struct revocations *t)
{
	return t->n;
}

void revocations_expire(struct revocations *t, int64_t before_s)
{
	rebuild(t, t->size, before_s);
}
