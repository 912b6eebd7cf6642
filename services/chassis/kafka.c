/* Records out. */
#include "kafka.h"

#include <stdlib.h>

#include "kafka_conf.h"

struct kafka_producer {
	rd_kafka_t *rk;
	rd_kafka_topic_t **topics;
	size_t n_topics, in_flight;
	char fatal[KAFKA_ERROR_MAX];
};

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
	struct kafka_producer *p = opaque;
	struct kafka_record *r = m->_private;

	(void)rk;
	r->state = m->err ? KAFKA_FAILED : KAFKA_ACKED;
	r->error = m->err ? rd_kafka_err2name(m->err) : NULL;
	p->in_flight--;
}

/* No message ever times out in the queue: the database holds the rows, and giving one up while a
 * later one of its key goes would break the order. For the same reason a failed batch ends the
 * producer (enable.gapless.guarantee) instead of letting the next ones pass. */
static const struct kafka_pair PRODUCER[] = {
	{"enable.idempotence", "true"},
	{"enable.gapless.guarantee", "true"},
	{"acks", "all"},
	{"message.timeout.ms", "0"},
	{"linger.ms", "0.5"},
	{"partitioner", "murmur2_random"},
	{"queue.buffering.max.messages", "100000"},
	{"batch.size", "524288"}, /* well below the 1 MiB that a broker takes in one piece */
	{"retry.backoff.ms", "100"},
	{"topic.metadata.propagation.max.ms", "3000"},
	{NULL, NULL},
};

struct kafka_producer *kafka_producer_new(const struct kafka_settings *k, const char *const *topics,
					  size_t n_topics, char err[KAFKA_ERROR_MAX])
{
	struct kafka_producer *p = kafka_must(calloc(1, sizeof(*p)));
	rd_kafka_conf_t *conf = kafka_conf(k, PRODUCER, err);

	if (conf) {
		rd_kafka_conf_set_opaque(conf, p);
		rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
		p->rk = kafka_client(RD_KAFKA_PRODUCER, conf, err);
	}
	if (!p->rk) {
		free(p);
		return NULL;
	}
	p->topics = kafka_must(calloc(n_topics + 1, sizeof(rd_kafka_topic_t *)));
	for (size_t i = 0; i < n_topics; i++)
		p->topics[p->n_topics++] = kafka_must(rd_kafka_topic_new(p->rk, topics[i], NULL));
	return p;
}

bool kafka_producer_warm(struct kafka_producer *p, int ms)
{
	const struct rd_kafka_metadata *md = NULL;
	rd_kafka_resp_err_t e = rd_kafka_metadata(p->rk, 0, NULL, &md, ms);

	if (md)
		rd_kafka_metadata_destroy(md);
	return e == RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_headers_t *headers_of(const struct kafka_record *r)
{
	rd_kafka_headers_t *h = kafka_must(rd_kafka_headers_new(r->n_headers));

	for (unsigned i = 0; i < r->n_headers; i++)
		if (rd_kafka_header_add(h, r->headers[i].name, -1, r->headers[i].value, -1) != 0)
			abort();
	return h;
}

/* Copied, so that a producer may be thrown away at any time without a thought for its queue. */
static rd_kafka_resp_err_t produce(struct kafka_producer *p, struct kafka_record *r, rd_kafka_headers_t *h)
{
	rd_kafka_vu_t args[] = {
		{.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = r->topic},
		{.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
		{.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)(uintptr_t)r->key.p, r->key.n}},
		{.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)(uintptr_t)r->value.p, r->value.n}},
		{.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = h},
		{.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = r},
	};
	rd_kafka_error_t *e = rd_kafka_produceva(p->rk, args, sizeof(args) / sizeof(args[0]));
	rd_kafka_resp_err_t code = e ? rd_kafka_error_code(e) : RD_KAFKA_RESP_ERR_NO_ERROR;

	if (e)
		rd_kafka_error_destroy(e);
	return code;
}

void kafka_produce(struct kafka_producer *p, struct kafka_record *r)
{
	rd_kafka_headers_t *h = headers_of(r);
	rd_kafka_resp_err_t e = produce(p, r, h);

	if (e == RD_KAFKA_RESP_ERR_NO_ERROR) {
		r->state = KAFKA_IN_FLIGHT;
		p->in_flight++;
		return;
	}
	rd_kafka_headers_destroy(h); /* taken only by success */
	r->state = KAFKA_FAILED;
	r->error = rd_kafka_err2name(e);
}

size_t kafka_producer_poll(struct kafka_producer *p, int ms)
{
	rd_kafka_poll(p->rk, ms);
	return p->in_flight;
}

void kafka_producer_purge(struct kafka_producer *p)
{
	rd_kafka_purge(p->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	while (p->in_flight)
		rd_kafka_poll(p->rk, 100);
}

const char *kafka_producer_fatal(struct kafka_producer *p)
{
	return kafka_fatal(p->rk, p->fatal);
}

void kafka_producer_free(struct kafka_producer *p)
{
	if (!p)
		return;
	kafka_producer_purge(p);
	for (size_t i = 0; i < p->n_topics; i++)
		rd_kafka_topic_destroy(p->topics[i]);
	rd_kafka_destroy(p->rk);
	free(p->topics);
	free(p);
}
