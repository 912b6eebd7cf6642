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
	const char *used_by;  /* "all" or names of programs with blanks between */
	bool secret;
	bool integer;
	int64_t min, max;
};
/* The one table of all programs; NULL name ends it. */
extern const struct setting SETTINGS[];

/* Reads the environment for `program`. Unknown RENHE_* stops with the nearest right name; false
 * and a message on stderr: exit 78 (EX_CONFIG). */
bool config_load(const char *program);
const char *config_str(const char *name);  /* aborts on a name that is not in the table */
int64_t config_int(const char *name);
bool config_production(void);
void config_help(const char *program, FILE *out);
void config_env_example(FILE *out);
#endif
