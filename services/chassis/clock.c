#include "clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "config.h"
#include "log.h"

#define LOOK_EVERY_MS 100

static _Atomic int64_t shift_s;
static _Atomic int64_t next_look_ms;
static pthread_mutex_t looking = PTHREAD_MUTEX_INITIALIZER;
/* What was last read; under the mutex. */
static struct stat seen;
static bool seen_any;

static int64_t now_us(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_real_us(void)
{
	return now_us(CLOCK_REALTIME);
}

int64_t clock_monotonic_us(void)
{
	return now_us(CLOCK_MONOTONIC);
}

int64_t clock_monotonic_ms(void)
{
	return clock_monotonic_us() / 1000;
}

/* Within +-200 years, so that no sum of microseconds overflows. */
static bool parse_shift(const char *text, int64_t *out)
{
	const int64_t most = 200LL * 366 * 86400;
	char *end;

	errno = 0;
	long long v = strtoll(text, &end, 10);
	if (end == text || errno != 0 || (*end != '\0' && *end != '\n') || v < -most || v > most)
		return false;
	*out = v;
	return true;
}

/* A file that is gone or holds no number leaves the clock as it was: a business clock that jumps
 * back would undo what fell due. */
static void read_shift(const char *path)
{
	char text[32] = "";
	int64_t v;
	FILE *f = fopen(path, "re");

	if (!f)
		return;
	bool good = fgets(text, sizeof(text), f) && parse_shift(text, &v);
	fclose(f);
	if (good)
		atomic_store(&shift_s, v);
	else
		log_line(LOG_ERROR, "clock file holds no shift", "file", path, NULL);
}

static bool unchanged(const struct stat *st)
{
	return seen_any && st->st_ino == seen.st_ino && st->st_size == seen.st_size &&
	       st->st_mtim.tv_sec == seen.st_mtim.tv_sec &&
	       st->st_mtim.tv_nsec == seen.st_mtim.tv_nsec;
}

static void look(int64_t now_ms)
{
	const char *path = config_str("RENHE_CLOCK_FILE");
	struct stat st;

	atomic_store(&next_look_ms, now_ms + LOOK_EVERY_MS);
	if (path[0] == '\0' || config_production() || stat(path, &st) != 0 || unchanged(&st))
		return;
	read_shift(path);
	seen = st;
	seen_any = true;
}

int64_t clock_business_us(void)
{
	int64_t now_ms = clock_monotonic_ms();

	if (now_ms >= atomic_load(&next_look_ms) && pthread_mutex_trylock(&looking) == 0) {
		look(now_ms);
		pthread_mutex_unlock(&looking);
	}
	return clock_real_us() + atomic_load(&shift_s) * 1000000;
}

int64_t clock_shift_s(void)
{
	clock_business_us();
	return atomic_load(&shift_s);
}

void clock_sleep_ms(int ms)
{
	struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};

	while (nanosleep(&t, &t) != 0 && errno == EINTR)
		;
}
