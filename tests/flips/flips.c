/* Linked beside a service's own objects into a program of the tests: on SIGUSR1 it takes one line
 * from the file `flip` of RENHE_STATE_DIR, changes one compiled cell of the policy in place, and
 * answers in `flipped`. So a test can ask of every cell what would notice if it were another one.
 *
 *   dump                                  all cells as JSON, one a line
 *   cell <permission> <index> <what> <n>  role scope clear masked change step_up pending decides
 * where deny <permission> <role> <0 or 1> */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "service.h"

extern const struct service_def FLIPPED_SERVICE;

static struct {
	const struct policy_cell *cell;
	const char *field;
} kept_where;

static const struct permission *permission_of(const char *name)
{
	const struct schema *s = FLIPPED_SERVICE.schema;

	for (unsigned i = 0; i < s->n_routes; i++)
		if (s->routes[i].permission && !strcmp(s->routes[i].permission->name, name))
			return s->routes[i].permission;
	return NULL;
}

static void writable(const void *p, size_t n)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)p & ~(page - 1);

	if (mprotect((void *)from, (uintptr_t)p + n - from, PROT_READ | PROT_WRITE))
		abort();
}

static void set_where(struct policy_cell *c, long v)
{
	if (!v) {
		kept_where.cell = c;
		kept_where.field = c->where_field;
		c->where_field = NULL;
	} else if (kept_where.cell == c) {
		c->where_field = kept_where.field;
	}
}

static bool set_cell(struct policy_cell *c, const char *what, long v)
{
	if (!strcmp(what, "role"))
		c->role = (uint8_t)v;
	else if (!strcmp(what, "scope"))
		c->scope = (uint8_t)v;
	else if (!strcmp(what, "clear"))
		c->clear = (uint32_t)v;
	else if (!strcmp(what, "masked"))
		c->masked = (uint32_t)v;
	else if (!strcmp(what, "change"))
		c->change = (uint32_t)v;
	else if (!strcmp(what, "step_up"))
		c->step_up = v;
	else if (!strcmp(what, "pending"))
		c->pending = v;
	else if (!strcmp(what, "decides"))
		c->decides = v;
	else if (!strcmp(what, "where"))
		set_where(c, v);
	else
		return false;
	return true;
}

static void dump_one(FILE *out, const struct permission *p)
{
	for (unsigned i = 0; i < p->n_cells; i++) {
		const struct policy_cell *c = &p->cells[i];

		fprintf(out,
			"{\"permission\":\"%s\",\"cell\":%u,\"role\":%d,\"scope\":%d,\"clear\":%u,"
			"\"masked\":%u,\"change\":%u,\"where\":%d,\"step_up\":%d,\"pending\":%d,"
			"\"decides\":%d}\n",
			p->name, i, c->role, c->scope, c->clear, c->masked, c->change,
			c->where_field != NULL, c->step_up, c->pending, c->decides);
	}
	for (unsigned role = 1; role < FLIPPED_SERVICE.schema->n_roles; role++)
		fprintf(out, "{\"permission\":\"%s\",\"deny\":%u,\"hides\":%d}\n", p->name, role,
			p->denial[role]);
}

static void dump(FILE *out)
{
	const struct schema *s = FLIPPED_SERVICE.schema;

	for (unsigned i = 0; i < s->n_routes; i++) {
		const struct permission *p = s->routes[i].permission;
		unsigned first = 0;

		while (first < i && s->routes[first].permission != p)
			first++;
		if (p && first == i)
			dump_one(out, p);
	}
}

static bool flip(const char *line)
{
	char name[64], what[16];
	unsigned at;
	long v;
	const struct permission *p;

	if (sscanf(line, "cell %63s %u %15s %ld", name, &at, what, &v) == 4) {
		p = permission_of(name);
		if (!p || at >= p->n_cells)
			return false;
		writable(&p->cells[at], sizeof(p->cells[at]));
		return set_cell((struct policy_cell *)&p->cells[at], what, v);
	}
	if (sscanf(line, "deny %63s %u %ld", name, &at, &v) != 3)
		return false;
	p = permission_of(name);
	if (!p || at >= sizeof(p->denial))
		return false;
	writable(p, sizeof(*p));
	((struct permission *)p)->denial[at] = (uint8_t)v;
	return true;
}

static char folder[400];

static FILE *must_open(const char *name, const char *mode)
{
	char path[500];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, mode);
	if (!f)
		abort();
	return f;
}

/* The answer is there as a whole or not at all. */
static void answered(void)
{
	char from[500], to[500];

	snprintf(from, sizeof(from), "%s/flipped.new", folder);
	snprintf(to, sizeof(to), "%s/flipped", folder);
	if (rename(from, to))
		abort();
}

/* The test sends no requests meanwhile, so nothing else runs that stdio could disturb. */
static void on_signal(int sig)
{
	FILE *in = must_open("flip", "r"), *out = must_open("flipped.new", "w");
	char line[200] = "";

	(void)sig;
	if (!fgets(line, sizeof(line), in))
		abort();
	fclose(in);
	if (!strncmp(line, "dump", 4))
		dump(out);
	else
		fputs(flip(line) ? "done\n" : "refused\n", out);
	fclose(out);
	answered();
}

static __attribute__((constructor)) void begin(void)
{
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	snprintf(folder, sizeof(folder), "%s",
		 getenv("RENHE_STATE_DIR") ? getenv("RENHE_STATE_DIR") : ".");
	sigaction(SIGUSR1, &sa, NULL);
}
