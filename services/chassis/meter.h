/* How many requests of which route ended how, and how long they took: renhe_requests_total and
 * renhe_request_seconds of a program's /metrics. Thread-safe; costs a request two additions. */
#ifndef RENHE_METER_H
#define RENHE_METER_H
#include "schema.h"

struct meter;
struct meter *meter_new(const struct route *routes, unsigned n);
void meter_free(struct meter *m);
/* route: one of those of meter_new, another one, or NULL where none was found. */
void meter_note(struct meter *m, const struct route *route, int status, int64_t us);
#endif
