/* Prometheus text. Counters and gauges are registered at first use and live for ever. */
#ifndef RENHE_METRICS_H
#define RENHE_METRICS_H
#include <stdint.h>
#include "str.h"
struct metric;
/* labels: "route=\"x\",status=\"200\"" or "". Thread-safe; cheap when the pointer is kept. */
struct metric *metric_get(const char *name, const char *labels, const char *help);
void metric_add(struct metric *m, int64_t by);
void metric_set(struct metric *m, int64_t v);
/* Durations, told in seconds under name_bucket, name_sum and name_count; name ends in _seconds. */
struct histogram;
struct histogram *histogram_get(const char *name, const char *labels, const char *help);
void histogram_add(struct histogram *h, int64_t us);
/* All of the above, and of the process itself: memory, CPU time, files, age. */
struct str metrics_render(struct arena *a);
#endif
