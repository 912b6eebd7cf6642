/* One strict HTTP/1.1 parser for requests and answers; no I/O. RFC 9112, with what it allows and
 * we refuse: see ../shared matrix group H and the raw cases under tests/.
 *
 * A head is judged strictly from left to right: what is wrong first decides the status, so the
 * answer is the same however the bytes were cut into segments. Refused beyond the RFC: a request
 * without Host in any version, a body on GET, HEAD and DELETE, ';' and empty segments in a path, bytes
 * above 0x7E anywhere in the head, and the second of a field that may stand only once. */
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
	bool expect_continue;        /* of a request: Expect: 100-continue */
	struct str authority;        /* of a request in absolute-form; equal to Host */
	bool line_done, in_value;    /* how far an unfinished parse came; wire.c's own */
};
enum wire_result { WIRE_MORE = 0, WIRE_OK = 1, WIRE_BAD = -1 };
/* Parses a whole head out of p..p+n. WIRE_BAD sets *status to 400, 405, 414, 417, 431, 501 or 505.
 * Slices point into p. May be called again from the start as bytes arrive, with the same *h; when
 * *scanned is kept between calls (0 at first), field bytes that come one by one are looked at once
 * and the head is parsed anew only at line ends. GET, HEAD, POST, PATCH, PUT and DELETE pass; other
 * registered methods are 405, all else is 501. One CRLF before the request line is skipped. */
enum wire_result wire_request(struct wire_head *h, const char *p, size_t n, size_t *scanned,
			      int *status);
/* An answer's head. With neither chunked nor has_length the body lasts until the peer closes, but
 * for 1xx, 204 and 304, which have none. */
enum wire_result wire_answer(struct wire_head *h, const char *p, size_t n, size_t *scanned);
/* The first field of that name (blind to case), or NULL. */
const struct wire_field *wire_find(const struct wire_head *h, const char *name);

/* Chunked body, incremental. Feed bytes; decoded data goes to sink. */
struct wire_chunked {
	int state;
	uint64_t left, total;
	unsigned digits, trailer;
};
#define WIRE_CHUNK_BAD (-1)
#define WIRE_CHUNK_LARGE (-2)        /* the body exceeds the limit; known at the size line */
#define WIRE_MAX_TRAILER 4096        /* extensions and trailers of one body */
/* Returns bytes consumed; *done at the end of trailers, which are checked and discarded;
 * WIRE_CHUNK_BAD or _LARGE. Start with a zeroed struct. */
long wire_chunk(struct wire_chunked *c, const char *p, size_t n, uint64_t limit,
		void (*sink)(void *arg, const char *p, size_t n), void *arg, bool *done);
/* One decoding of %XX; false on bad escapes, on decoded NUL, '/', '\\', dot segments, bad UTF-8. */
bool wire_decode_segment(struct arena *a, struct str in, const char **out);
/* Query values: also '+' as blank; NUL and bad UTF-8 refused. */
bool wire_decode_query(struct arena *a, struct str in, const char **out);
/* Header lines "Name: value\r\n"... that are safe to put on the wire: well-formed, no empty line,
 * none that frames (Content-Length, Transfer-Encoding, Connection). */
bool wire_lines_ok(const char *lines);
#endif
