#include "row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"

/* ---- tables ---- */

const struct field_rule *rule_field(const struct message_rule *r, const char *name)
{
	const ProtobufCFieldDescriptor *d =
		protobuf_c_message_descriptor_get_field_by_name(r->pb, name);

	return d ? &r->fields[d - r->pb->fields] : NULL;
}

const struct message_rule *rule_of(const struct schema *s, const ProtobufCMessageDescriptor *d)
{
	for (unsigned i = 0; i < s->n_messages; i++)
		if (s->messages[i]->pb == d)
			return s->messages[i];
	return NULL;
}

static void check_field(const struct message_rule *r, unsigned i)
{
	const ProtobufCFieldDescriptor *d = &r->pb->fields[i];
	const struct field_rule *f = &r->fields[i];
	const char *why = NULL;

	if (f->pb != d || !f->name || strcmp(f->name, d->name) != 0)
		why = "the table and the descriptor disagree";
	else if (d->type == PROTOBUF_C_TYPE_FLOAT || d->type == PROTOBUF_C_TYPE_DOUBLE)
		why = "floating point";
	else if (d->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		why = "oneof";
	else if (d->type == PROTOBUF_C_TYPE_MESSAGE && (!f->sub || f->sub->pb != d->descriptor))
		why = "no table of the inner message";
	if (!why)
		return;
	fprintf(stderr, "%s.%s: %s\n", r->full_name, d->name, why);
	abort();
}

void rule_check(const struct schema *s)
{
	for (unsigned i = 0; i < s->n_messages; i++)
		for (unsigned j = 0; j < s->messages[i]->pb->n_fields; j++)
			check_field(s->messages[i], j);
}

/* ---- names of enum values ---- */

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Walks "IdType" along "ID_TYPE_PASSPORT": both have to agree up to the underscore at the end. */
static const char *without_prefix(const char *value, const char *type)
{
	const char *v = value;

	for (const char *t = type; *t; t++) {
		bool word = t > type && is_upper(*t) && !is_upper(t[-1]);
		if (word && *v++ != '_')
			return value;
		if (*v++ != upper(*t))
			return value;
	}
	return v[0] == '_' && v[1] ? v + 1 : value;
}

const char *enum_name(const ProtobufCEnumDescriptor *d, int number)
{
	const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(d, number);

	return v ? without_prefix(v->name, d->short_name) : NULL;
}

bool enum_number(const ProtobufCEnumDescriptor *d, const char *name, int *number)
{
	for (unsigned i = 0; i < d->n_values; i++) {
		if (strcmp(without_prefix(d->values[i].name, d->short_name), name) == 0) {
			*number = d->values[i].value;
			return true;
		}
	}
	return false;
}

/* ---- messages ---- */

static ProtobufCMessage *msg_of(struct arena *a, const ProtobufCMessageDescriptor *d)
{
	ProtobufCMessage *m = arena_alloc(a, d->sizeof_message);

	protobuf_c_message_init(d, m);
	return m;
}

ProtobufCMessage *msg_new(struct arena *a, const struct message_rule *r)
{
	return msg_of(a, r->pb);
}

static void copy_value(struct arena *a, ProtobufCType type, void *value)
{
	if (type == PROTOBUF_C_TYPE_STRING) {
		char **s = value;
		*s = *s ? arena_strdup(a, *s) : NULL;
	} else if (type == PROTOBUF_C_TYPE_BYTES) {
		ProtobufCBinaryData *b = value;
		b->data = b->len ? arena_dup(a, b->data, b->len) : NULL;
	} else if (type == PROTOBUF_C_TYPE_MESSAGE) {
		ProtobufCMessage **m = value;
		*m = *m ? msg_copy(a, *m) : NULL;
	}
}

static void copy_field(struct arena *a, const ProtobufCFieldDescriptor *d, const ProtobufCMessage *from,
		       ProtobufCMessage *into)
{
	size_t n = field_count(d, from), size = field_size(d->type);

	if (n == 0)
		return;
	char *items = arena_dup(a, field_item(d, from, 0), n * size);
	for (size_t i = 0; i < n; i++)
		copy_value(a, d->type, items + i * size);
	if (field_repeated(d))
		field_put_items(d, into, items, n);
	else
		field_put(d, into, items);
}

ProtobufCMessage *msg_copy(struct arena *a, const ProtobufCMessage *m)
{
	ProtobufCMessage *copy = msg_of(a, m->descriptor);

	for (unsigned i = 0; i < m->descriptor->n_fields; i++)
		copy_field(a, &m->descriptor->fields[i], m, copy);
	return copy;
}

static void take(const ProtobufCFieldDescriptor *df, const ProtobufCMessage *from,
		 const ProtobufCFieldDescriptor *di, ProtobufCMessage *into)
{
	size_t n = field_count(df, from);

	if (n == 0)
		return;
	if (field_repeated(df))
		field_put_items(di, into, *(void **)field_at(df, from), n);
	else
		field_put(di, into, field_at(df, from));
}

void msg_merge(const ProtobufCMessage *from, ProtobufCMessage *into)
{
	const ProtobufCMessageDescriptor *d = from->descriptor;

	if (d != into->descriptor)
		abort();
	for (unsigned i = 0; i < d->n_fields; i++)
		take(&d->fields[i], from, &d->fields[i], into);
}

void msg_assign(const ProtobufCMessage *from, ProtobufCMessage *into)
{
	const ProtobufCMessageDescriptor *d = from->descriptor;

	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];
		const ProtobufCFieldDescriptor *g =
			protobuf_c_message_descriptor_get_field_by_name(into->descriptor, f->name);
		if (g && g->type == f->type && g->descriptor == f->descriptor &&
		    field_repeated(g) == field_repeated(f))
			take(f, from, g, into);
	}
}

bool msg_has(const struct field_rule *f, const ProtobufCMessage *m)
{
	return field_count(f->pb, m) > 0;
}

const char *msg_str(const struct message_rule *r, const ProtobufCMessage *m, const char *field)
{
	const struct field_rule *f = rule_field(r, field);

	if (!f || f->pb->type != PROTOBUF_C_TYPE_STRING || field_repeated(f->pb))
		return NULL;
	return *(char *const *)field_at(f->pb, m);
}

int64_t msg_int(const struct message_rule *r, const ProtobufCMessage *m, const char *field, int64_t absent)
{
	const struct field_rule *f = rule_field(r, field);

	if (!f || !field_is_int(f->pb->type) || field_repeated(f->pb) || !msg_has(f, m))
		return absent;
	return field_int(f->pb->type, field_at(f->pb, m));
}

void msg_set_str(const struct message_rule *r, ProtobufCMessage *m, const char *field, const char *v)
{
	const struct field_rule *f = rule_field(r, field);

	if (!f || f->pb->type != PROTOBUF_C_TYPE_STRING || field_repeated(f->pb))
		abort();
	*(const char **)field_at(f->pb, m) = v;
}

void msg_clear(const struct field_rule *f, ProtobufCMessage *m)
{
	const ProtobufCFieldDescriptor *d = f->pb;

	if (field_repeated(d)) {
		field_put_items(d, m, NULL, 0);
		return;
	}
	memset(field_at(d, m), 0, field_size(d->type));
	if (d->type == PROTOBUF_C_TYPE_STRING)
		*(const void **)field_at(d, m) = d->default_value;
	else if (d->type != PROTOBUF_C_TYPE_MESSAGE && d->label == PROTOBUF_C_LABEL_OPTIONAL)
		*(protobuf_c_boolean *)((char *)m + d->quantifier_offset) = 0;
}
