/* The one client of what lies outside (decision 40; the outbound*.c files own libcurl): providers,
 * a blob store. One call = one request and its answer, bounded in time and size.
 *
 * https with verified certificates; no redirect is followed, no proxy, cookie or password taken
 * from the environment or anywhere; a connection is made to public addresses only, judged at the
 * socket, so that no name and no second look at a name leads inside. RENHE_OUTBOUND_INNER names who
 * is excepted. A host that keeps failing is left alone for a while (breaker.h).
 *
 * Never while a transaction is open: it would hold its locks for as long as a stranger likes. A job
 * calls through job_outside(); a request stores what is to be sent and leaves the call to a job. */
#ifndef RENHE_OUTBOUND_H
#define RENHE_OUTBOUND_H
#include "ctx.h"

/* Once, before other threads run. false: err says which setting is wrong. */
bool outbound_start(char *err, size_t err_size);

/* NULL where a request may go there, as far as its URL tells; else what is wrong with it: "scheme",
 * "host", "port", "user", "fragment", "syntax". Its address is judged when it is called. */
const char *outbound_url_fault(struct arena *a, const char *url);

struct outbound_signature { /* AWS Signature Version 4 of service s3; the secret is never logged */
	const char *region, *access_key, *secret_key;
};
struct outbound_request {
	const char *method; /* GET HEAD PUT DELETE: tried again where no answer or 500, 502, 503,
			       504 came; POST PATCH: sent at most once */
	const char *url;    /* absolute; no user, no fragment; a path is sent as it stands here */
	const char *const *headers; /* "Name: value", NULL-ended; or NULL */
	const struct str *body;	    /* pieces, sent as one; or NULL */
	size_t n_body;
	size_t most_bytes; /* a longer answer is OUTBOUND_BAD_ANSWER */
	int deadline_ms;   /* of all tries together; never beyond that of the task */
	const struct outbound_signature *sign;
	bool inside_transaction; /* of blob_s3.c only, whose bytes must be there before their row */
};
struct outbound_answer {
	int status;
	struct str body;    /* with a NUL behind */
	struct str headers; /* for outbound_header() */
};
/* True: an answer came, whatever its status. Else OUTBOUND_REFUSED (where the request must not go,
 * or what is wrong with it), OUTBOUND_UNAVAILABLE (nobody there, or left alone), OUTBOUND_TIMEOUT,
 * OUTBOUND_BAD_ANSWER (too long, broken, or from somebody without the right certificate). Aborts in
 * an open transaction. */
bool outbound_send(struct ctx *cx, const struct outbound_request *rq, struct outbound_answer *out);
/* The first of that name, in the arena, without blanks around; NULL where there is none. */
const char *outbound_header(struct ctx *cx, const struct outbound_answer *a, const char *name);
#endif
