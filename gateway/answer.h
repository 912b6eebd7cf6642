/* Reads one answer of a service, fed as its bytes arrive; no I/O. Stricter than a browser: an answer
 * whose end only the closing of the connection would tell is refused. */
#ifndef RENHE_GATEWAY_ANSWER_H
#define RENHE_GATEWAY_ANSWER_H
#include "wire.h"

struct answer {
	struct arena *arena;    /* set by answer_init; takes head and body */
	struct wire_head *head; /* NULL until it is whole */
	struct str body;        /* whole once `done` */
	bool done, started;     /* started: some byte of it was seen */
	/* answer.c's own */
	size_t limit, scanned;
	unsigned interim;
	uint64_t left;
	struct wire_head parse;
	struct wire_chunked chunk;
	struct buf buffer;
};
void answer_init(struct answer *r, struct arena *a, size_t body_limit);
/* Bytes taken; 0: give it again with more bytes behind it (only while the head isn't whole); -1:
 * malformed, or larger than the limit. Nothing is taken after `done`. */
long answer_feed(struct answer *r, const char *p, size_t n);
#endif
