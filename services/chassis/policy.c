#include "policy.h"
#include <string.h>
#include "form.h"
#include "row_list.h"
#include "renhe.gen.h"

#define SCOPE_SELF 1
#define SCOPE_TENANT 8

static bool holds(const struct ctx *cx, const struct policy_cell *c)
{
	return cx->who.roles & (1u << c->role);
}

/* A token with a scope (of a machine client) is narrowed by it: RFC 6749 3.3. */
static bool narrowed(const struct ctx *cx)
{
	return cx->who.scope && cx->who.scope[0];
}

/* Whether the scope says nothing, or names the permission. */
static bool in_scope(const struct ctx *cx, const struct permission *p)
{
	return !narrowed(cx) || scope_holds(cx->who.scope, p->name);
}

uint8_t policy_scopes(const struct ctx *cx, const struct permission *p)
{
	uint8_t scopes = 0;

	if (!in_scope(cx, p))
		return 0;
	for (unsigned i = 0; i < p->n_cells; i++)
		if (holds(cx, &p->cells[i]))
			scopes |= p->cells[i].scope;
	return scopes;
}

uint8_t policy_scopes_clear(const struct ctx *cx, uint8_t field_class)
{
	const struct permission *p = cx->route ? cx->route->permission : NULL;
	uint8_t scopes = 0;

	for (unsigned i = 0; p && i < p->n_cells; i++)
		if (holds(cx, &p->cells[i]) && p->cells[i].clear & 1u << field_class)
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

/* ---- changing ---- */

/* Scopes of the caller that reach a row, as SQL said; all where the message doesn't tell. What isn't
 * there yet is the tenant's. */
static uint8_t matched(const struct message_rule *rule, const ProtobufCMessage *row)
{
	const struct field_rule *f = row ? rule_field(rule, "scope_match") : NULL;

	if (!row)
		return SCOPE_TENANT;
	return f && msg_has(f, row) ? (uint8_t)msg_int(rule, row, "scope_match", 0) : UINT8_MAX;
}

static bool where_holds(const struct ctx *cx, const struct policy_cell *c,
			const struct message_rule *rule, const ProtobufCMessage *row)
{
	const struct field_rule *f;
	const char *v;

	if (!c->where_field)
		return true;
	f = row ? rule_field(rule, c->where_field) : NULL;
	v = f ? row_param(cx->arena, f, row) : NULL;
	return v && !strcmp(v, c->where_value);
}

/* Where SELF cells are there for the caller, they alone speak for the own record. */
static uint8_t reach(const struct ctx *cx, const struct permission *p, uint8_t match)
{
	if (match != UINT8_MAX && match & SCOPE_SELF)
		for (unsigned i = 0; i < p->n_cells; i++)
			if (holds(cx, &p->cells[i]) && p->cells[i].scope == SCOPE_SELF)
				return SCOPE_SELF;
	return match;
}

static enum policy_verdict verdict_of(const struct policy_cell *c)
{
	if (!c->pending)
		return POLICY_ALLOWS;
	return c->decides ? POLICY_DECIDES : POLICY_PENDS;
}

enum policy_verdict policy_judge(const struct ctx *cx, const struct permission *p,
				 const struct message_rule *rule, const ProtobufCMessage *row,
				 uint32_t classes)
{
	uint8_t scopes = in_scope(cx, p) ? reach(cx, p, matched(rule, row)) : 0;
	enum policy_verdict best = POLICY_DENIES;

	for (unsigned i = 0; i < p->n_cells; i++) {
		const struct policy_cell *c = &p->cells[i];

		if (holds(cx, c) && c->scope & scopes && where_holds(cx, c, rule, row) &&
		    !(c->change && classes & ~c->change) && verdict_of(c) > best)
			best = verdict_of(c);
	}
	return best;
}

#ifdef RENHE_TEST_NO_SERVICE_CHECKS
bool policy_change(struct ctx *cx, const struct permission *p, const struct message_rule *rule,
		   const ProtobufCMessage *row)
{
	(void)cx, (void)p, (void)rule, (void)row;
	return true;
}
#else
static bool in_path(const struct ctx *cx, const char *name)
{
	return strstr(cx->route->path, arena_printf(cx->arena, "{%s}", name)) != NULL;
}

static bool is_cleared(const struct ctx *cx, const char *name)
{
	for (const char *const *c = cx->cleared; c && *c; c++)
		if (!strcmp(*c, name))
			return true;
	return false;
}

/* Classes of a field in the request; of a typed map those of its entries, of one that is emptied all. */
static uint32_t classes_in(const struct ctx *cx, const struct field_rule *f)
{
	uint32_t classes = 0;

	if (!f->typed_map)
		return 1u << f->field_class;
	for (size_t i = 0; i < msg_count(f, cx->in); i++)
		classes |= 1u << (msg_int(f->sub, msg_item(f, cx->in, i), "field_class", 0) & 31);
	return classes ? classes : UINT32_MAX;
}

/* Classes of what the request says; of one that says nothing but its verb, PLAIN. */
static uint32_t classes_of(const struct ctx *cx)
{
	const struct message_rule *rule =
		cx->in ? rule_of(cx->svc->schema, cx->in->descriptor) : NULL;
	uint32_t classes = 0;

	if (!rule || !cx->route)
		return UINT32_MAX;
	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];

		if ((msg_has(f, cx->in) || is_cleared(cx, f->name)) && !in_path(cx, f->name))
			classes |= classes_in(cx, f);
	}
	return classes ? classes : 1;
}

bool policy_change(struct ctx *cx, const struct permission *p, const struct message_rule *rule,
		   const ProtobufCMessage *row)
{
	enum policy_verdict v;

	if (!*cx->who.account_id) /* the service itself */
		return true;
	v = policy_judge(cx, p, rule, row, classes_of(cx));
	if (v == POLICY_ALLOWS || (cx->deciding && v == POLICY_DECIDES))
		return true;
	if (v == POLICY_DENIES || cx->deciding || !cx->route)
		return fail(cx, &FAULT_ACCESS_DENIED, NULL);
	cx->pends = true;
	return true;
}
#endif

/* ---- reading ---- */

/* Which scopes reach this row: what SQL said, else all that the caller has under the permission. */
static uint8_t row_scopes(const struct ctx *cx, const struct message_rule *rule,
			  const ProtobufCMessage *row)
{
	const struct field_rule *f = rule ? rule_field(rule, "scope_match") : NULL;

	if (!f || !msg_has(f, row))
		return cx->scopes;
	return (uint8_t)(cx->scopes & (uint8_t)msg_int(rule, row, "scope_match", 0));
}

/* Of what comes masked, the classes that the scope names in clear: "EMPLOYEE_READ:CONTACT". */
static uint32_t clear_by_scope(struct ctx *cx, const struct permission *p, uint32_t masked)
{
	uint32_t clear = 0;

	for (unsigned i = 1; narrowed(cx) && CLASS_NAMES[i]; i++)
		if (masked & (1u << i) &&
		    scope_holds(cx->who.scope,
				arena_printf(cx->arena, "%s:%s", p->name, CLASS_NAMES[i])))
			clear |= 1u << i;
	return clear;
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
	v.clear |= clear_by_scope(cx, p, v.masked);
	v.masked &= ~v.clear;
	return v;
}
