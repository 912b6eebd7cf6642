/* Which statements a connection has prepared. Open addressing by the text; texts are copied, since
 * plain SQL may live in an arena. */
#include "db_internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 2048
#define MOST 1024 /* statements of one service: far fewer; more means SQL made at run time */

struct statement_cache {
	struct slot {
		char *sql;
		char name[STATEMENT_NAME_SIZE];
	} slots[SLOTS];
	unsigned n, made;
};

struct statement_cache *statement_cache_new(void)
{
	struct statement_cache *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	return c;
}

void statement_cache_free(struct statement_cache *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < SLOTS; i++)
		free(c->slots[i].sql);
	free(c);
}

static struct slot *find(struct statement_cache *c, const char *sql)
{
	uint32_t h = 2166136261u;

	for (const char *p = sql; *p; p++)
		h = (h ^ (unsigned char)*p) * 16777619u;
	while (c->slots[h % SLOTS].sql && strcmp(c->slots[h % SLOTS].sql, sql) != 0)
		h++;
	return &c->slots[h % SLOTS];
}

bool statement_known(struct statement_cache *c, const char *sql, const char *label, char name[STATEMENT_NAME_SIZE])
{
	const struct slot *s = find(c, sql);

	if (s->sql) {
		memcpy(name, s->name, STATEMENT_NAME_SIZE);
		return true;
	}
	if (c->n >= MOST)
		name[0] = '\0';
	else /* the number first: the server cuts names at 63 bytes */
		snprintf(name, STATEMENT_NAME_SIZE, "%u:%s", ++c->made, label);
	return false;
}

void statement_prepared(struct statement_cache *c, const char *sql, const char *name)
{
	struct slot *s = find(c, sql);

	if (s->sql || !*name)
		return;
	s->sql = strdup(sql);
	if (!s->sql)
		abort();
	snprintf(s->name, sizeof(s->name), "%s", name);
	c->n++;
}
