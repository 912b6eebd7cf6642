#include "policy.h"
#include "row.h"
#include "renhe.gen.h"

static bool holds(const struct ctx *cx, const struct policy_cell *c)
{
	return cx->who.roles & (1u << c->role);
}

uint8_t policy_scopes(const struct ctx *cx, const struct permission *p)
{
	uint8_t scopes = 0;

	for (unsigned i = 0; i < p->n_cells; i++)
		if (holds(cx, &p->cells[i]))
			scopes |= p->cells[i].scope;
	return scopes;
}

/* The most permissive role speaks: one that is told 403 may know that the thing exists. */
bool policy_hides(const struct ctx *cx, const struct permission *p)
{
	for (unsigned role = 1; role < 16; role++)
		if ((cx->who.roles & (1u << role)) && p->denial[role] == 0)
			return false;
	return true;
}

#ifdef RENHE_TEST_NO_SERVICE_CHECKS
#define SCOPE_ALL 0x0f

/* The net below must hold alone: row security by tenant (see tests/e2e/test_isolation.py). */
bool policy_check(struct ctx *cx, const struct permission *p)
{
	(void)p;
	cx->scopes = SCOPE_ALL;
	return true;
}
#else
static bool fresh_enough(struct ctx *cx, const struct permission *p)
{
	int64_t age_s = clock_real_us() / 1000000 - cx->who.auth_time;

	for (unsigned i = 0; i < p->n_cells; i++)
		if (holds(cx, &p->cells[i]) && !p->cells[i].step_up)
			return true;
	return age_s <= STEP_UP_AGE_S;
}

bool policy_check(struct ctx *cx, const struct permission *p)
{
	cx->scopes = policy_scopes(cx, p);
	if (!cx->scopes)
		return fail(cx,
			    policy_hides(cx, p) ? &FAULT_RESOURCE_NOT_FOUND : &FAULT_ACCESS_DENIED,
			    NULL);
	if (!fresh_enough(cx, p)) {
		cx->fault.method = cx->who.second_factor ? "TOTP" : "PASSWORD";
		return fail(cx, &FAULT_STEP_UP_REQUIRED, NULL);
	}
	return true;
}
#endif

/* Which scopes reach this row: what SQL said, else all that the caller has under the permission. */
static uint8_t row_scopes(const struct ctx *cx, const struct message_rule *rule,
			  const ProtobufCMessage *row)
{
	const struct field_rule *f = rule ? rule_field(rule, "scope_match") : NULL;

	if (!f || !msg_has(f, row))
		return cx->scopes;
	return (uint8_t)(cx->scopes & (uint8_t)msg_int(rule, row, "scope_match", 0));
}

struct view policy_view(struct ctx *cx, const ProtobufCMessage *row)
{
	const struct message_rule *rule = rule_of(cx->svc->schema, row->descriptor);
	const struct permission *p = cx->route ? cx->route->permission : NULL;
	struct view v = {1, 0}; /* PLAIN */
	uint8_t scopes;

	if (!p)
		return cx->as_system ? VIEW_ALL : v;
	scopes = row_scopes(cx, rule, row);
	for (unsigned i = 0; i < p->n_cells; i++) {
		if (!holds(cx, &p->cells[i]) || !(p->cells[i].scope & scopes))
			continue;
		v.clear |= p->cells[i].clear;
		v.masked |= p->cells[i].masked;
	}
	v.masked &= ~v.clear;
	return v;
}
