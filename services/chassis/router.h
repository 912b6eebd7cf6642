/* Requests to routes: templates compiled once, matched without copying the path. Used by the
 * gateway and by the services, so that both read one path alike.
 *
 * A template is of literal segments and of parameters that fill a segment, the last one perhaps
 * with a verb: "/api/v1/employees/{id}:transfer". A literal goes before a parameter. Literals are
 * compared byte by byte as they came: an escaped spelling of one is another path. A parameter is
 * never empty and holds neither ':' nor '/', decoded or not. */
#ifndef RENHE_ROUTER_H
#define RENHE_ROUTER_H
#include "json.h"
#include "schema.h"
#include "str.h"

#define ROUTER_MAX_PARAMS 8
#define ROUTER_MAX_SEGMENTS 16

struct router;

/* The table must live as long as the router. A template that can't be read, and two routes of one
 * method and path, are programmer errors: a line on stderr and abort(). */
struct router *router_new(const struct route *routes, unsigned n);
void router_free(struct router *r);
/* `path` as wire.h gives it, still percent-encoded. params has room for ROUTER_MAX_PARAMS and gets
 * the decoded values (in the arena) in the order of the template. NULL: with *allow set there is
 * the path, but not for this method (405, a text for the header Allow); with *allow NULL there is
 * no such path (404). */
const struct route *router_match(const struct router *r, struct str method, struct str path,
				 struct arena *a, struct json_param *params, unsigned *n_params,
				 const char **allow);
#endif
