#include "payroll.h"
#include <stdio.h>
#include "law_pack.h"
#include "log.h"
#include "payroll_migrations.h"

static struct law_row rows[LAW_PACK_ROWS];
struct law payroll_law = {.rows = rows};

/* A pack that can't be read is a mistake of the build: nothing is answered on half of the law. */
static bool read_law(struct service *svc)
{
	struct law_error error;

	(void)svc;
	for (const struct law_pack *p = LAW_PACKS; p->name; p++)
		if (!law_read(p->text, LAW_PACK_ROWS, &payroll_law, &error)) {
			char line[16];

			snprintf(line, sizeof(line), "%d", error.line);
			log_line(LOG_ERROR, "law_pack", "pack", p->name, "#line", line, "what", error.what, NULL);
			return false;
		}
	return true;
}

const struct service_def PAYROLL = {
	.name = "payroll",
	.schema = &SCHEMA_PAYROLL,
	.migrations = MIGRATIONS_PAYROLL,
	.n_migrations = N_MIGRATIONS_PAYROLL,
	.on_start = read_law,
};
