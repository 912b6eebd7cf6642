/* The seam to librdkafka on its mock cluster, which keeps nothing and knows no rights: never a proof
 * of durability, but it can answer with errors on demand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#undef fail
#include "clock.h"
#include "kafka.h"

#define TOPIC "t.fact.v1"
#define PRODUCE 0 /* ApiKey */

static rd_kafka_t *host;
static rd_kafka_mock_cluster_t *cluster;
static struct kafka_settings settings;
static struct arena *arena;

static int setup(void **state)
{
	char err[256];

	(void)state;
	host = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), err, sizeof(err));
	cluster = host ? rd_kafka_mock_cluster_new(host, 1) : NULL;
	if (!cluster)
		return -1;
	rd_kafka_mock_topic_create(cluster, TOPIC, 4, 1);
	settings = (struct kafka_settings){.brokers = rd_kafka_mock_cluster_bootstraps(cluster), .principal = "test",
					   .group = "test", .instance = "1"};
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	rd_kafka_mock_cluster_destroy(cluster);
	rd_kafka_destroy(host);
	return 0;
}

static struct kafka_producer *producer(void)
{
	const char *topics[] = {TOPIC};
	char err[KAFKA_ERROR_MAX] = "";
	struct kafka_producer *p = kafka_producer_new(&settings, topics, 1, err);

	assert_non_null(p);
	return p;
}

static struct kafka_record record(const char *key, const char *value, unsigned n)
{
	struct kafka_record r = {.topic = TOPIC, .key = str_of(key)};

	if (value)
		r.value = str_of(value);
	r.headers[r.n_headers++] = (struct kafka_header){"ce_id", "0190c2f0-7a6b-7c3d-8e4f-5a6b7c8d9e0f"};
	r.headers[r.n_headers++] = (struct kafka_header){"ce_type", "t.happened.v1"};
	r.headers[r.n_headers++] = (struct kafka_header){"ce_source", "/renhe/test"};
	r.headers[r.n_headers++] = (struct kafka_header){"ce_sequence", arena_printf(arena, "%u", n)};
	r.headers[r.n_headers++] = (struct kafka_header){"ce_subject", key};
	return r;
}

static bool settle(struct kafka_producer *p, int ms)
{
	int64_t until = clock_monotonic_ms() + ms;

	while (kafka_producer_poll(p, 10) && clock_monotonic_ms() < until)
		;
	return kafka_producer_poll(p, 0) == 0;
}

static size_t fetch(struct kafka_consumer *c, struct event *evs, size_t want, int ms)
{
	int64_t until = clock_monotonic_ms() + ms;
	size_t n = 0;

	while (n < want && clock_monotonic_ms() < until)
		n += kafka_fetch(c, arena, evs + n, want - n, 50);
	return n;
}

static void there_and_back(void **state)
{
	enum { N = 200 };
	static struct kafka_record r[N];
	static struct event evs[N];
	const char *topics[] = {TOPIC};
	char err[KAFKA_ERROR_MAX] = "";
	struct kafka_producer *p = producer();
	struct kafka_consumer *c;
	int64_t last[10] = {0};

	(void)state;
	assert_true(kafka_producer_warm(p, 5000));
	for (unsigned i = 0; i < N; i++) {
		r[i] = record(arena_printf(arena, "tenant/%u", i % 10), i % 50 ? "value" : NULL, i / 10 + 1);
		kafka_produce(p, &r[i]);
	}
	assert_true(settle(p, 10000));
	for (unsigned i = 0; i < N; i++)
		assert_int_equal(r[i].state, KAFKA_ACKED);
	c = kafka_reader_new(&settings, err);
	assert_non_null(c);
	assert_false(kafka_at_end(c));
	assert_true(kafka_assign_from(c, topics, 1, -1, 5000, err));
	assert_int_equal(fetch(c, evs, N, 10000), N);
	for (unsigned i = 0; i < N; i++) {
		unsigned key = (unsigned)(evs[i].key[7] - '0');
		assert_null(evs[i].defect);
		assert_int_equal(evs[i].sequence, ++last[key]); /* in order within the key */
		assert_int_equal(evs[i].value.n, key == 0 && (evs[i].sequence - 1) % 5 == 0 ? 0 : 5);
	}
	for (int i = 0; i < 100 && !kafka_at_end(c); i++)
		kafka_fetch(c, arena, evs, N, 50);
	assert_true(kafka_at_end(c));
	kafka_consumer_free(c);
	kafka_producer_free(p);
}

