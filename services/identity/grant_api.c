/* Roles: a change raises the account's generation, so that rights bite at once (decision 11). Four
 * eyes see to it: to grant a role, to make an account that has one, and to take away an
 * administrator's needs another administrator. Taking away any other role narrows rights and bites
 * at once. */
#include "audit.h"
#include "identity.h"
#include "page.h"
#include "policy.h"
#include "request.h"

bool grant_put(struct ctx *cx, const char *account_id, Renhe__Role role)
{
	Identity__RoleGrant *g =
		(Identity__RoleGrant *)msg_new(cx->arena, &RULE_IDENTITY_ROLE_GRANT);

	g->account_id = arena_strdup(cx->arena, account_id);
	g->has_role = true;
	g->role = role;
	return db_one(cx, &Q_GRANT_INSERT, g, g);
}

static Identity__GrantItem *item_of(struct ctx *cx, const Identity__RoleGrant *g)
{
	Identity__GrantItem *item =
		(Identity__GrantItem *)msg_new(cx->arena, &RULE_IDENTITY_GRANT_ITEM);

	msg_assign(&g->base, &item->base);
	return item;
}

/* Snapshot of all grants of an account; its version is the account's, which each change raises. */
bool grant_publish(struct ctx *cx, const char *account_id)
{
	Identity__GrantSnapshot *s =
		(Identity__GrantSnapshot *)msg_new(cx->arena, &RULE_IDENTITY_GRANT_SNAPSHOT);
	Identity__AccountRow *a = account_row(cx, account_id);
	struct msg_list grants;
	bool found;

	if (!db_opt(cx, &Q_ACCOUNT_TOUCH, a, a, &found) || !found ||
	    !db_many(cx, &Q_GRANTS_OF, a, &grants))
		return !cx->fault.def;
	s->account_id = a->id;
	s->person_id = a->person_id;
	s->has_version = true;
	s->version = a->version;
	s->grants = arena_alloc(cx->arena, (grants.n + 1) * sizeof(*s->grants));
	for (size_t i = 0; i < grants.n; i++)
		s->grants[s->n_grants++] =
			item_of(cx, (const Identity__RoleGrant *)grants.items[i]);
	return emit_identity_grant_snapshot(cx, s);
}

bool grant_may_be_given(Renhe__Role role)
{
	return role != RENHE__ROLE__EMPLOYEE && role != RENHE__ROLE__PLATFORM_OPERATOR &&
	       role != RENHE__ROLE__MACHINE;
}

/* ---- four eyes ---- */

static bool other_administrator(struct ctx *cx, bool *there)
{
	Identity__AccountRow *me = account_row(cx, cx->who.account_id);

	me->person_id = cx->who.person_id[0] ? arena_strdup(cx->arena, cx->who.person_id) : NULL;
	return db_opt(cx, &Q_OTHER_ADMINISTRATOR, me, me, there);
}

/* A company begins with one administrator, who could never have a second one if that needed a
 * second one. Until another has signed in, his grants take effect at once, and the audit says
 * "alone". */
bool grant_judge(struct ctx *cx, const struct permission *p, const char **result)
{
	bool there;

	*result = "ok";
	if (!policy_change(cx, p, NULL, NULL))
		return false;
	if (!cx->pends)
		return true;
	if (!other_administrator(cx, &there))
		return false;
	cx->pends = there;
	*result = there ? "ok" : "alone";
	return true;
}

/* ---- rules ---- */

static bool apart(Renhe__Role a, Renhe__Role b)
{
	return a == RENHE__ROLE__AUDITOR && b == RENHE__ROLE__TENANT_ADMIN;
}

/* Administration and audit are never in one hand (data protection 9.1, item 3). */
bool grant_apart(struct ctx *cx, const Renhe__Role *roles, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			if (apart(roles[i], roles[j]))
				return fail(cx, &FAULT_ROLES_KEPT_APART, "role");
	return true;
}

