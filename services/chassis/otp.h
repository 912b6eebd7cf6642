/* One-time codes: HOTP (RFC 4226) and TOTP (RFC 6238). Pure functions but otp_secret_new; this
 * file's source owns liboath. */
#ifndef RENHE_OTP_H
#define RENHE_OTP_H
#include <stdbool.h>
#include <stdint.h>
#include "arena.h"
#include "str.h"

#define OTP_STEP_S 30
#define OTP_DIGITS 6
#define OTP_DIGITS_MOST 8
#define OTP_SECRET_BYTES 20 /* RFC 4226 section 4, R6: 160 bits */

enum otp_hash { OTP_SHA1, OTP_SHA256, OTP_SHA512 };
struct otp {
	struct str secret; /* the bytes, not their base32 */
	enum otp_hash hash;
	unsigned digits; /* 6 to 8 */
};
/* The code of a time step, which is the counter of HOTP. false: liboath refuses the values. */
bool otp_code(const struct otp *o, int64_t step, char out[OTP_DIGITS_MOST + 1]);

/* A new secret as base32 without padding, which is what authenticators (验证器) take. */
char *otp_secret_new(struct arena *a);
/* Bytes of a base32 secret. false: it is none. */
bool otp_secret_read(struct arena *a, const char *base32, struct str *out);
/* The step whose six-digit SHA-1 code this is: that of now_s or one beside it (RFC 6238 5.2), and
 * above last_step, so that no code is good twice. 0: none. Takes the same time whichever fits. */
int64_t otp_accept(struct arena *a, const char *base32, const char *code, int64_t now_s,
		   int64_t last_step);
/* otpauth://totp/... with names percent-encoded: what a QR code says to an authenticator. */
char *otp_uri(struct arena *a, const char *issuer, const char *name, const char *base32);
#endif
