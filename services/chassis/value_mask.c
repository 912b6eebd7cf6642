#include "value.h"

#include <string.h>

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

/* The double surnames (复姓) in use, so that 欧阳娜娜 becomes 欧阳** and 王小明 王**. */
static bool double_surname(const char *s)
{
	static const char known[] =
		"欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠"
		"公孙慕容仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良漆雕乐正宰父谷梁"
		"拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生公户公玉公仪梁丘公仲公上公门公山公坚左丘公伯"
		"西门公祖第五公乘贯丘公皙南荣东里东宫仲长子书子桑即墨达奚褚师纳兰";

	if (strlen(s) < 6)
		return false;
	for (const char *p = known; *p; p += 6)
		if (memcmp(p, s, 6) == 0)
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
