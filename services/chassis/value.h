/* Checks and normal forms of single values. Pure functions; no I/O, no clock but where given. */
#ifndef RENHE_VALUE_H
#define RENHE_VALUE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "arena.h"
#include "schema.h"

/* Valid UTF-8 without NUL, surrogates, noncharacters U+FFFE/FFFF; overlong refused. */
bool utf8_valid(const char *p, size_t n);
size_t utf8_length(const char *s); /* code points of valid UTF-8 */

/* NULL where s has the format; else a code such as "FORMAT", "DATE", "CHECK", "LENGTH", "REGION".
 * *out gets the normal form (ID number of 18 digits with X in upper case, mobile without prefix,
 * lower-case UUID); texts in the arena. */
const char *value_check(struct arena *a, enum value_format f, const char *s, const char **out);
/* zh and en detail for people of a code that value_check gives. */
void value_explain(const char *code, enum value_format f, const char **zh, const char **en);

/* Civil dates, proleptic Gregorian; days since 1970-01-01. false where no real date 0001..9999. */
bool date_parse(const char *s, int64_t *days);
void date_format(int64_t days, char out[11]);
/* RFC 3339 UTC with Z, up to microseconds. */
bool time_parse(const char *s, int64_t *unix_us);
void time_format(int64_t unix_us, char out[28]); /* YYYY-MM-DDTHH:MM:SS.ffffffZ, always 6 digits */
/* Instant of 00:00 of a civil date in an IANA zone; false where the zone is unknown (ICU). */
bool zone_midnight(const char *zone, int64_t days, int64_t *unix_us);
bool zone_date(const char *zone, int64_t unix_us, int64_t *days);

/* Display masks of rules.md 7.3: ID 110105********002X, mobile 138****8000, name 张*. */
char *value_mask(struct arena *a, enum value_mask m, const char *s);

void uuid7(char out[37]);      /* RFC 9562, from the real clock; increasing within a process */
bool uuid_valid(const char *s);
#endif
