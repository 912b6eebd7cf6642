/* Forward-only migrations under an advisory lock, with checksums. */
#ifndef RENHE_MIGRATE_H
#define RENHE_MIGRATE_H
#include "db.h"
#include "service.h"
/* Applies what is missing, as the owner role. A changed checksum or a number unknown to this build
 * stops it. Each file runs in one transaction; `${app}` and `${relay}` in the text become the names
 * of the runtime roles. */
bool migrate_run(const struct db_settings *owner, const struct service_def *def, const char *app_role, const char *relay_role);
/* The runtime role's view: is everything applied? */
bool migrate_current(struct db *db, const struct service_def *def);
#endif
