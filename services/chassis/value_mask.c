#include "value.h"

#include <string.h>

#include "chassis_texts.h"
#include "str.h"

static void stars(struct buf *b, size_t n)
{
	while (n--)
		buf_add(b, "*", 1);
}

/* head and tail in clear where at least `least` code points are there; else all stars. */
static void ends(struct buf *b, const char *s, size_t head, size_t tail, size_t least)
{
	size_t n = utf8_length(s), i = 0;
	const char *p = s, *end = s + strlen(s);

	if (n < least)
		head = tail = 0;
	for (; p < end; i++) {
		const char *start = p;
		utf8_next(&p, end);
		if (i < head || i >= n - tail)
			buf_add(b, start, (size_t)(p - start));
		else
			stars(b, 1);
	}
}

/* So that 欧阳娜娜 becomes 欧阳** and 王小明 王**. */
static bool double_surname(const char *s)
{
	for (size_t i = 0; i < N_DOUBLE_SURNAMES; i++)
		if (!strncmp(s, DOUBLE_SURNAMES[i].surname, strlen(DOUBLE_SURNAMES[i].surname)))
			return true;
	return false;
}

static void mask_name(struct buf *b, const char *s)
{
	size_t n = utf8_length(s);

	ends(b, s, n > 2 && double_surname(s) ? 2 : 1, 0, 2);
}

static void mask_email(struct buf *b, const char *s)
{
	const char *at = strrchr(s, '@'), *p = s;

	if (!at || at == s) {
		buf_puts(b, "****");
		return;
	}
	utf8_next(&p, at);
	buf_add(b, s, at - s > 1 ? (size_t)(p - s) : 0);
	buf_puts(b, "***");
	buf_puts(b, at);
}

char *value_mask(struct arena *a, enum value_mask m, const char *s)
{
	struct buf b;

	buf_init(&b, a);
	switch (m) {
	case MASK_NONE:
		buf_puts(&b, s);
		break;
	case MASK_ID_NUMBER:
		if (utf8_length(s) >= 15)
			ends(&b, s, 6, 4, 15);
		else
			ends(&b, s, 0, 4, 8); /* passports and permits */
		break;
	case MASK_MOBILE:
		ends(&b, s, 3, 4, 11);
		break;
	case MASK_NAME:
		mask_name(&b, s);
		break;
	case MASK_TAIL4:
		ends(&b, s, 0, 4, 8);
		break;
	case MASK_EMAIL:
		mask_email(&b, s);
		break;
	case MASK_DATE:
		buf_puts(&b, "****-**-**");
		break;
	default: /* MASK_ALL, and what a newer contract may add: not even the length */
		buf_puts(&b, "****");
	}
	return b.p;
}
