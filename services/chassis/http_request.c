#include "http_internal.h"

#include <stdlib.h>

/* Most heads with their JSON fit; a longer head makes it grow once. */
#define IN_FIRST 8192
#define IN_FULL (WIRE_MAX_HEAD + IN_FIRST)
#define POOL_MOST 256
#define BODY_FIRST 16384

static void *need(void *p)
{
	if (!p)
		abort();
	return p;
}

struct request *request_take(struct http_server *s)
{
	struct request *r = s->pool;

	if (r) {
		s->pool = r->next;
		s->pool_n--;
		return r;
	}
	r = need(calloc(1, sizeof(*r)));
	r->pub.arena = arena_new();
	r->cap = IN_FIRST;
	r->in = need(malloc(r->cap));
	return r;
}

/* All but `in` and what it holds beyond this request. */
static void forget(struct request *r)
{
	free(r->body);
	free(r->out_heap);
	r->body = r->out_heap = NULL;
	r->body_n = r->body_cap = r->used = r->scanned = 0;
	r->chunk = (struct wire_chunked){0};
	r->out[0] = r->out[1] = (struct iovec){0};
	r->close = false;
	r->pub.user = NULL;
	r->pub.body = (struct str){"", 0};
	arena_reset(r->pub.arena);
}

void request_next(struct request *r)
{
	r->n -= r->used;
	memmove(r->in, r->in + r->used, r->n);
	forget(r);
}

void request_free(struct request *r)
{
	free(r->body);
	free(r->out_heap);
	free(r->in);
	arena_free(r->pub.arena);
	free(r);
}

void request_release(struct http_server *s, struct request *r)
{
	if (s->pool_n == POOL_MOST || r->cap > IN_FIRST) {
		request_free(r);
		return;
	}
	r->n = 0;
	forget(r);
	r->next = s->pool;
	s->pool = r;
	s->pool_n++;
}

bool request_grow(struct request *r)
{
	if (r->cap == IN_FULL)
		return false;
	r->cap = IN_FULL;
	r->in = need(realloc(r->in, r->cap));
	return true;
}

static void body_room(struct request *r, size_t more)
{
	size_t cap = r->body_cap ? r->body_cap : BODY_FIRST;

	while (cap < r->body_n + more)
		cap *= 2;
	if (cap == r->body_cap)
		return;
	r->body = need(realloc(r->body, cap));
	r->body_cap = cap;
}

void request_body_add(void *arg, const char *p, size_t n)
{
	struct request *r = arg;

	body_room(r, n);
	memcpy(r->body + r->body_n, p, n);
	r->body_n += n;
}

/* Memory follows what has arrived, not what was declared. */
void request_body_reserve(struct request *r, uint64_t length)
{
	if (r->body_n < length && r->body_n == r->body_cap)
		body_room(r, 1);
}
