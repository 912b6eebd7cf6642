/* What may not be a password: the common ones, also with digits or a mark behind them, runs and
 * repeats, the tenant's or the person's own name (ASVS 6.2.4, 6.2.11). */
#include <ctype.h>
#include "identity.h"
#include "value.h"

static char *lower(struct ctx *cx, const char *s)
{
	char *t = arena_strdup(cx->arena, s);

	for (char *p = t; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return t;
}

/* "sunshine2024!" is "sunshine": up to so many digits and marks behind a word. */
#define TAIL_MOST 5

static char *stem_of(struct ctx *cx, const char *s)
{
	size_t n = strlen(s), least = n > TAIL_MOST ? n - TAIL_MOST : 0;

	while (n > least && !isalpha((unsigned char)s[n - 1]) && (unsigned char)s[n - 1] < 0x80)
		n--;
	return arena_strndup(cx->arena, s, n);
}

static bool is_common(struct ctx *cx, char *p, bool *common)
{
	Identity__CommonPassword row = IDENTITY__COMMON_PASSWORD__INIT;

	row.password = p;
	row.stem = stem_of(cx, p);
	return db_opt(cx, &Q_PASSWORD_COMMON, &row, &row, common);
}

/* Every character follows the one before by the same step of -1, 0 or 1. */
static bool is_run(const char *s)
{
	int step = s[0] && s[1] ? s[1] - s[0] : 0;

	for (const char *p = s; p[0] && p[1]; p++)
		if (p[1] - p[0] != step)
			return false;
	return step >= -1 && step <= 1;
}

bool password_check(struct ctx *cx, const char *password, const char *tenant_code, const char *name)
{
	char *p = lower(cx, password);
	bool common;

	if (!is_common(cx, p, &common))
		return false;
	if (common || is_run(p))
		return fail(cx, &FAULT_PASSWORD_TOO_COMMON, "password");
	if ((strlen(tenant_code) >= 4 && strstr(p, lower(cx, tenant_code))) ||
	    (strlen(name) >= 4 && strstr(p, lower(cx, name))))
		return fail(cx, &FAULT_PASSWORD_PERSONAL, "password");
	return true;
}
