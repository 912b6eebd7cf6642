#include "private.h"
#include "sealed_fill.h"

/* Called with each event of an own sealed topic; false ends it. */
typedef bool private_fn(struct ctx *cx, const struct event_def *ev, const void *arg);

static bool each_event(struct ctx *cx, private_fn *fn, const void *arg)
{
	const struct schema *s = cx->svc->schema;

	for (unsigned i = 0; i < s->n_events; i++) {
		const struct topic_def *t = s->events[i]->topic;

		if (t->sealed_to && !strcmp(t->writer, s->service) && !fn(cx, s->events[i], arg))
			return false;
	}
	return true;
}

/* NULL where nothing private is in it. */
static ProtobufCMessage *value_of(struct ctx *cx, const struct event_def *ev,
				  const Archive__Employee *e)
{
	ProtobufCMessage *m = msg_new(cx->arena, ev->value);

	msg_assign(&e->base, m);
	for (unsigned i = 0; i < ev->value->pb->n_fields; i++)
		if (ev->value->fields[i].field_class && msg_has(&ev->value->fields[i], m))
			return m;
	return NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* But for the version, which every change of the person raises. */
static bool same(struct ctx *cx, const struct message_rule *rule, const ProtobufCMessage *a,
		 const ProtobufCMessage *b)
{
	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];

		if (strcmp(f->name, "version") != 0 &&
		    !same_text(row_param(cx->arena, f, a), row_param(cx->arena, f, b)))
			return false;
	}
	return true;
}

struct person_change {
	const Archive__Employee *before, *after;
};

static bool emit_change(struct ctx *cx, const struct event_def *ev, const void *arg)
{
	const struct person_change *c = arg;
	const ProtobufCMessage *was = c->before ? value_of(cx, ev, c->before) : NULL;
	const ProtobufCMessage *is = value_of(cx, ev, c->after);

	if (!is)
		return !was || outbox_tombstone(cx, ev, c->after->person_id);
	return (was && same(cx, ev->value, was, is)) || outbox_put(cx, ev, is);
}

bool private_emit(struct ctx *cx, const Archive__Employee *before, const Archive__Employee *after)
{
	return each_event(cx, emit_change, &(struct person_change){before, after});
}

static bool emit_nothing(struct ctx *cx, const struct event_def *ev, const void *arg)
{
	return outbox_tombstone(cx, ev, arg);
}

bool private_forget(struct ctx *cx, const char *person_id)
{
	return each_event(cx, emit_nothing, person_id);
}

/* ---- all of them, for a consumer's new key ---- */

/* A consumer that has lost its key is left nothing: what was closed for it may be opened elsewhere. */
static bool emit_anew(struct ctx *cx, const struct event_def *ev, const void *arg)
{
	const Archive__Employee *e = arg;
	const ProtobufCMessage *is = value_of(cx, ev, e);
	unsigned before = cx->events_out;

	return !is || (outbox_put(cx, ev, is) && (cx->events_out != before ||
						  outbox_tombstone(cx, ev, e->person_id)));
}

/* Two statements: the second one sees what the transactions that the first waited for have written. */
static bool write_chunk(struct ctx *cx, const char *after, const char **last, int64_t *n)
{
	Archive__EmployeeKey *key =
		(Archive__EmployeeKey *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE_KEY);
	struct msg_list heads, persons;

	key->person_id = after ? arena_strdup(cx->arena, after) : NULL;
	if (!db_many(cx, &Q_PRIVATE_PERSONS_LOCK, key, &heads))
		return false;
	key->ids = arena_alloc(cx->arena, (heads.n + 1) * sizeof(*key->ids));
	for (size_t i = 0; i < heads.n; i++)
		key->ids[key->n_ids++] = ((Archive__EmployeeKey *)heads.items[i])->person_id;
	if (!heads.n)
		return true;
	*last = key->ids[heads.n - 1];
	if (!db_many(cx, &Q_PRIVATE_PERSONS, key, &persons))
		return false;
	*n = (int64_t)persons.n;
	for (size_t i = 0; i < persons.n; i++)
		if (!each_event(cx, emit_anew, persons.items[i]))
			return false;
	return true;
}

bool archive_fill_private(struct ctx *cx, const char *tenant_id)
{
	return sealed_fill_step(cx, tenant_id, write_chunk);
}
