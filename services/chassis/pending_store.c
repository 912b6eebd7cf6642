#include "pending.h"
#include <stdlib.h>
#include "events.h"
#include "fault.h"
#include "job.h"
#include "page.h"
#include "row_list.h"
#include "seal.h"
#include "service.h"
#include "value.h"

#define COLUMN "pending_request.payload"
#define DAY_US (86400LL * 1000000)

/* An own request is reached by SELF alone: nobody decides what he asked for himself. */
#define SELECT                                                                                     \
	"select id, state, route as action, resource, resource_id, account_id as "                 \
	"maker_account_id, nullif(person_id, '') as maker_person_id, decide_account_id as "        \
	"decider_account_id, reason, fault_code, expire_time, decide_time, create_time, "          \
	"case when account_id = renhe_account()::text or (person_id <> '' and person_id = "        \
	"renhe_person()::text) then 1 else 8 end as scope_match, array_to_string(fields, ',') "    \
	"as fields, message_name, payload, array_to_string(cleared, ',') as cleared, if_match "    \
	"from pending_request "
static const char *const NAMES[] = {
	"id",
	"state",
	"action",
	"resource",
	"resource_id",
	"maker_account_id",
	"maker_person_id",
	"decider_account_id",
	"reason",
	"fault_code",
	"expire_time",
	"decide_time",
	"create_time",
	"scope_match",
};
enum {
	N_NAMES = sizeof(NAMES) / sizeof(*NAMES),
	FIELDS = N_NAMES,
	MESSAGE,
	PAYLOAD,
	CLEARED,
	IF_MATCH
};

static const struct message_rule *const RULE = &RULE_RENHE_PENDING_REQUEST;

/* ---- texts ---- */

static struct str packed(struct ctx *cx, const ProtobufCMessage *m)
{
	size_t n = protobuf_c_message_get_packed_size(m);
	uint8_t *bytes = arena_alloc(cx->arena, n + 1);

	protobuf_c_message_pack(m, bytes);
	return (struct str){(const char *)bytes, n};
}

/* Names of fields as an array of PostgreSQL: they need no quoting. */
static const char *array_of(struct ctx *cx, const char *const *names)
{
	struct buf b;

	buf_init(&b, cx->arena);
	buf_puts(&b, "{");
	for (; *names; names++)
		buf_printf(&b, "%s%s", b.n > 1 ? "," : "", *names);
	buf_puts(&b, "}");
	return b.p;
}

/* "a,b" to a NULL-ended list. */
static const char *const *names_of(struct ctx *cx, const char *text)
{
	size_t n = 1;
	const char **list, *one;
	char *rest = arena_strdup(cx->arena, text);

	for (const char *p = text; *p; p++)
		n += *p == ',';
	list = arena_alloc(cx->arena, (n + 1) * sizeof(*list));
	for (n = 0; *text && (one = strsep(&rest, ",")) != NULL;)
		list[n++] = one;
	list[n] = NULL;
	return list;
}

static bool listed(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

/* What the request says: fields that are there or cleared, but for those of the path. */
static const char *const *touched(struct ctx *cx, const ProtobufCMessage *in)
{
	const struct message_rule *rule = cx->route->in;
	const char **names = arena_alloc(cx->arena, (rule->pb->n_fields + 1) * sizeof(*names));
	size_t n = 0;

	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];
		const char *in_path = arena_printf(cx->arena, "{%s}", f->name);

		if (!strstr(cx->route->path, in_path) &&
		    (msg_has(f, in) || (cx->cleared && listed(cx->cleared, f->name))))
			names[n++] = f->name;
	}
	names[n] = NULL;
	return names;
}

/* ---- rows ---- */

