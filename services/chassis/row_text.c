/* Text of SQL values: what PostgreSQL takes and gives in text format. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "value.h"

/* ---- out ---- */

static const char *hex_text(struct arena *a, const ProtobufCBinaryData *b)
{
	static const char digit[] = "0123456789abcdef";
	char *s = arena_alloc(a, 2 * b->len + 3);

	s[0] = '\\';
	s[1] = 'x';
	for (size_t i = 0; i < b->len; i++) {
		s[2 + 2 * i] = digit[b->data[i] >> 4];
		s[3 + 2 * i] = digit[b->data[i] & 15];
	}
	return s;
}

/* A number without a name comes from a newer writer of events; as digits the column's check refuses
 * it, and the event becomes a dead letter. */
static const char *enum_text(struct arena *a, const ProtobufCEnumDescriptor *d, int number)
{
	const char *name = enum_name(d, number);

	return name ? name : arena_printf(a, "%d", number);
}

static const char *value_text(struct arena *a, const ProtobufCFieldDescriptor *d, const void *value)
{
	switch (d->type) {
	case PROTOBUF_C_TYPE_STRING:
		return *(char *const *)value;
	case PROTOBUF_C_TYPE_BYTES:
		return hex_text(a, value);
	case PROTOBUF_C_TYPE_BOOL:
		return field_int(d->type, value) ? "t" : "f";
	case PROTOBUF_C_TYPE_ENUM:
		return enum_text(a, d->descriptor, *(const int *)value);
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return arena_printf(a, "%llu", (unsigned long long)*(const uint64_t *)value);
	case PROTOBUF_C_TYPE_MESSAGE:
		abort();
	default:
		return arena_printf(a, "%lld", (long long)field_int(d->type, value));
	}
}

static void add_item(struct buf *b, const char *text)
{
	buf_add(b, "\"", 1);
	for (const char *p = text; *p; p++) {
		if (*p == '"' || *p == '\\')
			buf_add(b, "\\", 1);
		buf_add(b, p, 1);
	}
	buf_add(b, "\"", 1);
}

const char *row_param(struct arena *a, const struct field_rule *f, const ProtobufCMessage *msg)
{
	size_t n = field_count(f->pb, msg);
	struct buf b;

	if (n == 0)
		return NULL;
	if (!field_repeated(f->pb))
		return value_text(a, f->pb, field_at(f->pb, msg));
	buf_init(&b, a);
	for (size_t i = 0; i < n; i++) {
		buf_add(&b, i ? "," : "{", 1);
		add_item(&b, value_text(a, f->pb, field_item(f->pb, msg, i)));
	}
	buf_add(&b, "}", 1);
	return b.p;
}

/* ---- in ---- */

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static bool set_bytes(struct arena *a, const char *text, ProtobufCBinaryData *out)
{
	size_t n = strlen(text);

	if (n < 2 || n % 2 || text[0] != '\\' || text[1] != 'x')
		return false;
	uint8_t *p = arena_alloc(a, n / 2);
	for (size_t i = 2; i < n; i += 2) {
		int hi = nibble(text[i]), lo = nibble(text[i + 1]);
		if (hi < 0 || lo < 0)
			return false;
		p[i / 2 - 1] = (uint8_t)(hi << 4 | lo);
	}
	*out = (ProtobufCBinaryData){n / 2 - 1, p};
	return true;
}

static bool set_int(ProtobufCType type, const char *text, void *out)
{
	char *end;

	if (!(*text >= '0' && *text <= '9') && *text != '-')
		return false;
	errno = 0;
	if (type == PROTOBUF_C_TYPE_UINT64 || type == PROTOBUF_C_TYPE_FIXED64) {
		unsigned long long u = strtoull(text, &end, 10);
		if (errno || *end || end == text || *text == '-')
			return false;
		*(uint64_t *)out = u;
		return true;
	}
	long long v = strtoll(text, &end, 10);
	return !errno && !*end && end != text && field_set_int(type, v, out);
}

static bool set_bool(const char *text, protobuf_c_boolean *out)
{
	bool t = strcmp(text, "t") == 0 || strcmp(text, "true") == 0;

	if (!t && strcmp(text, "f") != 0 && strcmp(text, "false") != 0)
		return false;
	*out = t;
	return true;
}

