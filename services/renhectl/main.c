#include "renhectl.h"

#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "config.h"
#include "str.h"

#ifndef RENHE_VERSION_TEXT
#define RENHE_VERSION_TEXT "unversioned"
#endif
#define WORDS_MAX 16

static const struct noun NOUNS[] = {
	{"clock", CLOCK_VERBS},
	{"key", KEY_VERBS},
	{"secret", SECRET_VERBS},
	{.name = NULL},
};

static void usage(FILE *out)
{
	fputs("renhectl [OPTIONS] NOUN VERB [ARGUMENTS]\n\n", out);
	for (const struct noun *n = NOUNS; n->name; n++)
		for (const struct verb *v = n->verbs; v->name; v++)
			fprintf(out, "  renhectl %s %s%s%s\n      %s\n", n->name, v->name,
				v->args[0] ? " " : "", v->args, v->help);
	fputs("\n  -o table|json|jsonl|csv   the table on a terminal, jsonl when piped\n"
	      "  --dry-run                 says what would be, writes nothing\n"
	      "  --help --version\n\n"
	      "Ends with 0 done, 1 failed, 2 usage, 3 not allowed, 4 not found, 5 conflict,\n"
	      "6 validation, 7 partial, 8 unreachable.\n\n",
	      out);
	config_help("renhectl", out);
}

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

static const struct noun *noun_find(const char *name)
{
	for (const struct noun *n = NOUNS; n->name; n++)
		if (strcmp(n->name, name) == 0)
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

static enum exit_code run(struct call *c, const char *const *words, int n)
{
	const struct noun *noun = n >= 2 ? noun_find(words[0]) : NULL;
	const struct verb *verb = noun ? verb_find(noun, words[1]) : NULL;

	if (!verb)
		return complain(EXIT_USAGE, "there is no such noun and verb; see renhectl --help");
	c->args = words + 2;
	c->n_args = (unsigned)n - 2;
	if (c->n_args != verb->n_args)
		return complain(EXIT_USAGE, "usage: renhectl %s %s %s", noun->name, verb->name,
				verb->args);
	bool loaded = config_load("renhectl");
	if (config_production() && verb->not_in_production)
		return complain(EXIT_NOT_ALLOWED, "refused in production");
	return loaded ? verb->run(c) : EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const char *words[WORDS_MAX];

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			usage(stdout);
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
