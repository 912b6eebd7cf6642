/* The rules of single values on the way in; between json_*.c only. */
#ifndef RENHE_JSON_CHECK_H
#define RENHE_JSON_CHECK_H
#include "json_tree.h"

/* Where a value stands: from the innermost out. A parameter stands alone. */
struct json_at {
	const struct json_at *up;
	const char *name; /* NULL = an item */
	size_t index;
	bool is_parameter;
};

struct json_check {
	struct ctx *cx;
	bool bad_request; /* a fault of form, so 400 and not 422 */
};

void json_fault(struct json_check *c, const struct json_at *at, const char *code, struct text text);
/* The same for a name that isn't known: 400, with the nearest of `names`. */
void json_fault_name(struct json_check *c, const struct json_at *at, const char *code, const char *name,
		     const char *const *names);
void json_fault_required(struct json_check *c, const struct json_at *at);

/* true: the value may stand. *out is its normal form. */
bool json_check_string(struct json_check *c, const struct field_rule *f, const struct json_at *at,
		       const char *s, const char **out);
bool json_check_int(struct json_check *c, const struct field_rule *f, const struct json_at *at, int64_t v);
bool json_check_bytes(struct json_check *c, const struct field_rule *f, const struct json_at *at, size_t n);
bool json_check_count(struct json_check *c, const struct field_rule *f, const struct json_at *at, size_t n);
bool json_check_enum(struct json_check *c, const struct field_rule *f, const struct json_at *at, int number);

/* Text of a parameter or string member into one value of field_size bytes: string, bytes, enum. */
bool json_text_value(struct json_check *c, const struct field_rule *f, const struct json_at *at,
		     const char *text, void *out);
/* Text of a number into an integer value. */
bool json_int_value(struct json_check *c, const struct field_rule *f, const struct json_at *at,
		    const char *text, void *out);
/* One object into the entries of a typed map; of a PATCH (partial) null removes an entry. */
void json_map_decode(struct json_check *c, const struct field_rule *f, const struct json_doc *doc,
		     const struct json_at *at, bool partial, ProtobufCMessage *msg);
/* A key that stands twice, which a message can hold and an object can't. */
void json_map_keys(struct json_check *c, const struct field_rule *f, const struct json_at *at,
		   const ProtobufCMessage *msg);
#endif
