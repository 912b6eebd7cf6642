#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

/* POSIX writes up to PIPE_BUF (4096 on Linux) into a pipe in one piece: lines of several threads
 * and processes never mix. */
#define LINE_MAX_BYTES 4096
#define TAIL_ROOM 24 /* ,"truncated":true}\n */
#define UTF8_BAD "\\ufffd"

struct line {
	char p[LINE_MAX_BYTES];
	size_t n;
	bool full;
};

static char service_name[32];
static enum log_level least_level = LOG_INFO;

void log_init(const char *service, enum log_level least)
{
	snprintf(service_name, sizeof(service_name), "%s", service);
	least_level = least;
}

static void put(struct line *l, const char *s, size_t n)
{
	if (l->full || l->n + n > sizeof(l->p) - TAIL_ROOM) {
		l->full = true;
		return;
	}
	memcpy(l->p + l->n, s, n);
	l->n += n;
}

static void puts_line(struct line *l, const char *s)
{
	put(l, s, strlen(s));
}

/* Bytes of the well-formed UTF-8 sequence at s, 0 where there is none (Unicode table 3-7). A NUL
 * inside ends the check, since every byte asked for must be a continuation. */
static size_t utf8_sequence(const unsigned char *s)
{
	size_t n = s[0] < 0x80	 ? 1
		   : s[0] < 0xc2 ? 0
		   : s[0] < 0xe0 ? 2
		   : s[0] < 0xf0 ? 3
		   : s[0] < 0xf5 ? 4
				 : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void put_escaped(struct line *l, unsigned char c)
{
	char escaped[8];

	if (c == '"' || c == '\\')
		snprintf(escaped, sizeof(escaped), "\\%c", c);
	else
		snprintf(escaped, sizeof(escaped), "\\u%04x", c);
	puts_line(l, escaped);
}

/* What needs no escape goes in one piece: most values are ids and names. */
static const char *put_run(struct line *l, const char *s)
{
	const char *end = s;

	while (is_plain((unsigned char)*end))
		end++;
	put(l, s, (size_t)(end - s));
	return end;
}

static void put_quoted(struct line *l, const char *s)
{
	puts_line(l, "\"");
	while (*(s = put_run(l, s))) {
		size_t n = utf8_sequence((const unsigned char *)s);
		if (n == 0)
			puts_line(l, UTF8_BAD);
		else if (n == 1)
			put_escaped(l, (unsigned char)*s);
		else
			put(l, s, n);
		s += n ? n : 1;
	}
	puts_line(l, "\"");
}

static bool is_integer(const char *s)
{
	const char *digits = s[0] == '-' ? s + 1 : s;
	size_t n = strlen(digits);

	return n > 0 && n < 19 && strspn(digits, "0123456789") == n && (digits[0] != '0' || n == 1);
}

/* Whole or not at all: a pair that doesn't fit is taken back, so that the line stays JSON. */
static void put_pair(struct line *l, const char *name, const char *value)
{
	size_t before = l->n;
	bool numeric = name[0] == '#';

	if (l->full)
		return;
	puts_line(l, before > 1 ? "," : "");
	put_quoted(l, numeric ? name + 1 : name);
	puts_line(l, ":");
	if (!value)
		puts_line(l, "null");
	else if (numeric && is_integer(value))
		puts_line(l, value);
	else
		put_quoted(l, value);
	if (l->full)
		l->n = before;
}

/* The text of the second is kept: lines come by the thousand in each. */
static void put_time(struct line *l)
{
	static _Thread_local time_t of = -1;
	static _Thread_local char second[40];
	int64_t us = clock_real_us();
	time_t now = (time_t)(us / 1000000);
	struct tm t;
	char text[64];

	if (now != of) {
		gmtime_r(&now, &t);
		strftime(second, sizeof(second), "%Y-%m-%dT%H:%M:%S", &t);
		of = now;
	}
	snprintf(text, sizeof(text), "%s.%06dZ", second, (int)(us % 1000000));
	put_pair(l, "time", text);
}

static void write_line(struct line *l)
{
	static const char END[] = "}\n", CUT[] = ",\"truncated\":true}\n";
	const char *tail = l->full ? CUT : END;
	ssize_t n;

	memcpy(l->p + l->n, tail, strlen(tail));
	l->n += strlen(tail);
	do
		n = write(STDERR_FILENO, l->p, l->n);
	while (n < 0 && errno == EINTR);
}

void log_line(enum log_level level, const char *event, ...)
{
	static const char *const NAMES[] = {"debug", "info", "warn", "error"};
	struct line l = {.n = 0};
	const char *name;
	va_list ap;

	if (level < least_level)
		return;
	int saved = errno;
	puts_line(&l, "{");
	put_time(&l);
	put_pair(&l, "level", NAMES[level]);
	put_pair(&l, "service", service_name);
	put_pair(&l, "event", event);
	va_start(ap, event);
	while ((name = va_arg(ap, const char *)) != NULL)
		put_pair(&l, name, va_arg(ap, const char *));
	va_end(ap);
	write_line(&l);
	errno = saved;
}
