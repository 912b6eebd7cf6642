/* The suite's public API, asked as whoever is signed in. */
#ifndef RENHECTL_SERVER_H
#define RENHECTL_SERVER_H
#include "renhectl.h"
#include "session.h"
#include "str.h"

struct json_doc;
struct ask {
	const char *method, *path; /* path with its query, percent-encoded */
	struct str body;           /* p NULL: none */
	const char *type;          /* of the body; NULL: application/json */
	const char *etag;          /* If-Match, or NULL */
	bool anonymous;            /* by nobody: signing in */
	bool once;                 /* with an Idempotency-Key */
};
struct reply {
	int status;
	struct str body;
	struct json_doc *doc; /* NULL where the body is no JSON */
};

/* Once, before all else: where the suite is (RENHE_URL), and that nothing secret goes there in clear, but on
 * this machine. `url`: the one that was signed in to, or NULL. */
enum exit_code server_open(const struct call *c, const char *url);
/* EXIT_DONE where it was answered with 2xx; else what is wrong was told on stderr. A token that has run out is
 * renewed once. */
enum exit_code server_ask(const struct call *c, const struct ask *q, struct reply *out);
/* The value as a part of a query or path. */
const char *url_part(struct arena *a, const char *value);
#endif
