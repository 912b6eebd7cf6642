#include "json_check.h"

#include <string.h>

#include "chassis_texts.h"
#include "field.h"
#include "value.h"

#define MAX_LENGTH 1000 /* where the contract says nothing */
#define MAX_ITEMS 500

/* ---- faults ---- */

static void pointer_add(struct buf *b, const struct json_at *at)
{
	if (!at)
		return;
	pointer_add(b, at->up);
	if (at->is_parameter)
		buf_printf(b, "?%s", at->name);
	else if (at->name)
		json_pointer_add(b, at->name, strlen(at->name));
	else
		buf_printf(b, "/%zu", at->index);
}

void json_fault(struct json_check *c, const struct json_at *at, const char *code, struct text text)
{
	struct buf b;

	if (c->cx->fault.n_items == FAULT_MAX_ITEMS)
		return;
	buf_init(&b, c->cx->arena);
	pointer_add(&b, at && at->name && strlen(at->name) > JSON_MAX_TOKEN ? at->up : at);
	fault_add(c->cx, b.p, code, text);
}

void json_fault_name(struct json_check *c, const struct json_at *at, const char *code, const char *name,
		     const char *const *names)
{
	const char *near = str_nearest(name, names);

	c->bad_request = true;
	json_fault(c, at, code, near ? TEXT_NAME_UNKNOWN_NEAR(near) : TEXT_NAME_UNKNOWN);
}

void json_fault_required(struct json_check *c, const struct json_at *at)
{
	json_fault(c, at, "REQUIRED", TEXT_REQUIRED);
}

/* ---- strings ---- */

static bool forbidden(int32_t cp, bool multiline)
{
	if (multiline && (cp == '\n' || cp == '\t'))
		return false;
	return cp < 0x20 || (cp >= 0x7F && cp <= 0x9F) || (cp & 0xFFFE) == 0xFFFE;
}

/* White space of Unicode and the characters of no width. */
static bool blank(int32_t cp)
{
	static const int32_t more[] = {0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF};

	if (cp <= 0x20 || (cp >= 0x2000 && cp <= 0x200D))
		return true;
	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		if (cp == more[i])
			return true;
	return false;
}

struct look {
	size_t length;
	bool clean, empty;
};

static struct look look_at(const char *s, bool multiline)
{
	struct look l = {0, true, true};
	const char *end = s + strlen(s);

	while (s < end) {
		int32_t cp = utf8_next(&s, end);
		l.length++;
		l.clean = l.clean && !forbidden(cp, multiline); /* malformed is -1 */
		l.empty = l.empty && blank(cp);
	}
	return l;
}

static bool check_length(struct json_check *c, const struct field_rule *f, const struct json_at *at,
			 struct look l)
{
	uint32_t most = f->max_len ? f->max_len : MAX_LENGTH;

	if (l.length < f->min_len || (f->min_len && l.empty)) {
		json_fault(c, at, "TOO_SHORT", TEXT_TOO_SHORT(f->min_len));
		return false;
	}
	if (l.length > most) {
		json_fault(c, at, "TOO_LONG", TEXT_TOO_LONG(most));
		return false;
	}
	return true;
}

static bool check_format(struct json_check *c, const struct field_rule *f, const struct json_at *at,
			 const char *s, const char **out)
{
	const char *code = value_check(c->cx->arena, f->format, s, out);
	struct id_document d;
	int64_t today;

	if (!code && f->format == FORMAT_ID_DOCUMENT && date_parse(c->cx->today, &today))
		code = id_document_check(s, today, &d);
	if (!code)
		return true;
	json_fault(c, at, code, value_explain(code, f->format));
	return false;
}

bool json_check_string(struct json_check *c, const struct field_rule *f, const struct json_at *at,
		       const char *s, const char **out)
{
	struct look l = look_at(s, f->multiline);

	if (!l.clean) {
		json_fault(c, at, "CONTROL_CHARACTER", TEXT_CONTROL_CHARACTER);
		return false;
	}
	if (l.empty && f->required) {
		json_fault_required(c, at);
		return false;
	}
	return check_length(c, f, at, l) && check_format(c, f, at, s, out);
}

/* ---- integers, bytes, counts, enums ---- */

/* The narrowest of the rule's limit, the type's and JSON's. */
static int64_t least_of(const struct field_rule *f)
{
	ProtobufCType t = f->pb->type;
	bool is_unsigned = t == PROTOBUF_C_TYPE_UINT32 || t == PROTOBUF_C_TYPE_FIXED32 ||
			   t == PROTOBUF_C_TYPE_UINT64 || t == PROTOBUF_C_TYPE_FIXED64;
	int64_t least = is_unsigned ? 0 : field_size(t) == 4 ? INT32_MIN : -JSON_MAX_INT;

	return f->has_min && f->min > least ? f->min : least;
}

