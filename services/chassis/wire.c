#include "wire_class.h"

/* One head being read. */
struct reading {
	struct wire_head *h;
	const char *p;
	size_t n, at;
	int status;
	unsigned seen; /* 1 << F_... of the fields met so far */
	struct str host, connection;
	bool close, keep;
};

struct str wire_trim(struct str s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s.p++, s.n--;
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static enum wire_result bad(struct reading *r, int status)
{
	r->status = status;
	return WIRE_BAD;
}

static size_t run(const struct reading *r, unsigned class)
{
	size_t i = r->at;

	while (i < r->n && is(r->p[i], class))
		i++;
	return i - r->at;
}

/* CR LF at the place; other bytes are bad. */
static enum wire_result line_end(struct reading *r)
{
	if (r->at < r->n && r->p[r->at] != '\r')
		return bad(r, 400);
	if (r->at + 1 < r->n && r->p[r->at + 1] != '\n')
		return bad(r, 400);
	if (r->at + 2 > r->n)
		return WIRE_MORE;
	r->at += 2;
	return WIRE_OK;
}

/* ---- request line ---- */

/* RFC 9110 9.3 and RFC 5789: known, but only some are offered here. */
static int method_status(struct str m)
{
	static const char *const offered[] = {"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"};
	static const char *const known[] = {"OPTIONS", "CONNECT", "TRACE"};

	for (size_t i = 0; i < sizeof(offered) / sizeof(*offered); i++)
		if (str_eq(m, offered[i]))
			return 0;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (str_eq(m, known[i]))
			return 405;
	return 501;
}

static enum wire_result method(struct reading *r)
{
	size_t n = run(r, TOKEN);

	if (n > 16)
		return bad(r, 501);
	if (r->at + n == r->n)
		return WIRE_MORE;
	if (n == 0 || r->p[r->at + n] != ' ')
		return bad(r, 400);
	r->h->method = (struct str){r->p + r->at, n};
	r->at += n + 1;
	int status = method_status(r->h->method);
	return status ? bad(r, status) : WIRE_OK;
}

static enum wire_result target(struct reading *r)
{
	size_t n = run(r, TARGET);

	if (n > WIRE_MAX_TARGET)
		return bad(r, 414);
	if (r->at + n == r->n)
		return WIRE_MORE;
	if (n == 0 || r->p[r->at + n] != ' ')
		return bad(r, 400);
	r->h->target = (struct str){r->p + r->at, n};
	r->at += n + 1;
	return wire_target_ok(r->h) ? WIRE_OK : bad(r, 400);
}

/* HTTP/1.x; a later minor is answered as 1.1 (RFC 9110 2.5). Another major is 505 at its digit. */
static enum wire_result version(struct reading *r)
{
	static const char want[] = "HTTP/1.";

	for (size_t i = 0; i < sizeof(want) - 1; i++, r->at++) {
		if (r->at == r->n)
			return WIRE_MORE;
		if (r->p[r->at] != want[i])
			return bad(r, i >= 5 && is(r->p[r->at], DIGIT) ? 505 : 400);
	}
	if (r->at == r->n)
		return WIRE_MORE;
	if (!is(r->p[r->at], DIGIT))
		return bad(r, 400);
	r->h->minor = r->p[r->at++] == '0' ? 0 : 1;
	if (r->at < r->n && is(r->p[r->at], DIGIT))
		return bad(r, 505);
	return WIRE_OK;
}

/* ---- fields ---- */

enum { F_LENGTH, F_CODING, F_HOST, F_EXPECT, F_CONNECTION, F_AUTH, F_TYPE, F_KEY, F_OTHER };
/* Connection may stand more than once; the others may not. */
static const char *const NAMES[] = {"Content-Length", "Transfer-Encoding", "Host", "Expect",
				    "Connection", "Authorization", "Content-Type",
				    "Idempotency-Key"};

static int field_kind(struct str name)
{
	for (int k = 0; k < F_OTHER; k++)
		if (str_ieq(name, NAMES[k]))
			return k;
	return F_OTHER;
}

static bool length_ok(struct wire_head *h, struct str v)
{
	h->length = 0;
	h->has_length = true;
	for (size_t i = 0; i < v.n; i++) {
		if (!is(v.p[i], DIGIT) || h->length > (INT64_MAX - 9) / 10)
			return false;
		h->length = h->length * 10 + (uint64_t)(v.p[i] - '0');
	}
	return v.n > 0;
}

/* A list of tokens; empty elements are let pass (RFC 9110 5.6.1.2). */
static bool connection_ok(struct reading *r, struct str v)
{
	size_t at = 0;

	while (at < v.n) {
		const char *comma = memchr(v.p + at, ',', v.n - at);
		size_t end = comma ? (size_t)(comma - v.p) : v.n;
		struct str t = wire_trim((struct str){v.p + at, end - at});
		at = end + 1;
		if (!all(t, TOKEN))
			return false;
		r->close |= str_ieq(t, "close");
		r->keep |= str_ieq(t, "keep-alive");
	}
	return true;
}

static enum wire_result field_meaning(struct reading *r, const struct wire_field *f)
{
	int kind = field_kind(f->name);

	if (kind == F_OTHER)
		return WIRE_OK;
	if (kind != F_CONNECTION && (r->seen & 1u << kind))
		return bad(r, 400);
	r->seen |= 1u << kind;
	switch (kind) {
	case F_LENGTH:
		return length_ok(r->h, f->value) ? WIRE_OK : bad(r, 400);
	case F_CODING:
		r->h->chunked = true;
		return str_ieq(f->value, "chunked") ? WIRE_OK : bad(r, 400);
	case F_HOST:
		r->host = f->value;
		return wire_host_ok(f->value) ? WIRE_OK : bad(r, 400);
	case F_EXPECT:
		r->h->expect_continue = true;
		return str_ieq(f->value, "100-continue") ? WIRE_OK : bad(r, 417);
	case F_CONNECTION:
		return connection_ok(r, f->value) ? WIRE_OK : bad(r, 400);
	default:
		return WIRE_OK;
	}
}

static enum wire_result field(struct reading *r, struct wire_field *f, bool *in_value)
{
	size_t n = run(r, TOKEN);

	*in_value = false;
	f->name = (struct str){r->p + r->at, n};
	r->at += n;
	if (r->at == r->n)
		return WIRE_MORE;
	if (n == 0 || r->p[r->at++] != ':')
		return bad(r, 400);
	*in_value = true;
	n = run(r, VALUE);
	f->value = (struct str){r->p + r->at, n};
	r->at += n;
	enum wire_result end = line_end(r);
	if (end != WIRE_OK)
		return end;
	f->value = wire_trim(f->value);
	return WIRE_OK;
}

static enum wire_result fields(struct reading *r)
{
	struct wire_head *h = r->h;

	for (h->n_fields = 0;; h->n_fields++) {
		if (r->at == r->n)
			return WIRE_MORE;
		if (r->p[r->at] == '\r')
			return line_end(r);
		if (h->n_fields == WIRE_MAX_FIELDS)
			return bad(r, 431);
		struct wire_field *f = &h->field[h->n_fields];
		enum wire_result done = field(r, f, &h->in_value);
		if (done == WIRE_OK)
			done = field_meaning(r, f);
		if (done != WIRE_OK)
			return done;
	}
}

static void clear(struct wire_head *h)
{
	h->n_fields = 0;
	h->status = 0;
	h->chunked = h->keep_alive = h->has_length = h->expect_continue = h->line_done = false;
	h->length = 0;
	h->size = 0;
}

/* Framing of RFC 9112 6: two lengths, or one that HTTP/1.0 can't know, are an attack. */
static bool framing_ok(struct reading *r)
{
	struct wire_head *h = r->h;

	h->keep_alive = h->minor ? !r->close : r->keep && !r->close;
	h->size = r->at;
	return !(h->chunked && (h->has_length || h->minor == 0));
}

static bool same_blind(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		char x = a.p[i], y = b.p[i];
		if (x != y && !((x | 32) == (y | 32) && (x | 32) >= 'a' && (x | 32) <= 'z'))
			return false;
	}
	return true;
}

