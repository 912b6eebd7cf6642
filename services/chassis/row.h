/* Message <-> SQL text values by reflection. */
#ifndef RENHE_ROW_H
#define RENHE_ROW_H
#include "ctx.h"
/* Text of one field for a parameter; NULL = absent. Enums as names, bool as t/f, repeated as an
 * array literal. Sealed fields are the business of db.c. */
const char *row_param(struct arena *a, const struct field_rule *f, const ProtobufCMessage *msg);
/* Sets one field from SQL text. timestamptz text becomes RFC 3339 with Z where the format is TIME.
 * false: the value does not fit the field (a defect). */
bool row_set(struct arena *a, const struct field_rule *f, ProtobufCMessage *msg, const char *text);
const struct field_rule *rule_field(const struct message_rule *r, const char *name);
/* By descriptor; the table is sorted at service start. */
const struct message_rule *rule_of(const struct schema *s, const ProtobufCMessageDescriptor *d);
ProtobufCMessage *msg_new(struct arena *a, const struct message_rule *r);
/* A deep copy in the arena. */
ProtobufCMessage *msg_copy(struct arena *a, const ProtobufCMessage *m);
/* Present fields of `from` replace those of `into` (shallow); both of the same message. */
void msg_merge(const ProtobufCMessage *from, ProtobufCMessage *into);
/* Copies fields of equal name and type between different messages; others are left alone. */
void msg_assign(const ProtobufCMessage *from, ProtobufCMessage *into);
bool msg_has(const struct field_rule *f, const ProtobufCMessage *m);
const char *msg_str(const struct message_rule *r, const ProtobufCMessage *m, const char *field); /* NULL absent */
int64_t msg_int(const struct message_rule *r, const ProtobufCMessage *m, const char *field, int64_t absent);
void msg_set_str(const struct message_rule *r, ProtobufCMessage *m, const char *field, const char *v);
void msg_clear(const struct field_rule *f, ProtobufCMessage *m);
#endif
