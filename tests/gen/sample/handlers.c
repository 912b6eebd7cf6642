/* Runs against the generated tables of the sample: what C sees must be what the .proto says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "contract.gen.h"
#include "gateway.gen.h"
#include "sample_migrations.h"
#include "sample_sql.h"

static unsigned checks;
static void check(bool holds, int line)
{
	checks++;
	if (!holds) {
		fprintf(stderr, "handlers.c:%d\n", line);
		exit(1);
	}
}
#define CHECK(x) check(x, __LINE__)

static const ProtobufCMessage *put_value, *called_with;
static const struct event_def *put_event;
bool outbox_put(struct ctx *cx, const struct event_def *ev, const ProtobufCMessage *value)
{
	(void)cx;
	put_event = ev;
	put_value = value;
	return true;
}
bool outbox_tombstone(struct ctx *cx, const struct event_def *ev, const char *key_value)
{
	(void)cx;
	(void)ev;
	return key_value != NULL;
}
#define HANDLER(name, in_type, out_type) \
	bool name(struct ctx *cx, const in_type *in, out_type *out) \
	{ \
		(void)cx; \
		(void)out; \
		called_with = &in->base; \
		return true; \
	}
HANDLER(sample_create_shelf, Sample__Shelf, Sample__Shelf)
HANDLER(sample_get_shelf, Sample__GetShelfRequest, Sample__Shelf)
HANDLER(sample_update_shelf, Sample__Shelf, Sample__Shelf)
HANDLER(sample_move_shelf, Sample__MoveShelfRequest, Sample__Shelf)
HANDLER(sample_delete_shelf, Renhe__IdRequest, Renhe__Empty)
HANDLER(sample_look_at_shelf, Sample__GetShelfRequest, Sample__Shelf)
HANDLER(sample_shelf_list, Renhe__Empty, Sample__Shelf)

static const struct field_rule *field(const struct message_rule *r, const char *name)
{
	for (unsigned i = 0; i < r->pb->n_fields; i++)
		if (!strcmp(r->fields[i].name, name))
			return &r->fields[i];
	abort();
}
static const struct route *route(const char *name)
{
	for (unsigned i = 0; i < SCHEMA_SAMPLE.n_routes; i++)
		if (!strcmp(SCHEMA_SAMPLE.routes[i].name, name))
			return &SCHEMA_SAMPLE.routes[i];
	abort();
}
static void check_messages(void)
{
	for (unsigned m = 0; m < SCHEMA_SAMPLE.n_messages; m++) {
		const struct message_rule *r = SCHEMA_SAMPLE.messages[m];
		for (unsigned i = 0; i < r->pb->n_fields; i++) {
			CHECK(r->fields[i].pb == &r->pb->fields[i]);
			CHECK(!strcmp(r->fields[i].name, r->pb->fields[i].name));
			CHECK((r->fields[i].sub != NULL) == (r->pb->fields[i].type == PROTOBUF_C_TYPE_MESSAGE));
			if (r->fields[i].sub)
				CHECK(r->fields[i].sub->pb == r->pb->fields[i].descriptor);
		}
	}
	const struct field_rule *phone = field(&RULE_SAMPLE_SHELF, "keeper_phone");
	CHECK(phone->format == FORMAT_MOBILE && phone->mask == MASK_MOBILE && phone->field_class == 1);
	CHECK(!strcmp(phone->seal, "shelf.keeper_phone") && !strcmp(phone->seal_subject, "keeper_id") && phone->blind_index);
	const struct field_rule *title = field(&RULE_SAMPLE_SHELF, "title");
	CHECK(title->required && title->multiline && title->dated && title->min_len == 1 && title->max_len == 40);
	CHECK(!strcmp(title->title_zh, "标题?\?/") && !strcmp(title->title_en, "title \"x\""));
	const struct field_rule *cost = field(&RULE_SAMPLE_SHELF, "cost_fen"), *count = field(&RULE_SAMPLE_SHELF, "count");
	CHECK(cost->has_min && cost->min == -5 && cost->has_max && cost->max == 9007199254740991);
	CHECK(count->has_min && count->min == 0 && !count->has_max);
	CHECK(field(&RULE_SAMPLE_SHELF, "books")->sub == &RULE_SAMPLE_SHELF_BOOK);
	CHECK(field(&RULE_SAMPLE_SHELF, "books")->max_items == 3);
	CHECK(!strcmp(RULE_SAMPLE_SHELF.full_name, "renhe.sample.Shelf") && !strcmp(RULE_SAMPLE_SHELF.resource, "shelf"));
	const struct enum_label *open = enum_label(&sample__shelf_state__descriptor, SAMPLE__SHELF_STATE__SHELF_STATE_OPEN);
	CHECK(open && !strcmp(open->zh, "开放") && !strcmp(open->en, "open"));
	CHECK(!enum_label(&sample__shelf_state__descriptor, 2) && !enum_label(&renhe__role__descriptor, 1));
	CHECK(RULE_RENHE_EMPTY.pb->n_fields == 0 && !RULE_RENHE_EMPTY.resource);
}
static void check_routes(void)
{
	const struct route *move = route("sample.MoveShelf"), *list = route("sample.ShelfList");
	CHECK(move->method == METHOD_POST && !strcmp(move->path, "/api/v1/shelves/{id}:move-away"));
	CHECK(!strcmp(move->verb, "move-away") && !strcmp(move->states[1], "SHUT") && !move->states[2]);
	CHECK(move->if_match && move->step_up && move->permission == &PERMISSION_EMPLOYEE_WRITE);
	CHECK(move->in == &RULE_SAMPLE_MOVE_SHELF_REQUEST && move->body_limit == 1024 * 1024);
	CHECK(list->internal && !list->permission && list->auth == AUTH_INTERNAL_TOKEN && !list->verb && !list->states);
	CHECK(route("sample.CreateShelf")->status == 201 && route("sample.DeleteShelf")->status == 204);
	CHECK(route("sample.CreateShelf")->idempotency == IDEMPOTENCY_KEY_REQUIRED);
	CHECK(route("sample.LookAtShelf")->answer == ANSWER_FILE && route("sample.LookAtShelf")->auth == AUTH_PUBLIC);
	Sample__MoveShelfRequest in = SAMPLE__MOVE_SHELF_REQUEST__INIT;
	CHECK(move->handler(NULL, &in.base, NULL) && called_with == &in.base);
	CHECK(SCHEMA_SAMPLE.n_routes == 7 && GATEWAY_ROUTES_COUNT == 6);
	for (unsigned i = 0; i < GATEWAY_ROUTES_COUNT; i++)
		CHECK(!GATEWAY_ROUTES[i].internal && !GATEWAY_ROUTES[i].handler && !strcmp(GATEWAY_SERVICES[i], "sample"));
	CHECK(strlen(OPENAPI_JSON) == OPENAPI_JSON_SIZE && OPENAPI_JSON[0] == '{');
}
static void check_events(void)
{
	Sample__ShelfMoved moved = SAMPLE__SHELF_MOVED__INIT;
	CHECK(emit_sample_shelf_moved(NULL, &moved));
	CHECK(put_value == &moved.base && put_event == &EVENT_SAMPLE_SHELF_MOVED);
	CHECK(put_event->value == &RULE_SAMPLE_SHELF_MOVED && !strcmp(put_event->subject_field, "shelf_id"));
	const struct topic_def *t = put_event->topic;
	CHECK(!strcmp(t->name, "renhe.sample.shelf.v1") && t->lane == LANE_URGENT && !t->compact);
	CHECK(t->retention_hours == 24 && t->partitions == 6 && t->small_partitions == 4);
	CHECK(!strcmp(t->readers[1], "observer") && !t->readers[2]);
	CHECK(!t->sealed_to && !t->daily_record && EVENT_SAMPLE_SHELF_PRIVATE.topic->daily_record);
	CHECK(!strcmp(EVENT_SAMPLE_SHELF_PRIVATE.topic->sealed_to[0], "other") && !EVENT_SAMPLE_SHELF_PRIVATE.topic->sealed_to[1]);
	CHECK(EVENT_SAMPLE_SHELF_PRIVATE.unsequenced && EVENT_SAMPLE_SHELF_PRIVATE.topic->compact);
	CHECK(tombstone_sample_shelf_private(NULL, "x"));
	CHECK(SCHEMA_SAMPLE.n_events == 2 && SCHEMA_SAMPLE.n_topics == 2);
}
static void check_policy(void)
{
	const struct permission *p = &PERMISSION_EMPLOYEE_READ;
	unsigned self = 0;
	for (unsigned i = 0; i < p->n_cells; i++)
		self += p->cells[i].scope == 1 << (RENHE__SCOPE__SELF - 1);
	CHECK(self == 2);
	CHECK(p->denial[RENHE__ROLE__EMPLOYEE] == 1 && p->denial[RENHE__ROLE__HR] == 0);
	CHECK(!strcmp(ROLE_NAMES[RENHE__ROLE__HR], "HR") && !ROLE_NAMES[ROLES_COUNT]);
	CHECK(!strcmp(CLASS_NAMES[4], "HEALTH"));
}
static void check_queries(void)
{
	const struct query *q = &Q_SHELF_GET;
	CHECK(!strcmp(q->text, "select s.id, s.title, s.count, s.cost_fen, 'a  :not {nor} -- this ; $1' as etag, "
			       "s.\"odd:name\", $q$:dollar ; $q$, E'\\' :x', '{}'::text[] from shelf s where "
			       "s.id = $1::uuid and s.tenant = $2 and s.pages[1:2] is not null"));
	CHECK(q->n_params == 2 && !strcmp(q->params[0], "id") && !strcmp(q->params[1], "@tenant_id") && !q->params[2]);
	CHECK(q->kind == QUERY_ONE && q->none == &FAULT_SHELF_NOT_FOUND && !q->violations && q->line == 6);
	q = &Q_SHELF_PUT;
	CHECK(!strcmp(q->text, "insert into shelf (id, title, count, cost_fen, phone_index) values ($1, $2, $3, $4, $5) "
			       "on conflict (id) do update set title = $2, count = $3, cost_fen = $4, version = f(a := $6)"));
	CHECK(!strcmp(q->violations[0], "shelf_title_key") && !strcmp(q->violations[3], "CONFLICT_RETRY"));
	CHECK(!q->violations[4] && !q->none && !q->out && q->in == &RULE_SAMPLE_SHELF);
	CHECK(Q_SHELF_NESTED.n_params == 1 && Q_SHELF_NESTED.in == &RULE_SAMPLE_SHELF_BOOK);
	CHECK(!Q_SHELF_LOCK.in && Q_SHELF_LOCK.n_params == 0);
	CHECK(SCHEMA_SAMPLE.n_queries == 4 && SCHEMA_SAMPLE.queries[3] == &Q_SHELF_LOCK);
}
int main(void)
{
	check_messages();
	check_routes();
	check_events();
	check_policy();
	check_queries();
	CHECK(N_MIGRATIONS_SAMPLE == 2 && MIGRATIONS_SAMPLE[1].number == 2 && strlen(MIGRATIONS_SAMPLE[1].sha256) == 64);
	CHECK(!strcmp(MIGRATIONS_SAMPLE[0].sql, "create table \"t\" ();\n-- ?\?/ \\ done\n"));
	printf("%u checks\n", checks);
	return 0;
}
