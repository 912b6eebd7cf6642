#include "installation.h"

#include <stdio.h>

#include "arena.h"
#include "config.h"

struct installation installation_open(const struct service_def *def, const char *application_name)
{
	struct db_settings s = {
		.host = config_str("RENHE_PG_HOST"),
		.port = config_str("RENHE_PG_PORT"),
		.database = config_str("RENHE_PG_DATABASE"),
		.user = config_str("RENHE_PG_RELAY_USER"),
		.password = config_str("RENHE_PG_RELAY_PASSWORD"),
		.application_name = application_name,
		.statement_timeout_ms = (int)config_int("RENHE_STATEMENT_TIMEOUT_MS"),
	};
	struct arena *a = arena_new();
	struct installation in;
	char err[300];

	in.cx = (struct ctx){.arena = a, .db = db_open(&s, err, sizeof(err)), .lang = "en"};
	in.good = in.cx.db != NULL;
	if (!in.good)
		fprintf(stderr, "%s: database: %s\n", def->name, err);
	return in;
}

void installation_close(struct installation *in)
{
	struct arena *a = in->cx.arena;

	if (in->cx.db)
		db_close(in->cx.db);
	arena_free(a);
}
