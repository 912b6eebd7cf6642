/* The first start makes the platform's tenant and its operator, whose activation code goes to a
 * file that only the service's user reads. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "config.h"
#include "identity.h"
#include "log.h"
#include "value.h"
#include "identity_texts.h"

#define OPERATOR "operator"

static bool write_code(const char *code)
{
	char path[512];
	int fd, ok;

	snprintf(path, sizeof(path), "%s/operator-activation", config_str("RENHE_STATE_DIR"));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		log_line(LOG_ERROR, "cannot write the operator's activation code", "file", path,
			 NULL);
		return false;
	}
	ok = dprintf(fd, "%s\n", code) > 0;
	return close(fd) == 0 && ok;
}

static bool make_operator(struct ctx *cx)
{
	Identity__SpanRow *name = (Identity__SpanRow *)msg_new(cx->arena, &RULE_IDENTITY_SPAN_ROW);
	char id[UUID_LEN + 1], *code, *expire;
	Identity__AccountRow *a;

	uuid7(id);
	a = account_row(cx, id);
	a->has_plain = a->plain = true;
	name->account_id = a->id;
	name->name = arena_strdup(cx->arena, OPERATOR);
	return db_one(cx, &Q_ACCOUNT_INSERT, a, a) && db_one(cx, &Q_NAME_INSERT, name, name) &&
	       grant_put(cx, a->id, RENHE__ROLE__PLATFORM_OPERATOR) && grant_publish(cx, a->id) &&
	       activation_issue(cx, a->id, &code, &expire) &&
	       (write_code(code) || fail(cx, &FAULT_INTERNAL, NULL));
}

static bool make_platform(struct ctx *cx, void *arg)
{
	Identity__Tenant *t = (Identity__Tenant *)msg_new(cx->arena, &RULE_IDENTITY_TENANT);
	bool found;

	(void)arg;
	t->id = arena_strdup(cx->arena, PLATFORM_TENANT);
	if (!db_exec(cx, &Q_START_LOCK, NULL, NULL) || !db_opt(cx, &Q_TENANT_BY_ID, t, t, &found) ||
	    found)
		return !cx->fault.def;
	t->code = arena_strdup(cx->arena, PLATFORM_CODE);
	t->name = text_zh(cx->arena, TEXT_PLATFORM_NAME);
	return db_one(cx, &Q_TENANT_INSERT, t, t) && make_operator(cx);
}

bool platform_start(struct service *svc)
{
	return service_task(svc, PLATFORM_TENANT, make_platform, NULL);
}
