#include "row_list.h"
#include <stdlib.h>
#include "field.h"

size_t msg_count(const struct field_rule *f, const ProtobufCMessage *m)
{
	return field_count(f->pb, m);
}

ProtobufCMessage *msg_item(const struct field_rule *f, const ProtobufCMessage *m, size_t i)
{
	ProtobufCMessage *item;

	memcpy(&item, field_item(f->pb, m, i), sizeof(item));
	return item;
}

const char *msg_text(const struct field_rule *f, const ProtobufCMessage *m, size_t i)
{
	const char *text;

	memcpy(&text, field_item(f->pb, m, i), sizeof(text));
	return text;
}

void msg_set_list(const struct message_rule *r, ProtobufCMessage *m, const char *field,
		  const char *const *v, size_t n)
{
	const struct field_rule *f = rule_field(r, field);
	void *items;

	if (!f || !field_repeated(f->pb) || f->pb->type != PROTOBUF_C_TYPE_STRING)
		abort();
	memcpy(&items, &v, sizeof(items)); /* protobuf-c's struct has char ** */
	field_put_items(f->pb, m, items, n);
}

void msg_set_items(const struct message_rule *r, ProtobufCMessage *m, const char *field,
		   ProtobufCMessage **v, size_t n)
{
	const struct field_rule *f = rule_field(r, field);

	if (!f || !field_repeated(f->pb) || !f->sub)
		abort();
	field_put_items(f->pb, m, v, n);
}

void msg_copy_field(struct arena *a, const struct field_rule *f, const ProtobufCMessage *from,
		    ProtobufCMessage *into)
{
	const char *text = msg_has(f, from) ? row_param(a, f, from) : NULL;

	if (text)
		row_set(a, f, into, text);
	else
		msg_clear(f, into);
}
