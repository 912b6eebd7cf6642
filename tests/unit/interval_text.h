/* Times, stretches and their parts as text of a site's clock, for tests of the time algebra. */
#ifndef RENHE_TEST_INTERVAL_TEXT_H
#define RENHE_TEST_INTERVAL_TEXT_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "punch.h"

#define ZONES_FOLDER "/usr/share/zoneinfo"
#define TEXT_MOST 400

/* Zones stay for ever: each is read once. */
__attribute__((unused)) static const struct zone *zone_named(const char *name)
{
	static struct {
		const char *name;
		struct zone zone;
	} known[16];
	size_t i = 0;

	while (known[i].name && strcmp(known[i].name, name) != 0)
		i++;
	if (!known[i].name && !zone_load(ZONES_FOLDER, name, &known[i].zone)) {
		fprintf(stderr, "no zone %s in " ZONES_FOLDER "\n", name);
		exit(1);
	}
	known[i].name = name;
	return &known[i].zone;
}

static int seconds_of(const char *clock)
{
	int h, m;

	if (sscanf(clock, "%d:%d", &h, &m) != 2)
		abort();
	return h * 3600 + m * 60;
}

/* "2026-03-08 01:30", the first time that it is shown. */
__attribute__((unused)) static instant_s time_at(const struct zone *z, const char *text)
{
	char day[11];
	civil_day d;

	snprintf(day, sizeof(day), "%s", text);
	if (!civil_read(day, &d))
		abort();
	return zone_instant(z, d, seconds_of(text + 11));
}

/* "2026-03-08 01:30" in UTC. */
__attribute__((unused)) static void put_utc(char *out, instant_s t)
{
	civil_day d = (civil_day)(t >= 0 ? t / 86400 : -((86399 - t) / 86400));
	struct civil c = civil_split(d);
	int s = (int)(t - (instant_s)d * 86400);

	snprintf(out, TEXT_MOST, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, s / 3600, s % 3600 / 60);
}

static void put_day(char *out, civil_day d)
{
	struct civil c = civil_split(d);
	size_t n = strlen(out);

	snprintf(out + n, TEXT_MOST - n, "%s%04d-%02d-%02d", n ? "; " : "", c.year, c.month, c.day);
}

/* "2026-01-05 120; 2026-01-06 360": minutes. */
__attribute__((unused)) static void put_parts(char *out, const struct work_part *parts, size_t n)
{
	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		put_day(out, parts[i].day);
		size_t k = strlen(out);
		snprintf(out + k, TEXT_MOST - k, " %d", (int)(span_length(parts[i].span) / 60));
	}
}
#endif