/* "+08", "+08:00", "-03:30:15" in seconds. */
static bool parse_offset(const char *p, int64_t *seconds)
{
	int part[3] = {0, 0, 0}, n = 0;
	int sign = *p == '-' ? -1 : 1;

	for (p++; n < 3; n++) {
		if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
			return false;
		part[n] = (p[0] - '0') * 10 + (p[1] - '0');
		p += 2;
		if (*p != ':')
			break;
		p++;
	}
	*seconds = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
	return *p == '\0' && part[0] < 24 && part[1] < 60 && part[2] < 60;
}

/* "2026-11-22 16:35:01.5+00" as PostgreSQL writes with DateStyle ISO; RFC 3339 is taken too. */
static const char *instant_text(struct arena *a, const char *text)
{
	int64_t us, offset = 0;
	size_t n = strcspn(text, "Z");

	if (n < 19 || (text[10] != ' ' && text[10] != 'T'))
		return NULL;
	if (text[n] != 'Z') {
		n = 19 + strcspn(text + 19, "+-");
		if (!text[n] || !parse_offset(text + n, &offset))
			return NULL;
	} else if (text[n + 1]) {
		return NULL;
	}
	char *plain = arena_printf(a, "%.*sZ", (int)n, text);
	plain[10] = 'T';
	if (!time_parse(plain, &us))
		return NULL;
	char *out = arena_alloc(a, 28);
	time_format(us - offset * 1000000, out);
	return out;
}

static bool set_string(struct arena *a, enum value_format format, const char *text, char **out)
{
	int64_t days;
	const char *s = text;

	if (format == FORMAT_DATE && !date_parse(text, &days))
		return false;
	if (format == FORMAT_TIME && !(s = instant_text(a, text)))
		return false;
	*out = arena_strdup(a, s);
	return true;
}

static bool set_value(struct arena *a, const struct field_rule *f, const char *text, void *out)
{
	switch (f->pb->type) {
	case PROTOBUF_C_TYPE_STRING:
		return set_string(a, f->format, text, out);
	case PROTOBUF_C_TYPE_BYTES:
		return set_bytes(a, text, out);
	case PROTOBUF_C_TYPE_BOOL:
		return set_bool(text, out);
	case PROTOBUF_C_TYPE_ENUM:
		return enum_number(f->pb->descriptor, text, out);
	case PROTOBUF_C_TYPE_MESSAGE:
		return false;
	default:
		return set_int(f->pb->type, text, out);
	}
}

/* One item of an array literal into b; *p behind it. false: malformed, NULL or nested. */
static bool array_item(struct buf *b, const char **p)
{
	const char *s = *p;
	bool quoted = *s == '"';

	b->n = 0;
	buf_add(b, "", 0);
	if (quoted)
		s++;
	while (*s && (quoted ? *s != '"' : *s != ',' && *s != '}')) {
		if (!quoted && (*s == '{' || *s == '"'))
			return false;
		if (*s == '\\' && !*++s)
			return false;
		buf_add(b, s++, 1);
	}
	if (quoted && *s++ != '"')
		return false;
	*p = s;
	return quoted || (b->n > 0 && strcmp(b->p, "NULL") != 0);
}

static size_t most_items(const char *text)
{
	size_t n = 1;

	for (; *text; text++)
		n += *text == ',';
	return n;
}

static bool set_array(struct arena *a, const struct field_rule *f, ProtobufCMessage *msg, const char *text)
{
	size_t size = field_size(f->pb->type), n = 0;
	struct buf b;

	if (strcmp(text, "{}") == 0) {
		msg_clear(f, msg);
		return true;
	}
	if (*text++ != '{')
		return false;
	char *items = arena_alloc(a, most_items(text) * size);
	buf_init(&b, a);
	for (;; text++) {
		if (!array_item(&b, &text) || !set_value(a, f, b.p, items + n++ * size))
			return false;
		if (*text != ',')
			break;
	}
	if (strcmp(text, "}") != 0)
		return false;
	field_put_items(f->pb, msg, items, n);
	return true;
}

bool row_set(struct arena *a, const struct field_rule *f, ProtobufCMessage *msg, const char *text)
{
	union {
		int64_t i;
		void *p;
		ProtobufCBinaryData b;
	} value;

	if (!text) {
		msg_clear(f, msg);
		return true;
	}
	if (field_repeated(f->pb))
		return set_array(a, f, msg, text);
	memset(&value, 0, sizeof value);
	if (!set_value(a, f, text, &value))
		return false;
	field_put(f->pb, msg, &value);
	return true;
}
