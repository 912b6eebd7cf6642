/* Texts and the formats that need no table of their own; ID documents are in value_id.c, dates and
 * instants in value_time.c, masks in value_mask.c. */
#include "value.h"
#include "chassis_texts.h"

#include <string.h>

/* ---- UTF-8 ---- */

static bool continuation(const char *p)
{
	return ((unsigned char)*p & 0xC0) == 0x80;
}

static int32_t wide(const char **p, const char *end, int more, int32_t cp, int32_t least)
{
	if (end - *p <= more) {
		++*p;
		return -1;
	}
	for (int i = 1; i <= more; i++) {
		if (!continuation(*p + i)) {
			++*p;
			return -1;
		}
		cp = cp << 6 | ((unsigned char)(*p)[i] & 0x3F);
	}
	if (cp < least || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) {
		++*p;
		return -1;
	}
	*p += more + 1;
	return cp;
}

int32_t utf8_next(const char **p, const char *end)
{
	unsigned char c = (unsigned char)**p;

	if (c < 0x80) {
		++*p;
		return c;
	}
	if (c >= 0xF0 && c <= 0xF4)
		return wide(p, end, 3, c & 7, 0x10000);
	if (c >= 0xE0 && c < 0xF0)
		return wide(p, end, 2, c & 15, 0x800);
	if (c >= 0xC2 && c < 0xE0)
		return wide(p, end, 1, c & 31, 0x80);
	++*p;
	return -1;
}

bool utf8_valid(const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end) {
		int32_t cp = utf8_next(&p, end);
		if (cp <= 0 || (cp & 0xFFFE) == 0xFFFE)
			return false;
	}
	return true;
}

size_t utf8_length(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += !continuation(s);
	return n;
}

/* ---- characters ---- */

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* First a letter or digit, then those and the ones of `also`. */
static bool word(const char *s, size_t most, const char *also)
{
	size_t n = 0;

	for (; s[n]; n++) {
		if (digit(s[n]) || letter(s[n]))
			continue;
		if (n == 0 || !strchr(also, s[n]))
			return false;
	}
	return n > 0 && n <= most;
}

static bool digits(const char *s, size_t least, size_t most)
{
	size_t n = strspn(s, "0123456789");

	return s[n] == '\0' && n >= least && n <= most;
}

/* ---- formats ---- */

static bool hex_digit(char c, bool any_case)
{
	return digit(c) || (c >= 'a' && c <= 'f') || (any_case && c >= 'A' && c <= 'F');
}

static bool uuid_shape(const char *s, bool any_case)
{
	for (int i = 0; i < 36; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
		if (hyphen ? s[i] != '-' : !hex_digit(s[i], any_case))
			return false;
	}
	return s[36] == '\0';
}

bool uuid_valid(const char *s)
{
	return uuid_shape(s, false);
}

static const char *check_uuid(struct arena *a, const char *s, const char **out)
{
	if (!uuid_shape(s, true))
		return "FORMAT";
	char *low = arena_strdup(a, s);
	for (char *p = low; *p; p++)
		if (*p >= 'A' && *p <= 'F')
			*p = (char)(*p + 32);
	*out = low;
	return NULL;
}

static const char *check_date(const char *s)
{
	static const char shape[] = "dddd-dd-dd";
	int64_t days;

	for (int i = 0; i < 10; i++)
		if (shape[i] == 'd' ? !digit(s[i]) : s[i] != shape[i])
			return "FORMAT";
	if (s[10])
		return "FORMAT";
	return date_parse(s, &days) ? NULL : "DATE";
}

static const char *check_time(struct arena *a, const char *s, const char **out)
{
	int64_t us;

	if (!time_parse(s, &us))
		return "FORMAT";
	char *t = arena_alloc(a, 28);
	time_format(us, t);
	*out = t;
	return NULL;
}

static const char *check_id(struct arena *a, const char *s, const char **out)
{
	struct id_document d;
	/* Without a clock here, a birth to come is the caller's to refuse. */
	const char *code = id_document_check(s, INT64_MAX, &d);

	if (!code)
		*out = arena_strdup(a, d.number);
	return code;
}

static const char *check_mobile(struct arena *a, const char *s, const char **out)
{
	char *bare = arena_alloc(a, strlen(s) + 1);
	size_t n = 0;

	for (; *s; s++)
		if (*s != ' ' && *s != '-')
			bare[n++] = *s;
	if (strncmp(bare, "+86", 3) == 0)
		bare += 3;
	else if (strncmp(bare, "0086", 4) == 0)
		bare += 4;
	if (!digits(bare, 11, 11) || bare[0] != '1' || bare[1] < '3')
		return "FORMAT";
	*out = bare;
	return NULL;
}

/* Dot-atoms of RFC 5322 and a domain of two labels or more; no quoted local parts, no literals. */
static bool local_part(const char *s, size_t n)
{
	if (n == 0 || n > 64 || s[0] == '.' || s[n - 1] == '.')
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '.' && s[i + 1] == '.')
			return false;
		if (!digit(s[i]) && !letter(s[i]) && !strchr(".!#$%&'*+/=?^_`{|}~-", s[i]))
			return false;
	}
	return true;
}

static bool domain_label(const char *s, size_t n)
{
	if (n == 0 || n > 63 || s[0] == '-' || s[n - 1] == '-')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!digit(s[i]) && !letter(s[i]) && s[i] != '-')
			return false;
	return true;
}

