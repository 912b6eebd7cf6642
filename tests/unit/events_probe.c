/* A small service for tests/events/run: puts facts, relays them, takes them in. The addresses come
 * from the environment: PROBE_BROKERS PROBE_SECRETS PROBE_PG_HOST PROBE_PG_PORT.
 *
 *   produce N PERSONS RATE THREADS   N facts on PERSONS, RATE a second (0 = as fast as it goes)
 *   relay                            relays until SIGTERM
 *   put PERSON KIND...               one transaction per fact; KIND becomes its employee_id,
 *                                    "big" one of 200,000 bytes, "huge" one that no event may have
 *   consume                          takes facts in until SIGTERM; KIND "poison" is refused
 *   urgent ROWS                      waits of urgent rows behind ROWS normal ones of one commit
 *   dead ID retry|drop               settles a dead letter
 *   snapshot PERSON SEQUENCE         a snapshot that includes the facts up to SEQUENCE
 */
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive.gen.h"
#include "clock.h"
#include "kafka.h"
#include "log.h"
#include "service.h"
#include "value.h"
#include "renhe.gen.h"

#define TENANT "11111111-1111-4111-8111-111111111111"
#define PERSON "22222222-2222-4222-8222-%012u"

static const struct topic_def TOPICS_PROBE[] = {
	{.name = "renhe.test.fact.v1", .writer = "archive", .partitions = 4, .small_partitions = 4},
	{.name = "renhe.test.urgent.v1", .writer = "archive", .partitions = 1, .small_partitions = 1, .lane = LANE_URGENT},
	{.name = "renhe.test.snapshot.v1", .writer = "archive", .compact = true, .partitions = 4, .small_partitions = 4},
};
static const struct event_def FACT = {"renhe.test.fact.v1", &TOPICS_PROBE[0], "person", "person_id", "person_id",
				      false, &RULE_ARCHIVE_EMPLOYEE_HIRED};
static const struct event_def URGENT = {"renhe.test.urgent.v1", &TOPICS_PROBE[1], "person", "person_id", "person_id",
					true, &RULE_ARCHIVE_EMPLOYEE_HIRED};
static const struct event_def SNAPSHOT = {"renhe.test.snapshot.v1", &TOPICS_PROBE[2], "person", "person_id",
					  "person_id", true, &RULE_ARCHIVE_PERSON_SNAPSHOT};
static const struct event_def *const EVENTS[] = {&FACT, &URGENT, &SNAPSHOT};
static const struct schema SCHEMA = {.service = "archive", .events = EVENTS, .n_events = 3,
				     .topics = TOPICS_PROBE, .n_topics = 3};

/* ---- the consumer's side ---- */

static bool on_fact(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg)
{
	const Archive__EmployeeHired *m = (const Archive__EmployeeHired *)msg;
	char sequence[24], latency[24];
	const char *params[] = {m->person_id, sequence, latency, cx->cause_id};
	int64_t sent_us = 0;
	struct db_result none;

	if (m->employee_id && strcmp(m->employee_id, "poison") == 0)
		return fail(cx, &FAULT_CONFLICT, NULL);
	time_parse(ev->time, &sent_us);
	snprintf(sequence, sizeof(sequence), "%" PRId64, ev->sequence);
	snprintf(latency, sizeof(latency), "%" PRId64, clock_real_us() - sent_us);
	return db_sql(cx, "insert into effect (person, sequence, latency_us, cause) values ($1, $2::bigint, $3::bigint, $4)",
		      params, 4, &none);
}

static bool on_snapshot(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg)
{
	const Archive__PersonSnapshot *m = (const Archive__PersonSnapshot *)msg;

	return !m || inbox_heal(cx, ev->source, "person", m->person_id, m->included_sequence);
}

static const struct consumer_def CONSUMERS[] = {{&FACT, on_fact}, {&SNAPSHOT, on_snapshot}};
static const struct service_def ARCHIVE = {.name = "archive", .schema = &SCHEMA};
static const struct service_def IDENTITY = {.name = "identity", .schema = &SCHEMA, .consumers = CONSUMERS, .n_consumers = 2};

