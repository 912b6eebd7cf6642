/* JSON: strict scan, tree by cJSON (json.c owns it), own writer, and the reflection between JSON and
 * messages by descriptor and rules. Sources: RFC 8259, 6901, 7396, 4648.
 *
 * Integers are JSON numbers without fraction and exponent up to 2^53 - 1, checked as sent; bytes are
 * base64 with padding; enums are names as in the .proto without the enum's own upper-snake prefix
 * (SEX_MALE of enum Sex is "MALE"), and the zero value is none of them. */
#ifndef RENHE_JSON_H
#define RENHE_JSON_H
#include "ctx.h"

#define JSON_MAX_DEPTH 32
#define JSON_MAX_INT 9007199254740991LL /* 2^53 - 1 */

/* RFC 8259, one document, UTF-8, no BOM, no duplicate names (after unescaping), no NUL (raw or
 * \u0000), no lone surrogates, depth <= 32. Linear in time, allocates from the arena only.
 * NULL where well-formed, else a code (JSON_SYNTAX, JSON_UTF8, JSON_DEPTH, JSON_DUPLICATE,
 * JSON_NUL, JSON_SURROGATE) with *offset and, for duplicates, *pointer set. */
const char *json_scan(struct arena *a, struct str text, size_t *offset, const char **pointer);

/* Query or path parameter. */
struct json_param {
	const char *name, *value; /* decoded, valid UTF-8 */
};

/* Body + path + query into a new message in the arena. Every fault is collected with its pointer
 * (FAULT_MAX_ITEMS at most); none = true. A body that is no JSON is 400 JSON_MALFORMED or
 * JSON_DUPLICATE_MEMBER; unknown, read-only and repeated names make it 400 BAD_REQUEST, all else is
 * 422 VALIDATION_FAILED. Item codes: UNKNOWN_FIELD (names the nearest; internal fields are unknown),
 * READ_ONLY (output_only, or fixed by the path), UNKNOWN_PARAMETER, DUPLICATE_PARAMETER, REQUIRED,
 * NULL_NOT_ALLOWED, TYPE, TOO_SHORT, TOO_LONG, TOO_SMALL, TOO_LARGE, TOO_MANY, CONTROL_CHARACTER,
 * FORMAT and what value_check gives. Pointers: RFC 6901, "?name" of query and path parameters.
 *
 * Text is kept as sent; only blanks count as empty. A parameter "day.gte" is the field day_gte,
 * commas part the items of a repeated field. Parameters belong to GET, DELETE and routes whose body
 * is no JSON, members to the others; without a route in the ctx both are taken.
 *
 * PATCH (RFC 7396): nothing is required but what the path fixes, and *cleared gets the names of
 * fields sent as null or as an empty array ("a.b" inside a message; NULL-ended), which a required
 * field can't be. Elsewhere null is refused and *cleared is empty. Items of arrays are always
 * whole. `body` with n = 0 is an empty object. */
bool json_decode(struct ctx *cx, const struct message_rule *rule, struct str body, bool is_patch,
		 const struct json_param *path, unsigned n_path,
		 const struct json_param *query, unsigned n_query,
		 ProtobufCMessage **msg, const char *const **cleared);
/* A JSON text that the service itself stored, under the same rules. */
bool json_decode_stored(struct ctx *cx, const struct message_rule *rule, struct str text, ProtobufCMessage **msg);
/* Checks a message that did not come by JSON (consumer, stored request) by the same rules, but that
 * output_only and internal fields may be there; they are never required. Normal forms are not
 * written back. */
bool json_validate(struct ctx *cx, const struct message_rule *rule, const ProtobufCMessage *msg);

/* What the caller may read of one resource: bits 1 << FieldClass. */
struct view {
	uint32_t clear, masked;
};
#define VIEW_ALL ((struct view){~0u, 0})

typedef struct view view_fn(struct ctx *cx, const ProtobufCMessage *row);
/* Message to JSON. Absent fields are left out, empty repeated ones too except `items`, internal ones
 * always. int64 as numbers.
 * view(cx,row) is asked for each message that is a resource, and for one that bears classes itself
 * without standing inside of a resource; inner messages follow it. Of a class in `clear` values go
 * out as they are, in `masked` by the field's mask; the other fields of that class, and those
 * without a mask, are left out and named, there or not, in `restricted_fields` of the nearest
 * message that has it. view NULL = everything.
 * A value that the contract doesn't know (an enum number, an integer beyond 2^53 - 1) is a defect:
 * logged and left out, abort() in builds without NDEBUG. */
struct str json_encode(struct ctx *cx, const struct message_rule *rule, const ProtobufCMessage *msg,
		       view_fn *view);
/* One field as json_encode lets it out to that view, for tables of texts: a string, masked where the
 * view has it so, or the name of an enum value. NULL where it is absent, left out or anything else. */
const char *json_shown(struct arena *a, struct view view, const struct field_rule *f,
		       const ProtobufCMessage *msg);
/* The string s, quoted and escaped, appended. */
void json_quote(struct buf *b, const char *s, size_t n);

/* Small reader for documents that are no messages (JWT header and claims, key files): the text is
 * scanned first; look-ups are case-sensitive. NULL/false where absent or of another type. */
struct json_doc;
struct json_doc *json_parse(struct arena *a, struct str text); /* NULL where not well-formed */
const char *json_get_str(const struct json_doc *d, const char *name);
bool json_get_int(const struct json_doc *d, const char *name, int64_t *out);
bool json_has(const struct json_doc *d, const char *name);
/* Array of strings or of objects. */
unsigned json_count(const struct json_doc *d, const char *name);
const char *json_item_str(const struct json_doc *d, const char *name, unsigned i);
const struct json_doc *json_item(const struct json_doc *d, const char *name, unsigned i);
/* Every object of an array in order, in linear time: json_item walks from the start each time. */
void json_each(const struct json_doc *d, const char *name,
	       void (*fn)(void *arg, const struct json_doc *item), void *arg);
const struct json_doc *json_sub(const struct json_doc *d, const char *name);
void json_done(struct json_doc *d); /* ends its use; its memory goes with the arena */
#endif
