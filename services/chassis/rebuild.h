/* A projection made again from its topics alone, while the service works on: built beside the one that stands, in tables
 * of the session, then compared with it row by row and put in its place in one transaction. Between the lock of that
 * transaction and its end the consumer waits; readers see what stood before. Killed at any moment it leaves nothing. */
#ifndef RENHE_REBUILD_H
#define RENHE_REBUILD_H
#include "service.h"

/* One-shot verbs of operators (operate.h), name: of the projection. Each prints a table: rows and their hash; those of
 * rebuild and compare also how many rows went and came, or would. Progress goes to stderr. EX_NOINPUT: no such
 * projection; EX_TEMPFAIL: somebody rebuilds it; EX_DATAERR: the topics hold nothing of it; EX_UNAVAILABLE. */
int projection_rebuild(const struct service_def *def, const char *name);
int projection_compare(const struct service_def *def, const char *name);
int projection_hash(const struct service_def *def, const char *name);
#endif
