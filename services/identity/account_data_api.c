/* What is held of one account, for its owner (PIPL art. 45). What that is, the queries say. */
#include "audit.h"
#include "identity.h"
#include "identity_texts.h"
#include "value.h"

static const struct message_rule *const RULE = &RULE_IDENTITY_ACCOUNT_DATA;

static const struct part {
	const char *field;
	const struct query *query;
} PARTS[] = {
	{"spans", &Q_ACCOUNT_DATA_SPANS},
	{"grants", &Q_ACCOUNT_DATA_GRANTS},
	{"sessions", &Q_ACCOUNT_DATA_SESSIONS},
	{"devices", &Q_ACCOUNT_DATA_DEVICES},
	{"activations", &Q_ACCOUNT_DATA_ACTIVATIONS},
	{"second_factors", &Q_ACCOUNT_DATA_SECOND_FACTORS},
	{"acts", &Q_ACCOUNT_DATA_ACTS},
	{"requests", &Q_ACCOUNT_DATA_REQUESTS},
};

static bool take_parts(struct ctx *cx, Identity__AccountData *out)
{
	struct msg_list rows;

	for (size_t i = 0; i < sizeof(PARTS) / sizeof(PARTS[0]); i++) {
		if (!db_many(cx, PARTS[i].query, out, &rows))
			return false;
		msg_set_items(RULE, &out->base, PARTS[i].field, rows.items, rows.n);
	}
	return true;
}

static bool take_account(struct ctx *cx, Identity__AccountData *out)
{
	Identity__GetAccountRequest get = IDENTITY__GET_ACCOUNT_REQUEST__INIT;

	get.id = out->account_id;
	out->account = (Identity__Account *)msg_new(cx->arena, &RULE_IDENTITY_ACCOUNT);
	out->export_time = arena_alloc(cx->arena, 28);
	time_format(cx->now_us, out->export_time);
	return db_one(cx, &Q_ACCOUNT_VIEW, &get, out->account);
}

/* Of another one's account nobody asks without saying why. */
static bool check_reason(struct ctx *cx, const Identity__CreateAccountDataExportRequest *asked)
{
	if (!asked->reason && strcmp(asked->account_id, cx->who.account_id) != 0)
		fault_add(cx, "/reason", "REQUIRED", TEXT_REASON_FOR_ANOTHER_ACCOUNT);
	return fault_none(cx, &FAULT_VALIDATION_FAILED);
}

bool identity_create_account_data_export(struct ctx *cx,
					 const Identity__CreateAccountDataExportRequest *in,
					 Identity__AccountData *out)
{
	Identity__CreateAccountDataExportRequest asked = *in;

	if (!asked.account_id)
		asked.account_id = arena_strdup(cx->arena, cx->who.account_id);
	return check_reason(cx, &asked) && db_one(cx, &Q_ACCOUNT_DATA_SUBJECT, &asked, out) &&
	       take_account(cx, out) && take_parts(cx, out) &&
	       audit_put(cx, "account.data_export", "account", out->account_id, asked.reason, "ok");
}
