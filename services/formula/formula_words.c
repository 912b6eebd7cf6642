/* Text to words. */
#include "formula_internal.h"

#include <string.h>

#include "civil.h"

#define DIGITS_MOST 15

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_blanks(const char *text, size_t size, size_t at)
{
	while (at < size && is_blank(text[at]))
		at++;
	return at;
}

/* ---- units ---- */

static const struct unit_word {
	const char *word;
	struct formula_unit unit;
	int64_t scale, part; /* of what values are counted in */
} UNITS[] = {
	{"yuan", {1, 0, 0, 0}, 100, 1},	  {"fen", {1, 0, 0, 0}, 1, 1},
	{"hours", {0, 1, 0, 0}, 3600, 1}, {"hour", {0, 1, 0, 0}, 3600, 1},
	{"minutes", {0, 1, 0, 0}, 60, 1}, {"minute", {0, 1, 0, 0}, 60, 1},
	{"seconds", {0, 1, 0, 0}, 1, 1},  {"second", {0, 1, 0, 0}, 1, 1},
	{"days", {0, 0, 1, 0}, 1, 1},	  {"day", {0, 0, 1, 0}, 1, 1},
	{"pieces", {0, 0, 0, 1}, 1, 1},	  {"piece", {0, 0, 0, 1}, 1, 1},
	{"%", {0, 0, 0, 0}, 1, 100},
};

static bool begins(const char *text, size_t size, size_t at, const char *word)
{
	size_t n = strlen(word);

	return size - at >= n && memcmp(text + at, word, n) == 0;
}

/* Not the beginning of a longer word: minutes, but not the function min. */
static bool ends_there(const char *text, size_t size, size_t at)
{
	return at >= size || !(is_letter(text[at]) || is_digit(text[at]) || text[at] == '(');
}

static void take_unit(const char *text, size_t size, struct word *w)
{
	size_t at = skip_blanks(text, size, w->at + w->n);

	for (size_t i = 0; i < sizeof(UNITS) / sizeof(UNITS[0]); i++) {
		const struct unit_word *u = &UNITS[i];
		size_t end = at + strlen(u->word);

		if (!begins(text, size, at, u->word) ||
		    (is_letter(u->word[0]) && !ends_there(text, size, end)))
			continue;
		w->unit = u->unit;
		w->number = ratio_mul(w->number, ratio_of(u->scale, u->part));
		w->n = end - w->at;
		return;
	}
}

/* ---- numbers and dates ---- */

static struct word bad(struct word w, enum formula_code code)
{
	w.kind = WORD_BAD;
	w.code = code;
	return w;
}

static bool is_date(const char *text, size_t size, size_t at)
{
	static const char SHAPE[] = "0000-00-00";

	if (size - at < sizeof(SHAPE) - 1)
		return false;
	for (size_t i = 0; i < sizeof(SHAPE) - 1; i++)
		if (SHAPE[i] == '0' ? !is_digit(text[at + i]) : text[at + i] != SHAPE[i])
			return false;
	return true;
}

static struct word date(const char *text, struct word w)
{
	char iso[11] = "";
	civil_day day;

	memcpy(iso, text + w.at, 10);
	w.n = 10;
	w.kind = WORD_DATE;
	if (!civil_read(iso, &day))
		return bad(w, FORMULA_DIGITS);
	w.number = ratio_int(day);
	return w;
}

static struct word number(const char *text, size_t size, struct word w)
{
	int64_t value = 0, part = 1;
	unsigned digits = 0;
	bool point = false;

	for (; w.at + w.n < size; w.n++) {
		char c = text[w.at + w.n];
		if (c == '.' && !point && w.at + w.n + 1 < size && is_digit(text[w.at + w.n + 1])) {
			point = true;
			continue;
		}
		if (!is_digit(c))
			break;
		if (++digits > DIGITS_MOST)
			continue;
		value = value * 10 + (c - '0');
		part *= point ? 10 : 1;
	}
	if (digits > DIGITS_MOST)
		return bad(w, FORMULA_DIGITS);
	w.kind = WORD_NUMBER;
	w.number = ratio_of(value, part);
	take_unit(text, size, &w);
	return w;
}

/* ---- names and signs ---- */

static struct word name(const char *text, size_t size, struct word w)
{
	w.kind = WORD_NAME;
	for (; w.at + w.n < size; w.n++) {
		char c = text[w.at + w.n];
		bool dot = c == '.' && w.at + w.n + 1 < size && is_letter(text[w.at + w.n + 1]);
		if (!dot && !is_letter(c) && !is_digit(c))
			break;
	}
	return w;
}

static struct word sign(const char *text, size_t size, struct word w)
{
	static const char *const SIGNS[] = {"<=", ">=", "!=", "(", ")", ",", "+",
					    "-",  "*",	"/",  "<", ">", "="};

	for (size_t i = 0; i < sizeof(SIGNS) / sizeof(SIGNS[0]); i++)
		if (begins(text, size, w.at, SIGNS[i])) {
			w.kind = WORD_SIGN;
			w.n = strlen(SIGNS[i]);
			return w;
		}
	w.n = 1;
	while (w.at + w.n < size && ((unsigned char)text[w.at + w.n] & 0xC0) == 0x80)
		w.n++; /* one character, however many bytes */
	return bad(w, FORMULA_CHARACTER);
}

struct word formula_word(const char *text, size_t size, size_t at)
{
	struct word w = {.kind = WORD_END, .at = skip_blanks(text, size, at)};

	w.p = text + w.at;
	if (w.at >= size)
		return w;
	if (is_date(text, size, w.at))
		return date(text, w);
	if (is_digit(text[w.at]))
		return number(text, size, w);
	if (is_letter(text[w.at]))
		return name(text, size, w);
	return sign(text, size, w);
}
