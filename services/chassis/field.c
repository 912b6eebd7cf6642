#include "field.h"

#include <stdlib.h>
#include <string.h>

size_t field_size(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_ENUM:
		return sizeof(int32_t);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return sizeof(int64_t);
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	default:
		abort(); /* float, double: no message may have them */
	}
}

void *field_at(const ProtobufCFieldDescriptor *d, const ProtobufCMessage *m)
{
	return (char *)(uintptr_t)m + d->offset;
}

static void *quantifier(const ProtobufCFieldDescriptor *d, const ProtobufCMessage *m)
{
	return (char *)(uintptr_t)m + d->quantifier_offset;
}

static bool is_pointer(ProtobufCType t)
{
	return t == PROTOBUF_C_TYPE_STRING || t == PROTOBUF_C_TYPE_MESSAGE;
}

static size_t single_count(const ProtobufCFieldDescriptor *d, const ProtobufCMessage *m)
{
	if (is_pointer(d->type)) {
		const void *p = *(void *const *)field_at(d, m);
		return p != NULL && p != d->default_value;
	}
	if (d->label == PROTOBUF_C_LABEL_REQUIRED)
		return 1;
	return *(const protobuf_c_boolean *)quantifier(d, m) != 0;
}

size_t field_count(const ProtobufCFieldDescriptor *d, const ProtobufCMessage *m)
{
	return field_repeated(d) ? *(const size_t *)quantifier(d, m) : single_count(d, m);
}

const void *field_item(const ProtobufCFieldDescriptor *d, const ProtobufCMessage *m, size_t i)
{
	if (!field_repeated(d))
		return field_at(d, m);
	return *(char *const *)field_at(d, m) + i * field_size(d->type);
}

void field_put(const ProtobufCFieldDescriptor *d, ProtobufCMessage *m, const void *value)
{
	memcpy(field_at(d, m), value, field_size(d->type));
	if (!is_pointer(d->type) && d->label == PROTOBUF_C_LABEL_OPTIONAL)
		*(protobuf_c_boolean *)quantifier(d, m) = 1;
}

void field_put_items(const ProtobufCFieldDescriptor *d, ProtobufCMessage *m, void *items, size_t n)
{
	*(void **)field_at(d, m) = n ? items : NULL;
	*(size_t *)quantifier(d, m) = n;
}

bool field_is_int(ProtobufCType type)
{
	return !is_pointer(type) && type != PROTOBUF_C_TYPE_BYTES;
}

int64_t field_int(ProtobufCType type, const void *value)
{
	switch (type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_ENUM:
		return *(const int32_t *)value;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return *(const uint32_t *)value;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		return *(const int64_t *)value;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return (int64_t)*(const uint64_t *)value;
	case PROTOBUF_C_TYPE_BOOL:
		return *(const protobuf_c_boolean *)value != 0;
	default:
		abort();
	}
}

bool field_set_int(ProtobufCType type, int64_t v, void *value)
{
	switch (type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_ENUM:
		if (v < INT32_MIN || v > INT32_MAX)
			return false;
		*(int32_t *)value = (int32_t)v;
		return true;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		if (v < 0 || v > (int64_t)UINT32_MAX)
			return false;
		*(uint32_t *)value = (uint32_t)v;
		return true;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		if (v < 0)
			return false;
		*(uint64_t *)value = (uint64_t)v;
		return true;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		*(int64_t *)value = v;
		return true;
	case PROTOBUF_C_TYPE_BOOL:
		if (v != 0 && v != 1)
			return false;
		*(protobuf_c_boolean *)value = v != 0;
		return true;
	default:
		abort();
	}
}
