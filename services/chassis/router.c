#include "router.h"

#include <stdio.h>
#include <stdlib.h>

#include "wire.h"

#define N_METHODS (METHOD_DELETE + 1)

struct param {
	unsigned segment;
	size_t tail; /* bytes of ":verb" behind the value */
	char *name;
};

/* One route, compiled. */
struct entry {
	const struct route *route;
	struct param param[ROUTER_MAX_PARAMS];
	unsigned n_params;
};

/* One segment of the templates. Children: literals first, then parameters. */
struct node {
	struct node *next, *children;
	bool is_param;
	struct str text; /* the literal, or the parameter's ":verb", which may be empty */
	struct entry *by_method[N_METHODS];
	char *allow; /* NULL where no route ends here */
};

struct router {
	struct node root;
};

struct segments {
	struct str at[ROUTER_MAX_SEGMENTS];
	unsigned n;
};

static const char *const METHODS[N_METHODS] = {
	[METHOD_GET] = "GET", [METHOD_POST] = "POST",	  [METHOD_PATCH] = "PATCH",
	[METHOD_PUT] = "PUT", [METHOD_DELETE] = "DELETE",
};

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

/* ---- compiling ---- */

static _Noreturn void defect(const struct route *r, const char *what)
{
	fprintf(stderr, "route %s: %s: %s\n", r->name, r->path, what);
	abort();
}

/* false: no leading slash, or too many segments. */
static bool split(struct str path, struct segments *out)
{
	size_t at = 1;

	out->n = 0;
	if (path.n == 0 || path.p[0] != '/')
		return false;
	for (;;) {
		const char *slash = memchr(path.p + at, '/', path.n - at);
		size_t n = slash ? (size_t)(slash - path.p) - at : path.n - at;
		if (out->n == ROUTER_MAX_SEGMENTS)
			return false;
		out->at[out->n++] = (struct str){path.p + at, n};
		if (!slash)
			return true;
		at += n + 1;
	}
}

/* "{id}:verb" into its name; *tail is ":verb" or empty. false: a literal. */
static bool param_of(const struct route *r, struct str segment, struct str *name, struct str *tail)
{
	const char *close = memchr(segment.p, '}', segment.n);
	size_t n = close ? (size_t)(close - segment.p) : 0;

	if (segment.n == 0)
		defect(r, "an empty segment");
	if (segment.p[0] != '{') {
		if (close || memchr(segment.p, '{', segment.n))
			defect(r, "a parameter must begin its segment");
		return false;
	}
	if (n < 2)
		defect(r, "a parameter without a name or its end");
	*name = (struct str){segment.p + 1, n - 1};
	*tail = (struct str){segment.p + n + 1, segment.n - n - 1};
	if (tail->n && (tail->n < 2 || tail->p[0] != ':'))
		defect(r, "only :verb may follow a parameter");
	return true;
}

static struct node *child_get(struct node *parent, bool is_param, struct str text)
{
	struct node **at = &parent->children;

	for (; *at && (*at)->is_param <= is_param; at = &(*at)->next)
		if ((*at)->is_param == is_param && (*at)->text.n == text.n &&
		    memcmp((*at)->text.p, text.p, text.n) == 0)
			return *at;
	struct node *n = must(calloc(1, sizeof(*n)));
	n->is_param = is_param;
	n->text = text;
	n->next = *at;
	*at = n;
	return n;
}

static void add_param(struct entry *e, unsigned segment, struct str name, struct str tail)
{
	if (e->n_params == ROUTER_MAX_PARAMS)
		defect(e->route, "too many parameters");
	struct param *p = &e->param[e->n_params++];
	p->segment = segment;
	p->tail = tail.n;
	p->name = must(strndup(name.p, name.n));
}

static void allow_update(struct node *n)
{
	size_t room = N_METHODS * 8;

	if (!n->allow)
		n->allow = must(calloc(1, room));
	n->allow[0] = '\0';
	for (unsigned m = 0, used = 0; m < N_METHODS; m++)
		if (n->by_method[m])
			used += (unsigned)snprintf(n->allow + used, room - used, "%s%s",
						   used ? ", " : "", METHODS[m]);
}