/* ---- places ---- */

static const char *need(const char *name)
{
	const char *v = getenv(name);

	if (!v) {
		fprintf(stderr, "events_probe: %s is not set\n", name);
		exit(64);
	}
	return v;
}

static struct db_settings database(const char *name, const char *role)
{
	return (struct db_settings){.host = need("PROBE_PG_HOST"), .port = need("PROBE_PG_PORT"), .database = name,
				    .user = role, .password = "", .application_name = "probe",
				    .statement_timeout_ms = 30000};
}

static struct kafka_settings kafka_as(const char *principal)
{
	static char password[2][128];
	char path[512];
	char *room = password[strcmp(principal, "archive") == 0];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", need("PROBE_SECRETS"), principal);
	f = fopen(path, "r");
	if (!f || !fgets(room, sizeof(password[0]), f)) {
		perror(path);
		exit(64);
	}
	fclose(f);
	return (struct kafka_settings){.brokers = need("PROBE_BROKERS"), .principal = principal, .password = room,
				       .group = principal, .instance = "1"};
}

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

/* ---- putting ---- */

struct putter {
	struct service *svc;
	struct ctx cx;
};

static struct putter putter_new(struct service *svc)
{
	struct db_settings s = database("archive", "ev_app");
	struct putter p = {.svc = svc};

	p.cx = (struct ctx){.svc = svc, .arena = arena_new(), .db = db_new(&s), .as_system = true, .lang = "en",
			    .request_id = "probe"};
	return p;
}

static void putter_free(struct putter *p)
{
	db_close(p->cx.db);
	arena_free(p->cx.arena);
}

static bool begin(struct putter *p)
{
	arena_reset(p->cx.arena);
	p->cx.who = (struct principal){.tenant_id = TENANT, .account_id = "", .person_id = "", .session_id = ""};
	p->cx.now_us = clock_business_us();
	p->cx.events_out = 0;
	return db_ready(&p->cx) && db_begin(&p->cx);
}

static char *text_of(struct arena *a, const char *kind)
{
	size_t n = strcmp(kind, "big") == 0 ? 200000 : strcmp(kind, "huge") == 0 ? 300000 : 0;
	char *text = n ? arena_alloc(a, n + 1) : arena_strdup(a, kind);

	if (n)
		memset(text, 'x', n);
	return text;
}

static bool put_fact(struct putter *p, const struct event_def *def, unsigned person, const char *kind)
{
	Archive__EmployeeHired m = ARCHIVE__EMPLOYEE_HIRED__INIT;

	m.person_id = arena_printf(p->cx.arena, PERSON, person);
	m.employee_id = text_of(p->cx.arena, kind);
	m.effective_date = arena_strdup(p->cx.arena, "2026-04-01");
	return outbox_put(&p->cx, def, &m.base);
}

static bool commit(struct putter *p)
{
	if (!db_commit(&p->cx))
		return false;
	outbox_wake(p->svc);
	return true;
}

static void must_put(struct putter *p, const struct event_def *def, unsigned person, const char *kind)
{
	if (!begin(p) || !put_fact(p, def, person, kind) || !commit(p)) {
		fprintf(stderr, "events_probe: put failed\n");
		exit(1);
	}
}

static long outbox_rows(void)
{
	struct db_settings s = database("archive", "ev_relay");
	struct ctx cx = {.arena = arena_new(), .db = db_new(&s), .as_system = true};
	struct db_result r;
	long n = -1;

	if (db_ready(&cx) && db_sql(&cx, "select count(*) from outbox", NULL, 0, &r))
		n = strtol(r.rows[0][0], NULL, 10);
	db_close(cx.db);
	arena_free(cx.arena);
	return n;
}

/* ---- verbs ---- */

struct load {
	struct service *svc;
	unsigned n, persons, rate, from;
};

