/* What /metrics says of the process itself, under the names that Prometheus' own clients use. */
#ifndef RENHE_METRICS_PROCESS_H
#define RENHE_METRICS_PROCESS_H
#include "str.h"

/* From /proc/self; what can't be read is left out. */
void process_metrics(struct buf *b);
#endif
