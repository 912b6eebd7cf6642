/* Memory of one field of a protobuf-c message; between row*.c and json*.c only. */
#ifndef RENHE_FIELD_H
#define RENHE_FIELD_H
#include <stddef.h>
#include "row.h"

/* Bytes of one value of the type; aborts on floating point. */
size_t field_size(ProtobufCType type);
static inline bool field_repeated(const ProtobufCFieldDescriptor *d)
{
	return d->label == PROTOBUF_C_LABEL_REPEATED;
}
/* Where the value (or the pointer to the first item) is. */
void *field_at(const ProtobufCFieldDescriptor *d, const ProtobufCMessage *m);
/* Number of items: of a repeated field the stored one, else 0 or 1. */
size_t field_count(const ProtobufCFieldDescriptor *d, const ProtobufCMessage *m);
/* The i-th of field_count. */
const void *field_item(const ProtobufCFieldDescriptor *d, const ProtobufCMessage *m, size_t i);
/* Stores one value of field_size bytes, or n items that stay where they are. */
void field_put(const ProtobufCFieldDescriptor *d, ProtobufCMessage *m, const void *value);
void field_put_items(const ProtobufCFieldDescriptor *d, ProtobufCMessage *m, void *items, size_t n);
/* Value of an integer, bool or enum type as int64; unsigned above INT64_MAX come out negative. */
bool field_is_int(ProtobufCType type);
int64_t field_int(ProtobufCType type, const void *value);
/* False where v is outside of the type; *value untouched then. */
bool field_set_int(ProtobufCType type, int64_t v, void *value);
#endif
