#include "ratio.h"

__extension__ typedef unsigned __int128 uint128;

static uint128 magnitude(int128 v)
{
	return v < 0 ? -(uint128)v : (uint128)v;
}

static uint128 greatest_common(uint128 a, uint128 b)
{
	while (b) {
		uint128 rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

static struct ratio lowest(int128 num, int128 den)
{
	uint128 g = greatest_common(magnitude(num), magnitude(den));

	if (den == 0 || magnitude(num) >> 127 || magnitude(den) >> 127)
		return RATIO_BAD;
	if (den < 0) {
		num = -num;
		den = -den;
	}
	return (struct ratio){num / (int128)g, den / (int128)g};
}

struct ratio ratio_of(int64_t num, int64_t den)
{
	return lowest(num, den);
}

/* Over the least common denominator, so that sums of like fractions don't grow. */
struct ratio ratio_add(struct ratio a, struct ratio b)
{
	int128 g, x, y, num, den;

	if (!a.den || !b.den)
		return RATIO_BAD;
	g = (int128)greatest_common((uint128)a.den, (uint128)b.den);
	if (__builtin_mul_overflow(a.num, b.den / g, &x) || __builtin_mul_overflow(b.num, a.den / g, &y) ||
	    __builtin_add_overflow(x, y, &num) || __builtin_mul_overflow(a.den, b.den / g, &den))
		return RATIO_BAD;
	return lowest(num, den);
}

struct ratio ratio_sub(struct ratio a, struct ratio b)
{
	return ratio_add(a, (struct ratio){-b.num, b.den});
}

/* Reduced crosswise first, so that only what doesn't fit in lowest terms overflows. */
struct ratio ratio_mul(struct ratio a, struct ratio b)
{
	int128 g, h, num, den;

	if (!a.den || !b.den)
		return RATIO_BAD;
	g = (int128)greatest_common(magnitude(a.num), (uint128)b.den);
	h = (int128)greatest_common(magnitude(b.num), (uint128)a.den);
	if (__builtin_mul_overflow(a.num / g, b.num / h, &num) || __builtin_mul_overflow(a.den / h, b.den / g, &den))
		return RATIO_BAD;
	return lowest(num, den);
}

struct ratio ratio_div(struct ratio a, struct ratio b)
{
	if (!b.den || !b.num)
		return RATIO_BAD;
	return ratio_mul(a, b.num < 0 ? (struct ratio){-b.den, -b.num} : (struct ratio){b.den, b.num});
}

static int128 floor_part(struct ratio r)
{
	int128 q = r.num / r.den;

	return r.num % r.den < 0 ? q - 1 : q;
}

/* By whole parts, then by the reciprocals of what is left, as Euclid divides: nothing is multiplied. */
int ratio_compare(struct ratio a, struct ratio b)
{
	for (int sign = 1;; sign = -sign) {
		int128 fa = floor_part(a), fb = floor_part(b), ra, rb;

		if (fa != fb)
			return fa < fb ? -sign : sign;
		ra = a.num - fa * a.den;
		rb = b.num - fb * b.den;
		if (ra == 0 || rb == 0)
			return ra == rb ? 0 : ra == 0 ? -sign : sign;
		a = (struct ratio){a.den, ra};
		b = (struct ratio){b.den, rb};
	}
}

struct ratio ratio_min(struct ratio a, struct ratio b)
{
	if (!a.den || !b.den)
		return RATIO_BAD;
	return ratio_compare(a, b) <= 0 ? a : b;
}

struct ratio ratio_max(struct ratio a, struct ratio b)
{
	if (!a.den || !b.den)
		return RATIO_BAD;
	return ratio_compare(a, b) >= 0 ? a : b;
}

static bool narrow(int128 v, int64_t *out)
{
	if (v < INT64_MIN || v > INT64_MAX)
		return false;
	*out = (int64_t)v;
	return true;
}

bool ratio_round(struct ratio r, int64_t unit, int64_t *out)
{
	struct ratio in_units = ratio_div(r, ratio_int(unit));
	uint128 whole, rest, den = (uint128)in_units.den;
	int128 rounded;

	if (!ratio_good(in_units))
		return false;
	whole = magnitude(in_units.num) / den;
	rest = magnitude(in_units.num) % den;
	whole += rest >= den - rest;
	rounded = in_units.num < 0 ? -(int128)whole : (int128)whole;
	return !__builtin_mul_overflow(rounded, (int128)unit, &rounded) && narrow(rounded, out);
}

bool ratio_floor(struct ratio r, int64_t *out)
{
	return ratio_good(r) && narrow(floor_part(r), out);
}