static void set_changes(struct ctx *cx, Renhe__PendingRequest *row, const char *const *fields)
{
	size_t n = 0;

	while (fields[n])
		n++;
	row->changes = arena_alloc(cx->arena, (n + 1) * sizeof(*row->changes));
	for (row->n_changes = 0; row->n_changes < n; row->n_changes++) {
		Renhe__ProposedChange *c =
			(Renhe__ProposedChange *)msg_new(cx->arena, &RULE_RENHE_PROPOSED_CHANGE);

		c->field = arena_strdup(cx->arena, fields[row->n_changes]);
		row->changes[row->n_changes] = c;
	}
}

static Renhe__PendingRequest *row_of(struct ctx *cx, char **columns)
{
	Renhe__PendingRequest *row = (Renhe__PendingRequest *)msg_new(cx->arena, RULE);

	for (size_t i = 0; i < N_NAMES; i++)
		if (!row_set(cx->arena, rule_field(RULE, NAMES[i]), &row->base, columns[i]))
			abort();
	set_changes(cx, row, names_of(cx, columns[FIELDS]));
	pending_name(cx, row);
	return row;
}

static const struct route *route_named(const struct schema *s, const char *name,
				       const char *message)
{
	for (unsigned i = 0; i < s->n_routes; i++)
		if (!strcmp(s->routes[i].name, name) &&
		    !strcmp(s->routes[i].in->full_name, message))
			return &s->routes[i];
	return NULL;
}

static bool open_payload(struct ctx *cx, struct pending *p)
{
	struct str bytes;

	p->in = NULL;
	if (p->row->state != RENHE__REQUEST_STATE__REQUEST_STATE_PENDING || !p->route)
		return true;
	if (!seal_open_bytes(cx, COLUMN, p->row->id, p->payload, &bytes))
		return false;
	if (bytes.p)
		p->in = protobuf_c_message_unpack(p->route->in->pb, arena_allocator(cx->arena),
						  bytes.n, (const uint8_t *)bytes.p);
	return true;
}

bool pending_load(struct ctx *cx, const char *id, bool lock, struct pending *out)
{
	static const char LOOK[] = SELECT "where id = $1",
			  LOCK[] = SELECT "where id = $1 for update";
	struct db_result r;

	if (!db_sql(cx, lock ? LOCK : LOOK, (const char *const[]){id}, 1, &r))
		return false;
	if (r.n_rows == 0)
		return fail(cx, &FAULT_RESOURCE_NOT_FOUND, NULL);
	out->row = row_of(cx, r.rows[0]);
	out->route = route_named(cx->svc->schema, out->row->action, r.rows[0][MESSAGE]);
	out->cleared = names_of(cx, r.rows[0][CLEARED]);
	out->if_match = strtoll(r.rows[0][IF_MATCH], NULL, 10);
	out->payload = r.rows[0][PAYLOAD];
	return open_payload(cx, out);
}

bool pending_list(struct ctx *cx, const Renhe__ListPendingRequestsRequest *in,
		  Renhe__ListPendingRequestsResponse *out)
{
	static const char SQL[] = SELECT
		"where ($1::uuid is null or id < $1::uuid) and ($2::text[] is null or state = any "
		"($2::text[])) and ($3::text is null or resource_id = $3) order by id desc limit "
		"$4";
	static const char *const by[] = {"id", NULL}, *const filters[] = {"after_id", "state",
									  "resource_id",
									  "page_limit"};
	const struct message_rule *rule = &RULE_RENHE_LIST_PENDING_REQUESTS_REQUEST;
	Renhe__ListPendingRequestsRequest list = *in;
	const char *params[4];
	struct db_result r;

	if (!page_begin(cx, rule, &list.base))
		return false;
	for (unsigned i = 0; i < 4; i++)
		params[i] = row_param(cx->arena, rule_field(rule, filters[i]), &list.base);
	if (!db_sql(cx, SQL, params, 4, &r))
		return false;
	out->items = arena_alloc(cx->arena, ((size_t)r.n_rows + 1) * sizeof(*out->items));
	for (int i = 0; i < r.n_rows; i++)
		out->items[i] = row_of(cx, r.rows[i]);
	return page_end(cx, rule, &list.base, RULE, (ProtobufCMessage *const *)out->items,
			(size_t)r.n_rows, by, &out->n_items, &out->next_page_token);
}

