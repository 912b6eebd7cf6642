/* Heads of requests and answers, chunked bodies, segments and queries of a target, lines of an answer.
 * The first byte chooses which, the second where the bytes are cut in two. What must hold: cut or whole,
 * the verdict, the status and the fields are the same; slices lie inside the input; what was decoded is
 * valid UTF-8 without NUL. */
#include <string.h>
#include "arena.h"
#include "fuzz.h"
#include "value.h"
#include "wire.h"

enum { REQUEST, ANSWER, CHUNKS, SEGMENT, QUERY, LINES, WAYS };

static bool inside(struct str s, const char *p, size_t n)
{
	return s.n == 0 || (s.p >= p && s.p + s.n <= p + n);
}

/* Target and path of "GET http://host" are not in the input. */
static bool inside_or_root(struct str s, const char *p, size_t n)
{
	return (s.n == 1 && s.p[0] == '/') || inside(s, p, n);
}

static void check_head(const struct wire_head *h, const char *p, size_t n)
{
	demand(h->size > 0 && h->size <= n && h->size <= WIRE_MAX_HEAD && h->n_fields <= WIRE_MAX_FIELDS);
	demand(inside(h->method, p, n) && inside_or_root(h->target, p, n) && inside_or_root(h->path, p, n) && inside(h->query, p, n));
	demand(!(h->chunked && h->has_length));
	for (unsigned i = 0; i < h->n_fields; i++)
		demand(inside(h->field[i].name, p, n) && inside(h->field[i].value, p, n) && h->field[i].name.n);
}

static enum wire_result parse(int way, struct wire_head *h, const char *p, size_t n, size_t *scanned, int *status)
{
	return way == REQUEST ? wire_request(h, p, n, scanned, status) : wire_answer(h, p, n, scanned);
}

static void head(int way, const char *p, size_t n, size_t cut)
{
	static struct wire_head whole, parts;
	int status = 0, status_parts = 0;
	size_t scanned = 0, scanned_parts = 0;
	enum wire_result r, r_parts;

	memset(&whole, 0, sizeof(whole));
	memset(&parts, 0, sizeof(parts));
	r = parse(way, &whole, p, n, &scanned, &status);
	r_parts = parse(way, &parts, p, cut, &scanned_parts, &status_parts);
	if (r_parts == WIRE_MORE)
		r_parts = parse(way, &parts, p, n, &scanned_parts, &status_parts);
	demand(r == r_parts && status == status_parts);
	if (r != WIRE_OK)
		return;
	check_head(&whole, p, n);
	demand(whole.size == parts.size && whole.n_fields == parts.n_fields && whole.length == parts.length &&
	       whole.chunked == parts.chunked && whole.keep_alive == parts.keep_alive && whole.path.n == parts.path.n);
}

struct body {
	char bytes[1 << 16];
	size_t n;
};

static void sink(void *arg, const char *p, size_t n)
{
	struct body *b = arg;

	demand(b->n + n <= sizeof(b->bytes));
	memcpy(b->bytes + b->n, p, n);
	b->n += n;
}

/* Feeds p..p+n in two parts; the sum of what was taken, or the refusal. */
static long feed(struct body *b, const char *p, size_t n, size_t cut, bool *done)
{
	struct wire_chunked c = {0};
	size_t at = 0;

	b->n = 0;
	*done = false;
	for (size_t end = cut; !*done; end = n) {
		while (at < end && !*done) {
			long used = wire_chunk(&c, p + at, end - at, sizeof(b->bytes), sink, b, done);
			if (used < 0)
				return used;
			demand((size_t)used <= end - at);
			at += (size_t)used;
			if (used == 0)
				break;
		}
		if (end == n)
			break;
	}
	return (long)at;
}

static void chunks(const char *p, size_t n, size_t cut)
{
	static struct body whole, parts;
	bool done, done_parts;
	long used = feed(&whole, p, n, n, &done), used_parts = feed(&parts, p, n, cut, &done_parts);

	demand(used == used_parts && done == done_parts);
	if (used >= 0)
		demand(whole.n == parts.n && memcmp(whole.bytes, parts.bytes, whole.n) == 0);
}

static void decoded(struct arena *a, int way, const char *p, size_t n)
{
	const char *out;

	if (way == SEGMENT ? wire_decode_segment(a, (struct str){p, n}, &out) : wire_decode_query(a, (struct str){p, n}, &out))
		demand(strlen(out) <= n && utf8_valid(out, strlen(out)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data + 2;
	size_t n = size - 2;

	if (size < 2)
		return 0;
	struct arena *a = arena_new();
	int way = data[0] % WAYS;
	size_t cut = n ? data[1] * n / 255 : 0;
	if (way == REQUEST || way == ANSWER)
		head(way, p, n, cut);
	else if (way == CHUNKS)
		chunks(p, n, cut);
	else if (way == LINES)
		wire_lines_ok(arena_strndup(a, p, n));
	else
		decoded(a, way, p, n);
	arena_free(a);
	return 0;
}
