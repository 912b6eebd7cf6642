/* A record per partition and day on topics that ask for it (daily_record, decision 7). A segment is
 * closed only when a record is added, and only closed ones are compacted: in a partition where nobody
 * changes anything, what was erased would stand for ever. The record is a tombstone of nobody. */
#ifndef RENHE_DAILY_RECORD_H
#define RENHE_DAILY_RECORD_H
#include "service.h"

/* Through the service's own outbox, at its start and then daily; tried again hourly. */
void daily_record_start(struct service *svc);

/* Kafka's murmur2 of a key: which partition clients with partitioner murmur2_random choose. */
uint32_t daily_record_hash(const void *key, size_t n);
/* Ids whose keys "tenant/id" reach every partition, whether the topic has as many as large clusters
 * or small ones have; as many as `most`. How many. */
unsigned daily_record_ids(const struct topic_def *t, char ids[][UUID_LEN + 1], unsigned most);
#endif
