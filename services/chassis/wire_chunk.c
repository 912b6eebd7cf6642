#include "wire_class.h"

/* States of a chunked body (RFC 9112 7.1). Extensions are checked and ignored; blanks around them,
 * which the grammar calls bad, are refused. */
enum {
	SIZE, EXT_NAME_FIRST, EXT_NAME, EXT_VALUE_FIRST, EXT_VALUE, EXT_QUOTED, EXT_ESCAPED,
	EXT_END, SIZE_LF, DATA, DATA_CR, DATA_LF, TRAILER_FIRST, TRAILER_NAME, TRAILER_VALUE,
	TRAILER_LF, LAST_LF, DONE, BAD,
};

static int size_digit(struct wire_chunked *c, char ch)
{
	unsigned v = is(ch, DIGIT) ? (unsigned)(ch - '0') : (unsigned)((ch | 32) - 'a' + 10);

	if (++c->digits > 16)
		return BAD;
	c->left = c->left << 4 | v;
	return SIZE;
}

/* After a part of the size line is complete. */
static int size_line(char ch)
{
	return ch == ';' ? EXT_NAME_FIRST : ch == '\r' ? SIZE_LF : BAD;
}

static int extension(int state, char ch)
{
	switch (state) {
	case EXT_NAME_FIRST:
		return is(ch, TOKEN) ? EXT_NAME : BAD;
	case EXT_NAME:
		return is(ch, TOKEN) ? EXT_NAME : ch == '=' ? EXT_VALUE_FIRST : size_line(ch);
	case EXT_VALUE_FIRST:
		return is(ch, TOKEN) ? EXT_VALUE : ch == '"' ? EXT_QUOTED : BAD;
	case EXT_VALUE:
		return is(ch, TOKEN) ? EXT_VALUE : size_line(ch);
	case EXT_QUOTED:
		if (ch == '"' || ch == '\\')
			return ch == '"' ? EXT_END : EXT_ESCAPED;
		return is(ch, VALUE) ? EXT_QUOTED : BAD;
	case EXT_ESCAPED:
		return is(ch, VALUE) ? EXT_QUOTED : BAD;
	default: /* EXT_END */
		return size_line(ch);
	}
}

static int trailer(int state, char ch)
{
	switch (state) {
	case TRAILER_FIRST:
		return ch == '\r' ? LAST_LF : is(ch, TOKEN) ? TRAILER_NAME : BAD;
	case TRAILER_NAME:
		return ch == ':' ? TRAILER_VALUE : is(ch, TOKEN) ? TRAILER_NAME : BAD;
	case TRAILER_VALUE:
		return ch == '\r' ? TRAILER_LF : is(ch, VALUE) ? TRAILER_VALUE : BAD;
	case TRAILER_LF:
		return ch == '\n' ? TRAILER_FIRST : BAD;
	default: /* LAST_LF */
		return ch == '\n' ? DONE : BAD;
	}
}

static int step(struct wire_chunked *c, char ch)
{
	switch (c->state) {
	case SIZE:
		if (is(ch, HEX))
			return size_digit(c, ch);
		return c->digits ? size_line(ch) : BAD;
	case SIZE_LF:
		c->digits = 0;
		return ch != '\n' ? BAD : c->left ? DATA : TRAILER_FIRST;
	case DATA_CR:
		return ch == '\r' ? DATA_LF : BAD;
	case DATA_LF:
		return ch == '\n' ? SIZE : BAD;
	default:
		if (++c->trailer > WIRE_MAX_TRAILER)
			return BAD;
		return c->state < SIZE_LF ? extension(c->state, ch) : trailer(c->state, ch);
	}
}

long wire_chunk(struct wire_chunked *c, const char *p, size_t n, uint64_t limit,
		void (*sink)(void *arg, const char *p, size_t n), void *arg, bool *done)
{
	size_t i = 0;

	while (i < n && c->state != DONE && c->state != BAD) {
		if (c->state != DATA) {
			c->state = step(c, p[i++]);
			if (c->state == DATA && c->left > limit - c->total)
				return WIRE_CHUNK_LARGE;
			continue;
		}
		size_t take = n - i < c->left ? n - i : (size_t)c->left;
		sink(arg, p + i, take);
		i += take;
		c->left -= take;
		c->total += take;
		if (c->left == 0)
			c->state = DATA_CR;
	}
	*done = c->state == DONE;
	return c->state == BAD ? WIRE_CHUNK_BAD : (long)i;
}
