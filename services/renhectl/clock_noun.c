/* The business clock: a file with the shift in seconds, which all services look at every 100 ms. */
#include "renhectl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "clock.h"
#include "config.h"
#include "value.h"

#define MOST_S (100LL * 366 * 86400) /* of one step, and of the shift as a whole */
#define SEEN_AFTER_MS 150

static bool parse_seconds(const char *text, int64_t *out)
{
	char *end;

	errno = 0;
	long long v = strtoll(text, &end, 10);
	if (end == text || errno != 0 || (*end != '\0' && strcmp(end, "\n") != 0) || v < -MOST_S ||
	    v > MOST_S)
		return false;
	*out = v;
	return true;
}

/* A missing file is a clock that nobody has moved. */
static bool read_shift(const char *file, int64_t *out)
{
	char text[32] = "";
	FILE *f = fopen(file, "re");

	*out = 0;
	if (!f)
		return errno == ENOENT;
	bool good = fgets(text, sizeof(text), f) && parse_seconds(text, out);
	fclose(f);
	return good;
}

/* Draft and rename: a service never reads half a number. Readable for all, whoever moves it. */
static bool write_shift(struct arena *a, const char *file, int64_t shift)
{
	char *draft = arena_printf(a, "%s.XXXXXX", file);
	int fd = mkostemp(draft, O_CLOEXEC);

	if (fd < 0)
		return false;
	bool good =
		dprintf(fd, "%" PRId64 "\n", shift) > 0 && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
	good = close(fd) == 0 && good;
	if (good && rename(draft, file) == 0)
		return true;
	unlink(draft);
	return false;
}

static void put_clock(const struct call *c, int64_t shift)
{
	int64_t now = clock_real_us();
	char real[28], business[28];

	time_format(now, real);
	time_format(now + shift * 1000000, business);
	const struct cell cells[] = {
		{"business_time", business},
		{"real_time", real},
		{"#shift_s", arena_printf(c->arena, "%" PRId64, shift)},
	};
	put_record(c, cells, sizeof(cells) / sizeof(cells[0]));
}

static enum exit_code clock_file(const char **out)
{
	*out = config_str("RENHE_CLOCK_FILE");
	return (*out)[0] ? EXIT_DONE : complain(EXIT_USAGE, "RENHE_CLOCK_FILE is not set");
}

static enum exit_code clock_show(const struct call *c)
{
	const char *file;
	int64_t shift;
	enum exit_code code = clock_file(&file);

	if (code != EXIT_DONE)
		return code;
	if (!read_shift(file, &shift))
		return complain(EXIT_FAILED, "%s holds no shift", file);
	put_clock(c, shift);
	return EXIT_DONE;
}

/* On return every service has seen the new time. */
static void wait_until_seen(void)
{
	nanosleep(&(struct timespec){.tv_nsec = SEEN_AFTER_MS * 1000000L}, NULL);
}

static enum exit_code store(const struct call *c, const char *file, int64_t shift)
{
	if (shift > MOST_S)
		return complain(EXIT_VALIDATION, "that is more than 100 years ahead");
	if (!c->dry_run) {
		if (!write_shift(c->arena, file, shift))
			return complain(EXIT_FAILED, "%s: %s", file, strerror(errno));
		wait_until_seen();
	}
	put_clock(c, shift);
	return EXIT_DONE;
}

typedef enum exit_code plan_fn(const struct call *c, int64_t now_shift, int64_t *shift);

/* Reads and writes under a lock of the folder: two moves at once both count. */
static enum exit_code move(const struct call *c, plan_fn *plan)
{
	const char *file;
	int64_t shift, planned;
	enum exit_code code = clock_file(&file);

	if (code != EXIT_DONE)
		return code;
	int folder =
		open(dirname(arena_strdup(c->arena, file)), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || flock(folder, LOCK_EX) != 0)
		code = complain(EXIT_FAILED, "%s: %s", file, strerror(errno));
	else if (!read_shift(file, &shift))
		code = complain(EXIT_FAILED, "%s holds no shift", file);
	else
		code = plan(c, shift, &planned);
	if (code == EXIT_DONE)
		code = store(c, file, planned);
	if (folder >= 0)
		close(folder);
	return code;
}

static enum exit_code plan_advance(const struct call *c, int64_t now_shift, int64_t *shift)
{
	int64_t by;

	if (!parse_seconds(c->args[0], &by) || strchr(c->args[0], '\n'))
		return complain(EXIT_VALIDATION, "SECONDS must be an integer");
	if (by < 0)
		return complain(EXIT_CONFLICT, "the business clock never goes back");
	*shift = now_shift + by;
	return EXIT_DONE;
}

static enum exit_code plan_set(const struct call *c, int64_t now_shift, int64_t *shift)
{
	int64_t us, real_s = clock_real_us() / 1000000;

	if (!time_parse(c->args[0], &us))
		return complain(EXIT_VALIDATION, "TIME must be YYYY-MM-DDTHH:MM:SSZ");
	*shift = us / 1000000 - real_s;
	if (*shift < now_shift)
		return complain(EXIT_CONFLICT, "the business clock never goes back");
	return EXIT_DONE;
}

static enum exit_code clock_advance(const struct call *c)
{
	return move(c, plan_advance);
}

static enum exit_code clock_set(const struct call *c)
{
	return move(c, plan_set);
}

const struct verb CLOCK_VERBS[] = {
	{"show", "", &TEXT_DEF_HELP_CLOCK_SHOW, 0, clock_show, READS},
	{"advance", "SECONDS", &TEXT_DEF_HELP_CLOCK_ADVANCE, 1, clock_advance, NOT_IN_PRODUCTION},
	{"set", "YYYY-MM-DDTHH:MM:SSZ", &TEXT_DEF_HELP_CLOCK_SET, 1, clock_set, NOT_IN_PRODUCTION},
	{.name = NULL},
};
