/* Between kafka*.c: what all clients have in common. */
#ifndef RENHE_KAFKA_CONF_H
#define RENHE_KAFKA_CONF_H
#include <librdkafka/rdkafka.h>
#include "kafka.h"

#define KAFKA_METADATA_MS 5000

struct kafka_pair {
	const char *name, *value;
};
/* NULL and err where librdkafka doesn't take a value. The pairs end with a NULL name. */
rd_kafka_conf_t *kafka_conf(const struct kafka_settings *k, const struct kafka_pair *more,
			    char err[KAFKA_ERROR_MAX]);
bool kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value,
		    char err[KAFKA_ERROR_MAX]);
/* The client; takes conf in every case. */
rd_kafka_t *kafka_client(rd_kafka_type_t type, rd_kafka_conf_t *conf, char err[KAFKA_ERROR_MAX]);
/* NULL where all is well; else the reason of the fatal error, in `room`. */
const char *kafka_fatal(rd_kafka_t *rk, char room[KAFKA_ERROR_MAX]);
void *kafka_must(void *p);
#endif
