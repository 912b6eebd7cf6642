#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "renhectl.h"

#define BAR 30
#define PLAIN_EVERY_MS 5000

static void put_bar(int64_t done, int64_t total)
{
	int64_t full = total ? done * BAR / total : 0;

	fputc('[', stderr);
	for (int i = 0; i < BAR; i++)
		fputc(i < full ? '#' : '.', stderr);
	fputs("] ", stderr);
}

/* Rows a second since the first look, and seconds until the end at that rate; -1 where nobody can tell. */
static void pace(const struct progress *p, int64_t now_ms, int64_t done, int64_t total, int64_t *rate, int64_t *left_s)
{
	int64_t ms = now_ms - p->start_ms, moved = done - p->first;

	*rate = ms > 0 ? moved * 1000 / ms : 0;
	*left_s = moved > 0 && total ? ((total - done) * ms / moved + 999) / 1000 : -1;
}

static int put_text(const char *what, int64_t done, int64_t total, int64_t rate, int64_t left_s)
{
	int n = fprintf(stderr, "%s %lld/%lld %lld%% %lld/s", what, (long long)done, (long long)total,
			(long long)(total ? done * 100 / total : 0), (long long)rate);

	if (left_s >= 0)
		n += fprintf(stderr, " %s %lld s", say(&TEXT_DEF_TIME_LEFT), (long long)left_s);
	return n;
}

void progress_tell(struct progress *p, const char *what, int64_t done, int64_t total)
{
	bool terminal = isatty(STDERR_FILENO);
	int64_t now_ms = clock_monotonic_ms(), rate, left_s;

	if (!p->start_ms) {
		p->start_ms = now_ms;
		p->first = done;
	}
	if (!terminal && p->told_ms && now_ms - p->told_ms < PLAIN_EVERY_MS)
		return;
	p->told_ms = now_ms;
	pace(p, now_ms, done, total, &rate, &left_s);
	if (terminal) {
		fputc('\r', stderr);
		put_bar(done, total);
	}
	int n = put_text(what, done, total, rate, left_s);
	if (!terminal)
		fputc('\n', stderr);
	for (int i = n; terminal && i < p->width; i++)
		fputc(' ', stderr); /* what a longer line left */
	p->width = n;
	fflush(stderr);
}

void progress_end(struct progress *p)
{
	if (isatty(STDERR_FILENO) && p->told_ms)
		fputc('\n', stderr);
}
