#include "health.h"
#include <stdatomic.h>
#include <stdio.h>
#include "clock.h"
#include "config.h"
#include "fault.h"
#include "log.h"
#include "metrics.h"
#include "task.h"

#define PING_EVERY_MS 2000
#define PING_STALE_MS 10000

#ifndef RENHE_VERSION
#define RENHE_VERSION "dev"
#endif
const char RENHE_VERSION_TEXT[] = RENHE_VERSION;

static _Atomic int64_t pinged_ms;

static void ping(struct db *db, void *arg)
{
	struct arena *a = arena_new();
	struct ctx cx = {
		.svc = arg, .arena = a, .db = db, .who = {"", "", "", "", 0, 0}, .lang = "en"};
	struct db_result out;

	if (db_ready(&cx) && db_sql(&cx, "select 1", NULL, 0, &out))
		atomic_store(&pinged_ms, clock_monotonic_ms());
	arena_free(a);
}

static void ping_later(void *arg)
{
	struct service *svc = arg;

	/* A full queue is a live database: its workers are busy with it. */
	if (!task_start(svc->pool, ping, svc))
		atomic_store(&pinged_ms, clock_monotonic_ms());
}

static bool is_ready(const struct service *svc)
{
	return svc->ready && !svc->draining &&
	       clock_monotonic_ms() - atomic_load(&pinged_ms) < PING_STALE_MS;
}

static void answer_text(struct http_request *r, int status, struct str body, const char *type)
{
	struct http_answer a = {.status = status, .content_type = type, .body = body};

	http_reply(r, &a);
}

static void on_management(struct http_request *r, void *user)
{
	struct service *svc = user;
	char text[128];

	if (str_eq(r->head.path, "/livez"))
		answer_text(r, 200, STR("ok\n"), "text/plain");
	else if (str_eq(r->head.path, "/readyz"))
		answer_text(r, is_ready(svc) ? 200 : 503,
			    is_ready(svc) ? STR("ready\n") : STR("not ready\n"), "text/plain");
	else if (str_eq(r->head.path, "/metrics"))
		answer_text(r, 200, metrics_render(r->arena), "text/plain; version=0.0.4");
	else if (str_eq(r->head.path, "/version")) {
		snprintf(text, sizeof(text), "{\"service\":\"%s\",\"version\":\"%s\"}\n",
			 svc->def->name, RENHE_VERSION_TEXT);
		answer_text(r, 200, str_of(text), "application/json");
	} else
		answer_text(r, 404, STR("not found\n"), "text/plain");
}

bool health_listen(struct service *svc)
{
	char err[200];
	struct http_settings s = {
		.address = config_str("RENHE_MANAGEMENT_LISTEN"),
		.body_limit = 1024,
		.max_connections = 64,
		.head_timeout_s = 5,
		.body_timeout_s = 5,
		.idle_timeout_s = 30,
		.write_stall_s = 10,
		.on_request = on_management,
		.user = svc,
	};

	svc->management = http_listen(svc->loop, &s, err, sizeof(err));
	if (!svc->management)
		fprintf(stderr, "%s: management port: %s\n", svc->def->name, err);
	return svc->management != NULL;
}

void health_watch(struct service *svc)
{
	ping_later(svc);
	loop_every(svc->loop, PING_EVERY_MS, ping_later, svc);
}
