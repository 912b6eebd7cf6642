/* Keys of one service: its own program knows them and has the settings, so it is run in our place,
 * from the folder that renhectl is in. */
#include "renhectl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "program.h"

static enum exit_code run_service(const struct call *c, char *verb)
{
	const char *service = c->args[0];
	char *path = program_path(c->arena, service);

	if (!path)
		return complain(EXIT_USAGE, "%s is no service", service);
	if (c->dry_run) {
		printf("%s %s\n", path, verb);
		return EXIT_DONE;
	}
	fflush(stdout);
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
	{"status", "SERVICE", &TEXT_DEF_HELP_KEY_STATUS, 1, key_status, READS},
	{"rotate", "SERVICE tenant|person", &TEXT_DEF_HELP_KEY_ROTATE, 2, key_rotate, WRITES},
	{.name = NULL},
};
