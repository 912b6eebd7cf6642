/* JSON: strict scan, tree by cJSON (this file owns it), own writer, and the reflection between
 * JSON and messages by descriptor and rules. */
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

/* Body + path + query into a new message in the arena. Every fault is collected with its pointer;
 * none = true. Unknown members and parameters name the nearest. output_only and internal members
 * are refused as READ_ONLY and UNKNOWN_FIELD. null is refused but for PATCH, where the names of
 * cleared fields go to *cleared (NULL-ended). `body` with n = 0 is an empty object. */
bool json_decode(struct ctx *cx, const struct message_rule *rule, struct str body, bool is_patch,
		 const struct json_param *path, unsigned n_path,
		 const struct json_param *query, unsigned n_query,
		 ProtobufCMessage **msg, const char *const **cleared);
/* Checks a message that did not come by JSON (consumer, stored request): same rules. */
bool json_validate(struct ctx *cx, const struct message_rule *rule, const ProtobufCMessage *msg);

/* What the caller may read of one resource: bits 1 << FieldClass. */
struct view {
	uint32_t clear, masked;
};
#define VIEW_ALL ((struct view){~0u, 0})

typedef struct view view_fn(struct ctx *cx, const ProtobufCMessage *row);
/* Message to JSON. Absent fields are left out, empty repeated ones too except `items`.
 * For a message that is a resource, view(cx,row) says which classes go out; fields left out are
 * named in `restricted_fields` where the message has it. internal fields never go out. Enums as
 * names without a common prefix handling: the name as in the .proto. int64 as numbers. */
struct str json_encode(struct ctx *cx, const struct message_rule *rule, const ProtobufCMessage *msg,
		       view_fn *view);
/* The string s, quoted and escaped, appended. */
void json_quote(struct buf *b, const char *s, size_t n);

/* Small reader for documents that are no messages (JWT header and claims, key files): the text is
 * scanned first; look-ups are case-sensitive. NULL/false where absent or of another type. */
struct json_doc;
struct json_doc *json_parse(struct arena *a, struct str text);
const char *json_get_str(const struct json_doc *d, const char *name);
bool json_get_int(const struct json_doc *d, const char *name, int64_t *out);
bool json_has(const struct json_doc *d, const char *name);
/* Array of strings or of objects. */
unsigned json_count(const struct json_doc *d, const char *name);
const char *json_item_str(const struct json_doc *d, const char *name, unsigned i);
const struct json_doc *json_item(const struct json_doc *d, const char *name, unsigned i);
const struct json_doc *json_sub(const struct json_doc *d, const char *name);
void json_done(struct json_doc *d); /* frees what cJSON took; before the arena goes */
#endif
