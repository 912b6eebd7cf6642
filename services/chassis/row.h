/* Message <-> SQL text values by reflection, and what else one does with a message whose type is
 * known by its table only. Memory comes from the arena; nothing here fails for lack of it. A field
 * of a type that no message may have (float, oneof) is a programmer error and aborts. */
#ifndef RENHE_ROW_H
#define RENHE_ROW_H
#include "ctx.h"
/* Text of one field for a parameter; NULL = absent, which an empty repeated field is too. Enums as
 * names without their prefix (as digits where the number has none), bool as t/f, bytes as \x hex,
 * repeated as an array literal. Sealed fields are the business of db.c; a field that is a message
 * aborts. */
const char *row_param(struct arena *a, const struct field_rule *f, const ProtobufCMessage *msg);
/* Sets one field from SQL text; NULL clears it. timestamptz text becomes RFC 3339 with Z where the
 * format is TIME. false: the value does not fit the field (a defect), which is then unchanged. */
bool row_set(struct arena *a, const struct field_rule *f, ProtobufCMessage *msg, const char *text);
/* NULL where the message has no such field. */
const struct field_rule *rule_field(const struct message_rule *r, const char *name);
/* By descriptor; NULL where the schema lacks it. */
const struct message_rule *rule_of(const struct schema *s, const ProtobufCMessageDescriptor *d);
/* At service start: aborts with a line on stderr where a table and its descriptor disagree, or a
 * message holds a floating point number, a oneof or a group. */
void rule_check(const struct schema *s);
ProtobufCMessage *msg_new(struct arena *a, const struct message_rule *r);
/* A deep copy in the arena. */
ProtobufCMessage *msg_copy(struct arena *a, const ProtobufCMessage *m);
/* Present fields of `from` replace those of `into` (shallow); both of the same message. */
void msg_merge(const ProtobufCMessage *from, ProtobufCMessage *into);
/* Copies present fields of equal name and type between different messages (shallow); others are
 * left alone. */
void msg_assign(const ProtobufCMessage *from, ProtobufCMessage *into);
/* A repeated field is there when it holds an item. */
bool msg_has(const struct field_rule *f, const ProtobufCMessage *m);
/* NULL absent, no such field, or no string. */
const char *msg_str(const struct message_rule *r, const ProtobufCMessage *m, const char *field);
/* Of an integer, bool or enum field; `absent` where it isn't there. */
int64_t msg_int(const struct message_rule *r, const ProtobufCMessage *m, const char *field, int64_t absent);
/* Keeps the pointer. v NULL clears. A field that isn't there or is no string aborts. */
void msg_set_str(const struct message_rule *r, ProtobufCMessage *m, const char *field, const char *v);
/* To absent; a declared default comes back. */
void msg_clear(const struct field_rule *f, ProtobufCMessage *m);

/* Names of enum values as JSON and SQL have them: as in the .proto without the enum's own name in
 * front (SEX_MALE of enum Sex is MALE). NULL where the number has no name. */
const char *enum_name(const ProtobufCEnumDescriptor *d, int number);
/* false where there is no such name. The zero value counts as a name. */
bool enum_number(const ProtobufCEnumDescriptor *d, const char *name, int *number);
#endif
