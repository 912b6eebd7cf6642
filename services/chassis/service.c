#include "service.h"
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include "blob.h"
#include "clock.h"
#include "config.h"
#include "daily_record.h"
#include "fault.h"
#include "health.h"
#include "key_rotation.h"
#include "keyfeed.h"
#include "log.h"
#include "meter.h"
#include "metrics.h"
#include "migrate.h"
#include "operate.h"
#include "outbound.h"
#include "probe.h"
#include "process.h"
#include "request.h"
#include "router.h"
#include "row.h"
#include "seal.h"
#include "seal_box.h"
#include "sealed_fill.h"
#include "task.h"
#include "value.h"

#define RELAY_FLUSH_MS 5000

/* ---- settings ---- */

static struct db_settings db_as(const char *user, const char *password, const char *name)
{
	return (struct db_settings){
		.host = config_str("RENHE_PG_HOST"),
		.port = config_str("RENHE_PG_PORT"),
		.database = config_str("RENHE_PG_DATABASE"),
		.user = config_str(user),
		.password = config_str(password),
		.application_name = name,
		.statement_timeout_ms = (int)config_int("RENHE_STATEMENT_TIMEOUT_MS"),
	};
}

struct db_settings service_database(const struct service_def *def)
{
	return db_as("RENHE_PG_USER", "RENHE_PG_PASSWORD", def->name);
}

struct kafka_settings service_kafka(const struct service_def *def, enum event_lane lane)
{
	const char *password = config_str("RENHE_KAFKA_PASSWORD"),
		   *ca = config_str("RENHE_KAFKA_CA_FILE");
	const char *instance = config_str("RENHE_KAFKA_INSTANCE");
	static char urgent[64];

	snprintf(urgent, sizeof(urgent), "%s.urgent", def->name);
	return (struct kafka_settings){
		.brokers = config_str("RENHE_KAFKA_BROKERS"),
		.principal = def->name,
		.password = *password ? password : NULL,
		.group = lane == LANE_URGENT ? urgent : def->name,
		.instance = *instance ? instance : def->name,
		.ca_file = *ca ? ca : NULL,
	};
}

/* ---- one-shot verbs ---- */

static int migrate(const struct service_def *def)
{
	struct db_settings owner =
		db_as("RENHE_PG_OWNER_USER", "RENHE_PG_OWNER_PASSWORD", "migrate");

	owner.statement_timeout_ms = 0;
	return migrate_run(&owner, def, config_str("RENHE_PG_USER"),
			   config_str("RENHE_PG_RELAY_USER"))
		       ? 0
		       : EX_DATAERR;
}

static int check(const struct service_def *def)
{
	struct db_settings app = service_database(def);
	char err[300];
	struct db *db = db_open(&app, err, sizeof(err));
	bool good;

	if (!db) {
		fprintf(stderr, "%s: database: %s\n", def->name, err);
		return EX_UNAVAILABLE;
	}
	good = migrate_current(db, def) && db_verify(db, def->schema);
	db_close(db);
	return good ? 0 : EX_DATAERR;
}

/* Asked for by an operator only: a service starts and answers without its bucket. */
static int check_outside(const struct service_def *def)
{
	struct service svc = {.def = def, .schema = def->schema};
	struct ctx cx = {.svc = &svc, .arena = arena_new(), .lang = "en", .request_id = ""};
	bool good = blob_check(&cx);

	arena_free(cx.arena);
	if (!good)
		fprintf(stderr, "%s: the blob store can't be used; the line above says why\n", def->name);
	return good ? 0 : EX_UNAVAILABLE;
}

static int check_all(const struct service_def *def)
{
	int rc = check(def);

	return rc ? rc : check_outside(def);
}

/* ---- running ---- */

static void ended(void *arg)
{
	struct service *svc = arg;

	loop_stop(svc->loop);
}

static void on_signal(int signo, void *arg)
{
	struct service *svc = arg;

	(void)signo;
	if (svc->draining)
		return;
	svc->draining = true;
	log_line(LOG_INFO, "draining", NULL);
	http_drain(svc->front, ended, svc);
}

static bool listen_front(struct service *svc)
{
	char err[200];
	struct http_settings s = {
		.address = config_str("RENHE_LISTEN"),
		.body_limit = 1024 * 1024,
		.max_connections = 4096,
		.head_timeout_s = 10,
		.body_timeout_s = 30,
		.idle_timeout_s = 75,
		.write_stall_s = 30,
		.direct = true,
		.limit_of = request_body_limit,
		.on_request = request_accept,
		.user = svc,
	};

	svc->front = http_listen(svc->loop, &s, err, sizeof(err));
	if (!svc->front)
		fprintf(stderr, "%s: %s: %s\n", svc->def->name, s.address, err);
	return svc->front != NULL;
}

/* A group and a thread of its own for each lane: what is urgent must not stand behind what the
 * other has fetched already. */
