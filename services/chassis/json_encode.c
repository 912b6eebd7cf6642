#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "json.h"
#include "log.h"
#include "renhe.gen.h"
#include "value.h"

/* ---- text ---- */

static void escape(struct buf *b, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = c ? strchr(from, c) : NULL;

	if (at)
		buf_add(b, (const char[]){'\\', to[at - from]}, 2);
	else
		buf_printf(b, "\\u%04x", c);
}

static bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

void json_quote(struct buf *b, const char *s, size_t n)
{
	const char *p = s, *end = s + n;

	buf_add(b, "\"", 1);
	while (p < end) {
		const char *from = p;
		while (p < end && plain((unsigned char)*p))
			p++;
		buf_add(b, from, (size_t)(p - from));
		if (p == end)
			break;
		from = p;
		if ((unsigned char)*p < 0x80)
			escape(b, (unsigned char)*p++);
		else if (utf8_next(&p, end) < 0)
			buf_puts(b, "\xEF\xBF\xBD"); /* never from a checked source */
		else
			buf_add(b, from, (size_t)(p - from));
	}
	buf_add(b, "\"", 1);
}

static void base64(struct buf *b, const ProtobufCBinaryData *d)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	buf_add(b, "\"", 1);
	for (size_t i = 0; i < d->len; i += 3) {
		size_t n = d->len - i < 3 ? d->len - i : 3;
		uint32_t v = (uint32_t)d->data[i] << 16;
		v |= n > 1 ? (uint32_t)d->data[i + 1] << 8 : 0;
		v |= n > 2 ? d->data[i + 2] : 0;
		const char four[4] = {digits[v >> 18], digits[v >> 12 & 63], n > 1 ? digits[v >> 6 & 63] : '=',
				      n > 2 ? digits[v & 63] : '='};
		buf_add(b, four, 4);
	}
	buf_add(b, "\"", 1);
}

/* ---- what the caller may read ---- */

/* Names of fields left out, for one message that has restricted_fields. */
struct left_out {
	const char **name;
	size_t n, cap;
};

/* One message on the way out. */
struct level {
	const struct level *up;
	const char *name; /* of the field that holds it, NULL at the top */
	const struct message_rule *rule;
	const ProtobufCMessage *msg;
	struct left_out own, *left_out; /* own where it has restricted_fields, else the outer's or NULL */
	struct view view;
	bool has_view;
};

struct encode {
	struct ctx *cx;
	struct buf out;
	view_fn *view;
};

static void level_start(struct encode *e, struct level *l)
{
	if (rule_field(l->rule, "restricted_fields"))
		l->left_out = &l->own;
	else
		l->left_out = l->up ? l->up->left_out : NULL;
	if (l->rule->resource && e->view) {
		l->view = e->view(e->cx, l->msg);
		l->has_view = true;
	} else if (l->up) {
		l->view = l->up->view;
		l->has_view = l->up->has_view;
	}
}

static const char *name_from(struct arena *a, const struct level *l, const char *field)
{
	if (l->left_out == &l->own || !l->up)
		return field;
	return name_from(a, l->up, arena_printf(a, "%s.%s", l->name, field));
}

static void left_out_add(struct arena *a, struct left_out *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->name[i], name) == 0)
			return;
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 16;
		const char **more = arena_alloc(a, cap * sizeof *more);
		if (l->n)
			memcpy(more, l->name, l->n * sizeof *more);
		l->name = more;
		l->cap = cap;
	}
	l->name[l->n++] = name;
}

enum access { CLEAR, MASKED, HIDDEN };

static enum access access_in(struct view v, const struct field_rule *f)
{
	uint32_t bit = 1u << (f->field_class & 31);
	bool maskable = f->mask != MASK_NONE && f->pb->type == PROTOBUF_C_TYPE_STRING;

	if (f->field_class == 0 || (v.clear & bit))
		return CLEAR;
	return (v.masked & bit) && maskable ? MASKED : HIDDEN;
}

static enum access access_of(struct encode *e, struct level *l, const struct field_rule *f)
{
	if (f->field_class == 0 || !e->view)
		return CLEAR;
	if (!l->has_view) { /* bears classes, stands in no resource */
		l->view = e->view(e->cx, l->msg);
		l->has_view = true;
	}
	return access_in(l->view, f);
}

