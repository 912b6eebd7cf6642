#include "seal_key.h"

#include <sodium.h>
#include <string.h>

#include "log.h"
#include "renhe.gen.h"

void bytea_text(const uint8_t *p, size_t n, char *out)
{
	out[0] = '\\';
	out[1] = 'x';
	sodium_bin2hex(out + 2, BYTEA_SIZE(n) - 2, p, n);
}

bool bytea_bytes(struct arena *a, const char *text, struct bytes *out)
{
	size_t digits = strlen(text), n;

	if (digits < 2 || text[0] != '\\' || text[1] != 'x')
		return false;
	digits -= 2;
	uint8_t *p = arena_alloc(a, digits / 2 + 1);
	if (sodium_hex2bin(p, digits / 2, text + 2, digits, NULL, &n, NULL) != 0 || n * 2 != digits)
		return false;
	*out = (struct bytes){p, n};
	return true;
}

bool seal_defect(struct ctx *cx, const char *what, const char *column, const char *subject)
{
	log_line(LOG_ERROR, what, "column", column, "subject", subject, "tenant", cx->who.tenant_id,
		 "request_id", cx->request_id ? cx->request_id : "", NULL);
	return fail(cx, &FAULT_INTERNAL, NULL);
}
