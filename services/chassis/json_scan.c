/* The strict scan of RFC 8259, before anything else sees the text. One pass; memory grows with the
 * number of members. Recursion ends at JSON_MAX_DEPTH. */
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include <sys/random.h>

#include "json_tree.h"
#include "value.h"

/* A member name seen, in an open-addressed table over all objects of the document: whether a name
 * stands twice costs the same for ten members and for a hundred thousand. */
struct seen {
	uint64_t hash; /* of object and name; 0 = free */
	struct str name;
	uint32_t object;
};

struct frame {
	struct str name;
	size_t index;
	bool is_object;
};

struct scan {
	struct arena *arena;
	const char *start, *p, *end;
	const char *code;
	const char *at; /* of the fault */
	struct frame frame[JSON_MAX_DEPTH + 1];
	unsigned depth;
	uint32_t objects;
	struct seen *seen;
	size_t n_seen, cap_seen; /* cap is a power of two */
	struct json_numbers *numbers;
};

static bool bad(struct scan *s, const char *code)
{
	if (!s->code) {
		s->code = code;
		s->at = s->p;
	}
	return false;
}

/* ---- keyed hash (SipHash-1-3), so that no sender can choose names that collide ---- */

static uint64_t hash_key[2];
static pthread_once_t hash_once = PTHREAD_ONCE_INIT;

static void hash_start(void)
{
	if (getrandom(hash_key, sizeof hash_key, 0) != (ssize_t)sizeof hash_key)
		abort();
}

static uint64_t rotate(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t m)
{
	v[3] ^= m;
	sip_round(v);
	v[0] ^= m;
}

static uint64_t hash_name(struct str name, uint32_t object)
{
	uint64_t v[4] = {hash_key[0] ^ 0x736f6d6570736575, hash_key[1] ^ 0x646f72616e646f6d,
			 hash_key[0] ^ 0x6c7967656e657261, hash_key[1] ^ 0x7465646279746573};
	uint64_t m;
	size_t i = 0;

	sip_word(v, object);
	for (; i + 8 <= name.n; i += 8) {
		memcpy(&m, name.p + i, 8);
		sip_word(v, m);
	}
	m = (uint64_t)name.n << 56;
	for (unsigned shift = 0; i < name.n; i++, shift += 8)
		m |= (uint64_t)(unsigned char)name.p[i] << shift;
	sip_word(v, m);
	v[2] ^= 0xff;
	for (int r = 0; r < 3; r++)
		sip_round(v);
	m = v[0] ^ v[1] ^ v[2] ^ v[3];
	return m ? m : 1;
}

static void seen_grow(struct scan *s)
{
	size_t cap = s->cap_seen ? s->cap_seen * 2 : 64;
	struct seen *old = s->seen, *table = arena_alloc(s->arena, cap * sizeof *table);

	for (size_t i = 0; i < s->cap_seen; i++) {
		if (!old[i].hash)
			continue;
		size_t j = old[i].hash & (cap - 1);
		while (table[j].hash)
			j = (j + 1) & (cap - 1);
		table[j] = old[i];
	}
	s->seen = table;
	s->cap_seen = cap;
}

/* false: this object has the name already. */
static bool seen_add(struct scan *s, struct str name, uint32_t object)
{
	if (2 * s->n_seen >= s->cap_seen)
		seen_grow(s);
	uint64_t h = hash_name(name, object);
	size_t i = h & (s->cap_seen - 1);
	for (; s->seen[i].hash; i = (i + 1) & (s->cap_seen - 1)) {
		const struct seen *e = &s->seen[i];
		if (e->hash == h && e->object == object && e->name.n == name.n &&
		    (name.n == 0 || memcmp(e->name.p, name.p, name.n) == 0))
			return false;
	}
	s->seen[i] = (struct seen){h, name, object};
	s->n_seen++;
	return true;
}

/* ---- tokens ---- */

