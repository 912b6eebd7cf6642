/* Repeated fields, and single fields moved between messages, by rule. */
#ifndef RENHE_ROW_LIST_H
#define RENHE_ROW_LIST_H
#include "row.h"

size_t msg_count(const struct field_rule *f, const ProtobufCMessage *m);
ProtobufCMessage *msg_item(const struct field_rule *f, const ProtobufCMessage *m,
			   size_t i); /* of messages */
const char *msg_text(const struct field_rule *f, const ProtobufCMessage *m,
		     size_t i); /* of strings */
/* Texts; the list itself stays where it is and must live as long as the message. A field that isn't
 * there or is no repeated string aborts. */
void msg_set_list(const struct message_rule *r, ProtobufCMessage *m, const char *field,
		  const char *const *v, size_t n);
/* The same of messages. */
void msg_set_items(const struct message_rule *r, ProtobufCMessage *m, const char *field,
		   ProtobufCMessage **v, size_t n);
/* Field f of `from` into the same field of `into`, both of one message; present or absent alike. */
void msg_copy_field(struct arena *a, const struct field_rule *f, const ProtobufCMessage *from,
		    ProtobufCMessage *into);
#endif