static void *put_load(void *arg)
{
	struct load *l = arg;
	struct putter p = putter_new(l->svc);
	int64_t start = clock_monotonic_us();

	for (unsigned i = 0; i < l->n; i++) {
		int64_t due = l->rate ? start + (int64_t)i * 1000000 / l->rate : 0;
		int64_t early = due - clock_monotonic_us();
		if (early > 0)
			usleep((useconds_t)early);
		must_put(&p, &FACT, l->from + i % l->persons, "plain");
	}
	putter_free(&p);
	return NULL;
}

static struct relay *start_relay(struct service *svc)
{
	struct db_settings db = database("archive", "ev_relay");
	struct kafka_settings k = kafka_as("archive");

	svc->relay = relay_start(svc, &k, &db);
	return svc->relay;
}

static int produce(struct service *svc, unsigned n, unsigned persons, unsigned rate, unsigned threads)
{
	pthread_t t[16];
	struct load l[16];
	int64_t start = clock_monotonic_ms(), put_ms;

	if (threads < 1 || threads > 16 || persons < threads)
		return 64;
	start_relay(svc);
	for (unsigned i = 0; i < threads; i++) {
		l[i] = (struct load){svc, n / threads, persons / threads, rate / threads, i * (persons / threads)};
		pthread_create(&t[i], NULL, put_load, &l[i]);
	}
	for (unsigned i = 0; i < threads; i++)
		pthread_join(t[i], NULL);
	put_ms = clock_monotonic_ms() - start;
	while (outbox_rows() != 0)
		usleep(20000);
	printf("{\"put\": %u, \"put_ms\": %" PRId64 ", \"sent_ms\": %" PRId64 "}\n", n / threads * threads, put_ms,
	       clock_monotonic_ms() - start);
	relay_stop(svc->relay, 5000);
	return 0;
}

static int put_some(struct service *svc, unsigned person, char **kinds, int n)
{
	struct putter p = putter_new(svc);

	for (int i = 0; i < n; i++)
		must_put(&p, &FACT, person, kinds[i]);
	putter_free(&p);
	return 0;
}

static int snapshot(struct service *svc, unsigned person, unsigned sequence)
{
	struct putter p = putter_new(svc);
	Archive__PersonSnapshot m = ARCHIVE__PERSON_SNAPSHOT__INIT;
	bool ok = begin(&p);

	m.person_id = arena_printf(p.cx.arena, PERSON, person);
	m.has_included_sequence = 1;
	m.included_sequence = sequence;
	ok = ok && outbox_put(&p.cx, &SNAPSHOT, &m.base) && commit(&p);
	putter_free(&p);
	return ok ? 0 : 1;
}

static void until_term(void)
{
	sigset_t set;
	int got;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigwait(&set, &got);
}

static int relay_only(struct service *svc)
{
	start_relay(svc);
	until_term();
	relay_stop(svc->relay, 5000);
	return 0;
}

static int consume(struct service *svc)
{
	struct kafka_settings k = kafka_as("identity");
	struct db_settings db = database("identity", "ev_app");

	svc->def = &IDENTITY;
	svc->consumers[0] = consumer_start(svc, &k, &db, CONSUMERS, 2);
	until_term();
	consumer_stop(svc->consumers[0]);
	return 0;
}

static bool settle_dead(const char *id, bool drop)
{
	struct service svc = {.def = &IDENTITY, .schema = &SCHEMA};
	struct db_settings s = database("identity", "ev_app");
	struct ctx cx = {.svc = &svc, .arena = arena_new(), .db = db_new(&s), .as_system = true, .request_id = "probe",
			 .who = {TENANT, "", "", "", 0, 0}};
	bool ok = db_ready(&cx) && db_begin(&cx) && dead_letter_retry(&cx, id, drop) && db_commit(&cx);

	if (!ok) {
		fprintf(stderr, "%s\n", cx.fault.def ? cx.fault.def->code : "");
		db_rollback(&cx);
	}
	db_close(cx.db);
	arena_free(cx.arena);
	return ok;
}