static struct consumer *consume_lane(struct service *svc, const struct db_settings *app,
				     enum event_lane lane)
{
	const struct service_def *def = svc->def;
	struct kafka_settings k = service_kafka(def, lane);
	struct consumer_def *defs = svc->taken[lane] = calloc(def->n_consumers + 1, sizeof(*defs));
	unsigned n = 0;

	if (!defs)
		abort();
	for (unsigned i = 0; i < def->n_consumers; i++)
		if (def->consumers[i].event->topic->lane == lane)
			defs[n++] = def->consumers[i];
	return n ? consumer_start(svc, &k, app, defs, n) : NULL;
}

/* Only a writer has a producer: the broker gives no other one leave for an idempotent one. */
static bool writes_topics(const struct service_def *def)
{
	for (unsigned i = 0; i < def->schema->n_topics; i++)
		if (strcmp(def->schema->topics[i].writer, def->name) == 0)
			return true;
	return false;
}

static void start_background(struct service *svc)
{
	const struct service_def *def = svc->def;
	struct kafka_settings kafka = service_kafka(def, LANE_NORMAL);
	struct db_settings app = service_database(def);
	struct db_settings relay = db_as("RENHE_PG_RELAY_USER", "RENHE_PG_RELAY_PASSWORD", "relay");

	svc->relay = writes_topics(def) ? relay_start(svc, &kafka, &relay) : NULL;
	keyfeed_start(svc, &kafka);
	for (int lane = LANE_NORMAL; lane <= LANE_URGENT; lane++)
		svc->consumers[lane] = consume_lane(svc, &app, (enum event_lane)lane);
	svc->runner = runner_start(svc, &app, &relay);
}

static void stop_background(struct service *svc)
{
	for (int lane = LANE_NORMAL; lane <= LANE_URGENT; lane++) {
		consumer_stop(svc->consumers[lane]);
		free(svc->taken[lane]);
	}
	runner_stop(svc->runner);
	task_pool_stop(svc->pool);
	relay_stop(svc->relay, RELAY_FLUSH_MS);
	keyfeed_stop(svc);
}

static int serve(const struct service_def *def)
{
	static struct service svc;
	struct db_settings app = service_database(def);
	int rc;

	svc = (struct service){
		.def = def, .schema = def->schema, .loop = loop_new(), .keys = keyring_new()};
	svc.router = router_new(def->schema->routes, def->schema->n_routes);
	svc.meter = meter_new(def->schema->routes, def->schema->n_routes);
	svc.pool = task_pool_start(&app, (unsigned)config_int("RENHE_WORKERS"),
				   (unsigned)config_int("RENHE_QUEUE_LIMIT"),
				   strcmp(config_str("RENHE_ENGINE"), "coroutines") == 0 ? svc.loop : NULL);
	if (!health_listen(&svc))
		return EX_OSERR;
	if ((rc = check(def)) != 0)
		return rc;
	if (!key_root_rewrap(def) || !sealed_fill_begin(def))
		return EX_UNAVAILABLE;
	seal_box_report(def->schema);
	keyfeed_load(&svc);
	if (def->on_start && !def->on_start(&svc))
		return EX_SOFTWARE;
	start_background(&svc);
	if (!listen_front(&svc))
		return EX_OSERR;
	loop_on_signal(svc.loop, SIGTERM, on_signal, &svc);
	loop_on_signal(svc.loop, SIGINT, on_signal, &svc);
	health_watch(&svc);
	daily_record_start(&svc);
	svc.ready = true;
	log_line(LOG_INFO, "started", "listen", config_str("RENHE_LISTEN"), "version",
		 RENHE_VERSION_TEXT, NULL);
	loop_run(svc.loop);
	stop_background(&svc);
	log_line(LOG_INFO, "stopped", NULL);
	return 0;
}

static bool bucket_can_be_meant(const char *program)
{
	struct arena *a = arena_new();
	const char *wrong = blob_settings_fault(a);

	if (wrong)
		fprintf(stderr, "%s: %s\n", program, wrong);
	arena_free(a);
	return !wrong;
}

static bool start_up(const struct service_def *def)
{
	char err[200];

	if (!config_load(def->name))
		return false;
	process_keep_memory();
	process_run_nothing();
	process_open_files();
	log_init(def->name, LOG_INFO);
	signal(SIGPIPE, SIG_IGN);
	if (!seal_init(config_str("RENHE_ROOT_KEY"), err, sizeof(err))) {
		fprintf(stderr, "%s: RENHE_ROOT_KEY: %s\n", def->name, err);
		return false;
	}
	if (!seal_init_second(config_str("RENHE_ROOT_KEY_SECOND"), err, sizeof(err))) {
		fprintf(stderr, "%s: RENHE_ROOT_KEY_SECOND: %s\n", def->name, err);
		return false;
	}
	if (!seal_box_keys(config_str("RENHE_CONSUMER_KEYS"), err, sizeof(err))) {
		fprintf(stderr, "%s: RENHE_CONSUMER_KEYS: %s\n", def->name, err);
		return false;
	}
	if (!seal_box_secret(def->name, config_str("RENHE_CONSUMER_SECRET"), err, sizeof(err))) {
		fprintf(stderr, "%s: RENHE_CONSUMER_SECRET: %s\n", def->name, err);
		return false;
	}
	if (!outbound_start(err, sizeof(err))) {
		fprintf(stderr, "%s: %s\n", def->name, err);
		return false;
	}
	if (!bucket_can_be_meant(def->name))
		return false;
	rule_check(def->schema);
	return true;
}

