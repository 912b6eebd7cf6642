/* Public signing keys of a service: from its file at start, then from the key topic (decision 11).
 */
#ifndef RENHE_KEYFEED_H
#define RENHE_KEYFEED_H
#include "service.h"
void keyfeed_load(struct service *svc);
void keyfeed_start(struct service *svc, const struct kafka_settings *k);
void keyfeed_stop(struct service *svc);
#endif
