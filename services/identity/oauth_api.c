/* POST /oauth/token: client credentials (RFC 6749 4.4). Refusals are rendered by the chassis. */
#include "audit.h"
#include "auth.h"
#include "client.h"
#include "clock.h"
#include "form.h"
#include "seal.h"
#include "str.h"

struct credentials {
	const char *name, *secret;
};

/* In the head or in the body; twice is refused (RFC 6749 2.3). */
static bool credentials_of(struct ctx *cx, const Identity__ClientTokenRequest *in,
			   struct credentials *out)
{
	if (!cx->authorization[0]) {
		*out = (struct credentials){in->client_id, in->client_secret};
		return (out->name && out->secret) || fail(cx, &FAULT_OAUTH_INVALID_CLIENT, NULL);
	}
	if (in->client_secret)
		return fail(cx, &FAULT_OAUTH_INVALID_REQUEST, NULL);
	if (!basic_read(cx->arena, cx->authorization, &out->name, &out->secret))
		return fail(cx, &FAULT_OAUTH_INVALID_CLIENT, NULL);
	return !in->client_id || !strcmp(in->client_id, out->name) ||
	       fail(cx, &FAULT_OAUTH_INVALID_REQUEST, NULL);
}

/* *row NULL: no such tenant or client. Guesses at unknown ones are counted with the platform. */
static bool find(struct ctx *cx, const char *name, Identity__ClientRow **row)
{
	Identity__SignInRequest by = IDENTITY__SIGN_IN_REQUEST__INIT;
	Identity__Tenant *t = (Identity__Tenant *)msg_new(cx->arena, &RULE_IDENTITY_TENANT);
	char *id = NULL;
	bool found = false;

	*row = NULL;
	if (client_name_read(cx, name, &by.tenant, &id) &&
	    !db_opt(cx, &Q_TENANT_BY_CODE, &by, t, &found))
		return false;
	if (!db_tenant(cx, found ? t->id : PLATFORM_TENANT))
		return false;
	if (!found)
		return true;
	*row = client_row(cx, id);
	if (!db_opt(cx, &Q_CLIENT_SECRET, *row, *row, &found))
		return false;
	*row = found ? *row : NULL;
	return true;
}

static bool secret_good(const Identity__ClientRow *row, const char *secret)
{
	char hash[65];

	sha256_hex(secret, strlen(secret), hash);
	return row && secret_equal(row->secret_hash, hash);
}

static bool refuse(struct ctx *cx, const char *bucket, const Identity__ClientRow *row)
{
	if (!throttle_count_address(cx, bucket) ||
	    !audit_put(cx, "client.refuse", "client", row ? row->id : NULL, NULL, "refused"))
		return false;
	cx->commit_on_fault = true;
	return fail(cx, &FAULT_OAUTH_INVALID_CLIENT, NULL);
}

static bool authenticated(struct ctx *cx, const Identity__ClientTokenRequest *in,
			  Identity__ClientRow **row)
{
	struct credentials given;
	const char *bucket;

	if (!credentials_of(cx, in, &given) || !find(cx, given.name, row))
		return false;
	bucket = arena_printf(cx->arena, "client/%s", given.name);
	if (!throttle_check_address(cx, bucket))
		return false;
	return secret_good(*row, given.secret) || refuse(cx, bucket, *row);
}

static char *joined(struct ctx *cx, const Identity__ClientRow *row)
{
	struct buf b;

	buf_init(&b, cx->arena);
	for (size_t i = 0; i < row->n_scopes; i++)
		buf_printf(&b, "%s%s", i ? " " : "", row->scopes[i]);
	return b.p;
}

/* What is asked for, where all of it is the client's own. */
static bool scope_of(struct ctx *cx, const Identity__ClientTokenRequest *in,
		     const Identity__ClientRow *row, char **out)
{
	char *all = joined(cx, row), *rest, *word;

	*out = in->scope ? in->scope : all;
	rest = arena_strdup(cx->arena, *out);
	while ((word = strsep(&rest, " ")))
		if (!*word || !scope_holds(all, word))
			return fail(cx, &FAULT_OAUTH_INVALID_SCOPE, NULL);
	return true;
}

static bool issue(struct ctx *cx, const Identity__ClientRow *row, char *scope,
		  Identity__ClientToken *out)
{
	int64_t now_s = clock_real_us() / 1000000;
	struct token_claims claims = {
		.tenant_id = cx->who.tenant_id,
		.account_id = row->id,
		.person_id = "",
		.session_id = row->id, /* a client has no sessions to end: its generation does */
		.roles = 1u << RENHE__ROLE__MACHINE,
		.iat = now_s,
		.exp = now_s + ACCESS_TOKEN_LIFE_S,
		.account_generation = row->generation,
		.scope = scope,
	};

	out->access_token =
		signer_issue(keys_signer(), cx->arena, &claims, cx->svc->schema->role_names);
	if (!out->access_token)
		return fail(cx, &FAULT_INTERNAL, NULL);
	out->token_type = arena_strdup(cx->arena, "Bearer");
	out->has_expires_in = true;
	out->expires_in = ACCESS_TOKEN_LIFE_S;
	out->scope = scope;
	cx->set_headers = "Cache-Control: no-store\r\n";
	return audit_put(cx, "client.token", "client", row->id, NULL, "ok");
}

bool identity_issue_client_token(struct ctx *cx, const Identity__ClientTokenRequest *in,
				 Identity__ClientToken *out)
{
	Identity__ClientRow *row;
	char *scope;

	if (!authenticated(cx, in, &row))
		return false;
	if (strcmp(in->grant_type, "client_credentials") != 0)
		return fail(cx, &FAULT_OAUTH_UNSUPPORTED_GRANT_TYPE, NULL);
	return scope_of(cx, in, row, &scope) && issue(cx, row, scope, out);
}