static int64_t most_of(const struct field_rule *f)
{
	ProtobufCType t = f->pb->type;
	bool is_u32 = t == PROTOBUF_C_TYPE_UINT32 || t == PROTOBUF_C_TYPE_FIXED32;
	int64_t most = is_u32 ? (int64_t)UINT32_MAX : field_size(t) == 4 ? INT32_MAX : JSON_MAX_INT;

	return f->has_max && f->max < most ? f->max : most;
}

bool json_check_int(struct json_check *c, const struct field_rule *f, const struct json_at *at, int64_t v)
{
	if (v < least_of(f)) {
		json_fault(c, at, "TOO_SMALL", TEXT_TOO_SMALL(least_of(f)));
		return false;
	}
	if (v > most_of(f)) {
		json_fault(c, at, "TOO_LARGE", TEXT_TOO_LARGE(most_of(f)));
		return false;
	}
	return true;
}

bool json_check_bytes(struct json_check *c, const struct field_rule *f, const struct json_at *at, size_t n)
{
	uint32_t most = f->max_len ? f->max_len : MAX_LENGTH;

	if (n == 0 && f->required) {
		json_fault_required(c, at);
		return false;
	}
	if (n < f->min_len)
		json_fault(c, at, "TOO_SHORT", TEXT_BYTES_TOO_FEW(f->min_len));
	else if (n > most)
		json_fault(c, at, "TOO_LONG", TEXT_BYTES_TOO_MANY(most));
	else
		return true;
	return false;
}

bool json_check_count(struct json_check *c, const struct field_rule *f, const struct json_at *at, size_t n)
{
	uint32_t most = f->max_items ? f->max_items : MAX_ITEMS;

	if (n == 0 && f->required) {
		json_fault_required(c, at);
		return false;
	}
	if (n > most)
		json_fault(c, at, "TOO_MANY", TEXT_TOO_MANY(most));
	return n <= most;
}

static void fault_enum(struct json_check *c, const struct field_rule *f, const struct json_at *at)
{
	const ProtobufCEnumDescriptor *d = f->pb->descriptor;
	struct buf b;

	buf_init(&b, c->cx->arena);
	for (unsigned i = 0; i < d->n_values; i++)
		if (d->values[i].value != 0)
			buf_printf(&b, "%s%s", b.n ? ", " : "", enum_name(d, d->values[i].value));
	json_fault(c, at, "FORMAT", TEXT_BE_ONE_OF(b.p));
}

bool json_check_enum(struct json_check *c, const struct field_rule *f, const struct json_at *at, int number)
{
	if (number != 0 && enum_name(f->pb->descriptor, number))
		return true;
	fault_enum(c, f, at);
	return false;
}

/* ---- texts into values ---- */

static int base64_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Strict: padded, no blanks, no bits left over. */
static bool base64(struct arena *a, const char *s, ProtobufCBinaryData *out)
{
	size_t n = strlen(s), pad = 0, len = 0;
	uint8_t *p = arena_alloc(a, n / 4 * 3 + 1);

	if (n % 4)
		return false;
	while (pad < 2 && pad < n && s[n - 1 - pad] == '=')
		pad++;
	uint32_t bits = 0;
	for (size_t i = 0; i < n; i++) {
		int v = i >= n - pad ? 0 : base64_digit(s[i]);
		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		if (i % 4 < 3)
			continue;
		p[len++] = (uint8_t)(bits >> 16);
		p[len++] = (uint8_t)(bits >> 8);
		p[len++] = (uint8_t)bits;
	}
	if ((pad == 1 && p[len - 1]) || (pad == 2 && (p[len - 1] || p[len - 2])))
		return false;
	*out = (ProtobufCBinaryData){len - pad, p};
	return true;
}

static bool bytes_value(struct json_check *c, const struct field_rule *f, const struct json_at *at,
			const char *text, ProtobufCBinaryData *out)
{
	if (base64(c->cx->arena, text, out))
		return json_check_bytes(c, f, at, out->len);
	json_fault(c, at, "FORMAT", TEXT_BE_BASE64);
	return false;
}

bool json_text_value(struct json_check *c, const struct field_rule *f, const struct json_at *at,
		     const char *text, void *out)
{
	int number;

	if (f->pb->type == PROTOBUF_C_TYPE_BYTES)
		return bytes_value(c, f, at, text, out);
	if (f->pb->type == PROTOBUF_C_TYPE_STRING)
		return json_check_string(c, f, at, text, (const char **)out);
	if (!enum_number(f->pb->descriptor, text, &number) || number == 0) {
		fault_enum(c, f, at);
		return false;
	}
	*(int *)out = number;
	return true;
}

bool json_int_value(struct json_check *c, const struct field_rule *f, const struct json_at *at,
		    const char *text, void *out)
{
	int64_t v;

	if (!json_number_int(text, &v)) {
		json_fault(c, at, "TYPE", TEXT_BE_PLAIN_INTEGER);
		return false;
	}
	return json_check_int(c, f, at, v) && field_set_int(f->pb->type, v, out);
}