static void skip_blank(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

/* A character that can't stand here; a NUL has its own name. */
static bool bad_here(struct scan *s)
{
	return bad(s, s->p < s->end && *s->p == '\0' ? "JSON_NUL" : "JSON_SYNTAX");
}

static bool take(struct scan *s, char c)
{
	if (s->p < s->end && *s->p == c) {
		s->p++;
		return true;
	}
	return false;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Behind "\u": four digits. -1 and the fault where they aren't. */
static int32_t scan_hex4(struct scan *s)
{
	int32_t v = 0;

	for (int i = 0; i < 4; i++, s->p++) {
		int d = s->p < s->end ? hex_value(*s->p) : -1;
		if (d < 0) {
			bad_here(s);
			return -1;
		}
		v = v << 4 | d;
	}
	return v;
}

static int32_t refuse(struct scan *s, const char *code)
{
	bad(s, code);
	return -1;
}

static int32_t scan_unicode(struct scan *s)
{
	int32_t high = scan_hex4(s);

	if (high < 0)
		return -1;
	if (high == 0)
		return refuse(s, "JSON_NUL");
	if (high >= 0xDC00 && high <= 0xDFFF)
		return refuse(s, "JSON_SURROGATE");
	if (high < 0xD800 || high > 0xDBFF)
		return high;
	if (s->end - s->p < 2 || s->p[0] != '\\' || s->p[1] != 'u')
		return refuse(s, "JSON_SURROGATE");
	s->p += 2;
	int32_t low = scan_hex4(s);
	if (low < 0)
		return -1;
	if (low < 0xDC00 || low > 0xDFFF)
		return refuse(s, "JSON_SURROGATE");
	return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

static size_t put_utf8(char *to, int32_t cp)
{
	unsigned c = (unsigned)cp;

	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		to[i] = (char)(0x80 | (c & 0x3F));
	to[0] = (char)(lead[n] | c);
	return n;
}

/* Behind a backslash. Returns the code point, -1 and the fault. */
static int32_t scan_escape(struct scan *s)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

	if (s->p >= s->end || *s->p == '\0') {
		bad_here(s);
		return -1;
	}
	if (*s->p == 'u') {
		s->p++;
		return scan_unicode(s);
	}
	const char *at = strchr(from, *s->p);
	if (!at) {
		bad(s, "JSON_SYNTAX");
		return -1;
	}
	s->p++;
	return to[at - from];
}

/* Over one plain character or escape inside of a string; *cp is set for an escape only. */
static bool scan_char(struct scan *s, bool *escaped, int32_t *cp)
{
	unsigned char c = (unsigned char)*s->p;

	*escaped = c == '\\';
	if (*escaped) {
		s->p++;
		*cp = scan_escape(s);
		return *cp >= 0;
	}
	if (c < 0x20)
		return bad_here(s);
	if (c < 0x80) {
		s->p++;
		return true;
	}
	const char *next = s->p;
	if (utf8_next(&next, s->end) < 0)
		return bad(s, "JSON_UTF8");
	s->p = next;
	return true;
}

/* From the opening quote. *raw is what stands between the quotes. */
static bool scan_string(struct scan *s, struct str *raw, bool *escapes)
{
	const char *start = ++s->p;
	bool escaped;
	int32_t cp;

	*escapes = false;
	while (s->p < s->end && *s->p != '"') {
		if (!scan_char(s, &escaped, &cp))
			return false;
		*escapes |= escaped;
	}
	if (s->p >= s->end)
		return bad(s, "JSON_SYNTAX");
	*raw = (struct str){start, (size_t)(s->p - start)};
	s->p++;
	return true;
}

/* Of raw text that scan_string took; never longer than that. */
static struct str unescape(struct arena *a, struct str raw)
{
	struct scan s = {.arena = a, .p = raw.p, .end = raw.p + raw.n};
	char *copy = arena_alloc(a, raw.n + 1);
	size_t n = 0;

	while (s.p < s.end) {
		const char *from = s.p;
		bool escaped;
		int32_t cp;
		if (!scan_char(&s, &escaped, &cp))
			abort();
		if (escaped) {
			n += put_utf8(copy + n, cp);
		} else {
			memcpy(copy + n, from, (size_t)(s.p - from));
			n += (size_t)(s.p - from);
		}
	}
	return (struct str){copy, n};
}

static size_t scan_digits(struct scan *s)
{
	const char *start = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return (size_t)(s->p - start);
}

static void numbers_add(struct scan *s, struct str text)
{
	struct json_numbers *l = s->numbers;

	if (!l)
		return;
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 32;
		struct str *more = arena_alloc(s->arena, cap * sizeof *more);
		if (l->n)
			memcpy(more, l->text, l->n * sizeof *more);
		l->text = more;
		l->cap = cap;
	}
	l->text[l->n++] = text;
}

static bool scan_number(struct scan *s)
{
	const char *start = s->p;

	take(s, '-');
	if (!take(s, '0') && scan_digits(s) == 0)
		return bad_here(s);
	if (take(s, '.') && scan_digits(s) == 0)
		return bad_here(s);
	if (take(s, 'e') || take(s, 'E')) {
		if (!take(s, '-'))
			take(s, '+');
		if (scan_digits(s) == 0)
			return bad_here(s);
	}
	numbers_add(s, (struct str){start, (size_t)(s->p - start)});
	return true;
}

static bool scan_word(struct scan *s, const char *word)
{
	for (; *word; word++)
		if (!take(s, *word))
			return bad_here(s);
	return true;
}

/* ---- structure ---- */

static bool scan_value(struct scan *s);

static bool scan_member(struct scan *s, struct frame *f, uint32_t object)
{
	struct str raw;
	bool escapes;

	skip_blank(s);
	if (s->p >= s->end || *s->p != '"')
		return bad_here(s);
	const char *name_at = s->p;
	if (!scan_string(s, &raw, &escapes))
		return false;
	f->name = escapes ? unescape(s->arena, raw) : raw;
	if (!seen_add(s, f->name, object)) {
		s->p = name_at;
		return bad(s, "JSON_DUPLICATE");
	}
	skip_blank(s);
	return take(s, ':') ? scan_value(s) : bad_here(s);
}

/* Behind the opening bracket, to behind the closing one. */
static bool scan_items(struct scan *s, struct frame *f, char close)
{
	uint32_t object = f->is_object ? ++s->objects : 0;

	skip_blank(s);
	if (take(s, close))
		return true;
	for (;;) {
		if (!(f->is_object ? scan_member(s, f, object) : scan_value(s)))
			return false;
		skip_blank(s);
		if (take(s, close))
			return true;
		if (!take(s, ','))
			return bad_here(s);
		f->index++;
	}
}

static bool scan_nested(struct scan *s)
{
	bool is_object = *s->p == '{';

	if (s->depth == JSON_MAX_DEPTH)
		return bad(s, "JSON_DEPTH");
	s->p++;
	struct frame *f = &s->frame[s->depth++];
	*f = (struct frame){.is_object = is_object};
	bool ok = scan_items(s, f, is_object ? '}' : ']');
	if (ok)
		s->depth--; /* a fault keeps the frames: they are its pointer */
	return ok;
}

static bool scan_value(struct scan *s)
{
	struct str raw;
	bool escapes;

	skip_blank(s);
	if (s->p >= s->end)
		return bad(s, "JSON_SYNTAX");
	switch (*s->p) {
	case '{':
	case '[':
		return scan_nested(s);
	case '"':
		return scan_string(s, &raw, &escapes);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	default:
		return scan_number(s);
	}
}

void json_pointer_add(struct buf *b, const char *token, size_t n)
{
	buf_add(b, "/", 1);
	for (size_t i = 0; i < n; i++) {
		if (token[i] == '~')
			buf_add(b, "~0", 2);
		else if (token[i] == '/')
			buf_add(b, "~1", 2);
		else
			buf_add(b, token + i, 1);
	}
}

static const char *pointer_of(const struct scan *s)
{
	struct buf b;

	buf_init(&b, s->arena);
	for (unsigned i = 0; i < s->depth; i++) {
		const struct frame *f = &s->frame[i];
		if (f->is_object && f->name.n > JSON_MAX_TOKEN)
			break; /* the object that holds it, then */
		if (f->is_object)
			json_pointer_add(&b, f->name.p, f->name.n);
		else
			buf_printf(&b, "/%zu", f->index);
	}
	return b.p;
}

const char *json_scan_numbers(struct arena *a, struct str text, size_t *offset, const char **pointer,
			      struct json_numbers *numbers)
{
	struct scan s = {.arena = a, .start = text.p, .p = text.p, .end = text.p + text.n,
			 .numbers = numbers};

	pthread_once(&hash_once, hash_start);
	if (scan_value(&s)) {
		skip_blank(&s);
		if (s.p < s.end)
			bad_here(&s);
	}
	if (!s.code)
		return NULL;
	if (offset)
		*offset = (size_t)(s.at - s.start);
	if (pointer && strcmp(s.code, "JSON_DUPLICATE") == 0)
		*pointer = pointer_of(&s);
	return s.code;
}

const char *json_scan(struct arena *a, struct str text, size_t *offset, const char **pointer)
{
	return json_scan_numbers(a, text, offset, pointer, NULL);
}