static void add(struct router *router, const struct route *r)
{
	struct entry *e = must(calloc(1, sizeof(*e)));
	struct node *n = &router->root;
	struct segments s;
	struct str name, tail;

	e->route = r;
	if (!split(str_of(r->path), &s))
		defect(r, "no leading slash, or too many segments");
	for (unsigned i = 0; i < s.n; i++) {
		bool is_param = param_of(r, s.at[i], &name, &tail);
		if (is_param && tail.n && i + 1 < s.n)
			defect(r, "a verb must end the path");
		n = child_get(n, is_param, is_param ? tail : s.at[i]);
		if (is_param)
			add_param(e, i, name, tail);
	}
	if (n->by_method[r->method])
		defect(r, "the path and method of another route");
	n->by_method[r->method] = e;
	allow_update(n);
}

struct router *router_new(const struct route *routes, unsigned n)
{
	struct router *r = must(calloc(1, sizeof(*r)));

	for (unsigned i = 0; i < n; i++)
		add(r, &routes[i]);
	return r;
}

static void free_children(struct node *n)
{
	for (struct node *c = n->children, *next; c; c = next) {
		next = c->next;
		free_children(c);
		for (unsigned m = 0; m < N_METHODS; m++) {
			for (unsigned i = 0; c->by_method[m] && i < c->by_method[m]->n_params; i++)
				free(c->by_method[m]->param[i].name);
			free(c->by_method[m]);
		}
		free(c->allow);
		free(c);
	}
}

void router_free(struct router *r)
{
	if (r)
		free_children(&r->root);
	free(r);
}

/* ---- matching ---- */

/* A value, and behind it the tail; no colon but the tail's. */
static bool fills(struct str segment, struct str tail)
{
	const char *colon = memchr(segment.p, ':', segment.n);
	size_t n = colon ? (size_t)(colon - segment.p) : segment.n;

	return n > 0 && segment.n - n == tail.n && memcmp(segment.p + n, tail.p, tail.n) == 0;
}

static bool accepts(const struct node *n, struct str segment)
{
	if (n->is_param)
		return fills(segment, n->text);
	return n->text.n == segment.n && memcmp(n->text.p, segment.p, segment.n) == 0;
}

static const struct node *walk(const struct node *n, const struct segments *s, unsigned i)
{
	const struct node *end;

	if (i == s->n)
		return n->allow ? n : NULL;
	for (const struct node *c = n->children; c; c = c->next)
		if (accepts(c, s->at[i]) && (end = walk(c, s, i + 1)) != NULL)
			return end;
	return NULL;
}

static bool take(struct arena *a, const struct entry *e, const struct segments *s,
		 struct json_param *params)
{
	for (unsigned i = 0; i < e->n_params; i++) {
		struct str value = s->at[e->param[i].segment];
		value.n -= e->param[i].tail;
		params[i].name = e->param[i].name;
		if (!wire_decode_segment(a, value, &params[i].value) ||
		    strchr(params[i].value, ':'))
			return false;
	}
	return true;
}

static const struct entry *entry_of(const struct node *n, struct str method)
{
	for (unsigned m = 0; m < N_METHODS; m++)
		if (str_eq(method, METHODS[m]))
			return n->by_method[m];
	return NULL;
}

const struct route *router_match(const struct router *r, struct str method, struct str path,
				 struct arena *a, struct json_param *params, unsigned *n_params,
				 const char **allow)
{
	struct segments s;
	const struct node *n = split(path, &s) ? walk(&r->root, &s, 0) : NULL;
	const struct entry *e = n ? entry_of(n, method) : NULL;

	*allow = n && !e ? n->allow : NULL;
	*n_params = 0;
	if (!e || !take(a, e, &s, params))
		return NULL;
	*n_params = e->n_params;
	return e->route;
}
