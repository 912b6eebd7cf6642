/* Civil dates for the rules: days since 1970-01-01 in the proleptic Gregorian calendar, and months as one
 * number. Pure. */
#ifndef RENHE_CIVIL_H
#define RENHE_CIVIL_H
#include <stdbool.h>
#include <stdint.h>

typedef int32_t civil_day;
struct civil {
	int year, month, day; /* 1..12, 1..31 */
};
#define DAY_NEVER INT32_MAX

civil_day civil_of(int year, int month, int day);
struct civil civil_split(civil_day d);
/* YYYY-MM-DD of years 1900..9999; false where s is no real date. */
bool civil_read(const char *s, civil_day *out);
int civil_month_days(int year, int month);
/* 0 Monday .. 6 Sunday. */
int civil_weekday(civil_day d);
/* The same day n months later, or the last of a shorter month. */
civil_day civil_add_months(civil_day d, int n);
#endif
