#include "consumer_batch.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "event.h"
#include "fault.h"
#include "killpoint.h"
#include "log.h"
#include "seal_box.h"
#include "service.h"
#include "value.h"
#include "renhe.gen.h"

/* Where records without a usable tenant are buried. */
#define NO_TENANT "00000000-0000-0000-0000-000000000000"

/* ---- before the transaction ---- */

static const struct event_def *known_event(const struct schema *s, const char *type)
{
	for (unsigned i = 0; i < s->n_events; i++)
		if (strcmp(s->events[i]->type, type) == 0)
			return s->events[i];
	return NULL;
}

static const struct consumer_def *handler_of(const struct consumer_batch *b, const struct event_def *ev)
{
	for (unsigned i = 0; ev && i < b->n_defs; i++)
		if (b->defs[i].event == ev || strcmp(b->defs[i].event->type, ev->type) == 0)
			return &b->defs[i];
	return NULL;
}

/* The broker's rights hold for topics: a type counts only in its own topic, from its own writer. */
static const char *origin_defect(const struct event *ev, const struct event_def *def)
{
	if (strcmp(ev->topic, def->topic->name) != 0)
		return "WRONG_TOPIC";
	if (strncmp(ev->source, "/renhe/", 7) != 0 || strcmp(ev->source + 7, def->topic->writer) != 0)
		return "WRONG_SOURCE";
	return def->unsequenced == (ev->sequence == 0) ? NULL : "WRONG_SEQUENCE";
}

/* Whoever writes a key picks the partition and what compaction keeps: the tenant of the header is
 * the key's. */
static bool is_keyed_by_tenant(const struct event *ev)
{
	size_t n = strlen(ev->tenant_id);

	return strncmp(ev->key, ev->tenant_id, n) == 0 && ev->key[n] == '/';
}

static const char *tenant_of(const struct event *ev)
{
	return uuid_valid(ev->tenant_id) ? ev->tenant_id : NO_TENANT;
}

static void take_value(struct arena *a, const struct event *ev, struct inbox_item *it)
{
	struct str value = ev->value;

	if (it->def->event->topic->sealed_to)
		it->poison = seal_box_open(a, ev->value, &value);
	if (!it->poison)
		it->msg = event_unpack(a, it->def->event->value, value, &it->poison);
}

void batch_prepare(const struct consumer_batch *b, struct arena *a, const struct event *ev, struct inbox_item *it)
{
	const struct event_def *known = known_event(b->svc->schema, ev->type);

	*it = (struct inbox_item){.ev = ev};
	if (ev->defect || !*ev->tenant_id) {
		it->poison = ev->defect ? ev->defect : "ce_tenant";
		return;
	}
	it->poison = known ? origin_defect(ev, known) : NULL;
	if (!it->poison && !is_keyed_by_tenant(ev))
		it->poison = "WRONG_TENANT";
	if (it->poison)
		return; /* nor may it count in its aggregate */
	it->aggregate_type = !ev->sequence ? NULL : known ? known->aggregate : *ev->aggregate ? ev->aggregate : NULL;
	it->def = handler_of(b, known);
	if (it->def && ev->value.n)
		take_value(a, ev, it);
}

void batch_group(struct arena *a, struct inbox_item *items, size_t n)
{
	struct inbox_item *sorted = arena_alloc(a, (n + 1) * sizeof(*sorted));
	bool *taken = arena_alloc(a, n + 1);
	size_t out = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = taken[i] ? n : i; j < n; j++)
			if (!taken[j] && strcmp(tenant_of(items[i].ev), tenant_of(items[j].ev)) == 0) {
				taken[j] = true;
				sorted[out++] = items[j];
			}
	memcpy(items, sorted, n * sizeof(*items));
}

/* ---- one event ---- */

static bool run_handler(struct ctx *cx, const struct event *ev, const struct consumer_def *def,
			const ProtobufCMessage *msg)
{
	cx->request_id = cx->cause_id = ev->id;
	cx->traceparent = *ev->traceparent ? ev->traceparent : NULL;
	cx->trace_id = strlen(ev->traceparent) == 55 ? arena_strndup(cx->arena, ev->traceparent + 3, 32) : "";
	cx->who.account_id = uuid_valid(ev->actor) ? ev->actor : "";
	return def->handler(cx, ev, msg);
}

static void advance(struct aggregate *g, int64_t to)
{
	g->last = to;
	g->changed = true;
}

static bool is_transient(const struct ctx *cx)
{
	/* 504: a slow or locked database, which passes too; a leaver's snapshot must not end as a dead letter. */
	return cx->fault.def && (cx->fault.def->status == 503 || cx->fault.def->status == 504);
}

