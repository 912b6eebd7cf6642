#include "audit_log.h"

#include "service.h"

static void put(struct buf *b, const char *value)
{
	if (value)
		buf_printf(b, "%zu:%s,", strlen(value), value);
	else
		buf_puts(b, "-,");
}

struct merkle_hash audit_leaf_of(struct ctx *cx, const char *seq, const char *seal_us,
				 char *const *row)
{
	struct buf b;

	buf_init(&b, cx->arena);
	put(&b, "renhe audit entry 1");
	put(&b, cx->svc->def->name);
	put(&b, cx->who.tenant_id);
	put(&b, seq);
	put(&b, seal_us);
	for (int i = 0; i < (row[1] ? AUDIT_N_COLUMNS : 1); i++)
		put(&b, row[i]);
	return merkle_leaf((struct str){b.p, b.n});
}

struct str audit_head_text(struct arena *a, const struct audit_head *h)
{
	return str_of(arena_printf(a, "renhe audit head 1\n%s\n%s\n%s\n%s\n%s\n%s\n", h->service,
				   h->tenant_id, h->size, h->root, h->former_size, h->time_us));
}

const char *audit_hex(struct arena *a, const void *p, size_t n)
{
	static const char DIGITS[] = "0123456789abcdef";
	const unsigned char *from = p;
	char *out = arena_alloc(a, 2 * n + 1);

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = DIGITS[from[i] >> 4];
		out[2 * i + 1] = DIGITS[from[i] & 15];
	}
	return out;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool audit_unhex(const char *text, void *out, size_t n)
{
	unsigned char *to = out;

	if (!text || strlen(text) != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		to[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}
