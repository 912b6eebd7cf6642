/* The tree of a document (this file owns cJSON). cJSON reads only what the scan has passed, and its
 * memory comes from the arena of the task, so nothing has to be given back. */
#include "json_tree.h"

#include <cjson/cJSON.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local struct arena *reading;
static pthread_once_t hooks_once = PTHREAD_ONCE_INIT;

static void *take(size_t size)
{
	if (!reading)
		abort();
	return arena_alloc(reading, size);
}

static void leave(void *p)
{
	(void)p;
}

static void hooks_start(void)
{
	cJSON_InitHooks(&(cJSON_Hooks){take, leave});
}

static const cJSON *node(const struct json_doc *d)
{
	return (const void *)d;
}

static const struct json_doc *doc(const cJSON *c)
{
	return (const void *)c;
}

/* The tree in document order meets the scan's numbers in the same order; each number node gets its
 * text. Depth is bounded by the scan. */
static void give_numbers(struct arena *a, cJSON *c, const struct json_numbers *l, size_t *next)
{
	for (; c; c = c->next) {
		if (cJSON_IsNumber(c)) {
			if (*next == l->n)
				abort();
			c->valuestring = arena_strndup(a, l->text[*next].p, l->text[*next].n);
			++*next;
		}
		give_numbers(a, c->child, l, next);
	}
}

/* cJSON before 1.7.19 has room for numbers of 63 characters only. Longer ones are well-formed but
 * nothing that any field takes; they are refused whatever the version. */
static bool numbers_fit(const struct json_numbers *l, struct str text, size_t *offset)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->text[i].n > 63) {
			*offset = (size_t)(l->text[i].p - text.p);
			return false;
		}
	}
	return true;
}

const struct json_doc *json_read(struct arena *a, struct str text, const char **code, size_t *offset,
				 const char **pointer)
{
	struct json_numbers numbers = {0};
	size_t next = 0;

	*code = json_scan_numbers(a, text, offset, pointer, &numbers);
	if (!*code && !numbers_fit(&numbers, text, offset))
		*code = "JSON_NUMBER";
	if (*code)
		return NULL;
	pthread_once(&hooks_once, hooks_start);
	reading = a;
	cJSON *root = cJSON_ParseWithLengthOpts(text.p, text.n, NULL, 0);
	reading = NULL;
	if (!root) { /* no such text is known; were there one, it would be the sender's fault */
		*code = "JSON_SYNTAX";
		*offset = 0;
		return NULL;
	}
	give_numbers(a, root, &numbers, &next);
	return doc(root);
}

enum json_kind json_kind(const struct json_doc *d)
{
	switch (node(d)->type & 0xFF) {
	case cJSON_False:
	case cJSON_True:
		return JSON_BOOL;
	case cJSON_NULL:
		return JSON_NULL;
	case cJSON_Number:
		return JSON_NUMBER;
	case cJSON_String:
		return JSON_STRING;
	case cJSON_Array:
		return JSON_ARRAY;
	case cJSON_Object:
		return JSON_OBJECT;
	default:
		abort();
	}
}

const char *json_name(const struct json_doc *d)
{
	return node(d)->string;
}

const char *json_text(const struct json_doc *d)
{
	return node(d)->valuestring;
}

bool json_is_true(const struct json_doc *d)
{
	return (node(d)->type & 0xFF) == cJSON_True;
}

const struct json_doc *json_first(const struct json_doc *d)
{
	return doc(node(d)->child);
}

const struct json_doc *json_next(const struct json_doc *d)
{
	return doc(node(d)->next);
}

bool json_number_int(const char *text, int64_t *out)
{
	bool negative = *text == '-';
	const char *p = text + negative;
	size_t n = strspn(p, "0123456789");
	uint64_t v = 0;

	if (n == 0 || p[n] || (p[0] == '0' && n > 1))
		return false;
	for (; *p; p++)
		v = v > INT64_MAX / 10 ? (uint64_t)INT64_MAX : v * 10 + (uint64_t)(*p - '0');
	if (v >= INT64_MAX)
		*out = negative ? INT64_MIN : INT64_MAX;
	else
		*out = negative ? -(int64_t)v : (int64_t)v;
	return true;
}

/* ---- the small reader ---- */

struct json_doc *json_parse(struct arena *a, struct str text)
{
	const char *code, *pointer;
	size_t offset;

	return (struct json_doc *)(uintptr_t)json_read(a, text, &code, &offset, &pointer);
}

void json_done(struct json_doc *d)
{
	(void)d; /* all of it lies in the arena */
}

static const cJSON *find(const struct json_doc *d, const char *name, int type)
{
	if (!d || !cJSON_IsObject(node(d)))
		return NULL;
	const cJSON *c = cJSON_GetObjectItemCaseSensitive(node(d), name);
	return c && (!type || (c->type & 0xFF) == type) ? c : NULL;
}

const char *json_get_str(const struct json_doc *d, const char *name)
{
	const cJSON *c = find(d, name, cJSON_String);

	return c ? c->valuestring : NULL;
}

bool json_get_int(const struct json_doc *d, const char *name, int64_t *out)
{
	const cJSON *c = find(d, name, cJSON_Number);
	int64_t v;

	if (!c || !json_number_int(c->valuestring, &v) || v > JSON_MAX_INT || v < -JSON_MAX_INT)
		return false;
	*out = v;
	return true;
}

bool json_has(const struct json_doc *d, const char *name)
{
	return find(d, name, 0) != NULL;
}

unsigned json_count(const struct json_doc *d, const char *name)
{
	const cJSON *c = find(d, name, cJSON_Array);

	return c ? (unsigned)cJSON_GetArraySize(c) : 0;
}

static const cJSON *item(const struct json_doc *d, const char *name, unsigned i)
{
	const cJSON *c = find(d, name, cJSON_Array);

	return c && i < (unsigned)cJSON_GetArraySize(c) ? cJSON_GetArrayItem(c, (int)i) : NULL;
}

const char *json_item_str(const struct json_doc *d, const char *name, unsigned i)
{
	const cJSON *c = item(d, name, i);

	return c && cJSON_IsString(c) ? c->valuestring : NULL;
}

const struct json_doc *json_item(const struct json_doc *d, const char *name, unsigned i)
{
	const cJSON *c = item(d, name, i);

	return c && cJSON_IsObject(c) ? doc(c) : NULL;
}

void json_each(const struct json_doc *d, const char *name,
	       void (*fn)(void *arg, const struct json_doc *item), void *arg)
{
	const cJSON *c, *list = find(d, name, cJSON_Array);

	cJSON_ArrayForEach(c, list) if (cJSON_IsObject(c)) fn(arg, doc(c));
}

const struct json_doc *json_sub(const struct json_doc *d, const char *name)
{
	return doc(find(d, name, cJSON_Object));
}
