/* The seam to librdkafka (kafka*.c own it): records out, records in, topics and rights. Nothing
 * here knows a database. An object belongs to one thread; errors are texts for the log. */
#ifndef RENHE_KAFKA_H
#define RENHE_KAFKA_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "events.h"

#define KAFKA_ERROR_MAX 256
#define KAFKA_MAX_HEADERS 16

/* ---- out: idempotent, acks=all, order per key ---- */
struct kafka_header {
	const char *name, *value;
};
enum kafka_state { KAFKA_NEW, KAFKA_IN_FLIGHT, KAFKA_ACKED, KAFKA_FAILED };
struct kafka_record {
	const char *topic;
	struct str key, value; /* value.p NULL = tombstone */
	struct kafka_header headers[KAFKA_MAX_HEADERS];
	unsigned n_headers;
	enum kafka_state state; /* changes inside kafka_producer_* of the same producer only */
	const char *error;      /* of FAILED; static text */
};
struct kafka_producer;
/* Knows the topics from the start, so that the first record of each doesn't wait for metadata.
 * Works without a broker: records then wait. NULL and err where a setting is wrong. */
struct kafka_producer *kafka_producer_new(const struct kafka_settings *k, const char *const *topics,
					  size_t n_topics, char err[KAFKA_ERROR_MAX]);
/* One metadata request for the topics; false where no broker answered within ms. */
bool kafka_producer_warm(struct kafka_producer *p, int ms);
/* Queues; the record and what it points to must stay until its state is final. Keys go to
 * partitions by murmur2, as other clients do it. */
void kafka_produce(struct kafka_producer *p, struct kafka_record *r);
/* Waits up to ms for news of records. How many are in flight still. */
size_t kafka_producer_poll(struct kafka_producer *p, int ms);
/* Gives up all that is in flight: each record is ACKED or FAILED afterwards. */
void kafka_producer_purge(struct kafka_producer *p);
/* The reason why this producer sends no more (a gap could arise): make a new one. NULL: healthy. */
const char *kafka_producer_fatal(struct kafka_producer *p);
void kafka_producer_free(struct kafka_producer *p);

/* ---- in ---- */
struct kafka_consumer;
/* Static member of group k->group, range assignor, nothing committed by itself, from the earliest
 * record where the group is new. */
struct kafka_consumer *kafka_group_new(const struct kafka_settings *k, const char *const *topics,
				       size_t n_topics, char err[KAFKA_ERROR_MAX]);
/* All partitions without a group. kafka_assign_from must succeed before the first fetch. */
struct kafka_consumer *kafka_reader_new(const struct kafka_settings *k, char err[KAFKA_ERROR_MAX]);
/* From the first record not older than from_ms_ago, or the earliest where it is negative. false
 * and err: no broker, or a topic is missing or not allowed; may be tried again. */
bool kafka_assign_from(struct kafka_consumer *c, const char *const *topics, size_t n_topics,
		       int64_t from_ms_ago, int ms, char err[KAFKA_ERROR_MAX]);
/* Up to `most` records, in order per partition, and few enough to stay within some MiB; waits at
 * most ms for the first. Everything is copied into the arena. */
size_t kafka_fetch(struct kafka_consumer *c, struct arena *a, struct event *out, size_t most, int ms);
/* The group goes on behind these events. `wait`: until the broker has it. */
void kafka_commit(struct kafka_consumer *c, const struct event *evs, size_t n, bool wait);
/* Every assigned partition was read to its end at least once. */
bool kafka_at_end(const struct kafka_consumer *c);
/* Asks the broker for the ends of all assigned partitions as they are now. *total: records between where the reader began and
 * there, gaps included; may be NULL. false and err: no broker. */
bool kafka_mark_end(struct kafka_consumer *c, int64_t *total, char err[KAFKA_ERROR_MAX]);
/* Everything before the marked ends was fetched. *left as *total above; may be NULL. */
bool kafka_at_mark(const struct kafka_consumer *c, int64_t *left);
/* Records that wait at the broker, as far as known. */
int64_t kafka_lag(struct kafka_consumer *c);
/* Where group k->group stands in each partition, without joining it. false and err: no broker, or a
 * topic is missing or not allowed. The array is in the arena; `committed` is -1 where the group has
 * none yet, `end` is the offset of the next record to come. */
struct kafka_place {
	const char *topic;
	int partition;
	int64_t committed, end;
	int64_t waiting; /* records between them; all that are kept where none is committed */
	const char *last_time; /* ce_time of the last record before `committed`; NULL: none, or
				  cleaned away */
};
bool kafka_group_places(const struct kafka_settings *k, const char *const *topics, size_t n_topics,
			struct arena *a, struct kafka_place **out, size_t *n,
			char err[KAFKA_ERROR_MAX]);
/* As of a producer: another member with the same static name, for instance. */
const char *kafka_consumer_fatal(struct kafka_consumer *c);
void kafka_consumer_free(struct kafka_consumer *c);

/* ---- topics and rights, for the set-up program ---- */
struct kafka_topic {
	const char *name;
	int partitions, replication;
	const char *config[8][2];
	unsigned n_config;
};
enum kafka_right { KAFKA_RIGHT_READ, KAFKA_RIGHT_WRITE, KAFKA_RIGHT_GROUP, KAFKA_RIGHT_IDEMPOTENT };
struct kafka_acl {
	const char *principal;
	enum kafka_right right; /* READ and WRITE of a topic, membership of a group, IDEMPOTENT of the cluster */
	const char *name;       /* topic or group; not looked at for IDEMPOTENT */
};
struct kafka_admin;
struct kafka_admin *kafka_admin_new(const struct kafka_settings *k, char err[KAFKA_ERROR_MAX]);
/* Creates what is missing, adds partitions, sets the config. Never deletes or shrinks a topic. */
bool kafka_topics_apply(struct kafka_admin *ad, const struct kafka_topic *topics, size_t n,
			char err[KAFKA_ERROR_MAX]);
/* Exactly these rights are left: others are taken away. */
bool kafka_acls_apply(struct kafka_admin *ad, const struct kafka_acl *acls, size_t n,
		      unsigned *added, unsigned *removed, char err[KAFKA_ERROR_MAX]);
void kafka_admin_free(struct kafka_admin *ad);
#endif
