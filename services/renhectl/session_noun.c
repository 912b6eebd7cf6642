/* Signing in and out. Secrets come from stdin, or from a terminal that doesn't show them. */
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "arena.h"
#include "config.h"
#include "json.h"
#include "server.h"

#define SECRET_MOST 512

/* A line of stdin without its end, which a terminal is not to show; NULL where there is none. */
static char *read_secret(struct arena *a, const struct text_def *asked)
{
	struct termios was, quiet;
	char *line = arena_alloc(a, SECRET_MOST);
	bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &was) == 0;

	if (terminal) {
		quiet = was;
		quiet.c_lflag &= (tcflag_t)~ECHO;
		fprintf(stderr, "%s ", say(asked));
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	char *got = fgets(line, SECRET_MOST, stdin);
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
		fputc('\n', stderr);
	}
	line[strcspn(line, "\r\n")] = '\0';
	return got && *line ? line : NULL;
}

/* ---- bodies ---- */

struct pair {
	const char *name, *value;
};

static struct str object(struct arena *a, const struct pair *pairs, size_t n)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < n; i++) {
		buf_puts(&b, i ? "," : "{");
		json_quote(&b, pairs[i].name, strlen(pairs[i].name));
		buf_puts(&b, ":");
		json_quote(&b, pairs[i].value, strlen(pairs[i].value));
	}
	buf_puts(&b, "}");
	return (struct str){b.p, b.n};
}

/* ---- in ---- */

static enum exit_code keep_at(const struct call *c, const char *url, const struct reply *r)
{
	struct session s = {url, json_get_str(r->doc, "access_token"), json_get_str(r->doc, "refresh_token")};

	if (!s.access)
		return complain(EXIT_FAILED, "%s", say(&TEXT_DEF_SUITE_UNREACHABLE));
	if (!session_write(c->arena, &s))
		return EXIT_FAILED;
	fprintf(stderr, "%s\n", say(&TEXT_DEF_SIGNED_IN));
	return EXIT_DONE;
}

static enum exit_code keep(const struct call *c, const struct reply *r)
{
	return keep_at(c, config_str("RENHE_URL"), r);
}

static bool is_recovery_code(const char *code)
{
	return strspn(code, "0123456789") != strlen(code) || strlen(code) > 6;
}

static enum exit_code second_factor(const struct call *c, struct reply *r)
{
	const char *challenge = json_get_str(r->doc, "challenge_id"), *code = read_secret(c->arena, &TEXT_DEF_ASK_CODE);

	if (!challenge || !code)
		return complain(EXIT_NOT_ALLOWED, "%s", say(&TEXT_DEF_CODE_MISSING));
	const struct pair pairs[] = {{"challenge_id", challenge}, {"method", is_recovery_code(code) ? "RECOVERY_CODE" : "TOTP"}, {"code", code}};
	struct ask q = {.method = "POST", .path = "/api/v1/sessions:complete", .body = object(c->arena, pairs, 3), .anonymous = true};
	return server_ask(c, &q, r);
}

static enum exit_code sign_in(const struct call *c)
{
	enum exit_code code = server_open(c, NULL);
	const char *password = code == EXIT_DONE ? read_secret(c->arena, &TEXT_DEF_ASK_PASSWORD) : NULL;
	struct reply r;

	if (code != EXIT_DONE)
		return code;
	if (!password)
		return complain(EXIT_USAGE, "%s", say(&TEXT_DEF_PASSWORD_MISSING));
	const struct pair pairs[] = {{"tenant", c->args[0]}, {"sign_in_name", c->args[1]}, {"password", password}};
	struct ask q = {.method = "POST", .path = "/api/v1/sessions", .body = object(c->arena, pairs, 3), .anonymous = true};
	code = server_ask(c, &q, &r);
	if (code == EXIT_DONE && r.status == 202)
		code = second_factor(c, &r);
	return code == EXIT_DONE ? keep(c, &r) : code;
}

