/* kafka_setup: brings a broker's topics and rights to what the contract says (topics.json), and
 * proves that it takes records. Called by deploy/kafka/kafka.
 *
 *   kafka_setup [options] topics FILE | probe | health
 *     --brokers HOST:PORT     --password-file FILE (of principal admin; none = no SASL)
 *     --size small|large      --replication N      --ca-file PEM
 *
 * Exit: 0, 64 usage, 65 the file is not what it should be, 69 the broker doesn't answer or refuses.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clock.h"
#include "json.h"
#include "kafka.h"
#include "log.h"

#define MAX_TOPICS 256
#define MAX_ACLS 2048
#define PROBE_TOPIC "renhe.probe.v1"
#define PROBE_MS 60000
#define HEALTH_MS 1000
#define OBSERVER "observer"

struct setup {
	struct kafka_settings kafka;
	struct arena *arena;
	bool large;
	int replication;
	struct kafka_topic topics[MAX_TOPICS];
	size_t n_topics;
	struct kafka_acl acls[MAX_ACLS];
	size_t n_acls;
};

static bool read_file(struct arena *a, const char *name, struct str *out)
{
	FILE *f = fopen(name, "rb");
	struct buf b;
	char block[4096];
	size_t n;

	if (!f) {
		perror(name);
		return false;
	}
	buf_init(&b, a);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_add(&b, block, n);
	fclose(f);
	*out = (struct str){b.p, b.n};
	return true;
}

/* ---- what the contract asks for ---- */

static void config(struct kafka_topic *t, const char *name, const char *value)
{
	if (t->n_config == sizeof(t->config) / sizeof(t->config[0]))
		abort();
	t->config[t->n_config][0] = name;
	t->config[t->n_config++][1] = value;
}

/* A segment is closed at least that often: retention and compaction look at closed ones only. */
static void config_compact(struct kafka_topic *t)
{
	config(t, "cleanup.policy", "compact");
	config(t, "max.compaction.lag.ms", "86400000"); /* decision 7: an erased value is gone in a day */
	config(t, "min.cleanable.dirty.ratio", "0.1");
	config(t, "segment.ms", "86400000");
	config(t, "delete.retention.ms", "604800000"); /* a reader that was away a week sees tombstones */
}

static void config_delete(struct arena *a, struct kafka_topic *t, int64_t hours)
{
	int64_t segment_ms = hours * 3600000 / 7;

	config(t, "cleanup.policy", "delete");
	config(t, "retention.ms", arena_printf(a, "%lld", (long long)hours * 3600000));
	config(t, "segment.ms", arena_printf(a, "%lld", (long long)segment_ms));
}

static void add_acl(struct setup *s, const char *principal, enum kafka_right right, const char *name)
{
	for (size_t i = 0; i < s->n_acls; i++)
		if (s->acls[i].right == right && strcmp(s->acls[i].principal, principal) == 0 &&
		    strcmp(s->acls[i].name, name) == 0)
			return;
	if (s->n_acls == MAX_ACLS)
		abort();
	s->acls[s->n_acls++] = (struct kafka_acl){principal, right, name};
}

static void add_reader(struct setup *s, const char *principal, const char *topic)
{
	add_acl(s, principal, KAFKA_RIGHT_READ, topic);
	add_acl(s, principal, KAFKA_RIGHT_GROUP, principal);
	/* That of the urgent lane; see consume_lane of the chassis. */
	add_acl(s, principal, KAFKA_RIGHT_GROUP, arena_printf(s->arena, "%s.urgent", principal));
}

static void add_writer(struct setup *s, const char *principal, const char *topic)
{
	add_acl(s, principal, KAFKA_RIGHT_WRITE, topic);
	add_acl(s, principal, KAFKA_RIGHT_IDEMPOTENT, "");
}

static bool is_compact(const struct json_doc *d)
{
	const char *policy = json_get_str(d, "cleanup_policy");

	return policy && strcmp(policy, "compact") == 0;
}

static bool add_topic(struct setup *s, const struct json_doc *d)
{
	const char *name = json_get_str(d, "name"), *writer = json_get_str(d, "writer");
	int64_t partitions = 0, hours = 0;
	struct kafka_topic *t = &s->topics[s->n_topics];

	if (!name || !writer || s->n_topics == MAX_TOPICS - 1 ||
	    !json_get_int(d, s->large ? "partitions" : "small_partitions", &partitions) ||
	    partitions < 1 || partitions > 1000)
		return false;
	*t = (struct kafka_topic){.name = name, .partitions = (int)partitions, .replication = s->replication};
	if (is_compact(d))
		config_compact(t);
	else if (json_get_int(d, "retention_hours", &hours) && hours > 0)
		config_delete(s->arena, t, hours);
	else
		return false;
	s->n_topics++;
	add_writer(s, writer, name);
	add_reader(s, OBSERVER, name);
	for (unsigned i = 0; i < json_count(d, "readers"); i++)
		add_reader(s, json_item_str(d, "readers", i), name);
	return true;
}

/* For `probe`: written by the admin, who needs no rights of his own. */
static void add_probe(struct setup *s)
{
	struct kafka_topic *t = &s->topics[s->n_topics++];

	*t = (struct kafka_topic){.name = PROBE_TOPIC, .partitions = 1, .replication = s->replication};
	config_delete(s->arena, t, 1);
}

