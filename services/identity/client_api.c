/* Machine clients as their administrator sees them. */
#include "audit.h"
#include "client.h"
#include "page.h"
#include "request.h"
#include "seal.h"
#include "value.h"

#define SECRET_SIZE 44 /* 43 characters of base64url: 258 bits */

static void show(struct ctx *cx, const Identity__ClientRow *row, Identity__MachineClient *out)
{
	msg_assign(&row->base, &out->base);
	out->client_id = client_name(cx, row->tenant_code, row->id);
}

static bool scopes_known(struct ctx *cx, const Identity__MachineClient *in)
{
	for (size_t i = 0; i < in->n_scopes; i++)
		if (!client_scope_known(cx, in->scopes[i]))
			fault_add(cx, arena_printf(cx->arena, "/scopes/%zu", i),
				  FAULT_CLIENT_SCOPE_UNKNOWN.code,
				  text_pair(FAULT_CLIENT_SCOPE_UNKNOWN.zh,
					    FAULT_CLIENT_SCOPE_UNKNOWN.en));
	return fault_none(cx, &FAULT_CLIENT_SCOPE_UNKNOWN);
}

static char *new_secret(struct ctx *cx, Identity__ClientRow *row)
{
	char *secret = arena_alloc(cx->arena, SECRET_SIZE), hash[65];

	random_token(secret, SECRET_SIZE);
	sha256_hex(secret, SECRET_SIZE - 1, hash);
	row->secret_hash = arena_strdup(cx->arena, hash);
	return secret;
}

bool identity_create_client(struct ctx *cx, const Identity__MachineClient *in,
			    Identity__MachineClient *out)
{
	char id[UUID_LEN + 1];
	Identity__ClientRow *row;

	if (!scopes_known(cx, in))
		return false;
	uuid7(id);
	row = client_row(cx, id);
	row->name = in->name;
	row->scopes = in->scopes;
	row->n_scopes = in->n_scopes;
	out->client_secret = new_secret(cx, row);
	if (!db_one(cx, &Q_CLIENT_INSERT, row, row))
		return false;
	show(cx, row, out);
	return audit_put(cx, "client.create", "client", row->id, NULL, "ok");
}

bool identity_get_client(struct ctx *cx, const Identity__GetClientRequest *in,
			 Identity__MachineClient *out)
{
	Identity__ClientRow *row = client_row(cx, in->id);

	if (!db_one(cx, &Q_CLIENT_GET, row, row))
		return false;
	show(cx, row, out);
	return true;
}

bool identity_list_clients(struct ctx *cx, const Identity__ListClientsRequest *in,
			   Identity__ListClientsResponse *out)
{
	static const char *const by[] = {"id", NULL};
	const struct message_rule *rule = &RULE_IDENTITY_LIST_CLIENTS_REQUEST;
	Identity__ListClientsRequest list = *in;
	struct msg_list rows;

	if (!page_begin(cx, rule, &list.base) || !db_many(cx, &Q_CLIENT_LIST, &list, &rows))
		return false;
	out->items = arena_alloc(cx->arena, (rows.n + 1) * sizeof(*out->items));
	for (size_t i = 0; i < rows.n; i++) {
		out->items[i] = (Identity__MachineClient *)msg_new(cx->arena,
								   &RULE_IDENTITY_MACHINE_CLIENT);
		show(cx, (const Identity__ClientRow *)rows.items[i], out->items[i]);
	}
	return page_end(cx, rule, &list.base, &RULE_IDENTITY_CLIENT_ROW, rows.items, rows.n, by,
			&out->n_items, &out->next_page_token);
}

bool identity_delete_client(struct ctx *cx, const Identity__DeleteClientRequest *in,
			    Renhe__Empty *out)
{
	Identity__ClientRow *row = client_row(cx, in->id);

	(void)out;
	return db_one(cx, &Q_CLIENT_DELETE, row, row) && version_check(cx, row->version) &&
	       revoke_client(cx, row->id, row->generation + 1) &&
	       audit_put(cx, "client.delete", "client", row->id, NULL, "ok");
}

bool identity_rotate_client_secret(struct ctx *cx, const Identity__RotateClientSecretRequest *in,
				   Identity__MachineClient *out)
{
	Identity__ClientRow *row = client_row(cx, in->id);

	out->client_secret = new_secret(cx, row);
	if (!db_one(cx, &Q_CLIENT_ROTATE, row, row) || !revoke_client(cx, row->id, row->generation))
		return false;
	show(cx, row, out);
	return audit_put(cx, "client.rotate_secret", "client", row->id, NULL, "ok");
}
