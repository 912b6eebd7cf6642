/* Records in: members of a group, and readers of whole topics. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "event.h"
#include "kafka_conf.h"
#include "log.h"
#include "value.h"

#define FETCH_MAX_BYTES (8u * 1024 * 1024)

struct kafka_consumer {
	rd_kafka_t *rk;
	bool *ended; /* of a reader: by index of its assignment */
	int64_t *next, *mark; /* the same: the offset that comes next, and the end as kafka_mark_end saw it */
	rd_kafka_topic_partition_list_t *assigned;
	size_t bytes;
	char fatal[KAFKA_ERROR_MAX];
};

/* Batches may wait long for a database, hence the poll interval; who may be held by a test is given up soon. */
#ifdef RENHE_KILLPOINTS
#define POLL_INTERVAL_MS "10000"
#else
#define POLL_INTERVAL_MS "600000"
#endif

/* A session of 8 s and a static name: a successor after kill -9 takes over at once, and a short
 * stop moves no partitions. */
static const struct kafka_pair GROUP[] = {
	{"partition.assignment.strategy", "range"},
	{"session.timeout.ms", "8000"},
	{"heartbeat.interval.ms", "1000"},
	{"max.poll.interval.ms", POLL_INTERVAL_MS},
	{"enable.auto.commit", "false"},
	{"enable.auto.offset.store", "false"},
	{"auto.offset.reset", "earliest"},
	{"fetch.error.backoff.ms", "100"},
	{"queued.max.messages.kbytes", "16384"},
	{"topic.metadata.refresh.interval.ms", "30000"},
	{NULL, NULL},
};
static const struct kafka_pair READER[] = {
	{"enable.auto.commit", "false"},
	{"enable.auto.offset.store", "false"},
	{"auto.offset.reset", "earliest"},
	{"enable.partition.eof", "true"},
	{"fetch.error.backoff.ms", "100"},
	{"queued.max.messages.kbytes", "4096"},
	{NULL, NULL},
};

static struct kafka_consumer *consumer_new(rd_kafka_conf_t *conf, char err[KAFKA_ERROR_MAX])
{
	struct kafka_consumer *c = kafka_must(calloc(1, sizeof(*c)));

	c->rk = conf ? kafka_client(RD_KAFKA_CONSUMER, conf, err) : NULL;
	if (c->rk) {
		rd_kafka_poll_set_consumer(c->rk);
		return c;
	}
	free(c);
	return NULL;
}

static rd_kafka_topic_partition_list_t *topic_list(const char *const *topics, size_t n)
{
	rd_kafka_topic_partition_list_t *l = kafka_must(rd_kafka_topic_partition_list_new((int)n));

	for (size_t i = 0; i < n; i++)
		rd_kafka_topic_partition_list_add(l, topics[i], RD_KAFKA_PARTITION_UA);
	return l;
}

static rd_kafka_conf_t *group_conf(const struct kafka_settings *k, char err[KAFKA_ERROR_MAX])
{
	char instance[128];
	rd_kafka_conf_t *conf = kafka_conf(k, GROUP, err);

	snprintf(instance, sizeof(instance), "%s-%s", k->group, k->instance ? k->instance : "1");
	if (conf && kafka_conf_set(conf, "group.id", k->group, err) &&
	    kafka_conf_set(conf, "group.instance.id", instance, err))
		return conf;
	if (conf)
		rd_kafka_conf_destroy(conf);
	return NULL;
}

struct kafka_consumer *kafka_group_new(const struct kafka_settings *k, const char *const *topics,
				       size_t n_topics, char err[KAFKA_ERROR_MAX])
{
	struct kafka_consumer *c = consumer_new(group_conf(k, err), err);
	rd_kafka_topic_partition_list_t *l;
	rd_kafka_resp_err_t e;

	if (!c)
		return NULL;
	l = topic_list(topics, n_topics);
	e = rd_kafka_subscribe(c->rk, l);
	rd_kafka_topic_partition_list_destroy(l);
	if (e == RD_KAFKA_RESP_ERR_NO_ERROR)
		return c;
	snprintf(err, KAFKA_ERROR_MAX, "subscribe: %s", rd_kafka_err2str(e));
	kafka_consumer_free(c);
	return NULL;
}

