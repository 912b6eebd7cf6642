/* Files of the tz database. What must hold: of a zone that is taken, wall times lie within a day of their instants, the
 * days part time, and a time that is shown once is shown then. */
#include "fuzz.h"
#include "zone.h"

#define DAY_S 86400

static void check(const struct zone *z, instant_s t)
{
	civil_day d = zone_day(z, t);
	instant_s at[2], wall = (instant_s)d * DAY_S + 9000;

	demand(t - (instant_s)d * DAY_S < 3 * DAY_S && (instant_s)d * DAY_S - t < 3 * DAY_S);
	demand(t < zone_day_start(z, d + 1));
	demand(zone_offset(z, t) <= DAY_S && zone_offset(z, t) >= -DAY_S);
	enum zone_clock kind = zone_instants(z, d, 9000, at);
	for (int i = 0; i < 2; i++)
		demand(at[i] - wall <= DAY_S && wall - at[i] <= DAY_S);
	demand(kind == CLOCK_NEVER || at[0] + zone_offset(z, at[0]) == wall);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct zone z;

	if (!zone_read(data, size, &z))
		return 0;
	for (size_t i = 0; i < z.n; i += 1 + z.n / 16)
		if (z.changes[i].at_s > -100000000000 && z.changes[i].at_s < 100000000000)
			check(&z, z.changes[i].at_s - (instant_s)(i % 2));
	for (instant_s t = -3000000000; t < 5000000000; t += 987654321)
		check(&z, t);
	return 0;
}
