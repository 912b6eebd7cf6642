/* The listeners: the door itself, in clear or under TLS, the management port, and the one that
 * sends callers in clear to the door. */
#include <stdio.h>

#include "clock.h"
#include "config.h"
#include "gateway.h"
#include "log.h"
#include "metrics.h"

#define HTTPS_PORT 443
#define REDIRECT_BODY 1024
#define REDIRECT_CONNECTIONS 256
#define REDIRECT_S 5
#define CERTIFICATE_LEFT_S (14 * 86400) /* by then the next one should be there */

static struct http_settings listen_settings(struct gateway *g)
{
	return (struct http_settings){
		.address = config_str("RENHE_LISTEN"),
		.body_limit = (uint32_t)config_int("RENHE_BODY_LIMIT_BYTES"),
		.max_connections = (unsigned)config_int("RENHE_MAX_CONNECTIONS"),
		.head_timeout_s = (int)config_int("RENHE_HEAD_TIMEOUT_S"),
		.body_timeout_s = (int)config_int("RENHE_BODY_TIMEOUT_S"),
		.idle_timeout_s = (int)config_int("RENHE_IDLE_TIMEOUT_S"),
		.write_stall_s = (int)config_int("RENHE_WRITE_STALL_S"),
		.direct = true,
		.limit_of = gate_limit_of,
		.on_request = gate_on_request,
		.on_refused = gate_on_refused,
		.user = g,
	};
}

static const char *given(const char *setting)
{
	const char *value = config_str(setting);

	return *value ? value : NULL;
}

/* Both or neither; without them nobody can be sent there. */
static bool tls_settings(struct http_settings *s)
{
	s->tls_cert_file = given("RENHE_GATEWAY_TLS_CERT_FILE");
	s->tls_key_file = given("RENHE_GATEWAY_TLS_KEY_FILE");
	if (!s->tls_cert_file != !s->tls_key_file)
		fprintf(stderr, "gateway: RENHE_GATEWAY_TLS_CERT_FILE and _KEY_FILE go together\n");
	else if (!s->tls_cert_file && given("RENHE_GATEWAY_REDIRECT_LISTEN"))
		fprintf(stderr, "gateway: RENHE_GATEWAY_REDIRECT_LISTEN needs a certificate\n");
	else
		return true;
	return false;
}

/* ---- the listener in clear that sends callers to the other ---- */

/* Without its port; an IPv6 address keeps its brackets. */
static struct str host_of(const struct wire_head *h)
{
	struct str host = h->authority.n ? h->authority : wire_find(h, "Host")->value;
	const char *colon = memrchr(host.p, ':', host.n), *bracket = memchr(host.p, ']', host.n);

	if (colon && (!bracket || colon > bracket))
		host.n = (size_t)(colon - host.p);
	return host;
}

/* From path and query, since a target in absolute-form would lead elsewhere. */
static void send_over(struct http_request *r, void *user)
{
	const struct gateway *g = user;
	const struct wire_head *h = &r->head;
	struct str host = host_of(h);
	int port = http_port(g->front);
	struct buf b;

	buf_init(&b, r->arena);
	buf_printf(&b, "Location: https://%.*s", (int)host.n, host.p);
	if (port != HTTPS_PORT)
		buf_printf(&b, ":%d", port);
	buf_add(&b, h->path.p, h->path.n);
	if (h->query.n)
		buf_printf(&b, "?%.*s", (int)h->query.n, h->query.p);
	buf_puts(&b, "\r\nCache-Control: no-store\r\n");
	http_reply(r, &(struct http_answer){.status = 308, .headers = b.p, .close = true});
}

static struct http_settings redirect_settings(struct gateway *g)
{
	return (struct http_settings){
		.address = config_str("RENHE_GATEWAY_REDIRECT_LISTEN"),
		.body_limit = REDIRECT_BODY,
		.max_connections = REDIRECT_CONNECTIONS,
		.head_timeout_s = REDIRECT_S,
		.body_timeout_s = REDIRECT_S,
		.idle_timeout_s = REDIRECT_S,
		.direct = true,
		.on_request = send_over,
		.user = g,
	};
}

/* ---- all of them ---- */

static bool open_all(struct gateway *g, const struct http_settings *front, char *err, size_t size)
{
	struct http_settings management = *front, redirect = redirect_settings(g);

	management.address = config_str("RENHE_MANAGEMENT_LISTEN");
	management.tls_cert_file = management.tls_key_file = NULL;
	management.limit_of = NULL;
	management.on_refused = NULL;
	management.on_request = local_management;
	g->front = http_listen(g->loop, front, err, size);
	if (g->front)
		g->management = http_listen(g->loop, &management, err, size);
	if (g->management && *redirect.address)
		g->redirect = http_listen(g->loop, &redirect, err, size);
	return g->management && (g->redirect || !*redirect.address);
}

/* Operations watch the gauge; the log tells those who don't. */
static void tell_end(const struct gateway *g)
{
	int64_t end = http_certificate_end(g->front);

	if (!end)
		return;
	metric_set(metric_get("renhe_tls_certificate_end_seconds", "",
			      "Unix time at which the certificate ends"),
		   end);
	if (end - clock_real_us() / 1000000 < CERTIFICATE_LEFT_S)
		log_line(LOG_WARN, "certificate_ends_soon", "file",
			 config_str("RENHE_GATEWAY_TLS_CERT_FILE"), NULL);
}

bool front_listen(struct gateway *g)
{
	struct http_settings front = listen_settings(g);
	char err[400];

	if (!tls_settings(&front))
		return false;
	if (!open_all(g, &front, err, sizeof(err))) {
		fprintf(stderr, "gateway: %s\n", err);
		return false;
	}
	tell_end(g);
	return true;
}

void front_reload(struct gateway *g)
{
	char err[400];

	if (!http_certificate_end(g->front))
		return;
	if (http_reload_tls(g->front, err, sizeof(err)))
		log_line(LOG_INFO, "certificate_read", NULL);
	else
		log_line(LOG_ERROR, "certificate_not_read", "why", err, NULL);
	tell_end(g);
}

void front_free(struct gateway *g)
{
	http_free(g->front);
	http_free(g->management);
	http_free(g->redirect);
}
