/* A simulator of tests/lib that runs for as long as the test: its folder, and its ports by name. */
#ifndef RENHE_TEST_SIMULATOR_H
#define RENHE_TEST_SIMULATOR_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "clock.h"

struct simulator {
	char folder[40];
	FILE *life; /* its stdin */
};

static inline int simulator_port(const struct simulator *s, const char *name)
{
	char path[80], word[40];
	int port = 0, found = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/ports", s->folder);
	f = fopen(path, "re");
	while (f && !found && fscanf(f, "%39s %d", word, &port) == 2)
		found = strcmp(word, name) == 0 ? port : 0;
	if (f)
		fclose(f);
	return found;
}

/* false: it hasn't come within 20 s. `name` is a port that it opens. */
static inline bool simulator_start(struct simulator *s, const char *program, const char *name)
{
	char command[300];

	snprintf(s->folder, sizeof(s->folder), "/tmp/renhe-outside.XXXXXX");
	if (!mkdtemp(s->folder))
		return false;
	snprintf(command, sizeof(command), "exec /usr/bin/python3 " RENHE_SOURCE_DIR "/tests/lib/%s %s",
		 program, s->folder);
	s->life = popen(command, "we");
	for (int i = 0; s->life && i < 400 && !simulator_port(s, name); i++)
		clock_sleep_ms(50);
	return s->life && simulator_port(s, name) != 0;
}

static inline void simulator_stop(struct simulator *s)
{
	char command[80];

	if (s->life)
		pclose(s->life);
	snprintf(command, sizeof(command), "rm -rf %s", s->folder);
	(void)!system(command);
}
#endif
