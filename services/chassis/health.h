/* The management port: /livez /readyz /metrics /version. */
#ifndef RENHE_HEALTH_H
#define RENHE_HEALTH_H
#include "service.h"
bool health_listen(struct service *svc);
/* Every 2 s: a ping through the pool, so that a dead database turns readiness. */
void health_watch(struct service *svc);
extern const char RENHE_VERSION_TEXT[];
#endif
