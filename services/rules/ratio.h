/* Exact fractions in 128 bits. Money and hours are added and multiplied exactly and rounded once, at the
 * end of a pay line (rules.md 0.1, 11.1); there is no floating point.
 *
 * What overflows 128 bits or divides by zero becomes RATIO_BAD, which every later operation hands on: a
 * formula is written straight through, and ratio_round says false at its end. */
#ifndef RENHE_RATIO_H
#define RENHE_RATIO_H
#include <stdbool.h>
#include <stdint.h>

__extension__ typedef __int128 int128;

struct ratio {
	int128 num, den; /* lowest terms, den > 0; den 0 is RATIO_BAD */
};
#define RATIO_BAD ((struct ratio){0, 0})

struct ratio ratio_of(int64_t num, int64_t den);
static inline struct ratio ratio_int(int64_t n)
{
	return (struct ratio){n, 1};
}
struct ratio ratio_add(struct ratio a, struct ratio b);
struct ratio ratio_sub(struct ratio a, struct ratio b);
struct ratio ratio_mul(struct ratio a, struct ratio b);
struct ratio ratio_div(struct ratio a, struct ratio b);
struct ratio ratio_min(struct ratio a, struct ratio b);
struct ratio ratio_max(struct ratio a, struct ratio b);
static inline bool ratio_good(struct ratio r)
{
	return r.den != 0;
}
/* -1, 0, 1; neither may be bad. Never overflows. */
int ratio_compare(struct ratio a, struct ratio b);
/* The nearest multiple of unit (> 0), a half away from zero (四舍五入); false where r is bad or the result
 * is beyond 64 bits, *out then untouched. */
bool ratio_round(struct ratio r, int64_t unit, int64_t *out);
/* The greatest integer not above r. */
bool ratio_floor(struct ratio r, int64_t *out);
#endif
