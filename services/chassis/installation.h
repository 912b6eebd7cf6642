/* All tenants of one service's database at once, as the relay's role, for one-shot verbs of operators. */
#ifndef RENHE_INSTALLATION_H
#define RENHE_INSTALLATION_H
#include "db.h"
#include "service.h"

struct installation {
	struct ctx cx; /* outside of a transaction: each db_sql is one of its own */
	bool good;     /* false: told on stderr already */
};
struct installation installation_open(const struct service_def *def, const char *application_name);
void installation_close(struct installation *in);
#endif
