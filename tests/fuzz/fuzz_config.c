/* Settings: the input is an environment, one NAME=value a line. What must hold: what is taken has each
 * integer within its bounds and each choice among its words. Files named by _FILE are not read here:
 * lines that name one are left out. */
#include <string.h>
#include <unistd.h>
#include "config.h"
#include "fuzz.h"

extern char **environ;

static bool one_of(const char *choices, const char *value)
{
	size_t n = strlen(value);

	for (const char *p = choices; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL)
		if (strcspn(p, "|") == n && !strncmp(p, value, n))
			return true;
	return false;
}

static bool for_archive(const struct setting *s)
{
	return s->value && (!strcmp(s->used_by, "all") || strstr(s->used_by, "service") || strstr(s->used_by, "archive"));
}

static void check(void)
{
	for (const struct setting *s = SETTINGS; s->name; s++) {
		if (!for_archive(s))
			continue;
		if (s->integer)
			demand(config_int(s->name) >= s->min && config_int(s->name) <= s->max);
		if (s->choices)
			demand(one_of(s->choices, config_str(s->name)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *rest = text, *line, *lines[64];
	char **before = environ;
	size_t n = 0;

	demand(text != NULL);
	while (n < 63 && (line = strsep(&rest, "\n")) != NULL)
		if (strchr(line, '=') && !strstr(line, "_FILE"))
			lines[n++] = line;
	lines[n] = NULL;
	environ = lines;
	if (config_load("archive"))
		check();
	environ = before;
	free(text);
	return 0;
}
