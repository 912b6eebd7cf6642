/* JSON, path and query into a message, by descriptor and rules. Faults are collected, not returned
 * early: who sends gets them all at once. */
#include <stdlib.h>
#include <string.h>

#include "chassis_texts.h"
#include "field.h"
#include "json_check.h"
#include "renhe.gen.h"

union value {
	int64_t i;
	void *p;
	ProtobufCBinaryData b;
};

struct cleared {
	const char **name;
	size_t n, cap;
};

struct decode {
	struct json_check check;
	bool is_patch, from_query, from_body;
	struct cleared cleared;
};

/* Which fields of one object came, and from where. */
enum { SEEN_MEMBER = 1, SEEN_PATH = 2, SEEN_QUERY = 4 };
struct object {
	const struct message_rule *rule;
	ProtobufCMessage *msg;
	unsigned char *seen; /* by field */
	bool partial;        /* of a PATCH: what isn't there stays as it is */
};

static struct arena *arena_of(const struct decode *d)
{
	return d->check.cx->arena;
}

/* No more faults are kept, so none are looked for: what a sender of a million can cost is bounded. */
static bool full(const struct decode *d)
{
	return d->check.cx->fault.n_items == FAULT_MAX_ITEMS;
}

static struct object object_new(struct decode *d, const struct message_rule *rule, bool partial)
{
	return (struct object){rule, msg_new(arena_of(d), rule), arena_alloc(arena_of(d), rule->pb->n_fields),
			       partial};
}

static unsigned char *seen_of(const struct object *o, const struct field_rule *f)
{
	return &o->seen[f - o->rule->fields];
}

/* ---- values ---- */

static bool fault_type(struct decode *d, const struct json_at *at, struct text text)
{
	json_fault(&d->check, at, "TYPE", text);
	return false;
}

static bool decode_object(struct decode *d, const struct message_rule *rule, const struct json_doc *doc,
			  const struct json_at *at, bool partial, ProtobufCMessage **out);

static bool decode_bool(struct decode *d, const struct json_doc *doc, const struct json_at *at, void *out)
{
	if (json_kind(doc) != JSON_BOOL)
		return fault_type(d, at, TEXT_BE_BOOL);
	*(protobuf_c_boolean *)out = json_is_true(doc);
	return true;
}

static bool decode_value(struct decode *d, const struct field_rule *f, const struct json_doc *doc,
			 const struct json_at *at, bool partial, void *out)
{
	enum json_kind kind = json_kind(doc);

	if (kind == JSON_NULL) {
		json_fault(&d->check, at, "NULL_NOT_ALLOWED", TEXT_NULL_NOT_ALLOWED);
		return false;
	}
	switch (f->pb->type) {
	case PROTOBUF_C_TYPE_MESSAGE:
		return decode_object(d, f->sub, doc, at, partial, out);
	case PROTOBUF_C_TYPE_BOOL:
		return decode_bool(d, doc, at, out);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_ENUM:
		if (kind != JSON_STRING)
			return fault_type(d, at, TEXT_BE_STRING);
		return json_text_value(&d->check, f, at, json_text(doc), out);
	default:
		if (kind != JSON_NUMBER)
			return fault_type(d, at, TEXT_BE_INTEGER);
		return json_int_value(&d->check, f, at, json_text(doc), out);
	}
}

static size_t count(const struct json_doc *array)
{
	size_t n = 0;

	for (const struct json_doc *c = json_first(array); c; c = json_next(c))
		n++;
	return n;
}

static void decode_array(struct decode *d, const struct field_rule *f, const struct json_doc *doc,
			 const struct json_at *at, ProtobufCMessage *msg)
{
	size_t size = field_size(f->pb->type), n;

	if (json_kind(doc) != JSON_ARRAY) {
		fault_type(d, at, TEXT_BE_ARRAY);
		return;
	}
	n = count(doc);
	if (!json_check_count(&d->check, f, at, n))
		return;
	char *items = arena_alloc(arena_of(d), n * size);
	struct json_at item = {.up = at};
	for (const struct json_doc *c = json_first(doc); c && !full(d); c = json_next(c), item.index++)
		if (!decode_value(d, f, c, &item, false, items + item.index * size))
			n = 0; /* the message won't be used; let it be consistent all the same */
	field_put_items(f->pb, msg, items, full(d) ? 0 : n);
}

/* ---- what a PATCH clears ---- */

static const char *dotted(struct arena *a, const struct json_at *at)
{
	return at->up ? arena_printf(a, "%s.%s", dotted(a, at->up), at->name) : at->name;
}

