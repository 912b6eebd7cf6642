/* Dates, instants, zones (this file owns ICU) and UUIDs of version 7. */
#include "value.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#define DAY_US 86400000000LL

/* ---- civil days: eras of 400 years, years from March ---- */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
	y -= m <= 2;
	int64_t era = floor_div(y, 400), yoe = y - era * 400;
	int64_t doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void civil_of(int64_t days, int64_t *y, int64_t *m, int64_t *d)
{
	int64_t z = days + 719468, era = floor_div(z, 146097), doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

	*d = doy - (153 * mp + 2) / 5 + 1;
	*m = mp < 10 ? mp + 3 : mp - 9;
	*y = yoe + era * 400 + (*m <= 2);
}

static int64_t month_days(int64_t y, int64_t m)
{
	static const int n[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);

	return n[m - 1] + (m == 2 && leap);
}

/* n digits at p; -1 where one is none. */
static int64_t number(const char *p, int n)
{
	int64_t v = 0;

	for (int i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		v = v * 10 + (p[i] - '0');
	}
	return v;
}

/* The first ten characters; reads no further than the first that doesn't fit. */
static bool parse_day(const char *s, int64_t *days)
{
	int64_t y = number(s, 4), m, d;

	if (y < 1 || s[4] != '-' || (m = number(s + 5, 2)) < 1 || m > 12 || s[7] != '-')
		return false;
	d = number(s + 8, 2);
	if (d < 1 || d > month_days(y, m))
		return false;
	*days = days_of(y, m, d);
	return true;
}

bool date_parse(const char *s, int64_t *days)
{
	int64_t v;

	if (!parse_day(s, &v) || s[10])
		return false;
	*days = v;
	return true;
}

/* Years beyond four digits come from no input; they end at the edge. */
static int64_t clamp_days(int64_t days)
{
	const int64_t least = -719162, most = 2932896; /* 0001-01-01, 9999-12-31 */

	return days < least ? least : days > most ? most : days;
}

void date_format(int64_t days, char out[11])
{
	int64_t y, m, d;

	civil_of(clamp_days(days), &y, &m, &d);
	snprintf(out, 11, "%04u-%02u-%02u", (unsigned)y % 10000, (unsigned)m % 100, (unsigned)d % 100);
}

/* ".ffffff" of one to six digits at *p, which moves behind it. */
static bool parse_fraction(const char **p, int64_t *us)
{
	int64_t unit = 100000;

	*us = 0;
	if (**p != '.')
		return true;
	for (++*p; **p >= '0' && **p <= '9'; ++*p, unit /= 10) {
		if (unit == 0)
			return false;
		*us += (**p - '0') * unit;
	}
	return unit != 100000;
}

bool time_parse(const char *s, int64_t *unix_us)
{
	int64_t days, h, m, sec, us;

	if (!parse_day(s, &days) || s[10] != 'T' || (h = number(s + 11, 2)) < 0 || h > 23 ||
	    s[13] != ':' || (m = number(s + 14, 2)) < 0 || m > 59 || s[16] != ':' ||
	    (sec = number(s + 17, 2)) < 0 || sec > 59)
		return false;
	const char *p = s + 19;
	if (!parse_fraction(&p, &us) || strcmp(p, "Z") != 0)
		return false;
	*unix_us = days * DAY_US + (h * 3600 + m * 60 + sec) * 1000000 + us;
	return true;
}

void time_format(int64_t unix_us, char out[28])
{
	int64_t days = floor_div(unix_us, DAY_US), us = unix_us - days * DAY_US;
	char date[11];

	date_format(days, date);
	unsigned s = (unsigned)(us / 1000000);
	snprintf(out, 28, "%sT%02u:%02u:%02u.%06uZ", date, s / 3600 % 24, s / 60 % 60, s % 60,
		 (unsigned)(us % 1000000));
}

/* ---- zones ---- */

#define ZONE_MAX 64
/* One calendar per thread, kept for the zone asked for last: opening one costs tens of µs. */
struct zone {
	char name[ZONE_MAX];
	UCalendar *calendar;
};
static pthread_key_t zone_key;
static pthread_once_t zone_once = PTHREAD_ONCE_INIT;

static void zone_free(void *p)
{
	struct zone *z = p;

	if (z->calendar)
		ucal_close(z->calendar);
	free(z);
}

static void zone_start(void)
{
	if (pthread_key_create(&zone_key, zone_free) != 0)
		abort();
}

/* ICU also takes PST and GMT+8; those are no names of the IANA base. */
static bool zone_name(const char *zone, UChar name[ZONE_MAX])
{
	UErrorCode err = U_ZERO_ERROR;
	UBool system = 0;
	UChar canonical[ZONE_MAX];
	size_t n = strlen(zone);

	if (n >= ZONE_MAX || n == 0 || (!strchr(zone, '/') && strcmp(zone, "UTC") != 0))
		return false;
	for (size_t i = 0; i <= n; i++) {
		if ((unsigned char)zone[i] >= 0x80)
			return false;
		name[i] = (UChar)zone[i];
	}
	ucal_getCanonicalTimeZoneID(name, -1, canonical, ZONE_MAX, &system, &err);
	return U_SUCCESS(err) && system && strcmp(zone, "Etc/Unknown") != 0;
}

bool zone_known(const char *zone)
{
	UChar name[ZONE_MAX];

	return zone_name(zone, name);
}

