#include "metrics.h"
#include "metrics_process.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct metric {
	struct metric *next;
	char *labels;
	_Atomic int64_t value;
};

/* Upper bounds in microseconds; what is longer counts in +Inf alone. */
static const int64_t BOUNDS[] = {500,	 1000,	 2500,	 5000,	  10000,   25000,   50000,
				 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000};
#define N_BOUNDS (sizeof(BOUNDS) / sizeof(*BOUNDS))

struct histogram {
	struct histogram *next;
	char *labels;
	_Atomic int64_t in[N_BOUNDS + 1], sum_us;
};

/* All series of one name stand together, as the text format asks. */
struct family {
	struct family *next;
	char *name, *help;
	struct metric *first, **last;
	struct histogram *histograms, **last_histogram;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct family *families, **last_family = &families;

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static struct family *family_get(const char *name, const char *help)
{
	struct family *f = families;

	while (f && strcmp(f->name, name) != 0)
		f = f->next;
	if (f)
		return f;
	f = must(calloc(1, sizeof(*f)));
	f->name = must(strdup(name));
	f->help = must(strdup(help));
	f->last = &f->first;
	f->last_histogram = &f->histograms;
	*last_family = f;
	last_family = &f->next;
	return f;
}

static struct metric *series_get(struct family *f, const char *labels)
{
	struct metric *m = f->first;

	while (m && strcmp(m->labels, labels) != 0)
		m = m->next;
	if (m)
		return m;
	m = must(calloc(1, sizeof(*m)));
	m->labels = must(strdup(labels));
	*f->last = m;
	f->last = &m->next;
	return m;
}

struct metric *metric_get(const char *name, const char *labels, const char *help)
{
	pthread_mutex_lock(&lock);
	struct metric *m = series_get(family_get(name, help), labels);
	pthread_mutex_unlock(&lock);
	return m;
}

void metric_add(struct metric *m, int64_t by)
{
	atomic_fetch_add_explicit(&m->value, by, memory_order_relaxed);
}

void metric_set(struct metric *m, int64_t v)
{
	atomic_store_explicit(&m->value, v, memory_order_relaxed);
}

static struct histogram *histogram_of(struct family *f, const char *labels)
{
	struct histogram *h = f->histograms;

	while (h && strcmp(h->labels, labels) != 0)
		h = h->next;
	if (h)
		return h;
	h = must(calloc(1, sizeof(*h)));
	h->labels = must(strdup(labels));
	*f->last_histogram = h;
	f->last_histogram = &h->next;
	return h;
}

struct histogram *histogram_get(const char *name, const char *labels, const char *help)
{
	pthread_mutex_lock(&lock);
	struct histogram *h = histogram_of(family_get(name, help), labels);
	pthread_mutex_unlock(&lock);
	return h;
}

void histogram_add(struct histogram *h, int64_t us)
{
	unsigned i = 0;

	while (i < N_BOUNDS && us > BOUNDS[i])
		i++;
	atomic_fetch_add_explicit(&h->in[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&h->sum_us, us, memory_order_relaxed);
}

/* The name says the kind: counters end in _total, as Prometheus asks. */
static const char *kind_of(const struct family *f)
{
	const char *name = f->name;
	size_t n = strlen(name);

	if (f->histograms)
		return "histogram";

	return n > 6 && strcmp(name + n - 6, "_total") == 0 ? "counter" : "gauge";
}

static void put_help(struct buf *b, const char *help)
{
	for (; *help; help++) {
		if (*help == '\n')
			buf_puts(b, "\\n");
		else if (*help == '\\')
			buf_puts(b, "\\\\");
		else
			buf_add(b, help, 1);
	}
}

static void put_seconds(struct buf *b, int64_t us)
{
	buf_printf(b, "%" PRId64 ".%06" PRId64, us / 1000000, us % 1000000);
}

/* Buckets count what is at most as long as their bound, so each holds those before it. */
static void put_buckets(struct buf *b, const struct family *f, const struct histogram *h,
			int64_t *count)
{
	const char *comma = h->labels[0] ? "," : "";

	*count = 0;
	for (unsigned i = 0; i <= N_BOUNDS; i++) {
		*count += atomic_load_explicit(&h->in[i], memory_order_relaxed);
		buf_printf(b, "%s_bucket{%s%sle=\"", f->name, h->labels, comma);
		if (i < N_BOUNDS)
			put_seconds(b, BOUNDS[i]);
		else
			buf_puts(b, "+Inf");
		buf_printf(b, "\"} %" PRId64 "\n", *count);
	}
}

static void put_histogram(struct buf *b, const struct family *f, const struct histogram *h)
{
	const char *open = h->labels[0] ? "{" : "", *close = h->labels[0] ? "}" : "";
	int64_t count;

	put_buckets(b, f, h, &count);
	buf_printf(b, "%s_sum%s%s%s ", f->name, open, h->labels, close);
	put_seconds(b, atomic_load_explicit(&h->sum_us, memory_order_relaxed));
	buf_printf(b, "\n%s_count%s%s%s %" PRId64 "\n", f->name, open, h->labels, close, count);
}

static void put_family(struct buf *b, const struct family *f)
{
	buf_printf(b, "# HELP %s ", f->name);
	put_help(b, f->help);
	buf_printf(b, "\n# TYPE %s %s\n", f->name, kind_of(f));
	for (const struct metric *m = f->first; m; m = m->next) {
		int64_t v = atomic_load_explicit(&m->value, memory_order_relaxed);
		if (m->labels[0])
			buf_printf(b, "%s{%s} %" PRId64 "\n", f->name, m->labels, v);
		else
			buf_printf(b, "%s %" PRId64 "\n", f->name, v);
	}
	for (const struct histogram *h = f->histograms; h; h = h->next)
		put_histogram(b, f, h);
}

struct str metrics_render(struct arena *a)
{
	struct buf b;

	buf_init(&b, a);
	pthread_mutex_lock(&lock);
	for (const struct family *f = families; f; f = f->next)
		put_family(&b, f);
	pthread_mutex_unlock(&lock);
	process_metrics(&b);
	return (struct str){b.p, b.n};
}
