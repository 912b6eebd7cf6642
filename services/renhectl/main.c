#include "renhectl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "config.h"
#include "str.h"

#ifndef RENHE_VERSION_TEXT
#define RENHE_VERSION_TEXT "unversioned"
#endif
#define WORDS_MAX 16

const struct noun NOUNS[] = {
	{"accounts", &TEXT_DEF_HELP_ACCOUNTS, ACCOUNT_VERBS},
	{"audit", &TEXT_DEF_HELP_AUDIT, AUDIT_VERBS},
	{"clients", &TEXT_DEF_HELP_CLIENTS, CLIENT_VERBS},
	{"clock", &TEXT_DEF_HELP_CLOCK, CLOCK_VERBS},
	{"completion", &TEXT_DEF_HELP_COMPLETION, COMPLETION_VERBS},
	{"dead-letters", &TEXT_DEF_HELP_DEAD_LETTERS, DEAD_LETTER_VERBS},
	{"exports", &TEXT_DEF_HELP_EXPORTS, EXPORT_VERBS},
	{"grants", &TEXT_DEF_HELP_GRANTS, GRANT_VERBS},
	{"imports", &TEXT_DEF_HELP_IMPORTS, IMPORT_VERBS},
	{"key", &TEXT_DEF_HELP_KEY, KEY_VERBS},
	{"outbox", &TEXT_DEF_HELP_OUTBOX, OUTBOX_VERBS},
	{"parked-events", &TEXT_DEF_HELP_PARKED_EVENTS, PARKED_VERBS},
	{"projections", &TEXT_DEF_HELP_PROJECTIONS, PROJECTION_VERBS},
	{"secret", &TEXT_DEF_HELP_SECRET, SECRET_VERBS},
	{"session", &TEXT_DEF_HELP_SESSION, SESSION_VERBS},
	{"tenants", &TEXT_DEF_HELP_TENANTS, TENANT_VERBS},
	{.name = NULL},
};

/* ---- help ---- */

bool say_chinese(void)
{
	static const char *const NAMES[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		const char *locale = getenv(NAMES[i]);
		if (locale && *locale)
			return strncmp(locale, "zh", 2) == 0;
	}
	return false;
}

const char *say(const struct text_def *t)
{
	return say_chinese() ? t->zh : t->en;
}

static void help_noun(const struct noun *n)
{
	printf("%s: %s\n", n->name, say(n->help));
	for (const struct verb *v = n->verbs; v->name; v++)
		printf("  renhectl %s %s%s%s\n      %s\n", n->name, v->name,
		       v->args[0] ? " " : "", v->args, say(v->help));
}

static void help_options(void)
{
	printf("\n  %s\n  --dry-run   %s\n  --yes       %s\n  --help --version\n\n%s\n",
	       say(&TEXT_DEF_HELP_FOOT), say(&TEXT_DEF_HELP_DRY_RUN), say(&TEXT_DEF_HELP_YES),
	       say(&TEXT_DEF_HELP_EXIT));
}

/* Of one noun, or of all. */
static void help(const struct noun *only)
{
	if (!only)
		puts("renhectl [OPTIONS] NOUN VERB [ARGUMENTS]\n");
	for (const struct noun *n = NOUNS; n->name; n++)
		if (!only || n == only)
			help_noun(n);
	help_options();
	if (!only) {
		putchar('\n');
		config_help("renhectl", stdout);
	}
}

/* ---- words ---- */

static bool parse_format(const char *text, enum format *out)
{
	static const char *const NAMES[] = {
		[FORMAT_TABLE] = "table",
		[FORMAT_JSON] = "json",
		[FORMAT_JSONL] = "jsonl",
		[FORMAT_CSV] = "csv",
	};

	for (unsigned i = FORMAT_TABLE; i <= FORMAT_CSV; i++)
		if (strcmp(text, NAMES[i]) == 0) {
			*out = (enum format)i;
			return true;
		}
	return false;
}

/* A word that begins with '-' and a digit is an argument. */
static bool is_option(const char *word)
{
	return word[0] == '-' && !(word[1] >= '0' && word[1] <= '9');
}