/* librdkafka assigns through its group object: the id is there, the group is never joined. */
struct kafka_consumer *kafka_reader_new(const struct kafka_settings *k, char err[KAFKA_ERROR_MAX])
{
	rd_kafka_conf_t *conf = kafka_conf(k, READER, err);

	if (conf && !kafka_conf_set(conf, "group.id", k->group ? k->group : k->principal, err)) {
		rd_kafka_conf_destroy(conf);
		conf = NULL;
	}
	return consumer_new(conf, err);
}

/* ---- where a reader begins ---- */

static bool add_partitions(struct kafka_consumer *c, const char *topic, int ms, char err[KAFKA_ERROR_MAX])
{
	rd_kafka_topic_t *t = kafka_must(rd_kafka_topic_new(c->rk, topic, NULL));
	const struct rd_kafka_metadata *md = NULL;
	rd_kafka_resp_err_t e = rd_kafka_metadata(c->rk, 0, t, &md, ms);

	if (!e && md->topic_cnt == 1)
		e = md->topics[0].err;
	if (!e && (md->topic_cnt != 1 || md->topics[0].partition_cnt == 0))
		e = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
	for (int i = 0; !e && i < md->topics[0].partition_cnt; i++)
		rd_kafka_topic_partition_list_add(c->assigned, topic, md->topics[0].partitions[i].id);
	if (e)
		snprintf(err, KAFKA_ERROR_MAX, "%s: %s", topic, rd_kafka_err2str(e));
	if (md)
		rd_kafka_metadata_destroy(md);
	rd_kafka_topic_destroy(t);
	return e == RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t offsets_from(struct kafka_consumer *c, int64_t from_ms_ago, int ms)
{
	rd_kafka_resp_err_t e = RD_KAFKA_RESP_ERR_NO_ERROR;
	int64_t from = clock_real_us() / 1000 - from_ms_ago;

	for (int i = 0; i < c->assigned->cnt; i++)
		c->assigned->elems[i].offset = from_ms_ago < 0 ? RD_KAFKA_OFFSET_BEGINNING : from;
	if (from_ms_ago >= 0)
		e = rd_kafka_offsets_for_times(c->rk, c->assigned, ms);
	for (int i = 0; !e && i < c->assigned->cnt; i++)
		e = c->assigned->elems[i].err;
	return e;
}

static void forget_assignment(struct kafka_consumer *c)
{
	if (c->assigned)
		rd_kafka_topic_partition_list_destroy(c->assigned);
	free(c->ended);
	free(c->next);
	free(c->mark);
	c->assigned = NULL;
	c->ended = NULL;
	c->next = c->mark = NULL;
}

bool kafka_assign_from(struct kafka_consumer *c, const char *const *topics, size_t n_topics,
		       int64_t from_ms_ago, int ms, char err[KAFKA_ERROR_MAX])
{
	rd_kafka_resp_err_t e;

	forget_assignment(c);
	c->assigned = kafka_must(rd_kafka_topic_partition_list_new(8));
	for (size_t i = 0; i < n_topics; i++)
		if (!add_partitions(c, topics[i], ms, err))
			return false;
	e = offsets_from(c, from_ms_ago, ms);
	if (!e)
		e = rd_kafka_assign(c->rk, c->assigned);
	if (e) {
		snprintf(err, KAFKA_ERROR_MAX, "offsets: %s", rd_kafka_err2str(e));
		return false;
	}
	c->ended = kafka_must(calloc((size_t)c->assigned->cnt + 1, sizeof(*c->ended)));
	c->next = kafka_must(calloc((size_t)c->assigned->cnt + 1, sizeof(*c->next)));
	c->mark = kafka_must(calloc((size_t)c->assigned->cnt + 1, sizeof(*c->mark)));
	return true;
}

/* ---- taking records ---- */

static void take_headers(struct arena *a, const rd_kafka_message_t *m, struct event *ev)
{
	rd_kafka_headers_t *h = NULL;
	const char *name;
	const void *value;
	size_t n;

	if (rd_kafka_message_headers(m, &h) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	for (size_t i = 0; rd_kafka_header_get_all(h, i, &name, &value, &n) ==
			   RD_KAFKA_RESP_ERR_NO_ERROR;
	     i++)
		event_header(ev, a, name, value ? value : "", value ? n : 0);
}

static void take_record(struct arena *a, const rd_kafka_message_t *m, struct event *ev)
{
	event_init(ev);
	ev->topic = arena_strdup(a, rd_kafka_topic_name(m->rkt));
	ev->partition = m->partition;
	ev->offset = m->offset;
	if (m->key && utf8_valid(m->key, m->key_len))
		ev->key = arena_strndup(a, m->key, m->key_len);
	if (m->payload && m->len)
		ev->value = (struct str){arena_dup(a, m->payload, m->len), m->len};
	take_headers(a, m, ev);
	event_check(ev);
}

/* Of a reader: the index of its partition; -1 of a group's. */
static int place_in(const struct kafka_consumer *c, const rd_kafka_message_t *m)
{
	const char *topic = rd_kafka_topic_name(m->rkt);

	for (int i = 0; c->ended && i < c->assigned->cnt; i++)
		if (c->assigned->elems[i].partition == m->partition &&
		    strcmp(c->assigned->elems[i].topic, topic) == 0)
			return i;
	return -1;
}

static void note_end(struct kafka_consumer *c, const rd_kafka_message_t *m)
{
	int i = place_in(c, m);

	if (i < 0)
		return;
	c->ended[i] = true;
	if (c->next[i] < m->offset) /* the last records before the end may have been cleaned away */
		c->next[i] = m->offset;
}

static void note_next(struct kafka_consumer *c, const rd_kafka_message_t *m)
{
	int i = place_in(c, m);

	if (i >= 0)
		c->next[i] = m->offset + 1;
}

/* One answer of librdkafka: a record (true), or something that is none. */
static bool take(struct kafka_consumer *c, struct arena *a, const rd_kafka_message_t *m, struct event *ev)
{
	if (!m->err) {
		take_record(a, m, ev);
		note_next(c, m);
		c->bytes += m->len;
		return true;
	}
	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
		note_end(c, m);
	else
		log_line(LOG_WARN, "kafka_consume", "code", rd_kafka_err2name(m->err), "text",
			 rd_kafka_message_errstr(m), NULL);
	return false;
}

/* Not rd_kafka_consume_batch_queue: that waits its whole time for a full batch. */
size_t kafka_fetch(struct kafka_consumer *c, struct arena *a, struct event *out, size_t most, int ms)
{
	size_t n = 0;
	rd_kafka_message_t *m = NULL;

	c->bytes = 0;
	while (n < most && c->bytes < FETCH_MAX_BYTES &&
	       (m = rd_kafka_consumer_poll(c->rk, n ? 0 : ms)) != NULL) {
		if (take(c, a, m, &out[n]))
			n++;
		else
			ms = 0;
		rd_kafka_message_destroy(m);
	}
	return n;
}

static void note_offset(rd_kafka_topic_partition_list_t *l, const struct event *ev)
{
	rd_kafka_topic_partition_t *p = rd_kafka_topic_partition_list_find(l, ev->topic, ev->partition);

	if (!p)
		p = rd_kafka_topic_partition_list_add(l, ev->topic, ev->partition);
	if (p->offset < ev->offset + 1)
		p->offset = ev->offset + 1;
}

void kafka_commit(struct kafka_consumer *c, const struct event *evs, size_t n, bool wait)
{
	rd_kafka_topic_partition_list_t *l = kafka_must(rd_kafka_topic_partition_list_new(8));
	rd_kafka_resp_err_t e;

	for (size_t i = 0; i < n; i++)
		note_offset(l, &evs[i]);
	e = rd_kafka_commit(c->rk, l, !wait);
	if (e)
		log_line(LOG_WARN, "kafka_commit", "code", rd_kafka_err2name(e), NULL);
	rd_kafka_topic_partition_list_destroy(l);
}

bool kafka_at_end(const struct kafka_consumer *c)
{
	if (!c->ended)
		return false;
	for (int i = 0; i < c->assigned->cnt; i++)
		if (!c->ended[i])
			return false;
	return true;
}

/* The first or the next offset of all assigned partitions by one request to each broker: one for each partition, as
 * rd_kafka_query_watermark_offsets asks, stands in line behind the fetches that wait at the broker. */
static rd_kafka_topic_partition_list_t *ends_of(struct kafka_consumer *c, int64_t which, char err[KAFKA_ERROR_MAX])
{
	rd_kafka_topic_partition_list_t *l = kafka_must(rd_kafka_topic_partition_list_copy(c->assigned));
	rd_kafka_resp_err_t e;

	for (int i = 0; i < l->cnt; i++)
		l->elems[i].offset = which;
	e = rd_kafka_offsets_for_times(c->rk, l, KAFKA_METADATA_MS);
	for (int i = 0; !e && i < l->cnt; i++)
		e = l->elems[i].err;
	if (!e)
		return l;
	snprintf(err, KAFKA_ERROR_MAX, "offsets: %s", rd_kafka_err2str(e));
	rd_kafka_topic_partition_list_destroy(l);
	return NULL;
}

/* What was cleaned away before the first record that is left doesn't count. */
bool kafka_mark_end(struct kafka_consumer *c, int64_t *total, char err[KAFKA_ERROR_MAX])
{
	rd_kafka_topic_partition_list_t *low = ends_of(c, RD_KAFKA_OFFSET_BEGINNING, err);
	rd_kafka_topic_partition_list_t *high = low ? ends_of(c, RD_KAFKA_OFFSET_END, err) : NULL;
	int64_t n = 0;

	for (int i = 0; high && i < c->assigned->cnt; i++) {
		c->mark[i] = high->elems[i].offset;
		if (c->next[i] < low->elems[i].offset)
			c->next[i] = low->elems[i].offset;
		n += c->mark[i] - c->next[i];
	}
	if (total)
		*total = n;
	if (low)
		rd_kafka_topic_partition_list_destroy(low);
	if (high)
		rd_kafka_topic_partition_list_destroy(high);
	return high != NULL;
}

bool kafka_at_mark(const struct kafka_consumer *c, int64_t *left)
{
	int64_t n = 0;

	for (int i = 0; i < c->assigned->cnt; i++)
		n += c->mark[i] > c->next[i] ? c->mark[i] - c->next[i] : 0;
	if (left)
		*left = n;
	return n == 0;
}

static int64_t lag_of(rd_kafka_t *rk, const rd_kafka_topic_partition_t *p)
{
	int64_t low = 0, high = 0;

	if (rd_kafka_get_watermark_offsets(rk, p->topic, p->partition, &low, &high) || p->offset < 0)
		return 0;
	return high > p->offset ? high - p->offset : 0;
}

int64_t kafka_lag(struct kafka_consumer *c)
{
	rd_kafka_topic_partition_list_t *l = NULL;
	int64_t lag = 0;

	if (rd_kafka_assignment(c->rk, &l) || !l)
		return 0;
	if (!rd_kafka_position(c->rk, l))
		for (int i = 0; i < l->cnt; i++)
			lag += lag_of(c->rk, &l->elems[i]);
	rd_kafka_topic_partition_list_destroy(l);
	return lag;
}

static bool place_of(struct kafka_consumer *c, const rd_kafka_topic_partition_t *p, struct arena *a,
		     struct kafka_place *out, char err[KAFKA_ERROR_MAX])
{
	int64_t low = 0, high = 0;
	rd_kafka_resp_err_t e = rd_kafka_query_watermark_offsets(c->rk, p->topic, p->partition, &low,
								 &high, KAFKA_METADATA_MS);

	if (e) {
		snprintf(err, KAFKA_ERROR_MAX, "%s: %s", p->topic, rd_kafka_err2str(e));
		return false;
	}
	*out = (struct kafka_place){.topic = arena_strdup(a, p->topic),
				    .partition = p->partition,
				    .committed = p->offset < 0 ? -1 : p->offset,
				    .end = high,
				    .waiting = high - (p->offset < low ? low : p->offset)};
	return true;
}

static bool places_of(struct kafka_consumer *c, const char *const *topics, size_t n_topics,
		      struct arena *a, struct kafka_place **out, size_t *n,
		      char err[KAFKA_ERROR_MAX])
{
	rd_kafka_resp_err_t e;
	bool good = true;

	c->assigned = kafka_must(rd_kafka_topic_partition_list_new(8));
	for (size_t i = 0; i < n_topics; i++)
		if (!add_partitions(c, topics[i], KAFKA_METADATA_MS, err))
			return false;
	e = rd_kafka_committed(c->rk, c->assigned, KAFKA_METADATA_MS);
	if (e) {
		snprintf(err, KAFKA_ERROR_MAX, "committed offsets: %s", rd_kafka_err2str(e));
		return false;
	}
	*n = (size_t)c->assigned->cnt;
	*out = arena_alloc(a, (*n + 1) * sizeof(**out));
	for (size_t i = 0; good && i < *n; i++)
		good = place_of(c, &c->assigned->elems[i], a, &(*out)[i], err);
	return good;
}

/* ---- the last record that a group has behind it ---- */

struct lasts {
	struct kafka_consumer *c;
	struct arena *arena;
	struct kafka_place *places;
	size_t n;
	rd_kafka_topic_partition_list_t *left; /* partitions that have not answered */
};

static rd_kafka_topic_partition_list_t *last_records(const struct kafka_place *places, size_t n)
{
	rd_kafka_topic_partition_list_t *l = kafka_must(rd_kafka_topic_partition_list_new((int)n));

	for (size_t i = 0; i < n; i++)
		if (places[i].committed > 0)
			rd_kafka_topic_partition_list_add(l, places[i].topic, places[i].partition)
				->offset = places[i].committed - 1;
	return l;
}

/* What waits behind it need not come too. */
static void stop_partition(const struct lasts *l, const char *topic, int partition)
{
	rd_kafka_topic_partition_list_t *one = kafka_must(rd_kafka_topic_partition_list_new(1));

	rd_kafka_topic_partition_list_add(one, topic, partition);
	rd_kafka_pause_partitions(l->c->rk, one);
	rd_kafka_topic_partition_list_destroy(one);
}

/* Where the record was cleaned away, the first that is left comes in its place, or the end. */
static void take_last(struct lasts *l, const rd_kafka_message_t *m)
{
	const char *topic = rd_kafka_topic_name(m->rkt);
	struct event ev;

	if (!rd_kafka_topic_partition_list_del(l->left, topic, m->partition))
		return;
	stop_partition(l, topic, m->partition);
	if (m->err)
		return;
	event_init(&ev);
	take_headers(l->arena, m, &ev);
	for (size_t i = 0; i < l->n; i++)
		if (l->places[i].partition == m->partition &&
		    strcmp(l->places[i].topic, topic) == 0 && m->offset < l->places[i].committed)
			l->places[i].last_time = ev.time;
}

/* One answer, or a short silence. */
static void take_answer(struct lasts *l, char err[KAFKA_ERROR_MAX])
{
	rd_kafka_message_t *m = rd_kafka_consumer_poll(l->c->rk, 100);

	if (!m)
		return;
	if (!m->err || m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
		take_last(l, m);
	else
		snprintf(err, KAFKA_ERROR_MAX, "last records: %s", rd_kafka_message_errstr(m));
	rd_kafka_message_destroy(m);
}

static bool read_lasts(struct lasts *l, char err[KAFKA_ERROR_MAX])
{
	int64_t until_ms = clock_monotonic_ms() + KAFKA_METADATA_MS;

	snprintf(err, KAFKA_ERROR_MAX, "last records: no answer");
	if (rd_kafka_assign(l->c->rk, l->left))
		return false;
	while (l->left->cnt && clock_monotonic_ms() < until_ms)
		take_answer(l, err);
	return l->left->cnt == 0;
}

static bool lasts_of(struct kafka_consumer *c, struct arena *a, struct kafka_place *places,
		     size_t n, char err[KAFKA_ERROR_MAX])
{
	struct lasts l = {
		.c = c, .arena = a, .places = places, .n = n, .left = last_records(places, n)};
	bool good = l.left->cnt == 0 || read_lasts(&l, err);

	rd_kafka_topic_partition_list_destroy(l.left);
	return good;
}

bool kafka_group_places(const struct kafka_settings *k, const char *const *topics, size_t n_topics,
			struct arena *a, struct kafka_place **out, size_t *n,
			char err[KAFKA_ERROR_MAX])
{
	struct kafka_consumer *c = kafka_reader_new(k, err);
	bool good = c && places_of(c, topics, n_topics, a, out, n, err) &&
		    lasts_of(c, a, *out, *n, err);

	kafka_consumer_free(c);
	return good;
}

const char *kafka_consumer_fatal(struct kafka_consumer *c)
{
	return kafka_fatal(c->rk, c->fatal);
}

void kafka_consumer_free(struct kafka_consumer *c)
{
	if (!c)
		return;
	rd_kafka_consumer_close(c->rk);
	rd_kafka_destroy(c->rk);
	forget_assignment(c);
	free(c);
}
