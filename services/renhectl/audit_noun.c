/* The log of the audit: its heads, whether it still is what it was, proofs. */
#include <string.h>

#include "arena.h"
#include "program.h"
#include "renhectl.h"

static enum exit_code show(const struct call *c, const char *operation, const char *text,
			   const struct text_def *fault)
{
	char *table;
	enum exit_code code = program_ask(c, operation, text, &table);

	if (code == EXIT_DONE || code == EXIT_CONFLICT) {
		struct list l = program_list(c->arena, table);
		put_list(c, &l);
	}
	if (code == EXIT_CONFLICT)
		return complain(EXIT_CONFLICT, "%s", say(fault));
	if (code == EXIT_NOT_FOUND)
		return complain(code, "%s", say(&TEXT_DEF_NO_SUCH_ENTRY));
	return code == EXIT_UNREACHABLE ? complain(code, "%s", say(&TEXT_DEF_SERVICE_UNREACHABLE))
					: code;
}

static enum exit_code audit_heads(const struct call *c)
{
	return show(c, "audit-heads", NULL, &TEXT_DEF_AUDIT_FAULTY);
}

static enum exit_code audit_verify(const struct call *c)
{
	return show(c, "audit-verify", c->n_args > 1 ? c->args[1] : NULL, &TEXT_DEF_AUDIT_FAULTY);
}

static enum exit_code audit_prove(const struct call *c)
{
	return show(c, "audit-prove", c->args[1], &TEXT_DEF_AUDIT_UNPROVEN);
}

static enum exit_code audit_extends(const struct call *c)
{
	return show(c, "audit-extends", arena_printf(c->arena, "%s/%s", c->args[1], c->args[2]),
		    &TEXT_DEF_AUDIT_UNPROVEN);
}

const struct verb AUDIT_VERBS[] = {
	{"heads", "SERVICE", &TEXT_DEF_HELP_AUDIT_HEADS, 1, audit_heads, READS},
	{"verify", "SERVICE [HEADS_FILE]", &TEXT_DEF_HELP_AUDIT_VERIFY, 1, audit_verify,
	 READS | MAY_TAKE_MORE},
	{"prove", "SERVICE AUDIT_ID", &TEXT_DEF_HELP_AUDIT_PROVE, 2, audit_prove, READS},
	{"extends", "SERVICE TENANT_ID SIZE", &TEXT_DEF_HELP_AUDIT_EXTENDS, 3, audit_extends,
	 READS},
	{.name = NULL},
};
