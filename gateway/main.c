#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>

#include "clock.h"
#include "config.h"
#include "gateway.h"
#include "gateway.gen.h"
#include "log.h"
#include "process.h"
#include "metrics.h"
#include "probe.h"
#include "renhe.gen.h"

#define DRAIN_MORE_MS 2000 /* beyond the deadline of a call */

enum verb { VERB_SERVE = 1, VERB_CHECK, VERB_HEALTH, VERB_HELP, VERB_VERSION };

static enum log_level level(void)
{
	static const char *const NAMES[] = {"debug", "info", "warn", "error"};
	enum log_level l = LOG_DEBUG;

	while (l < LOG_ERROR && strcmp(config_str("RENHE_LOG_LEVEL"), NAMES[l]) != 0)
		l++;
	return l;
}

static struct kafka_settings kafka(void)
{
	const char *password = config_str("RENHE_KAFKA_PASSWORD");
	const char *ca = config_str("RENHE_KAFKA_CA_FILE");

	return (struct kafka_settings){
		.brokers = config_str("RENHE_KAFKA_BROKERS"),
		.principal = "gateway",
		.password = *password ? password : NULL,
		.group = "gateway",
		.instance = config_str("RENHE_KAFKA_INSTANCE"),
		.ca_file = *ca ? ca : NULL,
	};
}

static void make_access(struct gateway *g)
{
	g->access = (struct access){
		.keys = keyring_new(),
		.revocations = revocations_new(),
		.role_names = ROLE_NAMES,
	};
}

static void make_limits(struct gateway *g)
{
	static const struct {
		const char *setting, *labels;
	} ROWS[N_LIMITS] = {
		[LIMIT_READS] = {"RENHE_READS_PER_MINUTE", "kind=\"reads\""},
		[LIMIT_WRITES] = {"RENHE_WRITES_PER_MINUTE", "kind=\"writes\""},
		[LIMIT_HEAVY] = {"RENHE_HEAVY_PER_MINUTE", "kind=\"heavy\""},
		[LIMIT_SIGN_INS] = {"RENHE_SIGN_INS_PER_MINUTE", "kind=\"sign-ins\""},
		[LIMIT_OPEN] = {"RENHE_OPEN_PER_MINUTE", "kind=\"open\""},
		[LIMIT_TENANT] = {"RENHE_TENANT_PER_MINUTE", "kind=\"tenant\""},
	};
	int64_t per_minute[N_LIMITS];

	for (int i = 0; i < N_LIMITS; i++) {
		per_minute[i] = config_int(ROWS[i].setting);
		g->limited[i] = metric_get("renhe_gateway_limited_total", ROWS[i].labels,
					   "Requests answered with 429, by kind of work");
	}
	g->walked = metric_get("renhe_gateway_ids_walked_total", "",
			       "Times that an account met more than 50 answers of 404 in a minute");
	g->limits = limits_new(per_minute);
}

static void make_feed(struct gateway *g)
{
	struct feed_settings s = {
		.loop = g->loop,
		.access = &g->access,
		.identity = table_upstream(g, "identity"),
		.kafka = kafka(),
		.anchor = config_str("RENHE_KEY_ANCHOR"),
		.internal_token = config_str("RENHE_INTERNAL_TOKEN"),
		.state_dir = config_str("RENHE_STATE_DIR"),
	};

	g->feed = feed_new(&s);
	g->access.unknown_key = feed_want_keys;
	g->access.arg = g->feed;
}

/* The former files stay where the new ones can't be read. */
static bool read_site(struct gateway *g)
{
	const char *folder = config_str("RENHE_GATEWAY_STATIC_FOLDER");
	char err[400], files[24];

	if (!*folder)
		return true;
	struct site_folder *site = site_folder_read(folder, err, sizeof(err));
	if (!site) {
		log_line(LOG_ERROR, "static_folder_not_read", "why", err, NULL);
		return false;
	}
	snprintf(files, sizeof(files), "%zu", site_folder_count(site));
	log_line(LOG_INFO, "static_folder_read", "folder", folder, "#files", files, NULL);
	site_folder_free(g->site);
	g->site = site;
	return true;
}

