/* Settings, the log line and the business clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clock.h" /* before cmocka.h, which makes a macro of fail */
#include "config.h"
#include "json.h"
#include "log.h"

#include <cmocka.h>

static struct arena *a;
static char folder[] = "/tmp/renhe-config.XXXXXX";

extern char **environ;

/* Ours only: the test runner reads the rest when it writes its report. */
static void forget_settings(void)
{
	for (char **e = environ; e && *e;) {
		char name[200];
		size_t n = strcspn(*e, "=");

		if (strncmp(*e, "RENHE_", 6) != 0 || n >= sizeof(name)) {
			e++;
			continue;
		}
		memcpy(name, *e, n);
		name[n] = '\0';
		unsetenv(name);
	}
}

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	forget_settings();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static const char *file(const char *name, const char *text, size_t n, mode_t mode)
{
	const char *path = arena_printf(a, "%s/%s", folder, name);
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

/* What `fn` writes to stderr. */
static const char *stderr_of(void (*fn)(void *), void *arg)
{
	FILE *f = tmpfile();
	int keep = dup(STDERR_FILENO);

	assert_non_null(f);
	fflush(stderr);
	dup2(fileno(f), STDERR_FILENO);
	fn(arg);
	fflush(stderr);
	dup2(keep, STDERR_FILENO);
	close(keep);
	rewind(f);
	char *text = arena_alloc(a, 20001);
	text[fread(text, 1, 20000, f)] = '\0';
	fclose(f);
	return text;
}

struct load {
	const char *program;
	bool good;
};
static void load(void *arg)
{
	struct load *l = arg;

	l->good = config_load(l->program);
}

/* A start that must go well. */
static void taken(const char *program)
{
	struct load l = {program, false};
	const char *said = stderr_of(load, &l);

	if (!l.good)
		print_error("%s", said);
	assert_true(l.good);
	assert_string_equal(said, "");
}

/* A start that must be refused with these words. */
static void refused(const char *program, const char *words)
{
	struct load l = {program, true};
	const char *said = stderr_of(load, &l);

	assert_false(l.good);
	if (!strstr(said, words))
		print_error("wanted %s, got %s", words, said);
	assert_non_null(strstr(said, words));
}

static void fill_gateway(void)
{
	setenv("RENHE_KEY_ANCHOR", "anchor", 1);
	setenv("RENHE_INTERNAL_TOKEN", "a9f2c07be1", 1);
}

static void settings_are_read(void **state)
{
	(void)state;
	fill_gateway();
	setenv("RENHE_WORKERS", "16", 1);
	setenv("RENHEX", "is none of ours", 1);
	setenv("HOME", "/root", 1);
	taken("gateway");
	assert_string_equal(config_str("RENHE_KEY_ANCHOR"), "anchor");
	assert_int_equal(config_int("RENHE_WORKERS"), 16);
	assert_int_equal(config_int("RENHE_QUEUE_LIMIT"), 256);
	assert_string_equal(config_str("RENHE_TIME_ZONE"), "Asia/Shanghai");
	assert_false(config_production());
	unsetenv("RENHE_WORKERS");
	taken("gateway");
	assert_int_equal(config_int("RENHE_WORKERS"), 8);
	forget_settings();
	taken("renhectl");
}

static void files_give_settings(void **state)
{
	static char large[70000];

	(void)state;
	fill_gateway();
	unsetenv("RENHE_INTERNAL_TOKEN");
	setenv("RENHE_INTERNAL_TOKEN_FILE", file("t", "line\n", 5, 0600), 1);
	taken("gateway");
	assert_string_equal(config_str("RENHE_INTERNAL_TOKEN"), "line");
	setenv("RENHE_INTERNAL_TOKEN_FILE", file("t", "two\nlines\n\n", 11, 0640), 1);
	taken("gateway");
	assert_string_equal(config_str("RENHE_INTERNAL_TOKEN"), "two\nlines\n");
	setenv("RENHE_UPSTREAM_ARCHIVE_FILE", file("u", "host:1", 6, 0644), 1); /* no secret */
	taken("gateway");
	assert_string_equal(config_str("RENHE_UPSTREAM_ARCHIVE"), "host:1");
	setenv("RENHE_CLOCK_FILE", "/tmp/clock",
	       1); /* a name of its own, not RENHE_CLOCK by file */
	taken("gateway");
	assert_string_equal(config_str("RENHE_CLOCK_FILE"), "/tmp/clock");

	setenv("RENHE_INTERNAL_TOKEN", "also", 1);
	refused("gateway", "given twice");
	unsetenv("RENHE_INTERNAL_TOKEN");
	setenv("RENHE_INTERNAL_TOKEN_FILE", "/nonexistent", 1);
	refused("gateway", "cannot read");
	setenv("RENHE_INTERNAL_TOKEN_FILE", folder, 1);
	refused("gateway", "cannot read");
	setenv("RENHE_INTERNAL_TOKEN_FILE", file("t", "a\0b", 3, 0600), 1);
	refused("gateway", "cannot read");
	memset(large, 'x', sizeof(large));
	setenv("RENHE_INTERNAL_TOKEN_FILE", file("t", large, sizeof(large), 0600), 1);
	refused("gateway", "cannot read");
	setenv("RENHE_INTERNAL_TOKEN_FILE", file("t", "\n", 1, 0600), 1);
	refused("gateway", "RENHE_INTERNAL_TOKEN must be given");
	setenv("RENHE_INTERNAL_TOKEN_FILE", file("t", "s3cr3t", 6, 0644), 1); /* C09 */
	refused("gateway", "readable by others");
}

static void unknown_names_name_the_nearest(void **state)
{
	static const char *const T[][2] = {
		{"RENHE_WORKER", "the nearest is RENHE_WORKERS\n"},
		{"RENHE_PG_PASWORD_FILE", "the nearest is RENHE_PG_PASSWORD_FILE\n"},
		{"RENHE_LISTEN_ADDRESS", "the nearest is RENHE_"},
		{"renhe_WORKERS", NULL},
		{"RENHE_", "the nearest is RENHE_ENV\n"},
		{"RENHE_WORKERS_FILE_FILE", "the nearest is RENHE_WORKERS_FILE\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(T) / sizeof(T[0]); i++) {
		forget_settings();
		fill_gateway();
		setenv(T[i][0], "1", 1);
		if (T[i][1])
			refused("gateway", T[i][1]);
		else
			taken("gateway");
	}
}

static void values_are_checked(void **state)
{
	static const char *const BAD[] = {
		"", "0", "65", "-1", "1e1", "0x8", " 8", "8 ", "+8", "8.0", "99999999999999999999"};
	static const char *const GOOD[] = {"1", "8", "64", "08"};

	(void)state;
	fill_gateway();
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		setenv("RENHE_WORKERS", BAD[i], 1);
		refused("gateway", "RENHE_WORKERS must be an integer from 1 to 64");
	}
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++) {
		setenv("RENHE_WORKERS", GOOD[i], 1);
		taken("gateway");
	}
	setenv("RENHE_ENV", "prod", 1);
	refused("gateway", "must be one of dev|demo|production");
	setenv("RENHE_ENV", "demo", 1);
	taken("gateway");
	refused("archive", "RENHE_PG_DATABASE must be given");
	refused("identity", "RENHE_KEY_ANCHOR_SECRET must be given");
}

