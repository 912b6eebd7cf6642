#include "wire_class.h"

#include "value.h"

#define PUNCT_SUB PCHAR | HOST | TARGET | VALUE /* sub-delims that no token holds */

const unsigned char WIRE_CLASS[256] = {
	['\t'] = VALUE, [' '] = VALUE,
	['!'] = TOKEN | PUNCT_SUB, ['"'] = VALUE, ['#'] = TOKEN | VALUE, ['$'] = TOKEN | PUNCT_SUB,
	['%'] = TOKEN | TARGET | VALUE, ['&'] = TOKEN | PUNCT_SUB, ['\''] = TOKEN | PUNCT_SUB,
	['('] = PUNCT_SUB, [')'] = PUNCT_SUB, ['*'] = TOKEN | PUNCT_SUB, ['+'] = TOKEN | PUNCT_SUB,
	[','] = PUNCT_SUB, ['-'] = TOKEN | PUNCT_SUB, ['.'] = TOKEN | PUNCT_SUB,
	['/'] = PCHAR | TARGET | VALUE,
	['0' ... '9'] = TOKEN | PUNCT_SUB | DIGIT | HEX,
	[':'] = PCHAR | TARGET | VALUE, [';'] = PUNCT_SUB, ['<'] = VALUE, ['='] = PUNCT_SUB,
	['>'] = VALUE, ['?'] = PCHAR | TARGET | VALUE, ['@'] = PCHAR | TARGET | VALUE,
	['A' ... 'F'] = TOKEN | PUNCT_SUB | HEX, ['G' ... 'Z'] = TOKEN | PUNCT_SUB,
	['['] = TARGET | VALUE, ['\\'] = VALUE, [']'] = TARGET | VALUE, ['^'] = TOKEN | VALUE,
	['_'] = TOKEN | PUNCT_SUB, ['`'] = TOKEN | VALUE,
	['a' ... 'f'] = TOKEN | PUNCT_SUB | HEX, ['g' ... 'z'] = TOKEN | PUNCT_SUB,
	['{'] = VALUE, ['|'] = TOKEN | VALUE, ['}'] = VALUE, ['~'] = TOKEN | PUNCT_SUB,
};

static int hex(char c)
{
	if (!is(c, HEX))
		return -1;
	return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

/* Into out, which has room for in.n bytes. */
static bool decode(struct str in, bool plus, char *out, size_t *n)
{
	bool high = false;

	*n = 0;
	for (size_t i = 0; i < in.n; i++) {
		char c = in.p[i];
		if (c == '%') {
			int a = i + 2 < in.n ? hex(in.p[i + 1]) : -1;
			int b = a < 0 ? -1 : hex(in.p[i + 2]);
			if (b < 0)
				return false;
			c = (char)(a * 16 + b);
			i += 2;
		} else if (plus && c == '+') {
			c = ' ';
		}
		if (c == '\0')
			return false;
		high |= (c & 0x80) != 0;
		out[(*n)++] = c;
	}
	return !high || utf8_valid(out, *n);
}

/* What a segment may not say once it is decoded, for then it would say something else to the next
 * reader: a separator, a way up, a control byte. */
static bool segment_safe(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f || p[i] == '/' || p[i] == '\\')
			return false;
	return !(n == 1 && p[0] == '.') && !(n == 2 && p[0] == '.' && p[1] == '.');
}

bool wire_decode_segment(struct arena *a, struct str in, const char **out)
{
	char *p = arena_alloc(a, in.n + 1);
	size_t n;

	if (!decode(in, false, p, &n) || !segment_safe(p, n))
		return false;
	p[n] = '\0';
	*out = p;
	return true;
}

bool wire_decode_query(struct arena *a, struct str in, const char **out)
{
	char *p = arena_alloc(a, in.n + 1);
	size_t n;

	if (!decode(in, true, p, &n))
		return false;
	p[n] = '\0';
	*out = p;
	return true;
}

static bool path_ok(struct str path)
{
	char out[WIRE_MAX_TARGET];
	size_t at = 1, n;

	if (path.n == 0 || path.p[0] != '/')
		return false;
	for (;;) {
		const char *slash = memchr(path.p + at, '/', path.n - at);
		struct str seg = {path.p + at, slash ? (size_t)(slash - path.p) - at : path.n - at};
		if (slash && seg.n == 0)
			return false;
		for (size_t i = 0; i < seg.n; i++)
			if (seg.p[i] == ';' || !(seg.p[i] == '%' || is(seg.p[i], PCHAR)))
				return false;
		if (!decode(seg, false, out, &n) || !segment_safe(out, n))
			return false;
		if (!slash)
			return true;
		at += seg.n + 1;
	}
}

static bool query_ok(struct str q)
{
	for (size_t i = 0; i < q.n; i++) {
		if (q.p[i] == '%') {
			if (i + 2 >= q.n || hex(q.p[i + 1]) < 0 || hex(q.p[i + 2]) < 0)
				return false;
			i += 2;
		} else if (!is(q.p[i], PCHAR)) {
			return false;
		}
	}
	return true;
}

/* host [":" port], without user information; "" is none. */
bool wire_host_ok(struct str s)
{
	size_t i = 0;

	if (s.n && s.p[0] == '[') {
		for (i = 1; i < s.n && (is(s.p[i], HEX) || s.p[i] == ':' || s.p[i] == '.'); i++)
			;
		if (i < 3 || i == s.n || s.p[i++] != ']')
			return false;
	} else {
		while (i < s.n && is(s.p[i], HOST))
			i++;
	}
	if (i == 0)
		return false;
	if (i == s.n)
		return true;
	struct str port = {s.p + i + 1, s.n - i - 1};
	return s.p[i] == ':' && port.n <= 5 && all(port, DIGIT);
}

static bool starts_blind(struct str s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && str_ieq((struct str){s.p, n}, with);
}

/* absolute-form to origin-form. */
static bool reduce(struct wire_head *h)
{
	struct str t = h->target;
	size_t skip = starts_blind(t, "http://") ? 7 : starts_blind(t, "https://") ? 8 : 0;

	if (!skip)
		return false;
	const char *slash = memchr(t.p + skip, '/', t.n - skip);
	size_t end = slash ? (size_t)(slash - t.p) : t.n;
	h->authority = (struct str){t.p + skip, end - skip};
	h->target = slash ? (struct str){slash, t.n - end} : STR("/");
	return wire_host_ok(h->authority);
}

bool wire_target_ok(struct wire_head *h)
{
	h->authority = (struct str){NULL, 0};
	if (h->target.p[0] != '/' && !reduce(h))
		return false;
	struct str t = h->target;
	const char *mark = memchr(t.p, '?', t.n);
	size_t n = mark ? (size_t)(mark - t.p) : t.n;
	h->path = (struct str){t.p, n};
	h->query = mark ? (struct str){mark + 1, t.n - n - 1} : (struct str){t.p + t.n, 0};
	return path_ok(h->path) && query_ok(h->query);
}
