/* A service's own program, as renhectl runs it: --operate of services/chassis/operate.h. */
#ifndef RENHECTL_PROGRAM_H
#define RENHECTL_PROGRAM_H
#include "renhectl.h"

/* The program of a service, in the folder that renhectl is in; NULL where that is no name. */
char *program_path(struct arena *a, const char *service);
/* Runs the operation in service c->args[0]. What it says on stderr goes there; *table is what it
 * said on stdout, also where the code is not EXIT_DONE. */
enum exit_code program_operate(const struct call *c, const char *operation, const char *id,
			       char **table);
/* The same without a word about the code. */
enum exit_code program_ask(const struct call *c, const char *operation, const char *id, char **table);
/* The table as a list; taken apart in place. */
struct list program_list(struct arena *a, char *table);
#endif