static void production_refuses_known_secrets(void **state)
{
	static const char *const KNOWN[] = {"changeme", "ChangeMe",   "renhe",
					    "password", "0000000000", "aaaa"};

	(void)state;
	fill_gateway();
	setenv("RENHE_ENV", "production", 1);
	taken("gateway");
	assert_true(config_production());
	for (size_t i = 0; i < sizeof(KNOWN) / sizeof(KNOWN[0]); i++) {
		setenv("RENHE_INTERNAL_TOKEN", KNOWN[i], 1);
		refused("gateway", "well-known secret");
		setenv("RENHE_ENV", "dev", 1);
		taken("gateway");
		setenv("RENHE_ENV", "production", 1);
	}
	fill_gateway();
	setenv("RENHE_ROOT_KEY", "0000000000000000000000000000000000000000000000000000000000000000",
	       1);
	refused("gateway", "RENHE_ROOT_KEY holds a well-known secret");
	unsetenv("RENHE_ROOT_KEY");
	setenv("RENHE_CLOCK_FILE", "/tmp/clock", 1);
	refused("gateway", "RENHE_CLOCK_FILE is refused in production");
	setenv("RENHE_CLOCK_FILE", "", 1);
	taken("gateway");
}

/* Help and example hold every setting of the table, and no secret's value. */
static void help_and_example_come_from_the_table(void **state)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	(void)state;
	config_env_example(f);
	config_help("identity", f);
	fclose(f);
	for (const struct setting *s = SETTINGS; s->name; s++) {
		assert_non_null(strstr(text, arena_printf(a, "%s=", s->name)));
		assert_true(strlen(s->help) > 10 && s->help[strlen(s->help) - 1] == '.');
		assert_true(!s->secret || !s->value || s->value[0] == '\0');
	}
	assert_null(strstr(strstr(text, "Settings of identity"), "RENHE_UPSTREAM_ARCHIVE"));
	free(text);
}

