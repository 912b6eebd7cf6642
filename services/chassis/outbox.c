/* Events out: one row in the transaction of the fact, in one round trip. */
#include "events.h"

#include <stdlib.h>

#include "event.h"
#include "log.h"
#include "row.h"
#include "seal_box.h"
#include "service.h"
#include "value.h"
#include "renhe.gen.h"

enum { P_TENANT, P_AGGREGATE, P_SUBJECT, P_TOPIC, P_LANE, P_KEY, P_ID, P_TYPE, P_SOURCE, P_ACTOR,
       P_CAUSE, P_TRACE, P_PAYLOAD, P_COUNT };

/* The row of the aggregate is locked before the outbox row takes its id and its time: per aggregate
 * the order of ids is the order of commits, which the relay relies on (decision 30). */
#define INSERT                                                                                     \
	"insert into outbox (tenant_id, topic, lane, shard, key, ce_id, ce_type, ce_source, "      \
	"ce_subject, ce_sequence, ce_actor, ce_cause, ce_traceparent, payload) "                   \
	"select $1::uuid, $4, $5::smallint, 0, $6, $7::uuid, $8, $9, $3, "
#define REST ", $10, $11, $12, $13::bytea from held"
static const char PUT_NEXT[] =
	"with held as (insert into aggregate_sequence as s (tenant_id, aggregate_type, aggregate_id, last) "
	"values ($1::uuid, $2, $3, 1) on conflict (tenant_id, aggregate_type, aggregate_id) "
	"do update set last = s.last + 1 returning last) " INSERT "held.last" REST;
/* Without a sequence there is no row to lock; a lock on the key keeps compaction from ending with
 * the older of two snapshots. */
static const char PUT_UNSEQUENCED[] =
	"with held as materialized (select pg_advisory_xact_lock(hashtextextended($2::text || ' ' || $6::text, 0))) "
	INSERT "null" REST;

static bool defect(struct ctx *cx, const struct event_def *ev, const char *what)
{
	log_line(LOG_ERROR, "event_defect", "type", ev->type, "what", what, NULL);
	return fail(cx, &FAULT_INTERNAL, NULL);
}

static const char *or_null(const char *s)
{
	return s && *s ? s : NULL;
}

static bool put(struct ctx *cx, const struct event_def *ev, const char *subject, const char *key,
		const char *payload, bool sequenced)
{
	char id[37];
	const char *params[P_COUNT] = {
		[P_TENANT] = cx->who.tenant_id,
		[P_AGGREGATE] = ev->aggregate,
		[P_SUBJECT] = subject,
		[P_TOPIC] = ev->topic->name,
		[P_LANE] = ev->topic->lane == LANE_URGENT ? "1" : "0",
		[P_KEY] = arena_printf(cx->arena, "%s/%s", cx->who.tenant_id, key),
		[P_ID] = id,
		[P_TYPE] = ev->type,
		[P_SOURCE] = arena_printf(cx->arena, "/renhe/%s", cx->svc->def->name),
		[P_ACTOR] = or_null(cx->who.account_id),
		[P_CAUSE] = or_null(cx->cause_id),
		[P_TRACE] = or_null(cx->traceparent),
		[P_PAYLOAD] = payload,
	};

	uuid7(id);
	if (!db_sql(cx, sequenced ? PUT_NEXT : PUT_UNSEQUENCED, params, P_COUNT, NULL))
		return false;
	cx->events_out++;
	return true;
}

static struct str packed(struct arena *a, const ProtobufCMessage *value)
{
	size_t n = protobuf_c_message_get_packed_size(value);
	uint8_t *p = arena_alloc(a, n + 1);

	protobuf_c_message_pack(value, p);
	return (struct str){(char *)p, n};
}

/* As bytea text. */
static const char *payload_of(struct arena *a, struct str value)
{
	static const char HEX[] = "0123456789abcdef";
	const uint8_t *p = (const uint8_t *)value.p;
	size_t n = value.n;
	char *text = arena_alloc(a, 2 * n + 3), *t = text;

	*t++ = '\\';
	*t++ = 'x';
	for (size_t i = 0; i < n; i++) {
		*t++ = HEX[p[i] >> 4];
		*t++ = HEX[p[i] & 15];
	}
	*t = '\0';
	return text;
}

bool outbox_put(struct ctx *cx, const struct event_def *ev, const ProtobufCMessage *value)
{
	const char *subject, *key;
	struct str bytes;

	if (!value || value->descriptor != ev->value->pb)
		abort();
	subject = msg_str(ev->value, value, ev->subject_field);
	key = msg_str(ev->value, value, ev->key_field);
	if (!subject || !*subject || !key || !*key)
		return defect(cx, ev, "subject or key is missing");
	if (protobuf_c_message_get_packed_size(value) > EVENT_MAX_BYTES)
		return defect(cx, ev, "too large");
	bytes = packed(cx->arena, value);
	if (ev->topic->sealed_to)
		bytes = seal_box_close(cx->arena, ev->topic, bytes);
	/* Sealed to nobody yet: whoever gets a key is told then (sealed_fill.h). */
	return !bytes.p || put(cx, ev, subject, key, payload_of(cx->arena, bytes), !ev->unsequenced);
}

bool outbox_tombstone(struct ctx *cx, const struct event_def *ev, const char *key_value)
{
	if (!key_value || !*key_value || !ev->topic->compact)
		return defect(cx, ev, "a tombstone needs a key and a compacted topic");
	return put(cx, ev, key_value, key_value, NULL, false);
}

void outbox_wake(struct service *svc)
{
	if (svc->relay)
		relay_wake(svc->relay);
}