static enum exit_code client_sign_in(const struct call *c)
{
	enum exit_code code = server_open(c, NULL);
	const char *secret = code == EXIT_DONE ? read_secret(c->arena, &TEXT_DEF_ASK_SECRET) : NULL;
	struct reply r;

	if (code != EXIT_DONE)
		return code;
	if (!secret)
		return complain(EXIT_USAGE, "%s", say(&TEXT_DEF_PASSWORD_MISSING));
	const char *form = arena_printf(c->arena, "grant_type=client_credentials&client_id=%s&client_secret=%s",
					url_part(c->arena, c->args[0]), url_part(c->arena, secret));
	struct ask q = {.method = "POST", .path = "/oauth/token", .body = str_of(form), .type = "application/x-www-form-urlencoded",
			.anonymous = true};
	code = server_ask(c, &q, &r);
	return code == EXIT_DONE ? keep(c, &r) : code;
}

/* For what asks to authenticate again. */
static enum exit_code step_up(const struct call *c)
{
	struct session s;
	const char *secret = read_secret(c->arena, &TEXT_DEF_ASK_STEP_UP);
	struct reply r;

	if (!secret)
		return complain(EXIT_USAGE, "%s", say(&TEXT_DEF_PASSWORD_MISSING));
	bool code_given = strlen(secret) == 6 && strspn(secret, "0123456789") == 6;
	const struct pair pairs[] = {{code_given ? "code" : "password", secret}};
	struct ask q = {.method = "POST", .path = "/api/v1/sessions/current:step-up", .body = object(c->arena, pairs, 1)};
	enum exit_code code = server_ask(c, &q, &r);
	if (code != EXIT_DONE || !session_read(c->arena, &s))
		return code;
	return keep_at(c, s.url, &r);
}

/* ---- out ---- */

/* The file goes in any case: a suite that is gone can't hold anybody in. */
static enum exit_code sign_out(const struct call *c)
{
	struct ask q = {.method = "DELETE", .path = "/api/v1/sessions/current"};
	struct reply r;
	enum exit_code code = server_ask(c, &q, &r);

	if (!session_forget(c->arena))
		return complain(EXIT_FAILED, "%s", say(&TEXT_DEF_SESSION_STAYS));
	return code;
}

static void add_role(void *arg, const struct json_doc *item)
{
	struct buf *b = arg;

	buf_puts(b, b->n ? "," : "");
	buf_puts(b, json_get_str(item, "role") ? json_get_str(item, "role") : "");
}

static enum exit_code show(const struct call *c)
{
	static const char *const NAMES[] = {"tenant_code", "name", "account_id", "person_id", "session_id"};
	enum { N = sizeof(NAMES) / sizeof(NAMES[0]) };
	struct ask q = {.method = "GET", .path = "/api/v1/me"};
	struct cell cells[N + 1];
	struct reply r;
	struct buf roles;
	enum exit_code code = server_ask(c, &q, &r);

	if (code != EXIT_DONE)
		return code;
	buf_init(&roles, c->arena);
	for (size_t i = 0; i < N; i++)
		cells[i] = (struct cell){NAMES[i], json_get_str(r.doc, NAMES[i]) ? json_get_str(r.doc, NAMES[i]) : ""};
	json_each(r.doc, "roles", add_role, &roles);
	cells[N] = (struct cell){"roles", roles.p};
	put_record(c, cells, N + 1);
	return EXIT_DONE;
}

const struct verb SESSION_VERBS[] = {
	{"sign-in", "TENANT NAME", &TEXT_DEF_HELP_SESSION_SIGN_IN, 2, sign_in, READS},
	{"sign-in-client", "CLIENT_ID", &TEXT_DEF_HELP_SESSION_CLIENT, 1, client_sign_in, READS},
	{"step-up", "", &TEXT_DEF_HELP_SESSION_STEP_UP, 0, step_up, READS},
	{"show", "", &TEXT_DEF_HELP_SESSION_SHOW, 0, show, READS},
	{"sign-out", "", &TEXT_DEF_HELP_SESSION_SIGN_OUT, 0, sign_out, READS},
	{.name = NULL},
};