static bool email(const char *s)
{
	const char *at = strrchr(s, '@');
	unsigned labels = 0;

	if (!at || strlen(s) > 254 || !local_part(s, (size_t)(at - s)))
		return false;
	for (const char *p = at + 1;; p++) {
		size_t n = strcspn(p, ".");
		if (!domain_label(p, n))
			return false;
		labels++;
		p += n;
		if (!*p)
			return labels >= 2;
	}
}

/* GB 32100-2015: weights are powers of 3 modulo 31. */
static const char *check_credit_code(struct arena *a, const char *s, const char **out)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
	char up[19] = "";
	unsigned sum = 0, weight = 1;

	if (utf8_length(s) != 18)
		return "LENGTH";
	for (int i = 0; i < 18; i++) {
		char c = s[i] >= 'a' && s[i] <= 'z' ? (char)(s[i] - 32) : s[i];
		const char *at = strchr(alphabet, c);
		if (!at || (i >= 2 && i < 8 && !digit(c)))
			return "CHARSET";
		up[i] = c;
		if (i < 17)
			sum += (unsigned)(at - alphabet) * weight;
		weight = weight * 3 % 31;
	}
	if (up[17] != alphabet[(31 - sum % 31) % 31])
		return "CHECK";
	*out = arena_strdup(a, up);
	return NULL;
}

const char *value_check(struct arena *a, enum value_format f, const char *s, const char **out)
{
	*out = s;
	switch (f) {
	case FORMAT_ANY:
		return NULL;
	case FORMAT_UUID:
		return check_uuid(a, s, out);
	case FORMAT_DATE:
		return check_date(s);
	case FORMAT_TIME:
		return check_time(a, s, out);
	case FORMAT_ZONE:
		return zone_known(s) ? NULL : "FORMAT";
	case FORMAT_ID_DOCUMENT:
		return check_id(a, s, out);
	case FORMAT_MOBILE:
		return check_mobile(a, s, out);
	case FORMAT_EMAIL:
		return email(s) ? NULL : "FORMAT";
	case FORMAT_SIGN_IN_NAME:
		return word(s, 64, "._@-") ? NULL : "FORMAT";
	case FORMAT_CODE:
		return word(s, (size_t)-1, "_-") ? NULL : "FORMAT";
	case FORMAT_CREDIT_CODE:
		return check_credit_code(a, s, out);
	}
	return "FORMAT";
}

/* ---- texts for people ---- */

static const struct text_def *const FORMAT_TEXT[] = {
	[FORMAT_ANY] = &TEXT_DEF_FORMAT_ANY,
	[FORMAT_UUID] = &TEXT_DEF_FORMAT_UUID,
	[FORMAT_DATE] = &TEXT_DEF_FORMAT_DATE,
	[FORMAT_TIME] = &TEXT_DEF_FORMAT_TIME,
	[FORMAT_ZONE] = &TEXT_DEF_FORMAT_ZONE,
	[FORMAT_ID_DOCUMENT] = &TEXT_DEF_FORMAT_ID_DOCUMENT,
	[FORMAT_MOBILE] = &TEXT_DEF_FORMAT_MOBILE,
	[FORMAT_EMAIL] = &TEXT_DEF_FORMAT_EMAIL,
	[FORMAT_SIGN_IN_NAME] = &TEXT_DEF_FORMAT_SIGN_IN_NAME,
	[FORMAT_CODE] = &TEXT_DEF_FORMAT_CODE,
	[FORMAT_CREDIT_CODE] = &TEXT_DEF_FORMAT_CREDIT_CODE,
};

static const struct {
	const char *code;
	const struct text_def *text;
} CODE_TEXT[] = {
	{"LENGTH", &TEXT_DEF_DOCUMENT_LENGTH}, {"CHARSET", &TEXT_DEF_DOCUMENT_CHARSET},
	{"REGION", &TEXT_DEF_DOCUMENT_REGION}, {"DATE", &TEXT_DEF_DOCUMENT_DATE},
	{"CHECK", &TEXT_DEF_DOCUMENT_CHECK},
};

struct text value_explain(const char *code, enum value_format f)
{
	const struct text_def *t = &TEXT_DEF_FORMAT_ANY;

	if (strcmp(code, "FORMAT") == 0 && (size_t)f < sizeof FORMAT_TEXT / sizeof *FORMAT_TEXT)
		t = FORMAT_TEXT[f];
	for (size_t i = 0; i < sizeof CODE_TEXT / sizeof *CODE_TEXT; i++)
		if (strcmp(code, CODE_TEXT[i].code) == 0)
			t = CODE_TEXT[i].text;
	return (struct text){.def = t};
}

/* ---- numbers without a format of their own ---- */

bool luhn_valid(const char *s)
{
	size_t n = strlen(s);
	int sum = 0;

	if (!digits(s, 13, 19))
		return false;
	for (size_t i = 0; i < n; i++) {
		int d = s[n - 1 - i] - '0';
		if (i % 2)
			d = d > 4 ? 2 * d - 9 : 2 * d;
		sum += d;
	}
	return sum % 10 == 0;
}

bool qq_valid(const char *s)
{
	return digits(s, 5, 11) && s[0] != '0';
}

bool wechat_name_valid(const char *s)
{
	return letter(s[0]) && strlen(s) >= 6 && word(s, 20, "_-");
}
