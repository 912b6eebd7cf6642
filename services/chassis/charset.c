#include "charset.h"
#include <stdlib.h>
#include <unicode/ucnv.h>
#include "value.h"

#define SAMPLE ((size_t)64 << 10)

const char *charset_name(enum charset c)
{
	static const char *const NAMES[] = {"", "UTF-8", "GB18030", "UTF-16LE", "UTF-16BE"};

	return NAMES[c];
}

/* ---- which ---- */

struct tally {
	size_t good, bad; /* characters outside ASCII */
};

static struct tally tally_utf8(struct str s)
{
	const char *p = s.p, *end = s.p + s.n;
	struct tally t = {0};

	while (p < end) {
		int32_t cp = utf8_next(&p, end);

		t.good += cp >= 0x80;
		t.bad += cp < 0;
	}
	return t;
}

static unsigned byte_at(struct str s, size_t i)
{
	return i < s.n ? (unsigned char)s.p[i] : 0;
}

/* Bytes of the character at i by the form alone, 0 where there is none (GB 18030-2022, 5). */
static size_t gb_length(struct str s, size_t i)
{
	unsigned one = byte_at(s, i), two = byte_at(s, i + 1);

	if (one < 0x80)
		return 1;
	if (one == 0x80 || one == 0xFF)
		return 0;
	if (two >= 0x40 && two <= 0xFE && two != 0x7F)
		return 2;
	return two >= 0x30 && two <= 0x39 && byte_at(s, i + 2) >= 0x81 &&
			       byte_at(s, i + 2) <= 0xFE && byte_at(s, i + 3) >= 0x30 &&
			       byte_at(s, i + 3) <= 0x39
		       ? 4
		       : 0;
}

static struct tally tally_gb(struct str s)
{
	struct tally t = {0};

	for (size_t i = 0, n; i < s.n; i += n ? n : 1) {
		n = gb_length(s, i);
		t.good += n > 1;
		t.bad += n == 0;
	}
	return t;
}

/* Text in UTF-16 has its commas and line ends in every second byte as zeros, one in sixteen units
 * at the least; a stray zero makes none of it. */
static enum charset guess_by_zeros(struct str s)
{
	size_t n = s.n < SAMPLE ? s.n : SAMPLE, zeros[2] = {0};

	for (size_t i = 0; i < n; i++)
		zeros[i & 1] += !s.p[i];
	if ((zeros[0] + zeros[1]) * 32 < n)
		return CHARSET_UNKNOWN;
	if (zeros[1] > 8 * zeros[0])
		return CHARSET_UTF16LE;
	return zeros[0] > 8 * zeros[1] ? CHARSET_UTF16BE : CHARSET_UNKNOWN;
}

enum charset charset_guess(struct str s, size_t *bom)
{
	static const struct {
		struct str mark;
		enum charset is;
	} MARKS[] = {{{"\xef\xbb\xbf", 3}, CHARSET_UTF8},
		     {{"\xff\xfe", 2}, CHARSET_UTF16LE},
		     {{"\xfe\xff", 2}, CHARSET_UTF16BE},
		     {{"\x84\x31\x95\x33", 4}, CHARSET_GB18030}};
	struct tally utf8, gb;

	for (size_t i = 0; i < sizeof(MARKS) / sizeof(MARKS[0]); i++) {
		*bom = MARKS[i].mark.n;
		if (s.n >= *bom && !memcmp(s.p, MARKS[i].mark.p, *bom))
			return MARKS[i].is;
	}
	*bom = 0;
	if (s.n && memchr(s.p, '\0', s.n))
		return guess_by_zeros(s);
	utf8 = tally_utf8(s);
	if (!utf8.bad || utf8.good > utf8.bad)
		return CHARSET_UTF8;
	gb = tally_gb(s);
	return gb.good > gb.bad ? CHARSET_GB18030 : CHARSET_UNKNOWN;
}

/* ---- to UTF-8 ---- */

static size_t encode(char *u, uint32_t c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned LEAD[] = {0, 0, 0xC0, 0xE0, 0xF0};

	for (size_t i = n; i-- > 1; c >>= 6)
		u[i] = (char)(0x80 | (c & 0x3F));
	u[0] = (char)(LEAD[n] | c);
	return n;
}

static void put_code_point(struct buf *b, uint32_t c)
{
	char u[4];

	buf_add(b, u, encode(u, c));
}

/* No byte of UTF-8 or GB18030 becomes more than three. */
static char *room_for(struct arena *a, struct str s)
{
	return arena_alloc(a, 3 * s.n + 1);
}

static uint32_t unit_at(struct str s, size_t i, bool big_endian)
{
	unsigned one = byte_at(s, i), two = byte_at(s, i + 1);

	return big_endian ? one << 8 | two : two << 8 | one;
}

struct str charset_from_utf16(struct arena *a, struct str s, bool big_endian)
{
	struct buf out;
	size_t i;

