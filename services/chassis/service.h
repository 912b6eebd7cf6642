/* What a service is made of, and its main. */
#ifndef RENHE_SERVICE_H
#define RENHE_SERVICE_H
#include "ctx.h"
#include "db.h"
#include "events.h"
#include "job.h"
#include "auth.h"
#include "http.h"

/* The tenant of what belongs to the installation itself; identity's directory calls it "platform". */
#define PLATFORM_TENANT "00000000-0000-7000-8000-000000000001"

struct migration { /* written by the build from migrations/NNNN_*.sql, sorted by room and number */
	const char *room; /* "chassis", "people", "archive" */
	int number;
	const char *name, *sql, *sha256;
};
struct service_def {
	const char *name;
	const struct schema *schema;
	const struct migration *migrations;
	unsigned n_migrations;
	const struct consumer_def *consumers;
	unsigned n_consumers;
	const struct projection_def *projections;
	unsigned n_projections;
	const struct job_def *jobs;
	unsigned n_jobs;
	const struct timer_def *timers;
	unsigned n_timers;
	bool (*on_start)(
		struct service *svc); /* after migrations and checks, before ready; or NULL */
};
struct service {
	const struct service_def *def;
	const struct schema *schema;
	struct event_base *loop;
	struct keyring *keys;
	struct relay *relay; /* NULL where the service writes no topic */
	struct consumer *consumers[2]; /* by lane; NULL where nothing is taken of it */
	struct consumer_def *taken[2]; /* what each of them takes */
	struct runner *runner;
	struct reader *key_reader;
	struct http_server *front, *management;
	struct task_pool *pool;
	struct router *router;
	struct meter *meter;
	volatile bool draining, ready;
};
/* Parses --help, --check, --migrate, --health, --keys, --rotate-keys=LEVEL [TENANT_ID],
 * --operate=VERB [ID] (operate.h), --version; runs. Returns a sysexits code. */
int service_main(const struct service_def *def, int argc, char **argv);
/* The broker as this service meets it, in the group of that lane. */
struct kafka_settings service_kafka(const struct service_def *def, enum event_lane lane);
/* The database as requests and consumers meet it. */
struct db_settings service_database(const struct service_def *def);
/* One transaction outside a request (on_start, tests): opens ctx on a connection of its own. */
bool service_task(struct service *svc, const char *tenant_id, bool (*fn)(struct ctx *cx, void *arg),
		  void *arg);
/* The same later, on a worker; dropped with a log line where the queue is full. */
void service_post(struct service *svc, const char *tenant_id, bool (*fn)(struct ctx *cx, void *arg),
		  void *arg);
/* Sets cx->today from cx->now_us in the zone RENHE_TIME_ZONE. */
void context_today(struct ctx *cx);
#endif
