#include "killpoint.h"

#ifdef RENHE_KILLPOINTS
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "config.h"

#define ORDER_MAX 128

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char order[ORDER_MAX]; /* the one that `left` counts for */
static long left;

static bool read_file(char out[ORDER_MAX], char path[PATH_MAX])
{
	const char *folder = config_str("RENHE_STATE_DIR");
	int fd, n;

	snprintf(path, PATH_MAX, "%s/killpoint", folder ? folder : "");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = (int)read(fd, out, ORDER_MAX - 1);
	close(fd);
	out[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static bool read_order(char out[ORDER_MAX], char path[PATH_MAX])
{
	const char *given = getenv("KILLPOINT");

	path[0] = '\0';
	if (given)
		snprintf(out, ORDER_MAX, "%s", given);
	return given || read_file(out, path);
}

static bool is_named(const char *text, const char *name)
{
	size_t n = strlen(name);

	return strncmp(text, name, n) == 0 && text[n] == ':';
}

/* Whether this is the pass that was ordered. */
static bool is_due(const char *now, const char *name)
{
	if (!is_named(now, name))
		return false;
	if (strcmp(order, now) != 0) {
		snprintf(order, sizeof(order), "%s", now);
		left = strtol(now + strlen(name) + 1, NULL, 10);
	}
	return --left <= 0;
}

/* Of "name:n:ms"; 0 where the process is to end. */
static int hold_ms(const char *now)
{
	const char *ms = strchr(strchr(now, ':') + 1, ':');

	return ms ? (int)strtol(ms + 1, NULL, 10) : 0;
}

void killpoint(const char *name)
{
	char now[ORDER_MAX], path[PATH_MAX];
	int held = 0;

	pthread_mutex_lock(&lock);
	if (read_order(now, path) && is_due(now, name)) {
		if (path[0])
			unlink(path);
		held = hold_ms(now);
		if (held == 0)
			raise(SIGKILL);
	}
	pthread_mutex_unlock(&lock);
	clock_sleep_ms(held);
}
#endif
