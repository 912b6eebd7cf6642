/* Of the wire_*.c files only: classes of bytes, and what they ask of each other. */
#ifndef RENHE_WIRE_CLASS_H
#define RENHE_WIRE_CLASS_H
#include "wire.h"

enum wire_class {
	TOKEN = 1,   /* tchar of RFC 9110 5.6.2 */
	VALUE = 2,   /* of a field value: HTAB, SP, VCHAR; obs-text is refused */
	TARGET = 4,  /* may stand in a request target before its parts are known */
	PCHAR = 8,   /* of a path or query, '%' left out */
	HOST = 16,   /* reg-name, '%' left out */
	DIGIT = 32,
	HEX = 64,
};
extern const unsigned char WIRE_CLASS[256];

static inline bool is(char c, unsigned class)
{
	return WIRE_CLASS[(unsigned char)c] & class;
}
static inline bool all(struct str s, unsigned class)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is(s.p[i], class))
			return false;
	return true;
}
/* host [":" port], without user information. */
bool wire_host_ok(struct str s);
/* Checks h->target and fills target, authority, path and query. */
bool wire_target_ok(struct wire_head *h);
/* Without the blanks and tabs at both ends. */
struct str wire_trim(struct str s);

#endif
