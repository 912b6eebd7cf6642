/* First sign-in (decision 12): a one-time code, shown once, only its hash kept. */
#include "audit.h"
#include "identity.h"
#include "seal.h"
#include "session.h"
#include "identity_texts.h"

#define CODE_SIZE 21 /* 20 characters of base64url: 120 bits */

bool activation_issue(struct ctx *cx, const char *account_id, char **code, char **expire_time)
{
	Identity__ActivationRow *row =
		(Identity__ActivationRow *)msg_new(cx->arena, &RULE_IDENTITY_ACTIVATION_ROW);
	char hash[65];

	*code = arena_alloc(cx->arena, CODE_SIZE);
	random_token(*code, CODE_SIZE);
	sha256_hex(*code, CODE_SIZE - 1, hash);
	row->account_id = arena_strdup(cx->arena, account_id);
	row->code_hash = arena_strdup(cx->arena, hash);
	if (!db_one(cx, &Q_ACTIVATION_PUT, row, row))
		return false;
	*expire_time = row->expire_time;
	return audit_put(cx, "account.issue_activation", "account", account_id, NULL, "ok");
}

static bool first_name(struct ctx *cx, const char *account_id, char **name)
{
	Identity__GetAccountRequest get = IDENTITY__GET_ACCOUNT_REQUEST__INIT;
	Identity__Account *a = (Identity__Account *)msg_new(cx->arena, &RULE_IDENTITY_ACCOUNT);

	get.id = arena_strdup(cx->arena, account_id);
	if (!db_one(cx, &Q_ACCOUNT_VIEW, &get, a))
		return false;
	*name = a->n_sign_in_names ? a->sign_in_names[0] : NULL;
	return true;
}

/* ---- by whom: whoever has the code can be the account ---- */

static bool privileged(struct ctx *cx, const Identity__AccountRow *a, bool *yes)
{
	struct msg_list grants;

	*yes = false;
	if (!db_many(cx, &Q_GRANTS_OF, a, &grants))
		return false;
	for (size_t i = 0; i < grants.n; i++)
		*yes |= (PRIVILEGED & 1u << ((const Identity__RoleGrant *)grants.items[i])->role) != 0;
	return true;
}

/* Password and second factor of one account are never in one other hand. */
static bool took_factor_off(struct ctx *cx, const Identity__AccountRow *a, bool *yes)
{
	Identity__OwnActs *acts =
		(Identity__OwnActs *)msg_new(cx->arena, &RULE_IDENTITY_OWN_ACTS);

	acts->account_id = a->id;
	acts->act = arena_strdup(cx->arena, "second_factor.reset");
	if (!db_one(cx, &Q_OWN_ACTS, acts, acts))
		return false;
	*yes = acts->count > 0;
	return true;
}

static bool may_issue(struct ctx *cx, const Identity__AccountRow *a)
{
	bool by_admin = cx->who.roles & (1u << RENHE__ROLE__TENANT_ADMIN), is_privileged, took = false;

	if (!strcmp(a->id, cx->who.account_id))
		return fail(cx, &FAULT_ACTIVATION_NOT_YOURS, NULL);
	if (!privileged(cx, a, &is_privileged) ||
	    (is_privileged && by_admin && !took_factor_off(cx, a, &took)))
		return false;
	return !is_privileged || (by_admin && !took) || fail(cx, &FAULT_ACTIVATION_NOT_YOURS, NULL);
}

static bool issue(struct ctx *cx, const char *account_id, Identity__ActivationCode *out)
{
	Identity__AccountRow *a = account_row(cx, account_id);
	bool found;

	if (!db_opt(cx, &Q_ACCOUNT_BY_ID, a, a, &found))
		return false;
	if (!found)
		return fail(cx, &FAULT_ACCOUNT_NOT_FOUND, NULL);
	if (!a->ever_open || a->locked)
		return fail(cx, &FAULT_ACCOUNT_CLOSED, NULL);
	out->account_id = a->id;
	return may_issue(cx, a) && first_name(cx, account_id, &out->sign_in_name) &&
	       activation_issue(cx, account_id, &out->code, &out->expire_time);
}

bool identity_issue_activation(struct ctx *cx, const Identity__IssueActivationRequest *in,
			       Identity__ActivationCode *out)
{
	return issue(cx, in->id, out);
}

/* The hire may still be on its way from archive. */
static bool issue_person(struct ctx *cx, const char *person_id, Identity__ActivationCode *out)
{
	Identity__AccountRow *a = account_row(cx, NULL);
	bool found;

	a->person_id = out->person_id = arena_strdup(cx->arena, person_id);
	if (!db_opt(cx, &Q_ACCOUNT_LOCK_PERSON, a, a, &found))
		return false;
	return found ? issue(cx, a->id, out) : fail(cx, &FAULT_ACCOUNT_PENDING, NULL);
}

