/* Requests that wait for another person's decision (decision 9): the typed message by name and
 * bytes, sealed under a key of its own, so that what waits is as safe as what is stored, and
 * unreadable once it is decided. */
#include "fault.h"
#include "json.h"
#include "request.h"
#include "row.h"
#include "seal.h"
#include "value.h"
#include "renhe.gen.h"

#define COLUMN "pending_request.payload"

static struct str packed(struct ctx *cx, const ProtobufCMessage *m)
{
	size_t n = protobuf_c_message_get_packed_size(m);
	uint8_t *bytes = arena_alloc(cx->arena, n + 1);

	protobuf_c_message_pack(m, bytes);
	return (struct str){(const char *)bytes, n};
}

bool request_defer(struct ctx *cx, const struct route *route, const ProtobufCMessage *in,
		   const char **id)
{
	char *fresh = arena_alloc(cx->arena, UUID_LEN + 1);
	struct db_result r;
	const char *sealed;

	uuid7(fresh);
	*id = fresh;
	if (!seal_bytes(cx, COLUMN, fresh, packed(cx, in), &sealed))
		return false;
	const char *params[] = {fresh,	route->name,	    route->in->full_name,
				sealed, cx->who.account_id, cx->who.person_id};

	return db_sql(cx,
		      "insert into pending_request (id, route, message_name, payload, account_id, "
		      "person_id) "
		      "values ($1, $2, $3, $4, $5, $6)",
		      params, 6, &r);
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

/* Whoever made it may not decide it. */
static bool lock_pending(struct ctx *cx, const char *id, char **row[1])
{
	struct db_result r;

	if (!db_sql(cx,
		    "select route, message_name, payload, account_id from pending_request "
		    "where id = $1 and state = 'PENDING' for update",
		    (const char *const[]){id}, 1, &r))
		return false;
	if (r.n_rows == 0)
		return fail(cx, &FAULT_RESOURCE_NOT_FOUND, NULL);
	row[0] = r.rows[0];
	return strcmp(row[0][3], cx->who.account_id) != 0 || fail(cx, &FAULT_ACCESS_DENIED, NULL);
}

static bool close_pending(struct ctx *cx, const char *id, const char *state)
{
	struct db_result r;

	return db_sql(cx,
		      "update pending_request set state = $2, decide_account_id = $3, decide_time "
		      "= clock_timestamp() "
		      "where id = $1",
		      (const char *const[]){id, state, cx->who.account_id}, 3, &r) &&
	       seal_destroy(cx, id);
}

bool request_run_deferred(struct ctx *cx, const char *id, ProtobufCMessage **out,
			  const struct message_rule **rule)
{
	const struct route *route;
	ProtobufCMessage *in;
	struct str bytes;
	char **row;

	if (!lock_pending(cx, id, &row) || !seal_open_bytes(cx, COLUMN, id, row[2], &bytes))
		return false;
	route = route_named(cx->svc->schema, row[0], row[1]);
	in = route && bytes.p ? protobuf_c_message_unpack(route->in->pb, arena_allocator(cx->arena),
							  bytes.n, (const uint8_t *)bytes.p)
			      : NULL;
	if (!in)
		return fail(cx, &FAULT_INTERNAL, NULL); /* a route that this build no longer has */
	if (!json_validate(cx, route->in, in))
		return false;
	*rule = route->out;
	*out = msg_new(cx->arena, route->out);
	return route->handler(cx, in, *out) && close_pending(cx, id, "APPLIED");
}

bool request_drop_deferred(struct ctx *cx, const char *id)
{
	char **row;

	return lock_pending(cx, id, &row) && close_pending(cx, id, "DROPPED");
}
