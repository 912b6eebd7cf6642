#include "otp.h"

#include <liboath/oath.h>
#include <stdlib.h>
#include <string.h>

#include "seal.h"

#define STEPS_BESIDE 1

bool otp_code(const struct otp *o, int64_t step, char out[OTP_DIGITS_MOST + 1])
{
	static const int FLAGS[] = {
		[OTP_SHA1] = 0,
		[OTP_SHA256] = OATH_TOTP_HMAC_SHA256,
		[OTP_SHA512] = OATH_TOTP_HMAC_SHA512,
	};

	if (step < 0 || o->digits < OTP_DIGITS || o->digits > OTP_DIGITS_MOST)
		return false;
	return oath_totp_generate2(o->secret.p, o->secret.n, (time_t)(step * OTP_STEP_S),
				   OTP_STEP_S, 0, o->digits, FLAGS[o->hash], out) == OATH_OK;
}

/* liboath pads and allocates; authenticators want neither. */
static char *base32_of(struct arena *a, const unsigned char *bytes, size_t n)
{
	char *text = NULL, *out;
	size_t length = 0;

	if (oath_base32_encode((const char *)bytes, n, &text, &length) != OATH_OK)
		abort(); /* out of memory */
	out = arena_strndup(a, text, strcspn(text, "="));
	explicit_bzero(text, length);
	free(text);
	return out;
}

char *otp_secret_new(struct arena *a)
{
	unsigned char bytes[OTP_SECRET_BYTES];
	char *out;

	random_bytes(bytes, sizeof(bytes));
	out = base32_of(a, bytes, sizeof(bytes));
	explicit_bzero(bytes, sizeof(bytes));
	return out;
}

bool otp_secret_read(struct arena *a, const char *base32, struct str *out)
{
	char *bytes = NULL;
	size_t n = 0;

	if (oath_base32_decode(base32, strlen(base32), &bytes, &n) != OATH_OK)
		return false;
	*out = (struct str){arena_dup(a, bytes, n), n};
	explicit_bzero(bytes, n);
	free(bytes);
	return n > 0;
}

int64_t otp_accept(struct arena *a, const char *base32, const char *code, int64_t now_s,
		   int64_t last_step)
{
	struct otp o = {.hash = OTP_SHA1, .digits = OTP_DIGITS};
	int64_t now = now_s / OTP_STEP_S, found = 0;
	char right[OTP_DIGITS_MOST + 1];

	if (!otp_secret_read(a, base32, &o.secret))
		return 0;
	for (int64_t step = now - STEPS_BESIDE; step <= now + STEPS_BESIDE; step++)
		if (otp_code(&o, step, right) && secret_equal(right, code) && step > last_step)
			found = step;
	return found;
}

static void put_escaped(struct buf *b, const char *s)
{
	static const char PLAIN[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *s; s++)
		if (strchr(PLAIN, *s))
			buf_add(b, s, 1);
		else
			buf_printf(b, "%%%02X", (unsigned char)*s);
}

char *otp_uri(struct arena *a, const char *issuer, const char *name, const char *base32)
{
	struct buf b;

	buf_init(&b, a);
	buf_puts(&b, "otpauth://totp/");
	put_escaped(&b, issuer);
	buf_puts(&b, ":");
	put_escaped(&b, name);
	buf_printf(&b, "?secret=%s&issuer=", base32);
	put_escaped(&b, issuer);
	buf_printf(&b, "&algorithm=SHA1&digits=%d&period=%d", OTP_DIGITS, OTP_STEP_S);
	return b.p;
}