	buf_init(&out, a);
	for (i = 0; i + 1 < s.n; i += 2) {
		uint32_t c = unit_at(s, i, big_endian), low;

		if (c >= 0xD800 && c < 0xDC00 && i + 3 < s.n &&
		    (low = unit_at(s, i + 2, big_endian)) >= 0xDC00 && low < 0xE000) {
			put_code_point(&out, 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
			i += 2;
		} else if (!c || (c >= 0xD800 && c < 0xE000)) {
			buf_add(&out, "\xff", 1);
		} else {
			put_code_point(&out, c);
		}
	}
	if (i < s.n)
		buf_add(&out, "\xff", 1);
	return (struct str){out.p, out.n};
}

/* ICU keeps the mapping of the year 2000, which had these eight characters (some stand in names) in
 * the private area; GB 18030-2005 gave them their own. */
static const unsigned OLD[] = {0xE81E, 0xE826, 0xE82B, 0xE82C, 0xE832, 0xE843, 0xE854, 0xE864};

static uint32_t newer_mapping(uint32_t c)
{
	for (uint32_t i = 0; i < 8; i++)
		if (OLD[i] == c)
			return 0x9FB4 + i;
	return c;
}

static const char *from_gb(struct arena *a, struct str s, bool *bad)
{
	UErrorCode error = U_ZERO_ERROR;
	UConverter *converter = ucnv_open("gb18030", &error);
	const char *p = s.p, *end = s.p + s.n;
	char *out = room_for(a, s), *to = out;

	if (!converter)
		abort();
	*bad = false;
	while (p < end) {
		error = U_ZERO_ERROR;
		UChar32 c = ucnv_getNextUChar(converter, &p, end, &error);
		bool lost = U_FAILURE(error) || c == 0xFFFD || c == 0;

		*bad |= lost;
		to += encode(to, lost ? 0xFFFD : newer_mapping((uint32_t)c));
		if (error == U_TRUNCATED_CHAR_FOUND)
			break;
	}
	ucnv_close(converter);
	return out;
}

static const char *from_utf8(struct arena *a, struct str s)
{
	const char *p = s.p, *end = s.p + s.n;
	char *out = room_for(a, s), *to = out;

	while (p < end) {
		int32_t c = utf8_next(&p, end);

		to += encode(to, c <= 0 || (c & 0xFFFE) == 0xFFFE ? 0xFFFD : (uint32_t)c);
	}
	return out;
}

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] & 0x80)
			return false;
	return true;
}

const char *charset_text(struct arena *a, struct str s, enum charset c, bool *bad)
{
	bool bad_gb;
	const char *text;

	*bad = false;
	if (!s.n)
		return "";
	if (utf8_valid(s.p, s.n) && (c == CHARSET_UTF8 || is_ascii(s))) {
		/* U+FFFD stands for what an earlier program lost. */
		*bad = memmem(s.p, s.n, "\xef\xbf\xbd", 3) != NULL;
		return arena_strndup(a, s.p, s.n);
	}
	if (c == CHARSET_GB18030)
		return from_gb(a, s, bad);
	*bad = true;
	text = from_gb(a, s, &bad_gb);
	return bad_gb ? from_utf8(a, s) : text;
}

/* ---- into an encoding ---- */

static uint32_t older_mapping(uint32_t c)
{
	return c >= 0x9FB4 && c < 0x9FB4 + 8 ? OLD[c - 0x9FB4] : c;
}

static bool is_private(uint32_t c)
{
	return (c >= 0xE000 && c <= 0xF8FF) || c >= 0xF0000;
}

/* Bytes of one character; 0 where there are none. */
static int gb_bytes(UConverter *converter, uint32_t c, char out[8])
{
	UErrorCode error = U_ZERO_ERROR;
	UChar units[2] = {(UChar)c};
	int n = 1, size;

	if (c > 0xFFFF) {
		units[0] = (UChar)(0xD7C0 + (c >> 10));
		units[1] = (UChar)(0xDC00 | (c & 0x3FF));
		n = 2;
	}
	size = ucnv_fromUChars(converter, out, 8, units, n, &error);
	return U_FAILURE(error) ? 0 : size;
}

static bool add_gb(struct buf *out, UConverter *converter, uint32_t c, bool gbk)
{
	char bytes[8];
	int n = gbk && is_private(c) ? 0 : gb_bytes(converter, gbk ? c : older_mapping(c), bytes);

	if (n == 0 || (n == 1 && c >= 0x80))
		return false;
	buf_add(out, bytes, (size_t)n);
	return true;
}

/* A converter puts something else for what it doesn't have, unless told to stop. */
static UConverter *gb_converter(bool gbk)
{
	UErrorCode error = U_ZERO_ERROR;
	UConverter *converter = ucnv_open(gbk ? "windows-936-2000" : "gb18030", &error);

	ucnv_setFromUCallBack(converter, UCNV_FROM_U_CALLBACK_STOP, NULL, NULL, NULL, &error);
	if (U_FAILURE(error))
		abort();
	return converter;
}

static bool to_gb(struct arena *a, const char *text, bool gbk, struct str *out, const char **lost)
{
	UConverter *converter = gb_converter(gbk);
	const char *p = text, *end = text + strlen(text), *from = text;
	struct buf b;
	bool good = true;

	buf_init(&b, a);
	while (good && p < end) {
		from = p;
		good = add_gb(&b, converter, (uint32_t)utf8_next(&p, end), gbk);
	}
	ucnv_close(converter);
	*out = (struct str){b.p, b.n};
	if (!good)
		*lost = arena_strndup(a, from, (size_t)(p - from));
	return good;
}

bool charset_encode(struct arena *a, const char *text, enum charset c, bool gbk, struct str *out, const char **lost)
{
	*out = str_of(text);
	return c == CHARSET_UTF8 || is_ascii(*out) || to_gb(a, text, gbk, out, lost);
}
