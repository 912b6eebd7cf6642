/* Between kafka_consumer.c, consumer.c and inbox.c: what a record must be before anyone uses it. */
#ifndef RENHE_EVENT_H
#define RENHE_EVENT_H
#include "events.h"

#define EVENT_MAX_BYTES (256 * 1024)
#define EVENT_MAX_MESSAGES 4096 /* sub-messages: an empty one costs 2 bytes and becomes a struct */

/* All texts "", sequence 0. */
void event_init(struct event *ev);
/* One header; what is no UTF-8 text without NUL becomes the event's defect. Unknown ones are
 * skipped. The last one of a name stands. */
void event_header(struct event *ev, struct arena *a, const char *name, const char *p, size_t n);
/* After the headers: ev->defect where a needed one is missing or not of its form. Compacted topics
 * may hold records that have no tenant (keys): then tenant_id is "". */
void event_check(struct event *ev);
/* NULL where the bytes are a message of this kind within the bounds: size, depth, strings of UTF-8
 * without NUL, enum numbers that have a name. Else a code for dead letters. */
const char *event_scan(const ProtobufCMessageDescriptor *d, struct str value);
/* Scans and unpacks into the arena. NULL and *defect where it can't be used. */
ProtobufCMessage *event_unpack(struct arena *a, const struct message_rule *rule, struct str value,
			       const char **defect);
#endif
