/* The one place that reads the tz database of the system. */
#include "zone.h"

#include <stdio.h>
#include <string.h>

/* Area/Location: nothing that leads out of the folder. */
static bool fair_name(const char *name)
{
	static const char LETTERS[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
	size_t n = strlen(name);

	return n > 0 && n < 64 && strspn(name, LETTERS) == n && name[0] != '/';
}

bool zone_load(const char *folder, const char *name, struct zone *out)
{
	unsigned char bytes[ZONE_BYTES_MOST];
	char path[512];
	FILE *f;

	if (!fair_name(name) ||
	    snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path) ||
	    !(f = fopen(path, "re")))
		return false;
	size_t n = fread(bytes, 1, sizeof(bytes), f);
	bool fine = n < sizeof(bytes) && !ferror(f) && zone_read(bytes, n, out);

	fclose(f);
	return fine;
}
