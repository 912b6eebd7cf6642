#include "audit_read.h"
#include <stdlib.h>
#include "audit.h"
#include "db.h"
#include "page.h"
#include "policy.h"
#include "row.h"

static const char SQL[] =
	"select id, act_time, nullif(account_id, ''), nullif(person_id, ''), act, resource, "
	"nullif(resource_id, ''), reason, result, request_id, nullif(route, ''), nullif(peer, '') "
	"from audit where ($1::timestamptz is null or act_time >= $1::timestamptz) "
	"and ($2::timestamptz is null or act_time < $2::timestamptz) "
	"and ($3::text is null or account_id = $3) and ($4::text is null or act = $4) "
	"and ($5::text is null or resource = $5) and ($6::text is null or resource_id = $6) "
	"and ($7::timestamptz is null or (act_time, id) < ($7::timestamptz, $8::uuid)) "
	"order by act_time desc, id desc limit $9";
static const char *const COLUMNS[] = {"id",	"act_time",   "account_id",  "person_id",
				      "act",	"resource",   "resource_id", "reason",
				      "result", "request_id", "route",	     "peer"};
static const char *const PARAMS[] = {"act_time_gte", "act_time_lt", "account_id",     "act",
				     "resource",     "resource_id", "after_act_time", "after_id",
				     "page_limit"};
enum {
	N_COLUMNS = sizeof(COLUMNS) / sizeof(*COLUMNS),
	N_PARAMS = sizeof(PARAMS) / sizeof(*PARAMS)
};

static const struct message_rule *const RULE = &RULE_RENHE_AUDIT_ENTRY;

static Renhe__AuditEntry *entry_of(struct ctx *cx, char **row)
{
	Renhe__AuditEntry *e = (Renhe__AuditEntry *)msg_new(cx->arena, RULE);

	for (size_t i = 0; i < N_COLUMNS; i++)
		if (!row_set(cx->arena, rule_field(RULE, COLUMNS[i]), &e->base, row[i]))
			abort();
	return e;
}

static bool may_filter(struct ctx *cx, const Renhe__ListAuditEntriesRequest *in)
{
	struct view v = policy_view(cx, msg_new(cx->arena, RULE));
	uint32_t bit = 1u << rule_field(RULE, "resource_id")->field_class;

	return !in->resource_id || v.clear & bit || fail(cx, &FAULT_ACCESS_DENIED, "resource_id");
}

static bool look(struct ctx *cx, const ProtobufCMessage *in, struct db_result *r)
{
	const char *params[N_PARAMS];

	for (size_t i = 0; i < N_PARAMS; i++)
		params[i] = row_param(cx->arena,
				      rule_field(&RULE_RENHE_LIST_AUDIT_ENTRIES_REQUEST, PARAMS[i]),
				      in);
	return db_sql(cx, SQL, params, N_PARAMS, r);
}

bool audit_list(struct ctx *cx, const Renhe__ListAuditEntriesRequest *in,
		Renhe__ListAuditEntriesResponse *out)
{
	static const char *const by[] = {"act_time", "id", NULL};
	const struct message_rule *rule = &RULE_RENHE_LIST_AUDIT_ENTRIES_REQUEST;
	Renhe__ListAuditEntriesRequest list = *in;
	struct db_result r;

	if (!may_filter(cx, in) || !page_begin(cx, rule, &list.base) || !look(cx, &list.base, &r) ||
	    !audit_put(cx, "audit.read", "audit", in->resource_id, NULL, "ok"))
		return false;
	out->items = arena_alloc(cx->arena, ((size_t)r.n_rows + 1) * sizeof(*out->items));
	for (int i = 0; i < r.n_rows; i++)
		out->items[i] = entry_of(cx, r.rows[i]);
	return page_end(cx, rule, &list.base, RULE, (ProtobufCMessage *const *)out->items,
			(size_t)r.n_rows, by, &out->n_items, &out->next_page_token);
}