/* One option at argv[*i]; moves *i over its value. */
static bool take_option(struct call *c, int argc, char **argv, int *i)
{
	if (strcmp(argv[*i], "--dry-run") == 0)
		return c->dry_run = true;
	if (strcmp(argv[*i], "--yes") == 0)
		return c->yes = true;
	if (strcmp(argv[*i], "-o") != 0 || *i + 1 >= argc)
		return false;
	return parse_format(argv[++*i], &c->format);
}

/* Number of words, or -1 after a complaint. */
static int take_words(struct call *c, int argc, char **argv, const char *words[WORDS_MAX])
{
	int n = 0;

	for (int i = 1; i < argc; i++) {
		bool option = is_option(argv[i]);
		if (option ? !take_option(c, argc, argv, &i) : n == WORDS_MAX) {
			complain(EXIT_USAGE, "%s is not understood; see renhectl --help", argv[i]);
			return -1;
		}
		if (!option)
			words[n++] = argv[i];
	}
	return n;
}

/* `projection` is `projections` too. */
static bool is_called(const char *noun, const char *said)
{
	size_t n = strlen(noun);

	return strcmp(noun, said) == 0 || (noun[n - 1] == 's' && strlen(said) == n - 1 && strncmp(noun, said, n - 1) == 0);
}

static const struct noun *noun_find(const char *name)
{
	for (const struct noun *n = NOUNS; n->name; n++)
		if (is_called(n->name, name))
			return n;
	return NULL;
}

static const struct verb *verb_find(const struct noun *n, const char *name)
{
	for (const struct verb *v = n->verbs; v->name; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

/* What can't be undone is asked about where somebody can answer. */
static bool is_sure(const struct call *c, const struct verb *v)
{
	char answer[8] = "";

	if (!(v->bits & DANGEROUS) || c->yes || c->dry_run)
		return true;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return false;
	fprintf(stderr, "%s ", say(&TEXT_DEF_ASK_SURE));
	return fgets(answer, sizeof(answer), stdin) && strcmp(answer, "yes\n") == 0;
}

static enum exit_code allowed(const struct call *c, const struct verb *v)
{
	if (c->dry_run && !(v->bits & (WRITES | NOT_IN_PRODUCTION)))
		return complain(EXIT_USAGE, "%s writes nothing: no --dry-run", v->name);
	if (!config_load("renhectl"))
		return EXIT_USAGE;
	if (config_production() && (v->bits & NOT_IN_PRODUCTION))
		return complain(EXIT_NOT_ALLOWED, "refused in production");
	if (!is_sure(c, v))
		return complain(EXIT_NOT_ALLOWED, "%s", say(&TEXT_DEF_NEEDS_YES));
	return EXIT_DONE;
}

static enum exit_code run(struct call *c, const char *const *words, int n)
{
	const struct noun *noun = n >= 2 ? noun_find(words[0]) : NULL;
	const struct verb *verb = noun ? verb_find(noun, words[1]) : NULL;

	if (!verb)
		return complain(EXIT_USAGE, "there is no such noun and verb; see renhectl --help");
	c->args = words + 2;
	c->n_args = (unsigned)n - 2;
	if (c->n_args != verb->n_args &&
	    !(verb->bits & MAY_TAKE_MORE && c->n_args == verb->n_args + 1))
		return complain(EXIT_USAGE, "usage: renhectl %s %s %s", noun->name, verb->name,
				verb->args);
	enum exit_code code = allowed(c, verb);
	return code == EXIT_DONE ? verb->run(c) : code;
}

int main(int argc, char **argv)
{
	const char *words[WORDS_MAX];

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			help(noun_find(argv[1]));
			return EXIT_DONE;
		}
		if (strcmp(argv[i], "--version") == 0) {
			puts("renhectl " RENHE_VERSION_TEXT);
			return EXIT_DONE;
		}
	}
	struct call c = {.arena = arena_new()};
	int n = take_words(&c, argc, argv, words);
	enum exit_code code = n < 0 ? EXIT_USAGE : run(&c, words, n);
	if (fflush(stdout) != 0 && code == EXIT_DONE)
		code = complain(EXIT_FAILED, "the output cannot be written");
	arena_free(c.arena);
	return (int)code;
}
