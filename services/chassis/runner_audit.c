/* The sealer of the audit: looks whose rows wait or whose head is due, and does them one tenant at
 * a time. */
#include "job_internal.h"

#include <stdio.h>

#include "audit_log.h"
#include "clock.h"
#include "config.h"
#include "fault.h"
#include "log.h"

#define REST_MS 1000

/* Whose rows wait: from tenant to tenant by the key, however many rows each has. */
static const char FIND_SQL[] = "with recursive waiting as ((select tenant_id from audit_unsealed "
			       "order by tenant_id limit 1) union all "
			       "select (select u.tenant_id from audit_unsealed u where u.tenant_id "
			       "> w.tenant_id order by 1 limit 1) "
			       "from waiting w where w.tenant_id is not null) "
			       "select tenant_id from waiting where tenant_id is not null union "
			       "select tenant_id from audit_log where size > head_size "
			       "and head_time < clock_timestamp() - make_interval(secs => $1::int)";

/* A transaction for each chunk. false: the rest waits for the next turn. */
static bool seal_chunk(struct lane *lane, const char *tenant_id, bool *more)
{
	struct ctx cx;

	runner_context(lane, &cx, lane->arena, lane->app, tenant_id);
	if (db_ready(&cx) && db_begin(&cx) && audit_seal(&cx, false, more) && db_commit(&cx))
		return true;
	log_line(LOG_WARN, "audit_not_sealed", "tenant_id", tenant_id, "code",
		 cx.fault.def ? cx.fault.def->code : "", NULL);
	db_rollback(&cx);
	return false;
}

bool runner_audit(struct lane *lane)
{
	char seconds[24];
	const char *age[] = {seconds};
	int64_t now = clock_monotonic_ms();
	struct db_result r;

	if (now < lane->next_ms)
		return false;
	lane->next_ms = now + REST_MS;
	snprintf(seconds, sizeof(seconds), "%lld", (long long)config_int("RENHE_AUDIT_HEAD_S"));
	if (!runner_find(lane, FIND_SQL, age, 1, &r))
		return false;
	for (int i = 0; i < r.n_rows; i++)
		for (bool more = true; more && !runner_stopping(lane);)
			if (!seal_chunk(lane, r.rows[i][0], &more))
				break;
	return false;
}