enum verb {
	VERB_SERVE,
	VERB_CHECK,
	VERB_MIGRATE,
	VERB_HEALTH,
	VERB_KEYS,
	VERB_ROTATE_KEYS,
	VERB_OPERATE,
	VERB_HELP,
	VERB_VERSION
};

static int parse_verb(int argc, char **argv)
{
	static const struct option options[] = {
		{"check", no_argument, NULL, VERB_CHECK},
		{"migrate", no_argument, NULL, VERB_MIGRATE},
		{"health", no_argument, NULL, VERB_HEALTH},
		{"keys", no_argument, NULL, VERB_KEYS},
		{"rotate-keys", required_argument, NULL, VERB_ROTATE_KEYS},
		{"operate", required_argument, NULL, VERB_OPERATE},
		{"help", no_argument, NULL, VERB_HELP},
		{"version", no_argument, NULL, VERB_VERSION},
		{NULL, 0, NULL, 0},
	};
	int c = getopt_long(argc, argv, "", options, NULL);

	return c == -1 ? (optind < argc ? '?' : VERB_SERVE) : c;
}

int service_main(const struct service_def *def, int argc, char **argv)
{
	int verb = parse_verb(argc, argv);

	if (verb == VERB_HELP) {
		config_help(def->name, stdout);
		return 0;
	}
	if (verb == VERB_VERSION) {
		printf("%s %s\n", def->name, RENHE_VERSION_TEXT);
		return 0;
	}
	if (verb == '?')
		return EX_USAGE;
	if (!start_up(def))
		return EX_CONFIG;
	switch (verb) {
	case VERB_MIGRATE:
		return migrate(def);
	case VERB_CHECK:
		return check_all(def);
	case VERB_HEALTH:
		return probe_health(def->name);
	case VERB_KEYS:
		return key_verb_show(def);
	case VERB_ROTATE_KEYS:
		return key_verb_rotate(def, optarg, argv[optind]);
	case VERB_OPERATE:
		return operate(def, optarg, argv[optind]);
	default:
		return serve(def);
	}
}

static bool task_run(struct service *svc, struct db *db, const char *tenant_id,
		     bool (*fn)(struct ctx *cx, void *arg), void *arg)
{
	struct arena *a = arena_new();
	struct ctx cx = {
		.svc = svc, .arena = a, .db = db, .as_system = true, .lang = "zh-CN", .scopes = 8};
	char id[37];
	bool good;

	uuid7(id);
	cx.request_id = id;
	cx.who = (struct principal){
		.tenant_id = tenant_id, .account_id = "", .person_id = "", .session_id = ""};
	cx.now_us = clock_business_us();
	context_today(&cx);
	good = db_ready(&cx) && db_begin(&cx) && fn(&cx, arg) && db_commit(&cx);
	if (!good) {
		log_line(LOG_ERROR, "task failed", "code", cx.fault.def ? cx.fault.def->code : "",
			 "detail", cx.fault.detail_en ? cx.fault.detail_en : "", NULL);
		db_rollback(&cx);
	} else if (cx.events_out && svc->relay) {
		outbox_wake(svc);
	}
	arena_free(a);
	return good;
}

bool service_task(struct service *svc, const char *tenant_id, bool (*fn)(struct ctx *cx, void *arg),
		  void *arg)
{
	struct db_settings app = service_database(svc->def);
	struct db *db = db_new(&app);
	bool good = task_run(svc, db, tenant_id, fn, arg);

	db_close(db);
	return good;
}

struct post {
	struct service *svc;
	const char *tenant_id;
	bool (*fn)(struct ctx *cx, void *arg);
	void *arg;
};

static void run_post(struct db *db, void *arg)
{
	struct post *p = arg;

	task_run(p->svc, db, p->tenant_id, p->fn, p->arg);
	free(p);
}

void service_post(struct service *svc, const char *tenant_id, bool (*fn)(struct ctx *cx, void *arg),
		  void *arg)
{
	struct post *p = malloc(sizeof(*p));

	if (!p)
		abort();
	*p = (struct post){svc, tenant_id, fn, arg};
	if (!task_start(svc->pool, run_post, p)) {
		log_line(LOG_WARN, "task dropped: the queue is full", NULL);
		free(p);
	}
}
