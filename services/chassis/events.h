/* Events out: outbox rows in the business transaction, one relay. Events in: batches with inbox
 * rows, sequence checks, parking and dead letters. kafka.c owns librdkafka. */
#ifndef RENHE_EVENTS_H
#define RENHE_EVENTS_H
#include "ctx.h"
#include "db.h"

/* Writes one outbox row: takes the aggregate's next sequence (which locks it), packs the message, seals it where
 * the topic is sealed (and writes none where no consumer has a key), stores headers, key, topic and lane. value NULL = a tombstone of the key. The generator writes a
 * typed wrapper per event: emit_employee_hired(cx, &msg). */
bool outbox_put(struct ctx *cx, const struct event_def *ev, const ProtobufCMessage *value);
bool outbox_tombstone(struct ctx *cx, const struct event_def *ev, const char *key_value);
/* Wakes the relay; called by request.c after each commit that put events. */
void outbox_wake(struct service *svc);

struct kafka_settings {
	const char *brokers, *principal, *password; /* SASL/PLAIN; NULL password = PLAINTEXT without */
	const char *group;          /* consumer group: the service's name, "<name>.urgent" of that lane */
	const char *instance;       /* static group.instance.id */
	const char *ca_file;        /* TLS beyond loopback, or NULL */
};

/* One record taken in. Texts live in the task's arena; they are never NULL, "" stands for absent. */
struct event {
	const char *id, *type, *source, *subject, *tenant_id, *time, *actor, *cause, *traceparent;
	int64_t sequence;           /* 0 = unsequenced */
	const char *topic;
	int partition;
	int64_t offset;
	const char *key;
	struct str value;           /* n = 0: tombstone */
	const char *aggregate;      /* aggregate type, "person" (ce_aggregate); "" unknown */
	const char *defect;         /* NULL, or which header is missing or no proper text */
};
/* msg: NULL of a tombstone; of a sealed topic what was in the envelope for this service. */
typedef bool consumer_fn(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg);
struct consumer_def {
	const struct event_def *event;
	consumer_fn *handler;       /* false: fault; retried with back-off, then a dead letter */
};

/* What a service holds of others' facts, and can make again of their topics alone (rebuild.h). */
struct projection_def {
	const char *name;
	const char *const *tables;       /* NULL-ended; each with a tenant_id, written by these handlers alone */
	const struct consumer_def *from; /* of compacted topics; in any order, as often as one likes */
	unsigned n_from;
};

/* Relay thread of a service: one connection as the relay role, advisory locks per shard, reads
 * order by id, produces, deletes after the acknowledgement; URGENT lane has its own turn. */
struct relay;
struct relay *relay_start(struct service *svc, const struct kafka_settings *k, const struct db_settings *db);
void relay_wake(struct relay *r);
/* Sends what is left for up to ms, then stops. */
void relay_stop(struct relay *r, int ms);

/* Consumer thread: range assignor, static membership, one polled batch = one transaction. */
struct consumer;
struct consumer *consumer_start(struct service *svc, const struct kafka_settings *k, const struct db_settings *db,
				const struct consumer_def *defs, unsigned n);
void consumer_stop(struct consumer *c);

/* For handlers of snapshots: the snapshot includes the facts up to `sequence`. What waited for them
 * goes on behind it. */
bool inbox_heal(struct ctx *cx, const char *source, const char *aggregate_type, const char *aggregate_id,
		int64_t sequence);
/* A dead letter of the ctx's tenant, in the open transaction: handled again, or (drop) given up;
 * then what waits behind it. false with RESOURCE_NOT_FOUND, or with the fault of its handler. */
bool dead_letter_retry(struct ctx *cx, const char *id, bool drop);

/* Without database and group: reads a topic from `from_ms` ago (or the start) and goes on; used by
 * the gateway and by every service for keys. fn runs on the reader's thread. caught_up turns true
 * once the end as of the start was reached. */
struct reader;
typedef void reader_fn(void *arg, const struct event *ev);
struct reader *reader_start(const struct kafka_settings *k, const char *const *topics, int64_t from_ms_ago,
			    reader_fn *fn, void *arg);
bool reader_caught_up(struct reader *r);
void reader_stop(struct reader *r);
#endif
