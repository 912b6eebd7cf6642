/* Keys of one service: its own program knows them and has the settings, so it is run in our place,
 * from the folder that renhectl is in. */
#include "renhectl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"

static char *program_path(struct arena *a, const char *service)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n < 0)
		return NULL;
	self[n] = '\0';
	slash = strrchr(self, '/');
	return arena_printf(a, "%.*s/%s", (int)(slash - self), self, service);
}

static enum exit_code run_service(const struct call *c, char *verb)
{
	static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyz_";
	const char *service = c->args[0];

	if (strspn(service, LETTERS) != strlen(service))
		return complain(EXIT_USAGE, "%s is no service", service);
	char *path = program_path(c->arena, service);
	if (c->dry_run) {
		printf("%s %s\n", path, verb);
		return EXIT_DONE;
	}
	fflush(stdout);
	if (path)
		execv(path, (char *[]){path, verb, NULL});
	return complain(EXIT_NOT_FOUND, "%s: %s", service, strerror(errno));
}

static enum exit_code key_status(const struct call *c)
{
	return run_service(c, arena_strdup(c->arena, "--keys"));
}

static enum exit_code key_rotate(const struct call *c)
{
	return run_service(c, arena_printf(c->arena, "--rotate-keys=%s", c->args[1]));
}

const struct verb KEY_VERBS[] = {
	{"status", "SERVICE", "how many keys and values, and how many of them under older keys", 1,
	 false, key_status},
	{"rotate", "SERVICE tenant|person",
	 "new keys for all tenants, or for all persons; goes on in the running service", 2, false,
	 key_rotate},
	{.name = NULL},
};
