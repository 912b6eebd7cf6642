#include "metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct metric {
	struct metric *next;
	char *labels;
	_Atomic int64_t value;
};

/* All series of one name stand together, as the text format asks. */
struct family {
	struct family *next;
	char *name, *help;
	struct metric *first, **last;
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

/* The name says the kind: counters end in _total, as Prometheus asks. */
static const char *kind_of(const char *name)
{
	size_t n = strlen(name);

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

static void put_family(struct buf *b, const struct family *f)
{
	buf_printf(b, "# HELP %s ", f->name);
	put_help(b, f->help);
	buf_printf(b, "\n# TYPE %s %s\n", f->name, kind_of(f->name));
	for (const struct metric *m = f->first; m; m = m->next) {
		int64_t v = atomic_load_explicit(&m->value, memory_order_relaxed);
		if (m->labels[0])
			buf_printf(b, "%s{%s} %" PRId64 "\n", f->name, m->labels, v);
		else
			buf_printf(b, "%s %" PRId64 "\n", f->name, v);
	}
}

struct str metrics_render(struct arena *a)
{
	struct buf b;

	buf_init(&b, a);
	pthread_mutex_lock(&lock);
	for (const struct family *f = families; f; f = f->next)
		put_family(&b, f);
	pthread_mutex_unlock(&lock);
	return (struct str){b.p, b.n};
}
