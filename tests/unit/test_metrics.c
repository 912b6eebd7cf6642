/* What /metrics says: counters, gauges, durations, the process itself; and the meter of requests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "meter.h"
#include "metrics.h"

#include <cmocka.h>

static struct arena *a;

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

#define has(part) assert_non_null(strstr(metrics_render(a).p, part))
#define has_not(part) assert_null(strstr(metrics_render(a).p, part))

static void metrics_stand_by_family(void **state)
{
	struct metric *one = metric_get("renhe_test_total", "k=\"1\"", "Things\nof \\ tests.");

	(void)state;
	metric_add(one, 2);
	metric_set(metric_get("renhe_test_open", "", "Open ones."), -3);
	metric_add(metric_get("renhe_test_total", "k=\"2\"", "Things."), 1);
	metric_add(metric_get("renhe_test_total", "k=\"1\"", "Things."), 5);
	assert_ptr_equal(one, metric_get("renhe_test_total", "k=\"1\"", ""));
	assert_ptr_not_equal(one, metric_get("renhe_test_total", "k=\"2\"", ""));
	has("# HELP renhe_test_total Things\\nof \\\\ tests.\n"
	    "# TYPE renhe_test_total counter\n"
	    "renhe_test_total{k=\"1\"} 7\nrenhe_test_total{k=\"2\"} 1\n"
	    "# HELP renhe_test_open Open ones.\n"
	    "# TYPE renhe_test_open gauge\nrenhe_test_open -3\n");
}

/* A bucket counts all that is at most its bound; each bound belongs to its own bucket. */
static void durations_are_told_in_seconds(void **state)
{
	struct histogram *h = histogram_get("renhe_test_seconds", "k=\"1\"", "Took.");
	static const int64_t US[] = {0, 500, 501, 1000, 9999999, 10000000, 10000001};

	(void)state;
	assert_ptr_equal(h, histogram_get("renhe_test_seconds", "k=\"1\"", ""));
	for (unsigned i = 0; i < sizeof(US) / sizeof(*US); i++)
		histogram_add(h, US[i]);
	has("# TYPE renhe_test_seconds histogram\n"
	    "renhe_test_seconds_bucket{k=\"1\",le=\"0.000500\"} 2\n"
	    "renhe_test_seconds_bucket{k=\"1\",le=\"0.001000\"} 4\n"
	    "renhe_test_seconds_bucket{k=\"1\",le=\"0.002500\"} 4\n");
	has("renhe_test_seconds_bucket{k=\"1\",le=\"5.000000\"} 4\n"
	    "renhe_test_seconds_bucket{k=\"1\",le=\"10.000000\"} 6\n"
	    "renhe_test_seconds_bucket{k=\"1\",le=\"+Inf\"} 7\n"
	    "renhe_test_seconds_sum{k=\"1\"} 30.002001\n"
	    "renhe_test_seconds_count{k=\"1\"} 7\n");
	histogram_add(histogram_get("renhe_bare_seconds", "", "Took."), 1);
	has("renhe_bare_seconds_bucket{le=\"0.000500\"} 1\n");
	has("renhe_bare_seconds_sum 0.000001\nrenhe_bare_seconds_count 1\n");
}

static void the_process_tells_of_itself(void **state)
{
	(void)state;
	has("# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes ");
	has("# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 0.");
	const char *open = strstr(metrics_render(a).p, "\nprocess_open_fds ");
	assert_non_null(open);
	assert_in_range(strtol(open + 18, NULL, 10), 3, 60);
	has("\nprocess_max_fds ");
}

static void requests_are_counted_by_route_and_status(void **state)
{
	static const struct route ROUTES[] = {{.name = "t.One"}, {.name = "t.Two"}},
				  OTHER = {.name = "t.Other"};
	struct meter *m = meter_new(ROUTES, 2);

	(void)state;
	meter_note(m, &ROUTES[0], 200, 400);
	meter_note(m, &ROUTES[0], 200, 800);
	meter_note(m, &ROUTES[0], 404, 800);
	meter_note(m, &ROUTES[1], 418, 1); /* a status without a place of its own */
	meter_note(m, &ROUTES[1], 418, 1);
	meter_note(m, NULL, 404, 1);
	meter_note(m, &OTHER, 200, 1);
	meter_free(m);
	has("renhe_requests_total{route=\"t.One\",status=\"200\"} 2\n");
	has("renhe_requests_total{route=\"t.One\",status=\"404\"} 1\n");
	has("renhe_requests_total{route=\"t.Two\",status=\"418\"} 2\n");
	has("renhe_requests_total{route=\"none\",status=\"404\"} 1\n");
	has("renhe_requests_total{route=\"t.Other\",status=\"200\"} 1\n");
	has("renhe_request_seconds_bucket{route=\"t.One\",le=\"0.000500\"} 1\n");
	has("renhe_request_seconds_count{route=\"t.One\"} 3\n");
	has("renhe_request_seconds_count{route=\"t.Two\"} 2\n");
	has_not("route=\"t.Two\",status=\"200\"");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(metrics_stand_by_family),
		T(durations_are_told_in_seconds),
		T(the_process_tells_of_itself),
		T(requests_are_counted_by_route_and_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
