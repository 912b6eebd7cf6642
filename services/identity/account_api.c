#include "audit.h"
#include "identity.h"
#include "page.h"
#include "request.h"
#include "value.h"
#include "identity_texts.h"

/* Roles that an account without an employee may have from the start. */
static bool grantable(struct ctx *cx, Renhe__Role role)
{
	if (!grant_may_be_given(role))
		return fail(cx, &FAULT_ROLE_NOT_GRANTABLE, "roles");
	return true;
}

static bool grant_all(struct ctx *cx, const Identity__Account *in, const char *account_id)
{
	for (size_t i = 0; i < in->n_roles; i++)
		if (!grantable(cx, in->roles[i]) || !grant_put(cx, account_id, in->roles[i]))
			return false;
	return grant_publish(cx, account_id);
}

static bool needs(struct ctx *cx, const Identity__Account *in)
{
	if (!in->sign_in_name)
		fault_add(cx, "/sign_in_name", "REQUIRED", TEXT_SIGN_IN_NAME_MISSING);
	if (!in->n_roles)
		fault_add(cx, "/roles", "REQUIRED", TEXT_ROLES_MISSING);
	return fault_none(cx, &FAULT_VALIDATION_FAILED);
}

static bool plain_account(struct ctx *cx, char *sign_in_name, Identity__AccountRow **out)
{
	Identity__SpanRow *name = (Identity__SpanRow *)msg_new(cx->arena, &RULE_IDENTITY_SPAN_ROW);
	char id[UUID_LEN + 1];

	uuid7(id);
	*out = account_row(cx, id);
	(*out)->has_plain = (*out)->plain = true;
	name->account_id = (*out)->id;
	name->name = sign_in_name;
	return db_one(cx, &Q_ACCOUNT_INSERT, *out, *out) && db_one(cx, &Q_NAME_INSERT, name, name);
}

static bool view(struct ctx *cx, char *id, Identity__Account *out)
{
	Identity__GetAccountRequest get = IDENTITY__GET_ACCOUNT_REQUEST__INIT;

	get.id = id;
	return db_one(cx, &Q_ACCOUNT_VIEW, &get, out);
}

bool identity_create_account(struct ctx *cx, const Identity__Account *in, Identity__Account *out)
{
	Identity__AccountRow *a;
	const char *result;
	char *code, *expire;

	if (!needs(cx, in) || !grant_judge(cx, &PERMISSION_ACCOUNT_WRITE, &result) ||
	    !grant_apart(cx, in->roles, in->n_roles) || !plain_account(cx, in->sign_in_name, &a) ||
	    !grant_all(cx, in, a->id) || !activation_issue(cx, a->id, &code, &expire) ||
	    !view(cx, a->id, out))
		return false;
	out->activation_code = code;
	return audit_put(cx, "account.create", "account", a->id, NULL, result);
}

bool identity_get_account(struct ctx *cx, const Identity__GetAccountRequest *in,
			  Identity__Account *out)
{
	return db_one(cx, &Q_ACCOUNT_VIEW, in, out);
}

bool identity_list_accounts(struct ctx *cx, const Identity__ListAccountsRequest *in,
			    Identity__ListAccountsResponse *out)
{
	static const char *const by[] = {"id", NULL};
	const struct message_rule *rule = &RULE_IDENTITY_LIST_ACCOUNTS_REQUEST;
	Identity__ListAccountsRequest list = *in;
	struct msg_list rows;

	if (!page_begin(cx, rule, &list.base) || !db_many(cx, &Q_ACCOUNT_LIST, &list, &rows))
		return false;
	out->items = (Identity__Account **)rows.items;
	return page_end(cx, rule, &list.base, &RULE_IDENTITY_ACCOUNT, rows.items, rows.n, by,
			&out->n_items, &out->next_page_token);
}

/* ---- tenants ---- */

static bool first_admin(struct ctx *cx, const Identity__Tenant *in, Identity__Tenant *out)
{
	Identity__AccountRow *a;
	char *expire;

	return plain_account(cx, in->admin_sign_in_name, &a) &&
	       grant_put(cx, a->id, RENHE__ROLE__TENANT_ADMIN) && grant_publish(cx, a->id) &&
	       activation_issue(cx, a->id, &out->admin_activation_code, &expire);
}

bool identity_create_tenant(struct ctx *cx, const Identity__Tenant *in, Identity__Tenant *out)
{
	const char *own = cx->who.tenant_id;

	if (!db_one(cx, &Q_TENANT_INSERT, in, out))
		return false;
	if (in->admin_sign_in_name &&
	    (!db_tenant(cx, out->id) || !first_admin(cx, in, out) || !db_tenant(cx, own)))
		return false;
	return audit_put(cx, "tenant.create", "tenant", out->id, NULL, "ok");
}

bool identity_get_tenant(struct ctx *cx, const Identity__GetTenantRequest *in,
			 Identity__Tenant *out)
{
	return db_one(cx, &Q_TENANT_GET, in, out);
}

/* Tokens that hold the privileged roles without a second factor end with the generation. */
static bool withdraw_roles(struct ctx *cx, const Identity__UpdateTenantRequest *in)
{
	struct msg_list accounts;

	if (!db_many(cx, &Q_ACCOUNTS_PRIVILEGED, in, &accounts))
		return false;
	for (size_t i = 0; i < accounts.n; i++)
		if (!revoke_account(cx, ((const Identity__AccountRow *)accounts.items[i])->id))
			return false;
	return true;
}

bool identity_update_tenant(struct ctx *cx, const Identity__UpdateTenantRequest *in,
			    Identity__Tenant *out)
{
	Identity__GetTenantRequest get = IDENTITY__GET_TENANT_REQUEST__INIT;
	bool before;

	get.id = in->id;
	if (!db_one(cx, &Q_TENANT_GET, &get, out) || !version_check(cx, out->version))
		return false;
	before = out->second_factor_required;
	return db_one(cx, &Q_TENANT_UPDATE, in, out) &&
	       (before || !out->second_factor_required || withdraw_roles(cx, in)) &&
	       audit_put(cx, "tenant.update", "tenant", out->id, NULL, "ok");
}

bool identity_list_tenants(struct ctx *cx, const Identity__ListTenantsRequest *in,
			   Identity__ListTenantsResponse *out)
{
	static const char *const by[] = {"code", "id", NULL};
	const struct message_rule *rule = &RULE_IDENTITY_LIST_TENANTS_REQUEST;
	Identity__ListTenantsRequest list = *in;
	struct msg_list rows;

	if (!page_begin(cx, rule, &list.base) || !db_many(cx, &Q_TENANT_LIST, &list, &rows))
		return false;
	out->items = (Identity__Tenant **)rows.items;
	return page_end(cx, rule, &list.base, &RULE_IDENTITY_TENANT, rows.items, rows.n, by,
			&out->n_items, &out->next_page_token);
}
