/* renhectl: one table of nouns, each with a table of verbs. Data goes to stdout, all else to
 * stderr. */
#ifndef RENHECTL_H
#define RENHECTL_H
#include <stdbool.h>
#include <stddef.h>

#include "renhectl_texts.h"

struct arena;

enum exit_code { /* ops-cli.md */
		 EXIT_DONE = 0,
		 EXIT_FAILED = 1,
		 EXIT_USAGE = 2,
		 EXIT_NOT_ALLOWED = 3,
		 EXIT_NOT_FOUND = 4,
		 EXIT_CONFLICT = 5,
		 EXIT_VALIDATION = 6,
		 EXIT_PARTIAL = 7,
		 EXIT_UNREACHABLE = 8,
};
enum format { FORMAT_AUTO, FORMAT_TABLE, FORMAT_JSON, FORMAT_JSONL, FORMAT_CSV };

struct call {
	struct arena *arena;
	enum format format;	 /* AUTO: the table on a terminal, jsonl else */
	bool dry_run;		 /* say what would be, write nothing */
	bool yes;		 /* ask nothing */
	const char *const *args; /* behind the verb */
	unsigned n_args;
};
enum verb_bits {
	READS = 0,
	NOT_IN_PRODUCTION = 1,
	WRITES = 2,    /* knows --dry-run, as those not for production do */
	DANGEROUS = 4, /* asks on a terminal, needs --yes without one */
	MAY_TAKE_MORE = 8, /* one argument beyond n_args, which may be left out */
};
struct verb {
	const char *name, *args;
	const struct text_def *help;
	unsigned n_args;
	enum exit_code (*run)(const struct call *c);
	unsigned bits; /* of verb_bits */
};
struct noun {
	const char *name;
	const struct text_def *help;
	const struct verb *verbs; /* NULL name ends them */
};

extern const struct noun NOUNS[]; /* NULL name ends them */
extern const struct verb ACCOUNT_VERBS[], AUDIT_VERBS[], CLIENT_VERBS[], CLOCK_VERBS[], COMPLETION_VERBS[],
	DEAD_LETTER_VERBS[], EXPORT_VERBS[], GRANT_VERBS[], IMPORT_VERBS[], KEY_VERBS[], OUTBOX_VERBS[],
	PARKED_VERBS[], PROJECTION_VERBS[], SECRET_VERBS[], SESSION_VERBS[], TENANT_VERBS[];

/* In the language of the terminal: Chinese where the locale is, else English. */
const char *say(const struct text_def *t);
bool say_chinese(void);

/* One record. A name that begins with '#' (left out on output) has a number as its value. */
struct cell {
	const char *name, *value;
};
void put_record(const struct call *c, const struct cell *cells, size_t n);
/* A list: names as of a cell, and rows of n_names values each. */
struct list {
	const char **names;
	size_t n_names;
	const char **values;
	size_t n_rows;
};
void put_list(const struct call *c, const struct list *l);
/* A line on stderr behind the program's name; returns `code`, so that `return complain(...)` reads
 * well. */
enum exit_code complain(enum exit_code code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
