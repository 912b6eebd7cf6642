/* The signing key: made by the first start, sealed in the database, its public half signed by the
 * anchor and sent on the key topic (decision 11). */
#include <stdio.h>
#include "auth.h"
#include "clock.h"
#include "config.h"
#include "identity.h"
#include "log.h"
#include "seal.h"
#include "value.h"
#include "identity_texts.h"

#define KEY_LIFE_S (365LL * 86400)

static struct signer *signer;

struct signer *keys_signer(void)
{
	return signer;
}

static Identity__KeyRow *row_new(struct ctx *cx)
{
	Identity__KeyRow *row = (Identity__KeyRow *)msg_new(cx->arena, &RULE_IDENTITY_KEY_ROW);

	row->subject_id = arena_strdup(cx->arena, PLATFORM_TENANT);
	return row;
}

static bool sign_row(struct ctx *cx, Identity__KeyRow *row)
{
	char signature[128];

	if (!anchor_sign(config_str("RENHE_KEY_ANCHOR_SECRET"), row->kid, row->alg, row->public_pem,
			 row->not_after, signature))
		return fail_detail(cx, &FAULT_INTERNAL, NULL, TEXT_ANCHOR_SECRET_INVALID);
	row->signature = arena_strdup(cx->arena, signature);
	return true;
}

static bool make_key(struct ctx *cx, Identity__KeyRow *row)
{
	char id[UUID_LEN + 1];

	uuid7(id);
	row->kid = arena_strdup(cx->arena, id);
	row->alg = arena_strdup(cx->arena, "RS256");
	row->has_not_after = true;
	row->not_after = clock_real_us() / 1000000 + KEY_LIFE_S;
	if (!rsa_generate(cx->arena, &row->private_pem, &row->public_pem))
		return fail(cx, &FAULT_INTERNAL, NULL);
	return sign_row(cx, row) && db_exec(cx, &Q_KEY_INSERT, row, NULL);
}

static bool announce(struct ctx *cx, const Identity__KeyRow *row)
{
	Identity__SigningKey ev = IDENTITY__SIGNING_KEY__INIT;

	msg_assign(&row->base, &ev.base);
	return emit_identity_signing_key(cx, &ev);
}

static bool load_or_make(struct ctx *cx, void *arg)
{
	Identity__KeyRow *row = row_new(cx);
	bool found;

	(void)arg;
	if (!db_exec(cx, &Q_START_LOCK, NULL, NULL) ||
	    !db_opt(cx, &Q_KEY_CURRENT, row, row, &found) || (!found && !make_key(cx, row)))
		return false;
	if (!row->private_pem || !(signer = signer_new(row->kid, row->private_pem)) ||
	    !keyring_add_signed(cx->svc->keys, row->kid, row->alg, row->public_pem, row->not_after,
				row->signature, config_str("RENHE_KEY_ANCHOR")))
		return fail_detail(cx, &FAULT_INTERNAL, NULL, TEXT_SIGNING_KEY_UNUSABLE);
	/* Said again at every start: the topic is compacted, and a new cluster starts empty. */
	return announce(cx, row);
}

bool keys_start(struct service *svc)
{
	return service_task(svc, PLATFORM_TENANT, load_or_make, NULL);
}

/* ---- internal routes for the gateway ---- */

bool identity_list_signing_keys(struct ctx *cx, const Renhe__Empty *in,
				Identity__SigningKeyList *out)
{
	struct msg_list rows;

	(void)in;
	if (!db_many(cx, &Q_KEY_LIST, NULL, &rows))
		return false;
	out->items = (Identity__SigningKey **)rows.items;
	out->n_items = rows.n;
	return true;
}

bool identity_list_revocations(struct ctx *cx, const Renhe__Empty *in,
			       Identity__RevocationList *out)
{
	struct msg_list rows;

	(void)in;
	if (!db_many(cx, &Q_REVOCATION_LIST, NULL, &rows))
		return false;
	out->items = (Identity__Revocation **)rows.items;
	out->n_items = rows.n;
	return true;
}
