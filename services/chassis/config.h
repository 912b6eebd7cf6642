/* Settings from one table: environment only, prefix RENHE_, every one also as NAME_FILE; unit in
 * the name. The table gives --help, .env.example and the docs. */
#ifndef RENHE_CONFIG_H
#define RENHE_CONFIG_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct setting {
	const char *name;     /* "RENHE_PORT" */
	const char *value;    /* default; NULL = must be given */
	const char *help;     /* en; one sentence with the unit */
	const char *used_by;  /* "all", or names of programs with blanks between; the word
				 "service" stands for every program that has a database */
	bool secret;
	bool integer;
	int64_t min, max;
	const char *choices;  /* "dev|demo|production"; NULL = any text */
};
/* The one table of all programs; NULL name ends it. */
extern const struct setting SETTINGS[];

/* Reads the environment for `program`. Unknown RENHE_* stops with the nearest right name; false
 * and a message on stderr: exit 78 (EX_CONFIG). */
bool config_load(const char *program);
/* Aborts on a name that is not in the table, and on a setting without default that was not given
 * (config_load has seen to it for the settings of its program). Defaults before config_load. */
const char *config_str(const char *name);
int64_t config_int(const char *name);
bool config_production(void);
void config_help(const char *program, FILE *out);
void config_env_example(FILE *out);
#endif
