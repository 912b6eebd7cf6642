#include "civil.h"

/* Days from the 1st of March of the year 0, so that the leap day ends a year. */
civil_day civil_of(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 9 : month - 3;
	int era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * m + 2) / 5 + day - 1 - 719468;
}

struct civil civil_split(civil_day d)
{
	int z = d + 719468, era = (z >= 0 ? z : z - 146096) / 146097, of_era = z - era * 146097;
	int y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;
	int month = m < 10 ? m + 3 : m - 9;

	return (struct civil){y + era * 400 + (month <= 2), month, of_year - (153 * m + 2) / 5 + 1};
}

int civil_month_days(int year, int month)
{
	static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return DAYS[month - 1] + (month == 2 && leap);
}

civil_day civil_add_months(civil_day d, int n)
{
	struct civil c = civil_split(d);
	int months = c.year * 12 + c.month - 1 + n, last;

	c.year = months / 12;
	c.month = months % 12 + 1;
	last = civil_month_days(c.year, c.month);
	return civil_of(c.year, c.month, c.day < last ? c.day : last);
}

int civil_weekday(civil_day d)
{
	return (int)(((int64_t)d + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
}

static int number(const char *s, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		v = v * 10 + s[i] - '0';
	}
	return v;
}

bool civil_read(const char *s, civil_day *out)
{
	struct civil c;

	for (int i = 0; i < 10; i++)
		if (!s[i])
			return false;
	c = (struct civil){number(s, 4), number(s + 5, 2), number(s + 8, 2)};
	if (s[4] != '-' || s[7] != '-' || s[10] || c.year < 1900 || c.month < 1 || c.month > 12)
		return false;
	if (c.day < 1 || c.day > civil_month_days(c.year, c.month))
		return false;
	*out = civil_of(c.year, c.month, c.day);
	return true;
}