static void clear(struct decode *d, const struct json_at *at)
{
	struct cleared *c = &d->cleared;

	if (c->n + 1 >= c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 16;
		const char **more = arena_alloc(arena_of(d), cap * sizeof *more);
		if (c->n)
			memcpy(more, c->name, c->n * sizeof *more);
		c->name = more;
		c->cap = cap;
	}
	c->name[c->n++] = dotted(arena_of(d), at);
}

/* ---- members ---- */

/* Names that may be sent, for the hint. */
static const char *const *names_of(struct decode *d, const struct object *o)
{
	unsigned n = 0;
	const char **list = arena_alloc(arena_of(d), (o->rule->pb->n_fields + 1) * sizeof *list);

	for (unsigned i = 0; i < o->rule->pb->n_fields; i++)
		if (!o->rule->fields[i].internal && !o->rule->fields[i].output_only)
			list[n++] = o->rule->fields[i].name;
	return list;
}

static bool is_null_or_empty(const struct json_doc *doc, const struct field_rule *f)
{
	if (json_kind(doc) == JSON_NULL)
		return true;
	/* A typed map is an object: [] is nothing of it. */
	return field_repeated(f->pb) && !f->typed_map && json_kind(doc) == JSON_ARRAY && !json_first(doc);
}

/* The field that the member may set; NULL and a fault where it may not. */
static const struct field_rule *member_field(struct decode *d, const struct object *o, const char *name,
					     const struct json_at *at)
{
	const struct field_rule *f = rule_field(o->rule, name);

	if (!f || f->internal) {
		json_fault_name(&d->check, at, "UNKNOWN_FIELD", name, names_of(d, o));
		return NULL;
	}
	if (f->output_only || *seen_of(o, f)) {
		d->check.bad_request = true;
		json_fault(&d->check, at, "READ_ONLY", TEXT_READ_ONLY);
		return NULL;
	}
	return f;
}

static void decode_member(struct decode *d, struct object *o, const struct json_doc *doc,
			  const struct json_at *up)
{
	struct json_at at = {.up = up, .name = json_name(doc)};
	const struct field_rule *f = member_field(d, o, at.name, &at);
	union value v;

	if (!f)
		return;
	*seen_of(o, f) = SEEN_MEMBER;
	at.name = f->name;
	if (o->partial && !f->required && is_null_or_empty(doc, f)) {
		clear(d, &at);
		return;
	}
	if (f->typed_map) {
		json_map_decode(&d->check, f, doc, &at, o->partial, o->msg);
		return;
	}
	if (field_repeated(f->pb) && json_kind(doc) != JSON_NULL) {
		decode_array(d, f, doc, &at, o->msg);
		return;
	}
	memset(&v, 0, sizeof v);
	if (decode_value(d, f, doc, &at, o->partial, &v))
		field_put(f->pb, o->msg, &v);
}

static void require(struct decode *d, const struct object *o, const struct json_at *up)
{
	for (unsigned i = 0; i < o->rule->pb->n_fields && !o->partial; i++) {
		const struct field_rule *f = &o->rule->fields[i];
		struct json_at at = {.up = up, .name = f->name, .is_parameter = !up && !d->from_body};
		if (f->required && !f->output_only && !f->internal && !o->seen[i])
			json_fault_required(&d->check, &at);
	}
}

static void decode_members(struct decode *d, struct object *o, const struct json_doc *doc,
			   const struct json_at *at)
{
	for (const struct json_doc *c = json_first(doc); c && !full(d); c = json_next(c))
		decode_member(d, o, c, at);
}

static bool decode_object(struct decode *d, const struct message_rule *rule, const struct json_doc *doc,
			  const struct json_at *at, bool partial, ProtobufCMessage **out)
{
	if (json_kind(doc) != JSON_OBJECT)
		return fault_type(d, at, TEXT_BE_OBJECT);
	struct object o = object_new(d, rule, partial);
	decode_members(d, &o, doc, at);
	require(d, &o, at);
	*out = o.msg;
	return true;
}

/* ---- parameters ---- */

static bool text_value(struct decode *d, const struct field_rule *f, const struct json_at *at,
		       const char *text, void *out)
{
	switch (f->pb->type) {
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_ENUM:
		return json_text_value(&d->check, f, at, text, out);
	case PROTOBUF_C_TYPE_BOOL: {
		bool yes = strcmp(text, "true") == 0;
		if (!yes && strcmp(text, "false") != 0)
			return fault_type(d, at, TEXT_BE_BOOL);
		*(protobuf_c_boolean *)out = yes;
		return true;
	}
	default:
		return json_int_value(&d->check, f, at, text, out);
	}
}

