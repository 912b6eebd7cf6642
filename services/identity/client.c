#include "client.h"
#include "renhe.gen.h"
#include "value.h"

Identity__ClientRow *client_row(struct ctx *cx, const char *id)
{
	Identity__ClientRow *row =
		(Identity__ClientRow *)msg_new(cx->arena, &RULE_IDENTITY_CLIENT_ROW);

	row->id = id ? arena_strdup(cx->arena, id) : NULL;
	return row;
}

char *client_name(struct ctx *cx, const char *tenant_code, const char *id)
{
	return arena_printf(cx->arena, "%s.%s", tenant_code, id);
}

bool client_name_read(struct ctx *cx, const char *name, char **tenant_code, char **id)
{
	const char *dot = strrchr(name, '.');

	if (!dot || dot == name || !uuid_valid(dot + 1))
		return false;
	*tenant_code = arena_strndup(cx->arena, name, (size_t)(dot - name));
	*id = arena_strdup(cx->arena, dot + 1);
	return true;
}

static const struct policy_cell *machine_cell(const struct permission *p)
{
	for (unsigned i = 0; i < p->n_cells; i++)
		if (p->cells[i].role == RENHE__ROLE__MACHINE)
			return &p->cells[i];
	return NULL;
}

/* name: "EMPLOYEE_READ" of its n characters; behind them nothing, or ":CLASS". */
static bool class_known(const struct policy_cell *cell, const char *class)
{
	if (!*class)
		return true;
	for (unsigned i = 1; CLASS_NAMES[i]; i++)
		if (cell->masked & (1u << i) && !strcmp(class + 1, CLASS_NAMES[i]))
			return true;
	return false;
}

bool client_scope_known(struct ctx *cx, const char *scope)
{
	size_t n = strcspn(scope, ":");

	(void)cx;
	for (const struct permission *const *p = PERMISSIONS; *p; p++) {
		const struct policy_cell *cell = machine_cell(*p);

		if (cell && strlen((*p)->name) == n && !strncmp((*p)->name, scope, n))
			return class_known(cell, scope + n);
	}
	return false;
}
