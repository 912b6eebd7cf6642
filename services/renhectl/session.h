/* Who is signed in, in a file of the owner's own: $XDG_STATE_HOME/renhe/session.json, else
 * ~/.local/state/renhe/session.json. */
#ifndef RENHECTL_SESSION_H
#define RENHECTL_SESSION_H
#include "renhectl.h"

struct session {
	const char *url;     /* of the gateway, without a slash at the end */
	const char *access;  /* bearer token */
	const char *refresh; /* NULL: a machine client, which signs in again */
};

/* False after a complaint: nobody is signed in, or others may read the file. */
bool session_read(struct arena *a, struct session *out);
/* As a whole or not at all; only the owner may read it. */
bool session_write(struct arena *a, const struct session *s);
bool session_forget(struct arena *a);
/* One process at a time renews a token, for a refresh token is good once. -1 after a complaint; close it. */
int session_lock(struct arena *a);
#endif
