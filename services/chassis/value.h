/* Checks and normal forms of single values. Pure functions; no I/O, no clock but where given.
 * Sources: GB 11643-1999 (resident ID), GB/T 2260 (regions), GB 32100-2015 (credit code), RFC 3339,
 * RFC 9562. */
#ifndef RENHE_VALUE_H
#define RENHE_VALUE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "arena.h"
#include "schema.h"
#include "text.h"

/* Valid UTF-8 without NUL, surrogates, noncharacters U+FFFE/FFFF; overlong refused. */
bool utf8_valid(const char *p, size_t n);
size_t utf8_length(const char *s); /* code points of valid UTF-8 */
/* The code point at *p, which moves behind it; -1 (and one byte further) where it is malformed.
 * Noncharacters are given as they are. */
int32_t utf8_next(const char **p, const char *end);

/* NULL where s has the format; else a code such as "FORMAT", "DATE", "CHECK", "LENGTH", "REGION".
 * *out gets the normal form (ID number of 18 digits with X in upper case, mobile without prefix,
 * lower-case UUID, instants with six digits); texts in the arena. */
const char *value_check(struct arena *a, enum value_format f, const char *s, const char **out);
/* What people are told of a code that value_check gives. */
struct text value_explain(const char *code, enum value_format f);

/* Number of a resident ID card (居民身份证), a residence permit for people of Hong Kong, Macao and
 * Taiwan (港澳台居民居住证), or a new foreign permanent resident card (外国人永久居留身份证). */
enum id_kind { ID_RESIDENT, ID_HONG_KONG, ID_MACAO, ID_TAIWAN, ID_FOREIGN };
struct id_document {
	char number[19];     /* 18 characters: X in upper case, 15 digits made 18 */
	char region[7];      /* six digits; of ID_FOREIGN the issuing province, two digits */
	char nationality[4]; /* ISO 3166-1 numeric, of ID_FOREIGN; else "" */
	enum id_kind kind;
	int64_t birth_days;
	bool male;
};
/* NULL where well-formed, else the first of LENGTH, CHARSET, REGION, DATE, CHECK that fails; *out is
 * then untouched. A birth after `today` (days) or before 1850 fails as DATE. REGION knows the
 * provinces of GB/T 2260 only, not its counties, whose table grows and shrinks by year. */
const char *id_document_check(const char *s, int64_t today, struct id_document *out);
/* Check digit of ISO/IEC 7812 (bank cards). Some real accounts fail it: a warning, no refusal. */
bool luhn_valid(const char *s);
bool qq_valid(const char *s);          /* QQ number, 5 to 11 digits */
bool wechat_name_valid(const char *s); /* 微信号 */

/* Civil dates, proleptic Gregorian; days since 1970-01-01. false where no real date 0001..9999. */
bool date_parse(const char *s, int64_t *days);
void date_format(int64_t days, char out[11]);
/* RFC 3339 UTC with Z, up to microseconds. */
bool time_parse(const char *s, int64_t *unix_us);
void time_format(int64_t unix_us, char out[28]); /* YYYY-MM-DDTHH:MM:SS.ffffffZ, always 6 digits */
/* Instant of 00:00 of a civil date in an IANA zone; false where the zone is unknown (ICU). Where
 * that day has no midnight its first instant; where it has two the earlier. */
bool zone_midnight(const char *zone, int64_t days, int64_t *unix_us);
bool zone_date(const char *zone, int64_t unix_us, int64_t *days);
/* An IANA name as "Asia/Shanghai" or "UTC"; no abbreviations, no offsets. */
bool zone_known(const char *zone);

/* Display masks of rules.md 7.3: ID 110105********002X, mobile 138****8000, name 张*, a card by its
 * last four, e-mail z***@example.com. Dates give away nothing, as the ID mask doesn't: ****-**-**.
 * What is too short for its mask becomes all stars. */
char *value_mask(struct arena *a, enum value_mask m, const char *s);

void uuid7(char out[37]);      /* RFC 9562, from the real clock; increasing within a process */
/* Random bytes for ids, which anybody may see: taken from the kernel by the kilobyte, each used
 * once. Secrets are made of random_bytes (seal.h). */
void id_bytes(void *out, size_t n);
/* 2 * bytes lower-case hexadecimal digits and a NUL. */
void id_hex(char *out, size_t bytes);
bool uuid_valid(const char *s); /* canonical: lower case, hyphens, any version */
#endif