/* ---- urgent ---- */

#define MAX_WAITS 5000
static int64_t waits[MAX_WAITS];
static atomic_uint n_waits;

static void on_urgent(void *arg, const struct event *ev)
{
	unsigned i = atomic_load(&n_waits);
	int64_t sent_us = 0;

	(void)arg;
	time_parse(ev->time, &sent_us);
	if (i < MAX_WAITS)
		waits[i] = clock_real_us() - sent_us;
	atomic_store(&n_waits, i + 1);
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void wait_urgent(unsigned n)
{
	for (int i = 0; i < 1000 && atomic_load(&n_waits) < n; i++)
		usleep(10000);
	if (atomic_load(&n_waits) < n) {
		fprintf(stderr, "events_probe: %u of %u urgent rows came\n", atomic_load(&n_waits), n);
		exit(1);
	}
}

static void put_backlog(struct service *svc, unsigned rows)
{
	struct putter p = putter_new(svc);
	bool ok = begin(&p);

	for (unsigned i = 0; ok && i < rows; i++)
		ok = put_fact(&p, &FACT, 500000 + i % 1000, "plain");
	if (!ok || !commit(&p))
		exit(1);
	putter_free(&p);
}

static int urgent(struct service *svc, unsigned rows)
{
	static const char *const topics[] = {"renhe.test.urgent.v1", NULL};
	struct kafka_settings k = kafka_as("identity");
	struct reader *reader = reader_start(&k, topics, 0, on_urgent, NULL);
	struct putter p = putter_new(svc);
	unsigned n = 1;
	int64_t start;

	while (!reader_caught_up(reader))
		usleep(1000);
	start_relay(svc);
	must_put(&p, &URGENT, 1, "first");
	wait_urgent(1);
	put_backlog(svc, rows);
	start = clock_monotonic_ms();
	while (n == 1 || (outbox_rows() > 0 && n < MAX_WAITS)) {
		must_put(&p, &URGENT, 1, "urgent");
		n++;
		usleep(5000);
	}
	wait_urgent(n);
	qsort(waits + 1, n - 1, sizeof(waits[0]), by_size);
	printf("{\"backlog\": %u, \"backlog_ms\": %" PRId64 ", \"urgent\": %u, \"p50_us\": %" PRId64 ", \"worst_us\": %" PRId64 "}\n",
	       rows, clock_monotonic_ms() - start, n - 1, waits[1 + (n - 1) / 2], waits[n - 1]);
	relay_stop(svc->relay, 5000);
	reader_stop(reader);
	putter_free(&p);
	return 0;
}

static unsigned number(const char *s)
{
	return (unsigned)strtoul(s, NULL, 10);
}

int main(int argc, char **argv)
{
	struct service *svc = must(calloc(1, sizeof(*svc)));
	const char *verb = argc > 1 ? argv[1] : "";
	sigset_t term;
	int rc = 64;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &term, NULL);
	log_init("probe", LOG_INFO);
	svc->def = &ARCHIVE;
	svc->schema = &SCHEMA;
	if (strcmp(verb, "produce") == 0 && argc == 6)
		rc = produce(svc, number(argv[2]), number(argv[3]), number(argv[4]), number(argv[5]));
	else if (strcmp(verb, "put") == 0 && argc > 3)
		rc = put_some(svc, number(argv[2]), argv + 3, argc - 3);
	else if (strcmp(verb, "snapshot") == 0 && argc == 4)
		rc = snapshot(svc, number(argv[2]), number(argv[3]));
	else if (strcmp(verb, "relay") == 0)
		rc = relay_only(svc);
	else if (strcmp(verb, "consume") == 0)
		rc = consume(svc);
	else if (strcmp(verb, "urgent") == 0 && argc == 3)
		rc = urgent(svc, number(argv[2]));
	else if (strcmp(verb, "dead") == 0 && argc == 4)
		rc = settle_dead(argv[2], strcmp(argv[3], "drop") == 0) ? 0 : 1;
	free(svc);
	return rc;
}