/* Length of the first item of a list, up to its comma; \, is a comma inside of it. */
static size_t item_length(const char *p)
{
	size_t n = 0;

	while (p[n] && p[n] != ',')
		n += p[n] == '\\' && (p[n + 1] == ',' || p[n + 1] == '\\') ? 2 : 1;
	return n;
}

static const char *item_text(struct arena *a, const char *p, size_t n)
{
	char *text = arena_strndup(a, p, n), *to = text;

	for (const char *from = text; *from; *to++ = *from++)
		from += *from == '\\' && (from[1] == ',' || from[1] == '\\');
	*to = '\0';
	return text;
}

static size_t item_count(const char *text)
{
	size_t n = *text != '\0';

	for (const char *p = text + item_length(text); *p; p += 1 + item_length(p + 1))
		n++;
	return n;
}

static void text_list(struct decode *d, const struct field_rule *f, const struct json_at *at,
		      const char *text, ProtobufCMessage *msg)
{
	size_t size = field_size(f->pb->type), n = item_count(text), i = 0;

	if (n == 0)
		json_fault(&d->check, at, "FORMAT", TEXT_LIST_EMPTY);
	else if (!json_check_count(&d->check, f, at, n))
		n = 0;
	char *items = arena_alloc(arena_of(d), n * size);
	for (const char *p = text; i < n; i++) {
		size_t len = item_length(p);
		if (len == 0)
			json_fault(&d->check, at, "FORMAT", TEXT_LIST_GAP);
		else
			text_value(d, f, at, item_text(arena_of(d), p, len), items + i * size);
		p += len + (p[len] == ',');
	}
	field_put_items(f->pb, msg, items, d->check.cx->fault.n_items ? 0 : n);
}

static void set_text(struct decode *d, struct object *o, const struct field_rule *f, const struct json_at *at,
		     const char *text)
{
	union value v;

	if (field_repeated(f->pb)) {
		text_list(d, f, at, text, o->msg);
		return;
	}
	memset(&v, 0, sizeof v);
	if (text_value(d, f, at, text, &v))
		field_put(f->pb, o->msg, &v);
}

static const char *const OPERATOR[] = {"gte", "gt", "lte", "lt", "ne"};

/* "day_gte" -> where its last underscore is; 0 where it ends in no operator. */
static size_t operator_at(const char *field)
{
	const char *last = strrchr(field, '_');

	for (size_t i = 0; last && i < sizeof OPERATOR / sizeof *OPERATOR; i++)
		if (strcmp(last + 1, OPERATOR[i]) == 0)
			return (size_t)(last - field);
	return 0;
}

/* The field day_gte is the parameter day.gte and nothing else. */
static bool is_spelling(const char *field, const char *name)
{
	size_t at = operator_at(field);

	if (!at)
		return strcmp(field, name) == 0;
	return strncmp(field, name, at) == 0 && name[at] == '.' && strcmp(field + at + 1, name + at + 1) == 0;
}

static const char *parameter_name(struct arena *a, const char *field)
{
	char *name = arena_strdup(a, field);
	size_t at = operator_at(field);

	if (at)
		name[at] = '.';
	return name;
}

static const struct field_rule *parameter_field(const struct object *o, const char *name)
{
	for (unsigned i = 0; i < o->rule->pb->n_fields; i++) {
		const struct field_rule *f = &o->rule->fields[i];
		if (!f->internal && !f->output_only && f->pb->type != PROTOBUF_C_TYPE_MESSAGE &&
		    is_spelling(f->name, name))
			return f;
	}
	return NULL;
}

static const char *const *parameter_names(struct decode *d, const struct object *o)
{
	const char **list = (const char **)(uintptr_t)names_of(d, o);

	for (unsigned i = 0; list[i]; i++)
		list[i] = parameter_name(arena_of(d), list[i]);
	return list;
}

static void decode_parameter(struct decode *d, struct object *o, const struct json_param *p)
{
	struct json_at at = {.name = p->name, .is_parameter = true};
	const struct field_rule *f = d->from_query ? parameter_field(o, p->name) : NULL;
	static const char *const none[] = {NULL};

	if (!f || *seen_of(o, f) & SEEN_PATH) {
		json_fault_name(&d->check, &at, "UNKNOWN_PARAMETER", p->name,
				d->from_query ? parameter_names(d, o) : none);
		return;
	}
	if (*seen_of(o, f)) {
		d->check.bad_request = true;
		json_fault(&d->check, &at, "DUPLICATE_PARAMETER", TEXT_PARAMETER_TWICE);
		return;
	}
	*seen_of(o, f) = SEEN_QUERY;
	set_text(d, o, f, &at, p->value);
}