static bool read_topics(struct setup *s, const char *file)
{
	struct str text;
	struct json_doc *d;
	bool ok = true;

	if (!read_file(s->arena, file, &text))
		return false;
	d = json_parse(s->arena, text);
	ok = d && json_count(d, "topics") > 0;
	for (unsigned i = 0; ok && i < json_count(d, "topics"); i++) {
		ok = add_topic(s, json_item(d, "topics", i));
		if (!ok)
			fprintf(stderr, "kafka_setup: %s: topic %u: a member is missing or wrong\n", file, i);
	}
	if (!d)
		fprintf(stderr, "kafka_setup: %s is not JSON\n", file);
	if (ok)
		add_probe(s);
	return ok;
}

/* ---- verbs ---- */

static int apply(struct setup *s, const char *file)
{
	char err[KAFKA_ERROR_MAX] = "";
	unsigned added = 0, removed = 0;
	struct kafka_admin *ad;
	bool ok;

	if (!read_topics(s, file))
		return EX_DATAERR;
	ad = kafka_admin_new(&s->kafka, err);
	ok = ad && kafka_topics_apply(ad, s->topics, s->n_topics, err) &&
	     kafka_acls_apply(ad, s->acls, s->n_acls, &added, &removed, err);
	kafka_admin_free(ad);
	if (!ok) {
		fprintf(stderr, "kafka_setup: %s\n", err);
		return EX_UNAVAILABLE;
	}
	printf("%zu topics, %zu rights (%u new, %u taken away)\n", s->n_topics, s->n_acls, added, removed);
	return 0;
}

static bool probe_once(struct kafka_producer *p, int ms)
{
	struct kafka_record r = {.topic = PROBE_TOPIC, .key = STR("probe"), .value = STR("probe")};
	int64_t until = clock_monotonic_ms() + ms;

	kafka_produce(p, &r);
	while (r.state == KAFKA_IN_FLIGHT && clock_monotonic_ms() < until)
		kafka_producer_poll(p, 50);
	kafka_producer_purge(p);
	return r.state == KAFKA_ACKED;
}

/* A real produce: metadata alone comes before the broker takes records. */
static int probe(struct setup *s)
{
	const char *topics[] = {PROBE_TOPIC};
	int64_t begin = clock_monotonic_ms();
	char err[KAFKA_ERROR_MAX] = "";
	bool ok = false;

	while (!ok && clock_monotonic_ms() < begin + PROBE_MS) {
		struct kafka_producer *p = kafka_producer_new(&s->kafka, topics, 1, err);
		if (!p)
			break;
		ok = probe_once(p, 5000);
		kafka_producer_free(p);
	}
	if (!ok) {
		fprintf(stderr, "kafka_setup: no record was taken %s\n", err);
		return EX_UNAVAILABLE;
	}
	printf("a record was taken after %lld ms\n", (long long)(clock_monotonic_ms() - begin));
	return 0;
}

/* Whether the broker answers at all, within a second: a health check, cheaper than a record. */
static int health(struct setup *s)
{
	const char *topics[] = {PROBE_TOPIC};
	char err[KAFKA_ERROR_MAX] = "no answer";
	struct kafka_producer *p = kafka_producer_new(&s->kafka, topics, 1, err);
	bool ok = p && kafka_producer_warm(p, HEALTH_MS);

	if (p)
		kafka_producer_free(p);
	if (!ok)
		fprintf(stderr, "kafka_setup: %s\n", err);
	return ok ? 0 : EX_UNAVAILABLE;
}

/* ---- options ---- */

static bool take_password(struct setup *s, const char *file)
{
	struct str text;

	if (!read_file(s->arena, file, &text))
		return false;
	s->kafka.password = arena_strndup(s->arena, text.p, strcspn(text.p, "\r\n"));
	return true;
}

static bool take_option(struct setup *s, int c)
{
	char *end = NULL;

	switch (c) {
	case 'b':
		s->kafka.brokers = optarg;
		return true;
	case 'p':
		return take_password(s, optarg);
	case 'c':
		s->kafka.ca_file = optarg;
		return true;
	case 's':
		s->large = strcmp(optarg, "large") == 0;
		return s->large || strcmp(optarg, "small") == 0;
	case 'r':
		s->replication = (int)strtol(optarg, &end, 10);
		return *end == '\0' && s->replication > 0 && s->replication < 10;
	default:
		return false;
	}
}

static bool options(struct setup *s, int argc, char **argv)
{
	static const struct option OPTIONS[] = {
		{"brokers", required_argument, NULL, 'b'}, {"password-file", required_argument, NULL, 'p'},
		{"ca-file", required_argument, NULL, 'c'}, {"size", required_argument, NULL, 's'},
		{"replication", required_argument, NULL, 'r'}, {NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1)
		if (!take_option(s, c))
			return false;
	return true;
}

int main(int argc, char **argv)
{
	static struct setup s;
	const char *verb;
	int rc = EX_USAGE;

	log_init("kafka_setup", LOG_ERROR);
	s.kafka = (struct kafka_settings){.brokers = "127.0.0.1:9092", .principal = "admin"};
	s.replication = 1;
	s.arena = arena_new();
	if (!options(&s, argc, argv)) {
		arena_free(s.arena);
		return EX_USAGE;
	}
	verb = optind < argc ? argv[optind] : "";
	if (strcmp(verb, "topics") == 0 && optind + 2 == argc)
		rc = apply(&s, argv[optind + 1]);
	else if (strcmp(verb, "probe") == 0 && optind + 1 == argc)
		rc = probe(&s);
	else if (strcmp(verb, "health") == 0 && optind + 1 == argc)
		rc = health(&s);
	else
		fprintf(stderr, "usage: kafka_setup [options] topics FILE | probe | health\n");
	arena_free(s.arena);
	return rc;
}
