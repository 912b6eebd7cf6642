/* Numbers of cells as people see them, and days out of them. */
#include "sheet_internal.h"
#include <stdio.h>
#include <stdlib.h>
#include "value.h"

#define DIGITS_SHOWN 15 /* that is all that Excel keeps */
#define EPOCH_1900                                                                                 \
	(-25569) /* 1899-12-30, in days since 1970-01-01: day 1 of Excel but for its leap day */
#define EPOCH_1904 (-24107)
#define EXCEL_LEAP_DAY 60 /* 1900-02-29, which never was; days before it are one less off */
#define LAST_DAY 2958465  /* 9999-12-31 */

bool sheet_format_id_is_date(long id)
{
	/* 27 to 36 and 50 to 58 are those of Chinese editions (ECMA-376-1, 18.8.30). */
	return (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 ||
	       (id >= 50 && id <= 54) || id == 57 || id == 58;
}

/* Behind a quoted text, a bracket or an escaped character at p; p where there is none. */
static const char *skip_literal(const char *p)
{
	const char *end;

	if (*p == '"' || *p == '[') {
		end = strchr(p + 1, *p == '"' ? '"' : ']');
		return end ? end + 1 : p + strlen(p);
	}
	if (*p == '\\' || *p == '_' || *p == '*')
		return p[1] ? p + 2 : p + 1;
	return p;
}

bool sheet_format_is_date(const char *format)
{
	const char *p = format, *next;

	while (*p && *p != ';') {
		next = skip_literal(p);
		if (next == p && strchr("yYdD", *p))
			return true;
		p = next == p ? p + 1 : next;
	}
	return false;
}

/* "00000" of a personnel number: what people see has five digits. */
int sheet_format_shows(const char *format)
{
	size_t zeros = strspn(format, "0");

	if (sheet_format_is_date(format))
		return SHEET_SHOWS_DAY;
	return zeros > 1 && zeros <= DIGITS_SHOWN && (!format[zeros] || format[zeros] == ';') ? (int)zeros : 0;
}

static const char *day_text(struct arena *a, double serial, bool from_1904)
{
	char text[11];
	int64_t day;

	if (!(serial >= (from_1904 ? 0 : 1)) || serial >= LAST_DAY + 1)
		return NULL;
	day = (int64_t)serial;
	if (!from_1904 && day == EXCEL_LEAP_DAY)
		return NULL;
	date_format(day + (from_1904 ? EPOCH_1904 : EPOCH_1900) +
			    (!from_1904 && day < EXCEL_LEAP_DAY),
		    text);
	return arena_strdup(a, text);
}

static bool digits_only(const char *s)
{
	s += *s == '-';
	return *s && strspn(s, "0123456789") == strlen(s);
}

static size_t significant(const char *digits)
{
	digits += *digits == '-';
	return strlen(digits + strspn(digits, "0"));
}

/* xsd:double as Excel and its kin write it; no hexadecimal, no "inf", no blanks. */
static bool parse(const char *raw, double *value)
{
	char *end;

	if (!*raw || strspn(raw, "0123456789+-.eE") != strlen(raw) || strlen(raw) > 60)
		return false;
	*value = strtod(raw, &end);
	return end != raw && !*end && *value > -1e300 && *value < 1e300;
}

/* Without exponent where a person would write none. */
static const char *decimal(struct arena *a, double value)
{
	char *text = arena_printf(a, "%.*g", DIGITS_SHOWN, value), *e = strchr(text, 'e'), *point;
	long exponent = e ? strtol(e + 1, NULL, 10) : 0, digits;

	if (!e || exponent > 20 || exponent < -10)
		return text;
	*e = '\0';
	point = strchr(text, '.');
	digits = point ? (long)strlen(point + 1) : 0; /* behind the point */
	if (exponent < 0)
		return arena_printf(a, "%.*f", (int)(digits - exponent), value);
	if (point) /* as Excel shows it: zeros behind the digits that it keeps */
		memmove(point, point + 1, (size_t)digits + 1);
	return arena_printf(a, "%s%0*d", text, (int)(exponent - digits), 0);
}

static const char *with_zeros(struct arena *a, const char *digits, int shown)
{
	int missing = shown - (int)strlen(digits);

	return missing > 0 && digits_only(digits) && *digits != '-' ? arena_printf(a, "%0*d%s", missing, 0, digits) : digits;
}

const char *sheet_number(struct arena *a, const char *raw, int shows, bool from_1904,
			 unsigned *marks)
{
	const char *day;
	double value;

	if (!parse(raw, &value))
		return NULL;
	day = shows == SHEET_SHOWS_DAY ? day_text(a, value, from_1904) : NULL;
	if (day) {
		*marks |= SHEET_DATE;
		return day;
	}
	*marks |= SHEET_NUMBER;
	if (digits_only(raw) && significant(raw) > DIGITS_SHOWN) {
		*marks |= SHEET_PRECISION; /* its writer may have had them all; Excel has not */
		return arena_strdup(a, raw);
	}
	if (value >= 1e15 || value <= -1e15)
		*marks |= SHEET_PRECISION;
	return with_zeros(a, value == 0 ? "0" : decimal(a, value), shows);
}