/* ---- log ---- */
static void say(void *arg)
{
	log_line(LOG_WARN, "event \"x\"", "name", arg, "#n", "-12", "#not", "007", "none",
		 (const char *)NULL, NULL);
}

static void log_line_is_one_json_object(void **state)
{
	static const struct {
		const char *in, *out;
	} T[] = {
		{"plain", "plain"},
		{"quote\"back\\", "quote\"back\\"},
		{"line\nfeed\ttab\x01\x7f", "line\nfeed\ttab\x01\x7f"},
		{"中文🔑", "中文🔑"},
		{"bad\xff\xc0\x80", "bad\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"cut\xe4\xb8", "cut\xef\xbf\xbd\xef\xbf\xbd"},
		{"", ""},
	};
	int64_t n;

	(void)state;
	log_init("test", LOG_INFO);
	for (size_t i = 0; i < sizeof(T) / sizeof(T[0]); i++) {
		const char *line = stderr_of(say, (void *)(uintptr_t)T[i].in);
		assert_int_equal(line[strlen(line) - 1], '\n');
		assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1); /* one line */
		struct json_doc *d = json_parse(a, (struct str){line, strlen(line) - 1});
		assert_non_null(d);
		assert_string_equal(json_get_str(d, "name"), T[i].out);
		assert_string_equal(json_get_str(d, "event"), "event \"x\"");
		assert_string_equal(json_get_str(d, "level"), "warn");
		assert_string_equal(json_get_str(d, "service"), "test");
		assert_int_equal(strlen(json_get_str(d, "time")), 27);
		assert_true(json_get_int(d, "n", &n) && n == -12);
		assert_string_equal(json_get_str(d, "not"), "007");
	}
}

static void large_and_quiet_lines(void **state)
{
	char *large = arena_alloc(a, 10001);

	(void)state;
	memset(large, 'x', 10000);
	log_init("test", LOG_INFO);
	const char *line = stderr_of(say, large);
	assert_true(strlen(line) <= 4096);
	struct json_doc *d = json_parse(a, (struct str){line, strlen(line) - 1});
	assert_non_null(d);
	assert_true(json_has(d, "truncated") && !json_has(d, "name"));
	log_init("test", LOG_ERROR);
	assert_string_equal(stderr_of(say, large), "");
	log_init("test", LOG_WARN);
	assert_string_not_equal(stderr_of(say, large), "");
}

/* ---- clock ---- */
static int64_t shift_after_a_look(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 120000000}, NULL);
	int64_t us = clock_business_us() - clock_real_us();
	return (us + (us < 0 ? -500000 : 500000)) / 1000000;
}

static void clock_follows_its_file(void **state)
{
	(void)state;
	fill_gateway();
	setenv("RENHE_CLOCK_FILE", file("clock", "86400\n", 6, 0644), 1);
	taken("gateway");
	assert_int_equal(shift_after_a_look(), 86400);
	file("clock", "172800", 6, 0644);
	assert_int_equal(shift_after_a_look(), 172800);
	assert_int_equal(clock_shift_s(), 172800);
	/* what is no shift leaves the clock as it was */
	static const char *const BAD[] = {
		"", "x", "1x", "1.5", "99999999999999999999", "9999999999999"};
	log_init("test", (enum log_level)(LOG_ERROR + 1));
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		file("clock", BAD[i], strlen(BAD[i]), 0644);
		assert_int_equal(shift_after_a_look(), 172800);
	}
	unlink(arena_printf(a, "%s/clock", folder));
	assert_int_equal(shift_after_a_look(), 172800);
	file("clock", "172801\n", 7, 0644);
	assert_int_equal(shift_after_a_look(), 172801);
	int64_t m = clock_monotonic_us();
	assert_true(clock_monotonic_us() >= m && clock_monotonic_ms() >= m / 1000);
}

static int group_setup(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int group_teardown(void **state)
{
	(void)state;
	static const char *const FILES[] = {"t", "u", "clock"};
	char path[64];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, FILES[i]);
		unlink(path);
	}
	return rmdir(folder);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(settings_are_read),
		T(files_give_settings),
		T(unknown_names_name_the_nearest),
		T(values_are_checked),
		T(production_refuses_known_secrets),
		T(help_and_example_come_from_the_table),
		T(log_line_is_one_json_object),
		T(large_and_quiet_lines),
		T(clock_follows_its_file),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
