/* The program of a service, run in place of us or for us: it knows its database and has the settings. */
#include "program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "arena.h"
#include "str.h"

char *program_path(struct arena *a, const char *service)
{
	static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyz_";
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n < 0 || !*service || strspn(service, LETTERS) != strlen(service))
		return NULL;
	self[n] = '\0';
	slash = strrchr(self, '/');
	return arena_printf(a, "%.*s/%s", (int)(slash - self), self, service);
}

/* ---- running it ---- */

static void become(char *const *argv, int out)
{
	if (dup2(out, STDOUT_FILENO) >= 0)
		execv(argv[0], argv);
	complain(EXIT_FAILED, "%s: %s", argv[0], strerror(errno));
	_exit(EX_OSERR);
}

static void read_all(int fd, struct buf *out)
{
	char piece[4096];
	ssize_t n;

	while ((n = read(fd, piece, sizeof(piece))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			buf_add(out, piece, (size_t)n);
}

/* Its exit status, or -1. */
static int run(char *const *argv, struct buf *out)
{
	int ends[2], status = -1;
	pid_t child;

	fflush(stdout);
	if (pipe(ends) != 0)
		return -1;
	child = fork();
	if (child == 0)
		become(argv, ends[1]);
	close(ends[1]);
	if (child > 0)
		read_all(ends[0], out);
	close(ends[0]);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static enum exit_code code_of(int status)
{
	static const struct {
		int status;
		enum exit_code code;
	} CODES[] = {
		{0, EXIT_DONE},		   {EX_USAGE, EXIT_USAGE},    {EX_CONFIG, EXIT_USAGE},
		{EX_NOINPUT, EXIT_NOT_FOUND}, {EX_DATAERR, EXIT_CONFLICT}, {EX_TEMPFAIL, EXIT_CONFLICT},
		{EX_UNAVAILABLE, EXIT_UNREACHABLE},
	};

	for (size_t i = 0; i < sizeof(CODES) / sizeof(CODES[0]); i++)
		if (CODES[i].status == status)
			return CODES[i].code;
	return EXIT_FAILED;
}

static enum exit_code explain(enum exit_code code)
{
	static const struct {
		enum exit_code code;
		const struct text_def *text;
	} STEPS[] = {
		{EXIT_CONFLICT, &TEXT_DEF_STILL_FAILS},
		{EXIT_NOT_FOUND, &TEXT_DEF_NO_SUCH_LETTER},
		{EXIT_UNREACHABLE, &TEXT_DEF_SERVICE_UNREACHABLE},
	};

	for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++)
		if (STEPS[i].code == code)
			return complain(code, "%s", say(STEPS[i].text));
	return code;
}

enum exit_code program_ask(const struct call *c, const char *operation, const char *id, char **table)
{
	char *argv[] = {program_path(c->arena, c->args[0]),
			arena_printf(c->arena, "--operate=%s", operation),
			id ? arena_strdup(c->arena, id) : NULL, NULL};
	struct buf out;

	if (!argv[0])
		return complain(EXIT_USAGE, "%s is no service", c->args[0]);
	if (access(argv[0], X_OK) != 0)
		return complain(EXIT_NOT_FOUND, "%s: %s", argv[0], strerror(errno));
	buf_init(&out, c->arena);
	enum exit_code code = code_of(run(argv, &out));
	*table = out.p;
	return code;
}

enum exit_code program_operate(const struct call *c, const char *operation, const char *id,
			       char **table)
{
	return explain(program_ask(c, operation, id, table));
}

/* ---- what it said ---- */

static size_t count(const char *text, char c)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

/* The next value, ended in place. */
static const char *cut(char **rest)
{
	char *from = *rest, *end = from + strcspn(from, "\t\n");

	*rest = *end ? end + 1 : end;
	*end = '\0';
	return from;
}

struct list program_list(struct arena *a, char *table)
{
	size_t lines = count(table, '\n');
	char *rest = table;
	struct list l = {.n_rows = lines ? lines - 1 : 0};
	char *first = arena_strndup(a, table, strcspn(table, "\n"));

	l.n_names = lines ? count(first, '\t') + 1 : 0;
	l.names = arena_alloc(a, (l.n_names + 1) * sizeof(*l.names));
	l.values = arena_alloc(a, (l.n_names * l.n_rows + 1) * sizeof(*l.values));
	for (size_t i = 0; i < l.n_names; i++)
		l.names[i] = cut(&rest);
	for (size_t i = 0; i < l.n_names * l.n_rows; i++)
		l.values[i] = cut(&rest);
	return l;
}