/* One row's fault is told in its row; only what no other row would survive ends the request. */
static bool add_item(struct ctx *cx, Identity__IssueActivationsResponse *out, const char *id,
		     bool (*fn)(struct ctx *cx, const char *id, Identity__ActivationCode *out))
{
	Identity__ActivationCode *item =
		(Identity__ActivationCode *)msg_new(cx->arena, &RULE_IDENTITY_ACTIVATION_CODE);

	out->items[out->n_items++] = item;
	if (fn(cx, id, item))
		return true;
	if (cx->fault.def->status >= 500)
		return false;
	if (!item->person_id)
		item->account_id = arena_strdup(cx->arena, id);
	item->fault_code = arena_strdup(cx->arena, cx->fault.def->code);
	fault_clear(cx);
	return true;
}

bool identity_issue_activations(struct ctx *cx, const Identity__IssueActivationsRequest *in,
				Identity__IssueActivationsResponse *out)
{
	out->items =
		arena_alloc(cx->arena, (in->n_ids + in->n_person_ids + 1) * sizeof(*out->items));
	if (!in->n_ids && !in->n_person_ids)
		fault_add(cx, "/ids", "REQUIRED", TEXT_IDS_MISSING);
	if (!fault_none(cx, &FAULT_VALIDATION_FAILED))
		return false;
	for (size_t i = 0; i < in->n_ids; i++)
		if (!add_item(cx, out, in->ids[i], issue))
			return false;
	for (size_t i = 0; i < in->n_person_ids; i++)
		if (!add_item(cx, out, in->person_ids[i], issue_person))
			return false;
	return true;
}

/* ---- using the code ---- */

static bool refuse(struct ctx *cx, const char *bucket, const struct fault_def *fault)
{
	if (!throttle_count(cx, bucket, NULL))
		return false;
	cx->commit_on_fault = true;
	return fail(cx, fault, NULL);
}

static bool find(struct ctx *cx, const Identity__ActivateRequest *in, Identity__AccountRow **out)
{
	Identity__SignInRequest by = IDENTITY__SIGN_IN_REQUEST__INIT;
	Identity__Tenant *t = (Identity__Tenant *)msg_new(cx->arena, &RULE_IDENTITY_TENANT);
	Identity__AccountRow *a = account_row(cx, NULL);
	bool found;

	by.tenant = in->tenant;
	*out = NULL;
	if (!db_opt(cx, &Q_TENANT_BY_CODE, &by, t, &found) ||
	    !db_tenant(cx, found ? t->id : PLATFORM_TENANT))
		return false;
	if (!found)
		return true;
	a->sign_in_name = in->sign_in_name;
	if (!db_opt(cx, &Q_ACCOUNT_BY_NAME, a, a, &found))
		return false;
	*out = found ? a : NULL;
	return true;
}

static bool code_check(struct ctx *cx, const Identity__ActivateRequest *in, const char *bucket,
		       Identity__AccountRow *a)
{
	Identity__ActivationRow *row =
		(Identity__ActivationRow *)msg_new(cx->arena, &RULE_IDENTITY_ACTIVATION_ROW);
	char hash[65];
	bool found = false;

	sha256_hex(in->activation_code, strlen(in->activation_code), hash);
	row->account_id = a ? a->id : NULL;
	if (a && !db_opt(cx, &Q_ACTIVATION_GET, row, row, &found))
		return false;
	if (!found || row->expired || !secret_equal(row->code_hash, hash))
		return refuse(cx, bucket, &FAULT_ACTIVATION_REFUSED);
	if (row->used)
		return refuse(cx, bucket, &FAULT_ACTIVATION_USED);
	return db_exec(cx, &Q_ACTIVATION_USE, row, NULL);
}

/* A new password by a new code throws out whoever came in by the old one (ASVS 7.4.3). */
static bool end_sessions(struct ctx *cx, const char *account_id)
{
	return revoke_account(cx, account_id) && revoke_all_sessions(cx, account_id);
}

bool identity_activate_account(struct ctx *cx, const Identity__ActivateRequest *in,
			       Renhe__Empty *out)
{
	const char *bucket =
		arena_printf(cx->arena, "activate/%s/%s", in->tenant, in->sign_in_name);
	Identity__AccountRow *a;
	char hash[128];
	bool again;

	(void)out;
	if (!password_check(cx, in->password, in->tenant, in->sign_in_name) || !find(cx, in, &a) ||
	    !throttle_check(cx, bucket, NULL) || !code_check(cx, in, bucket, a))
		return false;
	if (!password_hash(in->password, hash))
		return fail(cx, &FAULT_INTERNAL, NULL);
	again = a->password_hash != NULL;
	a->password_hash = arena_strdup(cx->arena, hash);
	return db_exec(cx, &Q_ACCOUNT_PASSWORD, a, NULL) && (!again || end_sessions(cx, a->id)) &&
	       audit_put(cx, "account.activate", "account", a->id, NULL, "ok");
}
