/* Rows of long and due work; runner.c does it. */
#include "job.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "job_internal.h"
#include "seal.h"

static const char *text(const char *s)
{
	return s ? s : "";
}

bool job_add(struct ctx *cx, const char *kind, const char *id, struct str input)
{
	char roles[16];
	const char *sealed = "\\x";

	/* A file of staff is as private as the staff: sealed under a key that goes with the job's end. */
	if (input.n && !seal_bytes(cx, JOB_INPUT, id, input, &sealed))
		return false;
	const char *params[] = {id, kind, text(cx->who.account_id), text(cx->who.person_id),
				text(cx->who.session_id), roles, cx->lang ? cx->lang : "zh-CN", cx->request_id,
				cx->traceparent, sealed};
	struct db_result none;

	snprintf(roles, sizeof(roles), "%u", cx->who.roles);
	if (!db_sql(cx,
		    "insert into job (id, kind, account_id, person_id, session_id, roles, lang, cause, traceparent, input) "
		    "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
		    params, 10, &none))
		return false;
	cx->wake_runner = true;
	return true;
}

bool job_get(struct ctx *cx, const char *kind, const char *id, struct job *out, bool *found)
{
	const char *params[] = {id, kind, cx->who.tenant_id};
	struct db_result r;
	char **row;

	if (!db_sql(cx,
		    "select id, kind, tenant_id, account_id, state, done, total, result, error from job "
		    "where id = $1 and kind = $2 and tenant_id = $3",
		    params, 3, &r))
		return false;
	*found = r.n_rows == 1;
	if (!*found)
		return true;
	row = r.rows[0];
	*out = (struct job){
		.id = row[0], .kind = row[1], .tenant_id = row[2], .account_id = row[3], .state = row[4],
		.done = strtoll(row[5], NULL, 10), .total = strtoll(row[6], NULL, 10),
		.result = row[7], .error = row[8],
	};
	return true;
}

/* A timer that is set anew forgets its failures. */
static const char SET_SQL[] =
	"insert into timer (kind, aggregate_id, due_time) values ($1, $2, $3) "
	"on conflict (tenant_id, kind, aggregate_id) do update set due_time = excluded.due_time, attempts = 0, "
	"next_try_time = '-infinity', last_error = null";
static const char REMOVE_SQL[] = "delete from timer where kind = $1 and aggregate_id = $2 and tenant_id = $3";

bool timer_set(struct ctx *cx, const char *kind, const char *aggregate_id, const char *due_time)
{
	const char *params[] = {kind, aggregate_id, due_time ? due_time : cx->who.tenant_id};

	if (!db_sql(cx, due_time ? SET_SQL : REMOVE_SQL, params, 3, NULL))
		return false;
	cx->wake_runner = true;
	return true;
}
