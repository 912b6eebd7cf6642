/* Breakers and figures of the hosts that this process calls; at most HOSTS_MOST of them, the one
 * that was longest without a call gives way. */
#include "outbound_internal.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "clock.h"
#include "config.h"
#include "log.h"
#include "metrics.h"
#include "seal.h"

#define HOSTS_MOST 256
/* Series live for ever, so hosts beyond these share one. */
#define NAMED_MOST 32

struct outbound_host {
	char name[264];
	struct breaker breaker;
	unsigned under_way;
	int64_t last_ms;
	bool named;
};
static struct outbound_host hosts[HOSTS_MOST];
static unsigned n_hosts, n_named;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

const char *outcome_name(enum outcome o)
{
	static const char *const NAMES[] = {"answered",	  "failed",  "unreachable", "timeout",
					    "bad_answer", "refused", "left_alone"};

	return NAMES[o];
}

/* ---- figures ---- */

static struct metric *figure(const struct outbound_host *h, const char *name, const char *more,
			     const char *help)
{
	char labels[400];

	snprintf(labels, sizeof(labels), "host=\"%s\"%s", h->named ? h->name : "other", more);
	return metric_get(name, labels, help);
}

static void count(const struct outbound_host *h, enum outcome o, int64_t us)
{
	char more[40];

	snprintf(more, sizeof(more), ",outcome=\"%s\"", outcome_name(o));
	metric_add(figure(h, "renhe_outbound_requests_total", more,
			  "Requests to hosts outside, each try, by host and outcome."),
		   1);
	metric_add(
		figure(h, "renhe_outbound_microseconds_total", "", "Microseconds that they took."),
		us);
}

static void show_state(const struct outbound_host *h)
{
	metric_set(figure(h, "renhe_outbound_breaker", "", "0 closed, 1 open, 2 half-open."),
		   (int64_t)h->breaker.state);
}

/* ---- the table ---- */

static struct outbound_host *known(const char *name)
{
	for (unsigned i = 0; i < n_hosts; i++)
		if (strcmp(hosts[i].name, name) == 0)
			return &hosts[i];
	return NULL;
}

/* NULL where all are busy. */
static struct outbound_host *room(void)
{
	struct outbound_host *oldest = NULL;

	if (n_hosts < HOSTS_MOST)
		return &hosts[n_hosts++];
	for (unsigned i = 0; i < HOSTS_MOST; i++)
		if (!hosts[i].under_way && (!oldest || hosts[i].last_ms < oldest->last_ms))
			oldest = &hosts[i];
	return oldest;
}

static struct outbound_host *host_of(const char *name)
{
	struct outbound_host *h = known(name);

	if (h || !(h = room()))
		return h;
	memset(h, 0, sizeof(*h));
	snprintf(h->name, sizeof(h->name), "%s", name);
	h->named = n_named < NAMED_MOST;
	n_named += h->named;
	return h;
}

bool host_ask(const char *name, struct pass *p)
{
	struct outbound_host *h;
	bool may;

	pthread_mutex_lock(&lock);
	h = host_of(name);
	may = h && breaker_ask(&h->breaker, clock_monotonic_ms(), &p->epoch);
	p->host = h;
	if (h) {
		h->last_ms = clock_monotonic_ms();
		h->under_way += may;
		show_state(h);
	}
	if (h && !may)
		count(h, OUTCOME_LEFT_ALONE, 0);
	pthread_mutex_unlock(&lock);
	return may;
}

static enum breaker_end judged(enum outcome o)
{
	return o == OUTCOME_ANSWERED  ? BREAKER_GOOD
	       : o == OUTCOME_REFUSED ? BREAKER_NEITHER
				      : BREAKER_BAD;
}

void host_end(const struct pass *p, enum outcome o, int64_t us)
{
	static const char *const STATES[] = {"closed", "open", "half-open"};
	struct outbound_host *h = p->host;
	enum breaker_state before;
	uint32_t dice;

	random_bytes(&dice, sizeof(dice));
	pthread_mutex_lock(&lock);
	before = h->breaker.state;
	breaker_end(&h->breaker, p->epoch, judged(o), clock_monotonic_ms(),
		    config_int("RENHE_OUTBOUND_COOL_MS"), dice);
	h->under_way--;
	count(h, o, us);
	show_state(h);
	if (before != h->breaker.state)
		log_line(LOG_WARN, "outbound breaker", "host", h->name, "state",
			 STATES[h->breaker.state], NULL);
	pthread_mutex_unlock(&lock);
}

bool host_afford(const struct pass *p)
{
	bool good;

	pthread_mutex_lock(&lock);
	good = breaker_afford(&p->host->breaker);
	pthread_mutex_unlock(&lock);
	return good;
}
