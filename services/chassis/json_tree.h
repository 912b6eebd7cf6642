/* The read side of JSON between json*.c: the scan's by-products, and the tree without its owner's
 * types. struct json_doc is a node: document, member or item. */
#ifndef RENHE_JSON_TREE_H
#define RENHE_JSON_TREE_H
/* No function here may bear a name of libjansson (json_true, json_integer), which libjwt brings in:
 * ours would take its place in the program and crash the issuing of tokens. */
#include "json.h"

/* Numbers of the document in order, as they stand in the text, for a double forgets them. */
struct json_numbers {
	struct str *text;
	size_t n, cap;
};
/* json_scan, which also lists the numbers where `numbers` isn't NULL. */
const char *json_scan_numbers(struct arena *a, struct str text, size_t *offset, const char **pointer,
			      struct json_numbers *numbers);

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };
/* Scans and reads. NULL and a code where the text is not well-formed. */
const struct json_doc *json_read(struct arena *a, struct str text, const char **code, size_t *offset,
				 const char **pointer);
enum json_kind json_kind(const struct json_doc *d);
const char *json_name(const struct json_doc *d); /* of a member */
const char *json_text(const struct json_doc *d); /* of a string; of a number as it was sent */
bool json_is_true(const struct json_doc *d);
const struct json_doc *json_first(const struct json_doc *d);
const struct json_doc *json_next(const struct json_doc *d);
/* The integer that a number's text is: no fraction, no exponent. false: it is none. Outside of
 * int64 it is clamped to the edge. */
bool json_number_int(const char *text, int64_t *out);
/* Longer names are not repeated in an answer. */
#define JSON_MAX_TOKEN 128
/* One token of a pointer, escaped as RFC 6901 has it, appended with its slash. */
void json_pointer_add(struct buf *b, const char *token, size_t n);
#endif
