/* What the suite's public API keeps: tenants, accounts, roles, machine clients. Columns are names of the
 * contract; what a list in a field holds is joined by commas. */
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "json.h"
#include "server.h"

#define PAGES_MOST 1000

/* ---- records ---- */

static const char *joined(struct arena *a, const struct json_doc *d, const char *name)
{
	struct buf b;

	buf_init(&b, a);
	for (unsigned i = 0; i < json_count(d, name); i++) {
		const char *one = json_item_str(d, name, i);
		buf_printf(&b, "%s%s", i ? "," : "", one ? one : "");
	}
	return b.p ? b.p : "";
}

static const char *value_of(struct arena *a, const struct json_doc *d, const char *name)
{
	int64_t number;

	if (name[0] == '#')
		return json_get_int(d, name + 1, &number) ? arena_printf(a, "%lld", (long long)number) : "null";
	if (json_count(d, name))
		return joined(a, d, name);
	return json_get_str(d, name) ? json_get_str(d, name) : "";
}

static size_t count_of(const char *const *columns)
{
	size_t n = 0;

	while (columns[n])
		n++;
	return n;
}

static enum exit_code show_reply(const struct call *c, const struct ask *q, const char *const *columns)
{
	size_t n = count_of(columns);
	struct cell *cells = arena_alloc(c->arena, (n + 1) * sizeof(*cells));
	struct reply r;
	enum exit_code code = server_ask(c, q, &r);

	if (code != EXIT_DONE || r.status == 204 || !r.doc)
		return code;
	if (r.status == 202)
		fprintf(stderr, "%s\n", say(&TEXT_DEF_WAITS_FOR_ANOTHER));
	for (size_t i = 0; i < n; i++)
		cells[i] = (struct cell){columns[i], value_of(c->arena, r.doc, columns[i])};
	put_record(c, cells, n);
	return EXIT_DONE;
}

/* ---- lists ---- */

struct gather {
	struct arena *arena;
	const char *const *columns;
	size_t n_columns, n, room;
	const char **values;
};

static void gather_row(void *arg, const struct json_doc *item)
{
	struct gather *g = arg;

	if (g->n + g->n_columns > g->room) {
		size_t room = g->room ? g->room * 2 : 64 * g->n_columns;
		const char **more = arena_alloc(g->arena, room * sizeof(*more));

		if (g->n)
			memcpy(more, g->values, g->n * sizeof(*more));
		g->values = more;
		g->room = room;
	}
	for (size_t i = 0; i < g->n_columns; i++)
		g->values[g->n++] = value_of(g->arena, item, g->columns[i]);
}

/* All pages. */
static enum exit_code list(const struct call *c, const char *path, const char *const *columns)
{
	struct gather g = {c->arena, columns, count_of(columns), 0, 0, NULL};
	const char *token = "";

	for (int page = 0; token && page < PAGES_MOST; page++) {
		struct ask q = {.method = "GET", .path = arena_printf(c->arena, "%s%cpage_size=500%s%s", path, strchr(path, '?') ? '&' : '?',
								      *token ? "&page_token=" : "", url_part(c->arena, token))};
		struct reply r;
		enum exit_code code = server_ask(c, &q, &r);
		if (code != EXIT_DONE)
			return code;
		json_each(r.doc, "items", gather_row, &g);
		token = json_get_str(r.doc, "next_page_token");
	}
	const char **names = arena_dup(c->arena, columns, (g.n_columns + 1) * sizeof(*names));
	struct list l = {names, g.n_columns, g.values, g.n / g.n_columns};
	put_list(c, &l);
	return EXIT_DONE;
}

/* ---- writing ---- */

/* {"name":"value","names":["a","b"]}: a name that ends in [] takes a list with commas between. */
static struct str body_of(struct arena *a, const char *const *pairs)
{
	struct buf b;