static bool bury_next(struct consumer_batch *b, struct inbox *in, struct aggregate *g, const struct event *ev,
		      const char *reason, int attempts)
{
	g->parked = g->changed = true;
	b->counts.dead++;
	return inbox_bury(b->cx, in, ev, g->type, reason, attempts);
}

/* One that waited. It must not drag the event down that set it free: its failure is its own. */
static bool run_parked(struct consumer_batch *b, struct inbox *in, struct aggregate *g, const struct event *ev,
		       bool *go_on)
{
	struct ctx *cx = b->cx;
	struct inbox_item it;
	const char *code;

	batch_prepare(b, cx->arena, ev, &it);
	*go_on = !it.poison;
	if (it.poison)
		return bury_next(b, in, g, ev, it.poison, 1);
	if (it.def) {
		if (!db_savepoint(cx))
			return false;
		if (!run_handler(cx, ev, it.def, it.msg) || !db_flush(cx)) {
			if (is_transient(cx) || !cx->fault.def)
				return false;
			code = cx->fault.def->code;
			db_rollback_savepoint(cx);
			fault_clear(cx);
			*go_on = false;
			return bury_next(b, in, g, ev, code, 1);
		}
		b->counts.handled++;
	}
	advance(g, ev->sequence);
	return true;
}

/* What waits in the aggregate, in order, until something is missing. */
static bool release(struct consumer_batch *b, struct inbox *in, struct aggregate *g)
{
	struct event ev;
	bool found = true;

	while (g->parked && found) {
		if (!inbox_take_parked(b->cx, in, g, &ev, &found))
			return false;
		if (found && !run_parked(b, in, g, &ev, &found))
			return false;
		g->changed = true;
	}
	return true;
}

static bool release_healed(struct consumer_batch *b, struct inbox *in)
{
	for (size_t i = 0; i < in->n; i++) {
		struct aggregate *g = &in->aggregates[i];
		if (!g->healed)
			continue;
		g->healed = false;
		if (!inbox_forget(b->cx, in, g) || !release(b, in, g))
			return false;
	}
	return true;
}

static bool park(struct consumer_batch *b, struct inbox *in, struct inbox_item *it, bool gap)
{
	struct aggregate *g = it->aggregate;

	if (gap && !g->parked)
		log_line(LOG_ERROR, "sequence_gap", "source", g->source, "aggregate", g->type, "id", g->id, NULL);
	g->parked = g->changed = true;
	b->counts.parked++;
	return inbox_park(b->cx, in, it, gap ? "SEQUENCE_GAP" : "BEHIND_DEAD_LETTER");
}

static bool sequenced(struct consumer_batch *b, struct inbox *in, struct inbox_item *it)
{
	struct aggregate *g = it->aggregate;

	if (!it->fresh || it->ev->sequence <= g->last) {
		b->counts.duplicate++;
		return true;
	}
	if (it->ev->sequence > g->last + 1)
		return park(b, in, it, !g->parked);
	if (it->poison)
		return bury_next(b, in, g, it->ev, it->poison, CONSUMER_TRIES);
	if (it->def && !run_handler(b->cx, it->ev, it->def, it->msg))
		return false;
	if (it->def)
		b->counts.handled++;
	else
		b->counts.skipped++;
	advance(g, it->ev->sequence);
	return release(b, in, g);
}

static bool unsequenced(struct consumer_batch *b, struct inbox *in, struct inbox_item *it)
{
	if (it->poison) {
		b->counts.dead++;
		return inbox_bury(b->cx, in, it->ev, NULL, it->poison, 1);
	}
	if (!it->def) {
		b->counts.skipped++;
		return true;
	}
	b->counts.handled++;
	return run_handler(b->cx, it->ev, it->def, it->msg);
}

/* ---- a transaction ---- */

static size_t tenant_end(const struct inbox_item *items, size_t from, size_t n)
{
	size_t end = from;

	while (end < n && strcmp(tenant_of(items[end].ev), tenant_of(items[from].ev)) == 0)
		end++;
	return end;
}

/* The events of one tenant, which is set already. *done counts on as they are handled. */
static bool tenant_part(struct consumer_batch *b, struct inbox_item *items, size_t n, size_t *done)
{
	struct inbox in;
	bool ok;

	inbox_init(&in, b->cx->arena, b->consumer, 2 * n + 64);
	inbox_enter(&in);
	ok = inbox_claim(b->cx, &in, items, n);
	for (size_t i = 0; ok && i < n; i++) {
		ok = (items[i].aggregate ? sequenced : unsequenced)(b, &in, &items[i]) && release_healed(b, &in);
		*done += ok;
	}
	ok = ok && inbox_store(b->cx, &in);
	inbox_enter(NULL);
	return ok;
}