static enum wire_result request(struct reading *r)
{
	struct wire_head *h = r->h;
	enum wire_result done = WIRE_OK;

	if (r->n && r->p[0] == '\r')
		done = line_end(r);
	if (done != WIRE_OK || (done = method(r)) != WIRE_OK || (done = target(r)) != WIRE_OK ||
	    (done = version(r)) != WIRE_OK || (done = line_end(r)) != WIRE_OK)
		return done;
	h->line_done = true;
	done = fields(r);
	if (done != WIRE_OK)
		return done;
	if (!framing_ok(r) || !(r->seen & 1u << F_HOST))
		return bad(r, 400);
	if (h->authority.n && !same_blind(h->authority, r->host))
		return bad(r, 400);
	bool bodiless = str_eq(h->method, "GET") || str_eq(h->method, "HEAD") ||
			str_eq(h->method, "DELETE");
	return bodiless && (h->chunked || h->length) ? bad(r, 400) : WIRE_OK;
}

static enum wire_result status_line(struct reading *r)
{
	enum wire_result done = version(r);

	if (done != WIRE_OK)
		return done;
	for (int i = 0; i < 5; i++, r->at++) {
		if (r->at == r->n)
			return WIRE_MORE;
		char c = r->p[r->at];
		if (i == 0 || i == 4 ? c != ' ' : !is(c, DIGIT))
			return bad(r, 502);
		if (i > 0 && i < 4)
			r->h->status = r->h->status * 10 + (c - '0');
	}
	if (r->h->status < 100 || r->h->status > 599)
		return bad(r, 502);
	r->at += run(r, VALUE);
	return line_end(r);
}

