#include "event.h"

#include <stdlib.h>
#include <string.h>

#include "value.h"

/* ---- headers ---- */

static const struct {
	const char *name;
	size_t at;
} HEADERS[] = {
	{"ce_id", offsetof(struct event, id)},
	{"ce_type", offsetof(struct event, type)},
	{"ce_source", offsetof(struct event, source)},
	{"ce_subject", offsetof(struct event, subject)},
	{"ce_tenant", offsetof(struct event, tenant_id)},
	{"ce_time", offsetof(struct event, time)},
	{"ce_actor", offsetof(struct event, actor)},
	{"ce_cause", offsetof(struct event, cause)},
	{"ce_traceparent", offsetof(struct event, traceparent)},
	{"ce_aggregate", offsetof(struct event, aggregate)},
};
#define N_HEADERS (sizeof(HEADERS) / sizeof(HEADERS[0]))
#define HEADER_MAX 512

void event_init(struct event *ev)
{
	*ev = (struct event){.topic = "", .key = ""};
	for (size_t i = 0; i < N_HEADERS; i++)
		*(const char **)((char *)ev + HEADERS[i].at) = "";
}

/* Digits only, from 1; -1 where it is no such number. */
static int64_t sequence_of(const char *p, size_t n)
{
	int64_t v = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9' || n > 18)
			return -1;
		v = v * 10 + (p[i] - '0');
	}
	return v > 0 ? v : -1;
}

void event_header(struct event *ev, struct arena *a, const char *name, const char *p, size_t n)
{
	bool good = n <= HEADER_MAX && utf8_valid(p, n);

	if (strcmp(name, "ce_sequence") == 0) {
		ev->sequence = sequence_of(p, n);
		return;
	}
	for (size_t i = 0; i < N_HEADERS; i++)
		if (strcmp(name, HEADERS[i].name) == 0) {
			if (good)
				*(const char **)((char *)ev + HEADERS[i].at) = arena_strndup(a, p, n);
			else
				ev->defect = HEADERS[i].name;
			return;
		}
}

void event_check(struct event *ev)
{
	if (ev->defect)
		return;
	if (!uuid_valid(ev->id))
		ev->defect = "ce_id";
	else if (!*ev->type)
		ev->defect = "ce_type";
	else if (!*ev->source)
		ev->defect = "ce_source";
	else if (*ev->tenant_id && !uuid_valid(ev->tenant_id))
		ev->defect = "ce_tenant";
	else if (ev->sequence < 0 || (ev->sequence && !*ev->subject))
		ev->defect = "ce_sequence";
}

/* ---- the value: protobuf wire format against the descriptor ---- */

struct scan {
	const uint8_t *p, *end;
	unsigned *messages;
	unsigned depth;
};
#define MAX_DEPTH 16

static const char *scan_message(const ProtobufCMessageDescriptor *d, struct scan *s);

static bool take_varint(struct scan *s, uint64_t *v)
{
	*v = 0;
	for (unsigned shift = 0; shift < 70 && s->p < s->end; shift += 7) {
		uint8_t b = *s->p++;
		*v |= shift < 64 ? (uint64_t)(b & 0x7f) << shift : 0;
		if (b < 0x80)
			return true;
	}
	return false;
}

static const char *scan_enum(const ProtobufCFieldDescriptor *f, uint64_t v)
{
	const ProtobufCEnumDescriptor *e = f->descriptor;
	int32_t number = (int32_t)(uint32_t)v; /* as protobuf-c reads it */

	return protobuf_c_enum_descriptor_get_value(e, number) ? NULL : "UNKNOWN_ENUM";
}

static const char *scan_packed_enums(const ProtobufCFieldDescriptor *f, struct scan s)
{
	const char *bad = NULL;
	uint64_t v;

	while (!bad && s.p < s.end)
		bad = take_varint(&s, &v) ? scan_enum(f, v) : "MALFORMED";
	return bad;
}

static const char *scan_bytes(const ProtobufCFieldDescriptor *f, struct scan inner)
{
	size_t n = (size_t)(inner.end - inner.p);

	if (!f)
		return NULL;
	switch (f->type) {
	case PROTOBUF_C_TYPE_STRING:
		if (n && memchr(inner.p, 0, n))
			return "NUL_IN_TEXT";
		return utf8_valid((const char *)inner.p, n) ? NULL : "BAD_UTF8";
	case PROTOBUF_C_TYPE_MESSAGE:
		return scan_message(f->descriptor, &inner);
	case PROTOBUF_C_TYPE_ENUM:
		return scan_packed_enums(f, inner);
	default:
		return NULL;
	}
}

static const char *scan_delimited(const ProtobufCFieldDescriptor *f, struct scan *s)
{
	uint64_t n;
	struct scan inner = *s;

	if (!take_varint(s, &n) || n > (uint64_t)(s->end - s->p))
		return "MALFORMED";
	inner.p = s->p;
	inner.end = s->p + n;
	inner.depth++;
	s->p += n;
	return scan_bytes(f, inner);
}

static const char *skip_fixed(struct scan *s, size_t n)
{
	if ((size_t)(s->end - s->p) < n)
		return "MALFORMED";
	s->p += n;
	return NULL;
}

static const char *scan_field(const ProtobufCFieldDescriptor *f, unsigned wire_type, struct scan *s)
{
	uint64_t v;

	switch (wire_type) {
	case 0:
		if (!take_varint(s, &v))
			return "MALFORMED";
		return f && f->type == PROTOBUF_C_TYPE_ENUM ? scan_enum(f, v) : NULL;
	case 1:
		return skip_fixed(s, 8);
	case 2:
		return scan_delimited(f, s);
	case 5:
		return skip_fixed(s, 4);
	default:
		return "MALFORMED"; /* groups: nobody writes them */
	}
}

static const char *scan_message(const ProtobufCMessageDescriptor *d, struct scan *s)
{
	const char *bad = NULL;
	uint64_t tag;

	if (s->depth > MAX_DEPTH || ++*s->messages > EVENT_MAX_MESSAGES)
		return "TOO_COMPLEX";
	while (!bad && s->p < s->end) {
		if (!take_varint(s, &tag) || tag >> 3 == 0 || tag >> 32)
			return "MALFORMED";
		bad = scan_field(protobuf_c_message_descriptor_get_field(d, (unsigned)(tag >> 3)),
				 (unsigned)(tag & 7), s);
	}
	return bad;
}

const char *event_scan(const ProtobufCMessageDescriptor *d, struct str value)
{
	const uint8_t *p = (const uint8_t *)value.p;
	unsigned messages = 0;
	struct scan s = {p, p + value.n, &messages, 0};

	return value.n > EVENT_MAX_BYTES ? "TOO_LARGE" : scan_message(d, &s);
}

ProtobufCMessage *event_unpack(struct arena *a, const struct message_rule *rule, struct str value,
			       const char **defect)
{
	ProtobufCMessage *m = NULL;

	*defect = event_scan(rule->pb, value);
	if (!*defect) {
		m = protobuf_c_message_unpack(rule->pb, arena_allocator(a), value.n,
					      (const uint8_t *)value.p);
		*defect = m ? NULL : "MALFORMED";
	}
	return m;
}