/* ---- values ---- */

static void encode_level(struct encode *e, struct level *l);

static bool defect(const struct field_rule *f, const char *why)
{
	log_line(LOG_ERROR, "defect_on_output", "field", f->name, "why", why, NULL);
#ifndef NDEBUG
	abort();
#endif
	return false;
}

static bool int_fits(const struct field_rule *f, const void *value)
{
	int64_t v = field_int(f->pb->type, value);
	bool u64 = f->pb->type == PROTOBUF_C_TYPE_UINT64 || f->pb->type == PROTOBUF_C_TYPE_FIXED64;

	return v <= JSON_MAX_INT && v >= (u64 ? 0 : -JSON_MAX_INT);
}

/* Whether the value goes out at all: known before its name is written. */
static bool presentable(const struct field_rule *f, const void *value)
{
	switch (f->pb->type) {
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return *(void *const *)value != NULL;
	case PROTOBUF_C_TYPE_BYTES:
		return true;
	case PROTOBUF_C_TYPE_ENUM:
		if (*(const int *)value == 0)
			return false; /* unspecified: as good as absent */
		return enum_name(f->pb->descriptor, *(const int *)value) ||
		       defect(f, "enum number without a name");
	default:
		return int_fits(f, value) || defect(f, "integer beyond 2^53 - 1");
	}
}

static void encode_string(struct encode *e, const struct field_rule *f, const char *s, enum access access)
{
	if (access == MASKED)
		s = value_mask(e->cx->arena, f->mask, s);
	json_quote(&e->out, s, strlen(s));
}

static void encode_value(struct encode *e, struct level *l, const struct field_rule *f, const void *value,
			 enum access access)
{
	switch (f->pb->type) {
	case PROTOBUF_C_TYPE_STRING:
		encode_string(e, f, *(char *const *)value, access);
		break;
	case PROTOBUF_C_TYPE_BYTES:
		base64(&e->out, value);
		break;
	case PROTOBUF_C_TYPE_BOOL:
		buf_puts(&e->out, field_int(f->pb->type, value) ? "true" : "false");
		break;
	case PROTOBUF_C_TYPE_ENUM:
		encode_string(e, f, enum_name(f->pb->descriptor, *(const int *)value), CLEAR);
		break;
	case PROTOBUF_C_TYPE_MESSAGE: {
		struct level inner = {.up = l, .name = f->name, .rule = f->sub,
				      .msg = *(ProtobufCMessage *const *)value};
		encode_level(e, &inner);
		break;
	}
	default:
		buf_printf(&e->out, "%lld", (long long)field_int(f->pb->type, value));
	}
}

/* ---- messages ---- */

static void begin_member(struct encode *e, const char *name)
{
	char last = e->out.p[e->out.n - 1];

	buf_printf(&e->out, "%s\"%s\":", last == '{' ? "" : ",", name);
}

static void encode_items(struct encode *e, struct level *l, const struct field_rule *f, enum access access)
{
	size_t n = field_count(f->pb, l->msg);
	bool first = true;

	if (n == 0 && strcmp(f->name, "items") != 0)
		return;
	begin_member(e, f->name);
	buf_puts(&e->out, "[");
	for (size_t i = 0; i < n; i++) {
		const void *value = field_item(f->pb, l->msg, i);
		if (!presentable(f, value))
			continue;
		buf_puts(&e->out, first ? "" : ",");
		first = false;
		encode_value(e, l, f, value, access);
	}
	buf_puts(&e->out, "]");
}

/* ---- typed maps ---- */

static enum access access_of_entry(struct encode *e, struct level *l, const Renhe__TypedValue *v)
{
	struct field_rule f = {.pb = rule_field(&RULE_RENHE_TYPED_VALUE, "text")->pb,
			       .field_class = (uint8_t)v->field_class, .mask = v->text ? MASK_ALL : MASK_NONE};

	return access_of(e, l, &f);
}

static void encode_entry(struct encode *e, const Renhe__TypedValue *v, enum access access)
{
	const struct field_rule text = {.mask = MASK_ALL};

	json_quote(&e->out, v->key, strlen(v->key));
	buf_puts(&e->out, ":");
	if (v->text)
		encode_string(e, &text, v->text, access);
	else if (v->has_flag)
		buf_puts(&e->out, v->flag ? "true" : "false");
	else
		buf_printf(&e->out, "%lld", (long long)v->integer);
}

