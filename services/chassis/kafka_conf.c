#include "kafka_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

void *kafka_must(void *p)
{
	if (!p)
		abort();
	return p;
}

/* librdkafka's threads speak here: lines of a dead broker come at its reconnect pace, and it
 * suppresses repeats by itself. */
static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
	enum log_level to = level <= 3 ? LOG_WARN : level <= 6 ? LOG_INFO : LOG_DEBUG;

	if (strcmp(facility, "CONFWARN") == 0) /* that a setting is called experimental is known */
		to = LOG_DEBUG;

	log_line(to, "kafka", "client", rk ? rd_kafka_name(rk) : "", "facility", facility, "text",
		 text, NULL);
}

/* Errors of connections are logged already; without a callback they would come as records. */
static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
	(void)rk;
	(void)opaque;
	log_line(LOG_DEBUG, "kafka_error", "code", rd_kafka_err2name(code), "text", reason, NULL);
}

bool kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value,
		    char err[KAFKA_ERROR_MAX])
{
	return rd_kafka_conf_set(conf, name, value, err, KAFKA_ERROR_MAX) == RD_KAFKA_CONF_OK;
}

static bool set_pairs(rd_kafka_conf_t *conf, const struct kafka_pair *pairs, char err[KAFKA_ERROR_MAX])
{
	for (; pairs && pairs->name; pairs++)
		if (pairs->value && !kafka_conf_set(conf, pairs->name, pairs->value, err))
			return false;
	return true;
}

static const char *protocol_of(const struct kafka_settings *k)
{
	if (k->password)
		return k->ca_file ? "sasl_ssl" : "sasl_plaintext";
	return k->ca_file ? "ssl" : "plaintext";
}

rd_kafka_conf_t *kafka_conf(const struct kafka_settings *k, const struct kafka_pair *more,
			    char err[KAFKA_ERROR_MAX])
{
	/* A broker that was killed is back within seconds: ask often. */
	const struct kafka_pair common[] = {
		{"bootstrap.servers", k->brokers},
		{"client.id", k->principal},
		{"security.protocol", protocol_of(k)},
		{"sasl.mechanisms", k->password ? "PLAIN" : NULL},
		{"sasl.username", k->password ? k->principal : NULL},
		{"sasl.password", k->password},
		{"ssl.ca.location", k->ca_file},
		{"reconnect.backoff.ms", "50"},
		{"reconnect.backoff.max.ms", "500"},
		{"topic.metadata.refresh.fast.interval.ms", "100"},
		{"socket.timeout.ms", "10000"},
		{"socket.keepalive.enable", "true"},
		{NULL, NULL},
	};
	rd_kafka_conf_t *conf = kafka_must(rd_kafka_conf_new());

	rd_kafka_conf_set_log_cb(conf, on_log);
	rd_kafka_conf_set_error_cb(conf, on_error);
	if (set_pairs(conf, common, err) && set_pairs(conf, more, err))
		return conf;
	rd_kafka_conf_destroy(conf);
	return NULL;
}

rd_kafka_t *kafka_client(rd_kafka_type_t type, rd_kafka_conf_t *conf, char err[KAFKA_ERROR_MAX])
{
	rd_kafka_t *rk = rd_kafka_new(type, conf, err, KAFKA_ERROR_MAX);

	if (!rk)
		rd_kafka_conf_destroy(conf);
	return rk;
}

const char *kafka_fatal(rd_kafka_t *rk, char room[KAFKA_ERROR_MAX])
{
	return rd_kafka_fatal_error(rk, room, KAFKA_ERROR_MAX) ? room : NULL;
}