static bool apart_from_held(struct ctx *cx, const Identity__RoleGrant *in)
{
	struct msg_list held;
	Renhe__Role *roles;

	if (!db_many(cx, &Q_GRANTS_OF, account_row(cx, in->account_id), &held))
		return false;
	roles = arena_alloc(cx->arena, (held.n + 1) * sizeof(*roles));
	for (size_t i = 0; i < held.n; i++)
		roles[i] = ((const Identity__RoleGrant *)held.items[i])->role;
	roles[held.n] = in->role;
	return grant_apart(cx, roles, held.n + 1);
}

static bool stores_there(struct ctx *cx, const Identity__RoleGrant *in)
{
	Identity__StoreCount *count =
		(Identity__StoreCount *)msg_new(cx->arena, &RULE_IDENTITY_STORE_COUNT);

	if (!in->n_store_ids)
		return true;
	return db_one(cx, &Q_STORES_UNKNOWN, in, count) &&
	       (count->unknown == 0 || fail(cx, &FAULT_STORE_UNKNOWN, "store_ids"));
}

/* Nobody widens his own rights: not alone, and not by deciding what another one asks for him. */
static bool for_another(struct ctx *cx, const Identity__AccountRow *a)
{
	bool mine = !strcmp(a->id, cx->who.account_id) ||
		    (a->person_id && !strcmp(a->person_id, cx->who.person_id));

	return !mine || cx->pends || fail(cx, &FAULT_ROLE_NOT_GRANTABLE, "account_id");
}

static bool check(struct ctx *cx, const Identity__RoleGrant *in)
{
	Identity__AccountRow *a = account_row(cx, in->account_id);
	bool found;

	if (!grant_may_be_given(in->role))
		return fail(cx, &FAULT_ROLE_NOT_GRANTABLE, "role");
	if (!db_opt(cx, &Q_ACCOUNT_LOCK, a, a, &found))
		return false;
	if (!found)
		return fail(cx, &FAULT_ACCOUNT_NOT_FOUND, "account_id");
	return for_another(cx, a) && apart_from_held(cx, in) && stores_there(cx, in);
}

bool identity_create_grant(struct ctx *cx, const Identity__RoleGrant *in, Identity__RoleGrant *out)
{
	const char *result;

	return grant_judge(cx, &PERMISSION_GRANT_WRITE, &result) && check(cx, in) &&
	       db_one(cx, &Q_GRANT_INSERT, in, out) && revoke_account(cx, in->account_id) &&
	       grant_publish(cx, in->account_id) &&
	       audit_put(cx, "grant.create", "grant", out->id, NULL, result);
}

/* ---- taking away ---- */

static bool may_delete(struct ctx *cx, const Identity__RoleGrant *g, const char **result)
{
	*result = "ok";
	if (g->role != RENHE__ROLE__TENANT_ADMIN)
		return true;
	if (!grant_judge(cx, &PERMISSION_GRANT_WRITE, result))
		return false;
	return strcmp(*result, "alone") != 0 || strcmp(g->account_id, cx->who.account_id) != 0 ||
	       fail(cx, &FAULT_LAST_ADMINISTRATOR, NULL);
}

bool identity_delete_grant(struct ctx *cx, const Identity__DeleteGrantRequest *in,
			   Renhe__Empty *out)
{
	Identity__RoleGrant *g =
		(Identity__RoleGrant *)msg_new(cx->arena, &RULE_IDENTITY_ROLE_GRANT);
	const char *result;
	bool found;

	(void)out;
	if (!db_opt(cx, &Q_GRANT_LOCKED, in, g, &found))
		return false;
	if (!found)
		return fail(cx, &FAULT_GRANT_NOT_FOUND, NULL);
	return version_check(cx, g->version) && may_delete(cx, g, &result) &&
	       db_exec(cx, &Q_GRANT_DELETE, in, NULL) && revoke_account(cx, g->account_id) &&
	       grant_publish(cx, g->account_id) &&
	       audit_put(cx, "grant.delete", "grant", g->id, NULL, result);
}