/* Entries whose class isn't shown are named, with a value or without. */
static void encode_map(struct encode *e, struct level *l, const struct field_rule *f)
{
	struct arena *a = e->cx->arena;
	bool begun = false;

	for (size_t i = 0; i < field_count(f->pb, l->msg); i++) {
		const Renhe__TypedValue *v = *(Renhe__TypedValue *const *)field_item(f->pb, l->msg, i);
		enum access access = access_of_entry(e, l, v);

		if (access == HIDDEN && l->left_out)
			left_out_add(a, l->left_out,
				     name_from(a, l, arena_printf(a, "%s.%s", f->name, v->key)));
		if (access == HIDDEN || !(v->text || v->has_flag || v->has_integer))
			continue;
		if (!begun)
			begin_member(e, f->name);
		buf_puts(&e->out, begun ? "," : "{");
		begun = true;
		encode_entry(e, v, access);
	}
	if (begun)
		buf_puts(&e->out, "}");
}

static void encode_field(struct encode *e, struct level *l, const struct field_rule *f)
{
	enum access access = access_of(e, l, f);

	if (access == HIDDEN) {
		if (l->left_out)
			left_out_add(e->cx->arena, l->left_out, name_from(e->cx->arena, l, f->name));
	} else if (f->typed_map) {
		encode_map(e, l, f);
	} else if (field_repeated(f->pb)) {
		encode_items(e, l, f, access);
	} else if (msg_has(f, l->msg) && presentable(f, field_at(f->pb, l->msg))) {
		begin_member(e, f->name);
		encode_value(e, l, f, field_at(f->pb, l->msg), access);
	}
}

/* Last, since inner messages add to it; what the handler named stands first. */
static void encode_left_out(struct encode *e, struct level *l, const struct field_rule *f)
{
	struct left_out all = {0};

	for (size_t i = 0; i < field_count(f->pb, l->msg); i++)
		left_out_add(e->cx->arena, &all, *(char *const *)field_item(f->pb, l->msg, i));
	for (size_t i = 0; i < l->own.n; i++)
		left_out_add(e->cx->arena, &all, l->own.name[i]);
	if (all.n == 0)
		return;
	begin_member(e, f->name);
	for (size_t i = 0; i < all.n; i++) {
		buf_puts(&e->out, i ? "," : "[");
		json_quote(&e->out, all.name[i], strlen(all.name[i]));
	}
	buf_puts(&e->out, "]");
}

static void encode_level(struct encode *e, struct level *l)
{
	const struct field_rule *last = NULL;

	level_start(e, l);
	buf_puts(&e->out, "{");
	for (unsigned i = 0; i < l->rule->pb->n_fields; i++) {
		const struct field_rule *f = &l->rule->fields[i];
		if (strcmp(f->name, "restricted_fields") == 0)
			last = f;
		else if (!f->internal)
			encode_field(e, l, f);
	}
	if (last)
		encode_left_out(e, l, last);
	buf_puts(&e->out, "}");
}

struct str json_encode(struct ctx *cx, const struct message_rule *rule, const ProtobufCMessage *msg,
		       view_fn *view)
{
	struct encode e = {.cx = cx, .view = view};
	struct level top = {.rule = rule, .msg = msg};

	buf_init(&e.out, cx->arena);
	encode_level(&e, &top);
	return (struct str){e.out.p, e.out.n};
}

const char *json_shown(struct arena *a, struct view view, const struct field_rule *f,
		       const ProtobufCMessage *msg)
{
	enum access access = access_in(view, f);
	const void *value = field_at(f->pb, msg);

	if (access == HIDDEN || field_repeated(f->pb) || !msg_has(f, msg) || !presentable(f, value))
		return NULL;
	if (f->pb->type == PROTOBUF_C_TYPE_ENUM)
		return enum_name(f->pb->descriptor, *(const int *)value);
	if (f->pb->type != PROTOBUF_C_TYPE_STRING)
		return NULL;
	return access == MASKED ? value_mask(a, f->mask, *(char *const *)value)
				: *(char *const *)value;
}
