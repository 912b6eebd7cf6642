/* Of the outbound*.c files. */
#ifndef RENHE_OUTBOUND_INTERNAL_H
#define RENHE_OUTBOUND_INTERNAL_H
#include <curl/curl.h>
#include <sys/socket.h>
#include "breaker.h"
#include "outbound.h"

/* ---- outbound_guard.c: where a request may go ---- */
struct target {
	CURLU *url;	  /* what was judged is what is called */
	const char *host; /* "name:port", lower case; addresses of version 6 in brackets */
	bool inner;	  /* in RENHE_OUTBOUND_INNER: private addresses and http are good */
};
/* What is wrong with the setting, or NULL. */
const char *guard_setting_fault(void);
/* false: it must not go there; the reason, without the URL, is in *why. */
bool guard_target(struct arena *a, const char *url, struct target *out, const char **why);
/* A name of visible characters and a value without control characters; none of those that say how
 * long a message is and whose it is. */
bool guard_header(const char *line);
/* Reached by everyone alike: none of ours, of the machine, of its neighbours or of its provider. */
bool guard_public(const struct sockaddr *sa);

/* ---- outbound_host.c: what the process knows of each host ---- */
enum outcome {
	OUTCOME_ANSWERED,
	OUTCOME_FAILED, /* answered with 500 and above */
	OUTCOME_UNREACHABLE,
	OUTCOME_TIMEOUT,
	OUTCOME_BAD, /* too long, broken or not to be trusted */
	OUTCOME_REFUSED,
	OUTCOME_LEFT_ALONE, /* by the breaker */
};
const char *outcome_name(enum outcome o);
struct pass {
	struct outbound_host *host;
	unsigned epoch;
};
/* false: left alone. Each pass that was given ends by host_end. */
bool host_ask(const char *host, struct pass *p);
void host_end(const struct pass *p, enum outcome o, int64_t us);
bool host_afford(const struct pass *p); /* one more try */
#endif