static bool run_all(struct consumer_batch *b, struct inbox_item *items, size_t n, size_t *done)
{
	struct ctx *cx = b->cx;

	cx->who = (struct principal){.tenant_id = tenant_of(items[0].ev), .account_id = "", .person_id = "",
				     .session_id = ""};
	if (!db_ready(cx) || !db_begin(cx))
		return false;
	for (size_t from = 0, end; from < n; from = end) {
		end = tenant_end(items, from, n);
		if (from && !db_tenant(cx, tenant_of(items[from].ev)))
			return false;
		if (!tenant_part(b, items + from, end - from, done))
			return false;
	}
	killpoint("consumer.before_commit");
	return db_commit(cx);
}

static void fresh_context(struct consumer_batch *b)
{
	struct ctx *cx = b->cx;

	arena_reset(cx->arena);
	*cx = (struct ctx){.svc = b->svc, .arena = cx->arena, .db = cx->db, .as_system = true, .scopes = 8,
			   .lang = "zh-CN", .peer = "", .device_id = "", .request_id = "", .trace_id = "",
			   .now_us = clock_business_us()};
	context_today(cx);
	b->counts = (struct consumer_counts){0};
}

enum attempt batch_attempt(struct consumer_batch *b, struct inbox_item *items, size_t n, size_t *failed,
			   const char **code)
{
	struct ctx *cx = b->cx;
	size_t done = 0;

	fresh_context(b);
	if (run_all(b, items, n, &done)) {
		if (cx->events_out)
			outbox_wake(b->svc);
		return ATTEMPT_DONE;
	}
	*failed = done;
	*code = cx->fault.def ? cx->fault.def->code : "INTERNAL";
	bool later = is_transient(cx) || db_retryable(cx);
	db_rollback(cx);
	fault_clear(cx);
	return later ? ATTEMPT_LATER : ATTEMPT_FAILED;
}

/* ---- for handlers and operators ---- */

bool inbox_heal(struct ctx *cx, const char *source, const char *aggregate_type, const char *aggregate_id,
		int64_t sequence)
{
	struct inbox *in = inbox_current();
	struct aggregate *g;

	if (!in)
		abort(); /* only consumers' handlers may call it */
	if (sequence <= 0)
		return true;
	if (!inbox_aggregate(cx, in, source, aggregate_type, aggregate_id, &g))
		return false;
	if (sequence > g->last) {
		advance(g, sequence);
		g->healed = true;
	}
	return true;
}

static bool settle_dead(struct consumer_batch *b, struct inbox *in, const char *id, const struct event *ev,
			const char *aggregate_type, bool drop)
{
	struct inbox_item it;
	struct aggregate *g = NULL;

	batch_prepare(b, b->cx->arena, ev, &it);
	if (aggregate_type && !inbox_aggregate(b->cx, in, ev->source, aggregate_type, ev->subject, &g))
		return false;
	if (!drop && it.poison)
		return fail(b->cx, &FAULT_CONFLICT, NULL);
	if (!drop && it.def && !run_handler(b->cx, ev, it.def, it.msg))
		return false;
	if (!inbox_dead_remove(b->cx, id))
		return false;
	if (!g)
		return true;
	if (ev->sequence == g->last + 1)
		advance(g, ev->sequence);
	return release(b, in, g) && release_healed(b, in) && inbox_store(b->cx, in);
}

bool dead_letter_retry(struct ctx *cx, const char *id, bool drop)
{
	const struct service_def *def = cx->svc->def;
	struct consumer_batch b = {.svc = cx->svc, .consumer = def->name, .defs = def->consumers,
				   .n_defs = def->n_consumers, .cx = cx};
	struct principal who = cx->who;
	struct inbox in;
	struct event ev;
	const char *aggregate_type = NULL;
	bool found = false, ok;

	inbox_init(&in, cx->arena, def->name, 64);
	if (!inbox_dead(cx, &in, id, &ev, &aggregate_type, &found))
		return false;
	if (!found)
		return fail(cx, &FAULT_RESOURCE_NOT_FOUND, NULL);
	inbox_enter(&in);
	ok = settle_dead(&b, &in, id, &ev, aggregate_type, drop);
	inbox_enter(NULL);
	cx->who = who;
	return ok;
}
