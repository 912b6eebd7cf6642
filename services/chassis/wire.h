/* One strict HTTP/1.1 parser for requests and answers; no I/O. RFC 9112, with what it allows and
 * we refuse: see ../shared matrix group H and the raw cases under tests/. */
#ifndef RENHE_WIRE_H
#define RENHE_WIRE_H
#include <stdbool.h>
#include <stdint.h>
#include "str.h"

#define WIRE_MAX_HEAD 32768
#define WIRE_MAX_FIELDS 100
#define WIRE_MAX_TARGET 8192

struct wire_field {
	struct str name, value;
};
struct wire_head {
	struct str method, target;   /* of a request; origin-form, absolute-form reduced to it */
	struct str path, query;      /* still percent-encoded; query without '?' */
	int minor;                   /* HTTP/1.minor, 0 or 1 */
	int status;                  /* of an answer */
	struct wire_field field[WIRE_MAX_FIELDS];
	unsigned n_fields;
	bool chunked, keep_alive, has_length;
	uint64_t length;
	size_t size;                 /* bytes of the head with its empty line */
};
enum wire_result { WIRE_MORE = 0, WIRE_OK = 1, WIRE_BAD = -1 };
/* Parses a whole head out of p..p+n. WIRE_BAD sets *status to 400, 405, 414, 431, 501 or 505.
 * Slices point into p. May be called again from the start as bytes arrive, at linear total cost
 * when *scanned is kept between calls (0 at first). */
enum wire_result wire_request(struct wire_head *h, const char *p, size_t n, size_t *scanned, int *status);
enum wire_result wire_answer(struct wire_head *h, const char *p, size_t n, size_t *scanned);
const struct wire_field *wire_find(const struct wire_head *h, const char *name);

/* Chunked body, incremental. Feed bytes; decoded data goes to sink. */
struct wire_chunked {
	int state;
	uint64_t left, total;
	unsigned digits, trailer;
};
/* Returns bytes consumed; *done at the end of trailers (which are discarded); -1 = bad. */
long wire_chunk(struct wire_chunked *c, const char *p, size_t n, uint64_t limit,
		void (*sink)(void *arg, const char *p, size_t n), void *arg, bool *done);
/* One decoding of %XX; false on bad escapes, on decoded NUL, '/', '\\', dot segments, bad UTF-8. */
bool wire_decode_segment(struct arena *a, struct str in, const char **out);
/* Query values: also '+' as blank; NUL and bad UTF-8 refused. */
bool wire_decode_query(struct arena *a, struct str in, const char **out);
#endif