bool identity_list_grants(struct ctx *cx, const Identity__ListGrantsRequest *in,
			  Identity__ListGrantsResponse *out)
{
	static const char *const by[] = {"id", NULL};
	const struct message_rule *rule = &RULE_IDENTITY_LIST_GRANTS_REQUEST;
	Identity__ListGrantsRequest list = *in;
	struct msg_list rows;

	if (!page_begin(cx, rule, &list.base) || !db_many(cx, &Q_GRANT_LIST, &list, &rows))
		return false;
	out->items = (Identity__RoleGrant **)rows.items;
	return page_end(cx, rule, &list.base, &RULE_IDENTITY_ROLE_GRANT, rows.items, rows.n, by,
			&out->n_items, &out->next_page_token);
}

/* ---- who am I ---- */

/* Scopes that a role has under any permission. */
static void scopes_of(struct ctx *cx, Renhe__Role role, Identity__RoleScope *out)
{
	uint8_t bits = 0;

	for (const struct permission *const *p = PERMISSIONS; *p; p++)
		for (unsigned j = 0; j < (*p)->n_cells; j++)
			if ((*p)->cells[j].role == role)
				bits |= (*p)->cells[j].scope;
	out->scopes = arena_alloc(cx->arena, 8 * sizeof(*out->scopes));
	for (int i = 0; i < 4; i++)
		if (bits & (1 << i))
			out->scopes[out->n_scopes++] = (Renhe__Scope)(i + 1);
}

static void add_roles(struct ctx *cx, Identity__Me *out)
{
	out->roles = arena_alloc(cx->arena, 32 * sizeof(*out->roles));
	for (int role = 1; role < 32; role++) {
		Identity__RoleScope *r;

		if (!(cx->who.roles & (1u << role)))
			continue;
		r = (Identity__RoleScope *)msg_new(cx->arena, &RULE_IDENTITY_ROLE_SCOPE);
		r->has_role = true;
		r->role = (Renhe__Role)role;
		scopes_of(cx, r->role, r);
		out->roles[out->n_roles++] = r;
	}
}

static void add_withheld(struct ctx *cx, const Identity__AccountRow *a, Identity__Me *out)
{
	out->withheld_roles =
		arena_alloc(cx->arena, (a->n_roles + 1) * sizeof(*out->withheld_roles));
	for (size_t i = 0; i < a->n_roles; i++)
		if (!(cx->who.roles & (1u << a->roles[i])))
			out->withheld_roles[out->n_withheld_roles++] = a->roles[i];
}

static void add_factor(const Identity__AccountRow *a, Identity__Me *out)
{
	out->has_second_factor = true;
	out->second_factor = a->second_factor;
	out->has_recovery_codes_left = a->second_factor;
	out->recovery_codes_left = a->recovery_codes_left;
}

bool identity_get_me(struct ctx *cx, const Renhe__Empty *in, Identity__Me *out)
{
	Identity__AccountRow *a = account_row(cx, cx->who.account_id);
	Identity__Tenant *t = (Identity__Tenant *)msg_new(cx->arena, &RULE_IDENTITY_TENANT);
	bool found;

	(void)in;
	t->id = arena_strdup(cx->arena, cx->who.tenant_id);
	if (!db_opt(cx, &Q_ME, a, a, &found) || !db_opt(cx, &Q_TENANT_BY_ID, t, t, &found))
		return false;
	out->account_id = a->id;
	out->person_id = cx->who.person_id[0] ? arena_strdup(cx->arena, cx->who.person_id) : NULL;
	out->tenant_id = t->id;
	out->tenant_code = t->code;
	out->session_id = arena_strdup(cx->arena, cx->who.session_id);
	out->name = a->name;
	out->n_sign_in_names = a->n_sign_in_names;
	out->sign_in_names = a->sign_in_names;
	add_roles(cx, out);
	add_withheld(cx, a, out);
	add_factor(a, out);
	return true;
}