static enum wire_result answer(struct reading *r)
{
	enum wire_result done = status_line(r);

	if (done != WIRE_OK)
		return done;
	r->h->line_done = true;
	done = fields(r);
	if (done == WIRE_OK && !framing_ok(r))
		return bad(r, 502);
	return done;
}

/* New bytes that can't end the parse: ordinary ones inside a field line. Looked at once. */
static bool nothing_new(struct wire_head *h, const char *p, size_t from, size_t n)
{
	if (from == 0 || !h->line_done || n >= WIRE_MAX_HEAD || p[from - 1] == '\r' ||
	    p[from - 1] == '\n')
		return false;
	for (size_t i = from; i < n; i++) {
		if (!h->in_value && p[i] == ':')
			h->in_value = true;
		else if (!is(p[i], h->in_value ? VALUE : TOKEN))
			return false;
	}
	return true;
}

static enum wire_result read_head(struct wire_head *h, const char *p, size_t n, size_t *scanned,
				  enum wire_result (*kind)(struct reading *), int *status)
{
	bool idle = nothing_new(h, p, *scanned, n);

	*scanned = n;
	if (idle)
		return WIRE_MORE;
	clear(h);
	struct reading r = {.h = h, .p = p, .n = n < WIRE_MAX_HEAD ? n : WIRE_MAX_HEAD};
	enum wire_result done = kind(&r);
	if (done == WIRE_MORE && n >= WIRE_MAX_HEAD)
		done = bad(&r, 431);
	*status = r.status;
	return done;
}

enum wire_result wire_request(struct wire_head *h, const char *p, size_t n, size_t *scanned,
			      int *status)
{
	return read_head(h, p, n, scanned, request, status);
}

enum wire_result wire_answer(struct wire_head *h, const char *p, size_t n, size_t *scanned)
{
	int status;

	return read_head(h, p, n, scanned, answer, &status);
}

const struct wire_field *wire_find(const struct wire_head *h, const char *name)
{
	for (unsigned i = 0; i < h->n_fields; i++)
		if (str_ieq(h->field[i].name, name))
			return &h->field[i];
	return NULL;
}

bool wire_lines_ok(const char *lines)
{
	struct reading r = {.p = lines, .n = strlen(lines)};

	while (r.at < r.n) {
		struct wire_field f;
		bool in_value;
		if (field(&r, &f, &in_value) != WIRE_OK)
			return false;
		int kind = field_kind(f.name);
		if (kind == F_LENGTH || kind == F_CODING || kind == F_CONNECTION)
			return false;
	}
	return true;
}