static bool gateway_make(struct gateway *g)
{
	g->loop = loop_new();
	g->scratch = arena_new();
	g->internal_token = config_str("RENHE_INTERNAL_TOKEN");
	g->deadline_ms = config_int("RENHE_UPSTREAM_DEADLINE_MS");
	make_access(g);
	make_limits(g);
	if (!table_build(g, GATEWAY_ROUTES, GATEWAY_ROUTES_COUNT) || !read_site(g))
		return false;
	make_feed(g);
	return true;
}

static void gateway_free(struct gateway *g)
{
	front_free(g);
	table_free(g);
	feed_free(g->feed);
	keyring_free(g->access.keys);
	revocations_free(g->access.revocations);
	limits_free(g->limits);
	site_folder_free(g->site);
	arena_free(g->scratch);
	loop_free(g->loop);
}

static void ended(void *arg)
{
	struct gateway *g = arg;

	loop_stop(g->loop);
}

/* Not ready at once, no new connections; open calls end by themselves or by their deadline. */
static void on_stop(int signo, void *arg)
{
	struct gateway *g = arg;

	(void)signo;
	if (g->draining)
		return;
	g->draining = true;
	log_line(LOG_INFO, "draining", NULL);
	http_drain(g->front, ended, g);
	loop_every(g->loop, (int)g->deadline_ms + DRAIN_MORE_MS, ended, g);
}

static void on_reload(int signo, void *arg)
{
	(void)signo;
	read_site(arg);
	front_reload(arg);
}

static int serve(struct gateway *g)
{
	if (!front_listen(g))
		return EX_OSERR;
	signal(SIGPIPE, SIG_IGN);
	loop_on_signal(g->loop, SIGTERM, on_stop, g);
	loop_on_signal(g->loop, SIGINT, on_stop, g);
	loop_on_signal(g->loop, SIGHUP, on_reload, g);
	feed_start(g->feed);
	log_line(LOG_INFO, "started", "listen", config_str("RENHE_LISTEN"), "version",
		 GATEWAY_VERSION, NULL);
	loop_run(g->loop);
	gateway_free(g);
	log_line(LOG_INFO, "stopped", NULL);
	return 0;
}

static int parse_verb(int argc, char **argv)
{
	static const struct option OPTIONS[] = {
		{"check", no_argument, NULL, VERB_CHECK},
		{"health", no_argument, NULL, VERB_HEALTH},
		{"help", no_argument, NULL, VERB_HELP},
		{"version", no_argument, NULL, VERB_VERSION},
		{NULL, 0, NULL, 0},
	};
	int verb = getopt_long(argc, argv, "", OPTIONS, NULL);

	return verb == -1 && optind == argc ? VERB_SERVE : verb;
}

static int run(int verb)
{
	static struct gateway g;

	if (!config_load("gateway"))
		return EX_CONFIG;
	if (verb == VERB_HEALTH)
		return probe_health("gateway");
	process_keep_memory();
	process_run_nothing();
	process_open_files();
	log_init("gateway", level());
	if (!gateway_make(&g))
		return EX_CONFIG;
	return verb == VERB_CHECK ? 0 : serve(&g);
}

int main(int argc, char **argv)
{
	int verb = parse_verb(argc, argv);

	switch (verb) {
	case VERB_HELP:
		printf("gateway [--check | --health | --help | --version]\nThe only door of Renhe.\n\n");
		config_help("gateway", stdout);
		return 0;
	case VERB_VERSION:
		printf("gateway %s\n", GATEWAY_VERSION);
		return 0;
	case VERB_SERVE:
	case VERB_CHECK:
	case VERB_HEALTH:
		return run(verb);
	default:
		fprintf(stderr, "usage: gateway [--check | --health | --help | --version]\n");
		return EX_USAGE;
	}
}
