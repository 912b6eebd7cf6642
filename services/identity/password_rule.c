/* What may not be a password: the common ones, runs and repeats, the tenant's or the person's own
 * name (ASVS 6.2.4, 6.2.11). The list is our own selection of what leaks show first, lower case. */
#include <ctype.h>
#include "identity.h"
#include "value.h"

static const char *const COMMON[] = {
	"1234567890",	"12345678910",	"0123456789",	 "9876543210",
	"0987654321",	"1q2w3e4r5t",	"qwertyuiop",	 "password12",
	"password123",	"password1234", "passw0rd123",	 "administrator",
	"admin123456",	"abc1234567",	"abcd123456",	 "abcdef123456",
	"woaini1314",	"woaini520520", "woaini1314520", "5201314520",
	"1314520520",	"a123456789",	"aa123456789",	 "qq123456789",
	"asdfghjkl123", "zxcvbnm123",	"iloveyou123",	 "letmein123",
	"welcome123",	"welcome1234",	"changeme123",	 "qwerty12345",
	"qwerty123456", "1qaz2wsx3edc", "1qaz2wsx3e",	 "q1w2e3r4t5",
	"q1w2e3r4t5y6", "zaq12wsxcde3", "football123",	 "monkey12345",
	"dragon12345",	"sunshine123",	"princess123",	 "11223344556",
	"1122334455",	"123123123123", "1231231234",	 "123456abcd",
	"123456qwerty", "123qweasdzxc", "qazwsxedc123",	 "renhe123456",
	"renhe12345",	"p@ssw0rd123",	"p@ssword123",	 "secret12345",
	NULL,
};

static char *lower(struct ctx *cx, const char *s)
{
	char *t = arena_strdup(cx->arena, s);

	for (char *p = t; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return t;
}

static bool is_common(const char *s)
{
	for (const char *const *c = COMMON; *c; c++)
		if (!strcmp(*c, s))
			return true;
	return false;
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
	const char *p = lower(cx, password);

	if (is_common(p) || is_run(p))
		return fail(cx, &FAULT_PASSWORD_TOO_COMMON, "password");
	if ((strlen(tenant_code) >= 4 && strstr(p, lower(cx, tenant_code))) ||
	    (strlen(name) >= 4 && strstr(p, lower(cx, name))))
		return fail(cx, &FAULT_PASSWORD_PERSONAL, "password");
	return true;
}