static UCalendar *calendar_open(const char *zone)
{
	UErrorCode err = U_ZERO_ERROR;
	UChar name[ZONE_MAX];

	if (!zone_name(zone, name))
		return NULL;
	UCalendar *c = ucal_open(name, -1, "en", UCAL_GREGORIAN, &err);
	ucal_setGregorianChange(c, -1e17, &err); /* proleptic, as our dates */
	ucal_setAttribute(c, UCAL_REPEATED_WALL_TIME, UCAL_WALLTIME_FIRST);
	ucal_setAttribute(c, UCAL_SKIPPED_WALL_TIME, UCAL_WALLTIME_NEXT_VALID);
	if (U_SUCCESS(err))
		return c;
	if (c)
		ucal_close(c);
	return NULL;
}

static UCalendar *calendar_of(const char *zone)
{
	pthread_once(&zone_once, zone_start);
	struct zone *z = pthread_getspecific(zone_key);
	if (z && strcmp(z->name, zone) == 0)
		return z->calendar;
	UCalendar *c = calendar_open(zone);
	if (!c)
		return NULL;
	if (!z) {
		z = calloc(1, sizeof *z);
		if (!z || pthread_setspecific(zone_key, z) != 0)
			abort();
	} else {
		ucal_close(z->calendar);
	}
	memcpy(z->name, zone, strlen(zone) + 1);
	z->calendar = c;
	return c;
}

bool zone_midnight(const char *zone, int64_t days, int64_t *unix_us)
{
	UErrorCode err = U_ZERO_ERROR;
	UCalendar *c = calendar_of(zone);
	int64_t y, m, d;

	if (!c)
		return false;
	civil_of(days, &y, &m, &d);
	ucal_clear(c);
	ucal_setDateTime(c, (int32_t)y, (int32_t)m - 1, (int32_t)d, 0, 0, 0, &err);
	UDate ms = ucal_getMillis(c, &err);
	if (U_FAILURE(err))
		return false;
	*unix_us = (int64_t)ms * 1000;
	return true;
}

bool zone_date(const char *zone, int64_t unix_us, int64_t *days)
{
	UErrorCode err = U_ZERO_ERROR;
	UCalendar *c = calendar_of(zone);

	if (!c)
		return false;
	ucal_setMillis(c, (UDate)floor_div(unix_us, 1000), &err);
	int64_t y = ucal_get(c, UCAL_EXTENDED_YEAR, &err);
	int64_t m = ucal_get(c, UCAL_MONTH, &err);
	int64_t d = ucal_get(c, UCAL_DATE, &err);
	if (U_FAILURE(err))
		return false;
	*days = days_of(y, m + 1, d);
	return true;
}

/* ---- UUID version 7 ---- */

static pthread_mutex_t uuid_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t uuid_ms;
static unsigned uuid_count;

static uint64_t real_ms(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_REALTIME, &t) != 0)
		abort();
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* RFC 9562, 6.2, method 1: twelve bits count within a millisecond, from a random start in the
 * lower half; when they are used up, or the clock steps back, the stamp runs ahead. */
static uint64_t uuid_stamp(unsigned start)
{
	uint64_t now = real_ms();

	pthread_mutex_lock(&uuid_lock);
	if (now > uuid_ms) {
		uuid_ms = now;
		uuid_count = start & 0x7FF;
	} else if (++uuid_count > 0xFFF) {
		uuid_ms++;
		uuid_count = start & 0x7FF;
	}
	uint64_t stamp = uuid_ms << 12 | uuid_count;
	pthread_mutex_unlock(&uuid_lock);
	return stamp;
}

/* A call of the kernel for each id cost a request 1 µs. */
void id_bytes(void *out, size_t n)
{
	static _Thread_local unsigned char pool[1024];
	static _Thread_local size_t left;

	if (n > sizeof(pool))
		abort();
	if (n > left) {
		/* Up to 256 bytes come whole, whatever signal arrives (getrandom(2)). */
		for (size_t at = 0; at < sizeof(pool); at += 256)
			if (getrandom(pool + at, 256, 0) != 256)
				abort();
		left = sizeof(pool);
	}
	left -= n;
	memcpy(out, pool + left, n);
	memset(pool + left, 0, n);
}

void id_hex(char *out, size_t bytes)
{
	static const char DIGITS[] = "0123456789abcdef";
	unsigned char raw[32];

	if (bytes > sizeof(raw))
		abort();
	id_bytes(raw, bytes);
	for (size_t i = 0; i < bytes; i++) {
		out[2 * i] = DIGITS[raw[i] >> 4];
		out[2 * i + 1] = DIGITS[raw[i] & 15];
	}
	out[2 * bytes] = '\0';
}

void uuid7(char out[37])
{
	uint64_t r[2];

	id_bytes(r, sizeof(r));
	uint64_t stamp = uuid_stamp((unsigned)r[1] & 0xFFF), ms = stamp >> 12;
	snprintf(out, 37, "%08x-%04x-7%03x-%04x-%012llx", (unsigned)(ms >> 16), (unsigned)(ms & 0xFFFF),
		 (unsigned)(stamp & 0xFFF), (unsigned)(0x8000 | (r[0] >> 48 & 0x3FFF)),
		 (unsigned long long)(r[0] & 0xFFFFFFFFFFFFULL));
}