/* A path parameter is the route's own: a field that isn't there is a programmer's error. */
static void decode_path(struct decode *d, struct object *o, const struct json_param *p)
{
	struct json_at at = {.name = p->name, .is_parameter = true};
	const struct field_rule *f = rule_field(o->rule, p->name);

	if (!f || field_repeated(f->pb) || f->pb->type == PROTOBUF_C_TYPE_MESSAGE)
		abort();
	*seen_of(o, f) = SEEN_PATH;
	set_text(d, o, f, &at, p->value);
}

/* ---- the whole ---- */

static const struct {
	const char *code;
	const struct text_def *text;
} MALFORMED[] = {
	{"JSON_SYNTAX", &TEXT_DEF_JSON_SYNTAX},	      {"JSON_UTF8", &TEXT_DEF_JSON_UTF8},
	{"JSON_DEPTH", &TEXT_DEF_JSON_DEPTH},	      {"JSON_NUL", &TEXT_DEF_JSON_NUL},
	{"JSON_SURROGATE", &TEXT_DEF_JSON_SURROGATE}, {"JSON_NUMBER", &TEXT_DEF_JSON_NUMBER},
};

static bool fail_malformed(struct ctx *cx, const char *code, size_t offset, const char *pointer)
{
	struct json_check c = {.cx = cx};

	if (strcmp(code, "JSON_DUPLICATE") == 0) {
		fault_add(cx, pointer, FAULT_JSON_DUPLICATE_MEMBER.code, TEXT_MEMBER_TWICE);
		return fail(cx, &FAULT_JSON_DUPLICATE_MEMBER, NULL);
	}
	for (size_t i = 0; i < sizeof MALFORMED / sizeof *MALFORMED; i++)
		if (strcmp(code, MALFORMED[i].code) == 0)
			json_fault(&c, NULL, code,
				   (struct text){MALFORMED[i].text, {{.i = (int64_t)offset}}});
	return fail(cx, &FAULT_JSON_MALFORMED, NULL);
}

static bool decode_body(struct decode *d, struct object *o, struct str body)
{
	const char *code, *pointer = "";
	size_t offset = 0;

	if (body.n == 0)
		return true;
	const struct json_doc *doc = json_read(arena_of(d), body, &code, &offset, &pointer);
	if (!doc)
		return fail_malformed(d->check.cx, code, offset, pointer);
	if (json_kind(doc) != JSON_OBJECT)
		fault_type(d, NULL, TEXT_BE_OBJECT);
	else if (!d->from_body && json_first(doc))
		json_fault_name(&d->check, NULL, "UNKNOWN_FIELD", "", (const char *const[]){NULL});
	else
		decode_members(d, o, doc, NULL);
	return true;
}

static struct decode decode_start(struct ctx *cx, bool is_patch)
{
	const struct route *r = cx->route;
	bool reads = r && (r->method == METHOD_GET || r->method == METHOD_DELETE);
	bool no_json = r && r->body != BODY_JSON;

	return (struct decode){.check = {.cx = cx}, .is_patch = is_patch, .from_query = !r || reads || no_json,
			       .from_body = !reads && !no_json};
}

bool json_decode(struct ctx *cx, const struct message_rule *rule, struct str body, bool is_patch,
		 const struct json_param *path, unsigned n_path, const struct json_param *query,
		 unsigned n_query, ProtobufCMessage **msg, const char *const **cleared)
{
	static const char *const none[] = {NULL};
	struct decode d = decode_start(cx, is_patch);
	struct object o = object_new(&d, rule, is_patch);

	for (unsigned i = 0; i < n_path; i++)
		decode_path(&d, &o, &path[i]);
	for (unsigned i = 0; i < n_query; i++)
		decode_parameter(&d, &o, &query[i]);
	if (!decode_body(&d, &o, body))
		return false;
	require(&d, &o, NULL);
	if (!fault_none(cx, d.check.bad_request ? &FAULT_BAD_REQUEST : &FAULT_VALIDATION_FAILED))
		return false;
	*msg = o.msg;
	if (cleared)
		*cleared = d.cleared.n ? d.cleared.name : none;
	return true;
}
