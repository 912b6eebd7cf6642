/* What a long job needs besides its transaction: its adder's rights, and memory page by page. */
#include "db_internal.h"
#include "job.h"
#include "policy.h"
#include "seal.h"
#include <stdlib.h>

#define SCOPE_TENANT 8

static const struct route *route_named(const struct schema *s, const char *name)
{
	for (unsigned i = 0; i < s->n_routes; i++)
		if (!strcmp(s->routes[i].name, name))
			return &s->routes[i];
	abort(); /* a slip of the pen */
}

/* The whole tenant is everything that the other one reaches. */
static uint8_t narrower(uint8_t a, uint8_t b)
{
	return b & SCOPE_TENANT ? a : a & SCOPE_TENANT ? b : a & b;
}

bool job_as_caller(struct ctx *cx, const char *route, const struct permission *within)
{
	struct begin_texts t;
	struct db_result none;

	cx->route = route_named(cx->svc->schema, route);
	cx->scopes = narrower(policy_scopes(cx, cx->route->permission), policy_scopes(cx, within));
	cx->as_system = false;
	begin_texts(cx, &t);
	const char *params[] = {t.scopes};
	return db_sql(cx, "select set_config('renhe.scopes', $1, true)", params, 1, &none);
}

bool job_part(struct ctx *cx, bool (*fn)(struct ctx *part, void *arg), void *arg)
{
	struct ctx part = *cx;
	const struct fault_def *fault;

	part.arena = arena_new();
	part.keys = NULL;
	fault = fn(&part, arg) ? NULL : part.fault.def;
	seal_end(&part);
	arena_free(part.arena);
	cx->sql_count = part.sql_count;
	return !fault || fail(cx, fault, NULL);
}