/* Nothing of a failed batch may be overtaken: the producer ends, and says so. */
static void a_refused_batch_ends_the_producer(void **state)
{
	struct kafka_producer *p = producer();
	struct kafka_record first = record("k", "1", 1), second = record("k", "2", 2);

	(void)state;
	assert_true(kafka_producer_warm(p, 5000));
	rd_kafka_mock_push_request_errors(cluster, PRODUCE, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
	kafka_produce(p, &first);
	assert_true(settle(p, 10000));
	kafka_produce(p, &second);
	assert_true(settle(p, 10000));
	assert_int_equal(first.state, KAFKA_FAILED);
	assert_int_equal(second.state, KAFKA_FAILED);
	assert_non_null(kafka_producer_fatal(p));
	kafka_producer_free(p);
}

static void a_passing_error_is_no_failure(void **state)
{
	struct kafka_producer *p = producer();
	struct kafka_record r = record("k", "1", 1);

	(void)state;
	assert_true(kafka_producer_warm(p, 5000));
	rd_kafka_mock_push_request_errors(cluster, PRODUCE, 3, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
					  RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
	kafka_produce(p, &r);
	assert_true(settle(p, 15000));
	assert_int_equal(r.state, KAFKA_ACKED);
	assert_null(kafka_producer_fatal(p));
	kafka_producer_free(p);
}

static void an_absent_broker_keeps_records(void **state)
{
	struct kafka_producer *p = producer();
	struct kafka_record r = record("k", "1", 1), lost = record("k", "2", 2);

	(void)state;
	assert_true(kafka_producer_warm(p, 5000));
	rd_kafka_mock_broker_set_down(cluster, 1);
	kafka_produce(p, &r);
	assert_false(settle(p, 1500));
	assert_int_equal(r.state, KAFKA_IN_FLIGHT);
	rd_kafka_mock_broker_set_up(cluster, 1);
	assert_true(settle(p, 5000)); /* reconnects within half a second */
	assert_int_equal(r.state, KAFKA_ACKED);
	rd_kafka_mock_broker_set_down(cluster, 1);
	kafka_produce(p, &lost);
	kafka_producer_purge(p);
	assert_int_equal(lost.state, KAFKA_FAILED);
	rd_kafka_mock_broker_set_up(cluster, 1);
	kafka_producer_free(p);
}

static void wrong_settings_are_told(void **state)
{
	struct kafka_settings bad = settings;
	char err[KAFKA_ERROR_MAX] = "";

	(void)state;
	bad.ca_file = "/nowhere/ca.pem";
	assert_null(kafka_producer_new(&bad, NULL, 0, err));
	assert_string_not_equal(err, "");
	bad = settings;
	bad.group = "";
	assert_null(kafka_group_new(&bad, NULL, 0, err));
}

static void a_group_goes_on_where_it_was(void **state)
{
	const char *topics[] = {TOPIC};
	char err[KAFKA_ERROR_MAX] = "";
	static struct event evs[300];
	struct kafka_consumer *c = kafka_group_new(&settings, topics, 1, err);
	struct kafka_producer *p = producer();
	struct kafka_record r = record("after", "v", 1);
	size_t n;

	(void)state;
	assert_non_null(c);
	n = fetch(c, evs, 1, 20000);
	assert_true(n > 0);
	n += fetch(c, evs + n, 300 - n, 4000); /* all that earlier tests left */
	kafka_commit(c, evs, n, true);
	kafka_consumer_free(c);
	kafka_produce(p, &r);
	assert_true(settle(p, 5000));
	c = kafka_group_new(&settings, topics, 1, err);
	assert_non_null(c);
	n = fetch(c, evs, 1, 20000);
	assert_int_equal(n, 1);
	assert_string_equal(evs[0].key, "after");
	kafka_consumer_free(c);
	kafka_producer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(a_refused_batch_ends_the_producer),
		cmocka_unit_test(a_passing_error_is_no_failure),
		cmocka_unit_test(an_absent_broker_keeps_records),
		cmocka_unit_test(a_group_goes_on_where_it_was),
		cmocka_unit_test(wrong_settings_are_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
