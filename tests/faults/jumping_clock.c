/* Preloaded into one program: its real-time clock is off by as many seconds as stand in JUMPING_CLOCK_FILE, an int64_t that may
 * change at any time. The monotonic clock is left alone, as it is where somebody sets a machine's clock. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t none, *shift = &none;
static int (*of_system)(clockid_t id, struct timespec *t);

__attribute__((constructor)) static void begin(void)
{
	int fd = open(getenv("JUMPING_CLOCK_FILE"), O_RDONLY | O_CLOEXEC);

	of_system = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	shift = mmap(NULL, sizeof(*shift), PROT_READ, MAP_SHARED, fd, 0);
	if (shift == MAP_FAILED)
		abort();
	close(fd);
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int rc = of_system(id, t);

	if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
		t->tv_sec += *shift;
	return rc;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
	struct timespec now;
	int rc = clock_gettime(CLOCK_REALTIME, &now);

	(void)zone;
	*t = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
	return rc;
}

time_t time(time_t *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (out)
		*out = now.tv_sec;
	return now.tv_sec;
}