	buf_init(&b, a);
	buf_puts(&b, "{");
	for (size_t i = 0; pairs[i]; i += 2) {
		size_t n = strlen(pairs[i]);
		bool many = n > 2 && !strcmp(pairs[i] + n - 2, "[]");
		char *rest = arena_strdup(a, pairs[i + 1]), *one = many ? strsep(&rest, ",") : rest;

		buf_puts(&b, i ? "," : "");
		json_quote(&b, pairs[i], many ? n - 2 : n);
		buf_puts(&b, many ? ":[" : ":");
		json_quote(&b, one, strlen(one));
		while (many && (one = strsep(&rest, ",")) != NULL) {
			buf_puts(&b, ",");
			json_quote(&b, one, strlen(one));
		}
		buf_puts(&b, many ? "]" : "");
	}
	buf_puts(&b, "}");
	return (struct str){b.p, b.n};
}

/* What would be sent is shown instead where --dry-run says so. */
static enum exit_code write_as(const struct call *c, struct ask q, const char *const *columns)
{
	const struct cell cells[] = {{"method", q.method}, {"path", q.path}};

	if (!c->dry_run)
		return show_reply(c, &q, columns);
	put_record(c, cells, sizeof(cells) / sizeof(cells[0]));
	return EXIT_DONE;
}

static enum exit_code post(const struct call *c, const char *path, const char *const *pairs, const char *const *columns)
{
	return write_as(c, (struct ask){.method = "POST", .path = path, .body = body_of(c->arena, pairs)}, columns);
}

static const char *path_of(const struct call *c, const char *before, const char *after)
{
	return arena_printf(c->arena, "%s%s%s", before, url_part(c->arena, c->args[0]), after);
}

/* As it stands now: whoever deletes it by hand has seen it, and a change meanwhile is told apart. */
static enum exit_code remove_listed(const struct call *c, const char *path)
{
	struct ask get = {.method = "GET", .path = path_of(c, path, "")};
	struct reply r;
	enum exit_code code = server_ask(c, &get, &r);

	if (code != EXIT_DONE)
		return code;
	const char *etag = json_get_str(r.doc, "etag");
	return write_as(c, (struct ask){.method = "DELETE", .path = get.path, .etag = etag ? etag : ""}, (const char *const[]){NULL});
}

/* ---- tenants ---- */

static const char *const TENANT[] = {"id", "code", "name", "create_time", NULL};
static const char *const NEW_TENANT[] = {"id", "code", "name", "admin_sign_in_name", "admin_activation_code", NULL};

static enum exit_code tenants_list(const struct call *c)
{
	return list(c, "/api/v1/tenants", TENANT);
}

static enum exit_code tenants_show(const struct call *c)
{
	struct ask q = {.method = "GET", .path = path_of(c, "/api/v1/tenants/", "")};

	return show_reply(c, &q, TENANT);
}

static enum exit_code tenants_create(const struct call *c)
{
	return post(c, "/api/v1/tenants",
		    (const char *const[]){"code", c->args[0], "name", c->args[1], "admin_sign_in_name", c->args[2], NULL}, NEW_TENANT);
}

/* ---- accounts ---- */

static const char *const ACCOUNT[] = {"id", "state", "sign_in_names", "roles", "person_id", "open_from_date", "open_to_date", NULL};
static const char *const NEW_ACCOUNT[] = {"id", "state", "sign_in_names", "roles", "activation_code", NULL};
static const char *const ACTIVATION[] = {"account_id", "sign_in_name", "code", "expire_time", NULL};

static enum exit_code accounts_list(const struct call *c)
{
	return list(c, "/api/v1/accounts", ACCOUNT);
}

static enum exit_code accounts_find(const struct call *c)
{
	return list(c, path_of(c, "/api/v1/accounts?sign_in_name=", ""), ACCOUNT);
}

static enum exit_code accounts_show(const struct call *c)
{
	struct ask q = {.method = "GET", .path = path_of(c, "/api/v1/accounts/", "")};

	return show_reply(c, &q, ACCOUNT);
}

static enum exit_code accounts_create(const struct call *c)
{
	return post(c, "/api/v1/accounts", (const char *const[]){"sign_in_name", c->args[0], "roles[]", c->args[1], NULL}, NEW_ACCOUNT);
}

static enum exit_code accounts_issue(const struct call *c)
{
	return post(c, path_of(c, "/api/v1/accounts/", ":issue-activation"), (const char *const[]){NULL}, ACTIVATION);
}