/* ---- events: of the service, by the end of their type ---- */

static bool emit(struct ctx *cx, const char *what, const Renhe__PendingRequest *row)
{
	const struct schema *s = cx->svc->schema;
	const char *type = arena_printf(cx->arena, "renhe.%s.%s.v1", s->service, what);

	for (unsigned i = 0; i < s->n_events; i++) {
		const struct event_def *ev = s->events[i];
		ProtobufCMessage *m;

		if (strcmp(ev->type, type) != 0)
			continue;
		m = msg_new(cx->arena, ev->value);
		msg_assign(&row->base, m);
		msg_set_str(ev->value, m, "request_id", row->id);
		return outbox_put(cx, ev, m);
	}
	return true; /* a service without pending cells has no such event */
}

/* ---- keeping ---- */

static const char *due_time(struct ctx *cx)
{
	char *text = arena_alloc(cx->arena, 28);

	time_format(cx->now_us + PENDING_DAYS * DAY_US, text);
	return text;
}

static bool insert(struct ctx *cx, const char *id, const ProtobufCMessage *in, const char *due)
{
	static const char SQL[] =
		"insert into pending_request (id, route, message_name, payload, account_id, "
		"person_id, fields, cleared, if_match, resource, resource_id, expire_time) "
		"values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, coalesce($11, ''), $12)";
	const struct route *r = cx->route;
	const char *sealed;

	if (!seal_bytes(cx, COLUMN, id, packed(cx, in), &sealed))
		return false;
	const char *params[] = {
		id,
		r->name,
		r->in->full_name,
		sealed,
		cx->who.account_id,
		cx->who.person_id,
		array_of(cx, touched(cx, in)),
		array_of(cx, cx->cleared ? cx->cleared : (const char *const[]){NULL}),
		arena_printf(cx->arena, "%lld", (long long)cx->if_match),
		r->resource ? r->resource : "",
		rule_field(r->in, "id") ? msg_str(r->in, in, "id") : NULL,
		due};

	return db_sql(cx, SQL, params, 12, NULL);
}

bool pending_put(struct ctx *cx, const ProtobufCMessage *in, Renhe__PendingRequest **out)
{
	char *id = arena_alloc(cx->arena, UUID_LEN + 1);
	const char *due = due_time(cx);
	struct pending p;

	uuid7(id);
	if (!insert(cx, id, in, due) || !pending_load(cx, id, false, &p) ||
	    !timer_set(cx, PENDING_TIMER, id, due) || !emit(cx, "process_requested", p.row))
		return false;
	pending_show(cx, &p, NULL, NULL);
	*out = p.row;
	return true;
}

/* ---- ending ---- */

bool pending_close(struct ctx *cx, struct pending *p, Renhe__RequestState state, const char *reason)
{
	static const char SQL[] =
		"update pending_request set state = $2, reason = $3, decide_account_id = "
		"nullif($4, "
		"''), decide_time = clock_timestamp(), fault_code = null where id = $1";
	const char *id = p->row->id;
	const char *params[] = {id, enum_name(&renhe__request_state__descriptor, (int)state),
				reason, cx->who.account_id};

	return db_sql(cx, SQL, params, 4, NULL) && seal_destroy(cx, id) &&
	       timer_set(cx, PENDING_TIMER, id, NULL) && pending_load(cx, id, false, p) &&
	       emit(cx, "process_decided", p->row);
}

bool pending_note(struct ctx *cx, const char *id, const char *fault_code)
{
	return db_sql(cx, "update pending_request set fault_code = $2 where id = $1",
		      (const char *const[]){id, fault_code}, 2, NULL);
}
