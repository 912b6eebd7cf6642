/* What people and spreadsheets write, to what was meant. */
#include <ctype.h>
#include "import.h"
#include "value.h"
#include "archive_texts.h"

#define WIDE_FIRST 0xff01
#define WIDE_LAST 0xff5e
#define WIDE_BLANK 0x3000
#define NO_BREAK_SPACE 0xa0
#define BYTE_ORDER_MARK 0xfeff
#define ZERO_WIDTH_SPACE 0x200b

static bool is_blank(int32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == NO_BREAK_SPACE || c == WIDE_BLANK ||
	       c == BYTE_ORDER_MARK || c == ZERO_WIDTH_SPACE;
}

const char *import_trim(struct arena *a, const char *s)
{
	const char *end = s + strlen(s), *p = s, *first = NULL, *last = s;

	while (p < end) {
		const char *at = p;

		if (is_blank(utf8_next(&p, end)))
			continue;
		if (!first)
			first = at;
		last = p;
	}
	return first ? arena_strndup(a, first, (size_t)(last - first)) : "";
}

static bool is_wide(int32_t c)
{
	return c >= WIDE_FIRST && c <= WIDE_LAST;
}

bool import_is_wide(const char *s)
{
	const char *end = s + strlen(s);

	while (s < end)
		if (is_wide(utf8_next(&s, end)))
			return true;
	return false;
}

const char *import_fold(struct arena *a, const char *s)
{
	const char *end = s + strlen(s);
	struct buf b;

	buf_init(&b, a);
	while (s < end) {
		const char *at = s;
		int32_t c = utf8_next(&s, end);
		char plain = is_blank(c) ? ' ' : is_wide(c) ? (char)(c - WIDE_FIRST + '!') : '\0';

		if (plain)
			buf_add(&b, &plain, 1);
		else
			buf_add(&b, at, (size_t)(s - at));
	}
	return import_trim(a, b.p ? b.p : "");
}

/* Brackets of both widths are plain ones by now; what they hold explains the column. */
static void add_key(struct buf *b, const char *s, bool with_brackets)
{
	int depth = 0;

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (!with_brackets && (c == '(' || c == '['))
			depth++;
		else if (!with_brackets && depth && (c == ')' || c == ']'))
			depth--;
		else if (!depth && (c >= 0x80 || isalnum(c)))
			buf_add(b, (char[]){(char)tolower(c)}, 1);
	}
}

const char *import_header_key(struct arena *a, const char *s)
{
	const char *plain = import_fold(a, s);
	struct buf b;

	buf_init(&b, a);
	add_key(&b, plain, false);
	if (!b.n)
		add_key(&b, plain, true);
	return b.n ? b.p : "";
}

/* ---- days ---- */

#define SIGN (&IMPORT_DATE_SIGNS[0])

/* Digits of the next part, and what stands behind them. */
static const char *next_part(const char *s, int *out, int *digits)
{
	*out = *digits = 0;
	for (; isdigit((unsigned char)*s) && *digits < 9; s++, ++*digits)
		*out = *out * 10 + (*s - '0');
	return s;
}

static const char *skip_sign(const char *s, const char *sign)
{
	size_t n = strlen(sign);

	if (!strncmp(s, sign, n))
		return s + n;
	return *s == '-' || *s == '/' || *s == '.' ? s + 1 : NULL;
}

static bool parts_of(const char *s, int *y, int *m, int *d, const char **rest)
{
	int digits;

	s = next_part(s, y, &digits);
	if (digits == 8) {
		*d = *y % 100;
		*m = *y / 100 % 100;
		*y /= 10000;
		*rest = s;
		return true;
	}
	if (digits != 4 || !(s = skip_sign(s, SIGN->year)))
		return false;
	s = next_part(s, m, &digits);
	if (digits < 1 || digits > 2 || !(s = skip_sign(s, SIGN->month)))
		return false;
	s = next_part(s, d, &digits);
	*rest = strncmp(s, SIGN->day, strlen(SIGN->day)) ? s : s + strlen(SIGN->day);
	return digits >= 1 && digits <= 2;
}

bool import_date(struct arena *a, const char *s, char out[11])
{
	int y, m, d;
	const char *rest;
	int64_t days;
	char *text;

	if (!parts_of(import_fold(a, s), &y, &m, &d, &rest))
		return false;
	if (*rest == 'T' || *rest == ' ')
		rest += strspn(rest, "T 0:.");
	text = arena_printf(a, "%04d-%02d-%02d", y, m, d);
	if (*rest || strlen(text) != 10 || !date_parse(text, &days))
		return false;
	memcpy(out, text, 11);
	return true;
}

bool import_is_scientific(const char *s)
{
	size_t whole = strspn(s, "0123456789"), part = 0;

	if (!whole)
		return false;
	s += whole;
	if (*s == '.') {
		part = strspn(s + 1, "0123456789");
		s += part + 1;
	}
	return (*s == 'E' || *s == 'e') && s[1] == '+' && isdigit((unsigned char)s[2]);
}