static enum exit_code accounts_reset(const struct call *c)
{
	return post(c, path_of(c, "/api/v1/accounts/", ":reset-second-factor"), (const char *const[]){"reason", c->args[1], NULL}, ACCOUNT);
}

/* ---- roles ---- */

static const char *const GRANT[] = {"id", "account_id", "role", "store_ids", NULL};

static enum exit_code grants_list(const struct call *c)
{
	return list(c, "/api/v1/grants", GRANT);
}

static enum exit_code grants_add(const struct call *c)
{
	return post(c, "/api/v1/grants", (const char *const[]){"account_id", c->args[0], "role", c->args[1], NULL}, GRANT);
}

/* ---- machine clients ---- */

static const char *const CLIENT[] = {"id", "client_id", "name", "scopes", "create_time", NULL};
static const char *const NEW_CLIENT[] = {"id", "client_id", "client_secret", "name", "scopes", NULL};

static enum exit_code clients_list(const struct call *c)
{
	return list(c, "/api/v1/clients", CLIENT);
}

static enum exit_code clients_create(const struct call *c)
{
	return post(c, "/api/v1/clients", (const char *const[]){"name", c->args[0], "scopes[]", c->args[1], NULL}, NEW_CLIENT);
}

static enum exit_code clients_rotate(const struct call *c)
{
	return post(c, path_of(c, "/api/v1/clients/", ":rotate-secret"), (const char *const[]){NULL}, NEW_CLIENT);
}

static enum exit_code clients_delete(const struct call *c)
{
	return remove_listed(c, "/api/v1/clients/");
}

const struct verb TENANT_VERBS[] = {
	{"list", "", &TEXT_DEF_HELP_TENANTS_LIST, 0, tenants_list, READS},
	{"show", "ID", &TEXT_DEF_HELP_TENANTS_SHOW, 1, tenants_show, READS},
	{"create", "CODE NAME ADMIN_SIGN_IN_NAME", &TEXT_DEF_HELP_TENANTS_CREATE, 3, tenants_create, WRITES},
	{.name = NULL},
};
const struct verb ACCOUNT_VERBS[] = {
	{"list", "", &TEXT_DEF_HELP_ACCOUNTS_LIST, 0, accounts_list, READS},
	{"find", "SIGN_IN_NAME", &TEXT_DEF_HELP_ACCOUNTS_FIND, 1, accounts_find, READS},
	{"show", "ID", &TEXT_DEF_HELP_ACCOUNTS_SHOW, 1, accounts_show, READS},
	{"create", "SIGN_IN_NAME ROLE[,ROLE]", &TEXT_DEF_HELP_ACCOUNTS_CREATE, 2, accounts_create, WRITES},
	{"issue-activation", "ID", &TEXT_DEF_HELP_ACCOUNTS_ISSUE, 1, accounts_issue, WRITES},
	{"reset-second-factor", "ID REASON", &TEXT_DEF_HELP_ACCOUNTS_RESET, 2, accounts_reset, WRITES | DANGEROUS},
	{.name = NULL},
};
const struct verb GRANT_VERBS[] = {
	{"list", "", &TEXT_DEF_HELP_GRANTS_LIST, 0, grants_list, READS},
	{"add", "ACCOUNT_ID ROLE", &TEXT_DEF_HELP_GRANTS_ADD, 2, grants_add, WRITES},
	{.name = NULL},
};
const struct verb CLIENT_VERBS[] = {
	{"list", "", &TEXT_DEF_HELP_CLIENTS_LIST, 0, clients_list, READS},
	{"create", "NAME SCOPE[,SCOPE]", &TEXT_DEF_HELP_CLIENTS_CREATE, 2, clients_create, WRITES},
	{"rotate-secret", "ID", &TEXT_DEF_HELP_CLIENTS_ROTATE, 1, clients_rotate, WRITES | DANGEROUS},
	{"delete", "ID", &TEXT_DEF_HELP_CLIENTS_DELETE, 1, clients_delete, WRITES | DANGEROUS},
	{.name = NULL},
};
