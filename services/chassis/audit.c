#include "audit.h"
#include "db.h"
#include "killpoint.h"
#include "value.h"

static const char *text(const char *s)
{
	return s ? s : "";
}

bool audit_put(struct ctx *cx, const char *act, const char *resource, const char *resource_id,
	       const char *reason, const char *result)
{
	char id[UUID_LEN + 1];
	const char *params[] = {id,
				text(cx->who.account_id),
				text(cx->who.person_id),
				text(cx->who.session_id),
				act,
				resource,
				text(resource_id),
				reason,
				result,
				text(cx->request_id),
				cx->route ? cx->route->name : "",
				text(cx->peer)};

	uuid7(id);
	killpoint("audit.written"); /* K14: the act's transaction is open, its answer is not sent */
	return db_sql(cx,
		      "with row as (insert into audit (id, account_id, person_id, session_id, act, "
		      "resource, resource_id, reason, "
		      "result, request_id, route, peer) values ($1, $2, $3, $4, $5, $6, $7, $8, "
		      "$9, $10, $11, $12) "
		      ") insert into audit_unsealed (id) values ($1)",
		      params, 12, NULL);
}
