/* The rules of the contract over a message that is there already. */
#include <string.h>

#include "field.h"
#include "json_check.h"
#include "renhe.gen.h"

static void check_message(struct json_check *c, const struct message_rule *rule, const ProtobufCMessage *m,
			  const struct json_at *at);

static void check_value(struct json_check *c, const struct field_rule *f, const struct json_at *at,
			const void *value)
{
	const char *normal;

	switch (f->pb->type) {
	case PROTOBUF_C_TYPE_STRING:
		json_check_string(c, f, at, *(char *const *)value, &normal);
		break;
	case PROTOBUF_C_TYPE_BYTES:
		json_check_bytes(c, f, at, ((const ProtobufCBinaryData *)value)->len);
		break;
	case PROTOBUF_C_TYPE_ENUM:
		json_check_enum(c, f, at, *(const int *)value);
		break;
	case PROTOBUF_C_TYPE_MESSAGE:
		check_message(c, f->sub, *(ProtobufCMessage *const *)value, at);
		break;
	case PROTOBUF_C_TYPE_BOOL:
		break;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		if (*(const uint64_t *)value > INT64_MAX) {
			json_check_int(c, f, at, INT64_MAX);
			break;
		}
		/* fall through */
	default:
		json_check_int(c, f, at, field_int(f->pb->type, value));
	}
}

static void check_items(struct json_check *c, const struct field_rule *f, const struct json_at *at,
			const ProtobufCMessage *m)
{
	struct json_at item = {.up = at};
	size_t n = field_count(f->pb, m);

	if (!json_check_count(c, f, at, n))
		return;
	if (f->typed_map)
		json_map_keys(c, f, at, m);
	for (; item.index < n; item.index++)
		check_value(c, f, &item, field_item(f->pb, m, item.index));
}

static void check_message(struct json_check *c, const struct message_rule *rule, const ProtobufCMessage *m,
			  const struct json_at *up)
{
	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];
		struct json_at at = {.up = up, .name = f->name};
		bool there = msg_has(f, m);

		if (!there && f->required && !f->output_only && !f->internal)
			json_fault_required(c, &at);
		else if (there && field_repeated(f->pb))
			check_items(c, f, &at, m);
		else if (there)
			check_value(c, f, &at, field_at(f->pb, m));
	}
}

bool json_validate(struct ctx *cx, const struct message_rule *rule, const ProtobufCMessage *msg)
{
	struct json_check c = {.cx = cx};

	check_message(&c, rule, msg, NULL);
	return fault_none(cx, &FAULT_VALIDATION_FAILED);
}
