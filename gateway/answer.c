#include "answer.h"

#define INTERIM_MOST 4 /* 1xx heads before the answer */

void answer_init(struct answer *r, struct arena *a, size_t body_limit)
{
	*r = (struct answer){.arena = a, .limit = body_limit};
}

static void end(struct answer *r)
{
	r->body = (struct str){r->buffer.p, r->buffer.n};
	r->done = true;
}

static bool bodiless(int status)
{
	return status == 204 || status == 304;
}

/* The head is whole: what is to follow? */
static bool start_body(struct answer *r)
{
	const struct wire_head *h = r->head;

	r->body = (struct str){"", 0};
	if (bodiless(h->status) || (h->has_length && h->length == 0)) {
		r->done = true;
		return true;
	}
	if (!h->chunked && (!h->has_length || h->length > r->limit))
		return false;
	buf_init(&r->buffer, r->arena);
	r->left = h->length;
	return true;
}

static long take_head(struct answer *r, const char *p, size_t n)
{
	enum wire_result w = wire_answer(&r->parse, p, n, &r->scanned);

	if (w != WIRE_OK)
		return w == WIRE_MORE && n < WIRE_MAX_HEAD ? 0 : -1;
	size_t size = r->parse.size;
	if (r->parse.status < 200) {
		r->scanned = 0;
		r->parse = (struct wire_head){0};
		return ++r->interim <= INTERIM_MOST ? (long)size : -1;
	}
	/* Parsed again from bytes that stay, so that the slices do too. */
	const char *kept = arena_dup(r->arena, p, size);
	r->head = arena_alloc(r->arena, sizeof(*r->head));
	r->scanned = 0;
	if (wire_answer(r->head, kept, size, &r->scanned) != WIRE_OK || !start_body(r))
		return -1;
	return (long)size;
}

static void sink(void *arg, const char *p, size_t n)
{
	buf_add(arg, p, n);
}

static long take_chunks(struct answer *r, const char *p, size_t n)
{
	bool done = false;
	long used = wire_chunk(&r->chunk, p, n, r->limit, sink, &r->buffer, &done);

	if (done)
		end(r);
	return used < 0 ? -1 : used;
}

static long take_length(struct answer *r, const char *p, size_t n)
{
	size_t used = n < r->left ? n : (size_t)r->left;

	buf_add(&r->buffer, p, used);
	r->left -= used;
	if (r->left == 0)
		end(r);
	return (long)used;
}

long answer_feed(struct answer *r, const char *p, size_t n)
{
	if (r->done)
		return 0;
	r->started = true;
	if (!r->head)
		return take_head(r, p, n);
	return r->head->chunked ? take_chunks(r, p, n) : take_length(r, p, n);
}
